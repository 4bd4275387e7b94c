package detection_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"trailkeeper/events"
	"trailkeeper/lambda/internal/detection"
	"trailkeeper/lambda/internal/finding"
	"trailkeeper/lambda/internal/message"
	"trailkeeper/lambda/internal/producertest"
	"trailkeeper/lambda/internal/state"
	"trailkeeper/rules/count"
)

// TestFloodOfOneCaller is one thread, of one message and a summary in it.
func TestFloodOfOneCaller(t *testing.T) {
	w := newWorld(builtIn(), nil, nil)
	for i := range 1000 {
		w.detect(t, event(t, refusedCall(fmt.Sprint("e", i), "mallory")))
		w.at = w.at.Add(100 * time.Millisecond)
	}
	if len(w.Slack) != 1 || len(w.SNS) != 1 {
		t.Fatalf("%d messages: %q", len(w.Slack), w.titles())
	}
	thread := w.Slack[0].Incident
	w.at = w.at.Add(10 * time.Minute)
	if _, err := w.Summaries.Send(t.Context()); err != nil {
		t.Fatal(err)
	}
	if len(w.Slack) != 2 {
		t.Fatalf("%d messages after the summary", len(w.Slack))
	}
	n := w.Slack[1]
	if n.Outcome != finding.OutcomeRepeated || n.Severity != finding.SeverityLow || n.Incident == nil ||
		n.Source != "refused-calls" || n.Incident.ID != thread.ID || n.Incident.Count != 1000 ||
		!strings.Contains(message.Headline(n), "999 times") {
		t.Errorf("%q: %+v", message.Headline(n), n.Incident)
	}
	w.at = w.at.Add(10 * time.Minute)
	if _, err := w.Summaries.Send(t.Context()); err != nil || len(w.Slack) != 2 {
		t.Errorf("%d messages, %v: summed up again", len(w.Slack), err)
	}
}

// TestFloodOfManyCallers is bounded, and hides nothing that is more severe, nor another rule.
func TestFloodOfManyCallers(t *testing.T) {
	w := newWorld(builtIn(), nil, nil)
	for i := range 1000 {
		w.detect(t, event(t, refusedCall(fmt.Sprint("e", i), fmt.Sprint("mallory-", i))))
		w.at = w.at.Add(10 * time.Millisecond)
	}
	const bound = 20
	if len(w.Slack) != bound || len(w.SNS) != bound {
		t.Fatalf("%d messages; want %d", len(w.Slack), bound)
	}
	root := record("root", map[string]any{
		"userIdentity": map[string]any{
			"type": "Root", "arn": "arn:aws:iam::111122223333:root", "accountId": "111122223333",
		},
		"responseElements": map[string]any{"ConsoleLogin": "Success"},
	})
	w.detect(t, event(t, root))
	if len(w.Slack) == bound {
		t.Error("another rule is hidden by the flood")
	}
	seen := len(w.Slack)
	w.at = w.at.Add(10 * time.Minute)
	if _, err := w.Summaries.Send(t.Context()); err != nil {
		t.Fatal(err)
	}
	last := w.Slack[len(w.Slack)-1]
	if len(w.Slack) != seen+1 || last.Severity != finding.SeverityLow || last.Source != "refused-calls" ||
		!strings.Contains(message.Detail(last), "980 times") ||
		!strings.Contains(message.Detail(last), "of what the rule refused-calls found") {
		t.Errorf("%d more messages: %q", len(w.Slack)-seen, message.Detail(last))
	}
}

// TestFloodOfManyCallersAgain: callers who each make a call several times are no more messages and summaries than those
// who make one. Each call is told of.
func TestFloodOfManyCallersAgain(t *testing.T) {
	w := newWorld(builtIn(), nil, nil)
	for i := range 600 {
		w.detect(t, event(t, refusedCall(fmt.Sprint("e", i), fmt.Sprint("mallory-", i%200))))
		w.at = w.at.Add(10 * time.Millisecond)
	}
	if len(w.Slack) != 20 {
		t.Fatalf("%d messages", len(w.Slack))
	}
	w.at = w.at.Add(10 * time.Minute)
	if _, err := w.Summaries.Send(t.Context()); err != nil {
		t.Fatal(err)
	}
	told := 20
	for _, n := range w.Slack[20:] {
		if n.Notes[0].ID == finding.NoteRepeatedOnce {
			told++
			continue
		}
		count, err := strconv.Atoi(n.Notes[0].Values[0])
		if told += count; err != nil {
			t.Error(err)
		}
	}
	if len(w.Slack) > 20+20+1 || told != 600 {
		t.Errorf("%d messages with the summaries, of %d calls", len(w.Slack), told)
	}
}

