package dynamodb

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"trailkeeper/lambda/internal/localcloud/kernel"
)

// mostPage is how much a Query reads at once, in bytes.
const mostPage = 1 << 20

// query reads one partition in the order of its sort keys. Of key conditions it knows "name = :value" for the partition
// key.
func (t *table) query(cl *kernel.Call, p *placeholders) (any, *kernel.Error) {
	partition, failed := t.partition(cl, p)
	if failed != nil {
		return nil, failed
	}
	found := t.sorted(func(i Item) bool { return equal(i[t.keys[0].name], partition) })
	if forward, given := cl.Params["ScanIndexForward"].(bool); given && !forward {
		slices.Reverse(found)
	}
	if start, given := cl.Params["ExclusiveStartKey"].(map[string]any); given {
		at, failed := t.keyOf(Item(start))
		if failed != nil {
			return nil, invalid("The provided starting key is invalid: %s", failed.Message)
		}
		after := slices.IndexFunc(found, func(i Item) bool { k, _ := t.keyOf(i); return k == at })
		found = found[after+1:]
	}
	most, failed := limit(cl, len(found))
	if failed != nil {
		return nil, failed
	}
	items, read := []any{}, 0
	for _, i := range found {
		if len(items) == most || read >= mostPage {
			break
		}
		items, read = append(items, i), read+i.size()
	}
	answer := map[string]any{"Items": items, "Count": len(items), "ScannedCount": len(items)}
	if n := len(items); n > 0 && (n < len(found) || n == most && cl.Params["Limit"] != nil) {
		last := map[string]any{}
		for _, k := range t.keys {
			last[k.name] = found[n-1][k.name]
		}
		answer["LastEvaluatedKey"] = last
	}
	return answer, nil
}

// limit is how many items are wanted, of all.
func limit(cl *kernel.Call, all int) (int, *kernel.Error) {
	n, given := cl.Params["Limit"].(json.Number)
	if !given {
		return all, nil
	}
	wanted, err := n.Int64()
	if err != nil || wanted < 1 {
		return 0, invalid("Value '%s' at 'limit' failed to satisfy constraint: "+
			"Member must have value greater than or equal to 1", n)
	}
	return int(min(wanted, int64(all))), nil
}

// partition reads the key condition, which must name the partition key.
func (t *table) partition(cl *kernel.Call, p *placeholders) (any, *kernel.Error) {
	e := p.read("KeyConditionExpression", cl.Text("KeyConditionExpression"))
	name := e.path()
	e.want("=")
	if e.failed == nil && !strings.HasPrefix(e.peek(), ":") {
		e.syntax()
	}
	var v any
	if e.failed == nil {
		v = e.value()
	}
	if failed := e.end(); failed != nil {
		return nil, failed
	}
	if failed := p.unused(); failed != nil {
		return nil, failed
	}
	key := t.keys[0]
	if len(name) != 1 || name[0] != key.name {
		return nil, invalid("Query condition missed key schema element: %s", key.name)
	}
	if kind, _ := kindOf(v); kind != key.kind {
		return nil, invalid("One or more parameter values were invalid: Condition parameter type does not match schema type")
	}
	return v, nil
}

// sorted returns the items that are wanted, in the order of their keys.
func (t *table) sorted(wanted func(Item) bool) []Item {
	var found []Item
	for _, at := range slices.Sorted(maps.Keys(t.items)) {
		if wanted(t.items[at]) {
			found = append(found, t.items[at])
		}
	}
	slices.SortStableFunc(found, func(a, b Item) int {
		for _, k := range t.keys {
			if n, _ := order(a[k.name], b[k.name]); n != 0 {
				return n
			}
		}
		return 0
	})
	return found
}
