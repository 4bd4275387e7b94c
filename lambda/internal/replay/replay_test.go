package replay

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"iter"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"trailkeeper/events"
	"trailkeeper/events/read"
	"trailkeeper/lambda/config"
	"trailkeeper/lambda/internal/assess"
	"trailkeeper/rules"
	"trailkeeper/rules/detect"
	"trailkeeper/rules/detections"
)

var restart = assess.Scope{Mode: config.ModeRestart}

func fixture(t testing.TB, name string) []byte {
	t.Helper()
	b, err := fs.ReadFile(events.Fixtures(), name)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// compact is the fixture on one line.
func compact(t testing.TB, name string) string {
	t.Helper()
	var b bytes.Buffer
	if err := json.Compact(&b, fixture(t, name)); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// record is the fixture's bare record, on one line.
func record(t testing.TB, name string) string {
	t.Helper()
	var event struct {
		Detail json.RawMessage `json:"detail"`
	}
	if err := json.Unmarshal([]byte(compact(t, name)), &event); err != nil {
		t.Fatal(err)
	}
	return string(event.Detail)
}

// all reads a text and decodes every record.
func all(in io.Reader, scope assess.Scope) iter.Seq[Result] {
	return Read(read.All(in), Options{Scope: scope, Whole: true})
}

func TestDecisions(t *testing.T) {
	tests := []struct {
		fixture  string
		decision assess.Decision
		pattern  string
	}{
		{"stop-logging.json", assess.Restart, rules.RuleTampering},
		{"stop-logging-record.json", assess.Restart, rules.RuleTampering},
		{"stop-logging-odd-actor.json", assess.Restart, rules.RuleOddActor},
		{"stop-logging-no-identity.json", assess.Restart, rules.RuleTampering},
		{"stop-logging-omitted.json", assess.Notify, rules.RuleTampering}, // no trail to restart
		{"delete-trail.json", assess.Notify, rules.RuleTampering},
		{"update-trail-minimise.json", assess.Change, rules.RuleChange},
		{"put-event-selectors-blinding.json", assess.Change, rules.RuleChange},
		{"stop-logging-denied.json", assess.Attempt, rules.RuleAttempt},
		{"stop-logging-denied-odd-actor.json", assess.Attempt, rules.RuleOddAttempt},
		{"stop-logging-org-member.json", assess.Attempt, rules.RuleAttempt},
		{"start-logging-denied.json", assess.Attempt, rules.RuleActivity},
		{"start-logging.json", assess.Notify, rules.RuleActivity},
		{"add-tags.json", assess.Notify, rules.RuleActivity},
		{"console-login-without-mfa.json", assess.Ignored, ""},
		{"describe-trails.json", assess.Ignored, ""},
		{"stop-logging-kinesis-video.json", assess.Ignored, ""}, // another service's StopLogging
		{"stop-logging-or-else.json", assess.Ignored, ""},
		{"stop-logging-forged.json", assess.Ignored, ""}, // PutEvents cannot send the source aws.cloudtrail
		{"stop-logging-vpce.json", assess.Ignored, ""},
		{"scheduled-event.json", assess.Ignored, ""},
		{"ec2-state-change.json", assess.Unreadable, ""},
	}
	for _, tt := range tests {
		t.Run(tt.fixture, func(t *testing.T) {
			got := slices.Collect(all(bytes.NewReader(fixture(t, tt.fixture)), restart))
			if len(got) != 1 {
				t.Fatalf("%d results, want 1", len(got))
			}
			if got[0].Decision != tt.decision || got[0].Pattern != tt.pattern {
				t.Errorf("decision %q, pattern %q; want %q, %q", got[0].Decision, got[0].Pattern, tt.decision, tt.pattern)
			}
			if quiet := tt.decision == assess.Ignored || tt.decision == assess.Unreadable; quiet != (got[0].Severity == "") {
				t.Errorf("severity %q with decision %q", got[0].Severity, tt.decision)
			}
			if unreadable := tt.decision == assess.Unreadable; unreadable != (got[0].Reason() != "") {
				t.Errorf("reason %q with decision %q", got[0].Reason(), tt.decision)
			}
		})
	}
}

func TestScopeDecides(t *testing.T) {
	tests := []struct {
		name  string
		scope assess.Scope
		want  assess.Decision
	}{
		{"mode notify", assess.Scope{Mode: config.ModeNotify}, assess.Notify},
		{"its account", assess.Scope{Mode: config.ModeRestart, Accounts: []string{"111122223333"}}, assess.Restart},
		{"another account", assess.Scope{Mode: config.ModeRestart, Accounts: []string{"999988887777"}}, assess.Notify},
		{"another partition", assess.Scope{Mode: config.ModeRestart, Partition: "aws-cn"}, assess.Notify},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := slices.Collect(all(bytes.NewReader(fixture(t, "stop-logging.json")), tt.scope))
			if got[0].Decision != tt.want {
				t.Errorf("decision %q, want %q", got[0].Decision, tt.want)
			}
		})
	}
}

