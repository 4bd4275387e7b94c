package read

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strings"
	"testing"
	"testing/iotest"

	"trailkeeper/events"

	"github.com/google/go-cmp/cmp"
)

// found is what a text gives: for each record its place and its call, or what is wrong.
func found(in io.Reader) []string {
	var got []string
	for r, err := range All(in) {
		what := ""
		if err == nil {
			var ev events.Event
			ev, err = r.Event()
			what = ev.Record.EventName
		}
		if err != nil {
			what = strings.TrimSuffix(err.Error(), ": "+events.ErrUnknown.Error())
		}
		got = append(got, strings.TrimPrefix(r.Where()+": "+what, ": "))
	}
	return got
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

const (
	callA = `{"eventName":"A","eventSource":"x.amazonaws.com"}`
	callB = `{"eventName":"B","eventSource":"x.amazonaws.com","userAgent":"}{\"[\\"}`
)

func TestAll(t *testing.T) {
	const none = "a JSON object with none of an event's keys"
	a, b := callA, callB
	pretty := "{\n \"eventName\": \"P\",\n \"eventSource\": \"x.amazonaws.com\"\n}"
	for _, tt := range []struct {
		name, in string
		want     []string
	}{
		{"nothing", "", []string{"it is empty"}},
		{"white space", " \n\t\n", []string{"there is no record in it"}},
		{"one", a, []string{"line 1: A"}},
		{"JSON lines", a + "\n" + b + "\n\n" + a + "\n", []string{"line 1: A", "line 2: B", "line 4: A"}},
		{"one after the other", a + b, []string{"line 1: A", "line 1: B"}},
		{"pretty", "\n" + pretty + "\n" + pretty, []string{"line 2: P", "line 6: P"}},
		{"log file", `{"Records":[` + a + `,{},` + b + `]}`, []string{
			"line 1, record 1: A", "line 1, record 2: " + none, "line 1, record 3: B",
		}},
		{"log file with more about it", `{"a":[1],"Records":[` + a + `],"b":{"Records":[2]},"c":3}`, []string{
			"line 1, record 1: A",
		}},
		{"a key that is escaped", `{"\u0052ecords":[` + a + `]}`, []string{"line 1, record 1: A"}},
		{"array", "[" + a + "," + b + "]", []string{"line 1, record 1: A", "line 1, record 2: B"}},
		{"array of log files", `[{"Records":[` + a + `]},{"Records":[` + a + "," + b + `]}]`, []string{
			"line 1, record 1, record 1: A", "line 1, record 2, record 1: A", "line 1, record 2, record 2: B",
		}},
		{"bad line between", a + "\nnot json\n" + b, []string{"line 1: A", `line 2: no JSON: "not json"`, "line 3: B"}},
		{"cut line between", a + "\n" + `{"eventName":"Z` + "\n" + b, []string{
			"line 1: A", `line 2: byte 65: no JSON: '\n' where a character of a string belongs`, "line 3: B",
		}},
		{"open bracket between", a + "\n" + `{"eventName":"Z",` + "\n" + b, []string{
			"line 1: A", "line 2: byte 68: no JSON: '{' where a key belongs", "line 3: B",
		}},
		{"a value that is the next line", `{"broken":` + "\n" + a + "\n" + b, []string{
			"line 1: byte 61: no JSON: '{' where a comma or } belongs", "line 2: A", "line 3: B",
		}},
		{"cut at the end", a + "\n" + `{"eventName":`, []string{"line 1: A", "line 2: the text breaks off at byte 63"}},
		{"log file cut in a record", `{"Records":[` + a + "," + b[:20], []string{
			"line 1, record 1: A", "line 1, record 2: the text breaks off at byte 82",
		}},
		{"log file cut behind a record", `{"Records":[` + a, []string{
			"line 1, record 1: A", "line 1: the text breaks off at byte 61",
		}},
		{"log file with a broken record", `{"Records":[` + a + `,{"x":tru},` + a + "]}\n" + b, []string{
			"line 1, record 1: A", "line 1, record 2: byte 70: no JSON: '}' where true belongs", "line 2: B",
		}},
		{"log file with a record on each line", "{\"Records\":[\n" + a + ",\n" + b + "\n]}\n", []string{
			"line 1, record 1: A", "line 1, record 2: B",
		}},
		{"array with a record on each line", "[\n" + a + ",\n" + b + "\n]\n" + a, []string{
			"line 1, record 1: A", "line 1, record 2: B", "line 5: A",
		}},
		{"byte order mark", "\xef\xbb\xbf" + a, []string{"line 1: A"}},
		{"open list between", a + "\n" + `{"Records":[{"a":1},` + "\n" + b, []string{
			"line 1: A", "line 2, record 1: " + none, "line 2, record 2: B", "line 2: the text breaks off at byte 142",
		}},
		{"empty log file", `{"Records":[]}`, []string{"line 1: Records is an empty list"}},
		{"empty list", `[]`, []string{"line 1: an empty list"}},
		{"list with a comma too many", `[` + a + `,]` + "\n" + b, []string{
			"line 1, record 1: A", "line 1, record 2: byte 51: no JSON: ']' where a value belongs", "line 2: B",
		}},
		{"blanks before an array", " [" + a + "]\t[" + b + "]\r\n[" + a + "]", []string{
			"line 1, record 1: A", "line 1, record 1: B", "line 2, record 1: A",
		}},
		{"Windows' lines", a + "\r\n\r\n" + b + "\r\n", []string{"line 1: A", "line 3: B"}},
		{"two bad lines", "not json\nnot json\n" + a, []string{
			`line 1: no JSON: "not json"`, `line 2: no JSON: "not json"`, "line 3: A",
		}},
		{"lines of prose", "a\nb\nc\nd\ne\n" + a + "\nf\n", []string{
			`line 1: no JSON: "a"`, `line 2: no JSON: "b"`, `line 3: no JSON: "c"`, "line 6: A", `line 7: no JSON: "f"`,
		}},
		{"bad brackets", "]" + a + "}" + b, []string{
			"line 1: byte 0: no JSON: ']' where a value belongs", "line 1: A",
			"line 1: byte 50: no JSON: '}' where a value belongs", "line 1: B",
		}},
		{"records that are none", `{"Records":{"eventName":"A"}}` + a, []string{
			"line 1: a batch of 1 records of an unknown kind", "line 1: A",
		}},
		{"records in other capitals", `{"RECORDS":[` + a + `]}`, []string{"line 1: " + none}},
		{"what is no record in a list", `[1,null,"x",` + a + `]`, []string{
			"line 1, record 1: 1 where a record belongs", "line 1, record 2: null where a record belongs",
			`line 1, record 3: no JSON: "x"`, "line 1, record 4: A",
		}},
		{"a quotation mark at the end", `{"eventName":"Z\"}` + "\n" + a, []string{
			`line 1: byte 18: no JSON: '\n' where a character of a string belongs`, "line 2: A",
		}},
		{"lists in lists", strings.Repeat("[", 9) + a + strings.Repeat("]", 9), []string{
			"line 1" + strings.Repeat(", record 1", 8) + `: [{"eventName":"A","eventSource":"x.amazo where a record belongs`,
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, found(strings.NewReader(tt.in))); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
			packed := iotest.OneByteReader(bytes.NewReader(zip(t, string(zip(t, tt.in)))))
			if diff := cmp.Diff(tt.want, found(packed)); diff != "" {
				t.Errorf("compressed twice (-want +got)\n%s", diff)
			}
		})
	}
}

