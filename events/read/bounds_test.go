package read

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"io"
	"runtime"
	"strings"
	"testing"
)

// repeated gives a text over and over between a head and a tail, and holds none of that.
func repeated(head, text, tail string, times int) io.Reader {
	parts := []io.Reader{strings.NewReader(head)}
	for range times {
		parts = append(parts, strings.NewReader(text))
	}
	return io.MultiReader(append(parts, strings.NewReader(tail))...)
}

// allocated is how many bytes a text takes from the heap in all, and what came of it.
func allocated(t *testing.T, in io.Reader) (bytes uint64, records, errs int) {
	t.Helper()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	for _, err := range All(in) {
		if err != nil {
			errs++
		} else {
			records++
		}
	}
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc, records, errs
}

// TestMemoryIsFlat: however long a log file, what is taken from the heap for its records in all is less than the
// memory it may have at once; packed or not, and as one line or as many.
func TestMemoryIsFlat(t *testing.T) {
	const megabytes = 32
	batch := strings.Repeat(callA+",", 1<<20/len(callA))
	whole, err := io.ReadAll(repeated(`{"Records":[`, batch, callA+`]}`, megabytes))
	if err != nil {
		t.Fatal(err)
	}
	var packed bytes.Buffer
	z, _ := gzip.NewWriterLevel(&packed, gzip.BestSpeed)
	if _, err := z.Write(whole); err != nil || z.Close() != nil {
		t.Fatal(err)
	}
	lines := strings.ReplaceAll(batch, ",{", "\n{")
	for name, in := range map[string]io.Reader{
		"plain": bytes.NewReader(whole),
		"gzip":  &packed,
		"lines": repeated("", strings.TrimSuffix(lines, ",")+"\n", "", megabytes),
	} {
		took, records, errs := allocated(t, in)
		if want := megabytes * (1 << 20 / len(callA)); records < want || errs != 0 || took > 16<<20 {
			t.Errorf("%s: %d records, %d errors, %d MiB; want %d records of 16 MiB at most", name, records, errs, took>>20, want)
		}
	}
}

// TestHostileTexts: what attackers would write costs memory by its length at most, and gives something.
func TestHostileTexts(t *testing.T) {
	message := callA
	for range 12 {
		message = `{"message":` + quote(message) + `}`
	}
	for name, text := range map[string]string{
		"objects in lists":        strings.Repeat(`{"x":[`, 140<<10/6),
		"the same on lines":       strings.Repeat("{\"x\":[\n", 20_000),
		"objects on lines":        strings.Repeat("{\"x\":\n", 200_000),
		"lists":                   strings.Repeat("[", 1<<20),
		"log files in each other": strings.Repeat(`{"Records":[`, 100_000),
		"lists of lists":          strings.Repeat(`[[[[[[[[[[[`, 100) + strings.Repeat(`],]`, 1000),
		"a long string":           `{"a":"` + strings.Repeat("x", 6<<20) + `"}` + "\n" + callA,
		"a long number":           `[` + strings.Repeat("1", 6<<20) + `]`,
		"open strings on lines":   strings.Repeat("{\"a\":\"\n{\"", 20_000),
		"brackets":                strings.Repeat("}", 20_000),
		"messages in messages":    message,
		"an open string of YAML":  "- '" + strings.Repeat("a", 6<<20),
		"an open block of YAML":   "a: |\n" + strings.Repeat("  a\n", 1<<20),
		"base64":                  strings.Repeat("H4sI", 1<<20),
		"a struct that goes deep": `{"eventname":"x","eventsource":"y","useridentity":"` + strings.Repeat("{a=",
			100_000) + `}"}`,
		"deep lists in a row": `{"eventname":` + strings.Repeat("[", 9000) + strings.Repeat("]",
			9000) + `,"eventsource":"a"}`,
		"beginnings behind a text":  strings.Repeat("x {", 100_000),
		"lines of nothing":          strings.Repeat("\n", 4<<20),
		"half a character":          "\xff\xfe{\x00}",
		"a record with a long name": `{"eventName":"` + strings.Repeat("A", 3<<20) + `","eventSource":"b"}`,
	} {
		took, records, errs := allocated(t, strings.NewReader(text))
		if limit := uint64(32<<20 + 24*len(text)); records+errs == 0 || took > limit {
			t.Errorf("%s: %d records, %d errors, %d bytes of %d", name, records, errs, took, limit)
		}
	}
}

