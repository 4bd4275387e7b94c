package expression

import (
	"maps"
	"slices"
	"strings"

	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/operators"
	"cel.dev/cel-go/common/types"
)

// Op is what a Test asks of a field.
type Op int

// The tests. A field of another type than they are about does not meet them.
const (
	Present    Op = iota // it is a text, a number, true or false; Text is empty
	Is                   // it is the text
	IsFold               // it is the text, whatever its case
	StartsWith           // it begins with the text
	EndsWith             // it ends with the text
	Contains             // it has the text
	Glob                 // it is as the pattern says: "*" is any text, and "?" one character
	Matches              // it matches the regular expression (RE2)
	Truth                // it is true or false, as the text says

	// Only a Formula has these.
	There     // it is neither missing nor null; Text is empty
	NumberIs  // it is the number
	Below     // it is a number below that one
	AtMost    // … at most
	Above     // … above
	AtLeast   // … at least
	InNetwork // it is an address in the network, or that address
)

// Test is something that a field of the record meets.
type Test struct {
	Op   Op
	Text string
}

// Clause is what a record meets. It may say less than the condition does, and never more.
type Clause struct {
	// Fields are the fields, by their paths such as userIdentity.type, each with the tests of which it meets one.
	Fields map[string][]Test
	// Writes says that the call does more than read.
	Writes bool
}

// The bounds of what is kept of a condition; beyond them less is said of its records.
const (
	maxClauses = 64
	maxTests   = 400
)

// Clauses are alternatives: a record for which the condition is true meets one of them. Without any, it is never true.
func (p *Program) Clauses() []Clause {
	if p.prepare() != nil {
		return []Clause{{}}
	}
	s := sketch{p.tree, p.language}
	return s.of(p.tree.Expr(), true)
}

// sketch finds what must be so for a condition to be true, or to be false.
type sketch struct {
	tree     *ast.AST
	language *Language
}

var anything = []Clause{{}}

func (s sketch) of(e ast.Expr, want bool) []Clause {
	switch e.Kind() {
	case ast.LiteralKind:
		if truth, ok := e.AsLiteral().(types.Bool); ok && bool(truth) != want {
			return nil
		}
		return anything
	case ast.CallKind:
		return s.call(e, want)
	case ast.SelectKind:
		return s.field(e, want)
	}
	return anything
}

// field is a field where true or false is wanted, or has() of one.
func (s sketch) field(e ast.Expr, want bool) []Clause {
	if e.AsSelect().IsTestOnly() {
		// An object is there as well, and is no text. AWS writes an errorCode as a text.
		if want && path(e.AsSelect().Operand()) == "record" && e.AsSelect().FieldName() == "errorCode" {
			return clause("errorCode", Test{})
		}
		return anything
	}
	if name := recordPath(e); want && name != "" {
		return clause(name, Test{Truth, "true"})
	}
	return anything
}

func (s sketch) call(e ast.Expr, want bool) []Clause {
	c := e.AsCall()
	args := c.Args()
	switch name := c.FunctionName(); name {
	case operators.LogicalNot:
		return s.of(args[0], !want)
	case operators.LogicalAnd, operators.LogicalOr:
		a, b := s.of(args[0], want), s.of(args[1], want)
		if (name == operators.LogicalAnd) == want {
			return both(a, b)
		}
		return oneOf(a, b)
	case operators.Conditional:
		return oneOf(both(s.of(args[0], true), s.of(args[1], want)), both(s.of(args[0], false), s.of(args[2], want)))
	case operators.Equals, operators.NotEquals:
		return s.equal(args[0], args[1], (name == operators.Equals) == want)
	case "isReadOnly":
		if !want {
			return []Clause{{Writes: true}}
		}
	case "refused":
		if want {
			return refusals
		}
	}
	if !want {
		return anything
	}
	return s.compared(c)
}

// refusals are the records of which refused is true.
var refusals = slices.Concat(
	clause("errorCode", Test{}),
	[]Clause{{Fields: map[string][]Test{"eventType": {{Is, "AwsConsoleSignIn"}}, "errorMessage": {{}}}}},
	clause("responseElements.ConsoleLogin", Test{Is, "Failure"}),
)

