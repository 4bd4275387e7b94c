package look_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"trailkeeper/events"
	"trailkeeper/lambda/config/baseline"
	"trailkeeper/lambda/internal/approval"
	"trailkeeper/lambda/internal/asked"
	"trailkeeper/lambda/internal/clock"
	"trailkeeper/lambda/internal/finding"
	"trailkeeper/lambda/internal/message/notes"
	"trailkeeper/lambda/internal/producertest"
	"trailkeeper/lambda/internal/state/known"
	"trailkeeper/lambda/internal/sweep/look"
	"trailkeeper/lambda/internal/trail"
)

const (
	main    = "arn:aws:cloudtrail:eu-west-1:111122223333:trail/main"
	second  = "arn:aws:cloudtrail:us-east-1:111122223333:trail/second"
	foreign = "arn:aws:cloudtrail:eu-west-1:999988887777:trail/organization"
)

var now = time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)

// healthy is a trail that logs, records everything and delivers.
func healthy(arn string) trail.State {
	return trail.State{
		ARN:     arn,
		Logging: true,
		Settings: trail.Settings{
			S3Bucket:      "logs",
			MultiRegion:   true,
			GlobalEvents:  true,
			LogValidation: true,
		},
		Selectors: []trail.Selector{{ReadWrite: "All", Management: true}},
		Delivery: trail.Delivery{
			Started:      now.AddDate(0, -1, 0),
			Latest:       now.Add(-5 * time.Minute),
			LatestDigest: now.Add(-40 * time.Minute),
		},
	}
}

func with(change func(*trail.State)) trail.State {
	s := healthy(main)
	change(&s)
	return s
}

// world is CloudTrail and the state table.
type world struct {
	mu        sync.Mutex
	states    map[string]trail.State
	fail      map[string]error // by ARN or Region
	lists     map[string][]string
	known     []known.Trail
	last      time.Time
	memoryErr error
	listed    []string
	read      []string
	onRead    func()
}

func (w *world) List(_ context.Context, region string) ([]string, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.listed = append(w.listed, region)
	return w.lists[region], w.fail[region]
}

func (w *world) Read(_ context.Context, arn string) (trail.State, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.read = append(w.read, arn)
	if w.onRead != nil {
		w.onRead()
	}
	if err := w.fail[arn]; err != nil {
		return trail.State{}, err
	}
	s, ok := w.states[arn]
	if !ok {
		return trail.State{}, trail.ErrNotFound
	}
	return s, nil
}

func (w *world) Trails(context.Context) ([]known.Trail, error) { return w.known, w.memoryErr }
func (w *world) Discovered(context.Context) (time.Time, error) { return w.last, w.memoryErr }
func (w *world) declared(all ...trail.State) func() ([]baseline.Baseline, error) {
	return func() ([]baseline.Baseline, error) {
		var list []baseline.Baseline
		for _, s := range all {
			list = append(list, baseline.Baseline{Version: 1, CapturedAt: now.AddDate(0, 0, -10), Trail: s})
		}
		return list, nil
	}
}

func (w *world) looker() *look.Looker {
	clk := clock.Real()
	clk.Now = func() time.Time { return now }
	return &look.Looker{
		Region:   "eu-west-1",
		Regions:  []string{"us-east-1", "eu-west-1"},
		Accounts: []string{"111122223333"},
		Trails:   w,
		Memory:   w,
		Recorded: true,
		Clock:    clk,
		Log:      slog.New(slog.DiscardHandler),
	}
}

// kinds lists what was found, in order, with the trail's name.
func kinds(r look.Report) string {
	var all []string
	for _, s := range r.Sights {
		for _, f := range s.Findings {
			all = append(all, s.Trail.Name+" "+string(f.Kind))
		}
	}
	for _, f := range r.Blind {
		all = append(all, f.Region+" "+string(f.Kind))
	}
	return strings.Join(all, ", ")
}

