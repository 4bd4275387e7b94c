package detect_test

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"io/fs"
	"reflect"
	"strings"
	"testing"

	"trailkeeper/events"
	"trailkeeper/rules/detect"
	"trailkeeper/rules/detections"
	"trailkeeper/rules/expression"
)

// every are the built-in rules and others that have what those lack.
func every(t testing.TB) *detect.Set {
	t.Helper()
	options := detections.Tested()
	options.Today = "2026-11-30"
	set, problems := detect.Load(options, detections.Source(), folder(map[string]string{
		"detections/login.yaml": good,
		"records/login.json": `{
			"eventName": "ConsoleLogin", "eventSource": "s", "responseElements": {"ConsoleLogin": "Success"}
		}`,
		"detections/strict.yaml":  rule("strict", `size(record.userIdentity.arn) > 5 && stack == "trailkeeper"`),
		"detections/regexp.yaml":  rule("regexp", `record.eventName.matches("^(Stop|Start)L")`),
		"detections/error.yaml":   rule("error", `record.eventTime < 5`),
		"detections/listed.yaml":  rule("listed", `record.sourceIPAddress in list("vpn")`),
		"detections/literal.yaml": rule("literal", `{"a": [1, 2u, 1.5]}.a[0] == 1 && b"x" == b"x" && null == null`),
		"lists/vpn.yaml":          "[10.0.0.0/8, 203.0.113.*]\n",
		"events.yaml":             "- iam\n",
		"ignore/robot.yaml":       "match: record.userAgent == \"robot\"\nreason: r\nowner: o\nexpires: 2026-12-31\n",
		"ignore/old.yaml":         "match: 'true'\nreason: r\nowner: o\nexpires: 2026-11-29\n",
	}))
	for _, p := range problems {
		t.Fatal(p)
	}
	return set
}

func encoded(t testing.TB, set *detect.Set) []byte {
	t.Helper()
	text, err := set.Encode()
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func decoded(t testing.TB, text []byte) *detect.Set {
	t.Helper()
	set, err := detect.Decode(text)
	if err != nil {
		t.Fatal(err)
	}
	return set
}

// records are those of the fixtures and of the rules' tests, and some that are odd.
func records(t testing.TB, set *detect.Set) []expression.Record {
	t.Helper()
	all := set.Records()
	for _, text := range []string{
		`{}`, `{"eventName": 5}`, `{"errorCode": ""}`, `{"eventName": "X", "userAgent": "robot"}`,
		`{"eventName": "CreateUser", "sourceIPAddress": "203.0.113.9", "eventTime": 4}`,
	} {
		all = append(all, record(t, text))
	}
	files, err := fs.Glob(events.Fixtures(), "*.json")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		text, err := fs.ReadFile(events.Fixtures(), file)
		if err != nil {
			t.Fatal(err)
		}
		if r, err := expression.Parse(text); err == nil { // and no schedule, or another event that is no record
			all = append(all, r)
		}
	}
	return all
}

// said is all that a set says of a record.
func said(set *detect.Set, record expression.Record) string {
	var b strings.Builder
	d := set.Decide(record)
	fmt.Fprintf(&b, "ignored by %q, errors %v\n", d.IgnoredBy, d.Errors)
	for _, r := range d.Rules {
		hit, errs := r.Describe(record)
		fmt.Fprintf(&b, "%s: %+v %v\n", r.ID, hit, errs)
	}
	for _, r := range set.Rules {
		steps, err := r.Explain(record)
		fmt.Fprintf(&b, "%s: %+v %v\n", r.ID, steps, err)
	}
	return b.String()
}

// TestDecode: what was decoded says of every record what was encoded, in every word.
func TestDecode(t *testing.T) {
	set := every(t)
	again := decoded(t, encoded(t, set))
	for _, r := range records(t, set) {
		if got, want := said(again, r), said(set, r); got != want {
			t.Errorf("decoded:\n%s\nloaded:\n%s", got, want)
		}
	}
	if len(again.Rules) != len(set.Rules) || len(again.Ignores) != len(set.Ignores) {
		t.Fatalf("%d rules and %d ignore rules", len(again.Rules), len(again.Ignores))
	}
	for i, got := range again.Rules {
		want := set.Rules[i]
		if about(got) != about(want) {
			t.Errorf("%s\nwant %s", about(got), about(want))
		}
	}
	for i, got := range again.Ignores {
		want := set.Ignores[i]
		if got.ID+got.File+got.Reason+got.Owner+got.Expires != want.ID+want.File+want.Reason+want.Owner+want.Expires {
			t.Errorf("%+v, want %+v", got, want)
		}
	}
	if !bytes.Equal(encoded(t, again), encoded(t, set)) || !bytes.Equal(encoded(t, every(t)), encoded(t, set)) {
		t.Error("the same rules give other bytes")
	}
}

func about(r *detect.Rule) string {
	threshold := ""
	if r.Threshold != nil {
		threshold = fmt.Sprint(r.Threshold.Count, r.Threshold.Within)
	}
	return fmt.Sprintf("%q", []string{
		r.ID, r.File, fmt.Sprint(r.BuiltIn), r.Description, r.Route, r.Runbook, fmt.Sprint(r.References), r.Author,
		r.License, r.Off, r.Severity(), threshold,
	})
}

