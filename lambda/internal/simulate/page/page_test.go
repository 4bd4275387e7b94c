package page_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"trailkeeper/lambda/internal/goldentest"
	"trailkeeper/lambda/internal/localcloud"
	"trailkeeper/lambda/internal/simulate/page"
	"trailkeeper/lambda/internal/simulate/result"
	"trailkeeper/lambda/internal/trail"
)

var update = flag.Bool("update", false, "write the golden files anew")

var start = time.Date(2026, 3, 2, 9, 15, 0, 0, time.UTC)

func after(d time.Duration) time.Time { return start.Add(d) }

// stopped is a run with an entry of every kind.
func stopped() result.Result {
	const arn = "arn:aws:cloudtrail:eu-west-1:111122223333:trail/management"
	blocks, _ := json.Marshal(map[string]any{"text": "plain", "blocks": []any{
		map[string]any{"type": "header", "text": map[string]any{"type": "plain_text", "text": "✅ Restored"}},
		map[string]any{"type": "section", "text": map[string]any{"type": "mrkdwn", "text": "*High* · `aws x`\nnext"}},
		map[string]any{"type": "section", "fields": []any{map[string]any{"type": "mrkdwn", "text": "*Who*\n`mallory`"}}},
		map[string]any{"type": "divider"},
		map[string]any{"type": "context", "elements": []any{map[string]any{"type": "plain_text", "text": "Incident 1"}}},
	}})
	return result.Result{
		Name:        "logging-stopped",
		Title:       "the logging of a trail is stopped",
		Assumptions: []string{"the boundary allows it"},
		Start:       start,
		End:         after(10 * time.Second),
		Timeline: result.Timeline{
			{
				At:      after(time.Second),
				Kind:    localcloud.KindCall,
				Who:     "mallory",
				Op:      "StopLogging",
				Write:   true,
				Subject: arn,
			},
			{
				At:      after(3 * time.Second),
				Kind:    localcloud.KindMatched,
				Subject: "TamperingRule",
				Op:      "StopLogging",
			},
			{
				At:   after(3 * time.Second),
				Kind: localcloud.KindSlack,
				Via:  localcloud.ViaDestination,
				Raw:  `{"text":":red_circle: *StopLogging* succeeded"}`,
			},
			{
				At:       after(3 * time.Second),
				Kind:     localcloud.KindCall,
				Function: true,
				Op:       "GetTrailStatus",
				Subject:  arn,
			},
			{
				At:       after(4 * time.Second),
				Kind:     localcloud.KindCall,
				Function: true,
				Write:    true,
				Op:       "StartLogging",
				Subject:  arn,
			},
			{
				At:   after(5 * time.Second),
				Kind: localcloud.KindSlack,
				Via:  localcloud.ViaFunction,
				Raw:  string(blocks),
			},
			{
				At:      after(5 * time.Second),
				Kind:    localcloud.KindSNS,
				Via:     localcloud.ViaFunction,
				Subject: "[HIGH] stopped and restored",
				Text:    "Severity  High\n",
			},
			{
				At:   after(6 * time.Second),
				Kind: localcloud.KindSlack,
				Via:  localcloud.ViaFunction,
				Err:  "HTTP 503",
				Text: "late",
			},
			{
				At:      after(6 * time.Second),
				Kind:    localcloud.KindParked,
				Subject: "Parked",
				Via:     localcloud.ViaFunction,
			},
			{
				At:      after(7 * time.Second),
				Kind:    localcloud.KindAlarm,
				Subject: "failed",
				Text:    "ALARM",
			},
			{
				At:      after(8 * time.Second),
				Kind:    localcloud.KindLost,
				Subject: "Rule",
				Err:     "no queue",
			},
		},
		Checks: []result.Verdict{{Check: "logging was restored"}, {Check: "nothing was lost", Why: "Rule lost an event"}},
		Trail: result.Trail{ARN: arn, Phases: []result.Phase{
			{
				From:  after(time.Second),
				To:    after(4 * time.Second),
				State: result.Stopped,
				Changes: []trail.Change{{
					Field:    "logging",
					Before:   "true",
					After:    "false",
					Sentence: "The trail does not log.",
				}},
			},
			{From: after(4 * time.Second), To: after(10 * time.Second), State: result.Recording},
		}},
	}
}