// TestFindings: one thing is wrong with a trail that has a declared baseline, and is found; near misses are not.
func TestFindings(t *testing.T) {
	for name, test := range map[string]struct {
		state trail.State
		want  string
		says  string
	}{
		"healthy": {healthy(main), "", ""},
		"off":     {with(func(s *trail.State) { s.Logging = false }), "main not_logging", "not logging"},
		"weaker":  {with(func(s *trail.State) { s.Settings.S3Bucket = "evil" }), "main weakened", ""},
		"off and weaker": {
			with(func(s *trail.State) { s.Logging = false; s.Settings.MultiRegion = false }), "main not_logging, main weakened",
			"",
		},
		"stronger": {
			with(func(s *trail.State) { s.Insights = []trail.InsightSelector{{Type: "ApiCallRateInsight"}} }), "", "",
		},
		"a key added": {
			with(func(s *trail.State) { s.Settings.KMSKeyID = "arn:aws:kms:eu-west-1:111122223333:key/1" }), "main weakened", "",
		},
		"other tags": {with(func(s *trail.State) { s.Tags = map[string]string{"a": "b"} }), "", ""},
		"no delivery": {
			with(func(s *trail.State) { s.Delivery.LatestError = "AccessDenied" }), "main delivery_error",
			"log files to bucket logs: AccessDenied",
		},
		"no digest delivery": {
			with(func(s *trail.State) { s.Delivery.LatestDigestError = "AccessDenied" }), "main delivery_error", "digests",
		},
		"no delivery to no group": {with(func(s *trail.State) { s.Delivery.LatestLogError = "AccessDenied" }), "", ""},
		"old digest": {
			with(func(s *trail.State) { s.Delivery.LatestDigest = now.Add(-3*time.Hour - time.Second) }), "main stale",
			"the last at 2026-03-02 08:59:59 UTC",
		},
		"digest of three hours": {with(func(s *trail.State) { s.Delivery.LatestDigest = now.Add(-3 * time.Hour) }), "", ""},
		"no digest so far": {
			with(func(s *trail.State) { s.Delivery.LatestDigest = time.Time{} }), "main stale", "none so far",
		},
		"no digest, just started": {with(func(s *trail.State) {
			s.Delivery.LatestDigest = time.Time{}
			s.Delivery.Started = now.Add(-time.Hour)
		}), "", ""},
		"old digest, no validation": {with(func(s *trail.State) {
			s.Delivery.LatestDigest = time.Time{}
			s.Settings.LogValidation = false
		}), "main weakened", ""},
		"selectors may not be read": {
			with(func(s *trail.State) { s.Unseen = map[trail.Part]string{trail.PartSelectors: "They may not be read."} }),
			"eu-west-1 cannot_see", "They may not be read.",
		},
		"status may not be read": {with(func(s *trail.State) {
			s.Logging = false
			s.Delivery = trail.Delivery{}
			s.Unseen = map[trail.Part]string{trail.PartLogging: "No."}
		}), "eu-west-1 cannot_see", "No."},
	} {
		t.Run(name, func(t *testing.T) {
			w := &world{states: map[string]trail.State{main: test.state}, last: now}
			s := w.looker()
			s.Declared = w.declared(healthy(main))
			r := s.Look(t.Context(), false)
			if got := kinds(r); got != test.want || r.Discovered || r.MemoryErr != nil {
				t.Fatalf("found %q; want %q", got, test.want)
			}
			if said := strings.Join(reasons(r), " "); !strings.Contains(said, test.says) {
				t.Errorf("says %q; want %q", said, test.says)
			}
		})
	}
}

func reasons(r look.Report) []string {
	var all []string
	for _, s := range r.Sights {
		for _, f := range s.Findings {
			all = append(all, worded(f.Reasons)...)
		}
	}
	for _, f := range r.Blind {
		all = append(all, worded(f.Reasons)...)
	}
	return all
}

func worded(said []finding.Note) []string {
	var all []string
	for _, n := range said {
		all = append(all, notes.Word(n))
	}
	return all
}

// because are reasons in words of their own.
var because = producertest.Because

