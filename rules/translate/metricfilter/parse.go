package metricfilter

import (
	"errors"
	"fmt"
	"regexp"
	"strings"

	"trailkeeper/rules/translate"
)

// parser reads the pattern of a JSON log event (CloudWatch Logs User Guide, "Using filter patterns to match terms in
// JSON log events").
type parser struct {
	rest  string
	depth int
}

// maxPattern is how long a pattern may be (CloudWatch Logs API, PutMetricFilter), and maxDepth how deep its parentheses
// are nested.
const (
	maxPattern = 1024
	maxDepth   = 40
)

// Parse translates a pattern. The error says what cannot be translated, in one sentence.
//
// A comparison with a field that is missing does not hold, != included; only NOT EXISTS holds for it, and IS NULL, as
// the rules take null and missing for the same.
func Parse(pattern string) (translate.Condition, error) {
	text := strings.TrimSpace(pattern)
	switch {
	case text == "":
		return nil, errors.New("the pattern is empty, which matches every event")
	case len(text) > maxPattern:
		return nil, fmt.Errorf("the pattern has %d bytes; CloudWatch Logs takes at most %d", len(text), maxPattern)
	case strings.HasPrefix(text, "["):
		return nil, errors.New("the pattern is for events of words between spaces, and CloudTrail's are JSON")
	case !strings.HasPrefix(text, "{"):
		return nil, errors.New("the pattern is of terms anywhere in the event; name the field, as in { $.eventName = … }")
	case !strings.HasSuffix(text, "}"):
		return nil, errors.New("the pattern has no closing brace")
	}
	p := &parser{rest: text[1 : len(text)-1]}
	c, err := p.or()
	if err == nil && p.space() != "" {
		err = p.unexpected()
	}
	if err != nil {
		return nil, err
	}
	if c == translate.Constant(false) {
		return nil, errors.New("the pattern never matches")
	}
	return c, nil
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

func (p *parser) or() (translate.Condition, error) { return p.chain("||", p.and, translate.Or) }

func (p *parser) and() (translate.Condition, error) { return p.chain("&&", p.part, translate.And) }

func (p *parser) chain(
	mark string, part func() (translate.Condition, error), joined func(...translate.Condition) translate.Condition,
) (translate.Condition, error) {
	var all []translate.Condition
	for {
		c, err := part()
		if err != nil {
			return nil, err
		}
		if all = append(all, c); !p.accept(mark) {
			return joined(all...), nil
		}
	}
}

func (p *parser) part() (translate.Condition, error) {
	if !p.accept("(") {
		return p.comparison()
	}
	if p.depth++; p.depth > maxDepth {
		return nil, fmt.Errorf("the parentheses are nested more than %d levels deep", maxDepth)
	}
	c, err := p.or()
	if err == nil && !p.accept(")") {
		err = errors.New("a parenthesis is not closed")
	}
	p.depth--
	return c, err
}

var (
	selector = regexp.MustCompile(`^\$(?:\.?\['[^'\]]+'\]|\.?\["[^"\]]+"\]|\.[A-Za-z0-9_:@/-]+|\[[0-9]{1,4}\]|\[\*\])+`)
	step     = regexp.MustCompile(`^(?:\.?\['([^'\]]+)'\]|\.?\["([^"\]]+)"\]|\.([A-Za-z0-9_:@/-]+)|\[([0-9]+|\*)\])`)
	state    = regexp.MustCompile(`^(?i:(IS\s+NOT\s+NULL|IS\s+TRUE|IS\s+FALSE|IS\s+NULL|NOT\s+EXISTS|EXISTS))\b`)
	operator = regexp.MustCompile(`^(<=|>=|!=|=|<|>)`)
	bare     = regexp.MustCompile(`^[^\s()"&|=<>!{}]+`)
	numeral  = regexp.MustCompile(`^[+-]?[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?$`)
)

// field reads a property selector.
func (p *parser) field() (translate.Field, error) {
	written := selector.FindString(p.space())
	if written == "" {
		return translate.Field{}, p.unexpected()
	}
	p.rest = p.rest[len(written):]
	var path translate.Path
	for rest := written[1:]; rest != ""; {
		found := step.FindStringSubmatch(rest)
		if found == nil {
			return translate.Field{}, fmt.Errorf("%q is no property of an event", written)
		}
		rest = rest[len(found[0]):]
		if found[4] == "*" {
			path.Through = true
			continue
		}
		path.Steps = append(path.Steps, found[1]+found[2]+found[3]+found[4])
	}
	if len(path.Steps) == 0 {
		return translate.Field{}, fmt.Errorf("%q is no property of an event", written)
	}
	return translate.Field{Path: path, AsText: !translate.IsText(path.String())}, nil
}

// comparison is a property with what it must be.
func (p *parser) comparison() (translate.Condition, error) {
	f, err := p.field()
	if err != nil {
		return nil, err
	}
	if found := state.FindString(p.space()); found != "" {
		p.rest = p.rest[len(found):]
		return stateOf(f, strings.Join(strings.Fields(strings.ToUpper(found)), " ")), nil
	}
	found := operator.FindString(p.space())
	if found == "" {
		return nil, p.unexpected()
	}
	p.rest = p.rest[len(found):]
	return p.value(f, found)
}

func stateOf(f translate.Field, words string) translate.Condition {
	switch words {
	case "IS TRUE":
		return f.Is(true)
	case "IS FALSE":
		return f.Is(false)
	case "EXISTS", "IS NOT NULL":
		return f.Exists()
	}
	return translate.Negate(f.Exists())
}

// value reads what a property is compared with.
func (p *parser) value(f translate.Field, operator string) (translate.Condition, error) {
	text, quoted, err := p.literal()
	if err != nil {
		return nil, err
	}
	pattern := text != "" && !quoted && len(text) > 1 && strings.HasPrefix(text, "%") && strings.HasSuffix(text, "%")
	switch {
	case operator != "=" && operator != "!=":
		if quoted || !numeral.MatchString(text) {
			return nil, fmt.Errorf("%s compares numbers, and this is %.40q", operator, text)
		}
		return translate.Compare(f, operator, text)
	case pattern:
		c, err := translate.Matches(f, strings.Trim(text, "%"))
		if err != nil {
			return nil, fmt.Errorf("the regular expression %s cannot be translated: %w", text, err)
		}
		if operator == "!=" {
			return translate.And(f.Exists(), translate.Negate(c)), nil
		}
		return c, nil
	}
	wild := wildcards(text)
	if operator == "!=" {
		return translate.Differs(f, wild), nil
	}
	return translate.Like(f, wild), nil
}

func wildcards(text string) []rune {
	pattern := []rune(text)
	for i, r := range pattern {
		if r == '*' {
			pattern[i] = translate.Star
		}
	}
	return pattern
}

// literal is a text in quotation marks, a regular expression between percent signs, or a word.
func (p *parser) literal() (text string, quoted bool, err error) {
	rest := p.space()
	switch {
	case strings.HasPrefix(rest, `"`):
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
