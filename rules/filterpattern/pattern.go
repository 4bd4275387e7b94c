// Package filterpattern knows the filter patterns of CloudWatch Logs for log events that are JSON: it parses them, says
// what CloudWatch Logs would refuse, and decides whether an event matches (CloudWatch Logs User Guide, "Filter pattern
// syntax for metric filters, subscription filters, filter log events, and Live Tail" and "Using filter patterns to match
// terms in JSON log events").
//
// It knows neither patterns of terms nor those of words between spaces, no log group and no metric. What the guide does
// not say stands beside the function that decides it.
package filterpattern

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
	"unicode/utf8"
)

// MaxLength is how long a pattern may be, in characters (CloudWatch Logs API reference, PutMetricFilter), and maxDepth
// how deep its parentheses may be nested here; the guide names no bound.
const (
	MaxLength = 1024
	maxDepth  = 40
)

// Pattern is a filter pattern that was understood.
type Pattern struct {
	text string
	root Node
}

// Parse reads a pattern. The error says in one sentence what is not understood, or that it is too long. What else
// CloudWatch Logs refuses, Check says.
func Parse(pattern string) (*Pattern, error) {
	text := strings.TrimSpace(pattern)
	switch length := utf8.RuneCountInString(pattern); {
	case text == "":
		return nil, errors.New("the pattern is empty, which matches every event")
	case length > MaxLength:
		return nil, fmt.Errorf("the pattern has %d characters; CloudWatch Logs takes at most %d", length, MaxLength)
	case strings.HasPrefix(text, "["):
		return nil, errors.New("the pattern is for events of words between spaces, and CloudTrail's are JSON")
	case !strings.HasPrefix(text, "{"):
		return nil, errors.New("the pattern is of terms anywhere in the event; name the field, as in { $.eventName = … }")
	case !strings.HasSuffix(text, "}"):
		return nil, errors.New("the pattern has no closing brace")
	}
	p := &parser{rest: text[1 : len(text)-1]}
	root, err := p.or()
	if err == nil && p.space() != "" {
		err = p.unexpected()
	}
	if err != nil {
		return nil, err
	}
	return &Pattern{pattern, root}, nil
}

// String is the pattern as it was written.
func (p *Pattern) String() string { return p.text }

// Root is what the pattern asks: All, Any or a *Comparison.
func (p *Pattern) Root() Node { return p.root }

// parser reads what stands between the braces.
type parser struct {
	rest  string
	depth int
}

// space skips white space and gives what is left.
func (p *parser) space() string {
	p.rest = strings.TrimLeft(p.rest, " \t\r\n")
	return p.rest
}

func (p *parser) accept(mark string) bool {
	if !strings.HasPrefix(p.space(), mark) {
		return false
	}
	p.rest = p.rest[len(mark):]
	return true
}

func (p *parser) unexpected() error {
	if p.space() == "" {
		return errors.New("the pattern ends too early")
	}
	runes := []rune(p.rest)
	return fmt.Errorf("the pattern is not understood at %q", string(runes[:min(len(runes), 30)]))
}

// or reads alternatives; && binds closer than ||.
func (p *parser) or() (Node, error) {
	parts, err := p.chain("||", p.and)
	if len(parts) == 1 {
		return parts[0], err
	}
	return Any(parts), err
}

func (p *parser) and() (Node, error) {
	parts, err := p.chain("&&", p.part)
	if len(parts) == 1 {
		return parts[0], err
	}
	return All(parts), err
}

func (p *parser) chain(mark string, part func() (Node, error)) ([]Node, error) {
	var all []Node
	for {
		one, err := part()
		if err != nil {
			return nil, err
		}
		if all = append(all, one); !p.accept(mark) {
			return all, nil
		}
	}
}

