package expression

import (
	"fmt"

	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/operators"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/parser"
)

// Formula is a condition as tests of single fields: for every record whose fields have the types that they are tested
// for, it is true where the condition is, and not elsewhere.
type Formula struct {
	Join  Join
	Parts []Formula // of All and Any
	// Path is where the field of OneField stands below the record. Each stands for every element of a list: one of them
	// meets a test.
	Path  []string
	Tests []Test // of OneField: the field meets one of them
	// Not says of OneField that the field meets none of its tests, as a field does that is missing or null, and of
	// ReadOnly and Refused that the record is not such.
	Not bool
}

// Join is what a Formula is made of.
type Join int

// The kinds of formula.
const (
	OneField Join = iota
	All           // all parts; without any, it is always true
	Any           // one part; without any, it is never true
	ReadOnly      // isReadOnly(record)
	Refused       // refused(record)
)

// Each is the step of a Path into every element of a list.
const Each = "[*]"

// maxFormula bounds the parts of a formula.
const maxFormula = 2000

// Formula is the condition as a formula. The error names the part of the condition that is no test of a single field.
func (p *Program) Formula() (Formula, error) {
	if err := p.prepare(); err != nil {
		return Formula{}, err
	}
	f := &former{sketch: sketch{p.tree, p.language}, roots: map[string][]string{"record": {}}}
	made, err := f.of(p.tree.Expr(), true)
	if err == nil && f.parts > maxFormula {
		err = fmt.Errorf("it has more than %d comparisons", maxFormula)
	}
	return made, err
}

// former makes a formula of a condition.
type former struct {
	sketch

	roots map[string][]string // the paths that names stand for
	parts int
}

// untestable is the error about a part of the condition.
func (f *former) untestable(e ast.Expr) error {
	source, err := parser.Unparse(e, f.tree.SourceInfo(), parser.WrapOnColumn(10*maxLength))
	if err != nil {
		return fmt.Errorf("a part of its condition is no test of a single field")
	}
	const shownSource = 80
	return fmt.Errorf("%s is no test of a single field", Cut(source, shownSource))
}

// of is what must be so for e to be true or, where want is false, not to be.
func (f *former) of(e ast.Expr, want bool) (Formula, error) {
	if f.parts++; f.parts > maxFormula {
		return Formula{}, nil
	}
	switch e.Kind() {
	case ast.LiteralKind:
		if truth, ok := e.AsLiteral().(types.Bool); ok {
			return constant(bool(truth) == want), nil
		}
	case ast.CallKind:
		return f.call(e, want)
	case ast.SelectKind:
		if e.AsSelect().IsTestOnly() {
			if of, ok := f.path(e.AsSelect().Operand()); ok {
				return oneField(append(of, e.AsSelect().FieldName()), !want, Test{Op: There}), nil
			}
		} else if of, ok := f.path(e); ok {
			return oneField(of, !want, Test{Truth, "true"}), nil
		}
	case ast.ComprehensionKind:
		return f.exists(e, want)
	}
	return Formula{}, f.untestable(e)
}

func constant(truth bool) Formula {
	if truth {
		return Formula{Join: All}
	}
	return Formula{Join: Any}
}

func oneField(path []string, not bool, tests ...Test) Formula {
	return Formula{Path: path, Tests: tests, Not: not}
}

func (f *former) call(e ast.Expr, want bool) (Formula, error) {
	c := e.AsCall()
	args := c.Args()
	switch name := c.FunctionName(); name {
	case operators.LogicalNot:
		return f.of(args[0], !want)
	case operators.LogicalAnd, operators.LogicalOr:
		return f.joined(terms(e, name), (name == operators.LogicalAnd) == want, want)
	case operators.Conditional:
		return f.conditional(args, want)
	case operators.Equals, operators.NotEquals:
		return f.equal(e, args[0], args[1], (name == operators.Equals) == want)
	case "isReadOnly", "refused":
		if of, ok := f.path(args[0]); ok && len(of) == 0 {
			return Formula{Join: map[string]Join{"isReadOnly": ReadOnly, "refused": Refused}[name], Not: !want}, nil
		}
	case operators.In:
		return f.member(e, args[0], args[1], want)
	case operators.Less, operators.LessEquals, operators.Greater, operators.GreaterEquals:
		return f.ordered(e, name, args, want)
	case "startsWith", "endsWith", "contains", "matches", "glob", "cidr":
		op, known := textTests[name]
		if !known {
			op = InNetwork
		}
		of, field := f.path(withoutText(firstOperand(c)))
		if text, ok := f.constant(args[len(args)-1]); ok && field {
			return oneField(of, !want, Test{op, text}), nil
		}
	}
	return Formula{}, f.untestable(e)
}

func (f *former) joined(terms []ast.Expr, all, want bool) (Formula, error) {
	made := Formula{Join: Any}
	if all {
		made.Join = All
	}
	for _, one := range terms {
		part, err := f.of(one, want)
		if err != nil {
			return Formula{}, err
		}
		made.Parts = append(made.Parts, part)
	}
	return made, nil
}

// conditional is c ? a : b, as c and a, or b without c.
func (f *former) conditional(args []ast.Expr, want bool) (Formula, error) {
	var parts [4]Formula
	for i, one := range []struct {
		e    ast.Expr
		want bool
	}{{args[0], true}, {args[1], want}, {args[0], false}, {args[2], want}} {
		var err error
		if parts[i], err = f.of(one.e, one.want); err != nil {
			return Formula{}, err
		}
	}
	return Formula{Join: Any, Parts: []Formula{{Join: All, Parts: parts[:2]}, {Join: All, Parts: parts[2:]}}}, nil
}

// exists is list.exists(i, …) where one element meets one of some tests.
func (f *former) exists(e ast.Expr, want bool) (Formula, error) {
	macro, ok := f.tree.SourceInfo().GetMacroCall(e.ID())
	if !ok || functionOf(macro) != "exists" || !want {
		return Formula{}, f.untestable(e)
	}
	of, isField := f.path(macro.AsCall().Target())
	args := macro.AsCall().Args()
	if !isField || len(args) != 2 || args[0].Kind() != ast.IdentKind {
		return Formula{}, f.untestable(e)
	}
	inner := &former{
		sketch: f.sketch,
		roots:  map[string][]string{args[0].AsIdent(): append(of, Each)},
		parts:  f.parts,
	}
	made, err := inner.of(args[1], true)
	f.parts = inner.parts
	if err != nil || !made.distributes() {
		return Formula{}, f.untestable(e)
	}
	return made, nil
}

// distributes reports whether an element meets the formula where one of the elements meets one of its tests.
func (m Formula) distributes() bool {
	if m.Join != Any {
		return m.Join == OneField && !m.Not
	}
	for _, one := range m.Parts {
		if !one.distributes() {
			return false
		}
	}
	return true
}
