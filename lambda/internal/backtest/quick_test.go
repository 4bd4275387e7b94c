package backtest_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"trailkeeper/lambda/internal/archive"
	"trailkeeper/lambda/internal/backtest"
	"trailkeeper/rules/detect"
	"trailkeeper/rules/expression"
)

const timed = `"eventTime":"2026-03-02T12:00:00Z"}`

// odd are records that are written as nobody writes them, or say what they say twice.
var odd = []string{
	`{"eventName":"X","eventSource":"s",` + timed,
	`{"eventName":"ConsoleLogin","eventSource":"s",` + timed,
	`{"eventName":"consolelogin","eventSource":"s",` + timed,
	`{"eventName":"ConsoleLogin","eventSource":"s",` + timed,
	`{"eventName":"X","eventName":"ConsoleLogin","eventSource":"s",` + timed,
	`{"eventName":"X","\u0065ventName":"ConsoleLogin","eventSource":"s",` + timed,
	`{"eventName":"X","eventSource":"s","errorCode":"AccessDenied",` + timed,
	`{"eventName":"X","eventSource":"s","errorCode":"",` + timed,
	`{"eventName":"X","eventSource":"s","errorCode":null,` + timed,
	`{"eventName":"X","eventSource":"s","errorCode":"AccessDenied","errorCode":null,` + timed,
	`{"eventName":"X","eventSource":"s","errorCode":["AccessDenied"],` + timed,
	`{"eventName":"X","eventSource":"s","userIdentity":{"type":"Root"},` + timed,
	`{"eventName":"X","eventSource":"s","userIdentity":{"type":"Role","type":"Root"},` + timed,
	`{"eventName":"X","eventSource":"s","userIdentity":{"type":"Role","t\u0079pe":"Root"},` + timed,
	`{"eventName":"X","eventSource":"s","userIdentity":{"type":"Role"},"userIdentity":{"type":"Root"},` + timed,
	`{"eventName":"X","eventSource":"s","userIdentity":{"type":"Ro\u006ft"},` + timed,
	`{"eventName":"X","eventSource":"s","userIdentity":{"a":{"type":"Root"},"type":"Role"},` + timed,
	`{"eventName":"X","eventSource":"s","userIdentity":{"a":{"type":"Role"},"type":"Root"},` + timed,
	`{"eventName":"X","eventSource":"s","userIdentity":{"a":[{"type":"Root"}]},` + timed,
	`{"eventName":"X","eventSource":"s","userIdentity":[{"type":"Root"}],` + timed,
	`{"eventName":"X","eventSource":"s","userIdentity":"Root",` + timed,
	`{"eventName":"X","eventSource":"s","userIdentity":{"type":7},` + timed,
	`{"eventName":"X","eventSource":"s","userIdentity":{"type":null},` + timed,
	`{"eventName":"X","eventSource":"s","userIdentity":{"type":""},` + timed,
	`{"eventName":"X","eventSource":"s","eventTime":"2026-02-30T12:00:00Z"}`,
	`{"eventName":"X","eventSource":"s","eventTime":"2026-03-02T24:00:00Z"}`,
	`{"eventName":"X","eventSource":"s","eventTime":"2026-03-02T12:00:60Z"}`,
	`{"eventName":"X","eventSource":"s","eventTime":"2026-03-02T12:00:00+01:00"}`,
	`{"eventName":"X","eventSource":"s","eventTime":"2026-03-02T12:00:00.5Z"}`,
	`{"eventName":"X","eventSource":"s","eventTime":"2026-03-02 12:00:00"}`,
	`{"eventName":"X","eventSource":"s","eventTime":"0000-01-01T00:00:00Z"}`,
	`{"eventName":"X","eventSource":"s","eventTime":7}`,
	`{"eventName":"X","eventSource":"s"}`,
	`{"eventName":"X","eventSource":"s","eventTime":"x",` + timed,
	`{"eventName":"X","eventSource":"s","recipientAccountId":"444455556666",` + timed,
	`{"eventName":"X","eventSource":"s","recipientAccountId":444455556666,` + timed,
	`{"eventName":"X","eventSource":"s","awsRegion":"eu-west-\u0031",` + timed,
	`{"eventName":"X","eventSource":"s","awsRegion":null,` + timed,
	`{"eventName":"` + strings.Repeat("x", 200) + `","eventSource":"s",` + timed,
	`{"eventName":"é","eventSource":"s",` + timed,
	`{"eventName":"X","eventSource":"s","detail":{"eventName":"ConsoleLogin","eventSource":"s"}}`,
	`{"detail-type":"AWS API Call via CloudTrail","source":"aws.s","detail":` +
		`{"eventName":"ConsoleLogin","eventSource":"s"}}`,
	`{"eventName":"X","eventSource":"s","requestParameters":{"a":"}]}","b":"{\"eventName\":\"ConsoleLogin\"}"},` + timed,
	`{"eventName":"X","eventSource":"s","requestParameters":{"Records":[{"eventName":"ConsoleLogin"}]},` + timed,
	`{"eventName":"X","eventSource":"s","requestParameters":[{"eventName":"ConsoleLogin","eventSource":"s"}],` + timed,
	`{"eventName":"X","eventSource":"s","userAgent":"\\\"},{\"eventName\":\"ConsoleLogin\"",` + timed,
	"{\"eventName\":\"X\",\"eventSource\":\"s\",\"userAgent\":\"\xff\xc3\"," + timed,
	"{\"eventName\":\"Console\xffLogin\",\"eventSource\":\"s\"," + timed,
	"{\n  \"eventName\" : \"ConsoleLogin\" ,\r\n\t\"eventSource\": \"s\", " + timed,
	"{\"eventName\":\"X\",\"eventSource\":\"s\",\"userAgent\":\"\n\"," + timed,
	`{"eventName":"X","eventSource":"s","requestParameters":{"a":01},` + timed,
	`{"eventName":"X","eventSource":"s","requestParameters":{"a":1.5e3,"b":-0,"c":[[],{}]},` + timed,
	`{"eventName":"X","eventSource":"s","requestParameters":{"a":1,},` + timed,
	`{"eventName":"X","eventSource":"s","requestParameters":{"a":"\x"},` + timed,
	`{"eventName":"X","eventSource":"s","requestParameters":{"a":[1}],` + timed,
	`{"eventName":"X","eventSource":"s",` + timed + `}`,
	`{"eventName":"X","eventSource":"s",` + timed[:len(timed)-1],
}

