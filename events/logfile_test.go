package events_test

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"trailkeeper/events"

	"github.com/google/go-cmp/cmp"
)

func list(r io.Reader) []string {
	var got []string
	for e := range events.Read(r) {
		what := e.Event.Record.EventName
		if e.Err != nil {
			what, _, _ = strings.Cut(e.Err.Error(), ":")
		}
		got = append(got, e.Where()+": "+what)
	}
	return got
}

func TestRead(t *testing.T) {
	a := `{"eventName":"A","eventSource":"x.amazonaws.com"}`
	b := `{"eventName":"B","eventSource":"x.amazonaws.com","userAgent":"}{\"[\\"}`
	pretty := "{\n \"eventName\": \"P\",\n \"eventSource\": \"x.amazonaws.com\"\n}"
	tests := []struct {
		name, in string
		want     []string
	}{
		{"nothing", "", nil},
		{"white space", " \n\t\n", nil},
		{"one", a, []string{"line 1: A"}},
		{"JSON lines", a + "\n" + b + "\n\n" + a + "\n", []string{"line 1: A", "line 2: B", "line 4: A"}},
		{"one after the other", a + b, []string{"line 1: A", "line 1: B"}},
		{"pretty", "\n" + pretty + "\n" + pretty, []string{"line 2: P", "line 6: P"}},
		{"log file", `{"Records":[` + a + `,{},` + b + `]}`, []string{
			"line 1, record 1: A", "line 1, record 2: a JSON object with none of an event's keys", "line 1, record 3: B",
		}},
		{"array", "[" + a + "," + b + "]", []string{"line 1, record 1: A", "line 1, record 2: B"}},
		{"bad line between", a + "\nnot json\n" + b, []string{"line 1: A", "line 2: no JSON at byte 2 of 8", "line 3: B"}},
		{
			"cut line between",
			a + "\n" + `{"eventName":"Z` + "\n" + b,
			[]string{"line 1: A", "line 2: no JSON at byte 15 of 15", "line 3: B"},
		},
		{
			"open bracket between",
			a + "\n" + `{"eventName":"Z",` + "\n" + b,
			[]string{"line 1: A", "line 2: no JSON at byte 17 of 17", "line 3: B"},
		},
		{"cut at the end", a + "\n" + `{"eventName":`, []string{"line 1: A", "line 2: no JSON at byte 13 of 13"}},
		{
			"log file with a record on each line",
			"{\"Records\":[\n" + a + ",\n" + b + "\n]}\n",
			[]string{"line 1, record 1: A", "line 1, record 2: B"},
		},
		{
			"array with a record on each line",
			"[\n" + a + ",\n" + b + "\n]\n" + a,
			[]string{"line 1, record 1: A", "line 1, record 2: B", "line 5: A"},
		},
		{"byte order mark", "\xef\xbb\xbf" + a, []string{"line 1: A"}},
		{
			"open list between",
			a + "\n" + `{"Records":[{"a":1},` + "\n" + b,
			[]string{"line 1: A", "line 2: no JSON at byte 20 of 20", "line 3: B"},
		},
		{
			"open list, then a list",
			`[{"a":1},` + "\n[\n" + a + ",\n" + b + "\n]",
			[]string{
				"line 1: no JSON at byte 11 of 11",
				"line 3: A",
				"line 3: no JSON at byte 1 of 1",
				"line 4: B",
				"line 5: no JSON at byte 1 of 1",
			},
		},
		{"empty log file", `{"Records":[]}`, nil},
		{
			"blanks before an array",
			" [" + a + "]\t[" + b + "]\r\n[" + a + "]",
			[]string{"line 1, record 1: A", "line 1, record 1: B", "line 2, record 1: A"},
		},
		{"Windows' lines", a + "\r\n\r\n" + b + "\r\n", []string{"line 1: A", "line 3: B"}},
		{
			"two bad lines",
			"not json\nnot json\n" + a,
			[]string{"line 1: no JSON at byte 2 of 8", "line 2: no JSON at byte 2 of 8", "line 3: A"},
		},
		{
			"bad brackets",
			"]" + a + "}" + b,
			[]string{"line 1: no JSON at byte 1 of 1", "line 1: A", "line 1: no JSON at byte 1 of 1", "line 1: B"},
		},
		{
			"records that are none",
			`{"Records":{"eventName":"A"}}` + a,
			[]string{"line 1: a batch of 1 records of an unknown kind", "line 1: A"},
		},
		{
			"records in other capitals",
			`{"records":[` + a + `]}`,
			[]string{"line 1: a JSON object with none of an event's keys"},
		},
		{
			"a quotation mark at the end",
			`{"eventName":"Z\"}` + "\n" + a,
			[]string{`line 1: no JSON at byte 18 of 18`, "line 2: A"},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, list(strings.NewReader(tt.in))); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
			if diff := cmp.Diff(tt.want, list(iotest.OneByteReader(bytes.NewReader(zip(t, tt.in))))); diff != "" {
				t.Errorf("compressed (-want +got)\n%s", diff)
			}
		})
	}
}

func TestReadBrokenStream(t *testing.T) {
	whole := zip(t, strings.Repeat(`{"eventName":"A","eventSource":"x.amazonaws.com"}`+"\n", 3))
	got := list(bytes.NewReader(whole[:len(whole)-9]))
	if want := fmt.Sprint(
		[]string{"line 1: A", "line 2: A", "line 3: A", "line 4: the stream breaks off"},
	); fmt.Sprint(
		got,
	) != want {
		t.Errorf("got %v, want %v", got, want)
	}
	if got := list(strings.NewReader("\x1f\x8bnot gzip")); len(got) != 1 || got[0] != "line 1: gzip" {
		t.Errorf("got %v, want one gzip error", got)
	}
}

func TestReadStopsWhenAsked(t *testing.T) {
	for _, in := range []string{`{"Records":[{},{},{}]}` + "\n{}\n", "[{},{}]{}", "{}\nx\n{}", `{"a":[{"b":1},` + "\n{\"c\":1}\n{}", "{}\n\x1f"} {
		for enough := range len(list(strings.NewReader(in))) {
			n := 0
			for range events.Read(strings.NewReader(in)) { // it panics where Read goes on
				if n++; n > enough {
					break
				}
			}
			if n != enough+1 {
				t.Errorf("%q: %d entries; want %d", in, n, enough+1)
			}
		}
	}
}

func zip(tb testing.TB, s string) []byte {
	tb.Helper()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	if _, err := io.WriteString(z, s); err != nil {
		tb.Fatal(err)
	}
	if err := z.Close(); err != nil {
		tb.Fatal(err)
	}
	return b.Bytes()
}
