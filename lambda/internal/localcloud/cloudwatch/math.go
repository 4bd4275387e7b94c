package cloudwatch

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// formula is an expression of metric math (CloudWatch User Guide, "Using math expressions with CloudWatch metrics"):
// numbers, the ids of metrics, + - * / >, parentheses, FILL(id, number), MAX([one, other]), and RUNNING_SUM around the
// whole. Anything else is refused.
type formula struct {
	eval    mathFunc
	ids     []string
	running bool // the values are added up from the oldest period
}

// sample is what is known of one period: the values of the metrics that have one, and the metrics that have none in all
// of the time that is looked at.
type sample struct {
	known map[string]float64
	empty map[string]bool
}

func (f *formula) value(of sample) (float64, bool) { return f.eval(of) }

func (f *formula) names() []string { return f.ids }

var mathToken = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`\s*([A-Za-z][A-Za-z0-9_]*|[0-9]+(?:\.[0-9]+)?|[-+*/(),>]|\S)`)
})

// mathParser reads a formula by recursive descent.
type mathParser struct {
	tokens []string
	ids    []string
	text   string
}

func parseFormula(text string) (*formula, error) {
	p := &mathParser{text: text}
	inner, running := strings.CutPrefix(text, "RUNNING_SUM(")
	if running {
		text = strings.TrimSuffix(inner, ")")
	}
	for _, m := range mathToken().FindAllStringSubmatch(text, -1) {
		p.tokens = append(p.tokens, m[1])
	}
	eval, err := p.comparison()
	if err == nil && len(p.tokens) > 0 {
		err = p.unknown(p.tokens[0])
	}
	if err != nil {
		return nil, err
	}
	return &formula{eval: eval, ids: p.ids, running: running}, nil
}

func (p *mathParser) unknown(token string) error {
	return fmt.Errorf("the expression %q is not modelled at %q; want + - * / >, FILL(id, number) and MAX([one, other])",
		p.text, token)
}

func (p *mathParser) take(wanted ...string) (string, bool) {
	if len(p.tokens) == 0 || !slices.Contains(wanted, p.tokens[0]) {
		return "", false
	}
	t := p.tokens[0]
	p.tokens = p.tokens[1:]
	return t, true
}

type mathFunc = func(sample) (float64, bool)

// comparison is 1 where it holds, and 0 where not.
func (p *mathParser) comparison() (mathFunc, error) { return p.chain(p.sum, ">") }

func (p *mathParser) sum() (mathFunc, error) { return p.chain(p.product, "+", "-") }

func (p *mathParser) product() (mathFunc, error) { return p.chain(p.term, "*", "/") }

// chain reads operands between operators, from the left.
func (p *mathParser) chain(operand func() (mathFunc, error), operators ...string) (mathFunc, error) {
	left, err := operand()
	for err == nil {
		op, more := p.take(operators...)
		if !more {
			break
		}
		var right mathFunc
		if right, err = operand(); err == nil {
			left = combine(op, left, right)
		}
	}
	return left, err
}

func combine(op string, left, right mathFunc) mathFunc {
	return func(of sample) (float64, bool) {
		a, ok := left(of)
		b, also := right(of)
		switch {
		case !ok || !also || op == "/" && b == 0:
			return 0, false // a missing value makes the result missing
		case op == ">" && a > b:
			return 1, true
		case op == ">":
			return 0, true
		case op == "+":
			return a + b, true
		case op == "-":
			return a - b, true
		case op == "*":
			return a * b, true
		default:
			return a / b, true
		}
	}
}

func (p *mathParser) term() (mathFunc, error) {
	if len(p.tokens) == 0 {
		return nil, p.unknown("")
	}
	if _, open := p.take("("); open {
		inner, err := p.comparison()
		if _, closed := p.take(")"); err == nil && !closed {
			err = p.unknown("(")
		}
		return inner, err
	}
	t := p.tokens[0]
	p.tokens = p.tokens[1:]
	if n, err := strconv.ParseFloat(t, 64); err == nil {
		return func(sample) (float64, bool) { return n, true }, nil
	}
	switch t {
	case "FILL":
		return p.fill()
	case "MAX":
		return p.most()
	}
	if t[0] < 'a' || t[0] > 'z' { // an id begins with a small letter
		return nil, p.unknown(t)
	}
	p.ids = append(p.ids, t)
	return func(of sample) (float64, bool) { v, ok := of.known[t]; return v, ok }, nil
}

// fill reads "(id, number)". It fills gaps: that it makes values of a metric that has none at all, CloudWatch documents
// nowhere, and so it does not.
func (p *mathParser) fill() (mathFunc, error) {
	if len(p.tokens) < 5 || p.tokens[0] != "(" || p.tokens[2] != "," || p.tokens[4] != ")" {
		return nil, p.unknown("FILL")
	}
	id, n := p.tokens[1], p.tokens[3]
	instead, err := strconv.ParseFloat(n, 64)
	if err != nil {
		return nil, p.unknown(n)
	}
	p.tokens, p.ids = p.tokens[5:], append(p.ids, id)
	return func(of sample) (float64, bool) {
		if v, ok := of.known[id]; ok {
			return v, true
		}
		if of.empty[id] {
			return 0, false
		}
		return instead, true
	}, nil
}

// most reads "([one, other])": the greatest of those that have a value.
func (p *mathParser) most() (mathFunc, error) {
	var of []mathFunc
	for _, token := range []string{"(", "["} {
		if _, ok := p.take(token); !ok {
			return nil, p.unknown("MAX")
		}
	}
	for {
		one, err := p.comparison()
		if err != nil {
			return nil, err
		}
		of = append(of, one)
		if _, more := p.take(","); !more {
			break
		}
	}
	for _, token := range []string{"]", ")"} {
		if _, ok := p.take(token); !ok {
			return nil, p.unknown("MAX")
		}
	}
	return func(at sample) (greatest float64, found bool) {
		for _, one := range of {
			if v, ok := one(at); ok && (!found || v > greatest) {
				greatest, found = v, true
			}
		}
		return greatest, found
	}, nil
}
