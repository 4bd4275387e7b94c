package repeat_test

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"trailkeeper/lambda/internal/clock"
	"trailkeeper/lambda/internal/finding"
	"trailkeeper/lambda/internal/incident"
	"trailkeeper/lambda/internal/message"
	"trailkeeper/lambda/internal/report"
	"trailkeeper/lambda/internal/report/repeat"
	"trailkeeper/lambda/internal/state/repeats"
)

var now = time.Date(2026, 3, 2, 9, 15, 30, 0, time.UTC)

// surroundings are those of the summaries.
type surroundings struct {
	repeats  []repeats.Repeat
	readErr  error
	sendErr  error
	reported []finding.Finding
	sent     report.Deliveries // nil: there is nobody to tell
	untold   int               // of the last time
	summed   []string
	open     map[string]incident.Unsettled
}

func (s *surroundings) Repeats(context.Context) ([]repeats.Repeat, error) {
	return s.repeats, s.readErr
}

func (s *surroundings) Summed(_ context.Context, r repeats.Repeat) error {
	s.summed = append(s.summed, r.Key)
	return nil
}

func (s *surroundings) Report(_ context.Context, n finding.Finding, _ json.RawMessage) (report.Deliveries, error) {
	s.reported = append(s.reported, n)
	return s.sent, s.sendErr
}

func (s *surroundings) Open(context.Context) map[string]incident.Unsettled { return s.open }

func (s *surroundings) send(t *testing.T) error {
	t.Helper()
	var err error
	s.untold, err = s.sums().Send(t.Context())
	return err
}

func (s *surroundings) sums() *repeat.Summaries {
	c := clock.Real()
	c.Now = func() time.Time { return now }
	return &repeat.Summaries{
		Table:     s,
		Reporter:  s,
		Incidents: s,
		Base: finding.Finding{
			Stack:   "stack",
			Subject: finding.Subject{Account: "111122223333", Region: "eu-west-1", Partition: "aws"},
		},
		Clock: c,
		Log:   slog.New(slog.DiscardHandler),
	}
}

const last = `{"event_id":"e9","event_name":"StopLogging","time":"2026-03-02T09:00:00Z","actor":"user mallory",
	"source_ip":"203.0.113.7","headline":"It was stopped"}`

// TestSummary is the whole of one: for its destination alone, of the last that happened, and said to be so many.
func TestSummary(t *testing.T) {
	s := &surroundings{repeats: []repeats.Repeat{
		{
			Key:   "inc-1 slack:C1 StopLogging restored",
			Since: now.Add(-10 * time.Minute),
			Count: 12,
			Text:  last,
			All:   30,
		},
		{
			Key:   "refused#ab sns StopLogging attempt_refused",
			Since: now.Add(-time.Hour),
			Count: 1,
			Text:  last,
			All:   1,
		},
	}}
	if err := s.send(t); err != nil || len(s.reported) != 2 || len(s.summed) != 2 {
		t.Fatalf("%v, %+v, %q", err, s.reported, s.summed)
	}
	want := finding.Finding{
		EventName:   "StopLogging",
		EventTime:   time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC),
		Severity:    finding.SeverityHigh,
		Outcome:     finding.OutcomeRepeated,
		Destination: "slack:C1",
		Actor:       "user mallory",
		SourceIP:    "203.0.113.7",
		Stack:       "stack",
		Subject:     finding.Subject{Account: "111122223333", Region: "eu-west-1", Partition: "aws"},
		Notes: []finding.Note{finding.Say(
			finding.NoteText,
			"12 times more since 2026-03-02 09:05:30 UTC: It was stopped. That was event e9 of incident inc-1. "+
				"Each was handled as it came; of the same, one message is sent in 10 minutes.",
		)},
	}
	got := s.reported[0]
	if !strings.HasPrefix(got.EventID, "repeat-") || !strings.HasSuffix(got.EventID, "-30") ||
		got.EventID == s.reported[1].EventID {
		t.Errorf("IDs %q, %q", got.EventID, s.reported[1].EventID)
	}
	got.EventID, got.Notes = "", []finding.Note{finding.Say(finding.NoteText, message.Detail(got))}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	once := message.Detail(s.reported[1])
	if !strings.HasPrefix(once, "once more since") || !strings.Contains(once, "of one caller.") {
		t.Errorf("%q", once)
	}
}

// TestUntoldSummaries: those that no channel accepted count, parked or lost; what cannot be read tells nobody anything.
func TestUntoldSummaries(t *testing.T) {
	down := errors.New("down")
	for name, test := range map[string]struct {
		text string
		sent report.Deliveries
		err  error
		want int
	}{
		"told":         {last, report.Deliveries{{Channel: "sns", Status: report.StatusDelivered}}, nil, 0},
		"one is":       {last, report.Deliveries{{Channel: "slack", Err: down}, {Channel: "sns", Status: report.StatusDelivered}}, nil, 0},
		"nobody there": {last, nil, nil, 0},
		"nobody is":    {last, report.Deliveries{{Channel: "slack", Err: down}}, nil, 2},
		"lost":         {last, report.Deliveries{{Channel: "slack", Err: down}}, down, 2},
		"not readable": {"{", report.Deliveries{{Channel: "slack", Err: down}}, nil, 0},
	} {
		one := repeats.Repeat{Key: "inc-1 slack:C1 StopLogging restored", Since: now.Add(-time.Hour), Count: 1, Text: test.text, All: 1}
		s := &surroundings{repeats: []repeats.Repeat{one, one}, sent: test.sent, sendErr: test.err}
		if err := s.send(t); s.untold != test.want || !errors.Is(err, test.err) {
			t.Errorf("%s: %d untold, %v; want %d", name, s.untold, err, test.want)
		}
	}
}

