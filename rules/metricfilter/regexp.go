package metricfilter

import (
	"fmt"
	"regexp"
	"strings"
	"unicode"

	"trailkeeper/rules/expression"
	"trailkeeper/rules/filterpattern"
)

// expression is a field that matches a regular expression for all of some tests, or with != does not.
func (w *writer) expression(selector, operator string, tests []expression.Test) (part, error) {
	var all []string
	for _, t := range tests {
		if !isText(t.Op) {
			return part{}, fmt.Errorf("a filter pattern cannot compare %s with a text and with something else", selector)
		}
		all = append(all, regexpOf(t))
	}
	if w.expressions++; w.expressions > filterpattern.MaxRegexps {
		return part{}, fmt.Errorf("its pattern would need more than %d regular expressions, and CloudWatch Logs takes no more",
			filterpattern.MaxRegexps)
	}
	text := strings.Join(all, "|")
	if err := filterpattern.CheckRegexp(text); err != nil {
		return part{}, err
	}
	return part{selector: selector, operator: operator, value: "%" + text + "%"}, nil
}

// regexpOf is the regular expression of a test. It matches a text of which a part matches.
func regexpOf(t expression.Test) string {
	text := regexp.QuoteMeta(t.Text)
	switch t.Op {
	case expression.IsFold:
		return "^" + anyCase(t.Text) + "$"
	case expression.StartsWith:
		return "^" + text
	case expression.EndsWith:
		return text + "$"
	case expression.Contains:
		return text
	case expression.Glob:
		return globbed(t.Text)
	case expression.Matches:
		return t.Text
	}
	return "^" + text + "$"
}

// anyCase is a text in lower case, whatever the case of its letters.
func anyCase(text string) string {
	var b strings.Builder
	for _, r := range text {
		if r >= 'a' && r <= 'z' {
			fmt.Fprintf(&b, "[%c%c]", unicode.ToUpper(r), r)
		} else {
			b.WriteString(regexp.QuoteMeta(string(r)))
		}
	}
	return b.String()
}

// globbed is a pattern of glob.
func globbed(pattern string) string {
	text := strings.NewReplacer(`\*`, ".*", `\?`, ".").Replace(regexp.QuoteMeta(pattern))
	text, before := strings.CutPrefix(text, ".*")
	text, behind := strings.CutSuffix(text, ".*")
	if !before {
		text = "^" + text
	}
	if !behind {
		text += "$"
	}
	return text
}
