package detection_test

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"trailkeeper/events"
	"trailkeeper/lambda/internal/detection"
	"trailkeeper/lambda/internal/finding"
	"trailkeeper/lambda/internal/metrics"
	"trailkeeper/lambda/internal/producertest"
	"trailkeeper/rules/detect"
	"trailkeeper/rules/detections"
)

var now = producertest.Now

// builtIn are the built-in rules; loading them takes a while.
var builtIn = sync.OnceValue(func() *detect.Set {
	set, problems := detect.Load(detect.Options{Stack: "trailkeeper"}, detections.Source())
	if len(problems) > 0 {
		panic(problems)
	}
	return set
})

// of are rules, each a file.
func of(t *testing.T, files map[string]string) *detect.Set {
	t.Helper()
	folder := fstest.MapFS{}
	for name, text := range files {
		folder[name+".yaml"] = &fstest.MapFile{Data: []byte(text)}
	}
	set, problems := detect.Load(detect.Options{Today: "2026-03-02"}, detect.Source{Name: "rules", Files: folder})
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	return set
}

// failedLogins is a rule with a threshold.
const failedLogins = `{id: failed-logins, title: "Sign-ins of {{ record.userIdentity.userName }} fail", severity: high,
match: 'record.eventName == "ConsoleLogin" && record.errorMessage == "Failed authentication"',
threshold: {count: 5, within: 10m, by: record.userIdentity.userName}}`

// world is a detector with its surroundings.
type world struct {
	*producertest.World
	*detection.Detector
	table   *producertest.Table
	at      time.Time
	refused map[string]metrics.Refused
	flushes int
}

// newWorld has a table, and channels that fail with these errors.
func newWorld(rules *detect.Set, slackErr, snsErr error) *world {
	w := &world{
		World:   producertest.New(slackErr, snsErr, nil),
		table:   producertest.NewTable(),
		at:      now,
		refused: map[string]metrics.Refused{},
	}
	w.World.Clock.Now = func() time.Time { return w.at }
	w.World.Fanout.Clock = w.World.Clock
	w.World.Breaker.Clock = w.World.Clock
	w.table.Documents.Now = w.World.Clock.Now
	w.ReportWith(w.table, true)
	base := finding.Finding{
		Subject: finding.Subject{Partition: "aws", Account: w.Config.Accounts[0], Region: producertest.Region},
		Stack:   w.Config.Stack,
	}
	w.Detector = &detection.Detector{
		Rules: rules,
		Scope: detection.Scope{
			Accounts:        w.Config.Accounts,
			GuardedAccounts: w.Config.Accounts,
			GuardedRegions:  []string{producertest.Region},
		},
		Counts: &detection.Counts{Documents: &w.table.Documents, Breaker: w.Breaker, Clock: w.World.Clock},
		Matters: &detection.Matters{
			Documents: &w.table.Documents,
			Breaker:   w.Breaker,
			Clock:     w.World.Clock,
			Log:       w.World.Log,
		},
		Failures: &detection.Failures{
			Once:     w.World.Once,
			Reporter: w.Pipeline(),
			Base:     base,
			Clock:    w.World.Clock,
		},
		Once:     w.World.Once,
		Reporter: w.Pipeline(),
		Base:     base,
		Measure:  w.World.Measure,
		Refused: func(_ context.Context, account string, r metrics.Refused) {
			w.flushes++
			w.refused[account] = r
		},
		Clock: w.World.Clock,
		Log:   w.World.Log,
	}
	w.Summaries.Matter = w.Matters.Matter
	return w
}

// record is one of the deployment's, with these fields.
func record(id string, fields map[string]any) map[string]any {
	all := map[string]any{
		"eventVersion":       "1.11",
		"eventID":            id,
		"eventTime":          "2026-03-02T09:15:27Z",
		"eventSource":        "signin.amazonaws.com",
		"eventName":          "ConsoleLogin",
		"awsRegion":          producertest.Region,
		"recipientAccountId": "111122223333",
		"sourceIPAddress":    "203.0.113.7",
		"userIdentity":       map[string]any{"type": "IAMUser", "userName": "alice", "accountId": "111122223333"},
	}
	maps.Copy(all, fields)
	return all
}

// failedLogin is a sign-in of alice that failed so many seconds after the first.
func failedLogin(id string, after int) map[string]any {
	return record(id, map[string]any{
		"errorMessage": "Failed authentication",
		"eventType":    "AwsConsoleSignIn",
		"eventTime":    now.Add(-5*time.Minute + time.Duration(after)*time.Second).Format(time.RFC3339),
	})
}

// refusedCall is one of a principal.
func refusedCall(id, principal string) map[string]any {
	return record(id, map[string]any{
		"eventSource": "ec2.amazonaws.com",
		"eventName":   "RunInstances",
		"eventType":   "AwsApiCall",
		"errorCode":   "AccessDenied",
		"userIdentity": map[string]any{
			"type":      "IAMUser",
			"userName":  principal,
			"arn":       "arn:aws:iam::111122223333:user/" + principal,
			"accountId": "111122223333",
		},
	})
}

// event is the EventBridge event of a record.
func event(t *testing.T, record map[string]any) events.Event {
	t.Helper()
	source, _, _ := strings.Cut(fmt.Sprint(record["eventSource"]), ".")
	return parsed(t, map[string]any{
		"version":     "0",
		"id":          "envelope-" + fmt.Sprint(record["eventID"]),
		"source":      "aws." + source,
		"detail-type": "AWS API Call via CloudTrail",
		"account":     record["recipientAccountId"],
		"region":      record["awsRegion"],
		"time":        record["eventTime"],
		"detail":      record,
	})
}

func parsed(t *testing.T, payload any) events.Event {
	t.Helper()
	text, err := json.Marshal(payload)
	if err != nil {
		t.Fatal(err)
	}
	ev, err := events.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return ev
}

// detect decides events in one run each.
func (w *world) detect(t *testing.T, all ...events.Event) {
	t.Helper()
	for _, ev := range all {
		if err := w.Detect(t.Context(), slices.Values([]events.Event{ev})); err != nil {
			t.Fatal(err)
		}
	}
}

// titles are those of what Slack was sent.
func (w *world) titles() []string {
	var all []string
	for _, n := range w.Slack {
		all = append(all, n.Source+": "+n.Title)
	}
	return all
}
