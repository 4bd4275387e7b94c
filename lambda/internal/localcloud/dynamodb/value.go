package dynamodb

import (
	"encoding/json"
	"maps"
	"regexp"
	"slices"
	"strings"
	"sync"

	"trailkeeper/lambda/internal/localcloud/kernel"
)

// Item is an item of a table: the names of attributes to values as the API writes them, such as {"pk": {"S": "trail"}}.
type Item map[string]any

func (i Item) clone() Item {
	c := make(Item, len(i))
	for name, v := range i {
		if m, ok := v.(map[string]any); ok {
			v = maps.Clone(m)
		}
		c[name] = v
	}
	return c
}

// invalid is DynamoDB's word for every request that it does not understand.
func invalid(format string, args ...any) *kernel.Error {
	return kernel.Refuse("ValidationException", format, args...)
}

// kindOf splits a text or a number into its type and content, and gives the type of any other value: ("S", "text").
func kindOf(v any) (kind, content string) {
	m, _ := v.(map[string]any)
	if len(m) != 1 {
		return "", ""
	}
	for kind, value := range m {
		content, _ = value.(string)
		return kind, content
	}
	return "", ""
}

// wholeNumber is one that DynamoDB keeps exactly: of at most 38 digits.
var wholeNumber = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^-?[0-9]{1,38}$`) })

// checkValue refuses a value that is none, or of a type that the local run does not know.
func checkValue(v any) *kernel.Error {
	m, _ := v.(map[string]any)
	kind, content := kindOf(v)
	_, isText := m[kind].(string)
	switch {
	case kind == "S" && isText, kind == "N" && wholeNumber().MatchString(content):
		return nil
	case kind == "N":
		return invalid("The parameter cannot be converted to a numeric value, or is no whole number of at most 38 digits, "+
			"which alone are part of the local run: %s", content)
	case slices.Contains([]string{"B", "SS", "NS", "BS", "BOOL", "NULL", "M", "L"}, kind):
		return invalid("the attribute type %s is not part of the local run", kind)
	}
	return invalid("Supplied AttributeValue is empty, must contain exactly one of the supported datatypes")
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

// itemIn reads a member of a request that holds an item.
func itemIn(cl *kernel.Call, member string) (Item, *kernel.Error) {
	m, ok := cl.Params[member].(map[string]any)
	if !ok {
		return nil, invalid("The parameter %s is missing", member)
	}
	for _, name := range slices.Sorted(maps.Keys(m)) {
		if failed := checkValue(m[name]); failed != nil {
			return nil, failed
		}
	}
	return Item(m), nil
}

// Limits of keys in bytes.
var mostKey = []int{2048, 1024}

// keyOf is the place of an item in the table's map, which has the order of the keys.
func (t *table) keyOf(item Item) (string, *kernel.Error) {
	at := ""
	for i, name := range t.keys {
		kind, content := kindOf(item[name])
		switch {
		case item[name] == nil:
			return "", invalid("One of the required keys was not given a value: Missing the key %s in the item", name)
		case kind != "S":
			return "", invalid("One or more parameter values were invalid: Type mismatch for key %s expected: S actual: %s",
				name, kind)
		case content == "":
			return "", invalid("The AttributeValue for a key attribute cannot contain an empty string value. Key: %s", name)
		case len(content) > mostKey[i]:
			return "", invalid("Size of the key %s has exceeded the maximum size limit of %d bytes", name, mostKey[i])
		}
		at += place(content)
	}
	return at, nil
}

// place ends a key with what none contains, so that the places have the order of the keys.
func place(key string) string { return strings.ReplaceAll(key, "\x00", "\x00\xff") + "\x00\x01" }
