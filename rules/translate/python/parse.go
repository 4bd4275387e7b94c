package python

import (
	"errors"
	"fmt"
	"slices"
)

// node is a part of an expression.
type node interface{}

type (
	// value is a literal: string, float64, bool or nil.
	value struct{ of any }
	// group is a tuple, list or set.
	group struct {
		open string // "(", "[" or "{"
		of   []node
	}
	// word is a name.
	word struct{ text string }
	// index is of[key].
	index struct{ of, key node }
	// slice is of[from:to]; a bound that is missing is nil.
	slice struct{ of, from, to node }
	// call is a call of a function, or of a method where of is not nil.
	call struct {
		of   node
		name string
		args []node
	}
	// logic is and, or.
	logic struct {
		and         bool
		left, right node
	}
	// negation is not.
	negation struct{ of node }
	// comparison is left operator right.
	comparison struct {
		operator    string
		left, right node
	}
	// choice is yes if condition else no.
	choice struct{ condition, yes, no node }
)

// maxDepth bounds how deep an expression is nested.
const maxDepth = 60

// depth is how deep an expression is nested.
type depth int

// deeper counts a level until what it returns is called.
func (d *depth) deeper() func() {
	if *d++; *d > maxDepth {
		fail("the expression is nested more than %d levels deep", maxDepth)
	}
	return func() { *d-- }
}

// parser reads expressions by Python's grammar.
type parser struct {
	in    cursor
	depth depth
}

// stop is what ends parsing: the expression cannot be translated.
type stop struct{ reason string }

func fail(format string, args ...any) { panic(stop{fmt.Sprintf(format, args...)}) }

// parse reads one expression.
func parse(source string) (n node, comma []token, err error) {
	all, err := tokens(source)
	if err != nil {
		return nil, nil, err
	}
	p := &parser{in: cursor{all: all}}
	defer func() {
		comma = p.in.comma
		if s, ok := recover().(stop); ok {
			err = errors.New(s.reason)
		}
	}()
	n = p.expression()
	if t := p.in.peek(); t.kind != end {
		fail("%s", p.in.unexpected(t))
	}
	return n, nil, nil
}

func (p *parser) expression() node {
	defer p.depth.deeper()()
	if p.in.is(name, "lambda") {
		fail("a lambda cannot be translated; write its condition out")
	}
	n := p.or()
	if p.in.accept(name, "if") {
		condition := p.or()
		if !p.in.accept(name, "else") {
			fail("an if without an else is no expression")
		}
		return choice{condition, n, p.expression()}
	}
	return n
}

func (p *parser) or() node {
	n := p.and()
	if p.in.accept(name, "or") {
		return logic{false, n, p.or()}
	}
	return n
}

func (p *parser) and() node {
	defer p.depth.deeper()()
	n := p.not()
	if p.in.accept(name, "and") {
		p.depth-- // a chain is not nested
		defer func() { p.depth++ }()
		return logic{true, n, p.and()}
	}
	return n
}

func (p *parser) not() node {
	if p.in.accept(name, "not") {
		defer p.depth.deeper()()
		return negation{p.not()}
	}
	return p.comparison()
}

func (p *parser) comparison() node {
	var all node
	left := p.operand()
	for {
		operator := p.in.operator()
		if operator == "" {
			break
		}
		right := p.operand()
		var one node = comparison{operator, left, right}
		if all != nil {
			one = logic{true, all, one}
		}
		all, left = one, right
	}
	if all == nil {
		return left
	}
	return all
}

// operand is what stands between operators. Arithmetic is not translated, but for the sum of two literal texts.
func (p *parser) operand() node {
	n := p.primary()
	for p.in.accept(mark, "+") {
		a, first := n.(value)
		b, second := p.primary().(value)
		left, text := a.of.(string)
		right, also := b.of.(string)
		if !first || !second || !text || !also {
			fail("arithmetic cannot be translated; compare the field itself")
		}
		n = value{left + right}
	}
	if p.in.is(mark, "-", "*", "/", "//", "%", "**", "&", "|", "^", "<<", ">>", "@") {
		fail("the operator %q cannot be translated; compare the field itself", p.in.peek().text)
	}
	return n
}