// matters is a rule whose records are one matter within an hour, as severe as the record says.
const matters = `{id: m, title: "{{ record.eventName }}", severity: 'refused(record) ? "low" : "critical"',
match: record.eventSource == "ec2.amazonaws.com", dedupe: {by: record.userIdentity.userName, within: 1h}}`

// TestMatter: the records with one key are in one thread for a while, one that is more severe is seen outside of it,
// and each call is shown once.
func TestMatter(t *testing.T) {
	w := newWorld(of(t, map[string]string{"a": matters}), nil, nil)
	call := func(id, name, who string, refused bool) {
		t.Helper()
		r := refusedCall(id, who)
		if r["eventName"] = name; !refused {
			delete(r, "errorCode")
		}
		w.detect(t, event(t, r))
		w.at = w.at.Add(time.Minute)
	}
	call("e1", "RunInstances", "mallory", true)
	call("e2", "CreateKeyPair", "mallory", true)
	call("e3", "RunInstances", "mallory", true) // the same again: left to the summary
	call("e4", "RunInstances", "mallory", false)
	call("e5", "RunInstances", "alice", true)
	w.at = w.at.Add(time.Hour)
	call("e6", "RunInstances", "mallory", true)
	type seen struct {
		title  string
		count  int
		thread int
		turned bool
	}
	var got []seen
	threads := []string{}
	for _, n := range w.Slack {
		if !slices.Contains(threads, n.Incident.ID) {
			threads = append(threads, n.Incident.ID)
		}
		i := n.Incident
		got = append(got, seen{n.Title, i.Count, slices.Index(threads, i.ID), i.Turned})
	}
	want := []seen{
		{"RunInstances", 1, 0, false},
		{"CreateKeyPair", 2, 0, false},
		{"RunInstances", 4, 0, true},
		{"RunInstances", 1, 1, false},
		{"RunInstances", 1, 2, false},
	}
	if !slices.Equal(got, want) {
		t.Errorf("got  %v\nwant %v", got, want)
	}
	m := message.OfIncident(w.Slack[2])
	if m.Title != "RunInstances" || !strings.Contains(m.Status, "Detected since 2026-03-02 09:15:30 UTC · ×4") ||
		m.State.Icon() != "🔎" {
		t.Errorf("%+v", m)
	}
}

// TestMatterCutOff: what is more severe than all before shows outside of the thread also where the run that noted it
// was cut off before it could report; the thread's next does not.
func TestMatterCutOff(t *testing.T) {
	w := newWorld(of(t, map[string]string{"a": matters}), nil, nil)
	severe := func(id, name string) events.Event {
		r := refusedCall(id, "mallory")
		delete(r, "errorCode")
		r["eventName"] = name
		return event(t, r)
	}
	w.detect(t, event(t, refusedCall("e1", "mallory")))
	reporter := w.Detector.Reporter
	w.Detector.Reporter = reporterFunc(func() error { return errors.New("cut off") })
	if w.Detect(t.Context(), slices.Values([]events.Event{severe("e2", "RunInstances")})) == nil {
		t.Error("a message that is lost is no error")
	}
	w.Detector.Reporter = reporter
	w.detect(t, severe("e2", "RunInstances"), severe("e3", "CreateKeyPair"))
	var turned []bool
	for _, n := range w.Slack {
		turned = append(turned, finding.Escalates(n))
	}
	if !slices.Equal(turned, []bool{false, true, false}) {
		t.Errorf("%v of %q", turned, w.titles())
	}
}

// TestForgedMatter: what nobody here can have written is not taken for a matter, and keeps no message back.
func TestForgedMatter(t *testing.T) {
	first := newWorld(of(t, map[string]string{"a": matters}), nil, nil)
	first.detect(t, event(t, refusedCall("e1", "mallory")))
	var key string
	var whole map[string]any
	for k, v := range producertest.Kept[map[string]any](t, first.table, "matter") {
		key, whole = k, v
	}
	for name, change := range map[string]func(map[string]any){
		"nothing":     func(m map[string]any) { clear(m) },
		"another ID":  func(m map[string]any) { m["id"] = "mat-0000000000000000-1" },
		"state":       func(m map[string]any) { m["state"] = "restored" },
		"count":       func(m map[string]any) { m["count"] = -1 },
		"opened":      func(m map[string]any) { m["opened"] = "2999-01-01T00:00:00Z" },
		"long events": func(m map[string]any) { m["events"] = make([]string, 100) },
	} {
		forged := map[string]any{}
		for k, v := range whole {
			forged[k] = v
		}
		change(forged)
		w := newWorld(of(t, map[string]string{"a": matters}), nil, nil)
		producertest.Keep(t, w.table, "matter", key, forged)
		w.detect(t, event(t, refusedCall("e2", "mallory")))
		if len(w.Slack) != 1 || w.Slack[0].Incident == nil || w.Slack[0].Incident.Count != 1 ||
			w.Slack[0].Incident.State != finding.IncidentDetected {
			t.Errorf("%s: %+v", name, w.Slack)
		}
	}
}