func (p *parser) part() (Node, error) {
	if !p.accept("(") {
		return p.comparison()
	}
	if p.depth++; p.depth > maxDepth {
		return nil, fmt.Errorf("the parentheses are nested more than %d levels deep", maxDepth)
	}
	one, err := p.or()
	if err == nil && !p.accept(")") {
		err = errors.New("a parenthesis is not closed")
	}
	p.depth--
	return one, err
}

var (
	state    = regexp.MustCompile(`^(?i:(IS\s+TRUE|IS\s+FALSE|IS\s+NULL|NOT\s+EXISTS))\b`)
	unknown  = regexp.MustCompile(`^(?i:(IS\s+NOT\b|EXISTS\b))`)
	operator = regexp.MustCompile(`^(<=|>=|!=|=|<|>)`)
	bare     = regexp.MustCompile(`^[^\s()"&|=<>!{}]+`)
	numeral  = regexp.MustCompile(`^[+-]?[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?$`)
)

// comparison reads a property with what it must be.
func (p *parser) comparison() (Node, error) {
	of, err := p.selector()
	if err != nil {
		return nil, err
	}
	if found := unknown.FindString(p.space()); found != "" {
		return nil, fmt.Errorf("CloudWatch Logs has no %s, only NOT EXISTS, IS NULL, IS TRUE and IS FALSE",
			strings.Join(strings.Fields(strings.ToUpper(found)), " "))
	}
	if found := state.FindString(p.rest); found != "" {
		p.rest = p.rest[len(found):]
		return &Comparison{Selector: of, Operator: strings.Join(strings.Fields(strings.ToUpper(found)), " ")}, nil
	}
	found := operator.FindString(p.rest)
	if found == "" {
		return nil, p.unexpected()
	}
	p.rest = p.rest[len(found):]
	return p.value(&Comparison{Selector: of, Operator: found})
}

// value reads what a property is compared with: a text, a number or a regular expression between percent signs.
func (p *parser) value(c *Comparison) (Node, error) {
	text, quoted, err := p.literal()
	if err != nil {
		return nil, err
	}
	if !quoted && len(text) > 1 && text[0] == '%' && text[len(text)-1] == '%' {
		if c.Text = text[1 : len(text)-1]; c.Text == "" {
			return nil, errors.New("a regular expression is empty")
		}
		c.Regexp, err = regexp.Compile(c.Text)
		if err != nil {
			return nil, fmt.Errorf("the regular expression %s is not understood: %w", text, err)
		}
	} else if err := c.literal(text, quoted); err != nil {
		return nil, err
	}
	if c.ordered() && c.Number == nil {
		return nil, fmt.Errorf("%s compares numbers, and this is %.40q", c.Operator, text)
	}
	return c, nil
}

// literal reads a text in quotation marks, a regular expression with its percent signs, or a word.
func (p *parser) literal() (text string, quoted bool, err error) {
	rest := p.space()
	switch {
	case strings.HasPrefix(rest, `"`):
		return p.quoted(rest)
	case strings.HasPrefix(rest, "%"):
		end := strings.IndexByte(rest[1:], '%')
		if end < 0 {
			return "", false, errors.New("a regular expression has no closing percent sign")
		}
		p.rest = rest[end+2:]
		return rest[:end+2], false, nil
	}
	text = bare.FindString(rest)
	if text == "" {
		return "", false, p.unexpected()
	}
	p.rest = rest[len(text):]
	return text, false, nil
}

func (p *parser) quoted(rest string) (text string, quoted bool, err error) {
	var b strings.Builder
	for i := 1; i < len(rest); i++ {
		switch c := rest[i]; {
		case c == '\\' && i+1 < len(rest) && (rest[i+1] == '"' || rest[i+1] == '\\'):
			i++
			b.WriteByte(rest[i])
		case c == '"':
			p.rest = rest[i+1:]
			return b.String(), true, nil
		default:
			b.WriteByte(c)
		}
	}
	return "", false, errors.New("a text has no closing quotation mark")
}