// same compares a run that passes over what no rule concerns with one that decodes every record.
func same(t *testing.T, set *detect.Set, file string, filter archive.Filter) {
	t.Helper()
	report := func(o backtest.Options) string {
		o.Set, o.Files, o.Filter, o.Workers = set, archive.Local(file, nil), filter, 1
		r, err := backtest.Run(context.Background(), o)
		if err != nil {
			t.Fatal(err)
		}
		return encoded(t, r)
	}
	if diff := cmp.Diff(report(backtest.Thorough(backtest.Options{})), report(backtest.Options{})); diff != "" {
		t.Error(diff)
	}
}

func filters() []archive.Filter {
	return []archive.Filter{
		{},
		{Since: noon, Until: noon.Add(time.Hour)},
		{Accounts: []string{"111122223333", "444455556666"}, Regions: []string{"eu-west-1"}},
	}
}

func TestPassedOver(t *testing.T) {
	root := t.TempDir()
	sets := map[string]*detect.Set{"the test's": rulesOf(t), "built-in": builtIn(t)}
	for i, record := range odd {
		file := filepath.Join(root, fmt.Sprint(i, ".json"))
		if err := os.WriteFile(file, []byte(logFile(record)), 0o600); err != nil {
			t.Fatal(err)
		}
		for name, set := range sets {
			for _, filter := range filters() {
				t.Run(fmt.Sprint(name, " ", i), func(t *testing.T) { same(t, set, file, filter) })
			}
		}
	}
	same(t, sets["built-in"], busy(t, 7), archive.Filter{})
	same(t, sets["built-in"], "../../../events/testdata", archive.Filter{})
}

