// Package expression is the language of the rules: CEL (cel.dev/cel-go) over one CloudTrail record, with the functions
// that a rule's writer expects.
//
// A field that is missing or null is never an error: it equals nothing but null, and no comparison with it is true. A
// text where a number is compared is an error of that expression on that record. An expression is checked once and has
// a bounded cost. The package knows no rule, file, clock or network.
package expression

import (
	"fmt"
	"slices"
	"strings"
	"sync"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/cost"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
)

// The bounds of an expression.
const (
	maxLength = 16 << 10
	maxDepth  = 100
	// maxCost is the most that one evaluation may cost, in CEL's units: about one for each operation and for each ten
	// bytes of text that are looked at.
	maxCost = 1_000_000
	// assumedItems is how long a list of a record is taken to be when the cost is estimated. Lists in lists count as often
	// as they are nested.
	assumedItems = 500
)

// Kind is what an expression must give.
type Kind int

// The kinds of expression.
const (
	Condition Kind = iota // true or false: its type must be bool
	Text                  // a text; a record's field will do
	Value                 // anything that can be written as a text
)

// Problem is what is wrong at one place of an expression. Line and Column count from 1.
type Problem struct {
	Line, Column int
	Reason       string
}

func (p Problem) Error() string { return p.Reason }

// MissingList is a list that an expression asks for and that there is not, with the place of its name.
type MissingList struct {
	Name         string
	Line, Column int // from 1
}

// Language is what all expressions of a program share. It is safe for concurrent use.
type Language struct {
	lists      map[string]*list
	parameters parameters
	// What checks an expression, and what plans one that was checked, are made when they are first needed: a program that
	// was checked elsewhere starts without either.
	checker, planner func() (*cel.Env, error)
}

// New returns the language with named lists, and stack as the value of the variable of that name. The parameters are a
// JSON object of 12-digit account IDs, or OtherAccounts, with an object of parameters each, which are texts, numbers,
// true or false, or lists of these; empty for none.
func New(lists map[string][]string, stack, parameters string) *Language {
	l := &Language{lists: make(map[string]*list, len(lists)), parameters: parametersIn(parameters)}
	for name, values := range lists {
		l.lists[name] = newList(name, values)
	}
	l.checker = sync.OnceValues(func() (*cel.Env, error) {
		return cel.NewEnv(append(helpers(),
			cel.Variable("record", cel.DynType),
			cel.Variable("account", cel.DynType),
			cel.Constant("stack", cel.StringType, types.String(stack)),
			cel.EnableMacroCallTracking(),
			cel.ParserRecursionLimit(maxDepth),
			cel.ParserExpressionSizeLimit(maxLength),
		)...)
	})
	l.planner = sync.OnceValues(func() (*cel.Env, error) {
		return cel.NewEnv(append(l.tolerantOperators(), cel.CustomTypeAdapter(adapter{}))...)
	})
	return l
}

// Compile checks an expression and prepares it; missingLists are the lists it asks for that there are not: without them
// there is no program and, where nothing else is wrong, no problem either.
func (l *Language) Compile(source string, kind Kind) (p *Program, missingLists []MissingList, problems []Problem) {
	checker, err := l.checker()
	if err != nil {
		return nil, nil, []Problem{{1, 1, "the rule language: " + firstLine(err.Error())}}
	}
	checked, issues := checker.Compile(source)
	if issues.Err() != nil {
		for _, e := range issues.Errors() {
			line, column := max(1, e.Location.Line()), max(0, e.Location.Column())
			problems = append(problems, Problem{line, column + 1, firstLine(e.Message)})
		}
		return nil, nil, problems
	}
	tree := checked.NativeRep()
	place := func(id int64) (line, column int) {
		start := tree.SourceInfo().GetStartLocation(id)
		return start.Line(), start.Column() + 1
	}
	at := func(id int64, reason string) {
		line, column := place(id)
		problems = append(problems, Problem{line, column, reason})
	}
	if reason := wrongKind(checked.OutputType(), kind); reason != "" {
		problems = append(problems, Problem{1, 1, reason})
	}
	l.checkConstants(tree, at, func(id int64, name string) {
		line, column := place(id)
		missingLists = append(missingLists, MissingList{name, line, column})
	})
	if reason := tooCostly(checker, checked); reason != "" {
		problems = append(problems, Problem{1, 1, reason})
	}
	if len(problems) > 0 || len(missingLists) > 0 {
		return nil, missingLists, problems
	}
	p = &Program{Keys: keysOf(tree.Expr()), tree: tree, language: l}
	if err := p.prepare(); err != nil {
		return nil, nil, []Problem{{1, 1, firstLine(err.Error())}}
	}
	return p, nil, nil
}

func (l *Language) planOf(tree *ast.AST, options ...cel.ProgramOption) (cel.Program, error) {
	planner, err := l.planner()
	if err != nil {
		return nil, fmt.Errorf("the rule language: %w", err)
	}
	t := tolerance{tree: tree, factory: ast.NewExprFactory(), next: ast.MaxID(tree)}
	plan := ast.NewAST(t.rewrite(tree.Expr()), tree.SourceInfo())
	return planner.PlanProgram(plan, append(options, cel.EvalOptions(cel.OptOptimize),
		cel.CostTracking(textCost{}), cel.CostLimit(maxCost))...)
}

func wrongKind(got *cel.Type, kind Kind) string {
	dynamic := got.IsExactType(cel.DynType)
	switch {
	case kind == Condition && dynamic:
		return "the expression is a field of the record, which may be anything; compare it, as in … == true"
	case kind == Condition && !got.IsExactType(cel.BoolType):
		return fmt.Sprintf("the expression is %s; it must be bool", got)
	case kind == Text && !dynamic && !got.IsExactType(cel.StringType):
		return fmt.Sprintf("the expression is %s; it must be string", got)
	}
	return ""
}

func tooCostly(checker *cel.Env, checked *cel.Ast) string {
	estimate, err := checker.EstimateCost(checked, itemsOfARecord{})
	if err != nil {
		return firstLine(err.Error())
	}
	if estimate.Max > 100*maxCost {
		return fmt.Sprintf("the expression may cost %d units on a record with lists of %d items; at most %d are allowed: "+
			"nest fewer of exists, all, filter and map", estimate.Max, assumedItems, 100*maxCost)
	}
	return ""
}

// itemsOfARecord bounds what the estimate of a cost takes for the size of a field.
type itemsOfARecord struct{}

func (itemsOfARecord) EstimateSize(cost.AstNode) *cost.SizeEstimate {
	return &cost.SizeEstimate{Max: assumedItems}
}

func (itemsOfARecord) EstimateCallCost(string, string, *cost.AstNode, []cost.AstNode) *cost.CallEstimate {
	return nil
}

// textCost is what a call costs: one, and more for a long text.
type textCost struct{}

func (textCost) CallCost(_, _ string, args []ref.Val, _ ref.Val) *uint64 {
	units := uint64(1)
	for _, a := range args {
		if s, ok := a.(types.String); ok {
			units += uint64(len(s)) / 10
		}
	}
	return &units
}

// Lists are the names of the lists, sorted.
func (l *Language) Lists() []string {
	var names []string
	for name := range l.lists {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

func firstLine(s string) string {
	line, _, _ := strings.Cut(s, "\n")
	return line
}
