package dynamodb

import (
	"maps"
	"slices"
	"strings"

	"trailkeeper/lambda/internal/localcloud/kernel"
)

// mostPage is how much a Query or a Scan reads at once, in bytes.
const mostPage = 1 << 20

// query reads one partition in the order of its sort keys. Of key conditions it knows "name = :value" for the partition
// key.
func (t *table) query(cl *kernel.Call, v *values) (any, *kernel.Error) {
	begin, failed := t.partition(cl, v)
	if failed != nil {
		return nil, failed
	}
	return t.page(cl, begin)
}

// page answers as many of the items whose places begin so as one answer holds, behind the key at which the last one
// ended.
func (t *table) page(cl *kernel.Call, begin string) (any, *kernel.Error) {
	after := ""
	if cl.Params["ExclusiveStartKey"] != nil {
		start, failed := itemIn(cl, "ExclusiveStartKey")
		if failed == nil {
			after, failed = t.keyOf(start)
		}
		switch {
		case failed != nil:
			return nil, invalid("The provided starting key is invalid: %s", failed.Message)
		case !strings.HasPrefix(after, begin):
			return nil, invalid("The provided starting key is outside query boundaries based on provided conditions")
		}
	}
	items, read, more := []any{}, 0, false
	var last Item
	for _, at := range slices.Sorted(maps.Keys(t.items)) {
		if !strings.HasPrefix(at, begin) || at <= after {
			continue
		}
		if more = read >= mostPage; more {
			break
		}
		last = t.items[at]
		items, read = append(items, last), read+last.size()
	}
	answer := map[string]any{"Items": items, "Count": len(items), "ScannedCount": len(items)}
	if more {
		key := map[string]any{}
		for _, name := range t.keys {
			key[name] = last[name]
		}
		answer["LastEvaluatedKey"] = key
	}
	return answer, nil
}

// partition reads the key condition, which must name the partition key, and returns how the places of the partition
// begin.
func (t *table) partition(cl *kernel.Call, v *values) (string, *kernel.Error) {
	const member = "KeyConditionExpression"
	m := comparison().FindStringSubmatch(cl.Text(member))
	if m == nil {
		return "", invalid("Invalid %s: %q is not part of the local run", member, cl.Text(member))
	}
	want, failed := v.text(member, m[1], m[2])
	if failed == nil {
		failed = v.unused()
	}
	if failed != nil {
		return "", failed
	}
	if m[1] != t.keys[0] {
		return "", invalid("Query condition missed key schema element: %s", t.keys[0])
	}
	return place(want), nil
}
