package report_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"trailkeeper/lambda/config/metric"
	"trailkeeper/lambda/internal/clock"
	"trailkeeper/lambda/internal/finding"
	"trailkeeper/lambda/internal/finding/findingtest"
	"trailkeeper/lambda/internal/incident"
	"trailkeeper/lambda/internal/metrics"
	"trailkeeper/lambda/internal/report"
	"trailkeeper/lambda/internal/state"
	"trailkeeper/lambda/internal/state/statetest"
)

// reporting is a reporter with its surroundings.
type reporting struct {
	*report.Pipeline
	slack, sns *channel
	queue      *queue
	measured   []metrics.Metric
	now        time.Time
}

func newReporting(documents state.Documents) *reporting {
	r := &reporting{queue: &queue{}, now: findingtest.At().Add(time.Minute)}
	r.slack, r.sns = &channel{name: "slack", do: answers(nil)}, &channel{name: "sns", do: answers(nil)}
	c := clock.Real()
	c.Now = func() time.Time { return r.now }
	f := fanout(r.queue, &bytes.Buffer{}, r.slack, r.sns)
	f.Clock, f.Runbook = c, "https://runbook.example/"
	f.AccountNames = map[string]string{"111122223333": "production", "444455556666": "other"}
	var book *incident.Book
	if documents != nil {
		book = &incident.Book{Documents: documents, Clock: c, Log: slog.New(slog.DiscardHandler)}
	}
	measure := func(_ context.Context, all ...metrics.Metric) { r.measured = append(r.measured, all...) }
	r.Pipeline = report.New(f, book, measure)
	return r
}

func stopped(id string, stand finding.IncidentState, o finding.Outcome) finding.Finding {
	n := findingtest.Stopped()
	n.EventID, n.Outcome, n.SinceEvent = id, o, 0
	n.Bearing = finding.Bearing{Role: finding.RoleOpens, Aspects: []finding.Aspect{"logging"}, Stand: stand}
	return n
}

// names are the metrics' names, with the channel.
func (r *reporting) names() (all []string) {
	for _, m := range r.measured {
		name := m.Name
		if m.Channel != "" {
			name += " " + m.Channel
		}
		all = append(all, name)
	}
	r.measured = nil
	return all
}

// TestReport: a finding gets its incident and the runbook, every destination has it, and what becomes of it is
// measured.
func TestReport(t *testing.T) {
	r := newReporting(&statetest.Memory{})
	sent, err := r.Report(t.Context(), stopped("e1", finding.IncidentHuman, finding.OutcomeCannotRestore), nil)
	if err != nil || len(sent) != 2 || sent[0].Status != report.StatusDelivered {
		t.Fatalf("%+v, %v", sent, err)
	}
	for _, c := range []*channel{r.slack, r.sns} {
		if n := c.received[0]; n.Incident == nil || !n.Incident.Turned || n.Runbook != "https://runbook.example/" ||
			n.AccountName != "production" {
			t.Errorf("%s has %+v", c.name, n)
		}
	}
	delivered := []string{
		metric.Deliveries + " slack",
		metric.DeliveryLatency + " slack",
		metric.Deliveries + " sns",
		metric.DeliveryLatency + " sns",
	}
	if diff := cmp.Diff(append(delivered, metric.Incidents, metric.RemediationFailures), r.names()); diff != "" {
		t.Errorf("measured (-want +got):\n%s", diff)
	}
	if _, err := r.Report(
		t.Context(),
		stopped("e2", finding.IncidentHuman, finding.OutcomeCannotRestore),
		nil,
	); err != nil {
		t.Fatal(err)
	}
	if i := r.slack.received[1].Incident; i.Turned || i.Count != 2 {
		t.Errorf("what was delivered is new again: %+v", i)
	}
	if diff := cmp.Diff(append(delivered, metric.RemediationFailures), r.names()); diff != "" {
		t.Errorf("measured of the second (-want +got):\n%s", diff)
	}
}

