package expression

import (
	"strings"

	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/operators"
)

// Field is a field of the record that rules are found by.
type Field int

// The fields, the most telling first.
const (
	EventName Field = iota
	EventSource
	IdentityType
	ErrorCode // that there is one
	Fields    // how many there are
)

// Key is one field with one value, in lower case.
type Key struct {
	Field Field
	Value string
}

// Keys are alternatives: a record for which the condition is true has at least one of them. Without any, nothing is
// known.
type Keys []Key

// maxKeys bounds the alternatives of a condition.
const maxKeys = 1000

// head is what Keys are about, in lower case.
type head struct {
	values [Fields]string
	// odd is a record of which every condition must be evaluated: one of the fields is no text, so that comparing it is an
	// error, or there is an errorCode that is empty.
	odd bool
}

func headOf(fields map[string]any) head {
	var h head
	read := func(f Field, of map[string]any, name string) {
		value, there := of[name]
		text, ok := value.(string)
		h.values[f], h.odd = strings.ToLower(text), h.odd || there && (!ok || f == ErrorCode && text == "")
	}
	identity, isObject := fields["userIdentity"].(map[string]any)
	h.odd = !isObject && fields["userIdentity"] != nil
	read(EventName, fields, "eventName")
	read(EventSource, fields, "eventSource")
	read(IdentityType, identity, "type")
	read(ErrorCode, fields, "errorCode")
	return h
}

// Key is the record's value of a field in lower case. It reports false where the field is odd, so that no key tells
// whether a condition can be true.
func (r Record) Key(f Field) (string, bool) { return r.head.values[f], !r.head.odd }

// keysOf finds what must be so for an expression to be true.
func keysOf(e ast.Expr) Keys {
	if e.Kind() == ast.SelectKind && e.AsSelect().IsTestOnly() {
		if e.AsSelect().FieldName() == "errorCode" && path(e.AsSelect().Operand()) == "record" {
			return Keys{{ErrorCode, ""}}
		}
		return nil
	}
	if e.Kind() != ast.CallKind {
		return nil
	}
	args := e.AsCall().Args()
	switch e.AsCall().FunctionName() {
	case operators.LogicalAnd:
		return better(keysOf(args[0]), keysOf(args[1]))
	case operators.LogicalOr:
		return either(keysOf(args[0]), keysOf(args[1]))
	case operators.Equals:
		if text, ok := literal(args[0]); ok {
			return keysFor(args[1], text)
		}
		if text, ok := literal(args[1]); ok {
			return keysFor(args[0], text)
		}
	case operators.In:
		return keysIn(args[0], args[1])
	case "startsWith", "endsWith", "contains", "matches", "glob":
		if of := firstOperand(e.AsCall()); path(of) == "record.errorCode" {
			return keysFor(of, "")
		}
	}
	return nil
}

func firstOperand(c ast.CallExpr) ast.Expr {
	if c.IsMemberFunction() {
		return c.Target()
	}
	return c.Args()[0]
}

func keysIn(value, of ast.Expr) Keys {
	if of.Kind() != ast.ListKind {
		return nil
	}
	var keys Keys
	for _, one := range of.AsList().Elements() {
		text, ok := literal(one)
		found := keysFor(value, text)
		if !ok || found == nil {
			return nil
		}
		keys = append(keys, found...)
	}
	return keys
}

// keysFor is the key that a comparison of e with a text asks for.
func keysFor(e ast.Expr, text string) Keys {
	if e.Kind() == ast.CallKind && e.AsCall().FunctionName() == "lower" {
		e = firstOperand(e.AsCall())
	}
	text = strings.ToLower(text)
	switch path(e) {
	case "record.eventName":
		return Keys{{EventName, text}}
	case "record.eventSource":
		return Keys{{EventSource, text}}
	case "record.userIdentity.type":
		return Keys{{IdentityType, text}}
	case "record.errorCode":
		return Keys{{ErrorCode, ""}}
	}
	return nil
}

// path is the path of a field as it is written with dots, and empty for anything else.
func path(e ast.Expr) string {
	switch e.Kind() {
	case ast.IdentKind:
		return e.AsIdent()
	case ast.SelectKind:
		if of := path(e.AsSelect().Operand()); of != "" && !e.AsSelect().IsTestOnly() {
			return of + "." + e.AsSelect().FieldName()
		}
	}
	return ""
}

func either(a, b Keys) Keys {
	if len(a) == 0 || len(b) == 0 || len(a)+len(b) > maxKeys {
		return nil
	}
	return append(a, b...)
}

// better are the keys that fewer records have.
func better(a, b Keys) Keys {
	if len(a) == 0 || len(b) > 0 && b.widest() < a.widest() {
		return b
	}
	return a
}

func (k Keys) widest() Field {
	widest := EventName
	for _, one := range k {
		widest = max(widest, one.Field)
	}
	return widest
}
