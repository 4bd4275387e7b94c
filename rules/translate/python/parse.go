package python

import (
	"errors"
	"fmt"
	"slices"
	"strings"
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

type parser struct {
	tokens []token
	at     int
	depth  int
	// comma are the literals that stand side by side.
	comma []token
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
	p := &parser{tokens: all}
	defer func() {
		comma = p.comma
		if s, ok := recover().(stop); ok {
			err = errors.New(s.reason)
		}
	}()
	n = p.expression()
	if t := p.peek(); t.kind != end {
		fail("%s", p.unexpected(t))
	}
	return n, nil, nil
}

func (p *parser) peek() token { return p.tokens[p.at] }

func (p *parser) take() token {
	t := p.tokens[p.at]
	if t.kind != end {
		p.at++
	}
	if t.joined {
		p.comma = append(p.comma, t)
	}
	return t
}

func (p *parser) is(kind kind, texts ...string) bool {
	t := p.peek()
	return t.kind == kind && slices.Contains(texts, t.text)
}

func (p *parser) accept(kind kind, text string) bool {
	if !p.is(kind, text) {
		return false
	}
	p.take()
	return true
}

func (p *parser) want(text string) {
	if !p.accept(mark, text) {
		fail("%q is missing before %s", text, shown(p.peek()))
	}
}

// statements are words that begin what is no expression.
var statements = strings.Fields("assert async await break class continue def del except finally for from global if " +
	"import lambda nonlocal pass raise return try while with yield")

// unexpected says what is wrong with a token that nothing leads to.
func (p *parser) unexpected(t token) string {
	switch {
	case t.kind == mark:
		return unexpectedMark(t)
	case t.kind == name && t.text == "for":
		return "a comprehension cannot be translated; name the fields one by one"
	case t.kind == name && slices.Contains(statements, t.text):
		return fmt.Sprintf("%q belongs to a statement, and a rule is one expression", t.text)
	case p.at > 0 && t.kind != end:
		return fmt.Sprintf("%s follows %s without an operator; is a comma missing between two rules?", shown(t),
			shown(p.tokens[p.at-1]))
	}
	return shown(t) + " is not expected here"
}

func unexpectedMark(t token) string {
	switch {
	case t.text == ",":
		return "a comma stands between expressions; if it separates rules, the rules want another separator, and if it " +
			"is part of one, brackets around it"
	case strings.HasSuffix(t.text, "="):
		return fmt.Sprintf("%q assigns, and a rule is one expression; == compares", t.text)
	case t.text == ";":
		return "a semicolon separates statements, and a rule is one expression"
	}
	return shown(t) + " is not expected here"
}

func shown(t token) string {
	switch t.kind {
	case end:
		return "the end"
	case str:
		return "the text " + quoted(t.text)
	}
	return quoted(t.text)
}

func quoted(text string) string {
	if runes := []rune(text); len(runes) > 40 {
		text = string(runes[:40]) + "…"
	}
	return fmt.Sprintf("%q", text)
}

func (p *parser) deeper() func() {
	if p.depth++; p.depth > maxDepth {
		fail("the expression is nested more than %d levels deep", maxDepth)
	}
	return func() { p.depth-- }
}

func (p *parser) expression() node {
	defer p.deeper()()
	if p.is(name, "lambda") {
		fail("a lambda cannot be translated; write its condition out")
	}
	n := p.or()
	if p.accept(name, "if") {
		condition := p.or()
		if !p.accept(name, "else") {
			fail("an if without an else is no expression")
		}
		return choice{condition, n, p.expression()}
	}
	return n
}

func (p *parser) or() node {
	n := p.and()
	if p.accept(name, "or") {
		return logic{false, n, p.or()}
	}
	return n
}

func (p *parser) and() node {
	defer p.deeper()()
	n := p.not()
	if p.accept(name, "and") {
		p.depth-- // a chain is not nested
		defer func() { p.depth++ }()
		return logic{true, n, p.and()}
	}
	return n
}

func (p *parser) not() node {
	if p.accept(name, "not") {
		defer p.deeper()()
		return negation{p.not()}
	}
	return p.comparison()
}

// operator takes an operator of a comparison, and is empty where there is none.
func (p *parser) operator() string {
	switch t := p.peek(); {
	case t.kind == mark && slices.Contains([]string{"==", "!=", "<", "<=", ">", ">="}, t.text):
		p.take()
		return t.text
	case p.accept(name, "in"):
		return "in"
	case p.is(name, "not") && p.tokens[p.at+1].kind == name && p.tokens[p.at+1].text == "in":
		p.take()
		p.take()
		return "not in"
	case p.accept(name, "is"):
		if p.accept(name, "not") {
			return "is not"
		}
		return "is"
	}
	return ""
}

func (p *parser) comparison() node {
	var all node
	left := p.operand()
	for {
		operator := p.operator()
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
	for p.accept(mark, "+") {
		a, first := n.(value)
		b, second := p.primary().(value)
		left, text := a.of.(string)
		right, also := b.of.(string)
		if !first || !second || !text || !also {
			fail("arithmetic cannot be translated; compare the field itself")
		}
		n = value{left + right}
	}
	if p.is(mark, "-", "*", "/", "//", "%", "**", "&", "|", "^", "<<", ">>", "@") {
		fail("the operator %q cannot be translated; compare the field itself", p.peek().text)
	}
	return n
}

func (p *parser) primary() node {
	n := p.atom()
	for {
		switch {
		case p.accept(mark, "."):
			t := p.take()
			if t.kind != name {
				fail("the name of a method is missing before %s", shown(t))
			}
			if !p.accept(mark, "(") {
				fail("the attribute %q cannot be translated; the fields of an event are event[\"…\"]", t.text)
			}
			n = call{n, t.text, p.list(")")}
		case p.accept(mark, "["):
			n = p.subscript(n)
		case p.is(mark, "("):
			w, ok := n.(word)
			if !ok {
				fail("the call of what is no name cannot be translated")
			}
			p.take()
			n = call{nil, w.text, p.list(")")}
		default:
			return n
		}
	}
}

func (p *parser) subscript(of node) node {
	defer p.deeper()()
	var from node
	if !p.is(mark, ":") {
		from = p.bound()
	}
	if !p.accept(mark, ":") {
		p.want("]")
		return index{of, from}
	}
	var to node
	if !p.is(mark, "]") {
		to = p.bound()
	}
	p.want("]")
	return slice{of, from, to}
}

// bound is a key or the bound of a slice, which may be a number below zero.
func (p *parser) bound() node {
	if p.accept(mark, "-") {
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
	defer p.deeper()()
	var all []node
	for !p.accept(mark, closing) {
		if p.is(mark, "*", "**") {
			fail("%q unpacks, which cannot be translated; write the values out", p.peek().text)
		}
		all = append(all, p.expression())
		if p.is(mark, "=") {
			fail("a named argument cannot be translated")
		}
		if !p.is(mark, closing) {
			if !p.is(mark, ",") {
				fail("%s", p.unexpected(p.peek()))
			}
			p.take()
		}
	}
	return all
}

func (p *parser) atom() node {
	switch t := p.take(); {
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
		return p.word(t)
	default:
		p.at = max(0, p.at-1)
		fail("%s", p.unexpected(t))
	}
	return nil
}

func (p *parser) word(t token) node {
	switch t.text {
	case "True":
		return value{true}
	case "False":
		return value{false}
	case "None":
		return value{}
	}
	if slices.Contains(statements, t.text) {
		p.at--
		fail("%s", p.unexpected(t))
	}
	return word{t.text}
}

// group is what stands in brackets: one expression in parentheses is itself.
func (p *parser) group(open string) node {
	defer p.deeper()()
	closing := map[string]string{
		"(": ")",
		"[": "]",
		"{": "}",
	}[open]
	start := p.at
	all := p.list(closing)
	comma := p.at >= 2 && p.tokens[p.at-2].kind == mark && p.tokens[p.at-2].text == ","
	if open == "(" && len(all) == 1 && !comma {
		return all[0]
	}
	if open == "{" && p.at-1 == start {
		fail("an empty dictionary cannot be translated")
	}
	return group{open, all}
}
