package watch

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/klauspost/compress/gzip"

	"trailkeeper/lambda/internal/logtest"
)

// archive is log files in a bucket, some of which are poisoned, and all that the watch calls besides.
type archive struct {
	*httptest.Server

	dir              string
	objects, records int // how many, and in each
	oneIn            int // of so many objects one is poisoned

	size, stored int64 // bytes of text, and packed

	mu      sync.Mutex
	rest    farEnd
	table   table
	calls   map[string]int
	fetched []uint8 // how often each object was asked for
}

// poisons are the ways in which an object cannot be read. The first of them has records before the break.
var poisons = []string{"truncated", "no log", "vanished", "forbidden", "key disabled", "bomb", "wrong sum", "no gzip"}

// poison is what is wrong with an object, empty: nothing.
func (a *archive) poison(object int) string {
	if object%a.oneIn != a.oneIn/2 {
		return ""
	}
	return poisons[object/a.oneIn%len(poisons)]
}

// readable is how many records of an object come before what is wrong with it.
func (a *archive) readable(object int) int {
	switch a.poison(object) {
	case "", "wrong sum": // a sum is known to be wrong when all was read
		return a.records
	case "truncated":
		return a.records / 2
	}
	return 0
}

func newArchive(tb testing.TB, objects, records, oneIn int) *archive {
	tb.Helper()
	a := &archive{
		dir:     tb.TempDir(),
		objects: objects,
		records: records,
		oneIn:   oneIn,
		rest:    farEnd{bodies: map[string][]string{}},
		table:   newTable(tb),
		calls:   map[string]int{},
		fetched: make([]uint8, objects),
	}
	var text []byte
	for i := range objects {
		text = a.text(text[:0], i)
		file := a.packed(tb, text, i)
		a.size, a.stored = a.size+int64(len(text)), a.stored+int64(len(file))
		if err := os.WriteFile(a.file(i), file, 0o600); err != nil {
			tb.Fatal(err)
		}
	}
	a.Server = httptest.NewServer(a)
	tb.Cleanup(a.Close)
	return a
}

func (a *archive) file(object int) string { return filepath.Join(a.dir, strconv.Itoa(object)) }

func (a *archive) key(object int) string { return logtest.Key(object * a.records) }

// text appends what an object unpacks to.
func (a *archive) text(b []byte, object int) []byte {
	switch a.poison(object) {
	case "no log":
		return append(b, "not a log file\n"...)
	case "bomb":
		return append(append(b, `{"Records":[{"eventName":"`...), bytes.Repeat([]byte("a"), 64<<20)...)
	case "truncated": // in the middle of the first record that is left out
		b = logtest.AppendFile(b, object*a.records, a.records/2+1)
		return b[:len(b)-len("}]}")]
	}
	return logtest.AppendFile(b, object*a.records, a.records)
}

var packer = sync.OnceValue(func() *gzip.Writer {
	z, _ := gzip.NewWriterLevel(nil, gzip.BestSpeed) // the level exists
	return z
})

func (a *archive) packed(tb testing.TB, text []byte, object int) []byte {
	tb.Helper()
	poison := a.poison(object)
	if poison == "no gzip" {
		return append([]byte("\x1f\x8b\x08"), text[:100]...)
	}
	var b bytes.Buffer
	z := packer()
	z.Reset(&b)
	if _, err := z.Write(text); err != nil {
		tb.Fatal(err)
	}
	if poison == "truncated" {
		_ = z.Flush()
		return b.Bytes()
	}
	if err := z.Close(); err != nil {
		tb.Fatal(err)
	}
	if poison == "wrong sum" {
		b.Bytes()[b.Len()-8] ^= 1
	}
	return b.Bytes()
}

// recordAt is the record of a time.
func (a *archive) recordAt(seconds int64) int { return int(seconds - logtest.Start.Unix()) }

func (a *archive) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if strings.Contains(r.Header.Get("Authorization"), "/s3/aws4_request") {
		a.object(w, r)
		return
	}
	body, _ := io.ReadAll(r.Body)
	what := callOf(r, body)
	a.mu.Lock()
	defer a.mu.Unlock()
	a.calls[what]++
	switch what {
	case "GetItem", "PutItem":
		a.table.serve(w, body)
	default:
		_, _ = io.WriteString(w, a.rest.answer(what, string(body)))
	}
}

// object is GetObject.
func (a *archive) object(w http.ResponseWriter, r *http.Request) {
	name := strings.TrimSuffix(r.URL.Path[strings.LastIndexByte(r.URL.Path, '_')+1:], ".json.gz")
	first, err := strconv.ParseInt(name, 16, 64)
	if err != nil || r.URL.Path != "/org-logs/"+logtest.Key(int(first)) {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	object := int(first) / a.records
	a.mu.Lock()
	a.fetched[object]++
	a.mu.Unlock()
	refuse := func(status int, code string) {
		w.WriteHeader(status)
		_, _ = fmt.Fprintf(w, "<Error><Code>%s</Code></Error>", code)
	}
	switch a.poison(object) {
	case "vanished":
		refuse(http.StatusNotFound, "NoSuchKey")
	case "forbidden":
		refuse(http.StatusForbidden, "AccessDenied")
	case "key disabled":
		refuse(http.StatusBadRequest, "KMS.DisabledException")
	default:
		w.Header().Set("ETag", strconv.Quote(name))
		http.ServeFile(w, r, a.file(object))
	}
}