// TestWhatIsNotNamed: of what cannot be read in a row, three of a kind and twelve in all are named, and the rest
// counted; a record begins anew, and what is in messages counts with the rest.
func TestWhatIsNotNamed(t *testing.T) {
	const none, ocsf = "a JSON object with none of an event's keys", `{"class_uid":1}` + "\n"
	const security = "an OCSF event, as Security Lake keeps it, not a CloudTrail record"
	const control = `{"message":"CWL CONTROL MESSAGE: x"}` + "\n"
	three := []string{"line 1: " + none, "line 2: " + none, "line 3: " + none}
	for text, want := range map[string][]string{
		strings.Repeat("{}\n", 3): three,
		strings.Repeat("{}\n", 4): append(three[:3:3], "line 4: 1 more, the last of them: an object with none of an event's "+
			"keys"),
		strings.Repeat("{}\n", 5) + callA + "\n{}": append(three[:3:3], "line 5: 2 more, the last of them: an object with "+
			"none of an event's keys", "line 6: A", "line 7: "+none),
		strings.Repeat(ocsf, 100_000): {
			"line 1: " + security, "line 2: " + security, "line 3: " + security,
			"line 10000: 9997 more, the last of them: " + security,
			"line 10001: 10000 elements before it cannot be read, and 0 are records: the rest is not read",
		},
		strings.Repeat(control, 5) + "[]": {
			"line 1: a control message of CloudWatch Logs, which holds no record",
			"line 2: a control message of CloudWatch Logs, which holds no record",
			"line 3: a control message of CloudWatch Logs, which holds no record",
			"line 6: an empty list",
			"line 5: 2 more like a control message of CloudWatch Logs, which holds no record",
		},
		strings.Repeat(ocsf, 4) + strings.Repeat(control, 4): {
			"line 1: " + security, "line 2: " + security, "line 3: " + security,
			"line 5: a control message of CloudWatch Logs, which holds no record",
			"line 6: a control message of CloudWatch Logs, which holds no record",
			"line 7: a control message of CloudWatch Logs, which holds no record",
			"line 4: 2 more, the last of them: " + security,
		},
		strings.Repeat(`{"message":"{}"}`+"\n", 5): {
			"line 1, message: " + none, "line 2, message: " + none, "line 3, message: " + none,
			"line 5, message: 2 more, the last of them: an object with none of an event's keys",
		},
	} {
		if diff := cmp.Diff(want, found(strings.NewReader(text))); diff != "" {
			t.Errorf("%.80q (-want +got)\n%s", text, diff)
		}
	}
	var kinds strings.Builder
	for c := range 26 {
		fmt.Fprintf(&kinds, "{\"event\":%q\n", "x"+string(rune('a'+c)))
		fmt.Fprintf(&kinds, "{\"eventSource\":\"aws:%c\"}\n", 'a'+c)
	}
	if got := found(strings.NewReader(kinds.String())); len(got) != maxNamed+1 {
		t.Errorf("%d, want %d: %q", len(got), maxNamed+1, got)
	}
}

