package incident

import (
	"slices"
	"testing"
	"time"

	"trailkeeper/lambda/internal/finding"
)

var at = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)

// TestBounds are part of what messages and the README say.
func TestBounds(t *testing.T) {
	if Calm != 15*time.Minute || Quiet != time.Hour || keeping != 90*24*time.Hour {
		t.Errorf("calm %v, quiet %v, kept for %v", Calm, Quiet, keeping)
	}
}

// TestDarknessAddsUp each moment once, in whatever order it is reported, and as a whole where there is too much to
// keep.
func TestDarknessAddsUp(t *testing.T) {
	s := func(from, to int) span {
		return span{at.Add(time.Duration(from) * time.Second), at.Add(time.Duration(to) * time.Second)}
	}
	for name, test := range map[string]struct {
		delivered []span
		want      time.Duration
		kept      int
	}{
		"nothing":      {nil, 0, 0},
		"one":          {[]span{s(0, 5)}, 5 * time.Second, 1},
		"of no length": {[]span{s(5, 5)}, 0, 0},
		"backwards":    {[]span{s(5, 0)}, 0, 0},
		"since ever":   {[]span{{To: at}}, 0, 0},
		"twice":        {[]span{s(0, 5), s(0, 5)}, 5 * time.Second, 1},
		"within":       {[]span{s(0, 9), s(2, 3)}, 9 * time.Second, 1},
		"longer":       {[]span{s(0, 3), s(2, 9)}, 9 * time.Second, 1},
		"touching":     {[]span{s(0, 3), s(3, 9)}, 9 * time.Second, 1},
		"apart":        {[]span{s(0, 3), s(4, 9)}, 8 * time.Second, 2},
		"out of order": {[]span{s(4, 9), s(0, 3), s(20, 21), s(2, 5)}, 10 * time.Second, 2},
	} {
		var d darkness
		for _, delivered := range test.delivered {
			d = d.with(delivered.From, delivered.To)
		}
		if d.sum() != test.want || len(d.Spans) != test.kept {
			t.Errorf("%s: %v in %d spans; want %v in %d", name, d.sum(), len(d.Spans), test.want, test.kept)
		}
	}
	var d darkness
	for i := range maxSpans {
		d = d.with(s(10*i, 10*i+1).From, s(10*i, 10*i+1).To)
	}
	if len(d.Spans) != maxSpans || d.Before != 0 {
		t.Errorf("%d spans, and %v before", len(d.Spans), d.Before)
	}
	d = d.with(s(1000, 1002).From, s(1000, 1002).To)
	if len(d.Spans) != maxSpans || d.Before != time.Second || !d.Floor.Equal(s(0, 1).To) || d.sum() != 18*time.Second {
		t.Errorf("one more: %d spans, %v before %v, %v in all", len(d.Spans), d.Before, d.Floor, d.sum())
	}
	if d = d.with(s(-5, 2).From, s(-5, 2).To); d.sum() != 19*time.Second {
		t.Errorf("a span that is older in part: %v in all", d.sum())
	}
	if d.Before = -time.Hour; d.sum() < 0 {
		t.Errorf("forged: %v", d.sum())
	}
}

// TestWithUndelivered: what nobody was notified of is new for the next message, as long as it is so.
func TestWithUndelivered(t *testing.T) {
	turned, closing := finding.Flags{Turned: true}, finding.Flags{Closing: true}
	contested, darker, resumed := finding.Flags{Contested: true}, finding.Flags{Darker: true}, finding.Flags{Resumed: true}
	type entryIs struct {
		state  finding.IncidentState
		fought bool
	}
	open := entryIs{finding.IncidentOpen, false}
	for name, test := range map[string]struct {
		entryIs
		flags finding.Flags
		still bool
	}{
		"turned":        {entryIs{finding.IncidentHuman, false}, turned, true},
		"turned, was":   {open, turned, false},
		"closing":       {entryIs{finding.IncidentRestored, false}, closing, true},
		"closing, was":  {open, closing, false},
		"contested":     {entryIs{finding.IncidentContested, true}, contested, true},
		"contested,was": {open, contested, false},
		"darker":        {entryIs{finding.IncidentHuman, true}, darker, true},
		"darker, was":   {open, darker, false},
		"resumed":       {open, resumed, true},
	} {
		e := entry{Incident: finding.Incident{State: test.state}, Fought: test.fought}
		want := finding.Flags{}
		if test.still {
			want = test.flags
		}
		if got := e.withUndelivered(finding.Flags{}, test.flags); got != want {
			t.Errorf("%s, untold: %+v; want %+v", name, got, want)
		}
		if got := e.withUndelivered(test.flags, finding.Flags{}); got != test.flags {
			t.Errorf("%s, new: %+v; want %+v", name, got, test.flags)
		}
	}
}