// TestSummaryOfAFight belongs to its incident, of which there are two, and says how that stands.
func TestSummaryOfAFight(t *testing.T) {
	unsettled := func(id string, quiet time.Time) incident.Unsettled {
		return incident.Unsettled{ID: id, Quiet: quiet, Incident: finding.Incident{ID: id, Dark: time.Minute}}
	}
	const arn = "arn:aws:cloudtrail:us-east-1:222222222222:trail/fought"
	for name, test := range map[string]struct {
		open map[string]incident.Unsettled
		in   bool
	}{
		"contested": {map[string]incident.Unsettled{arn: unsettled("inc-1", now), arn + "2": unsettled("inc-2", now)}, true},
		"over": {
			map[string]incident.Unsettled{arn: unsettled("inc-1", time.Time{}), arn + "2": unsettled("inc-2", now)}, false,
		},
		"no ARN": {map[string]incident.Unsettled{"fought": unsettled("inc-1", now)}, false},
	} {
		s := &surroundings{open: test.open, repeats: []repeats.Repeat{
			{
				Key:       "inc-1 sns contested contested",
				Delivered: now.Add(-50 * time.Second),
				Since:     now,
				Count:     2,
				Text:      last,
			},
		}}
		if err := s.send(t); err != nil || len(s.reported) != 1 {
			t.Fatalf("%s: %v, %+v", name, err, s.reported)
		}
		n := s.reported[0]
		if !strings.HasSuffix(
			message.Detail(n),
			"Each was answered as it came; while the trail is contested, one message a minute sums up.",
		) {
			t.Errorf("%s: %q", name, message.Detail(n))
		}
		in := n.Incident != nil && n.Incident.ID == "inc-1" && n.Incident.Dark == time.Minute && n.Subject.ARN == arn &&
			n.Subject.Name == "fought" &&
			n.Account == "222222222222" &&
			n.Severity == finding.SeverityCritical
		if in != test.in || (n.Incident == nil) == test.in {
			t.Errorf("%s: in %+v, about %+v, %s", name, n.Incident, n.Subject, n.Severity)
		}
	}
}

// TestWhenASummaryIsDue, and what becomes of one that cannot be sent or read.
func TestWhenASummaryIsDue(t *testing.T) {
	ordinary, fight := "inc-1 sns StopLogging restored", "inc-1 sns contested contested"
	for name, test := range map[string]struct {
		repeat   repeats.Repeat
		sendErr  error
		reported int
		summed   int
	}{
		"its window is over": {repeats.Repeat{Key: ordinary, Since: now.Add(-10 * time.Minute), Text: last}, nil, 1, 1},
		"not yet": {repeats.Repeat{
			Key:       ordinary,
			Since:     now.Add(-10*time.Minute + 1),
			Delivered: now.Add(-time.Hour),
			Text:      last,
		}, nil, 0, 0},
		"a fight": {repeats.Repeat{
			Key:       fight,
			Delivered: now.Add(-50 * time.Second),
			Since:     now,
			Text:      last,
		}, nil, 1, 1},
		"a fight, not yet": {repeats.Repeat{
			Key:       fight,
			Delivered: now.Add(-50*time.Second + 1),
			Since:     now.Add(-time.Hour),
			Text:      last,
		}, nil, 0, 0},
		"to come":               {repeats.Repeat{Key: ordinary, Since: now.Add(time.Minute + 1), Text: last}, nil, 1, 1},
		"to come, just":         {repeats.Repeat{Key: ordinary, Since: now.Add(time.Minute), Text: last}, nil, 0, 0},
		"lost":                  {repeats.Repeat{Key: ordinary, Text: last}, errors.New("lost"), 1, 0},
		"of no form":            {repeats.Repeat{Key: "inc-1", Text: last}, nil, 0, 1},
		"of what is no summary": {repeats.Repeat{Key: ordinary, Text: "{"}, nil, 0, 1},
	} {
		s := &surroundings{repeats: []repeats.Repeat{test.repeat}, sendErr: test.sendErr}
		if err := s.send(
			t,
		); (err != nil) != (test.sendErr != nil) || len(s.reported) != test.reported ||
			len(s.summed) != test.summed {
			t.Errorf("%s: %v, reported %d, summed %d", name, err, len(s.reported), len(s.summed))
		}
	}
	s := &surroundings{repeats: []repeats.Repeat{{Key: ordinary, Text: last}}, readErr: errors.New("down")}
	if err := s.send(t); err != nil || len(s.reported) > 0 {
		t.Errorf("without the table: %v, %d", err, len(s.reported))
	}
}

// TestSummariesOfRules come the most severe first, behind those of the guard; a severity that nobody here has written
// is none.
func TestSummariesOfRules(t *testing.T) {
	s := &surroundings{}
	for _, what := range []string{
		"detected#a/low", "detected#b/evil", "detected#c/critical", "detected#d/medium", "mat-1/high", "refused#",
	} {
		s.repeats = append(s.repeats, repeats.Repeat{
			Key:   what + " slack - detected",
			Since: now.Add(-time.Hour),
			Count: 2,
			Text:  `{"event_id": "e", "headline": "h"}`,
		})
	}
	if err := s.send(t); err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, n := range s.reported {
		got = append(got, n.Source+" "+string(n.Severity))
	}
	want := []string{"c critical", " high", " high", "d medium", "a low", "b high"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
