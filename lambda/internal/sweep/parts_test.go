package sweep

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"trailkeeper/events"
	"trailkeeper/lambda/internal/approval"
	"trailkeeper/lambda/internal/bearing"
	"trailkeeper/lambda/internal/finding"
	"trailkeeper/lambda/internal/incident"
	"trailkeeper/lambda/internal/remediate"
	"trailkeeper/lambda/internal/state/known"
	"trailkeeper/lambda/internal/sweep/look"
	"trailkeeper/lambda/internal/trail"
)

// ids are those of notes, in their order.
func ids(notes []finding.Note) (all []finding.NoteID) {
	for _, n := range notes {
		all = append(all, n.ID)
	}
	return all
}

// TestAnyOpen: what was reported of this trail and is not over; not of another trail, not what ends something, and not
// what was put right.
func TestAnyOpen(t *testing.T) {
	arn := management.ARN()
	for name, test := range map[string]struct {
		subject, sign string
		want          bool
	}{
		"open":                {"not_logging " + arn, "open:x", true},
		"done":                {"not_logging " + arn, "done:x", false},
		"of another trail":    {"not_logging " + arn + "x", "open:x", false},
		"an end":              {"recovered " + arn, "open:x", false},
		"a confirmation":      {"confirmed " + arn, "open:x", false},
		"a recorded baseline": {"recorded " + arn, "open:x", false},
	} {
		r := &run{reported: map[string]string{test.subject: test.sign}}
		if got := anyOpen(r, &look.Sight{Trail: management}); got != test.want {
			t.Errorf("%s: %v; want %v", name, got, test.want)
		}
	}
}

// TestEnds: only a trail of which everything was seen, with nothing wrong, ends an incident, and only one that was
// noted before the sweep began to look.
func TestEnds(t *testing.T) {
	whole := look.Sight{Trail: management, State: fit(), Baseline: fit()}
	with := func(change func(*look.Sight)) look.Sight {
		s := whole
		change(&s)
		return s
	}
	for name, test := range map[string]struct {
		sight look.Sight
		of    incident.Unsettled
		want  bool
	}{
		"all seen":         {whole, incident.Unsettled{}, true},
		"noted as it sees": {whole, incident.Unsettled{Noted: now}, true},
		"noted after":      {whole, incident.Unsettled{Noted: now.Add(1)}, false},
		"quiet by now":     {whole, incident.Unsettled{Quiet: now}, true},
		"not yet quiet":    {whole, incident.Unsettled{Quiet: now.Add(1)}, false},
		"not seen":         {with(func(s *look.Sight) { s.State.ARN = "" }), incident.Unsettled{}, false},
		"a part not seen": {with(func(s *look.Sight) {
			s.State.Unseen = map[trail.Part]string{trail.PartEvents: "denied"}
		}), incident.Unsettled{}, false},
		"a finding": {with(func(s *look.Sight) {
			s.Findings = []look.Finding{{Kind: finding.KindStale}}
		}), incident.Unsettled{}, false},
		"no baseline": {with(func(s *look.Sight) { s.Baseline = trail.State{} }), incident.Unsettled{}, true},
		"settings without a baseline": {with(func(s *look.Sight) { s.Baseline = trail.State{} }), incident.Unsettled{
			Aspects: []finding.Aspect{bearing.Settings},
		}, false},
	} {
		if got := ends(&test.sight, test.of, now); got != test.want {
			t.Errorf("%s: ends %v; want %v", name, got, test.want)
		}
	}
}

// TestNoteFound says whether an event came before the sweep, as far as the table says so.
func TestNoteFound(t *testing.T) {
	tampered := known.Trail{TamperedAt: now.Add(-time.Minute)}
	for name, test := range map[string]struct {
		event, table bool
		err          error
		known        known.Trail
		kind         finding.Kind
		want         []finding.NoteID
	}{
		"after an event": {true, true, nil, tampered, finding.KindWeakened, []finding.NoteID{finding.NoteUnnamedTrail}},
		"no table":       {false, false, nil, tampered, finding.KindWeakened, []finding.NoteID{finding.NoteSwept}},
		"table not read": {
			false, true, errors.New("denied"), tampered, finding.KindWeakened, []finding.NoteID{finding.NoteSwept},
		},
		"an event before":   {false, true, nil, tampered, finding.KindWeakened, []finding.NoteID{finding.NoteSweptAfter}},
		"no event":          {false, true, nil, known.Trail{}, finding.KindWeakened, []finding.NoteID{finding.NoteNoEvent}},
		"no call's doing":   {false, true, nil, tampered, finding.KindStale, nil},
		"nor a file's fate": {true, true, nil, tampered, finding.KindDeliveryError, nil},
	} {
		records := Records{}
		if test.table {
			records.Table = newTable()
		}
		r := &run{
			sweeper: &Sweeper{Records: records},
			at:      now,
			event:   test.event,
			seen:    look.Report{MemoryErr: test.err},
		}
		var n finding.Finding
		noteFound(r, &n, &look.Sight{Known: test.known}, look.Finding{Kind: test.kind})
		if got := ids(n.Notes); !slices.Equal(got, test.want) {
			t.Errorf("%s: %v; want %v", name, got, test.want)
		}
	}
}