func write(t *testing.T, results ...result.Result) string {
	t.Helper()
	var out bytes.Buffer
	if err := page.Write(&out, results); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

// TestWrite shows the whole page: what was played, what was not, and an entry of every kind.
func TestWrite(t *testing.T) {
	skipped := result.Result{Name: "thread", Title: "a thread", NotPlayed: "this deployment is not set up for it"}
	goldentest.Compare(t, "testdata/page.html", write(t, stopped(), skipped), *update)
}

// TestNothing is a run in which nothing could be played.
func TestNothing(t *testing.T) {
	got := write(t, result.Result{Name: "x", Title: "y", NotPlayed: "z"})
	if !strings.Contains(got, "Nothing was played") || strings.Contains(got, "All checks passed") {
		t.Error(got)
	}
}

// TestHostile: whatever an attacker or a channel wrote is text, and the page has no script, no handler and no address
// that is not https.
func TestHostile(t *testing.T) {
	const evil = `</title></style><script>alert(1)</script><img src=x onerror=alert(1)>" onload="x' ` +
		`<javascript:alert(1)|click> <https://ok.example/"onmouseover=x|a&quot;<b> ` + "`</code>` ```</pre>```"
	r := stopped()
	for i := range r.Timeline {
		e := &r.Timeline[i]
		e.Who, e.Op, e.Subject, e.Text, e.Err, e.Via = evil, evil, evil, evil, evil, evil
		if e.Kind == localcloud.KindSlack {
			raw, _ := json.Marshal(map[string]any{"text": evil, "blocks": []any{
				map[string]any{"type": "header", "text": map[string]any{"type": "plain_text", "text": evil}},
				map[string]any{"type": evil, "text": map[string]any{"type": "mrkdwn", "text": evil}},
			}})
			e.Raw = string(raw)
		}
	}
	r.Name, r.Title, r.Assumptions = evil, evil, []string{evil}
	r.Checks = []result.Verdict{{Check: evil, Why: evil}}
	r.Trail.Phases[0].Changes[0] = trail.Change{
		Field:    evil,
		Before:   evil,
		After:    evil,
		Sentence: evil,
	}
	got := write(t, r)
	for _, bad := range []*regexp.Regexp{
		regexp.MustCompile(`(?i)<script`),
		regexp.MustCompile(`(?i)<img`),
		regexp.MustCompile(`(?i)<[a-z][^>]*\son[a-z]+\s*=`),
		regexp.MustCompile(`(?i)href="[^h#]`),
		regexp.MustCompile(`(?i)href="javascript`),
	} {
		if found := bad.FindString(got); found != "" {
			t.Errorf("%s: %q", bad, found)
		}
	}
	if n := strings.Count(got, "</style>"); n != 1 {
		t.Errorf("%d ends of the style", n)
	}
}

// TestBounds: a flood makes a page of a bounded size, which says what it leaves out.
func TestBounds(t *testing.T) {
	r := stopped()
	for i := range 5000 {
		at := after(time.Duration(i) * time.Second)
		r.Timeline = append(r.Timeline,
			localcloud.Entry{
				At:   at,
				Kind: localcloud.KindCall,
				Who:  "mallory",
				Op:   fmt.Sprint("Op", i),
			},
			localcloud.Entry{
				At:      at,
				Kind:    localcloud.KindSNS,
				Subject: "s",
				Text:    strings.Repeat("x", 50_000),
			})
	}
	got := write(t, r)
	if len(got) > 2_000_000 || !strings.Contains(got, "4980 more, which --messages prints") ||
		!strings.Contains(got, "The rest is left out; --verbose prints it.") {
		t.Errorf("%d bytes", len(got))
	}
}