// TestBaselines: the declared one counts before the recorded one, and one that says off makes a trail that is off
// healthy.
func TestBaselines(t *testing.T) {
	recorded := []known.Trail{
		{ARN: main, Recorded: &known.Recorded{Version: 1, At: now.AddDate(0, 0, -1), State: healthy(main)}},
	}
	moved := with(func(s *trail.State) { s.Settings.S3Bucket = "new" })
	off := with(func(s *trail.State) { s.Logging = false })
	for name, test := range map[string]struct {
		state    trail.State
		declared []trail.State
		known    []known.Trail
		without  bool // recorded baselines do not count
		want     string
		kind     trail.Kind
	}{
		"recorded":                  {moved, nil, recorded, false, "main weakened", trail.Recorded},
		"recorded does not count":   {moved, nil, recorded, true, "", ""},
		"declared before recorded":  {moved, []trail.State{moved}, recorded, false, "", trail.Declared},
		"none":                      {moved, nil, []known.Trail{{ARN: main, Seen: now}}, false, "", ""},
		"none, and off":             {off, nil, []known.Trail{{ARN: main, Seen: now}}, false, "main not_logging", ""},
		"declared off":              {off, []trail.State{off}, nil, false, "", trail.Declared},
		"recorded on, declared off": {off, []trail.State{off}, recorded, false, "", trail.Declared},
	} {
		t.Run(name, func(t *testing.T) {
			w := &world{states: map[string]trail.State{main: test.state}, known: test.known, last: now}
			s := w.looker()
			s.Recorded, s.Declared = !test.without, w.declared(test.declared...)
			r := s.Look(t.Context(), false)
			if got := kinds(r); got != test.want || r.Sights[0].Kind != test.kind {
				t.Errorf("found %q against a %q baseline; want %q", got, r.Sights[0].Kind, test.want)
			}
		})
	}
}

// TestApprovals: what is judged to be approved passes exactly, and nothing else does; what was approved once is named.
func TestApprovals(t *testing.T) {
	moved := with(func(s *trail.State) { s.Settings.S3Bucket = "new" })
	change := func(call string, state trail.State, fields ...trail.Field) approval.Change {
		return approval.Change{
			Note: known.Approved{EventID: "e", EventName: call, Principal: "p"},
			Request: asked.Request{
				EventName: call,
				State:     state,
				Fields:    fields,
				Deleted:   call == "DeleteTrail",
			},
		}
	}
	update, deletion := change("UpdateTrail", moved, trail.FieldS3Bucket), change("DeleteTrail", trail.State{})
	stop := change("StopLogging", trail.State{}, trail.FieldLogging)
	proven := func(c approval.Change) approval.Judged { return approval.Judged{Proven: []approval.Change{c}} }
	over := func(c approval.Change) approval.Judged { return approval.Judged{Over: []approval.Change{c}} }
	doubted := approval.Judged{Doubted: []approval.Doubt{{Note: update.Note, Why: because("x.")[0], False: true}}}
	off := with(func(s *trail.State) { s.Logging, s.Settings.S3Bucket = false, "new" })
	stopped := with(func(s *trail.State) { s.Logging = false })
	rolledBack := healthy(main)
	further := with(func(s *trail.State) { s.Settings.S3Bucket, s.Settings.MultiRegion = "new", false })
	again := with(func(s *trail.State) { s.Settings.S3Bucket = "other" })
	for name, test := range map[string]struct {
		state   *trail.State
		claims  approval.Judged
		want    string
		expired int
	}{
		"stop approved":                        {&stopped, proven(stop), "", 0},
		"stop waited for":                      {&stopped, approval.Judged{Waiting: []approval.Change{stop}}, "", 0},
		"stop approved, no baseline":           {&stopped, proven(stop), "", 0},
		"stop approval over, no baseline":      {&stopped, over(stop), "main not_logging", 1},
		"logs again, no baseline: rolled back": {&rolledBack, proven(stop), "", 0},
		"approved":                             {&moved, proven(update), "", 0},
		"waited for":                           {&moved, approval.Judged{Waiting: []approval.Change{update}}, "", 0},
		"doubted":                              {&moved, doubted, "main weakened", 0},
		"over":                                 {&moved, over(update), "main weakened", 1},
		"over, another field":                  {&stopped, over(update), "main not_logging", 0},
		"stopped as well":                      {&off, proven(update), "main not_logging", 0},
		"rolled back":                          {&rolledBack, proven(update), "", 0},
		"another field as well":                {&further, proven(update), "main weakened", 0},
		"another value":                        {&again, proven(update), "main weakened", 0},
		"deletion approved":                    {nil, proven(deletion), "", 0},
		"deletion approval over":               {nil, over(deletion), "main missing", 1},
		"deletion, change approved":            {nil, proven(update), "main missing", 0},
		"deletion doubted": {
			nil, approval.Judged{Doubted: []approval.Doubt{{Note: deletion.Note}}}, "main missing", 0,
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := &world{
				states: map[string]trail.State{},
				known:  []known.Trail{{ARN: main, Seen: now, Approved: []known.Approved{{EventID: "e"}}}},
				last:   now,
			}
			if test.state != nil {
				w.states[main] = *test.state
			}
			s := w.looker()
			s.Declared = w.declared(healthy(main))
			if strings.Contains(name, "no baseline") {
				s.Declared = w.declared()
			}
			s.Claims = func(_ context.Context, id events.Trail, known known.Trail) approval.Judged {
				if id.ARN() != main || len(known.Approved) != 1 {
					t.Errorf("judges %+v of %s", known.Approved, id.ARN())
				}
				return test.claims
			}
			r := s.Look(t.Context(), false)
			if got := kinds(r); got != test.want {
				t.Fatalf("found %q; want %q", got, test.want)
			}
			if test.want == "" && test.state != nil &&
				(len(r.Sights[0].Obsolete()) == 1) != strings.HasSuffix(name, "rolled back") {
				t.Errorf("obsolete: %+v", r.Sights[0].Obsolete())
			}
			if test.want != "" && len(r.Sights[0].Findings[0].Expired) != test.expired {
				t.Errorf("expired %+v; want %d", r.Sights[0].Findings[0].Expired, test.expired)
			}
			if test.want == "main weakened" && name == "another field as well" &&
				len(trail.Weakened(r.Sights[0].Findings[0].Changes)) != 1 {
				t.Errorf("changes %+v; want the one that is not approved", r.Sights[0].Findings[0].Changes)
			}
			if worse := len(r.Sights[0].Worse()) > 0; test.state != nil && worse == strings.HasSuffix(name, "rolled back") {
				t.Errorf("worse than its baseline: %v", r.Sights[0].Worse())
			}
		})
	}
}

