package report_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"trailkeeper/lambda/internal/finding"
	"trailkeeper/lambda/internal/finding/findingtest"
	"trailkeeper/lambda/internal/message"
	"trailkeeper/lambda/internal/message/notes"
	"trailkeeper/lambda/internal/report"
)

func fullParked() report.Parked {
	return report.Parked{
		Version:      report.ParkedVersion,
		Channel:      "slack:C0CHANNEL01",
		Subject:      "the subject",
		Reason:       "503: down",
		Time:         findingtest.At().Add(time.Minute),
		Notification: findingtest.Full(),
		Payload:      json.RawMessage(`{"id":"1","n":1.0}`),
		PayloadCut:   true,
	}
}

// TestReadLosesNothing but by what routes chose, which whoever writes to the queue could choose else.
func TestReadLosesNothing(t *testing.T) {
	want := fullParked()
	b, err := json.Marshal(want)
	if err != nil {
		t.Fatal(err)
	}
	var got report.Parked
	if err := json.Unmarshal(b, &got); err != nil {
		t.Fatal(err)
	}
	got = got.Read(string(b))
	want.Digest = report.DigestOf(string(b))
	want.Notification.Incident.RouteKeys = nil
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestReadBoundsEveryField, by itself, and loses none of them; what it was given stays as it was.
func TestReadBoundsEveryField(t *testing.T) {
	p := fullParked()
	for i, f := range findingtest.Fields(&p.Notification) {
		if f.Value.Kind() != reflect.String {
			continue
		}
		long := fullParked()
		value := findingtest.Fields(&long.Notification)[i].Value
		value.SetString(f.Value.String() + strings.Repeat("ü", 5000))
		was := value.String()
		read := long.Read("text").Notification
		if value.String() != was {
			t.Errorf("%s: what was read is changed", f.Path)
		}
		if strings.HasPrefix(f.Path, "Incident.RouteKeys") {
			continue
		}
		after := findingtest.Fields(&read)
		got := after[slices.IndexFunc(after, func(other findingtest.Field) bool { return other.Path == f.Path })]
		limit := finding.MaxText
		if n := utf8.RuneCountInString(
			got.Value.String(),
		); n > limit || n < 100 ||
			!strings.HasPrefix(got.Value.String(), f.Value.String()) {
			t.Errorf("%s: %d runes, begins %.40q", got.Path, n, got.Value.String())
		}
	}
	for _, changes := range []int{99, 100, 101} {
		p.Notification.Changes = make([]finding.Change, changes)
		if got := len(p.Read("text").Notification.Changes); got != min(changes, 100) {
			t.Errorf("%d of %d changes", got, changes)
		}
	}
	for size, want := range map[int]bool{256 << 10: true, 256<<10 + 1: false} {
		p.Notification.Request = json.RawMessage(`"` + strings.Repeat("r", size-2) + `"`)
		if got := p.Read("text").Notification.Request != nil; got != want {
			t.Errorf("a request of %d bytes is kept: %v", size, got)
		}
	}
}

// TestNoticeIsWhole: what the other channels are notified of a delivery that failed, parked and lost, with all that
// finds the message.
func TestNoticeIsWhole(t *testing.T) {
	full := findingtest.Full()
	want := finding.Finding{
		EventID:     full.EventID,
		EventName:   full.EventName,
		EventTime:   full.EventTime,
		Severity:    finding.SeverityHigh,
		Outcome:     finding.OutcomeUndelivered,
		Subject:     full.Subject,
		AccountName: full.AccountName,
		Runbook:     full.Runbook,
		Stack:       full.Stack,
		Channel:     "slack:C0OTHER0001",
		Reason:      "403: refused",
	}
	text := func(s string) []finding.Note { return []finding.Note{finding.Say(finding.NoteText, s)} }
	headline := `"` + message.Headline(full) + `".`
	want.Notes = text("Slack C0OTHER0001 delivery failed: 403: refused. The message is kept in the failure queue. " +
		"It says: " +
		headline)
	want.Next = text("Fix the cause. The next sweep delivers the message; trailkeeper redrive does it now.")
	lost := want
	lost.Severity = finding.SeverityCritical
	lost.Notes = text("Slack C0OTHER0001 delivery failed: 403: refused. The failure queue did not confirm that it " +
		"keeps the " +
		"message either: the queue is gone. The message says: " + headline)
	lost.Next = text(
		"Fix both causes. Lambda runs the event again; if that fails too, the event goes to the failure queue.",
	)
	for name, c := range map[string]struct {
		queue error
		want  finding.Finding
	}{"parked": {nil, want}, "lost": {errors.New("the queue is gone"), lost}} {
		sns := &channel{name: "sns", do: answers(nil)}
		slack := &channel{name: "slack:C0OTHER0001", do: answers(errors.New("403: refused"))}
		f := fanout(&queue{err: c.queue}, &bytes.Buffer{}, sns, slack)
		f.Runbook, f.AccountNames = full.Runbook, map[string]string{full.Account: full.AccountName}
		_, _ = f.Deliver(t.Context(), full, nil)
		notice := &sns.received[1]
		notice.Notes, notice.Next = text(message.Detail(*notice)), text(message.NextStep(*notice))
		if diff := cmp.Diff([]finding.Finding{full, c.want}, sns.received); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

// TestParkedIsWhole: what goes into the queue of each destination that refuses a full notification, and to which
// destination each goes again.
func TestParkedIsWhole(t *testing.T) {
	q := &queue{}
	team := &channel{name: "slack:C0TEAM00001", do: answers(errors.New("503 of the team's"))}
	other := &channel{name: "sns:other", do: answers(errors.New("NotFound"))}
	f := fanout(q, &bytes.Buffer{}, &channel{name: "slack", do: answers(nil)})
	f.To.Further = []report.Notifier{other, team}
	f.To.Route = func(finding.Finding) []report.Notifier { return []report.Notifier{team, other} }
	payload := json.RawMessage(`{"id":"1"}`)
	if _, err := f.Deliver(t.Context(), findingtest.Full(), payload); err != nil {
		t.Fatal(err)
	}
	want := map[string]report.Parked{}
	for name, reason := range map[string]string{team.name: "503 of the team's", other.name: "NotFound"} {
		want[name] = report.Parked{
			Version:      report.ParkedVersion,
			Channel:      name,
			Subject:      report.SubjectOf(findingtest.Full(), name, payload),
			Reason:       reason,
			Time:         findingtest.At(),
			Notification: findingtest.Full(),
			Payload:      payload,
		}
	}
	got := map[string]report.Parked{}
	for _, p := range q.parked {
		got[p.Channel] = p
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestLateIsWhole: what is reported out of the queue keeps every field, and says that it is late, why, and how the
// trail stands.
func TestLateIsWhole(t *testing.T) {
	p := fullParked()
	for name, c := range map[string]struct {
		change func(*finding.Finding)
		proven bool
		says   string
	}{
		"proven": {
			func(*finding.Finding) {}, true,
			"This message is late: its delivery failed at 2026-10-01 12:01:00 UTC, because 503: down. The trail is now: " +
				"not logging.",
		},
		"not proven": {
			func(*finding.Finding) {}, false,
			"This message is late: its delivery failed at 2026-10-01 12:01:00 UTC. Nothing proves that this deployment " +
				"wrote it, so only what can be read again is reported. The trail is now: not logging.",
		},
		"about no trail": {
			func(n *finding.Finding) { n.Late.Now = "" }, true,
			"This message is late: its delivery failed at 2026-10-01 12:01:00 UTC, because 503: down.",
		},
		"nothing was said, and it is not late": {
			func(n *finding.Finding) { n.Late, n.Notes = nil, []finding.Note{} }, true,
			"This message is late: its delivery failed at 2026-10-01 12:01:00 UTC, because 503: down.",
		},
	} {
		n := findingtest.Full()
		c.change(&n)
		got := message.Late(n, p.Time, p.Reason, c.proven)
		var said []string
		for _, note := range got.Notes[len(n.Notes):] {
			said = append(said, notes.Word(note))
		}
		got.Notes = got.Notes[:len(n.Notes)]
		if diff := cmp.Diff(n, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
		if diff := cmp.Diff(c.says, strings.Join(said, " ")); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

// TestRedeliveredIsWhole: the destination gets exactly what was derived, and what was derived is all that it gets.
func TestRedeliveredIsWhole(t *testing.T) {
	far := &channel{name: "slack:C0CHANNEL01", do: answers(nil)}
	f := fanout(nil, &bytes.Buffer{}, &channel{name: "slack", do: answers(errors.New("not this one"))})
	f.To.Further = []report.Notifier{far}
	f.Runbook, f.AccountNames = findingtest.Full().Runbook, map[string]string{
		findingtest.Full().Account: findingtest.Full().AccountName,
	}
	var seen report.Deliveries
	f.Observe = func(_ context.Context, r report.Deliveries) { seen = r }
	if err := f.Redeliver(
		t.Context(),
		fullParked(),
		func(bool) (finding.Finding, error) { return findingtest.Full(), nil },
	); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]finding.Finding{findingtest.Full()}, far.received); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if len(seen) != 1 || seen[0].Status != report.StatusDelivered || seen[0].Channel != far.name {
		t.Errorf("observed %+v", seen)
	}
}