// equal is a comparison of a field, or of a condition with true or false.
func (s sketch) equal(a, b ast.Expr, want bool) []Clause {
	if a.Kind() == ast.LiteralKind {
		a, b = b, a
	}
	if b.Kind() == ast.LiteralKind {
		if truth, ok := b.AsLiteral().(types.Bool); ok {
			return s.equalTruth(a, bool(truth), want)
		}
		switch b.AsLiteral().(type) {
		case types.Int, types.Uint, types.Double:
			if name := recordPath(a); want && name != "" {
				return clause(name, Test{})
			}
		}
	}
	for _, side := range [][2]ast.Expr{{a, b}, {b, a}} {
		if text, ok := s.constant(side[1]); ok && want {
			return fieldIs(side[0], []string{text})
		}
	}
	return anything
}

func (s sketch) equalTruth(e ast.Expr, truth, want bool) []Clause {
	name := recordPath(e)
	switch {
	case name == "":
		return s.of(e, truth == want)
	case want && name == "readOnly" && !truth:
		return []Clause{{map[string][]Test{name: {{Truth, "false"}}}, true}}
	case !want && name == "readOnly" && truth:
		return []Clause{{Writes: true}}
	case want && truth:
		return clause(name, Test{Truth, "true"})
	case want:
		return clause(name, Test{Truth, "false"})
	}
	return anything
}

var textTests = map[string]Op{
	"startsWith": StartsWith,
	"endsWith":   EndsWith,
	"contains":   Contains,
	"matches":    Matches,
	"glob":       Glob,
}

// compared is a call that is true of a field, and only of one that is there.
func (s sketch) compared(c ast.CallExpr) []Clause {
	args := c.Args()
	switch name := c.FunctionName(); name {
	case operators.In:
		return s.member(args[0], args[1])
	case operators.Less, operators.LessEquals, operators.Greater, operators.GreaterEquals:
		return both(present(args[0]), present(args[1]))
	case "cidr":
		return present(firstOperand(c))
	case "startsWith", "endsWith", "contains", "matches", "glob":
		field := firstOperand(c)
		text, constant := s.constant(args[len(args)-1])
		if path := recordPath(field); constant && path != "" {
			return clause(path, Test{textTests[name], text})
		}
		return present(field)
	}
	return anything
}

// member is a field that is one of some values.
func (s sketch) member(value, of ast.Expr) []Clause {
	var texts []string
	switch {
	case of.Kind() == ast.ListKind:
		for _, one := range of.AsList().Elements() {
			text, ok := s.constant(one)
			if !ok {
				return present(value)
			}
			texts = append(texts, text)
		}
	case functionOf(of) == "list":
		name, _ := literal(of.AsCall().Args()[0])
		return s.listed(value, s.language.lists[name])
	default:
		return anything // an object has keys, and what the record compares with may be one
	}
	if len(texts) > maxTests {
		return present(value)
	}
	return fieldIs(value, texts)
}

// listed is a field that a named list has. A network tells nothing of the text that an address is.
func (s sketch) listed(value ast.Expr, of *list) []Clause {
	name := recordPath(value)
	if of == nil || name == "" {
		return present(value)
	}
	of.read()
	if len(of.networks) > 0 || len(of.values) > maxTests {
		return present(value)
	}
	var tests []Test
	for _, text := range slices.Sorted(maps.Keys(of.values)) {
		op := Is
		if strings.Contains(text, "*") {
			op = Glob
		}
		tests = append(tests, Test{op, text})
	}
	if tests == nil {
		return nil
	}
	return clause(name, tests...)
}

// fieldIs is a field, or its lower-case form, that is one of some texts.
func fieldIs(e ast.Expr, texts []string) []Clause {
	op := Is
	if functionOf(e) == "lower" {
		op, e = IsFold, firstOperand(e.AsCall())
	}
	name := recordPath(e)
	if name == "" {
		return anything
	}
	var tests []Test
	for _, text := range texts {
		if op == Is || text == strings.ToLower(text) { // nothing else is in lower case
			tests = append(tests, Test{op, text})
		}
	}
	if tests == nil {
		return nil
	}
	return clause(name, tests...)
}

func present(e ast.Expr) []Clause {
	if functionOf(e) == "lower" {
		e = firstOperand(e.AsCall())
	}
	if name := recordPath(e); name != "" {
		return clause(name, Test{})
	}
	return anything
}

func clause(path string, tests ...Test) []Clause {
	return []Clause{{Fields: map[string][]Test{path: tests}}}
}

