package metricfilter

import (
	"fmt"
	"net/netip"
	"regexp"
	"strings"
	"unicode"

	"trailkeeper/rules/expression"
	"trailkeeper/rules/filterpattern"
)

// comparison is a field that meets a test.
func (w *writer) comparison(selector string, t expression.Test, path string) (part, error) {
	made := part{selector: selector, operator: "=", value: t.Text}
	switch t.Op {
	case expression.Truth:
		return part{selector: selector, operator: "IS " + strings.ToUpper(t.Text)}, nil
	case expression.There:
		return there(selector, path)
	case expression.InNetwork:
		values, err := addresses(t.Text)
		var all []part
		for _, value := range values {
			all = append(all, part{selector: selector, operator: "=", value: value})
		}
		return joined(or, all...), err
	case expression.NumberIs, expression.Below, expression.AtMost, expression.Above, expression.AtLeast:
		made.operator = orders[t.Op][0]
		return made, nil
	}
	value, ok := plainly(t)
	if !ok {
		return w.expression(selector, "=", []expression.Test{t})
	}
	made.value = value
	return made, nil
}

// opposite is a field that is there and does not meet a test.
func (w *writer) opposite(selector string, t expression.Test) (part, error) {
	made := part{selector: selector, operator: "!=", value: t.Text}
	switch t.Op {
	case expression.Truth:
		opposite := map[string]string{"true": "IS FALSE", "false": "IS TRUE"}
		return part{selector: selector, operator: opposite[t.Text]}, nil
	case expression.InNetwork:
		values, err := addresses(t.Text)
		var all []part
		for _, value := range values {
			all = append(all, part{selector: selector, operator: "!=", value: value})
		}
		return joined(and, all...), err
	case expression.NumberIs, expression.Below, expression.AtMost, expression.Above, expression.AtLeast:
		made.operator = orders[t.Op][1]
		return made, nil
	}
	value, ok := plainly(t)
	if !ok {
		return w.expression(selector, "!=", []expression.Test{t})
	}
	made.value = value
	return made, nil
}

// orders are the operators of the tests of numbers, and their opposites.
var orders = map[expression.Op][2]string{
	expression.NumberIs: {"=", "!="},
	expression.Below:    {"<", ">="},
	expression.AtMost:   {"<=", ">"},
	expression.Above:    {">", "<="},
	expression.AtLeast:  {">=", "<"},
}

// isText reports whether a test is about a text.
func isText(op expression.Op) bool {
	switch op {
	case expression.Is, expression.IsFold, expression.StartsWith, expression.EndsWith, expression.Contains,
		expression.Glob, expression.Matches:
		return true
	}
	return false
}

// plainly is what a text is compared with where that takes no regular expression: a star stands only before or behind
// a text.
func plainly(t expression.Test) (string, bool) {
	text, before, behind := t.Text, false, false
	switch t.Op {
	case expression.Is:
	case expression.IsFold:
		if strings.ContainsFunc(text, unicode.IsLetter) {
			return "", false
		}
	case expression.StartsWith:
		behind = true
	case expression.EndsWith:
		before = true
	case expression.Contains:
		before, behind = true, true
	case expression.Glob:
		text, before = strings.CutPrefix(text, "*")
		text, behind = strings.CutSuffix(text, "*")
		if strings.ContainsAny(text, "*?") {
			return "", false
		}
		if text == "" {
			return `"*"`, before || behind
		}
	default:
		return "", false
	}
	if text == "" && (before || behind) {
		return `"*"`, true
	}
	if strings.HasPrefix(text, "*") || strings.HasSuffix(text, "*") { // it would be any text
		return "", false
	}
	return quoted(before, text, behind), true
}

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

// maxBeginnings is how many beginnings of addresses stand for one network.
const maxBeginnings = 16

// addresses are what the addresses of a network are compared with: how they begin, in IPv4. An address of IPv6 has more
// than one spelling, and so has the beginning of one.
func addresses(network string) ([]string, error) {
	prefix, err := netip.ParsePrefix(network)
	if err != nil {
		address, err := netip.ParseAddr(network)
		if err != nil {
			return nil, fmt.Errorf("%.60q is neither a network nor an address", network)
		}
		prefix = netip.PrefixFrom(address, address.BitLen())
	}
	prefix = prefix.Masked()
	if prefix.IsSingleIP() {
		return []string{quoted(false, prefix.Addr().String(), false)}, nil
	}
	whole := (prefix.Bits() + 7) / 8 * 8
	count := 1 << (whole - prefix.Bits())
	if !prefix.Addr().Is4() || prefix.Bits() == 0 || count > maxBeginnings {
		return nil, fmt.Errorf("a filter pattern compares the beginnings of addresses, and %s is not a few of them; "+
			"write IPv4 networks from /4 to /8, /12 to /16 or /20 to /24, or addresses", prefix)
	}
	return beginnings(prefix.Addr().As4(), whole/8, count), nil
}

// beginnings are what the addresses begin with that have so many whole bytes, from a first one on.
func beginnings(from [4]byte, bytes, count int) []string {
	var all []string
	for range count {
		text := ""
		for _, b := range from[:bytes] {
			text += fmt.Sprintf("%d.", b)
		}
		if bytes == 4 {
			all = append(all, quoted(false, strings.TrimSuffix(text, "."), false))
		} else {
			all = append(all, quoted(false, text, true))
		}
		from[bytes-1]++
	}
	return all
}