// TestForgedRecord: a recorded baseline that the sweep would not have recorded counts as none, and is reported.
func TestForgedRecord(t *testing.T) {
	weak := with(func(s *trail.State) {
		s.Logging = false
		s.Selectors = []trail.Selector{{ReadWrite: "ReadOnly", Management: true}}
	})
	for name, kept := range map[string]known.Trail{
		"weak":   {ARN: main, Recorded: &known.Recorded{Version: 2, At: now, State: weak}},
		"broken": {ARN: main, Broken: 3},
	} {
		w := &world{states: map[string]trail.State{main: weak}, known: []known.Trail{kept}, last: now}
		r := w.looker().Look(t.Context(), false)
		if got := kinds(r); got != "main not_logging, eu-west-1 cannot_see" || r.Sights[0].Baseline.ARN != "" {
			t.Errorf("%s: %q against %+v", name, got, r.Sights[0].Baseline)
		}
	}
}

// TestTrailsThatAreOnlyNoted are not read: whoever creates and deletes trails does not make the sweep longer. The
// declared come first.
func TestTrailsThatAreOnlyNoted(t *testing.T) {
	w := &world{states: map[string]trail.State{main: healthy(main)}, last: now}
	for i := range 60 {
		known := known.Trail{ARN: fmt.Sprintf("arn:aws:cloudtrail:eu-west-1:111122223333:trail/a-%02d", i), TamperedAt: now}
		if i < 30 {
			known.Seen = now
		}
		w.known = append(w.known, known)
	}
	s := w.looker()
	s.Declared = w.declared(healthy(main))
	r := s.Look(t.Context(), false)
	if len(w.read) != 25 || w.read[0] != main || !strings.Contains(kinds(r), "eu-west-1 cannot_see") {
		t.Errorf("read %d trails, %s first: %s", len(w.read), w.read[0], kinds(r))
	}
}

// TestLookEndsWithItsTime: what was not looked at when the time is up cannot be seen, and the rest is reported.
func TestLookEndsWithItsTime(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	w := &world{
		states: map[string]trail.State{main: healthy(main), second: healthy(second)},
		known:  []known.Trail{{ARN: main, Seen: now}, {ARN: main + "2", Seen: now}},
		last:   now,
	}
	w.onRead = cancel
	r := w.looker().Look(ctx, false)
	if len(w.read) != 1 || kinds(r) != "eu-west-1 cannot_see" ||
		!strings.Contains(strings.Join(reasons(r), ""), "did not answer in time") {
		t.Errorf("read %v: %s, %v", w.read, kinds(r), reasons(r))
	}
}

