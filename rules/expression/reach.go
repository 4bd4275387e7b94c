package expression

import (
	"encoding/json"
	"strings"

	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	"cel.dev/cel-go/common/types/traits"
)

// asText is text: a value as it is written in JSON, and a text as it is.
func asText(v ref.Val) ref.Val {
	var plain any
	switch v := v.(type) {
	case types.String, absent:
		return v
	case types.Null:
		return absent{}
	case *object:
		plain = v.fields
	default:
		plain = v.Value()
	}
	var b strings.Builder
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(plain); err != nil {
		return types.NewErr("%s has no text", named(v))
	}
	return types.String(strings.TrimSuffix(b.String(), "\n"))
}

// valuesAt is values: what is at a path, written with dots. Where a step leads to a list, it goes on with each of the
// elements.
func valuesAt(of, path ref.Val) ref.Val {
	written, ok := path.(types.String)
	if !ok {
		return types.NewErr("a path is wanted, such as \"requestParameters.items.id\", and this is %s", named(path))
	}
	level := elements(nil, of)
	for step := range strings.SplitSeq(string(written), ".") {
		var next []ref.Val
		for _, one := range level {
			if _, isList := one.(traits.Lister); !isList {
				next = elements(next, field(one, types.String(step)))
			}
		}
		level = next
	}
	return types.NewRefValList(adapter{}, level)
}

// elements adds a value, or of a list its elements, and of lists in it theirs.
func elements(found []ref.Val, v ref.Val) []ref.Val {
	if isAbsent(v) {
		return found
	}
	list, isList := v.(traits.Lister)
	if !isList {
		return append(found, v)
	}
	for i := types.Int(0); i < list.Size().(types.Int); i++ {
		found = elements(found, list.Get(i))
	}
	return found
}
