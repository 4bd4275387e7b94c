package backtest_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"

	"trailkeeper/lambda/internal/archive"
	"trailkeeper/lambda/internal/backtest"
	"trailkeeper/rules/detect"
)

// rulesOf loads rules, one of each kind.
func rulesOf(t testing.TB) *detect.Set {
	t.Helper()
	files := fstest.MapFS{}
	for name, text := range map[string]string{
		"login.yaml": `{id: login, title: "{{ record.userIdentity.userName }} signs in", severity: low,
			match: record.eventName == "ConsoleLogin", dedupe: {by: record.userIdentity.userName, within: 1h}}`,
		"often.yaml": `{id: often, title: often, severity: high, match: record.eventName == "ConsoleLogin",
			threshold: {count: 3, within: 10m, by: record.userIdentity.userName}}`,
		"spread.yaml": `{id: spread, title: spread, severity: '"medium"', match: record.eventName == "ConsoleLogin",
			threshold: {count: 2, within: 1h, distinct: record.recipientAccountId}}`,
		"broken.yaml":        `{id: broken, title: t, severity: low, match: record.eventName == "Odd" && record.n == "1"}`,
		"never.yaml":         `{id: never, title: t, severity: low, match: record.eventName == "Never"}`,
		"off.yaml":           `{id: off, title: t, severity: low, match: record.eventName == "X", enabled: false}`,
		"elsewhere.yaml":     `{id: elsewhere, title: t, severity: low, match: record.eventName == "X", enabled: false}`,
		"accounts.yaml":      `{"444455556666": {rules: {elsewhere: {enabled: true, severity: high}}}}`,
		"ignore/robot.yaml":  `{match: record.userIdentity.userName == "robot", reason: r, owner: o}`,
		"ignore/nobody.yaml": `{match: record.userIdentity.userName == "nobody", reason: r, owner: o}`,
	} {
		files[name] = &fstest.MapFile{Data: []byte(text)}
	}
	set, problems := detect.Load(detect.Options{}, detect.Source{Name: "mine", Files: files})
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	return set
}

var noon = time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)

// call is a record. Each has an ID of its own.
func call(id int, name, user string, at time.Time) string {
	return fmt.Sprintf(`{"eventID":"id-%d","eventName":%q,"eventSource":"signin.amazonaws.com","eventTime":%q,`+
		`"awsRegion":"eu-west-1","recipientAccountId":"11112222333%d","userIdentity":{"type":"IAMUser","userName":%q}}`,
		id, name, at.Format(time.RFC3339), id%3, user)
}

func logFile(records ...string) string { return `{"Records":[` + strings.Join(records, ",") + `]}` }

func packed(t testing.TB, text string) string {
	t.Helper()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	if _, err := z.Write([]byte(text)); err != nil || z.Close() != nil {
		t.Fatal(err)
	}
	return b.String()
}

// archiveOf writes files.
func archiveOf(t testing.TB, files map[string]string) string {
	t.Helper()
	root := t.TempDir()
	for name, text := range files {
		file := filepath.Join(root, name)
		if err := errors.Join(os.MkdirAll(filepath.Dir(file), 0o755), os.WriteFile(file, []byte(text), 0o600)); err != nil {
			t.Fatal(err)
		}
	}
	return root
}

func run(t testing.TB, root string, o backtest.Options) *backtest.Report {
	t.Helper()
	if o.Set == nil {
		o.Set = rulesOf(t)
	}
	o.Files = archive.Local(root, nil)
	r, err := backtest.Run(context.Background(), o)
	if err != nil {
		t.Fatal(err)
	}
	for i := range r.Skipped {
		r.Skipped[i].File = strings.TrimPrefix(r.Skipped[i].File, root+"/")
	}
	return r
}