// TestManyAtOnce: of a hundred failed sign-ins at once, each counts, and twenty findings come of them.
func TestManyAtOnce(t *testing.T) {
	w := newWorld(of(t, map[string]string{"a": failedLogins}), nil, nil)
	w.World.Clock.Sleep = func(context.Context, time.Duration) error { return nil }
	var mu sync.Mutex
	reached := 0
	limit := count.Limit{Count: 5, Within: 10 * time.Minute}
	var wg sync.WaitGroup
	for i := range 100 {
		wg.Go(func() {
			c := &detection.Counts{Documents: &w.table.Documents, Breaker: w.Breaker, Clock: w.World.Clock}
			enough, err := c.Add(t.Context(), "r", "alice", limit, count.Event{Time: now, ID: fmt.Sprint("e", i)})
			mu.Lock()
			defer mu.Unlock()
			if err != nil {
				t.Error(err)
			}
			if enough {
				reached++
			}
		})
	}
	wg.Wait()
	if reached != 20 {
		t.Errorf("%d findings of 100 events", reached)
	}
}

// TestContention: a count that other runs are first with each time is tried for a bounded time, is reported nowhere,
// and has the event run again; the table is not taken to be silent.
func TestContention(t *testing.T) {
	w := newWorld(of(t, map[string]string{"a": failedLogins}), nil, nil)
	slept := time.Duration(0)
	sleep := func(_ context.Context, d time.Duration) error {
		slept += d
		w.at = w.at.Add(d)
		return nil
	}
	w.Breaker.Clock.Sleep = sleep
	w.Counts = &detection.Counts{Documents: contended{&w.table.Documents}, Breaker: w.Breaker, Clock: w.World.Clock}
	err := w.Detect(t.Context(), slices.Values([]events.Event{event(t, failedLogin("e1", 0))}))
	if err == nil || len(w.Slack) > 0 || slept < time.Second || slept > 4*time.Second {
		t.Errorf("%v after %v, %q", err, slept, w.titles())
	}
	w.Matters.Documents = contended{&w.table.Documents}
	n := w.Matters.Note(t.Context(), finding.Finding{EventID: "e1"}, "k", time.Hour)
	if n.Incident != nil {
		t.Errorf("%+v: a matter that nobody noted", n.Incident)
	}
	if err := w.Breaker.Ask(t.Context(), func(context.Context) error { return nil }); err != nil {
		t.Errorf("the table counts as silent: %v", err)
	}
}

// contended are documents that another run has changed each time.
type contended struct{ state.Documents }

// PutIf is that of state.Documents.
func (c contended) PutIf(_ context.Context, d state.Document) (state.Document, error) {
	return d, state.ErrChanged
}

// TestSlackDown: what a channel refuses is parked with the record, and sent later as it was where the table proves it.
func TestSlackDown(t *testing.T) {
	down := errors.New("503")
	w := newWorld(builtIn(), down, nil)
	w.detect(t, event(t, refusedCall("e1", "mallory")))
	if len(w.Queue) != 1 || len(w.SNS) < 1 {
		t.Fatalf("%d parked, %d sent", len(w.Queue), len(w.SNS))
	}
	parked := w.Queue[0]
	for proven, want := range map[bool]finding.Outcome{true: finding.OutcomeDetected, false: finding.OutcomeUnproven} {
		n, err := w.Late(parked, proven)
		if err != nil || n.Outcome != want || n.Late == nil || n.Source != "refused-calls" || n.EventID != "e1" ||
			n.Title != "RunInstances was refused: AccessDenied" {
			t.Errorf("proven %v: %+v, %v", proven, n, err)
		}
	}
	for name, change := range map[string]func(*finding.Finding){
		"another rule": func(n *finding.Finding) { n.Source = "root-activity" },
		"no rule":      func(n *finding.Finding) { n.Source = "" },
	} {
		forged := parked
		change(&forged.Notification)
		if _, err := w.Late(forged, false); !errors.Is(err, detection.ErrNothing) {
			t.Errorf("%s: %v", name, err)
		}
	}
	parked.Payload = nil
	if _, err := w.Late(parked, false); !errors.Is(err, detection.ErrNothing) {
		t.Errorf("no record: %v", err)
	}
}
