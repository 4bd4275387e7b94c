// Package look looks at every trail without being asked by an event, and says what is wrong: what no event reported.
//
// It only reads: it puts nothing back, notifies nobody, and refuses to know what a deployment does about a finding.
package look

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"time"

	"trailkeeper/events"
	"trailkeeper/lambda/config/baseline"
	"trailkeeper/lambda/internal/approval"
	"trailkeeper/lambda/internal/clock"
	"trailkeeper/lambda/internal/finding"
	"trailkeeper/lambda/internal/state/known"
	"trailkeeper/lambda/internal/trail"
)

// betweenDiscoveries is how long the trails that are known are looked at before others are looked for. Schedules are
// not exact to the second.
const betweenDiscoveries = time.Hour - time.Minute

type reader interface {
	List(ctx context.Context, region string) ([]string, error)
	Read(ctx context.Context, arn string) (trail.State, error)
}

type memory interface {
	Trails(ctx context.Context) ([]known.Trail, error)
	Discovered(ctx context.Context) (time.Time, error)
}

// Looker looks at trails.
type Looker struct {
	// Region is the guard's own; it is looked at first. Regions are the further ones.
	Region   string
	Regions  []string
	Accounts []string // the owners of the trails
	Trails   reader
	// Memory is the state table; nil: there is none, and trails are looked for every time.
	Memory memory
	// Declared returns the declared baselines; nil: there are none.
	Declared func() ([]baseline.Baseline, error)
	// Recorded says that a recorded baseline counts.
	Recorded bool
	// Claims judges what is noted to be approved of a trail; nil: nothing is.
	Claims func(ctx context.Context, t events.Trail, known known.Trail) approval.Judged
	// Rival says who else than those whose claims are waited for has made these fields of a trail what they are, or has
	// deleted it where there are none; not found: nobody is known to have. Nil: nobody is looked for.
	Rival func(ctx context.Context, s *Sight, fields []trail.Field) (says finding.Note, found bool)
	// Excluded says that a trail is left alone; nil: none is.
	Excluded func(arn string) bool
	Clock    clock.Clock
	Log      *slog.Logger
}

// Sight is one trail as a sweep saw it.
type Sight struct {
	Trail events.Trail
	Known known.Trail
	State trail.State // means nothing where the trail is missing or could not be read
	// Baseline is what the trail is compared with, the approved changes that still count in it, and Kind where it comes
	// from; without an ARN there is none. CapturedAt is its time.
	Baseline   trail.State
	Kind       trail.Kind
	CapturedAt time.Time
	// Declared is the baseline without the approved changes, and Claims what became of the claims that they are approved.
	// Gone says that CloudTrail knows no such trail.
	Declared trail.State
	Claims   approval.Judged
	Gone     bool
	Findings []Finding
}

// Report is what a sweep saw.
type Report struct {
	Sights []Sight // in the order of the ARNs
	// Blind is what could not be seen, one finding for a Region.
	Blind []Finding
	// Discovered says that trails were looked for in every Region. Foreign are the trails of other accounts that the
	// guard's Region shows.
	Discovered bool
	Foreign    []string
	// Excluded are the trails that are left alone. They are read where trails are looked for, and only for what they
	// record.
	Excluded []Excluded
	// MemoryErr says why the state table could not be read, nil where it could. The report is complete all the same, but
	// for what only the table knows.
	MemoryErr error
	// BaselineErr says why the declared baselines could not be read.
	BaselineErr error
}

// Look reads every trail that is known, once an hour and where discover says so looks for others, and compares each
// with its baseline. Regions are read side by side. A trail that cannot be read does not hide another.
func (l *Looker) Look(ctx context.Context, discover bool) Report {
	var r Report
	run := &looking{
		looker:   l,
		again:    discover,
		report:   &r,
		known:    map[string]known.Trail{},
		noted:    map[string]known.Trail{},
		declared: map[string]baseline.Baseline{},
		blind:    map[string][]string{},
		excluded: map[string]bool{},
	}
	run.gather(ctx)
	run.discover(ctx)
	run.read(ctx)
	run.readExcluded(ctx)
	run.conclude()
	return r
}

// looking is one run of Look.
type looking struct {
	looker   *Looker
	again    bool // trails are looked for although they were lately
	report   *Report
	known    map[string]known.Trail       // by ARN
	declared map[string]baseline.Baseline // by ARN
	excluded map[string]bool              // by ARN
	noted    map[string]known.Trail       // trails of which the table knows no more than that they were tampered with
	last     time.Time                    // of the last discovery

	mu    sync.Mutex
	blind map[string][]string // by Region: what could not be seen, with the reason
	asked int                 // trails that nobody has seen of which the event history was asked
}