// TestEveryFieldIsEncoded: a field that is added is either encoded or left out on purpose, and then stands here.
func TestEveryFieldIsEncoded(t *testing.T) {
	for of, known := range map[reflect.Type]string{
		// Warnings are for those who load; rules and ignores are made again.
		reflect.TypeFor[detect.Set](): "Rules Ignores Warnings lists parameters today rules ignores",
		// Pattern is for the synth, and tests for rules test.
		reflect.TypeFor[detect.Rule](): "ID File BuiltIn Description Route Runbook References Author License Off " +
			"Threshold Pattern Accounts setting title summary severity match dedupe dedupeWithin tests",
		reflect.TypeFor[detect.Threshold]():     "Count Within by distinct",
		reflect.TypeFor[detect.Ignore]():        "ID File Reason Owner Expires match",
		reflect.TypeFor[detect.AccountSwitch](): "Account Name Switch",
		reflect.TypeFor[detect.Switch]():        "Enabled Severity Route",
		reflect.TypeFor[expression.Key]():       "Field Value",
	} {
		var names []string
		for i := range of.NumField() {
			names = append(names, of.Field(i).Name)
		}
		if got := strings.Join(names, " "); got != known {
			t.Errorf("%s has the fields\n%s\nand these are known:\n%s", of, got, known)
		}
	}
}

// TestOn: an ignore rule counts up to its last day, in a decoded set too.
func TestOn(t *testing.T) {
	set, _ := detect.Load(detect.Options{Today: "2026-11-30"}, folder(map[string]string{
		"a.yaml":        rule("a", "true"),
		"ignore/x.yaml": "match: 'true'\nreason: r\nowner: o\nexpires: 2026-12-31\n",
	}))
	set = decoded(t, encoded(t, set))
	for day, want := range map[string]string{"": "x", "2026-12-31": "x", "2027-01-01": ""} {
		if got := set.On(day).Decide(record(t, "{}")); got.IgnoredBy != want || len(got.Rules) != len("x")-len(want) {
			t.Errorf("on %s: %+v", day, got)
		}
	}
	if got := set.Decide(record(t, "{}")).IgnoredBy; got != "x" {
		t.Errorf("the set itself has changed: ignored by %q", got)
	}
}

// TestDecodeRefuses: what is not as it was encoded is one sentence.
func TestDecodeRefuses(t *testing.T) {
	text := encoded(t, every(t))
	flip := func(at int) []byte {
		broken := bytes.Clone(text)
		broken[at] ^= 1
		return broken
	}
	for _, row := range []struct {
		broken []byte
		want   string
	}{
		{[]byte("id: a\nmatch: 'true'\n"), "are not in encoded form"},
		{nil, "are not in encoded form"},
		{bytes.Replace(text, []byte("rules 1"), []byte("rules 2"), 1), `have form "2", and this program reads form 1`},
		{text[:len("trailkeeper rules 1\n")+2], "are cut off"},
		{text[:len(text)-1], "are damaged: their checksum is wrong"},
		{flip(len(text) - 5), "are damaged: their checksum is wrong"},
		{flip(len("trailkeeper rules 1\n")), "are damaged: their checksum is wrong"},
		{summed(text[:len(text)-1]), "are damaged: they end too early"},
		{summed(append(bytes.Clone(text), 0)), "are damaged: 1 bytes follow the last value"},
	} {
		_, err := detect.Decode(row.broken)
		if err == nil || !strings.Contains(err.Error(), row.want) || !strings.Contains(err.Error(), "; deploy") {
			t.Errorf("%v, want %q", err, row.want)
		}
	}
}

// summed puts the right checksum into encoded rules.
func summed(text []byte) []byte {
	const at = len("trailkeeper rules 1\n")
	if len(text) < at+4 {
		return text
	}
	text = bytes.Clone(text)
	binary.BigEndian.PutUint32(text[at:], crc32.ChecksumIEEE(text[at+4:]))
	return text
}

// FuzzDecode: bytes that nobody encoded are an error. With a checksum that somebody put right they may be a set, and
// still there is no panic.
func FuzzDecode(f *testing.F) {
	small, _ := detect.Load(detect.Options{Lists: map[string][]string{"l": {"a"}}}, folder(map[string]string{
		"a.yaml": rule("a", `record.eventName == "A" && record.a.matches("b") && record.c in list("l")`),
		"b.yaml": good,
	}))
	f.Add(encoded(f, small))
	f.Add([]byte("trailkeeper rules 1\n"))
	r := record(f, `{"eventName": "A", "a": "b", "c": "a"}`)
	f.Fuzz(func(t *testing.T, text []byte) {
		if set, err := detect.Decode(text); err == nil {
			said(set, r)
		}
		if set, err := detect.Decode(summed(text)); (set == nil) == (err == nil) {
			t.Fatalf("%v and %v", set, err)
		}
	})
}