// TestReportOfWhatIsLost stays new for the next one: nobody has it.
func TestReportOfWhatIsLost(t *testing.T) {
	r := newReporting(&statetest.Memory{})
	r.slack.do, r.sns.do, r.queue.err = answers(errors.New("403")), answers(errors.New("403")), errors.New("full")
	if _, err := r.Report(
		t.Context(),
		stopped("e1", finding.IncidentHuman, finding.OutcomeCannotRestore),
		nil,
	); err == nil {
		t.Error("nobody has it, and nobody is told so")
	}
	want := []string{
		metric.DeliveryFailures + " slack",
		metric.Lost,
		metric.DeliveryFailures + " sns",
		metric.Lost,
		metric.Incidents,
		metric.RemediationFailures,
	}
	if diff := cmp.Diff(want, r.names()); diff != "" {
		t.Errorf("measured (-want +got):\n%s", diff)
	}
	r.slack.do, r.queue.err = answers(nil), nil
	if _, err := r.Report(
		t.Context(),
		stopped("e2", finding.IncidentHuman, finding.OutcomeCannotRestore),
		nil,
	); err != nil {
		t.Fatal(err)
	}
	if i := r.slack.received[1].Incident; !i.Turned {
		t.Errorf("what nobody has is not new any more: %+v", i)
	}
	want = []string{
		metric.Deliveries + " slack",
		metric.DeliveryLatency + " slack",
		metric.DeliveryFailures + " sns",
		metric.Parked,
		metric.RemediationFailures,
	}
	if diff := cmp.Diff(want, r.names()); diff != "" {
		t.Errorf("measured of the second (-want +got):\n%s", diff)
	}
}

// TestReportAgain: an event that comes again is counted once, but for a restore, which is one each time.
func TestReportAgain(t *testing.T) {
	for outcome, want := range map[finding.Outcome][]string{
		finding.OutcomeAttempt: nil, finding.OutcomeRestored: {metric.TimeToRestore},
	} {
		r := newReporting(nil)
		r.Fanout.Claims = claiming(
			&ledger{states: map[string]string{}, digests: map[string]string{}, given: make(chan struct{}, 10)},
		)
		n := stopped("e1", "", outcome)
		n.SinceEvent = time.Second
		if _, err := r.Report(t.Context(), n, nil); err != nil || n.Incident != nil {
			t.Fatal(err)
		}
		r.names()
		sent, err := r.Report(t.Context(), n, nil)
		if err != nil || !sent.Repeated() {
			t.Errorf("%s: %+v, %v", outcome, sent, err)
		}
		if diff := cmp.Diff(want, r.names()); diff != "" {
			t.Errorf("%s: measured (-want +got):\n%s", outcome, diff)
		}
	}
}

// TestRepeated: no delivery is no repeat, and one that is new makes the whole new.
func TestRepeated(t *testing.T) {
	repeated, other := report.Delivery{Status: report.StatusRepeated}, report.Delivery{Status: report.StatusCollapsed}
	for _, test := range []struct {
		all  report.Deliveries
		want bool
	}{
		{nil, false},
		{report.Deliveries{repeated}, true},
		{report.Deliveries{repeated, repeated}, true},
		{report.Deliveries{repeated, other}, false},
		{report.Deliveries{other}, false},
	} {
		if test.all.Repeated() != test.want {
			t.Errorf("%+v: %v", test.all, !test.want)
		}
	}
}

// TestOneDestination: what is for one goes there alone, and where that is gone, to those of the routes.
func TestOneDestination(t *testing.T) {
	for destination, want := range map[string][3]int{
		"sns":           {0, 1, 0},
		"slack:further": {0, 0, 1},
		"gone":          {1, 0, 0},
		"":              {1, 0, 0},
	} {
		r := newReporting(nil)
		further := &channel{name: "slack:further", do: answers(nil)}
		r.Fanout.To.Further = []report.Notifier{further}
		r.Fanout.To.Route = func(finding.Finding) []report.Notifier { return []report.Notifier{r.slack} }
		n := findingtest.Stopped()
		n.Destination = destination
		if _, err := r.Report(t.Context(), n, nil); err != nil {
			t.Fatal(err)
		}
		if got := [3]int{len(r.slack.received), len(r.sns.received), len(further.received)}; got != want {
			t.Errorf("%q: reported %v; want %v", destination, got, want)
		}
	}
}