func TestRun(t *testing.T) {
	day := 24 * time.Hour
	root := archiveOf(t, map[string]string{
		"a.json.gz": packed(t, logFile(
			call(1, "ConsoleLogin", "alice", noon), call(2, "ConsoleLogin", "alice", noon.Add(5*time.Minute)),
			call(3, "ConsoleLogin", "alice", noon.Add(10*time.Minute)), call(4, "ConsoleLogin", "robot", noon),
			call(5, "Other", "alice", noon),
		)),
		// The same event once more, and another seven days later.
		"b.json": logFile(call(3, "ConsoleLogin", "alice", noon.Add(10*time.Minute)),
			call(6, "ConsoleLogin", "bob", noon.Add(6*day)), strings.ReplaceAll(call(8, "X", "bob", noon), "111122223332",
				"444455556666"), call(9, "X", "bob", noon)),
	})
	r := run(t, root, backtest.Options{})
	if r.Records != 9 || r.Files != 2 || r.Days != 7 || len(r.Skipped) != 0 || r.Left != 0 {
		t.Errorf("%d records, %d files, %d days, skipped %v", r.Records, r.Files, r.Days, r.Skipped)
	}
	type figures struct{ Matches, Findings, Messages int64 }
	got := map[string]figures{}
	for id, rule := range r.Rules {
		got[id] = figures{rule.Matches, rule.Findings, rule.Messages}
	}
	if diff := cmp.Diff(map[string]figures{
		"login":  {5, 5, 2}, // one of alice, within an hour, and one of bob
		"often":  {5, 1, 1}, // three events of alice within ten minutes; the copy is none
		"spread": {5, 1, 1}, // two accounts; then one is left over
		"broken": {},
		"never":  {},
		// It is on in one account.
		"elsewhere": {1, 1, 1},
	}, got); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(map[string]int64{"2026-03-02": 4, "2026-03-08": 1}, r.Rules["login"].ByDay); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(map[string]int64{"robot": 1, "nobody": 0}, r.Ignored); diff != "" {
		t.Error(diff)
	}
	if r.MessagesPerWeek != 5 {
		t.Errorf("%v messages a week, want 5", r.MessagesPerWeek)
	}
	if diff := cmp.Diff([]backtest.Actor{{Name: "user alice", Matches: 4}, {Name: "user bob", Matches: 1}},
		r.Rules["often"].Actors); diff != "" {
		t.Error(diff)
	}
	if s := r.Rules["login"].Samples; len(s) != 5 || s[0].EventID != "id-6" || s[0].Title != "bob signs in" ||
		s[0].Position != "line 1, record 2" || s[4].Time != "2026-03-02T12:00:00Z" {
		t.Errorf("samples %+v", s)
	}
}

// deep is a list in a list, and so on.
func deep(n int) string { return strings.Repeat("[", n) + strings.Repeat("]", n) }

