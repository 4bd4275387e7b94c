package localcloud

import (
	"errors"
	"fmt"
	"strconv"
)

// Items returns copies of all items of all tables of the template, in the order of their keys.
func (c *Cloud) Items() []Item {
	c.mu.Lock()
	defer c.mu.Unlock()
	var all []Item
	for _, t := range c.stack.tables {
		for _, i := range t.sorted(func(Item) bool { return true }) {
			all = append(all, i.clone())
		}
	}
	return all
}

// PutItemAs writes an item into the template's table as the principal would with PutItem: its permissions and the table's own policy apply. The
// error is AWS's refusal.
func (c *Cloud) PutItemAs(who Principal, i Item) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	t, err := c.onlyTable()
	if err != nil {
		return err
	}
	params := map[string]any{"TableName": t.arn, "Item": map[string]any(i)}
	cl := &call{service: "dynamodb", op: "PutItem", region: c.opts.Region, who: who, params: params}
	if _, failed := c.dynamoDB(cl); failed != nil {
		return fmt.Errorf("%s: %s", failed.Code, failed.Message)
	}
	c.note(Entry{Kind: KindNote, Who: who.name(), Text: "writes an item into the table " + shortID(t.id)})
	return nil
}

// SetItem writes an item into the template's table, whatever any policy says: the emergency access that no policy takes away, or a table that
// was restored from a backup.
func (c *Cloud) SetItem(i Item) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	t, err := c.onlyTable()
	if err != nil {
		return err
	}
	at, failed := t.keyOf(i)
	if failed != nil {
		return errors.New(failed.Message)
	}
	t.items[at] = i.clone()
	return nil
}

// ExpireItems deletes the items whose time to live is over, which AWS does within a few days, and returns how many there were.
func (c *Cloud) ExpireItems() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	n := 0
	for _, t := range c.stack.tables {
		for at, i := range t.items {
			_, content := kindOf(i[t.ttl])
			text, _ := content.(string)
			if expires, err := strconv.ParseFloat(text, 64); err == nil && t.ttl != "" && expires <= float64(c.time.Now().Unix()) {
				delete(t.items, at)
				n++
			}
		}
	}
	return n
}

func (c *Cloud) onlyTable() (*table, error) {
	for _, t := range c.stack.tables {
		if len(c.stack.tables) == 1 {
			return t, nil
		}
	}
	return nil, fmt.Errorf("the template has %d tables; want one", len(c.stack.tables))
}
