package expression

import (
	"strings"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	"cel.dev/cel-go/common/types/traits"
)

// tolerantOperators are the tolerant operators of the planned expression.
func (l *Language) tolerantOperators() []cel.EnvOption {
	none := cel.Function("@absent", cel.Overload("@absent", nil, cel.DynType,
		cel.FunctionBinding(func(...ref.Val) ref.Val { return absent{} })))
	options := []cel.EnvOption{none}
	for name, f := range map[string]func(ref.Val) ref.Val{
		"@items":      items,
		"@lower":      lower,
		"@truth":      truth,
		"@isAbsent":   func(v ref.Val) ref.Val { return types.Bool(isAbsent(v)) },
		"@isReadOnly": isReadOnly,
		"@refused":    refused,
		"@list":       l.list,
		"@text":       asText,
	} {
		options = append(options, cel.Function(name, cel.Overload(name, []*cel.Type{cel.DynType}, cel.DynType,
			cel.UnaryBinding(f))))
	}
	for name, f := range map[string]func(_, _ ref.Val) ref.Val{
		"@at":           field,
		"@values":       valuesAt,
		"@has":          func(of, key ref.Val) ref.Val { return types.Bool(!isAbsent(field(of, key))) },
		"@equal":        equal,
		"@unequal":      func(a, b ref.Val) ref.Val { return not(equal(a, b)) },
		"@less":         ordered(func(c types.Int) bool { return c < 0 }),
		"@lessEqual":    ordered(func(c types.Int) bool { return c <= 0 }),
		"@greater":      ordered(func(c types.Int) bool { return c > 0 }),
		"@greaterEqual": ordered(func(c types.Int) bool { return c >= 0 }),
		"@member":       member,
		"@startsWith":   texts(strings.HasPrefix),
		"@endsWith":     texts(strings.HasSuffix),
		"@contains":     texts(strings.Contains),
		"@glob":         texts(glob),
		"@matches":      matches,
		"@cidr":         inNetwork,
	} {
		options = append(options, cel.Function(name, cel.Overload(name, []*cel.Type{cel.DynType, cel.DynType},
			cel.DynType, cel.BinaryBinding(f))))
	}
	return options
}

func isAbsent(v ref.Val) bool {
	_, missing := v.(absent)
	return missing || v == types.NullValue
}

func truth(v ref.Val) ref.Val {
	switch v.(type) {
	case types.Bool:
		return v
	case absent:
		return types.False
	}
	return types.NewErr("true or false is wanted, and this is %s", named(v))
}

func not(v ref.Val) ref.Val {
	if b, ok := v.(types.Bool); ok {
		return !b
	}
	return v
}

// equal is ==. What is absent equals null as an expression writes it, and nothing else.
func equal(a, b ref.Val) ref.Val {
	_, noA := a.(absent)
	_, noB := b.(absent)
	switch {
	case noA:
		return types.Bool(b == types.NullValue)
	case noB:
		return types.Bool(a == types.NullValue)
	case a == types.NullValue || b == types.NullValue:
		return types.Bool(a == b)
	}
	if kind := named(a); kind != named(b) {
		return types.NewErr("%s is compared with %s", kind, named(b))
	}
	return types.Equal(a, b)
}

func ordered(want func(types.Int) bool) func(_, _ ref.Val) ref.Val {
	return func(a, b ref.Val) ref.Val {
		if isAbsent(a) || isAbsent(b) {
			return types.False
		}
		c, ok := a.(traits.Comparer)
		if !ok || named(a) != named(b) {
			return types.NewErr("%s is compared with %s", named(a), named(b))
		}
		order, ok := c.Compare(b).(types.Int)
		if !ok {
			return types.NewErr("%s is compared with %s", named(a), named(b))
		}
		return types.Bool(want(order))
	}
}

// member is in: an element of a list, a key of an object, or a value that a named list has.
func member(value, of ref.Val) ref.Val {
	if isAbsent(value) || isAbsent(of) {
		return types.False
	}
	switch v := of.(type) {
	case *list:
		text, ok := value.(types.String)
		if !ok {
			return types.NewErr("%s is looked for in list %q, which has texts", named(value), v.name)
		}
		return types.Bool(v.has(string(text)))
	case traits.Lister:
		return element(value, v)
	case traits.Mapper:
		if _, ok := value.(types.String); !ok {
			return types.NewErr("%s is looked for in an object, whose keys are texts", named(value))
		}
		return v.Contains(value)
	}
	return types.NewErr("in wants a list or an object, and this is %s", named(of))
}

func element(value ref.Val, of traits.Lister) ref.Val {
	clash := ""
	for i := types.Int(0); i < of.Size().(types.Int); i++ {
		one := of.Get(i)
		if isAbsent(one) {
			continue
		}
		if named(one) != named(value) {
			clash = named(one)
			continue
		}
		if types.Equal(value, one) == types.True {
			return types.True
		}
	}
	if clash != "" {
		return types.NewErr("%s is looked for in a list that has %s", named(value), clash)
	}
	return types.False
}

// texts is an operator of two texts.
func texts(f func(_, _ string) bool) func(_, _ ref.Val) ref.Val {
	return func(a, b ref.Val) ref.Val {
		first, second, other := bothTexts(a, b)
		if other != nil {
			return other
		}
		return types.Bool(f(first, second))
	}
}

// bothTexts are two texts; otherwise other is the result: false where one is absent, and else an error.
func bothTexts(a, b ref.Val) (first, second string, other ref.Val) {
	if isAbsent(a) || isAbsent(b) {
		return "", "", types.False
	}
	for _, v := range []ref.Val{a, b} {
		if _, ok := v.(types.String); !ok {
			return "", "", types.NewErr("a text is wanted, and this is %s", named(v))
		}
	}
	return string(a.(types.String)), string(b.(types.String)), nil
}