// TestSkipped: what cannot be read is named with its place, and the rest is read.
func TestSkipped(t *testing.T) {
	one := call(1, "ConsoleLogin", "alice", noon)
	whole := packed(t, logFile(one, call(2, "ConsoleLogin", "bob", noon), strings.Repeat(" ", 100)+
		call(3, "ConsoleLogin", "carol", noon.Add(1234567*time.Second))))
	cut := packed(t, logFile(one, one)+"\n")
	const digest = `{"awsAccountId":"111122223333","digestStartTime":"2026-03-02T12:00:00Z",` +
		`"digestS3Object":"x","logFiles":[]}`
	long := `{"a":"` + strings.Repeat("x", 4<<20) + `"}`
	const digestName = "111122223333_CloudTrail-Digest_eu-west-1_t_us-east-1_20260302T091500Z.json.gz"
	for _, tt := range []struct {
		name, file, text string
		records, digests int64
		want             []backtest.Skip
	}{
		{"whole", "a.gz", whole, 3, 0, nil},
		{"a file without records", "a.json", `{"Records":[]}`, 0, 0, nil},
		{"a truncated stream", "a.gz", cut[:len(cut)-9], 2, 0, []backtest.Skip{
			{File: "a.gz", Position: "line 2", Reason: "the stream breaks off at byte 476: unexpected EOF"},
		}},
		{"a truncated text", "a.json", logFile(one, one)[:300], 1, 0, []backtest.Skip{
			{File: "a.json", Position: "line 1, record 2", Reason: "the text breaks off at byte 300"},
		}},
		{"no objects", "a.json", logFile(`1`, one, `"x"`, `null`), 1, 0, []backtest.Skip{
			{File: "a.json", Position: "line 1, record 1", Reason: "1 where a record belongs"},
			{File: "a.json", Position: "line 1, record 3", Reason: `no JSON: "x"`},
			{File: "a.json", Position: "line 1, record 4", Reason: "null where a record belongs"},
		}},
		{"a list in the place of a record", "a.json", logFile(one, `[]`), 1, 0, []backtest.Skip{
			{File: "a.json", Position: "line 1, record 2", Reason: "an empty list"},
		}},
		{"many of a kind", "a.json", logFile(`1`, `1`, `1`, `1`, `1`, one), 1, 0, []backtest.Skip{
			{File: "a.json", Position: "line 1, record 1", Reason: "1 where a record belongs"},
			{File: "a.json", Position: "line 1, record 2", Reason: "1 where a record belongs"},
			{File: "a.json", Position: "line 1, record 3", Reason: "1 where a record belongs"},
			{File: "a.json", Position: "line 1, record 4", Reason: "1 where a record belongs"},
			{File: "a.json", Position: "line 1, record 5", Reason: "1 where a record belongs"},
		}},
		{"nothing but no objects", "a.json", logFile(`1`, `2`), 0, 0, []backtest.Skip{
			{File: "a.json", Position: "line 1, record 1", Reason: "1 where a record belongs"},
			{File: "a.json", Position: "line 1, record 2", Reason: "2 where a record belongs"},
		}},
		{"no record", "a.json", logFile(one, `{"a":1}`), 1, 0, []backtest.Skip{{
			File: "a.json", Position: "line 1, record 2",
			Reason: "not a CloudTrail record: it has neither eventName and eventSource nor an eventType of AWS",
		}}},
		{"a record that is too long", "a.json", logFile(one, long, one), 2, 0, []backtest.Skip{
			{File: "a.json", Position: "line 1, record 2", Reason: "longer than 4 MiB, the most that is read as one value"},
		}},
		{"a record that is nested too deep", "a.json", logFile(one, `{"a":`+deep(10_000)+`}`, one), 2, 0, []backtest.Skip{
			{File: "a.json", Position: "line 1, record 2", Reason: "byte 10247: nested more than 10000 deep"},
		}},
		{"one that is too long as well", "a.json", logFile(one, deep(5<<20), one), 2, 0, []backtest.Skip{
			{
				File:     "a.json",
				Position: "line 1, record 2" + strings.Repeat(", record 1", 7),
				Reason:   "byte 10250: nested more than 10000 deep",
			},
		}},
		{
			"a line that is nested too deep, and the next", "a.json", "{\"a\":" + deep(10_001)[:10_001] + "\n" + one, 1, 0,
			[]backtest.Skip{
				{File: "a.json", Position: "line 1", Reason: "byte 10004: nested more than 10000 deep"},
			},
		},
		{"a digest", "a.json.gz", packed(t, digest), 0, 1, []backtest.Skip{{File: "a.json.gz", Reason: backtest.Digest}}},
		{"a digest by its name", digestName, "{", 0, 1, []backtest.Skip{{File: digestName, Reason: backtest.Digest}}},
		{"prose", "README.md", "# Read\nthis\nand that\nand more\nof it\n", 0, 0, []backtest.Skip{
			{File: "README.md", Reason: `no JSON: "# Read"`},
		}},
		{"nothing", "a.json", "", 0, 0, []backtest.Skip{{File: "a.json", Reason: "it is empty"}}},
		{"no text", "a.zip", "PK\x03\x04", 0, 0, []backtest.Skip{
			{File: "a.zip", Reason: "a zip archive; unpack it first"},
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := run(t, archiveOf(t, map[string]string{tt.file: tt.text}), backtest.Options{})
			if diff := cmp.Diff(append([]backtest.Skip{}, tt.want...), r.Skipped); diff != "" {
				t.Error(diff)
			}
			if r.Records != tt.records || r.Files != 1 || r.Digests != tt.digests ||
				r.Faults != int64(len(tt.want))-tt.digests {
				t.Errorf("%d records, %d files, %d faults, %d digests", r.Records, r.Files, r.Faults, r.Digests)
			}
		})
	}
}

// TestManySkipped: what is not named any more is counted.
func TestManySkipped(t *testing.T) {
	text := call(1, "ConsoleLogin", "alice", noon) + "\n" + strings.Repeat("{\"a\":1}\n", 2345)
	r := run(t, archiveOf(t, map[string]string{"a.json": text}), backtest.Options{})
	if r.Records != 1 || r.Faults != 2345 || len(r.Skipped) != 1000 {
		t.Errorf("%d records, %d faults, %d named", r.Records, r.Faults, len(r.Skipped))
	}
}

