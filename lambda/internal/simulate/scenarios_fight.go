package simulate

import (
	"context"
	"fmt"
	"slices"
	"time"

	"trailkeeper/lambda/config"
	"trailkeeper/lambda/internal/localcloud"
)

// A fight as it is measured: so many strikes in three hours.
const (
	manyStrikes  = 66
	betweenFight = 3 * time.Hour / manyStrikes
	// mostDark is how much of such a fight the trail may be dark, in percent.
	mostDark = 10
)

// fights are what somebody does who does not give up: the guard goes on, says how long the trail was dark, and floods
// nobody.
func fights() []Scenario {
	return []Scenario{
		{
			Name:     "fight-over-selectors",
			Title:    "a trail is blinded by PutEventSelectors again and again",
			Recreate: true,
			sweeps:   true,
			needs:    needsTable,
			act:      strikes(8, putSelectors),
			checks: checks(
				putBack(), darkAtMost(), toldOrCounted(), toldAtMost(24), contestedThenOver(), handled(), safe(), sound(),
			),
		},
		{
			Name:   "stop-loop",
			Title:  "a trail is stopped again whenever it has been restarted",
			sweeps: true,
			needs:  both(needsTable, inMode(config.ModeRestart)),
			act:    strikes(8, stopLogging),
			checks: checks(
				restored(), darkAtMost(), toldOrCounted(), toldAtMost(24), contestedThenOver(), handled(), safe(), sound(),
			),
		},
		{
			Name:   "fight-unseen",
			Title:  "a trail is stopped again and again, and every third event is lost",
			sweeps: true,
			needs:  both(needsTable, inMode(config.ModeRestart)),
			act:    strikes(9, losing(3, stopLogging)),
			checks: checks(restored(), darkAtMost(), contestedThenOver(), handled(), safe(), sound()),
		},
		{
			Name:   "storm",
			Title:  "somebody without any right makes sixty StopLogging calls, which AWS refuses",
			sweeps: true,
			needs:  needsTable,
			denied: map[string]string{
				"cloudtrail:StopLogging": fmt.Sprintf(localcloud.NoIdentityPolicy, "cloudtrail:StopLogging"),
			},
			act: inTime(0, inTime(2*time.Second, slices.Repeat([]act{refused(stopLogging)}, 60)...), passes(15*time.Minute)),
			checks: checks(
				untouched(), toldOrCounted(), toldAtMost(3), harmless(), handled(), calm(), safe(), sound(),
			),
		},
	}
}

// strikes does something n times, once in a while, and then lets the trail rest until the fight is over. It says how
// long the trail was dark.
func strikes(n int, do act) act {
	return func(ctx context.Context, s *stage) error {
		if err := inTime(betweenFight, slices.Repeat([]act{do}, n)...)(ctx, s); err != nil {
			return err
		}
		noteDark(s)
		return passes(25*time.Minute)(ctx, s)
	}
}

// losing loses the event of each nth time.
func losing(n int, do act) act {
	times := 0
	return func(ctx context.Context, s *stage) error {
		if times++; times%n == 0 {
			s.cloud.LoseEvents(1)
		}
		return do(ctx, s)
	}
}