// TestBrokenStream: every whole record before the break is there, and where the break is.
func TestBrokenStream(t *testing.T) {
	lines := strings.Repeat(callA+"\n", 3)
	whole := zip(t, lines)
	want := []string{
		"line 1: A", "line 2: A", "line 3: A", "line 4: the stream breaks off at byte 150: unexpected EOF",
	}
	if diff := cmp.Diff(want, found(bytes.NewReader(whole[:len(whole)-9]))); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	if got := found(strings.NewReader("\x1f\x8bnot gzip")); len(got) != 1 || !strings.HasPrefix(got[0], "gzip: ") {
		t.Errorf("got %q, want one gzip error", got)
	}
	failing := io.MultiReader(strings.NewReader(`{"Records":[`+callA+`,{"eve`), iotest.ErrReader(errors.New("no disk")))
	want = []string{"line 1, record 1: A", "line 1, record 2: the stream breaks off at byte 67: no disk"}
	if diff := cmp.Diff(want, found(failing)[:2]); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

// TestStopsWhenAsked: the iterator panics where the reader goes on.
func TestStopsWhenAsked(t *testing.T) {
	lookup := `{"Events":[{"CloudTrailEvent":"{}"},{"CloudTrailEvent":"x"}]}`
	for _, in := range []string{
		`{"Records":[{},{},{}]}` + "\n{}\n", "[{},{}]{}", "{}\nx\n{}", `{"a":[{"b":1},` + "\n{\"c\":1}\n{}", "{}\n\x1f",
		lookup + lookup, "[]\n[]", "Events:\n- CloudTrailEvent: '{}'\n- CloudTrailEvent: '{}'\n", "a,b,c\n", "", "\x1f\x8b",
	} {
		for enough := range len(found(strings.NewReader(in))) {
			n := 0
			for _, err := range All(strings.NewReader(in)) {
				_ = err
				if n++; n > enough {
					break
				}
			}
			if n != enough+1 {
				t.Errorf("%q: %d; want %d", in, n, enough+1)
			}
		}
	}
}

// FuzzAll: whatever the text, a record that is given is JSON and its name is what it says; the text gives something;
// and it gives the same in gzip and byte by byte.
func FuzzAll(f *testing.F) {
	for _, c := range containers(f) {
		for _, text := range c.texts {
			f.Add([]byte(text))
		}
	}
	for _, s := range seeds[:len(seeds)-2] {
		f.Add([]byte(s))
	}
	f.Add([]byte("s:\n" + strings.Repeat("a", 4000) + `Body: "{\"versio"`)) // a key of YAML that is no key of anything
	f.Fuzz(func(t *testing.T, text []byte) {
		n := 0
		for r, err := range All(bytes.NewReader(text)) {
			n++
			if len(r.Where()) > 400 {
				t.Errorf("a place of %d bytes", len(r.Where()))
			}
			if err != nil {
				if len(err.Error()) > 500 {
					t.Errorf("an error of %d bytes", len(err.Error()))
				}
				continue
			}
			ev, err := r.Event()
			if name := r.Name(); name != nil && (err != nil || ev.Record.EventName != string(name)) {
				t.Errorf("%s is named %s, and is %s, %v", r.JSON(), name, ev.Record.EventName, err)
			}
		}
		if n == 0 {
			t.Error("nothing came of it")
		}
		want := fmt.Sprint(found(bytes.NewReader(text)))
		if got := fmt.Sprint(found(iotest.OneByteReader(bytes.NewReader(text)))); got != want {
			t.Errorf("byte by byte %s, want %s", got, want)
		}
	})
}

// TestFixturesAsTheyAre: every fixture of the events is one event, whose name can be told unless it is odd.
func TestFixturesAsTheyAre(t *testing.T) {
	names, err := fs.Glob(events.Fixtures(), "*.json")
	if err != nil {
		t.Fatal(err)
	}
	named := 0
	for _, name := range names {
		text, err := fs.ReadFile(events.Fixtures(), name)
		if err != nil {
			t.Fatal(err)
		}
		n := 0
		for r, err := range All(bytes.NewReader(text)) {
			if n++; err != nil {
				t.Errorf("%s: %v", name, err)
			}
			ev, _ := r.Event()
			if r.Name() != nil {
				named++
				if string(r.Name()) != ev.Record.EventName {
					t.Errorf("%s: %s, want %s", name, r.Name(), ev.Record.EventName)
				}
			}
		}
		if n != 1 {
			t.Errorf("%s: %d", name, n)
		}
	}
	if named < len(names)-6 {
		t.Errorf("only %d of %d are named without being decoded", named, len(names))
	}
}