// TestBombs: gzip in gzip unpacks to no more than one layer of it could, and to what is there before the bound.
func TestBombs(t *testing.T) {
	var bomb bytes.Buffer
	z, _ := gzip.NewWriterLevel(&bomb, gzip.BestSpeed)
	if _, err := io.Copy(z, repeated("", callA+strings.Repeat(" ", 1<<20), "", 200)); err != nil || z.Close() != nil {
		t.Fatal(err)
	}
	small := zip(t, bomb.String())
	records := 0
	var last error
	for _, err := range All(bytes.NewReader(small)) {
		if records++; err != nil {
			last = err
		}
	}
	if last == nil || !strings.HasSuffix(last.Error(), "it unpacks to more than 1100 times its length") || records < 50 {
		t.Errorf("%d of a file of %d bytes, %v", records, len(small), last)
	}
}

// TestRecordOfTheGreatestSize: 4 MiB are read, and a byte more is not and costs nothing else.
func TestRecordOfTheGreatestSize(t *testing.T) {
	for over, want := range map[int]string{0: "[A A B]", 1: "[A too long B]"} {
		head := `{"eventName":"A","eventSource":"b","x":"`
		long := head + strings.Repeat("x", maxValue+over-len(head)-2) + `"}`
		got := []string{}
		for r, err := range All(strings.NewReader(`{"Records":[` + callA + "," + long + "," + callB + "]}")) {
			name := string(r.Name())
			if errors.Is(err, errTooLong) {
				name = "too long"
			}
			got = append(got, name)
		}
		if s := "[" + strings.Join(got, " ") + "]"; s != want {
			t.Errorf("%d bytes over: %s, want %s", over, s, want)
		}
	}
}

// TestRows: what a query changed of a record is put right, and nothing else is.
func TestRows(t *testing.T) {
	for row, want := range map[string]string{
		`{"eventname":"A","eventsource":"b","awsregion":"r","errorcode":null,"useridentity":{"arn":"a","accountid":"1",` +
			`"sessioncontext":{"sessionissuer":{"username":"u"},"webidfederationdata":null}}}`: `{"awsRegion":"r",` +
			`"eventName":"A",` +
			`"eventSource":"b","userIdentity":{"accountId":"1","arn":"a","sessionContext":{"sessionIssuer":{"userName":"u"}}}}`,
		`{"eventname":"A","eventsource":"b","requestparameters":"{\"Name\":1,\"kmskeyid\":null}"}`: `{"eventName":"A",` +
			`"eventSource":"b","requestParameters":{"Name":1,"kmskeyid":null}}`,
		`{"eventname":"A","eventsource":"b","requestparameters":{"trailname":"t"},` +
			`"responseelements":"null"}`: `{"eventName":` +
			`"A","eventSource":"b","requestParameters":{"trailName":"t"}}`,
		`{"eventname":"A","eventsource":"b","useridentity":"{type=Root, arn=null, sessioncontext={attributes={` +
			`mfaauthenticated=true}}, accountid=1}"}`: `{"eventName":"A","eventSource":"b","userIdentity":{"accountId":"1",` +
			`"sessionContext":{"attributes":{"mfaAuthenticated":"true"}},"type":"Root"}}`,
		`{"eventname":"A","eventsource":"b","EventID":"i","errorCode":null,` +
			`"readonly":12345678901234567890}`: `{"EventID":"i",` +
			`"eventName":"A","eventSource":"b","readOnly":12345678901234567890}`,
		// a key that is there twice keeps both values, in the order of the row
		`{"eventname":"A","eventName":"C","eventsource":"b"}`: `{"eventName":"A","eventName":"C","eventSource":"b"}`,
		`{"eventName":"A","eventname":"C","eventname":"D","eventsource":"b"}`: `{"eventName":"A","eventName":"C",` +
			`"eventName":"D","eventSource":"b"}`,
		`{"eventname":"A","eventsource":"b","requestparameters":{"x":[{"trailname":"AAA","trailName":"BBB"}]}}`: `{` +
			`"eventName":"A","eventSource":"b","requestParameters":{"x":[{"trailName":"AAA","trailName":"BBB"}]}}`,
		`{"eventname":"A","eventsource":"b","useridentity":"{accountid=1, accountId=2}"}`: `{"eventName":"A",` +
			`"eventSource":"b","userIdentity":{"accountId":"1","accountId":"2"}}`,
		// near misses: what CloudTrail wrote, or nobody
		`{"eventName":"A","eventSource":"b","errorcode":null}`: `{"eventName":"A","eventSource":"b","errorcode":null}`,
		`{"eventName":"A","eventsource":"b"}`:                  `{"eventName":"A","eventsource":"b"}`,
	} {
		if !json.Valid([]byte(row)) {
			t.Fatalf("%s is no JSON", row)
		}
		for range 8 { // once could be luck
			for r, err := range All(strings.NewReader(row)) {
				if got := string(r.JSON()); err != nil || got != want {
					t.Errorf("%s:\ngot  %s, %v\nwant %s", row, got, err, want)
				}
			}
		}
	}
}
