package sweep

import (
	"context"
	"maps"
	"sync/atomic"
	"testing"
	"time"

	"trailkeeper/events"
	"trailkeeper/lambda/config"
	"trailkeeper/lambda/config/exception"
	"trailkeeper/lambda/internal/approval"
	"trailkeeper/lambda/internal/assess"
	"trailkeeper/lambda/internal/finding"
	"trailkeeper/lambda/internal/heartbeat"
	"trailkeeper/lambda/internal/producertest"
	"trailkeeper/lambda/internal/remediate"
	"trailkeeper/lambda/internal/sweep/look"
	"trailkeeper/lambda/internal/trail"
)

type (
	table       = producertest.Table
	restartFunc = producertest.RestartFunc
	orderFunc   = producertest.OrderFunc
	searched    = producertest.Searched
)

var (
	now        = producertest.Now
	management = producertest.Management
	fit        = producertest.Fit
	newTable   = producertest.NewTable
	payload    = producertest.Payload
	made       = producertest.Made
	because    = producertest.Because
	moved      = producertest.Moved
	deployer   = producertest.Deployer
	restored   = remediate.Result{
		Outcome:    finding.OutcomeRestored,
		AfterCall:  230 * time.Millisecond,
		RestoredAt: now.Add(230 * time.Millisecond),
		Notes:      producertest.Because("ok."),
	}
)

// world is a sweep with its surroundings. What is nil is not there.
type world struct {
	*producertest.World
	exceptions exception.List
	restarts   Restarter
	restores   Restorer
	memory     *table
	recorded   bool
	past       look.Searcher
	judge      *approval.Judge
	there      func(ctx context.Context, arn string) error
	sweeper    Looker
	sight      look.Report // what the sweep sees
	redrives   atomic.Int32
	outside    heartbeat.Outside
	summaries  Summaries  // nil: those of the world, if there are any
	evidence   Evidence   // nil: none is compared
	deployment Deployment // nil: none is checked
}

type sweepFunc func(discover bool) look.Report

func (f sweepFunc) Look(_ context.Context, discover bool) look.Report { return f(discover) }

// newWorld makes a sweep whose restart gives res, and whose channels fail with the given errors.
func newWorld(res remediate.Result, slackErr, snsErr, parkErr error) *world {
	w := &world{World: producertest.New(slackErr, snsErr, parkErr)}
	w.sweeper = sweepFunc(func(discover bool) look.Report {
		w.Note("sweep")
		report := w.sight
		report.Discovered = report.Discovered || discover
		return report
	})
	w.restarts = restartFunc(func(events.Trail, time.Time, time.Time) remediate.Result {
		w.Note("restart")
		return res
	})
	return w
}

// remember gives it a table, but no incidents and no claims to single messages.
func (w *world) remember(m *table) {
	w.memory = m
	w.Remember(m)
}

// sign is what was reported of a subject.
type sign struct{ Sign, State string }

// reports are those that were reported, or are about to be, by their subjects.
func reports(t *testing.T, m *table) map[string]sign {
	t.Helper()
	all := producertest.Kept[sign](t, m, "told")
	maps.DeleteFunc(all, func(_ string, s sign) bool { return s.Sign == "" })
	return all
}

// reported notes that something was reported.
func reported(t *testing.T, m *table, subject, sign string) {
	t.Helper()
	producertest.Keep(t, m, "told", subject, map[string]any{"sign": sign, "state": "delivered"})
}

