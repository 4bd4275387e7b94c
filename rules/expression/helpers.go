package expression

import (
	"fmt"
	"net/netip"
	"regexp"
	"slices"
	"strings"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
)

// helpers declares what CEL does not have. The texts are checked by their types; the planned expression calls the
// tolerant ones.
func helpers() []cel.EnvOption {
	text, truth := cel.StringType, cel.BoolType
	both := func(name string, result *cel.Type, args ...*cel.Type) cel.EnvOption {
		return cel.Function(name, cel.Overload(name+"_of", args, result), cel.MemberOverload("text_"+name, args, result))
	}
	return []cel.EnvOption{
		both("glob", truth, text, text),
		both("cidr", truth, text, text),
		both("lower", text, text),
		cel.Function("isReadOnly", cel.Overload("record_is_read_only", []*cel.Type{cel.DynType}, truth)),
		cel.Function("text", cel.Overload("value_as_text", []*cel.Type{cel.DynType}, text)),
		cel.Function("values", cel.Overload("values_at_path", []*cel.Type{cel.DynType, text}, cel.ListType(cel.DynType))),
		cel.Function("refused", cel.Overload("record_refused", []*cel.Type{cel.DynType}, truth)),
		cel.Function("list", cel.Overload("named_list", []*cel.Type{text}, cel.ListType(text))),
	}
}

// list is the list of a name.
func (l *Language) list(name ref.Val) ref.Val {
	if text, ok := name.(types.String); ok && l.lists[string(text)] != nil {
		return l.lists[string(text)]
	}
	return types.NewErr("there is no list %v", name.Value())
}

// checkConstants checks the texts that are written into an expression: names of lists, regular expressions, networks.
func (l *Language) checkConstants(tree *ast.AST, at, missing func(id int64, text string)) {
	ast.PreOrderVisit(tree.Expr(), ast.NewExprVisitor(func(e ast.Expr) {
		if e.Kind() != ast.CallKind {
			return
		}
		args := e.AsCall().Args()
		if len(args) == 0 {
			return
		}
		last := args[len(args)-1]
		text, constant := literal(last)
		switch name := e.AsCall().FunctionName(); {
		case name == "list" && !constant:
			at(last.ID(), `the name of a list must be written out, as in list("vpn")`)
		case name == "list" && l.lists[text] == nil:
			missing(last.ID(), text)
		case name == "matches" && constant:
			if _, err := regexp.Compile(text); err != nil {
				at(last.ID(), err.Error())
			}
		case name == "cidr" && constant:
			if _, err := network(text); err != nil {
				at(last.ID(), err.Error())
			}
		}
	}))
}

func literal(e ast.Expr) (string, bool) {
	if e.Kind() != ast.LiteralKind {
		return "", false
	}
	s, ok := e.AsLiteral().(types.String)
	return string(s), ok
}

// glob reports whether a text is as a pattern says: "*" is any text, also none, and "?" one character.
func glob(text, pattern string) bool {
	t, p, star, mark := 0, 0, -1, 0
	for t < len(text) {
		switch {
		case p < len(pattern) && pattern[p] == '*':
			star, mark = p, t
			p++
		case p < len(pattern) && (pattern[p] == '?' || pattern[p] == text[t]):
			t += width(text[t:], pattern[p])
			p++
		case star >= 0:
			mark++
			t, p = mark, star+1
		default:
			return false
		}
	}
	return strings.Trim(pattern[p:], "*") == ""
}

// width is how many bytes of the text one byte of the pattern stands for.
func width(text string, by byte) int {
	if by != '?' {
		return 1
	}
	n := 1
	for n < len(text) && text[n]&0xC0 == 0x80 {
		n++
	}
	return n
}

func lower(v ref.Val) ref.Val {
	switch s := v.(type) {
	case types.String:
		return types.String(strings.ToLower(string(s)))
	case absent:
		return s
	}
	return types.NewErr("a text is wanted, and this is %s", named(v))
}

// pattern is a regular expression that a rule wrote, compiled once.
type pattern struct {
	types.String
	re *regexp.Regexp
}

func matches(a, b ref.Val) ref.Val {
	if p, ok := b.(pattern); ok {
		text, _, other := bothTexts(a, p.String)
		if other != nil {
			return other
		}
		return types.Bool(p.re.MatchString(text))
	}
	text, written, other := bothTexts(a, b)
	if other != nil {
		return other
	}
	re, err := regexp.Compile(written)
	if err != nil {
		return types.NewErr("%s", err.Error())
	}
	return types.Bool(re.MatchString(text))
}

func network(text string) (netip.Prefix, error) {
	if prefix, err := netip.ParsePrefix(text); err == nil {
		return prefix.Masked(), nil
	}
	if address, err := netip.ParseAddr(text); err == nil {
		return netip.PrefixFrom(address, address.BitLen()), nil
	}
	return netip.Prefix{}, fmt.Errorf("%q is neither a network, such as 10.0.0.0/8, nor an address", text)
}

// inNetwork is cidr. A source that is no address, such as the name of a service, is in no network.
func inNetwork(a, b ref.Val) ref.Val {
	text, of, other := bothTexts(a, b)
	if other != nil {
		return other
	}
	prefix, err := network(of)
	if err != nil {
		return types.NewErr("%s", err.Error())
	}
	address, err := netip.ParseAddr(text)
	return types.Bool(err == nil && prefix.Contains(address.Unmap()))
}

// readers are how the names of calls that only read begin, for records that do not say.
var readers = []string{"Get", "List", "Describe", "Head", "BatchGet"}

// isReadOnly goes by what CloudTrail says in readOnly; where that is missing, by the name of the call.
func isReadOnly(v ref.Val) ref.Val {
	r, ok := v.(*object)
	if !ok {
		return types.False
	}
	switch said := r.fields["readOnly"].(type) {
	case bool:
		return types.Bool(said)
	case string:
		return types.Bool(strings.EqualFold(said, "true"))
	}
	name, _ := r.fields["eventName"].(string)
	return types.Bool(slices.ContainsFunc(readers, func(begin string) bool { return strings.HasPrefix(name, begin) }))
}

// refused is a call that AWS did not carry out: one with an errorCode, or a sign-in that failed. A null or empty
// errorCode, which AWS does not write, is none, unlike in events.Record.Refused: null is the same as missing here.
func refused(v ref.Val) ref.Val {
	r, ok := v.(*object)
	if !ok {
		return types.False
	}
	if code, there := r.fields["errorCode"]; there && code != "" {
		return types.True
	}
	answer, _ := r.fields["responseElements"].(map[string]any)
	message, _ := r.fields["errorMessage"].(string)
	return types.Bool(r.fields["eventType"] == "AwsConsoleSignIn" && message != "" || answer["ConsoleLogin"] == "Failure")
}