func TestFaults(t *testing.T) {
	odd := func(n string) string {
		return `{"eventID":"x","eventName":"Odd","eventSource":"s","eventTime":"2026-03-02T12:00:00Z","n":` + n + `}`
	}
	timeless := `{"eventName":"ConsoleLogin","eventSource":"s","eventTime":"soon"}`
	r := run(t, archiveOf(t, map[string]string{"a.json": logFile(odd("1"), odd("2"), odd(`"1"`), timeless)}),
		backtest.Options{})
	if f := r.Errors["broken"]; f.Records != 2 || f.Reason == "" || r.Rules["broken"].Matches != 1 {
		t.Errorf("%+v, %+v", r.Errors, r.Rules["broken"])
	}
	if f := r.Errors["often"]; f.Records != 1 || !strings.Contains(f.Reason, `eventTime is "soon"`) {
		t.Errorf("%+v", f)
	}
	if login := r.Rules["login"]; login.Matches != 1 || login.Findings != 1 || len(login.ByDay) != 0 {
		t.Errorf("a record without a time: %+v", login)
	}
}

func TestFilter(t *testing.T) {
	files := map[string]string{
		"a.json": logFile(call(3, "ConsoleLogin", "a", noon), call(4, "ConsoleLogin", "a", noon.Add(time.Hour)),
			`{"eventName":"A","eventSource":"s"}`),
		"111122223339_CloudTrail_eu-west-1_20260302T1205Z_x.json": logFile(call(7, "ConsoleLogin", "a", noon)),
	}
	root := archiveOf(t, files)
	for _, tt := range []struct {
		name                           string
		filter                         archive.Filter
		files, records, left, rejected int64
	}{
		{"all", archive.Filter{}, 2, 4, 0, 0},
		{"since", archive.Filter{Since: noon.Add(time.Minute)}, 2, 1, 3, 1},
		{"an account", archive.Filter{Accounts: []string{"111122223330"}}, 1, 1, 2, 0},
		{"another Region", archive.Filter{Regions: []string{"eu-west-2"}}, 1, 0, 3, 0},
	} {
		r := run(t, root, backtest.Options{Filter: tt.filter})
		if r.Files != tt.files || r.Records != tt.records || r.Left != tt.left || r.Faults != tt.rejected {
			t.Errorf("%s: %d files, %d records, %d left out, %v", tt.name, r.Files, r.Records, r.Left, r.Skipped)
		}
	}
}

// busy is an archive of many files in which much is found and much is wrong.
func busy(t testing.TB, seed uint64) string {
	t.Helper()
	random, files, id := rand.New(rand.NewPCG(seed, 1)), map[string]string{}, 0
	for f := range 40 {
		var records []string
		for range random.IntN(30) {
			id++
			name := []string{"ConsoleLogin", "ConsoleLogin", "Other", "Odd"}[random.IntN(4)]
			user := []string{"alice", "bob", "robot"}[random.IntN(3)]
			again := id - random.IntN(min(id, 2))
			records = append(records, call(again, name, user, noon.Add(time.Duration(random.IntN(60*48))*time.Minute)))
		}
		if random.IntN(4) == 0 {
			records = append(records, `7`)
		}
		text := packed(t, logFile(records...))
		if random.IntN(6) == 0 {
			text = text[:len(text)*3/4]
		}
		files[fmt.Sprintf("%d/%d.json.gz", f%3, f)] = text
	}
	return archiveOf(t, files)
}

