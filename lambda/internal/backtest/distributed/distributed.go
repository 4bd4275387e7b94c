// Package distributed backtests an archive that is too large for one machine: a state machine of AWS Step Functions
// has this package carry out its steps, many at the same time, in the watch's own program. The steps share nothing but
// objects in the bucket of results.
//
//	plan    finds parts of the archive that can be listed at the same time
//	list    lists some of them, and writes shards: files of about as many bytes together
//	read    reads a shard and writes its report
//	gather  looks that every list and shard has a report, and groups the reports
//	merge   makes one report of a group
//	report  makes the one of all
//
// It decides nothing that package backtest does not: the report is that of one run over the whole archive. What could
// not be done is in it, with the reason. Keys of the archive, which attackers write, are in objects alone, and in
// nothing that the state machine handles. It notifies nobody and writes only to the bucket of results.
package distributed

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"trailkeeper/events"
	"trailkeeper/lambda/config"
	"trailkeeper/lambda/internal/archive"
	"trailkeeper/lambda/internal/backtest"
	"trailkeeper/lambda/internal/clock"
	"trailkeeper/lambda/internal/sanitize"
	"trailkeeper/rules/detect"
)

// Request is what an execution is started with.
type Request struct {
	Archive  string   `json:"archive"`         // s3://BUCKET/PREFIX
	Since    string   `json:"since,omitempty"` // RFC 3339, as Until
	Until    string   `json:"until,omitempty"`
	Accounts []string `json:"accounts,omitempty"`
	Regions  []string `json:"regions,omitempty"`
}

// NewRequest is what asks for the records of an archive.
func NewRequest(name string, f archive.Filter) Request {
	r := Request{Archive: name, Accounts: f.Accounts, Regions: f.Regions}
	if !f.Since.IsZero() {
		r.Since = f.Since.Format(time.RFC3339Nano)
	}
	if !f.Until.IsZero() {
		r.Until = f.Until.Format(time.RFC3339Nano)
	}
	return r
}

// RequestError is a request that can never be carried out. Its name is in the state machine: it is not tried again.
type RequestError struct{ Err error }

func (e *RequestError) Error() string { return e.Err.Error() }
func (e *RequestError) Unwrap() error { return e.Err }

// input is what the state machine gives a step.
type input struct {
	Step    string  `json:"step"`
	Run     string  `json:"run"`     // the execution's name
	Started string  `json:"started"` // when it was started, RFC 3339: the day on which ignore rules must count
	Asked   Request `json:"asked"`
	Item    string  `json:"item"` // the key of what the step is about, in the bucket of results
	// Failed is why the step that was asked for before was given up: it is to be reported as not done.
	Failed *struct {
		Error string `json:"Error"`
		Cause string `json:"Cause"`
	} `json:"failed"`
}

// Handler carries out steps. It is safe for concurrent use. It implements lambda.Handler.
type Handler struct {
	Rules    *detect.Set
	Archives []config.LogBucket // that may be read
	// Open opens one of them. It is asked for each step.
	Open func(in config.LogBucket, prefix string) *archive.Bucket
	// Results is where everything is written, below "runs/".
	Results Results
	Log     *slog.Logger
	Clock   clock.Clock
	// Sizes are those of shards and groups.
	Sizes Sizes
}

// Sizes are how work is divided.
type Sizes struct {
	Shard int64 // bytes of a shard, as they are stored
	Each  int64 // bytes for which the request for an object counts
	Lists int   // how many lists of prefixes there are at most
	Group int   // reports that are merged at once
}

// DefaultSizes are those of a deployment: a shard takes about a minute of one core, and a group of reports a few seconds; so 10,000 groups are
// 2.5 million shards.
func DefaultSizes() Sizes {
	return Sizes{Shard: 2 << 30, Each: 32 << 10, Lists: 4000, Group: 250}
}

// validRun reports whether s can be the name of an execution (Step Functions API Reference, StartExecution), which is
// part of keys here.
func validRun(s string) bool {
	const letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
	return s != "" && len(s) <= 80 && events.ConsistsOf(s, letters+"0123456789_-")
}