// TestNoteDoubts: who claimed an approval for what is put back, and why it does not count; of another field, nothing.
func TestNoteDoubts(t *testing.T) {
	s := &look.Sight{Claims: approval.Judged{Doubted: []approval.Doubt{{
		Note: known.Approved{Principal: "user alice", Fields: []string{string(trail.FieldLogging)}},
		Why:  finding.Say("why"),
	}}}}
	var n finding.Finding
	noteDoubts(&n, s, []trail.Field{trail.FieldLogging})
	if got := ids(n.Notes); !slices.Equal(got, []finding.NoteID{finding.NoteDoubted, "why"}) ||
		!slices.Equal(n.Notes[0].Values, []string{"user alice"}) {
		t.Errorf("%+v", n.Notes)
	}
	n = finding.Finding{}
	if noteDoubts(&n, s, nil); len(n.Notes) > 0 {
		t.Errorf("of no field: %+v", n.Notes)
	}
}

// TestNoteExpired: of the last approval, with its texts bounded.
func TestNoteExpired(t *testing.T) {
	long := strings.Repeat("x", 300)
	var n finding.Finding
	if noteExpired(&n, nil); len(n.Notes) > 0 {
		t.Errorf("of none: %+v", n.Notes)
	}
	noteExpired(&n, []known.Approved{{Principal: "first"}, {Principal: long, Reason: long, Expires: now}})
	if len(n.Notes) != 1 || len([]rune(n.Notes[0].Values[0])) != 200 || len([]rune(n.Notes[0].Values[1])) != 200 ||
		n.Notes[0].Values[2] != finding.Time(now) {
		t.Errorf("%+v", n.Notes)
	}
}

// TestDarkAsFound: since the stop or the last change where that can be, and otherwise since the sweep.
func TestDarkAsFound(t *testing.T) {
	before := now.Add(-time.Minute)
	r := &run{at: now}
	for name, test := range map[string]struct {
		kind    finding.Kind
		stopped time.Time
		changed time.Time
		from    time.Time // zero: it is not dark
	}{
		"stopped":            {finding.KindNotLogging, before, time.Time{}, before},
		"stopped, as it saw": {finding.KindNotLogging, now, time.Time{}, now},
		"stopped later":      {finding.KindNotLogging, now.Add(1), time.Time{}, now},
		"stopped once":       {finding.KindNotLogging, time.Time{}, time.Time{}, now},
		"gone":               {finding.KindMissing, time.Time{}, before, before},
		"gone long ago":      {finding.KindMissing, time.Time{}, time.Time{}, now},
		"only stale":         {finding.KindStale, before, before, time.Time{}},
	} {
		s := &look.Sight{Known: known.Trail{TamperedAt: test.changed}}
		s.State.Delivery.Stopped = test.stopped
		got := darkAsFound(r, s, look.Finding{Kind: test.kind, Trail: events.Trail{}})
		if (got == nil) != test.from.IsZero() || got != nil && !got.From.Equal(test.from) {
			t.Errorf("%s: %+v; want from %v", name, got, test.from)
		}
	}
}

// TestRemember: a trail is noted as healthy where its status was read and says that it logs; where the table could not
// be read, or there is none, nothing is noted.
func TestRemember(t *testing.T) {
	unread := fit()
	unread.Unseen = map[trail.Part]string{trail.PartLogging: "denied"}
	off := fit()
	off.Logging = false
	for name, test := range map[string]struct {
		state trail.State
		seen  time.Time
		gone  bool
		err   error
		want  string
	}{
		"healthy":              {fit(), time.Time{}, false, nil, "seen"},
		"seen a moment ago":    {fit(), now, false, nil, ""},
		"status not read":      {unread, time.Time{}, false, nil, ""},
		"does not log":         {off, time.Time{}, false, nil, ""},
		"gone":                 {trail.State{}, time.Time{}, true, nil, "forget"},
		"not seen":             {trail.State{}, time.Time{}, false, nil, ""},
		"the table not read":   {fit(), time.Time{}, false, errors.New("denied"), ""},
		"gone, table not read": {trail.State{}, time.Time{}, true, errors.New("denied"), ""},
	} {
		m := newTable()
		w := newWorld(remediate.Result{}, nil, nil, nil)
		r := &run{at: now, seen: look.Report{MemoryErr: test.err}}
		s := &look.Sight{
			Trail: management,
			State: test.state,
			Gone:  test.gone,
			Known: known.Trail{Seen: test.seen},
		}
		(&Records{Table: m, Log: w.Log}).remember(t.Context(), r, s)
		if got := strings.Join(m.Noted, " "); got != test.want {
			t.Errorf("%s: noted %q; want %q", name, got, test.want)
		}
		(&Records{Log: w.Log}).remember(t.Context(), &run{at: now}, s) // without a table
	}
}