// gather reads which trails there should be.
func (l *looking) gather(ctx context.Context) {
	if l.looker.Declared != nil {
		all, err := l.looker.Declared()
		l.report.BaselineErr = err
		for _, b := range all {
			l.declared[b.Trail.ARN] = b
			l.add(known.Trail{ARN: b.Trail.ARN})
		}
	}
	if l.looker.Memory == nil {
		return
	}
	trails, err := l.looker.Memory.Trails(ctx)
	for _, t := range trails {
		trailOf, bad := events.ParseTrailARN(t.ARN)
		_, declared := l.known[t.ARN]
		ours := bad == nil && slices.Contains(l.looker.Accounts, trailOf.Account)
		switch {
		case ours && (declared || t.Known()):
			l.add(t)
		case ours:
			l.noted[t.ARN] = t
		}
	}
	last, lastErr := l.looker.Memory.Discovered(ctx)
	l.last, l.report.MemoryErr = last, errors.Join(err, lastErr)
}

func (l *looking) add(t known.Trail) {
	if l.looker.Excluded != nil && l.looker.Excluded(t.ARN) {
		l.excluded[t.ARN] = true
		return
	}
	l.known[t.ARN] = t
}

// discover looks for trails that are not known, in every Region, when it is time.
func (l *looking) discover(ctx context.Context) {
	now := l.looker.Clock.Now()
	if !l.again && l.looker.Memory != nil && l.report.MemoryErr == nil && now.Sub(l.last) < betweenDiscoveries &&
		!l.last.After(now.Add(betweenDiscoveries)) {
		return
	}
	l.report.Discovered = true
	lists := make([][]string, len(l.looker.regions()))
	l.looker.eachRegion(func(i int, region string) {
		var err error
		if lists[i], err = l.looker.Trails.List(ctx, region); err != nil {
			l.cannotSee(region, err.Error())
		}
	})
	for i, list := range lists {
		for _, arn := range list {
			t, err := events.ParseTrailARN(arn)
			_, have := l.known[arn]
			switch {
			case err != nil || have:
			case slices.Contains(l.looker.Accounts, t.Account):
				known := l.noted[arn]
				known.ARN = arn
				l.add(known)
			case i == 0:
				l.report.Foreign = append(l.report.Foreign, arn)
			}
		}
	}
}

func (l *Looker) regions() []string {
	all := []string{l.Region}
	for _, r := range l.Regions {
		if !slices.Contains(all, r) {
			all = append(all, r)
		}
	}
	return all
}

func (l *Looker) eachRegion(do func(i int, region string)) {
	var wg sync.WaitGroup
	for i, region := range l.regions() {
		wg.Go(func() { do(i, region) })
	}
	wg.Wait()
}

func (l *looking) cannotSee(region, what string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	what = strings.ToUpper(what[:1]) + strings.TrimSuffix(what[1:], ".") + "."
	if !slices.Contains(l.blind[region], what) {
		l.blind[region] = append(l.blind[region], what)
	}
}

// read reads the trails: those of a Region one after the other, as its quota asks, and the Regions side by side.
func (l *looking) read(ctx context.Context) {
	byRegion := map[string][]*Sight{}
	for arn, known := range l.known {
		t, err := events.ParseTrailARN(arn)
		if err == nil {
			byRegion[t.Region] = append(byRegion[t.Region], &Sight{Trail: t, Known: known})
		}
	}
	var wg sync.WaitGroup
	for _, sights := range byRegion {
		slices.SortFunc(sights, func(a, b *Sight) int {
			return cmp.Or(rank(a, l.declared)-rank(b, l.declared), strings.Compare(a.Trail.ARN(), b.Trail.ARN()))
		})
		wg.Go(func() { l.readRegion(ctx, sights) })
	}
	wg.Wait()
	for _, sights := range byRegion {
		for _, sight := range sights {
			l.report.Sights = append(l.report.Sights, *sight)
		}
	}
	slices.SortFunc(l.report.Sights, func(a, b Sight) int { return strings.Compare(a.Trail.ARN(), b.Trail.ARN()) })
}

// rank puts the trails with a declared baseline first, and those last of which records alone have said that there is
// one.
func rank(s *Sight, declared map[string]baseline.Baseline) int {
	switch _, ok := declared[s.Trail.ARN()]; {
	case ok:
		return 0
	case s.Known.Shown():
		return 1
	}
	return 2
}

// maxPerRegion bounds the trails of one Region, in which CloudTrail takes five of an account.
const maxPerRegion = 25

// readRegion reads the trails of one Region. When the time is up, those that are left cannot be seen.
func (l *looking) readRegion(ctx context.Context, sights []*Sight) {
	for i, sight := range sights {
		switch {
		case ctx.Err() != nil:
			l.cannotSee(sight.Trail.Region, "CloudTrail did not answer in time, so not every trail was looked at")
			return
		case i >= maxPerRegion:
			l.cannotSee(sight.Trail.Region, fmt.Sprintf("there are more than %d trails to look at", maxPerRegion))
			return
		}
		l.look(ctx, sight)
	}
}

// conclude makes one finding for each Region in which something could not be seen.
func (l *looking) conclude() {
	for region, reasons := range l.blind {
		slices.Sort(reasons)
		f := Finding{Kind: finding.KindCannotSee, Region: region}
		for _, reason := range reasons {
			f.Reasons = append(f.Reasons, finding.Say(finding.NoteText, reason))
		}
		l.report.Blind = append(l.report.Blind, f)
	}
	slices.SortFunc(l.report.Blind, func(a, b Finding) int { return strings.Compare(a.Region, b.Region) })
}
