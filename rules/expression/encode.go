package expression

import (
	"fmt"

	"cel.dev/cel-go/common/ast"
	exprpb "google.golang.org/genproto/googleapis/api/expr/v1alpha1"
	"google.golang.org/protobuf/proto"
)

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