// assembled is the sweep as the world has it now.
func (w *world) assembled() *Sweeper {
	scope := assess.Scope{
		Mode:       w.Config.Mode,
		Accounts:   w.Config.Accounts,
		Partition:  w.Config.Partition,
		RoleARN:    w.Config.RoleARN,
		Stack:      w.Config.Stack,
		Exceptions: w.exceptions,
	}
	var actors *look.Actors
	if w.past != nil {
		actors = &look.Actors{
			History: w.past,
			Judge:   w.judge,
			Own:     scope.Own,
			Clock:   w.Clock,
		}
	}
	s := &Sweeper{
		Looker: w.sweeper,
		Reports: Reports{
			Scope:    scope,
			Region:   producertest.Region,
			Reporter: w.Reporter,
			Once:     w.Once,
			Measure:  w.Measure,
		},
		Repairs: Repairs{
			Scope:    scope,
			Minutes:  w.Config.SweepMinutes,
			Restarts: w.restarts,
			Restores: w.restores,
			Clock:    w.Clock,
			Log:      w.Log,
		},
		Claims:     Claims{Approved: w.exceptions.Approvals, Actors: actors, Log: w.Log},
		Ends:       Ends{Scope: scope, Exists: w.there},
		Records:    Records{Baselines: w.recorded, Log: w.Log},
		Names:      Names{Actors: actors, Once: w.Once},
		Redrive:    func(context.Context) { w.redrives.Add(1) },
		Outside:    w.outside,
		Evidence:   w.evidence,
		Deployment: w.deployment,
		Clock:      w.Clock,
		Log:        w.Log,
	}
	if w.memory != nil {
		s.Repairs.Pending, s.Ends.Pending, s.Records.Table = w.memory, w.memory, w.memory
		s.Claims.Table = w.memory.Approvals()
	}
	if w.Book != nil {
		s.Ends.Incidents, s.Names.Incidents = w.Book, w.Book
	}
	if w.Summaries != nil {
		s.Summaries = w.Summaries
	}
	if w.summaries != nil {
		s.Summaries = w.summaries
	}
	return s
}

// Invoke hands it an event of the schedule.
func (w *world) Invoke(ctx context.Context, payload []byte) ([]byte, error) {
	ev, err := events.Parse(payload)
	if err != nil {
		return nil, err
	}
	return nil, w.assembled().Scheduled(ctx, ev)
}

// sweeping is a world whose sweep sees the sights, and whose restores give what is put back; made lists what was
// restored.
func sweeping(t *testing.T, mode config.Mode, sights ...look.Sight) (w *world, m *table, done *[]string) {
	t.Helper()
	return failingWorld(t, mode, channelErrors{}, sights...)
}

// channelErrors are those of the channels and of the failure queue.
type channelErrors struct{ slack, sns, park error }

// failingWorld is sweeping with channels that fail.
func failingWorld(
	t *testing.T, mode config.Mode, fails channelErrors, sights ...look.Sight,
) (w *world, m *table, done *[]string) {
	t.Helper()
	w, m, done = newWorld(restored, fails.slack, fails.sns, fails.park), newTable(), new([]string)
	res := remediate.Result{
		Before:     []trail.Change{moved},
		Restored:   []trail.Change{moved},
		AfterCall:  time.Second,
		RestoredAt: now.Add(time.Second),
		Calls:      []string{"UpdateTrail"},
	}
	w.restores = producertest.RestorerFuncs{
		Restores: func(_ trail.State, settled bool) remediate.Result {
			w.Note("restore")
			*done = append(*done, map[bool]string{true: "restore, settled", false: "restore"}[settled])
			return res
		},
		Recreates: func(trail.State) remediate.Result {
			w.Note("recreate")
			*done = append(*done, "recreate")
			return res
		},
	}
	w.Config.Mode, w.recorded = mode, true
	w.remember(m)
	w.sight = look.Report{Sights: sights}
	return w, m, done
}

// remembering is a world with a table, incidents and claims.
func remembering() (*world, *table) {
	w, m := newWorld(restored, nil, nil, nil), newTable()
	w.ReportWith(m, true)
	w.remember(m)
	return w, m
}

// stopped reports a stop of a trail that could not be undone, as a record of it is answered.
func (w *world) stopped(t *testing.T, name string) {
	t.Helper()
	of := management
	of.Name = name
	n := finding.Finding{
		EventID:   "stop-" + name,
		EventName: "StopLogging",
		EventTime: now.Add(-3 * time.Second),
		Outcome:   finding.OutcomeCannotRestore,
		Severity:  finding.SeverityCritical,
		Subject: finding.Subject{
			ARN:     of.ARN(),
			Name:    name,
			Account: of.Account,
			Region:  of.Region,
		},
	}
	if _, err := w.Reporter.Report(t.Context(), n, nil); err != nil {
		t.Fatal(err)
	}
}