// recordPath is the path of a field below the record, with dots; empty for anything else, and for a field whose name
// has a dot itself.
func recordPath(e ast.Expr) string {
	switch {
	case functionOf(e) == operators.Index:
		if name, ok := literal(e.AsCall().Args()[1]); ok {
			return below(e.AsCall().Args()[0], name)
		}
	case e.Kind() == ast.SelectKind && !e.AsSelect().IsTestOnly():
		return below(e.AsSelect().Operand(), e.AsSelect().FieldName())
	}
	return ""
}

func below(of ast.Expr, name string) string {
	if name == "" || strings.ContainsAny(name, ".$") {
		return ""
	}
	if of.Kind() == ast.IdentKind && of.AsIdent() == "record" {
		return name
	}
	if parent := recordPath(of); parent != "" {
		return parent + "." + name
	}
	return ""
}

// constant is a text that is known beforehand.
func (s sketch) constant(e ast.Expr) (string, bool) {
	if text, ok := literal(e); ok {
		return text, true
	}
	if known := s.tree.ReferenceMap()[e.ID()]; e.Kind() == ast.IdentKind && known != nil && known.Value != nil {
		text, ok := known.Value.(types.String)
		return string(text), ok
	}
	if functionOf(e) == operators.Add {
		a, first := s.constant(e.AsCall().Args()[0])
		b, second := s.constant(e.AsCall().Args()[1])
		return a + b, first && second
	}
	return "", false
}

// both are the clauses of a record that meets one of a and one of b. Of two things that it meets, one is said.
func both(a, b []Clause) []Clause {
	if len(a)*len(b) > maxClauses {
		if len(a) < len(b) {
			a, b = b, a
		}
		a = hull(a)
	}
	var all []Clause
	for _, first := range a {
		for _, second := range b {
			one := Clause{maps.Clone(first.Fields), first.Writes || second.Writes}
			if one.Fields == nil {
				one.Fields = map[string][]Test{}
			}
			for path, tests := range second.Fields {
				if known := one.Fields[path]; known == nil || telling(tests) > telling(known) {
					one.Fields[path] = tests
				}
			}
			all = oneOf(all, []Clause{one})
		}
	}
	return all
}

// telling is the higher the less of all texts meets one of the tests, as far as one can tell.
func telling(tests []Test) int {
	order := []Op{Present, Contains, Matches, Glob, EndsWith, StartsWith, IsFold} // the vaguest first
	vaguest := len(order)
	for _, t := range tests {
		if at := slices.Index(order, t.Op); at >= 0 {
			vaguest = min(vaguest, at)
		}
	}
	return vaguest*(maxTests+1) - min(len(tests), maxTests)
}

// oneOf are the clauses of a and b; those that differ in one field only become one.
func oneOf(a, b []Clause) []Clause {
	all := slices.Clone(a)
	for _, two := range b {
		joined := false
		for i, one := range all {
			if c, ok := one.join(two); ok {
				all[i], joined = c, true
				break
			}
		}
		if !joined {
			all = append(all, two)
		}
	}
	if len(all) > maxClauses {
		return hull(all)
	}
	return all
}

// hull is one clause for what all of them say.
func hull(clauses []Clause) []Clause {
	all := clauses[0]
	all.Fields = maps.Clone(all.Fields)
	for _, c := range clauses[1:] {
		all.Writes = all.Writes && c.Writes
		for path, tests := range all.Fields {
			also, there := c.Fields[path]
			switch {
			case !there:
				delete(all.Fields, path)
			case len(tests)+len(also) > maxTests:
				all.Fields[path] = []Test{{}}
			default:
				all.Fields[path] = union(tests, also)
			}
		}
	}
	return []Clause{all}
}

func union(a, b []Test) []Test {
	all := slices.Clone(a)
	for _, t := range b {
		if !slices.Contains(all, t) {
			all = append(all, t)
		}
	}
	return all
}

// join is a clause for what two say, and false where one clause would say less than they do.
func (c Clause) join(other Clause) (Clause, bool) {
	if c.Writes != other.Writes || len(c.Fields) != len(other.Fields) {
		return c, false
	}
	differs := ""
	for path, tests := range c.Fields {
		also, there := other.Fields[path]
		switch {
		case there && slices.Equal(tests, also):
		case !there || differs != "" || len(tests)+len(also) > maxTests:
			return c, false
		default:
			differs = path
		}
	}
	if differs == "" {
		return c, true
	}
	c.Fields = maps.Clone(c.Fields)
	c.Fields[differs] = union(c.Fields[differs], other.Fields[differs])
	return c, true
}
