package faults

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"trailkeeper/cdk/golden"
	"trailkeeper/lambda/config/baseline"
	"trailkeeper/lambda/internal/localcloud"
	"trailkeeper/lambda/internal/simulate/act"
	"trailkeeper/lambda/internal/simulate/stage"
)

// faultRun is one cell as it was played.
type faultRun struct {
	cell   faultCell
	cloud  *localcloud.Cloud
	trail  string
	before baseline.State // the trail before the attack
	attack localcloud.Entry
	during faultTold // what was told when all had come to rest under the faults
	faultFigures
	wrong []string // what went wrong, one line each

	mu   sync.Mutex
	seen []localcloud.Entry // what happened since the attack, in the order in which it did
}

func (r *faultRun) bad(format string, args ...any) {
	r.wrong = append(r.wrong, fmt.Sprintf(format, args...))
}

// observe keeps an entry. Cloud.Entries orders what happens at the same time by what it is, and here the order counts.
func (r *faultRun) observe(e localcloud.Entry) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.seen = append(r.seen, e)
}

// sweepsAfter is how many sweeps come after the faults: the first sends what is parked, the second must find nothing to
// do.
const sweepsAfter = 2

// playFault plays a cell: the attack under the faults until all has come to rest, and then the sweeps without them. The
// error says that it could not be played.
func playFault(ctx context.Context, cell faultCell) (*faultRun, error) {
	template, ok := golden.Variant(cell.first().variant)
	if !ok {
		return nil, fmt.Errorf("no golden template %s", cell.first().variant)
	}
	r := &faultRun{cell: cell, faultFigures: faultFigures{cells: 1}}
	o := stage.Options(template)
	o.Observe = r.observe
	st, err := stage.New(o, stage.Setup{Exceptions: cell.first().exceptions})
	if err != nil {
		return nil, err
	}
	defer func() { _ = st.Cloud.Close() }() // it only stops listening
	r.cloud, r.trail = st.Cloud, st.Trail
	if begin := cell.first().begin; begin != nil {
		if err := act.Again(1, begin)(ctx, st); err != nil {
			return nil, err
		}
	}
	if err := r.strike(ctx, st); err != nil {
		return nil, err
	}
	return r, r.sweep()
}

// strike is the attack under the faults, judged when all has come to rest.
func (r *faultRun) strike(ctx context.Context, st *stage.Stage) error {
	r.before, _ = r.cloud.TrailTruth(r.trail)
	r.seen = nil
	r.cloud.Concurrent(r.cell.first().twice)
	injected := r.cell.inject(r.cloud)
	if err := r.cell.first().attack(ctx, st); err != nil {
		return err
	}
	attack := slices.IndexFunc(
		r.seen,
		func(e localcloud.Entry) bool { return e.Kind == localcloud.KindCall && !e.Function && e.EventID != "" },
	)
	if attack < 0 {
		return fmt.Errorf("the attack has left no event")
	}
	r.attack = r.seen[attack]
	if err := r.cloud.Run(); err != nil {
		return err
	}
	r.judge()
	for _, f := range injected {
		if f.Reached() == 0 {
			r.bad("the fault of %s %s was not reached", f.Service, f.Operation)
		}
		f.End()
	}
	return nil
}

// sweep has the guard's schedules fire when the faults are over, and judges what is left. The warden does not run: the
// matrix is about the guard.
func (r *faultRun) sweep() error {
	for range sweepsAfter {
		r.cloud.Pass(5 * time.Minute)
		if r.cloud.FireSchedules("SweepSchedule", "ContestedSchedule") == 0 {
			return fmt.Errorf("the deployment has no schedule of the guard's")
		}
		if err := r.cloud.Run(); err != nil {
			return err
		}
	}
	r.judgeAfter()
	return nil
}

// differs names what of the trail is not as before the attack; empty: nothing is.
func (r *faultRun) differs() string {
	now, ok := r.cloud.TrailTruth(r.trail)
	switch {
	case !ok:
		return "it is gone"
	case now.Logging != r.before.Logging:
		return "it does not log"
	case now.Settings != r.before.Settings:
		return "its settings are others"
	case !slices.EqualFunc(now.Selectors, r.before.Selectors, sameSelector) || len(now.Advanced) != len(r.before.Advanced):
		return "its selectors are others"
	}
	return ""
}

func sameSelector(a, b baseline.Selector) bool { return fmt.Sprint(a) == fmt.Sprint(b) }