func (p *parser) primary() node {
	n := p.atom()
	for {
		switch {
		case p.in.accept(mark, "."):
			t := p.in.take()
			if t.kind != name {
				fail("the name of a method is missing before %s", shown(t))
			}
			if !p.in.accept(mark, "(") {
				fail("the attribute %q cannot be translated; the fields of an event are event[\"…\"]", t.text)
			}
			n = call{n, t.text, p.list(")")}
		case p.in.accept(mark, "["):
			n = p.subscript(n)
		case p.in.is(mark, "("):
			w, ok := n.(word)
			if !ok {
				fail("the call of what is no name cannot be translated")
			}
			p.in.take()
			n = call{nil, w.text, p.list(")")}
		default:
			return n
		}
	}
}

func (p *parser) subscript(of node) node {
	defer p.depth.deeper()()
	var from node
	if !p.in.is(mark, ":") {
		from = p.bound()
	}
	if !p.in.accept(mark, ":") {
		p.in.want("]")
		return index{of, from}
	}
	var to node
	if !p.in.is(mark, "]") {
		to = p.bound()
	}
	p.in.want("]")
	return slice{of, from, to}
}

// bound is a key or the bound of a slice, which may be a number below zero.
func (p *parser) bound() node {
	if p.in.accept(mark, "-") {
		v, ok := p.atom().(value)
		n, number := v.of.(float64)
		if !ok || !number {
			fail("arithmetic cannot be translated; compare the field itself")
		}
		return value{-n}
	}
	return p.expression()
}

// list are expressions with commas between them, to the closing mark.
func (p *parser) list(closing string) []node {
	defer p.depth.deeper()()
	var all []node
	for !p.in.accept(mark, closing) {
		if p.in.is(mark, "*", "**") {
			fail("%q unpacks, which cannot be translated; write the values out", p.in.peek().text)
		}
		all = append(all, p.expression())
		if p.in.is(mark, "=") {
			fail("a named argument cannot be translated")
		}
		if !p.in.is(mark, closing) {
			if !p.in.is(mark, ",") {
				fail("%s", p.in.unexpected(p.in.peek()))
			}
			p.in.take()
		}
	}
	return all
}

func (p *parser) atom() node {
	switch t := p.in.take(); {
	case t.kind == str && t.formatted:
		fail("%v", errFormatted)
	case t.kind == str:
		return value{t.text}
	case t.kind == number:
		return numberOf(t.text)
	case t.kind == mark && t.text == "-":
		if n, ok := p.atom().(value); ok {
			if f, ok := n.of.(float64); ok {
				return value{-f}
			}
		}
		fail("arithmetic cannot be translated; compare the field itself")
	case t.kind == mark && (t.text == "(" || t.text == "[" || t.text == "{"):
		return p.group(t.text)
	case t.kind == name:
		return named(&p.in, t)
	default:
		p.in.back()
		fail("%s", p.in.unexpected(t))
	}
	return nil
}

// named is what a name is: a literal or a word.
func named(in *cursor, t token) node {
	switch t.text {
	case "True":
		return value{true}
	case "False":
		return value{false}
	case "None":
		return value{}
	}
	if slices.Contains(statements, t.text) {
		in.back()
		fail("%s", in.unexpected(t))
	}
	return word{t.text}
}

// group is what stands in brackets: one expression in parentheses is itself.
func (p *parser) group(open string) node {
	defer p.depth.deeper()()
	closing := map[string]string{
		"(": ")",
		"[": "]",
		"{": "}",
	}[open]
	start := p.in.at
	all := p.list(closing)
	comma := p.in.before(2, ",")
	if open == "(" && len(all) == 1 && !comma {
		return all[0]
	}
	if open == "{" && p.in.at-1 == start {
		fail("an empty dictionary cannot be translated")
	}
	return group{open, all}
}