// step is one step, with what was read of its input.
type step struct {
	*Handler
	input
	set    *detect.Set
	filter archive.Filter
	bucket *archive.Bucket
}

// Invoke carries out the step that the payload names. An error other than a *RequestError may be cured by a retry.
func (h *Handler) Invoke(ctx context.Context, payload []byte) ([]byte, error) {
	var in input
	if err := json.Unmarshal(payload, &in); err != nil {
		return nil, &RequestError{fmt.Errorf("the payload was not sent by the state machine: %w", err)}
	}
	s, err := h.step(in)
	if err != nil {
		return nil, &RequestError{err}
	}
	steps := map[string]func(context.Context) (any, error){
		"plan": s.plan, "list": s.list, "read": s.read, "gather": s.gather, "merge": s.merge, "report": s.report,
	}
	do, known := steps[in.Step]
	if in.Failed != nil {
		do, known = s.giveUp, in.Step == "list" || in.Step == "read"
	}
	if !known {
		return nil, &RequestError{fmt.Errorf("%.40q is no step", in.Step)}
	}
	answer, err := do(ctx)
	if err != nil {
		h.Log.ErrorContext(ctx, "step failed", "step", in.Step, "run", in.Run, "item", in.Item, "error", err.Error())
		return nil, err
	}
	h.Log.InfoContext(ctx, "step done", "step", in.Step, "run", in.Run, "item", in.Item)
	return json.Marshal(answer)
}

// step reads the input.
func (h *Handler) step(in input) (*step, error) {
	s := &step{Handler: h, input: in}
	if !validRun(in.Run) {
		return nil, fmt.Errorf("%.100q is no name of an execution", in.Run)
	}
	started, err := time.Parse(time.RFC3339, in.Started)
	if err != nil {
		return nil, fmt.Errorf("the execution's start is %.40q; want a time", in.Started)
	}
	s.set = h.Rules.On(started.UTC().Format(time.DateOnly))
	for _, side := range []struct {
		text string
		to   *time.Time
	}{{in.Asked.Since, &s.filter.Since}, {in.Asked.Until, &s.filter.Until}} {
		if side.text == "" {
			continue
		}
		if *side.to, err = time.Parse(time.RFC3339, side.text); err != nil {
			return nil, fmt.Errorf("%.40q is no time; want one such as 2026-03-01T12:00:00Z", side.text)
		}
	}
	s.filter.Accounts, s.filter.Regions = in.Asked.Accounts, in.Asked.Regions
	s.bucket, err = h.archive(in.Asked.Archive)
	return s, err
}

// archive opens the archive of a request, if it is one of those that may be read.
func (h *Handler) archive(name string) (*archive.Bucket, error) {
	bucket, prefix, err := archive.ParseBucket(name)
	if err != nil {
		return nil, err
	}
	var names []string
	for _, a := range h.Archives {
		if a.Name == bucket && strings.HasPrefix(prefix, a.Prefix) {
			return h.Open(a, prefix), nil
		}
		names = append(names, "s3://"+a.Name+"/"+a.Prefix)
	}
	return nil, fmt.Errorf("%.200s is below none of the buckets that the setting archive.buckets names: %s",
		sanitize.Clean(name), strings.Join(names, ", "))
}

// run is a backtest of files.
func (s *step) run(ctx context.Context, o backtest.Options) (*backtest.Report, error) {
	o.Set, o.Filter, o.Workers = s.set, s.filter, workers
	o.FileTime, o.Now = fileTime, s.Clock.Now
	return backtest.Run(ctx, o) //nolint:wrapcheck // it is the error of ctx
}

// fileTime is how long one file of a shard may be read, beside the others: the whole shard has 15 minutes, and takes one.
const fileTime = 3 * time.Minute

// workers is how many files are read at once. They wait for the network: S3 takes some 10 to 30 ms for the first byte of an
// object, in which one core reads a megabyte of them.
const workers = 64
