package terraform

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"

	"trailkeeper/rules/translate"
)

// maxReferences bounds how far references lead to references, maxSteps how much is evaluated in all, and maxValue the
// text of a value, in bytes.
const (
	maxReferences = 30
	maxSteps      = 200_000
	maxValue      = 4 << 20
)

// value evaluates an expression. The path has the references that led to it.
func (s *scope) value(e hclsyntax.Expression, path []string) (Value, error) {
	if s.steps++; s.steps > maxSteps {
		return Value{}, errors.New("the configuration takes more steps than there can be rules")
	}
	switch e := e.(type) {
	case *hclsyntax.TemplateExpr:
		return s.texts(e.Parts, path)
	case *hclsyntax.TemplateWrapExpr:
		return s.value(e.Wrapped, path)
	case *hclsyntax.ParenthesesExpr:
		return s.value(e.Expression, path)
	case *hclsyntax.LiteralValueExpr:
		return literal(e)
	case *hclsyntax.TupleConsExpr:
		return s.list(e.Exprs, path)
	case *hclsyntax.ScopeTraversalExpr:
		return s.reference(e, path)
	case *hclsyntax.FunctionCallExpr:
		return s.function(e, path)
	case *hclsyntax.BinaryOpExpr: // as join writes literals that stand side by side
		if e.Op == hclsyntax.OpAdd {
			return s.texts([]hclsyntax.Expression{e.LHS, e.RHS}, path)
		}
	}
	return Value{}, errUnknown("the expression on line " + strconv.Itoa(e.Range().Start.Line))
}

func literal(e *hclsyntax.LiteralValueExpr) (Value, error) {
	switch {
	case e.Val.IsNull():
		return Value{}, nil
	case e.Val.Type() == cty.String:
		return Value{Pieces: []Piece{{e.Val.AsString(), placeOf(e)}}}, nil
	case e.Val.Type() == cty.Number:
		return Value{Pieces: []Piece{{e.Val.AsBigFloat().Text('f', -1), placeOf(e)}}}, nil
	case e.Val.Type() == cty.Bool:
		return Value{Pieces: []Piece{{strconv.FormatBool(e.Val.True()), placeOf(e)}}}, nil
	}
	return Value{}, errUnknown("the value on line " + strconv.Itoa(e.Range().Start.Line))
}

// texts puts the texts of several expressions together.
func (s *scope) texts(parts []hclsyntax.Expression, path []string) (Value, error) {
	var whole Value
	for _, part := range parts {
		v, err := s.value(part, path)
		if err != nil {
			return Value{}, err
		}
		if v.IsList {
			return Value{}, fmt.Errorf("a list stands in the text on line %d; join it", part.Range().Start.Line)
		}
		whole.Pieces = append(whole.Pieces, v.Pieces...)
	}
	return whole, whole.bounded()
}

func (v Value) bounded() error {
	size := 0
	for _, p := range v.Pieces {
		size += len(p.Text)
	}
	if size > maxValue || len(v.Pieces)+len(v.List) > maxValue/16 {
		return fmt.Errorf("the value is longer than %d bytes", maxValue)
	}
	return nil
}

func (s *scope) list(items []hclsyntax.Expression, path []string) (Value, error) {
	whole := Value{IsList: true}
	for _, item := range items {
		v, err := s.value(item, path)
		if err != nil {
			return Value{}, err
		}
		whole.List = append(whole.List, v)
	}
	return whole, nil
}

// reference is local.name or var.name.
func (s *scope) reference(e *hclsyntax.ScopeTraversalExpr, path []string) (Value, error) {
	var names []string
	for _, step := range e.Traversal {
		switch step := step.(type) {
		case hcl.TraverseRoot:
			names = append(names, step.Name)
		case hcl.TraverseAttr:
			names = append(names, step.Name)
		default:
			return Value{}, errUnknown("a value with an index")
		}
	}
	name := strings.Join(names, ".")
	from := map[string]map[string]hclsyntax.Expression{
		"local": s.locals,
		"var":   s.variables,
	}[names[0]]
	if len(names) != 2 || from == nil {
		return Value{}, errUnknown(name)
	}
	key := names[1]
	if names[0] == "local" {
		s.used[key] = true
	}
	if slices.Contains(path, name) {
		if from["@"+key] == nil || slices.Contains(path, "@"+name) {
			return Value{}, fmt.Errorf("%s refers to itself", name)
		}
		key, name = "@"+key, "@"+name
	}
	if from[key] == nil {
		return Value{}, fmt.Errorf("%s has no value in these files; give the file that has it, too", name)
	}
	if len(path) > maxReferences {
		return Value{}, fmt.Errorf("%s is more than %d references away", name, maxReferences)
	}
	return s.value(from[key], append(slices.Clip(path), name))
}

// function calls the functions of Terraform that lists and texts of rules are made with.
func (s *scope) function(e *hclsyntax.FunctionCallExpr, path []string) (Value, error) {
	all, err := s.list(e.Args, path)
	if err != nil {
		return Value{}, err
	}
	args := all.List
	if e.ExpandFinal || len(args) == 0 {
		return Value{}, errUnknown("the call of " + e.Name)
	}
	switch e.Name {
	case "join":
		return joinLists(args, placeOf(e))
	case "concat", "flatten", "compact", "tolist", "toset", "distinct", "sort", "reverse":
		whole := Value{IsList: true}
		whole.List = flat(nil, args)
		if e.Name == "compact" {
			whole.List = slices.DeleteFunc(whole.List, func(v Value) bool { return v.String() == "" })
		}
		if e.Name == "distinct" || e.Name == "toset" {
			whole.List = distinct(whole.List)
		}
		return whole, whole.bounded()
	case "chomp", "trimspace", "tostring":
		if len(args) == 1 && !args[0].IsList {
			return args[0], nil
		}
	}
	return Value{}, errUnknown("the call of " + e.Name)
}

func flat(found, of []Value) []Value {
	for _, v := range of {
		if v.IsList {
			found = flat(found, v.List)
		} else {
			found = append(found, v)
		}
	}
	return found
}

func distinct(of []Value) []Value {
	known := map[string]bool{}
	return slices.DeleteFunc(of, func(v Value) bool {
		text := v.String()
		defer func() { known[text] = true }()
		return known[text]
	})
}

func joinLists(args []Value, at translate.Place) (Value, error) {
	separator := Piece{args[0].String(), at}
	var whole Value
	for i, one := range flat(nil, args[1:]) {
		if i > 0 {
			whole.Pieces = append(whole.Pieces, separator)
		}
		whole.Pieces = append(whole.Pieces, one.Pieces...)
	}
	return whole, whole.bounded()
}