// TestDiscovery: other trails are looked for once an hour, in every Region, and whenever the table does not say when
// that was.
func TestDiscovery(t *testing.T) {
	for name, test := range map[string]struct {
		last      time.Time
		memoryErr error
		noMemory  bool
		want      bool
	}{
		"never so far":       {time.Time{}, nil, false, true},
		"just now":           {now.Add(-5 * time.Minute), nil, false, false},
		"nearly an hour ago": {now.Add(-59*time.Minute - 30*time.Second), nil, false, true},
		"in the future":      {now.AddDate(1, 0, 0), nil, false, true}, // whoever can write to the table cannot switch it off
		"the table fails":    {now, errors.New("throttled"), false, true},
		"without a table":    {now, nil, true, true},
	} {
		t.Run(name, func(t *testing.T) {
			w := &world{
				states:    map[string]trail.State{main: healthy(main), second: healthy(second)},
				last:      test.last,
				memoryErr: test.memoryErr,
				lists:     map[string][]string{"eu-west-1": {main, foreign, second}, "us-east-1": {second, foreign}},
			}
			s := w.looker()
			if test.noMemory {
				s.Memory = nil
			}
			r := s.Look(t.Context(), false)
			if r.Discovered != test.want || len(r.Sights) != map[bool]int{true: 2}[test.want] ||
				!errors.Is(r.MemoryErr, test.memoryErr) {
				t.Fatalf("discovered %v: %d trails, %v", r.Discovered, len(r.Sights), r.MemoryErr)
			}
			slices.Sort(w.listed)
			if test.want &&
				(!slices.Equal(w.listed, []string{"eu-west-1", "us-east-1"}) || !slices.Equal(r.Foreign, []string{foreign})) {
				t.Errorf("listed %v, foreign %v", w.listed, r.Foreign)
			}
		})
	}
}

// TestOneBrokenTrailHidesNoOther, nor does a Region that cannot be listed.
func TestOneBrokenTrailHidesNoOther(t *testing.T) {
	w := &world{
		states: map[string]trail.State{second: with(func(s *trail.State) { s.ARN, s.Logging = second, false })},
		fail: map[string]error{
			main:        errors.New("the settings may not be read"),
			"us-east-1": errors.New("the trails of us-east-1 could not be listed"),
		},
		lists: map[string][]string{"eu-west-1": {main, second}},
	}
	r := w.looker().Look(t.Context(), false)
	if got := kinds(r); got != "second not_logging, eu-west-1 cannot_see, us-east-1 cannot_see" {
		t.Errorf("found %q", got)
	}
	if got := fmt.Sprint(
		worded(r.Blind[0].Reasons), worded(r.Blind[1].Reasons),
	); got != "[Trail main: the settings may not be read.] [The trails of us-east-1 could not be listed.]" {
		t.Errorf("reasons %s", got)
	}
}

func TestExcludedAndForeignTrailsAreLeftAlone(t *testing.T) {
	w := &world{
		states: map[string]trail.State{}, lists: map[string][]string{"eu-west-1": {main}},
		known: []known.Trail{{ARN: main, Seen: now}, {ARN: foreign, Seen: now}, {ARN: "nonsense", Seen: now}},
	}
	s := w.looker()
	s.Excluded = func(arn string) bool { return arn == main }
	s.Declared = w.declared(healthy(main))
	w.last = now
	if r := s.Look(
		t.Context(), false,
	); len(r.Sights) > 0 || len(w.read) > 0 || len(r.Excluded) != 1 ||
		r.Excluded[0].Unread == "" {
		t.Errorf("%+v, read %v", r, w.read)
	}
}

// TestExcludedTrailsAreReadForWhatTheyRecord, where trails are looked for, and for nothing else.
func TestExcludedTrailsAreReadForWhatTheyRecord(t *testing.T) {
	off := healthy(main)
	off.Logging = false
	for name, test := range map[string]struct {
		states map[string]trail.State
		fail   error
		covers bool
		unread bool
	}{
		"records": {map[string]trail.State{main: healthy(main)}, nil, true, false},
		"is off":  {map[string]trail.State{main: off}, nil, false, false},
		"gone":    {nil, nil, false, false},
		"refused": {nil, errors.New("AccessDenied"), false, true},
	} {
		w := &world{
			states: test.states,
			fail:   map[string]error{main: test.fail},
			lists:  map[string][]string{"eu-west-1": {main}},
		}
		s := w.looker()
		s.Excluded = func(arn string) bool { return arn == main }
		r := s.Look(t.Context(), true)
		if len(r.Sights) > 0 || len(r.Blind) > 0 || len(r.Excluded) != 1 {
			t.Fatalf("%s: %+v", name, r)
		}
		e := r.Excluded[0]
		if e.ARN != main || look.Covers(e.State, "eu-west-1") != test.covers || (e.Unread != "") != test.unread {
			t.Errorf("%s: %+v", name, e)
		}
	}
}

