package runs

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"log/slog"
	"slices"
	"strings"

	"trailkeeper/lambda/internal/clock"
	"trailkeeper/lambda/internal/finding"
	"trailkeeper/lambda/internal/redrive/queues"
	"trailkeeper/lambda/internal/report"
	"trailkeeper/lambda/internal/sanitize"
)

// maxReasons is how many reasons a message about the last queue gives.
const maxReasons = 3

// Aside reports what went to the last queue.
type Aside struct {
	// Base is what the finding has: who speaks, and for which account and Region.
	Base     finding.Finding
	Reporter report.Reporter
	Clock    clock.Clock
	Log      *slog.Logger
}

// report reports once what a run has put into the last queue. The alarm on that queue tells as well, and goes on while
// something is there.
func (a *Aside) report(ctx context.Context, done queues.Report) {
	reasons, count := aside(done)
	if count == 0 {
		return
	}
	now := a.Clock.Now().UTC()
	sum := sha256.New()
	for _, r := range reasons {
		fmt.Fprintln(sum, r.Reason, r.Count, r.Oldest)
	}
	n := a.Base
	n.EventID, n.EventTime = "last-"+hex.EncodeToString(sum.Sum([]byte(now.Format("20060102150405")))[:12]), now
	n.Kind, n.Severity, n.Outcome = finding.KindLastQueue, finding.SeverityHigh, finding.OutcomeNotified
	n.Note(finding.NoteAside, plural(count, "queued message"))
	for _, r := range reasons[:min(len(reasons), maxReasons)] {
		n.Note(finding.NoteAsideReason, plural(r.Count, "message"), strings.TrimSuffix(sanitize.Bound(r.Reason, 200), "."))
	}
	n.Advise(finding.NextRedrive)
	if _, err := a.Reporter.Report(ctx, n, nil); err != nil {
		a.Log.ErrorContext(ctx, "last queue", "event_id", n.EventID, "error", err.Error())
	}
}

// aside lists what went to the last queue, the most first, but for payloads that the guard could not read and has
// reported.
func aside(done queues.Report) (reasons []queues.Left, count int) {
	for _, q := range done.Queues {
		for _, l := range q.Aside {
			if l.Channel != finding.ChannelGuard {
				reasons, count = append(reasons, l), count+l.Count
			}
		}
	}
	slices.SortStableFunc(reasons, func(a, b queues.Left) int { return cmp.Compare(b.Count, a.Count) })
	return reasons, count
}

func plural(n int, of string) string {
	if n == 1 {
		return "1 " + of
	}
	return fmt.Sprintf("%d %ss", n, of)
}
