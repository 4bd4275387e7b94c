package watch

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"testing"
)

// table is one of DynamoDB whose items are in a file, so that the memory of a test does not grow with them.
type table struct {
	file *os.File
	end  int64
	at   map[[sha256.Size]byte]stored // by the sum of the key
}

// stored is where an item is.
type stored struct {
	offset int64
	length int32
}

func newTable(tb testing.TB) table {
	tb.Helper()
	file, err := os.CreateTemp(tb.TempDir(), "table")
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = file.Close() })
	return table{file: file, at: map[[sha256.Size]byte]stored{}}
}

// key is the key of an item, and what tells one write of it from another.
type key struct {
	PK       struct{ S string }
	SK       struct{ S string }
	Revision struct{ S json.RawMessage }
}

func (k key) sum() [sha256.Size]byte { return sha256.Sum256([]byte(k.PK.S + "/" + k.SK.S)) }

// serve is GetItem and PutItem. A write wants that there is no item, or that it names the revision of the one that there
// is, as state.Store's conditions do.
func (t *table) serve(w http.ResponseWriter, body []byte) {
	var in struct {
		Key                             key
		Item, ExpressionAttributeValues json.RawMessage
	}
	if err := json.Unmarshal(body, &in); err != nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	if in.Item == nil {
		_, _ = fmt.Fprintf(w, `{"Item":%s}`, t.item(in.Key.sum()))
		return
	}
	var of, old key
	_ = json.Unmarshal(in.Item, &of)
	item := t.item(of.sum())
	_ = json.Unmarshal(item, &old)
	if old.Revision.S != nil && !bytes.Contains(in.ExpressionAttributeValues, old.Revision.S) {
		w.WriteHeader(http.StatusBadRequest)
		_, _ = fmt.Fprintf(w, `{"__type":"#ConditionalCheckFailedException","Item":%s}`, item)
		return
	}
	_, _ = t.file.WriteAt(in.Item, t.end)
	t.at[of.sum()] = stored{t.end, int32(len(in.Item))}
	t.end += int64(len(in.Item))
	_, _ = w.Write([]byte("{}"))
}

// item is null where there is none.
func (t *table) item(key [sha256.Size]byte) []byte {
	found, there := t.at[key]
	if !there {
		return []byte("null")
	}
	text := make([]byte, found.length)
	_, _ = t.file.ReadAt(text, found.offset)
	return text
}
