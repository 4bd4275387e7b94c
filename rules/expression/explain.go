package expression

import (
	"encoding/json"
	"fmt"
	"strings"
	"unicode/utf8"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/operators"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	"cel.dev/cel-go/interpreter"
	"cel.dev/cel-go/parser"
)

// Step is one part of an expression and its value on a record. Depth is how deep it stands in the whole.
type Step struct {
	Depth         int
	Source, Value string
}

// Explain evaluates every part of a condition, also those that can change nothing any more.
func (p *Program) Explain(r Record) ([]Step, error) {
	if err := p.prepare(); err != nil {
		return nil, err
	}
	plan, err := p.language.planOf(p.tree, cel.EvalOptions(cel.OptExhaustiveEval))
	if err != nil {
		return nil, err
	}
	_, details, err := plan.Eval(scope{r, p.language.parameters})
	if details == nil || details.State() == nil {
		return nil, reason(err)
	}
	x := explanation{tree: p.tree, state: details.State()}
	x.condition(p.tree.Expr(), 0)
	return x.steps, nil
}

type explanation struct {
	tree  *ast.AST
	state interpreter.EvalState
	steps []Step
}

func (x *explanation) add(e ast.Expr, depth int) {
	source, err := parser.Unparse(e, x.tree.SourceInfo(), parser.WrapOnColumn(10*maxLength))
	if err != nil {
		source = "…"
	}
	value := "not reached"
	if v, ok := x.state.Value(e.ID()); ok {
		value = shownValue(v)
	}
	x.steps = append(x.steps, Step{depth, source, value})
}

// condition explains what is true or false: the conditions that it is made of, or the fields that it looks at.
func (x *explanation) condition(e ast.Expr, depth int) {
	x.add(e, depth)
	switch function := functionOf(e); function {
	case operators.LogicalAnd, operators.LogicalOr, operators.LogicalNot, operators.Conditional:
		for _, arg := range terms(e, function) {
			x.condition(arg, depth+1)
		}
	default:
		x.fields(e, depth+1)
	}
}

func functionOf(e ast.Expr) string {
	if e.Kind() != ast.CallKind {
		return ""
	}
	return e.AsCall().FunctionName()
}

// terms are the operands; those of a && b && c are three.
func terms(e ast.Expr, function string) []ast.Expr {
	var all []ast.Expr
	for _, arg := range e.AsCall().Args() {
		if functionOf(arg) == function && function != operators.LogicalNot && function != operators.Conditional {
			all = append(all, terms(arg, function)...)
			continue
		}
		all = append(all, arg)
	}
	return all
}

// fields adds the fields of the record that are in an expression.
func (x *explanation) fields(e ast.Expr, depth int) {
	if written := path(e); written != "" && e.Kind() == ast.SelectKind {
		x.add(e, depth)
		return
	}
	switch e.Kind() {
	case ast.SelectKind:
		if of := path(e.AsSelect().Operand()); of != "record" && of != "account" {
			x.fields(e.AsSelect().Operand(), depth)
		}
	case ast.CallKind:
		if e.AsCall().IsMemberFunction() {
			x.fields(e.AsCall().Target(), depth)
		}
		for _, arg := range e.AsCall().Args() {
			x.fields(arg, depth)
		}
	case ast.ComprehensionKind:
		x.fields(e.AsComprehension().IterRange(), depth)
	}
}

// maxShown bounds a value in an explanation.
const maxShown = 160

func shownValue(v ref.Val) string {
	switch v := v.(type) {
	case absent:
		return "absent"
	case *types.Err:
		return "error: " + firstLine(v.String())
	case types.String:
		return fmt.Sprintf("%q", Cut(string(v), maxShown))
	}
	return shown(v, maxShown)
}

// shown is a value as a text of at most limit bytes.
func shown(v ref.Val, limit int) string {
	switch v := v.(type) {
	case absent, types.Null:
		return ""
	case types.String:
		return Cut(string(v), limit)
	case *object:
		return asJSON(v.fields, limit)
	}
	return asJSON(v.Value(), limit)
}

func asJSON(value any, limit int) string {
	text, err := json.Marshal(value)
	if err != nil {
		return Cut(fmt.Sprint(value), limit)
	}
	return Cut(string(text), limit)
}

// Cut is a text of at most limit bytes: one that is longer ends with an ellipsis behind its last whole character.
func Cut(s string, limit int) string {
	if len(s) <= limit {
		return strings.ToValidUTF8(s, "�")
	}
	limit = max(0, limit-len("…"))
	for limit > 0 && !utf8.RuneStart(s[limit]) {
		limit--
	}
	return strings.ToValidUTF8(s[:limit], "�") + "…"
}