func TestSigns(t *testing.T) {
	a := look.Finding{Kind: finding.KindDeliveryError, Reasons: because("x")}
	b := look.Finding{Kind: finding.KindDeliveryError, Reasons: because("y")}
	if a.Signed() == b.Signed() || a.Signed("1") == a.Signed("2") || a.Signed("1", "2") == a.Signed("12") {
		t.Error("a sign stands for one finding and what became of it")
	}
	if a.Subject() == (look.Finding{Kind: finding.KindStale}).Subject() {
		t.Error("two kinds have one subject")
	}
}

func TestCovers(t *testing.T) {
	single := func(s *trail.State) { s.Settings.MultiRegion = false }
	for name, test := range map[string]struct {
		change func(*trail.State)
		region string
		want   bool
	}{
		"at home":           {single, "eu-west-1", true},
		"elsewhere":         {single, "us-east-1", false},
		"everywhere":        {func(*trail.State) {}, "us-east-1", true},
		"off":               {func(s *trail.State) { s.Logging = false }, "eu-west-1", false},
		"read events only":  {func(s *trail.State) { s.Selectors[0].ReadWrite = "ReadOnly" }, "eu-west-1", false},
		"write events only": {func(s *trail.State) { s.Selectors[0].ReadWrite = "WriteOnly" }, "eu-west-1", true},
		"without KMS": {
			func(s *trail.State) { s.Selectors[0].ExcludeSources = []string{"kms.amazonaws.com"} }, "eu-west-1", true,
		},
		"selectors are not seen": {
			func(s *trail.State) { s.Unseen = map[trail.Part]string{trail.PartSelectors: "no"} }, "eu-west-1", false,
		},
	} {
		if got := look.Covers(with(test.change), test.region); got != test.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}

// TestFit: a state becomes a baseline only while nothing speaks against it.
func TestFit(t *testing.T) {
	for name, test := range map[string]struct {
		sight look.Sight
		open  bool
		fit   bool
	}{
		"healthy":             {look.Sight{State: healthy(main)}, false, true},
		"an incident is open": {look.Sight{State: healthy(main)}, true, false},
		"a finding": {
			look.Sight{State: healthy(main), Findings: []look.Finding{{Kind: finding.KindStale}}}, false, false,
		},
		"not seen in full": {
			look.Sight{State: with(func(s *trail.State) { s.Unseen = map[trail.Part]string{trail.PartTags: "no"} })},
			false,
			false,
		},
		"just weakened": {
			look.Sight{State: healthy(main), Known: known.Trail{TamperedAt: now.Add(-23 * time.Hour)}}, false, false,
		},
		"weakened a day ago": {
			look.Sight{State: healthy(main), Known: known.Trail{TamperedAt: now.Add(-24 * time.Hour)}}, false, true,
		},
		"not confirmed": {
			look.Sight{State: healthy(main), Known: known.Trail{Pending: known.Pending{EventID: "e"}}}, false, false,
		},
		"off": {look.Sight{State: with(func(s *trail.State) { s.Logging = false })}, false, false},
		"blind": {
			look.Sight{
				State: with(func(s *trail.State) { s.Selectors = []trail.Selector{{ReadWrite: "ReadOnly", Management: true}} }),
			},
			false, false,
		},
		"does not deliver": {look.Sight{State: with(func(s *trail.State) { s.Delivery.LatestError = "x" })}, false, false},
		"as no file may be": {
			look.Sight{State: with(func(s *trail.State) { s.Tags = map[string]string{"owner": strings.Repeat("x", 257)} })},
			false, false,
		},
		"not seen at all": {look.Sight{}, false, false},
	} {
		if why := test.sight.Fit(test.open, now); (len(why) == 0) != test.fit {
			t.Errorf("%s: %q", name, why)
		}
	}
}
