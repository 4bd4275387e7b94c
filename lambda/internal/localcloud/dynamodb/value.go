package dynamodb

import (
	"encoding/json"
	"fmt"
	"maps"
	"math/big"
	"regexp"
	"slices"
	"strings"
	"sync"

	"trailkeeper/lambda/internal/localcloud/kernel"
)

// Item is an item of a table: the names of attributes to values as the API writes them, such as {"pk": {"S": "trail"}}.
type Item map[string]any

func (i Item) clone() Item {
	return Item(cloneValue(map[string]any(i)).(map[string]any)) //nolint:errcheck,forcetypeassert // the type stays
}

func cloneValue(v any) any {
	switch v := v.(type) {
	case map[string]any:
		out := make(map[string]any, len(v))
		for name, value := range v {
			out[name] = cloneValue(value)
		}
		return out
	case []any:
		out := make([]any, len(v))
		for i := range v {
			out[i] = cloneValue(v[i])
		}
		return out
	default:
		return v
	}
}

// invalid is DynamoDB's word for every request that it does not understand.
func invalid(format string, args ...any) *kernel.Error {
	return kernel.Refuse("ValidationException", format, args...)
}

// kindOf splits a value into its type and content: ("S", "text").
func kindOf(v any) (string, any) {
	m, _ := v.(map[string]any)
	if len(m) != 1 {
		return "", nil
	}
	for kind, content := range m {
		return kind, content
	}
	return "", nil
}

var decimal = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]{1,3})?$`)
})

// mostDigits is DynamoDB's precision.
const mostDigits = 38

// number reads a number exactly.
func number(v any) (*big.Rat, bool) {
	kind, content := kindOf(v)
	s, _ := content.(string)
	if kind != "N" || !decimal().MatchString(s) {
		return nil, false
	}
	n, ok := new(big.Rat).SetString(s)
	return n, ok
}

// checkDigits refuses a number that is more exact than DynamoDB keeps it.
func checkDigits(n *big.Rat) *kernel.Error {
	s := strings.ReplaceAll(strings.TrimPrefix(n.FloatString(2*mostDigits), "-"), ".", "")
	if len(strings.Trim(s, "0")) > mostDigits {
		return invalid("Attempting to store more than 38 significant digits in a Number")
	}
	return nil
}

// checkValue refuses a value that is none, or of a type that the local run does not know.
func checkValue(v any) *kernel.Error {
	kind, content := kindOf(v)
	ok := false
	switch kind {
	case "S":
		_, ok = content.(string)
	case "N":
		n, isNumber := number(v)
		if !isNumber {
			return invalid("The parameter cannot be converted to a numeric value: %v", content)
		}
		return checkDigits(n)
	case "BOOL", "NULL":
		_, ok = content.(bool)
	case "M":
		m, isMap := content.(map[string]any)
		return checkAll(isMap, slices.Collect(maps.Values(m)))
	case "L":
		list, isList := content.([]any)
		return checkAll(isList, list)
	case "B", "SS", "NS", "BS":
		return invalid("the attribute type %s is not part of the local run", kind)
	}
	if !ok {
		return invalid("Supplied AttributeValue is empty, must contain exactly one of the supported datatypes")
	}
	return nil
}

func checkAll(ok bool, values []any) *kernel.Error {
	if !ok {
		return invalid("Supplied AttributeValue is empty, must contain exactly one of the supported datatypes")
	}
	for _, v := range values {
		if failed := checkValue(v); failed != nil {
			return failed
		}
	}
	return nil
}

// equal compares two values of any type.
func equal(a, b any) bool {
	if x, ok := number(a); ok {
		y, ok := number(b)
		return ok && x.Cmp(y) == 0
	}
	kindA, contentA := kindOf(a)
	kindB, contentB := kindOf(b)
	if kindA != kindB {
		return false
	}
	switch x := contentA.(type) {
	case map[string]any:
		y, _ := contentB.(map[string]any)
		return maps.EqualFunc(x, y, equal)
	case []any:
		y, _ := contentB.([]any)
		return slices.EqualFunc(x, y, equal)
	default:
		return contentA == contentB
	}
}

// order compares two texts by their bytes or two numbers; false: they have no order.
func order(a, b any) (int, bool) {
	if x, ok := number(a); ok {
		y, ok := number(b)
		if !ok {
			return 0, false
		}
		return x.Cmp(y), true
	}
	kindA, contentA := kindOf(a)
	kindB, contentB := kindOf(b)
	x, _ := contentA.(string)
	y, _ := contentB.(string)
	return strings.Compare(x, y), kindA == "S" && kindB == "S"
}

// mostItem is DynamoDB's limit on an item, names included, in bytes.
const mostItem = 400 << 10

func (i Item) size() int {
	raw, err := json.Marshal(i)
	if err != nil {
		return mostItem + 1
	}
	return len(raw) // a little more than DynamoDB counts
}

// Limits of keys in bytes.
var mostKey = []int{2048, 1024}

// keyOf is the place of an item in the table's map.
func (t *table) keyOf(item Item) (string, *kernel.Error) {
	var parts []string
	for i, k := range t.keys {
		kind, content := kindOf(item[k.name])
		s, _ := content.(string)
		switch {
		case item[k.name] == nil:
			return "", invalid("One of the required keys was not given a value: Missing the key %s in the item", k.name)
		case kind != k.kind:
			return "", invalid("One or more parameter values were invalid: Type mismatch for key %s expected: %s actual: %s",
				k.name, k.kind, kind)
		case s == "":
			return "", invalid("The AttributeValue for a key attribute cannot contain an empty string value. Key: %s", k.name)
		case len(s) > mostKey[i]:
			return "", invalid("Size of the key %s has exceeded the maximum size limit of %d bytes", k.name, mostKey[i])
		}
		if n, ok := number(item[k.name]); ok {
			s = n.RatString()
		}
		parts = append(parts, fmt.Sprintf("%q", s))
	}
	return strings.Join(parts, ","), nil
}