// The shapes in which events are kept give the same decisions, and what is broken between them costs only itself.
func TestShapes(t *testing.T) {
	stop, login, denied := compact(
		t,
		"stop-logging.json",
	), compact(
		t,
		"console-login-without-mfa.json",
	), compact(
		t,
		"stop-logging-denied.json",
	)
	logFile := `{"Records":[` + record(t, "stop-logging.json") + `,` + record(t, "console-login-without-mfa.json") + `,` +
		record(t, "stop-logging-denied.json") + `]}`
	want := []string{"restart", "ignored", "attempt"}
	tests := []struct {
		name, input string
		want        []string
	}{
		{"JSON lines", stop + "\n" + login + "\n" + denied + "\n", want},
		{
			"records as JSON lines",
			strings.Join(
				[]string{
					record(t, "stop-logging.json"),
					record(t, "console-login-without-mfa.json"),
					record(t, "stop-logging-denied.json"),
				},
				"\n",
			),
			want,
		},
		{"values without a line between", stop + login + denied, want},
		{"array", "[" + stop + "," + login + "," + denied + "]", want},
		{
			"indented",
			string(
				fixture(t, "stop-logging.json"),
			) + string(
				fixture(t, "console-login-without-mfa.json"),
			) + string(
				fixture(t, "stop-logging-denied.json"),
			),
			want,
		},
		{"log file", logFile, want},
		{"log file, then lines", logFile + "\n" + stop, append(slices.Clone(want), "restart")},
		{
			"broken lines between",
			stop + "\nnot json\n{\"broken\": \n" + login + "\n\n" + denied,
			[]string{"restart", "unreadable", "unreadable", "ignored", "attempt"},
		},
		{
			"a record that is none in a log file",
			`{"Records":[7,` + record(t, "stop-logging.json") + `]}`,
			[]string{"unreadable", "restart"},
		},
		{"nothing", "", []string{"unreadable"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			for name, in := range map[string]io.Reader{"plain": strings.NewReader(tt.input), "gzip": zipped(t, tt.input)} {
				var got []string
				for r := range all(in, restart) {
					got = append(got, string(r.Decision))
				}
				if diff := cmp.Diff(tt.want, got); diff != "" {
					t.Errorf("%s (-want +got):\n%s", name, diff)
				}
			}
		})
	}
}

// FuzzQuiet: what is passed over without decoding is what the rules do not match, and nothing else is passed over.
func FuzzQuiet(f *testing.F) {
	names, err := fs.Glob(events.Fixtures(), "*.json")
	if err != nil {
		f.Fatal(err)
	}
	for _, name := range names {
		f.Add(fixture(f, name))
		f.Add([]byte(`{"Records":[` + compact(f, name) + `,{"eventName":"GetObject","eventSource":"s3.amazonaws.com"}]}`))
	}
	for _, odd := range []string{
		`{"eventName":"A","eventSource":"b","eventName":"StopLogging"}`, `{"eventName":["A"],"eventSource":"b"}`,
		`{"event\u004eame":"StopLogging","eventName":"A","eventSource":"cloudtrail.amazonaws.com"}`,
		`{"eventName":"A","eventSource":"b","detail":{"eventName":"StopLogging"},"source":"aws.cloudtrail"}`,
		`{"source":"aws.x","detail-type":"x via CloudTrail","detail":{"eventName":"A","eventSource":"b"},"detail":{}}`,
	} {
		f.Add([]byte(odd))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		var want []Result
		judged := Options{Scope: restart, Rules: builtIn()}
		for record, err := range read.All(bytes.NewReader(text)) {
			r := judged.result(record, err)
			r.Place = record.Place
			if err == nil && isQuiet(record) && judged.passes(record) && (r.Decision != assess.Ignored || len(r.Rules) > 0) {
				t.Errorf("%s is passed over, and %s when it is decoded, %v", record.JSON(), r.Decision, r.Err)
			}
			want = append(want, r)
		}
		i := 0
		for got := range Read(read.All(bytes.NewReader(text)), judged) {
			if w := want[i]; !reflect.DeepEqual(got.Rules, w.Rules) || got.Decision != w.Decision ||
				got.Pattern != w.Pattern || got.Trail != w.Trail ||
				got.Place.Where() != w.Place.Where() || got.Reason() != w.Reason() {
				t.Errorf("%+v, want %+v", got, w)
			}
			i++
		}
		if i != len(want) {
			t.Errorf("%d results, want %d", i, len(want))
		}
	})
}

