package expression

import (
	"errors"
	"fmt"
	"strings"
	"sync"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/operators"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	exprpb "google.golang.org/genproto/googleapis/api/expr/v1alpha1"
	"google.golang.org/protobuf/proto"
)

// Program is an expression that can be evaluated. It is safe for concurrent use.
type Program struct {
	// Keys are what a record must have for the condition to be true.
	Keys Keys

	language *Language
	encoded  string // the tree, until the program is first needed
	once     sync.Once
	tree     *ast.AST
	plan     cel.Program
	broken   error // why there is no plan
	headOnce sync.Once
	ofHead   test // what a head says of the condition
}

// prepare makes the plan, and before that the tree of a decoded program. It is made once.
func (p *Program) prepare() error {
	p.once.Do(func() {
		if p.tree == nil {
			p.tree, p.broken = decodeTree(p.encoded)
		}
		if p.broken == nil {
			p.plan, p.broken = p.language.planOf(p.tree)
		}
	})
	return p.broken
}

func (p *Program) value(r Record) (ref.Val, error) {
	if err := p.prepare(); err != nil {
		return nil, err
	}
	value, _, err := p.plan.Eval(scope{r, p.language.parameters})
	if err != nil {
		return nil, reason(err)
	}
	return value, nil
}

// reason is an error of CEL without what it says of itself.
func reason(err error) error {
	text := firstLine(err.Error())
	if strings.Contains(text, "actual cost limit exceeded") {
		return fmt.Errorf("it costs more than %d units on this record", maxCost)
	}
	if known, ok := errors.AsType[*types.Err](err); ok {
		text = firstLine(known.String())
	}
	return errors.New(text)
}

// Match is the value of a Condition.
func (p *Program) Match(r Record) (bool, error) {
	value, err := p.value(r)
	if err != nil {
		return false, err
	}
	return value == types.True, nil
}

// maxText bounds a value as a text, in bytes.
const maxText = 1 << 10

// Text is the value as a text, at most a KiB of it: empty where it is absent, and JSON where it is a list or an object.
// It is as the record has it; what renders it escapes it.
func (p *Program) Text(r Record) (string, error) {
	value, err := p.value(r)
	if err != nil {
		return "", err
	}
	return shown(value, maxText), nil
}

// Fields are the names of the record's own fields that the expression looks at.
func (p *Program) Fields() []string { return p.fieldsOf("record") }

// Path is the path of the record's field that the expression is, with dots, and empty of any other expression.
func (p *Program) Path() string {
	if p.prepare() != nil {
		return ""
	}
	return recordPath(p.tree.Expr())
}

// Parameters are the names of the account's parameters that the expression looks at.
func (p *Program) Parameters() []string { return p.fieldsOf("account") }

func (p *Program) fieldsOf(variable string) []string {
	var names []string
	ast.PreOrderVisit(p.tree.Expr(), ast.NewExprVisitor(func(e ast.Expr) {
		if e.Kind() == ast.SelectKind && path(e.AsSelect().Operand()) == variable {
			names = append(names, e.AsSelect().FieldName())
		}
		if functionOf(e) == operators.Index && path(e.AsCall().Args()[0]) == variable {
			if name, ok := literal(e.AsCall().Args()[1]); ok {
				names = append(names, name)
			}
		}
	}))
	return names
}

// Encode is the checked expression (CEL's CheckedExpr) for Language.Decode. The same program gives the same bytes.
func (p *Program) Encode() (string, error) {
	if p.encoded != "" {
		return p.encoded, nil
	}
	checked, err := ast.ToProto(p.tree)
	if err != nil {
		return "", err
	}
	text, err := proto.MarshalOptions{Deterministic: true}.Marshal(checked)
	return string(text), err
}

// Decode is the program that was encoded, with its keys. Nothing is parsed or checked, and until the program is first
// needed nothing is decoded: what is wrong in the bytes is an error of each evaluation.
func (l *Language) Decode(encoded string, keys Keys) *Program {
	return &Program{Keys: keys, language: l, encoded: encoded}
}

func decodeTree(encoded string) (*ast.AST, error) {
	var checked exprpb.CheckedExpr
	if err := proto.Unmarshal([]byte(encoded), &checked); err != nil {
		return nil, fmt.Errorf("the encoded expression: %w", err)
	}
	tree, err := ast.ToAST(&checked)
	if err != nil {
		return nil, fmt.Errorf("the encoded expression: %w", err)
	}
	return tree, nil
}
