package act

import (
	"context"
	"fmt"
	"slices"
	"time"

	"trailkeeper/lambda/internal/finding"
	"trailkeeper/lambda/internal/simulate/stage"
)

// InOrder does one thing after the other.
func InOrder(acts ...Act) Act {
	return func(ctx context.Context, s *stage.Stage) error {
		for _, do := range acts {
			if err := do(ctx, s); err != nil {
				return err
			}
		}
		return nil
	}
}

// each does something after each of several things.
func each(acts []Act, after ...Act) Act {
	var all []Act
	for _, do := range acts {
		all = append(append(all, do), after...)
	}
	return InOrder(all...)
}

// settle lets everything come to rest, retries aside.
func settle(_ context.Context, s *stage.Stage) error { return s.Cloud.Settle() }

// Run lets everything come to rest, retries as well.
func Run(_ context.Context, s *stage.Stage) error { return s.Cloud.Run() }

// pass lets time pass in which nothing happens.
func pass(d time.Duration) Act {
	return func(_ context.Context, s *stage.Stage) error {
		s.Cloud.Pass(d)
		return nil
	}
}

// Passes lets time pass as it does in a deployment: the schedules fire.
func Passes(d time.Duration) Act {
	return func(_ context.Context, s *stage.Stage) error { return s.Cloud.RunFor(d) }
}

// note says who does something that is no call.
func note(who, what string) Act {
	return func(_ context.Context, s *stage.Stage) error {
		s.Cloud.Note(who, what)
		return nil
	}
}

// InTurn does one thing after the other, each when all has come to rest and a while has passed.
func InTurn(pause time.Duration, acts ...Act) Act { return each(acts, settle, pass(pause)) }

// InTime does one thing after the other, and after each lets time pass as it does in a deployment.
func InTime(pause time.Duration, acts ...Act) Act { return each(acts, Passes(pause)) }

// Slowly does one thing after the other, as fast as CloudTrail's quota lets it.
func Slowly(acts ...Act) Act {
	last := len(acts) - 1
	return InOrder(each(acts[:last], pass(time.Second)), acts[last])
}

// Again does something n times, each time when all has come to rest.
func Again(n int, do Act) Act { return InTurn(2*time.Second, slices.Repeat([]Act{do}, n)...) }

// fire has every schedule that is enabled fire. What comes of it, or of its lack, is for the checks.
func fire(_ context.Context, s *stage.Stage) error {
	if s.Cloud.FireSchedules() == 0 {
		s.Cloud.Note("Scheduler", "no schedule is enabled")
	}
	return nil
}

// Sweep has the schedules fire so often at the same moment, and waits for what comes of it.
func Sweep(times int) Act { return InOrder(InOrder(slices.Repeat([]Act{fire}, times)...), Run) }

// SweepTwice has one sweep follow the other.
func SweepTwice() Act { return InOrder(Sweep(1), pass(5*time.Minute), Sweep(1)) }

// ThenSweep lets everything come to rest after what is done, and then the schedule fire.
func ThenSweep(do Act) Act { return ThenLaterSweep(do, time.Minute) }

// ThenLaterSweep is ThenSweep after a longer time.
func ThenLaterSweep(do Act, later time.Duration) Act { return InOrder(do, Run, pass(later), Sweep(1)) }

// ThenSweeps has a sweep follow every five minutes, the first a minute after what is done.
func ThenSweeps(n int, do Act) Act {
	all := []Act{do, settle, pass(time.Minute), fire}
	for range n - 1 {
		all = append(all, settle, pass(5*time.Minute), fire)
	}
	return InOrder(all...)
}

// Lost loses the event of what is done.
func Lost(do Act) Act {
	return func(ctx context.Context, s *stage.Stage) error {
		s.Cloud.LoseEvents(1)
		return do(ctx, s)
	}
}

// Unseen loses the event of what is done; the next sweep follows.
func Unseen(do Act) Act { return ThenSweep(Lost(do)) }

// TwoSweepsAfter loses the event of what is done, and has the schedule fire twice at the same moment.
func TwoSweepsAfter(do Act) Act { return InOrder(Lost(do), pass(time.Minute), Sweep(2)) }

// Repeated has the event of what is done arrive n times more.
func Repeated(n int, do Act) Act {
	return func(ctx context.Context, s *stage.Stage) error {
		s.Cloud.RepeatEvents(n)
		return do(ctx, s)
	}
}

// SideBySide has runs of the guard go on side by side.
func SideBySide(do Act) Act {
	return func(ctx context.Context, s *stage.Stage) error {
		s.Cloud.Concurrent(true)
		return do(ctx, s)
	}
}

// Late has the event history show what is done after a time.
func Late(d time.Duration, do Act) Act {
	return func(ctx context.Context, s *stage.Stage) error {
		s.Cloud.DelayHistory(d)
		return do(ctx, s)
	}
}

// Timed says for how long the trail was dark.
func Timed(do Act) Act {
	return InOrder(do, settle, func(_ context.Context, s *stage.Stage) error {
		dark, _ := stage.FightDark(s.Cloud, s.Declared)
		s.Cloud.Note("stopwatch", "the trail was dark for "+finding.Duration(dark))
		return nil
	})
}

// A fight as it is measured: so many strikes in three hours.
const (
	ManyStrikes  = 66
	betweenFight = 3 * time.Hour / ManyStrikes
)

// Strikes does something n times, once in a while, and then lets the trail rest until the fight is over. It says how
// long the trail was dark.
func Strikes(n int, do Act) Act {
	return InOrder(
		InTime(betweenFight, slices.Repeat([]Act{do}, n)...),
		func(_ context.Context, s *stage.Stage) error {
			dark, share := stage.FightDark(s.Cloud, s.Declared)
			says := fmt.Sprintf("the trail was dark for %s, %.1f %% of the time", finding.Duration(dark), share)
			s.Cloud.Note("stopwatch", says)
			return nil
		},
		Passes(25*time.Minute),
	)
}

// Losing loses the event of each nth time.
func Losing(n int, do Act) Act {
	times := 0
	return func(ctx context.Context, s *stage.Stage) error {
		if times++; times%n == 0 {
			s.Cloud.LoseEvents(1)
		}
		return do(ctx, s)
	}
}