func zipped(t testing.TB, text string) io.Reader {
	t.Helper()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	if _, err := io.WriteString(z, text); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return &b
}

func TestPositions(t *testing.T) {
	input := compact(t, "stop-logging.json") + "\nno json\n{\"Records\":[" + record(t, "stop-logging.json") + ",{}]}\n"
	var got []string
	for r := range all(strings.NewReader(input), restart) {
		got = append(got, r.Place.Where()+" "+string(r.Decision))
	}
	want := []string{"line 1 restart", "line 2 unreadable", "line 3, record 1 restart", "line 3, record 2 unreadable"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestTruncatedGzipKeepsWhatCame(t *testing.T) {
	lines := strings.Repeat(compact(t, "stop-logging.json")+"\n", 200)
	whole, err := io.ReadAll(zipped(t, lines))
	if err != nil {
		t.Fatal(err)
	}
	var s Summary
	for r := range all(bytes.NewReader(whole[:len(whole)-20]), restart) {
		s.Add(r)
	}
	if s.Count(assess.Restart) == 0 || s.Count(assess.Unreadable) == 0 {
		t.Errorf("%s; want restarts before the break, and the break itself", &s)
	}
}

// decide skips the patterns for any other source; this holds as long as every pattern pins it.
func TestEveryPatternPinsTheSource(t *testing.T) {
	for _, rule := range rules.EventRules() {
		var pattern struct {
			Source []string `json:"source"`
		}
		if err := json.Unmarshal(rule.Pattern.JSON(), &pattern); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff([]string{"aws.cloudtrail"}, pattern.Source); diff != "" {
			t.Errorf("rule %s (-want +got):\n%s", rule.Name, diff)
		}
	}
}

func TestSlackText(t *testing.T) {
	tests := []struct{ fixture, want string }{
		{"stop-logging.json", "management-events"},
		{"stop-logging-denied.json", "was refused"},
		{"start-logging.json", ""}, // only the guard tells
		{"describe-trails.json", ""},
	}
	for _, tt := range tests {
		t.Run(tt.fixture, func(t *testing.T) {
			for r := range all(bytes.NewReader(fixture(t, tt.fixture)), restart) {
				got, err := r.SlackText()
				if err != nil {
					t.Fatal(err)
				}
				if (got == "") != (tt.want == "") || !strings.Contains(got, tt.want) {
					t.Errorf("text %q, want one with %q", got, tt.want)
				}
			}
		})
	}
}

func TestSummary(t *testing.T) {
	var s Summary
	if got := s.String(); got != "no records" {
		t.Errorf("empty: %q", got)
	}
	s.Add(Result{Decision: assess.Restart})
	if got, want := s.String(), "1 record: 1 restart"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	s.Add(Result{Decision: assess.Ignored})
	s.Add(Result{Decision: assess.Unreadable, Err: errors.New("x")})
	if got, want := s.String(), "3 records: 1 restart, 1 ignored, 1 unreadable"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	s.Add(Result{Decision: assess.Attempt})
	s.Add(Result{Decision: skipped})
	if got, want := s.String(), "4 records: 1 restart, 1 attempt, 1 ignored, 1 skipped, 1 unreadable"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// TestWhatIsPassedOver: a digest is skipped, and the event of a record that is passed over is there if it is asked for.
func TestWhatIsPassedOver(t *testing.T) {
	digest := `{"digestStartTime":"t","digestS3Object":"o","logFiles":[{"hashValue":"h"}]}`
	for r := range all(strings.NewReader(digest), restart) {
		if r.Decision != skipped || r.Reason() != "a digest file, which holds no record" {
			t.Errorf("%s: %s", r.Decision, r.Reason())
		}
	}
	insight := compact(t, "insight-record.json")
	message, err := json.Marshal(insight)
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{
		insight, insight + "\n" + insight, "[" + insight + "]", `{"Records":[` + insight + "," + insight + `]}`,
		`{"detail-type":"AWS Insight via CloudTrail","source":"aws.cloudtrail","detail":` + insight + `}`,
		`{"events":[{"message":` + string(message) + `}]}`,
	} {
		for r := range all(strings.NewReader(text), restart) {
			if r.Decision != skipped || r.Reason() != "a record of CloudTrail Insights, which holds no record" {
				t.Errorf("%s: %s %s", text, r.Decision, r.Reason())
			}
		}
	}
	forged := strings.Replace(compact(t, "stop-logging.json"), `"eventType":"AwsApiCall"`,
		`"eventType":"AwsCloudTrailInsight"`, 1)
	for r := range all(strings.NewReader(forged), restart) {
		if r.Decision != assess.Ignored || r.Pattern != rules.RuleTampering { // the guard takes it for nobody's call
			t.Errorf("a StopLogging of another type: %s, %s", r.Decision, r.Pattern)
		}
	}
	text := `{"eventName":"DescribeTrails","eventSource":"cloudtrail.amazonaws.com"}`
	for whole, want := range map[bool]string{true: "DescribeTrails", false: ""} {
		for r := range Read(read.All(strings.NewReader(text)), Options{Scope: restart, Whole: whole}) {
			if r.Decision != assess.Ignored || r.Event.Record.EventName != want {
				t.Errorf("whole %t: %s of %q", whole, r.Decision, r.Event.Record.EventName)
			}
		}
	}
}

func TestEveryDecisionHasAMeaning(t *testing.T) {
	for _, d := range Decisions() {
		if Meaning(d) == "" {
			t.Errorf("decision %s has no meaning", d)
		}
	}
}

// builtIn are the built-in rules.
var builtIn = sync.OnceValue(func() *detect.Set {
	set, problems := detect.Load(detections.Tested(), detections.Source())
	if len(problems) > 0 {
		panic(problems)
	}
	return set
})

func TestRulesOverCloudTrail(t *testing.T) {
	const root = `{"eventName":"CreateUser","eventSource":"iam.amazonaws.com","eventType":"AwsApiCall",` +
		`"userIdentity":{"type":"Root","accountId":"111122223333"}}`
	for name, c := range map[string]struct {
		text, rules string
		decision    assess.Decision
	}{
		"the guard's own": {compact(t, "stop-logging.json"), "trail-changed trail-tampering", assess.Restart},
		"only rules":      {root, "iam-user-created root-activity root-any-call", assess.Ignored},
		"in an event": {
			`{"version":"0","id":"1","detail-type":"AWS API Call via CloudTrail","source":"aws.iam","account":"111122223333",` +
				`"time":"2026-03-02T09:15:27Z","region":"us-east-1","resources":[],"detail":` + root + `}`,
			"iam-user-created root-activity root-any-call", assess.Ignored,
		},
		"near miss": {
			strings.ReplaceAll(strings.Replace(root, "Root", "IAMUser", 1), "CreateUser", "GetUser"),
			"",
			assess.Ignored,
		},
	} {
		for _, whole := range []bool{true, false} {
			for r := range Read(read.All(strings.NewReader(c.text)), Options{Scope: restart, Rules: builtIn(), Whole: whole}) {
				var ids []string
				for _, m := range r.Rules {
					ids = append(ids, m.Rule)
					if m.Title == "" || m.Severity == "" {
						t.Errorf("%s: %s has no title or severity", name, m.Rule)
					}
				}
				if got := strings.Join(ids, " "); got != c.rules || r.Decision != c.decision {
					t.Errorf("%s, whole %t: %q, %s, %v; want %q, %s", name, whole, got, r.Decision, r.Err, c.rules, c.decision)
				}
			}
		}
	}
}

func TestIgnoredByRule(t *testing.T) {
	set, problems := detect.Load(detections.Tested(), detections.Source(), detect.Source{Name: "own", Files: fstest.MapFS{
		"ignore/deployer.yaml": {Data: []byte("match: record.userIdentity.type == \"Root\"\nreason: a test\nowner: test\n")},
		"detections/odd.yaml": {Data: []byte("id: odd\ntitle: odd\nseverity: low\n" +
			"match: record.eventName == \"PutOdd\" && record.readOnly == \"false\"\n")},
	}})
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	text := `{"eventName":"CreateUser","eventSource":"iam.amazonaws.com","userIdentity":{"type":"Root"}}
{"eventName":"PutOdd","eventSource":"odd.amazonaws.com","readOnly":false}`
	var got []Result
	for r := range Read(read.All(strings.NewReader(text)), Options{Scope: restart, Rules: set}) {
		got = append(got, r)
	}
	if len(got) != 2 || got[0].IgnoredBy != "deployer" || len(got[0].Rules) > 0 || len(got[1].RuleErrors) != 1 {
		t.Errorf("%+v", got)
	}
	var s Summary
	for _, r := range got {
		s.Add(r)
	}
	if s.String() != "2 records: 2 ignored" {
		t.Error(s.String())
	}
}
