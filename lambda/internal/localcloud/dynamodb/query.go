package dynamodb

import (
	"maps"
	"slices"

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
	return t.page(cl, t.sorted(func(i Item) bool { return equal(i[t.keys[0].name], partition) }))
}

// page answers as much of what was found as one answer holds, behind the key at which the last one ended.
func (t *table) page(cl *kernel.Call, found []Item) (any, *kernel.Error) {
	if start, given := cl.Params["ExclusiveStartKey"].(map[string]any); given {
		at, failed := t.keyOf(Item(start))
		if failed != nil {
			return nil, invalid("The provided starting key is invalid: %s", failed.Message)
		}
		after := slices.IndexFunc(found, func(i Item) bool { k, _ := t.keyOf(i); return k == at })
		found = found[after+1:]
	}
	items, read := []any{}, 0
	for _, i := range found {
		if read >= mostPage {
			break
		}
		items, read = append(items, i), read+i.size()
	}
	answer := map[string]any{"Items": items, "Count": len(items), "ScannedCount": len(items)}
	if n := len(items); n > 0 && n < len(found) {
		last := map[string]any{}
		for _, k := range t.keys {
			last[k.name] = found[n-1][k.name]
		}
		answer["LastEvaluatedKey"] = last
	}
	return answer, nil
}

// partition reads the key condition, which must name the partition key.
func (t *table) partition(cl *kernel.Call, p *placeholders) (any, *kernel.Error) {
	e := p.read("KeyConditionExpression", cl.Text("KeyConditionExpression"))
	name := e.name()
	e.want("=")
	v := e.value()
	if failed := e.end(); failed != nil {
		return nil, failed
	}
	if failed := p.unused(); failed != nil {
		return nil, failed
	}
	key := t.keys[0]
	if name != key.name {
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
