package expression

import (
	"regexp"
	"slices"
	"strings"

	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/operators"
)

// Head is what a record says of the fields that conditions are found by, as it writes them. Empty is a field of which
// nothing is known, but for ErrorCode: that there is none.
type Head [Fields]string

// Head is the record's own. It reports false where one of the fields is no text, or the errorCode is empty.
func (r Record) Head() (Head, bool) {
	return Head{
		EventName:    r.Text("eventName"),
		EventSource:  r.Text("eventSource"),
		IdentityType: r.Text("userIdentity", "type"),
		ErrorCode:    r.Text("errorCode"),
	}, !r.head.odd
}

// CanMatch reports whether the condition can be true of a record with this head. Where it cannot, no evaluation of it is
// needed, and none says of an error in what the rest of the record is asked.
func (p *Program) CanMatch(h *Head) bool {
	if p.prepare() != nil {
		return true
	}
	p.headOnce.Do(func() { p.ofHead = headTest(p.tree.Expr()) })
	return p.ofHead == nil || p.ofHead(h) != no
}

// verdict is what a head says of a condition. Their order is that of logic: the lesser of two is their "and".
type verdict int

const (
	no verdict = iota
	maybe
	yes
)

func verdictOf(truth bool) verdict {
	if truth {
		return yes
	}
	return no
}

// test is the verdict on a part of a condition; nil is one that is always maybe.
type test func(*Head) verdict

func (t test) of(h *Head) verdict {
	if t == nil {
		return maybe
	}
	return t(h)
}

// headTest is the test of a condition. What it does not know is maybe, so that false and true are certain: in CEL, false
// && x is false and true || x is true whatever x is, an error included.
func headTest(e ast.Expr) test {
	switch e.Kind() {
	case ast.SelectKind:
		s := e.AsSelect()
		if s.IsTestOnly() && s.FieldName() == "errorCode" && path(s.Operand()) == "record" {
			return func(h *Head) verdict { return verdictOf(h[ErrorCode] != "") }
		}
	case ast.CallKind:
		return callTest(e.AsCall())
	}
	return nil
}

func callTest(c ast.CallExpr) test {
	args := c.Args()
	switch name := c.FunctionName(); name {
	case operators.LogicalAnd, operators.LogicalOr:
		return joinedTest(headTest(args[0]), headTest(args[1]), name == operators.LogicalAnd)
	case operators.LogicalNot:
		if inner := headTest(args[0]); inner != nil {
			return func(h *Head) verdict { return yes - inner(h) }
		}
	case operators.Equals, operators.NotEquals:
		return equalTest(args[0], args[1], name == operators.Equals)
	case operators.In:
		return inTest(args[0], args[1])
	case "refused":
		return func(h *Head) verdict { return max(maybe, verdictOf(h[ErrorCode] != "")) }
	case "startsWith", "endsWith", "contains", "glob", "matches":
		operand, written := firstOperand(c), args[len(args)-1]
		if text, ok := literal(written); ok {
			return textTest(operand, textCheck(name, text))
		}
	}
	return nil
}

func joinedTest(a, b test, and bool) test {
	switch {
	case a == nil && b == nil:
		return nil
	case and:
		return func(h *Head) verdict { return min(a.of(h), b.of(h)) }
	}
	return func(h *Head) verdict { return max(a.of(h), b.of(h)) }
}

func equalTest(a, b ast.Expr, want bool) test {
	if _, ok := literal(a); ok {
		a, b = b, a
	}
	text, ok := literal(b)
	if !ok {
		return nil
	}
	equal := textTest(a, func(s string) bool { return s == text })
	if want || equal == nil {
		return equal
	}
	return func(h *Head) verdict { return yes - equal(h) }
}

func inTest(value, of ast.Expr) test {
	if of.Kind() != ast.ListKind {
		return nil
	}
	var texts []string
	for _, one := range of.AsList().Elements() {
		text, ok := literal(one)
		if !ok {
			return nil
		}
		texts = append(texts, text)
	}
	return textTest(value, func(s string) bool { return slices.Contains(texts, s) })
}

// textCheck is a function of the language whose second operand is written out; nil where that is wrong.
func textCheck(name, written string) func(string) bool {
	switch name {
	case "startsWith":
		return func(s string) bool { return strings.HasPrefix(s, written) }
	case "endsWith":
		return func(s string) bool { return strings.HasSuffix(s, written) }
	case "contains":
		return func(s string) bool { return strings.Contains(s, written) }
	case "glob":
		return func(s string) bool { return glob(s, written) }
	}
	if re, err := regexp.Compile(written); err == nil {
		return re.MatchString
	}
	return nil
}

// textTest is a check of one of the head's fields, or of one in lower case.
func textTest(of ast.Expr, check func(string) bool) test {
	lower := of.Kind() == ast.CallKind && of.AsCall().FunctionName() == "lower"
	if lower {
		of = firstOperand(of.AsCall())
	}
	field := slices.Index(fieldPaths[:], path(of))
	if field < 0 || check == nil {
		return nil
	}
	return func(h *Head) verdict {
		text := h[field]
		if text == "" {
			return whenEmpty(Field(field))
		}
		if lower {
			text = strings.ToLower(text)
		}
		return verdictOf(check(text))
	}
}

// whenEmpty is the verdict on a comparison with a field that is empty: no text is equal to an errorCode that is missing.
func whenEmpty(f Field) verdict {
	if f == ErrorCode {
		return no
	}
	return maybe
}

var fieldPaths = [Fields]string{
	EventName:    "record.eventName",
	EventSource:  "record.eventSource",
	IdentityType: "record.userIdentity.type",
	ErrorCode:    "record.errorCode",
}