// layout is how a log file is written. Whatever it is, the same is decided.
type layout struct {
	before int  // bytes in front of the record, so that it lies across what is read at once, or unpacked
	indent bool // as people write it
	gzip   bool
}

// file is a log file of a record among others.
func (l layout) file(tb testing.TB, record, quiet string) string {
	tb.Helper()
	long := strings.Replace(quiet, `"userAgent":"`, `"userAgent":"`+strings.Repeat("x", l.before), 1)
	text := logFile(record, long, record, quiet, odd[0], record, quiet)
	if l.indent {
		var b bytes.Buffer
		if json.Indent(&b, []byte(text), "", "\t") == nil {
			text = b.String()
		} else {
			text = strings.ReplaceAll(text, "},{", "} ,\r\n\t{")
		}
	}
	if l.gzip {
		text = packed(tb, text)
	}
	return text
}

// quietOne is a record like most.
var quietOne = fmt.Sprintf(quietRecord, "2026-03-02T12:00:00Z", "CreateUser", 1, 2, 3, 4)

// TestLayouts: each odd record is decided the same across every border, and however its file is written.
func TestLayouts(t *testing.T) {
	set := rulesOf(t)
	file := filepath.Join(t.TempDir(), "a.json")
	for i, record := range odd {
		for _, l := range []layout{
			{0, true, false},
			{32<<10 - 3000, false, true},
			{64<<10 - 2700 - 13*i, false, true},
			{128<<10 - 3200 - 7*i, false, false},
			{160<<10 - 2900, true, true},
			{128<<10 - 2600, false, true},
		} {
			text := l.file(t, record, quietOne)
			if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
			same(t, set, file, archive.Filter{})
			l.gzip = false
			asDecoded(t, set, file, []byte(l.file(t, record, quietOne)))
		}
	}
}

// asDecoded holds what is reported against encoding/json and the rules alone.
func asDecoded(t *testing.T, set *detect.Set, file string, text []byte) {
	t.Helper()
	var log struct{ Records []json.RawMessage }
	if json.Unmarshal(text, &log) != nil {
		return
	}
	want := map[string]int64{}
	for _, raw := range log.Records {
		record, err := expression.Parse(raw)
		if err != nil {
			continue
		}
		for _, rule := range set.Decide(record).Rules {
			want[rule.ID]++
		}
	}
	report := run(t, file, backtest.Options{Set: set})
	for id, rule := range report.Rules {
		if rule.Matches != want[id] {
			t.Errorf("%s matches %d records, want %d: %.300s", id, rule.Matches, want[id], text)
		}
		delete(want, id)
	}
	if len(want) > 0 {
		t.Errorf("not reported: %v: %.300s", want, text)
	}
}

// FuzzPassedOver: a record is decided as the full decoder would, whatever records stand around it, and however the file
// is written. What is wrong with one is the same, and in the same place.
func FuzzPassedOver(f *testing.F) {
	for i, record := range odd {
		f.Add(record, uint32(i*i*97), i%2 == 0, i%3 == 0)
	}
	f.Add(quietOne, uint32(0), false, false)
	f.Add(strings.Replace(quietOne, `"type":"AssumedRole"`, `"type":"Root"`, 1), uint32(128<<10), false, true)
	f.Add(strings.Replace(quietOne, `"filterSet":{}`, `"filterSet":{]`, 1), uint32(0), true, false)
	set := rulesOf(f)
	file := filepath.Join(f.TempDir(), "a.json")
	f.Fuzz(func(t *testing.T, record string, before uint32, indent, gzip bool) {
		l := layout{int(before % (256 << 10)), indent, gzip}
		if err := os.WriteFile(file, []byte(l.file(t, record, quietOne)), 0o600); err != nil {
			t.Fatal(err)
		}
		for _, filter := range filters() {
			same(t, set, file, filter)
		}
	})
}
