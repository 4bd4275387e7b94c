// Package warden checks a part of the deployment against what it was deployed as, restores what it may, and reports it.
// The warden runs it on the guard's part, and the guard's sweep on the warden's.
//
// It compares no resource itself: package checks does. It words no message and knows no channel. It trusts the
// description in the function's own asset, which nobody can change without changing the code, and the record in the
// parameter for nothing but names. See WARDEN.md.
package warden

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"time"

	"trailkeeper/events"
	"trailkeeper/lambda/config/deployment"
	"trailkeeper/lambda/config/metric"
	"trailkeeper/lambda/internal/awsapi"
	"trailkeeper/lambda/internal/clock"
	"trailkeeper/lambda/internal/finding"
	"trailkeeper/lambda/internal/metrics"
	"trailkeeper/lambda/internal/report"
	"trailkeeper/lambda/internal/sanitize"
	"trailkeeper/lambda/internal/warden/check"
)

const (
	// forReporting is the time that is kept for reporting: checks and repairs end this long before the deadline.
	forReporting = 20 * time.Second
	// leastForReporting is what is left of it where nobody is looked for any more who made a change.
	leastForReporting = 14 * time.Second
	// maxRun bounds the checks and repairs of one run.
	maxRun = 4 * time.Minute
	// forLooking is the share of it that checks may have, in percent, so that however slow AWS is, what was found can be
	// restored.
	forLooking = 75
	// maxEach bounds the check of one resource.
	maxEach = 15 * time.Second
)

// Actors finds who made a resource what it is.
type Actors interface {
	// MadeBy looks for the last call that changed the resource; false: the event history shows none.
	MadeBy(ctx context.Context, of deployment.Deployed, at time.Time) (events.Event, bool)
}

// Warden checks one part of a deployment. Its fields are set once; it is safe for concurrent use.
type Warden struct {
	// Part is what it checks.
	Part deployment.Part
	// Finder names who found something, such as "warden"; empty: the sweep.
	Finder string
	// Restores says that what can be restored is; otherwise everything is only reported.
	Restores bool
	// Stack names the deployment, Place is that of its stack, and Suffix the partition's DNS suffix.
	Stack  string
	Place  events.Place
	Suffix string
	// Description is deployment.json of the function's own asset.
	Description func() (deployment.Own, error)
	// Call makes the calls of AWS for the record and the stack.
	Call awsapi.Caller
	// Checks are the checks by the type of the resource, for what a record says and all resources that are checked.
	Checks func(deployment.Record, []deployment.Deployed) map[string]check.Check
	// Others are what the warden checks besides and no template makes, found in the resources: the secret (checks.Secrets);
	// nil: nothing.
	Others   func([]deployment.Deployed) []deployment.Deployed
	Reporter report.Reporter
	Once     *report.Once
	Actors   Actors // nil: nobody is asked who made a change
	Measure  func(context.Context, ...metrics.Metric)
	Clock    clock.Clock
	Log      *slog.Logger
}

// Result is what a run says of itself.
type Result struct {
	// Unseen is how many resources could not be checked in full, or 1 where nothing could be.
	Unseen int
	// Differing is how many resources are not as they were deployed at the end of the run, and Restored how many the run
	// has restored.
	Differing, Restored int
	// Checked is how many resources were checked.
	Checked int
	// Reason says why not everything was seen, or why a message went nowhere; empty: the run did all that it is for.
	Reason string
}

// Run checks the part once. id is the same for two invocations of the same schedule. The error says what was neither
// accepted nor kept of the messages.
func (w *Warden) Run(ctx context.Context, id string) (Result, error) {
	r := &run{warden: w, at: w.Clock.Now(), id: id, whole: map[string]bool{}}
	left := w.Clock.Left(ctx, forReporting, maxRun)
	r.until, r.looking = r.at.Add(left), r.at.Add(left*forLooking/100)
	r.reported = w.Once.All(ctx)
	r.look(ctx)
	r.tell(ctx)
	err := errors.Join(r.errs...)
	out := r.result()
	if err != nil {
		out.Reason = "a message was neither accepted nor kept"
	}
	w.Measure(ctx,
		metrics.Metric{Name: metric.DeploymentDiffers, Unit: "Count", Value: int64(out.Differing)},
		metrics.Metric{Name: metric.DeploymentRestored, Unit: "Count", Value: int64(out.Restored)},
		metrics.Metric{Name: metric.DeploymentUnseen, Unit: "Count", Value: int64(out.Unseen)})
	w.Log.InfoContext(ctx, "deployment checked", "part", string(w.Part), "checked", out.Checked, "differing", out.Differing,
		"restored", out.Restored, "unseen", out.Unseen, "reason", out.Reason)
	return out, err
}

// run is one run.
type run struct {
	warden    *Warden
	at        time.Time
	id        string
	until     time.Time         // of checks and repairs
	looking   time.Time         // until when is checked: repairs have the rest
	reported  map[string]string // what was reported before, by subject
	deploying bool              // a deployment is under way
	doubt     string            // why only repairs by name are made; empty: all are

	resources map[string]deployment.Deployed // of the part, by logical ID
	checked   int
	whole     map[string]bool // the IDs of what was read in full
	sights    []sight
	unseen    []unseen
	untold    int // messages that no channel accepted
	errs      []error
}

// sight is what a resource that is not as it was deployed looks like, and what became of it.
type sight struct {
	of          deployment.Deployed
	differences []difference
	took        time.Duration // from the first repair to the reading that confirmed it; zero: nothing was restored
}

// difference is one of a resource, and what became of it.
type difference struct {
	check.Difference

	done finding.Done
	why  []finding.Note // why it is not restored
}

// unseen is what could not be read, and why, in one sentence. Passing says that the next run may well read it, and not
// read another resource for the same reason.
type unseen struct {
	what, why string
	passing   bool
}

func (r *run) result() Result {
	out := Result{Unseen: len(r.unseen), Checked: r.checked}
	for _, s := range r.sights {
		if s.restored() {
			out.Restored++
		} else {
			out.Differing++
		}
	}
	switch {
	case len(r.unseen) > 0:
		out.Reason = "not everything could be seen"
	case r.deploying:
		out.Reason = "a deployment is under way"
	case r.untold > 0:
		out.Reason = "no channel accepted a message"
	}
	return out
}

// typeOf and nameOf are those of a resource by its logical ID.
func (r *run) typeOf(id string) string {
	if id == parameterID {
		return typeParameter
	}
	return cmp.Or(r.resources[id].Type, typeStack)
}

func (r *run) nameOf(id string) string {
	switch id {
	case parameterID:
		return deployment.ParameterName(r.warden.Stack)
	case stackID:
		return r.warden.Stack
	}
	return cmp.Or(r.resources[id].Name, sanitize.Bound(id, maxName))
}

// restored reports whether everything that differed was restored.
func (s sight) restored() bool {
	for _, d := range s.differences {
		if d.done != finding.DoneRestored {
			return false
		}
	}
	return true
}