// TestNews: a state is new once, and a message after a quiet hour resumes the incident.
func TestNews(t *testing.T) {
	for name, test := range map[string]struct {
		was, is finding.IncidentState
		opened  bool
		after   time.Duration
		want    finding.Flags
	}{
		"as before":        {finding.IncidentHuman, finding.IncidentHuman, false, 0, finding.Flags{}},
		"a human's":        {finding.IncidentOpen, finding.IncidentHuman, false, 0, finding.Flags{Turned: true}},
		"over":             {finding.IncidentOpen, finding.IncidentRestored, false, 0, finding.Flags{Closing: true}},
		"over at once":     {finding.IncidentOpen, finding.IncidentRestored, true, 0, finding.Flags{}},
		"contested":        {finding.IncidentRestored, finding.IncidentContested, false, 0, finding.Flags{Contested: true}},
		"after an hour":    {finding.IncidentOpen, finding.IncidentOpen, false, Quiet, finding.Flags{}},
		"after more":       {finding.IncidentOpen, finding.IncidentOpen, false, Quiet + 1, finding.Flags{Resumed: true}},
		"new after longer": {finding.IncidentOpen, finding.IncidentOpen, true, Quiet + 1, finding.Flags{}},
	} {
		e := entry{Incident: finding.Incident{State: test.is}}
		before := entry{Incident: finding.Incident{State: test.was}, Touched: at}
		if got := e.news(before, test.opened, at.Add(test.after)); got != test.want {
			t.Errorf("%s: %+v; want %+v", name, got, test.want)
		}
	}
	steps := finding.DarkSteps()
	e, before := entry{Fought: true}, entry{Touched: at}
	e.Dark, before.Dark = steps[0], steps[0]-1
	if !e.news(before, false, at).Darker {
		t.Error("a step of the dark time of a fight is not new")
	}
	if before.Dark = steps[0]; e.news(before, false, at).Darker {
		t.Error("a step is new twice")
	}
	before.Dark, e.Fought = 0, false
	if e.news(before, false, at).Darker {
		t.Error("without a fight, dark time is new")
	}
}

// TestReadBelieves only what this package writes.
func TestReadBelieves(t *testing.T) {
	good := entry{Incident: finding.Incident{
		ID:     "inc-0011223344556677",
		State:  finding.IncidentOpen,
		Count:  1,
		Opened: at,
	}}
	if good.read() == nil {
		t.Fatal("what is written is not read")
	}
	for name, change := range map[string]func(*entry){
		"no ID":          func(e *entry) { e.ID = "" },
		"no hex":         func(e *entry) { e.ID = "inc-001122334455667x" },
		"hex, then none": func(e *entry) { e.ID = "inc-0011223344556677x" },
		"a longer ID":    func(e *entry) { e.ID += "88" },
		"another prefix": func(e *entry) { e.ID = "0011223344556677" },
		"no state":       func(e *entry) { e.State = "" },
		"no event":       func(e *entry) { e.Count = 0 },
		"never opened":   func(e *entry) { e.Opened = time.Time{} },
	} {
		e := good
		if change(&e); e.read() != nil {
			t.Errorf("%s: %+v is believed", name, e)
		}
	}
}

// TestStrikesThatAreRemembered are the last ones, each once, with the first answer to it.
func TestStrikesThatAreRemembered(t *testing.T) {
	var e entry
	dark := func(second int, acted time.Time) *finding.Dark {
		return &finding.Dark{From: at.Add(time.Duration(second) * time.Second), Acted: acted}
	}
	e.struck(nil)
	for i := range maxStrikes {
		e.struck(dark(10*(i+1), time.Time{}))
	}
	e.struck(dark(10, at.Add(time.Minute)))
	e.struck(dark(10, at.Add(time.Hour)))
	if len(e.Strikes) != maxStrikes || !e.Strikes[0].Answered.Equal(at.Add(time.Minute)) {
		t.Fatalf("%d strikes, the first answered at %v", len(e.Strikes), e.Strikes[0].Answered)
	}
	before := slices.Clone(e.Strikes)
	if e.struck(dark(0, at)); !slices.Equal(e.Strikes, before) {
		t.Errorf("an older one took the place of one that is remembered: %v", e.Strikes)
	}
	e.struck(dark(1000, at))
	if len(e.Strikes) != maxStrikes || !e.Strikes[0].At.Equal(before[1].At) ||
		!e.Strikes[maxStrikes-1].Answered.Equal(at) {
		t.Errorf("a newer one: %v", e.Strikes)
	}
}

// TestStands: a fight goes on until a reading after a while of quiet; what needs a human needs one all the same.
func TestStands(t *testing.T) {
	human := marks{"logging": {State: finding.IncidentHuman, At: at}}
	read := func(after time.Duration) finding.Finding {
		return finding.Finding{Bearing: finding.Bearing{Role: finding.RoleEnds}, EventTime: at.Add(after)}
	}
	for name, test := range map[string]struct {
		fought bool
		wrong  marks
		n      finding.Finding
		want   finding.IncidentState
		fights bool
	}{
		"no fight":         {false, nil, finding.Finding{}, finding.IncidentRestored, false},
		"a fight":          {true, nil, finding.Finding{}, finding.IncidentContested, true},
		"and a human's":    {true, human, read(Calm), finding.IncidentHuman, true},
		"read too early":   {true, nil, read(Calm - 1), finding.IncidentContested, true},
		"read in time":     {true, nil, read(Calm), finding.IncidentRestored, false},
		"quiet, not read":  {true, nil, finding.Finding{EventTime: at.Add(Calm)}, finding.IncidentContested, true},
		"a human's, alone": {false, human, finding.Finding{}, finding.IncidentHuman, false},
	} {
		e := entry{Fought: test.fought, Wrong: test.wrong, Strikes: []strike{{At: at}}}
		if got := e.stands(test.n, at.Add(Calm)); got != test.want || e.Fought != test.fights {
			t.Errorf("%s: %s, fought over %v; want %s, %v", name, got, e.Fought, test.want, test.fights)
		}
	}
}

// TestHeardNames a finding by its ID, and an event by its caller as well.
func TestHeardNames(t *testing.T) {
	if heard("e", "") != short("e") || heard("e", "p") == short("e") || heard("e", "p") == heard("e", "q") {
		t.Error("what was heard is not told apart")
	}
}
