package expression

import (
	"encoding/json"
	"net/netip"
	"reflect"
	"strconv"
	"strings"
	"sync"

	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	"cel.dev/cel-go/common/types/traits"
)

// absent is a field that is missing or null, and every field of it.
type absent struct{}

func (absent) ConvertToNative(reflect.Type) (any, error) { return nil, nil }
func (absent) ConvertToType(t ref.Type) ref.Val          { return types.NullValue.ConvertToType(t) }
func (absent) Equal(other ref.Val) ref.Val               { return types.Bool(other == types.NullValue) }
func (absent) Type() ref.Type                            { return types.NullType }
func (absent) Value() any                                { return nil }

// object is an object of the record.
type object struct {
	traits.Mapper
	fields map[string]any
}

// adapter makes values of the language from what encoding/json decodes.
type adapter struct{}

func (a adapter) NativeToValue(value any) ref.Val {
	switch v := value.(type) {
	case nil:
		return absent{}
	case ref.Val:
		return v
	case string:
		return types.String(v)
	case json.Number:
		return number(v)
	case map[string]any:
		return &object{types.NewStringInterfaceMap(a, v), v}
	case []any:
		return types.NewDynamicList(a, v)
	}
	return types.DefaultTypeAdapter.NativeToValue(value)
}

func number(n json.Number) ref.Val {
	if whole, err := strconv.ParseInt(string(n), 10, 64); err == nil {
		return types.Int(whole)
	}
	if whole, err := strconv.ParseUint(string(n), 10, 64); err == nil {
		return types.Uint(whole)
	}
	f, _ := strconv.ParseFloat(string(n), 64) // beyond the range it is infinite, which compares as it should
	return types.Double(f)
}

// field is one step into a value: a member of an object or an element of a list. What is not there is absent.
func field(of, key ref.Val) ref.Val {
	switch v := of.(type) {
	case *object:
		name, ok := key.(types.String)
		if !ok {
			return absent{}
		}
		return adapter{}.NativeToValue(v.fields[string(name)])
	case traits.Lister:
		i, ok := key.(types.Int)
		if !ok || i < 0 || i >= v.Size().(types.Int) {
			return absent{}
		}
		return v.Get(i)
	case traits.Mapper:
		if found, ok := v.Find(key); ok {
			return found
		}
	}
	return absent{}
}

// items is what exists, all, filter and map go through.
func items(of ref.Val) ref.Val {
	switch of.(type) {
	case traits.Lister, traits.Mapper:
		return of
	case absent:
		return types.NewDynamicList(adapter{}, []any{})
	}
	return types.NewErr("a list is wanted, and this is %s", named(of))
}

// named is the kind of a value in words.
func named(v ref.Val) string {
	switch v.(type) {
	case types.String:
		return "a text"
	case types.Int, types.Uint, types.Double:
		return "a number"
	case types.Bool:
		return "true or false"
	case traits.Lister:
		return "a list"
	case traits.Mapper:
		return "an object"
	case absent, types.Null:
		return "null"
	}
	return "a " + v.Type().TypeName()
}

// list is a named list. A value is in it that it names, that lies in a network which it names, or that is as a pattern
// with "*" says.
type list struct {
	traits.Lister
	name     string
	read     func() // reads the values into what follows, once
	values   map[string]bool
	networks []netip.Prefix
	globs    []string
}

func newList(name string, values []string) *list {
	l := &list{Lister: types.NewStringList(adapter{}, values), name: name, values: map[string]bool{}}
	l.read = sync.OnceFunc(func() {
		for _, v := range values {
			l.values[v] = true
			if prefix, err := network(v); err == nil {
				l.networks = append(l.networks, prefix)
			} else if strings.Contains(v, "*") {
				l.globs = append(l.globs, v)
			}
		}
	})
	return l
}

func (l *list) has(text string) bool {
	if l.read(); l.values[text] {
		return true
	}
	if address, err := netip.ParseAddr(text); err == nil && len(l.networks) > 0 {
		for _, n := range l.networks {
			if n.Contains(address.Unmap()) {
				return true
			}
		}
	}
	for _, g := range l.globs {
		if glob(text, g) {
			return true
		}
	}
	return false
}

var _ ref.Val = (*list)(nil)
