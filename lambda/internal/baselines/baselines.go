// Package baselines finds what a trail is compared with: the declared baseline, or the last that a sweep recorded and
// that can be one.
//
// It reads no trail and compares nothing.
package baselines

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"time"

	"trailkeeper/events"
	"trailkeeper/lambda/config/baseline"
	"trailkeeper/lambda/internal/state/known"
	"trailkeeper/lambda/internal/trail"
)

// Recorded is the state table, as far as it knows what a sweep recorded.
type Recorded interface {
	Trail(ctx context.Context, arn string) (known.Trail, error)
}

// Source has the baselines of a deployment.
type Source struct {
	// Files finds the declared baseline of a trail by its ARN; the error is fs.ErrNotExist where there is none. Nil: there
	// are none.
	Files func(arn string) (baseline.Baseline, error)
	// Recorded is the table; nil: what it holds does not count.
	Recorded Recorded
}

// Baseline is what a trail is compared with, and where that comes from.
type Baseline struct {
	State trail.State
	Kind  trail.Kind
	At    time.Time
}

// Declared finds the declared baseline of a trail. It is read when an event needs it: the files are small. Without one
// the error is fs.ErrNotExist.
func (s *Source) Declared(t events.Trail) (Baseline, error) {
	if s.Files == nil {
		return Baseline{}, fs.ErrNotExist
	}
	b, err := s.Files(t.ARN())
	if err != nil {
		return Baseline{}, err
	}
	return Baseline{b.Trail, trail.Declared, b.CapturedAt}, nil
}

// Of finds the baseline of a trail: the declared one, or else the recorded one. Without one the error is
// fs.ErrNotExist.
func (s *Source) Of(ctx context.Context, t events.Trail) (Baseline, error) {
	b, err := s.Declared(t)
	if err == nil {
		return b, nil
	}
	if !errors.Is(err, fs.ErrNotExist) || s.Recorded == nil {
		return Baseline{}, err
	}
	known, tableErr := s.Recorded.Trail(ctx, t.ARN())
	if tableErr != nil {
		return Baseline{}, &UnrecordedError{tableErr}
	}
	recorded, unusable := Usable(known)
	switch {
	case unusable != nil:
		return Baseline{}, &UnrecordedError{unusable}
	case recorded == nil:
		return Baseline{}, err
	}
	return Baseline{recorded.State, trail.Recorded, recorded.At}, nil
}

// UnrecordedError says that no baseline is declared, and why the recorded one does not serve.
type UnrecordedError struct{ why error }

// Error is the reason.
func (e *UnrecordedError) Error() string { return e.why.Error() }

// Usable returns the recorded baseline of a trail, nil where there is none. The error says that there is one that
// nothing recorded: it cannot be read, or does not meet the floor.
func Usable(known known.Trail) (*known.Recorded, error) {
	switch {
	case known.Broken != 0:
		return nil, errors.New("its recorded baseline cannot be read; somebody may have changed it in the state table")
	case known.Recorded == nil:
		return nil, nil
	}
	if below := trail.Floor(known.Recorded.State); len(below) > 0 {
		return nil, fmt.Errorf(
			"its recorded baseline is none that the sweep would record; somebody may have changed it in the state table (%s)",
			strings.ToLower(strings.TrimSuffix(strings.Join(below, " "), ".")),
		)
	}
	return known.Recorded, nil
}