func encoded(t testing.TB, r *backtest.Report) string {
	t.Helper()
	text, err := json.MarshalIndent(r, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// TestMerge: the parts of an archive make the report of one run, whatever their number and however many files are read
// at once.
func TestMerge(t *testing.T) {
	for seed := range uint64(5) {
		root := busy(t, seed)
		whole := run(t, root, backtest.Options{Workers: 1})
		if whole.Rules["often"].Findings == 0 || whole.Faults == 0 || len(whole.Errors) != 0 {
			t.Errorf("too little is found to tell: %+v", whole)
		}
		want := encoded(t, whole)
		if diff := cmp.Diff(want, encoded(t, run(t, root, backtest.Options{Workers: 7}))); diff != "" {
			t.Errorf("seven workers: %s", diff)
		}
		for _, of := range []int{1, 2, 5} {
			var parts []*backtest.Report
			for part := of; part >= 1; part-- {
				r := run(t, root, backtest.Options{Shard: archive.Shard{Part: part, Of: of}})
				var read backtest.Report
				if err := json.Unmarshal([]byte(encoded(t, r)), &read); err != nil {
					t.Fatal(err)
				}
				parts = append(parts, &read)
			}
			merged, err := backtest.Merge(parts)
			if err != nil {
				t.Fatal(err)
			}
			if missing := merged.Missing(); missing != nil {
				t.Errorf("the parts %v are missing", missing)
			}
			merged.Shards = nil
			if diff := cmp.Diff(want, encoded(t, merged)); diff != "" {
				t.Errorf("%d parts: %s", of, diff)
			}
		}
	}
}

func TestMergeRefuses(t *testing.T) {
	root := archiveOf(t, map[string]string{"a.json": logFile(call(1, "A", "a", noon))})
	part := func(o backtest.Options) *backtest.Report { return run(t, root, o) }
	one := archive.Shard{Part: 1, Of: 2}
	other, _ := detect.Load(detect.Options{}, detect.Source{Name: "x", Files: fstest.MapFS{}})
	for want, reports := range map[string][]*backtest.Report{
		"the part 1/2 is in an earlier report as well": {
			part(backtest.Options{Shard: one}), part(backtest.Options{Shard: one}),
		},
		"it is part 1/3, and the earlier ones are of 2": {
			part(backtest.Options{Shard: one}), part(backtest.Options{Shard: archive.Shard{Part: 1, Of: 3}}),
		},
		`it was made with other rules: "broken" is not in it`: {part(backtest.Options{}), part(backtest.Options{Set: other})},
		`it was made with other rules: only it has`:           {part(backtest.Options{Set: other}), part(backtest.Options{})},
		"it was made with another --since, --until, --account or --region": {
			part(backtest.Options{}), part(backtest.Options{Filter: archive.Filter{Accounts: []string{"1"}}}),
		},
		"it is no report of rules backtest --json": {{Rules: map[string]*backtest.Rule{"a": nil}}},
	} {
		_, err := backtest.Merge(reports)
		at, ok := errors.AsType[*backtest.MergeError](err)
		if !ok || !strings.HasPrefix(err.Error(), want) || at.Report != len(reports)-1 {
			t.Errorf("%v, want %s", err, want)
		}
	}
	merged, err := backtest.Merge([]*backtest.Report{part(backtest.Options{Shard: archive.Shard{Part: 2, Of: 3}})})
	if err != nil || !cmp.Equal(merged.Missing(), []string{"1/3", "3/3"}) {
		t.Errorf("missing %v, %v", merged.Missing(), err)
	}
}

func TestInterrupted(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	root := archiveOf(t, map[string]string{"a.json": logFile(call(1, "A", "a", noon))})
	r, err := backtest.Run(ctx, backtest.Options{Set: rulesOf(t), Files: archive.Local(root, nil)})
	if !errors.Is(err, context.Canceled) || r != nil {
		t.Errorf("%+v, %v", r, err)
	}
}

// FuzzReport: whatever is given as a report is merged or refused.
func FuzzReport(f *testing.F) {
	r := run(f, archiveOf(f, map[string]string{"a.json": logFile(call(1, "ConsoleLogin", "a", noon))}), backtest.Options{})
	f.Add(encoded(f, r))
	f.Add(`{"rules":{"a":null},"kept":{"a":null}}`)
	f.Add(`{"rules":{"a":{}},"kept":{"a":{"events":"AAAA"}},"shards":["1/2","x"]}`)
	f.Add(`{"rules":{"a":{"threshold":{"count":-1,"within":-1}}},"kept":{"a":{"fields":15,"events":"AQ=="}},"first":"x"}`)
	f.Fuzz(func(t *testing.T, text string) {
		var r backtest.Report
		if json.Unmarshal([]byte(text), &r) != nil {
			return
		}
		merged, err := backtest.Merge([]*backtest.Report{&r})
		if err != nil {
			return
		}
		_ = merged.Missing()
		backtest.Bars(merged, merged.ByDay, 60)
		_ = encoded(t, merged)
	})
}
