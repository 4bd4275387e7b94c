package dynamodb

import (
	"errors"
	"maps"
	"slices"
	"strconv"
	"strings"

	"trailkeeper/lambda/internal/localcloud/kernel"
)

// Items returns copies of all items of all tables of the template, in the order of their keys.
func (s *Tables) Items() []Item {
	s.mu.Lock()
	defer s.mu.Unlock()
	var all []Item
	for _, t := range s.tables {
		for _, at := range slices.Sorted(maps.Keys(t.items)) {
			all = append(all, t.items[at].clone())
		}
	}
	return all
}

// PutItemAs writes an item into the template's table, of several into the first by its logical ID, as the principal
// would with PutItem: its permissions and the table's own policy apply. The error is AWS's refusal.
func (s *Tables) PutItemAs(who kernel.Principal, i Item) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	t, err := s.firstTable()
	if err != nil {
		return err
	}
	cl := &kernel.Call{
		Service: "dynamodb",
		Op:      "PutItem",
		Region:  kernel.ARN(t.arn).Region,
		Who:     who,
		Params:  map[string]any{"TableName": t.arn, "Item": map[string]any(i)},
	}
	if _, failed := s.run(cl); failed != nil {
		return failed
	}
	s.kernel.Note(
		kernel.Entry{Kind: kernel.KindNote, Who: who.Name(), Text: "writes an item into the table " + s.kernel.NameOf(t.arn)},
	)
	return nil
}

// SetItem writes an item into the same table, whatever any policy says: the emergency access that no policy takes away,
// or a table that was restored from a backup.
func (s *Tables) SetItem(i Item) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	t, err := s.firstTable()
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

// ExpireItems deletes the items whose time to live is over, which AWS does within a few days, and returns how many
// there were.
func (s *Tables) ExpireItems() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := 0
	for _, t := range s.tables {
		for at, i := range t.items {
			_, content := kindOf(i[t.ttl])
			if expires, err := strconv.ParseInt(content, 10, 64); err == nil && expires <= s.kernel.Now().Unix() {
				delete(t.items, at)
				n++
			}
		}
	}
	return n
}

func (s *Tables) firstTable() (*table, error) {
	all := slices.SortedFunc(maps.Values(s.tables), func(a, b *table) int {
		return strings.Compare(s.kernel.NameOf(a.arn), s.kernel.NameOf(b.arn))
	})
	if len(all) == 0 {
		return nil, errors.New("there is no table")
	}
	return all[0], nil
}
