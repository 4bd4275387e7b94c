package guard

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net"
	"slices"
	"strings"
	"sync"

	"trailkeeper/events"
	"trailkeeper/lambda/internal/finding"
	"trailkeeper/lambda/internal/redrive"
	"trailkeeper/lambda/internal/sanitize"
)

// mostNowhere bounds how many Regions that do not exist are remembered.
const mostNowhere = 100

// unknownRegions are those that CloudTrail was found to have no endpoint in.
type unknownRegions struct {
	mu  sync.Mutex
	are map[string]bool
}

// nowhere is why an event can never be handled: its trail is in a Region that cannot be, or was found not to be.
func (h *Handler) nowhere(ev events.Event) error {
	t, err := ev.Trail()
	if ev.Kind != events.KindRecord || err != nil {
		return nil
	}
	h.unknown.mu.Lock()
	defer h.unknown.mu.Unlock()
	if h.unknown.are[t.Region] || !plausibleRegion(t.Region) {
		return fmt.Errorf("there is no Region %.64q", t.Region)
	}
	return nil
}

// noSuchRegion reports whether handling an event failed because CloudTrail has no endpoint in its trail's Region, and remembers the Region. The
// function's own exists.
func (h *Handler) noSuchRegion(ev events.Event, err error) bool {
	dns, ok := errors.AsType[*net.DNSError](err)
	t, trailErr := ev.Trail()
	if !ok || !dns.IsNotFound || trailErr != nil || t.Region == h.region || slices.Contains(h.cfg.SweepRegions, t.Region) {
		return false
	}
	h.unknown.mu.Lock()
	defer h.unknown.mu.Unlock()
	if h.unknown.are == nil || len(h.unknown.are) >= mostNowhere {
		h.unknown.are = map[string]bool{}
	}
	h.unknown.are[t.Region] = true
	return true
}

// plausibleRegion reports whether a Region can have such a name: an area, a direction, perhaps with more between, and a number (AWS General
// Reference, "AWS service endpoints": "eu-west-1", "us-gov-east-1", "ap-southeast-5").
func plausibleRegion(s string) bool {
	part := strings.Split(s, "-")
	n := len(part)
	if n < 3 || n > 4 || len(s) > 32 {
		return false
	}
	number := part[n-1]
	direction := slices.Contains([]string{
		"north", "south", "east", "west", "central", "northeast", "northwest", "southeast", "southwest",
	}, part[n-2])
	return direction && len(part[0]) >= 2 && len(number) >= 1 && len(number) <= 2 && strings.Trim(number, "0123456789") == ""
}

// mostReasonsAside is how many reasons a message about the last queue gives.
const mostReasonsAside = 3

// tellAside tells once of what this run has put into the last queue. The alarm on that queue tells as well, and goes on while something is there.
func (h *Handler) tellAside(ctx context.Context, report redrive.Report) {
	var reasons []redrive.Left
	n := 0
	for _, q := range report.Queues {
		for _, l := range q.Aside {
			if l.Channel != finding.ChannelGuard { // of a payload that it could not read the guard has told
				reasons, n = append(reasons, l), n+l.Count
			}
		}
	}
	if n == 0 {
		return
	}
	slices.SortStableFunc(reasons, func(a, b redrive.Left) int { return cmp.Compare(b.Count, a.Count) })
	sum := sha256.New()
	detail := plural(n, "queued message") + " went to the last queue. Each can never be handled or delivered, or was tried for too long."
	for i, r := range reasons {
		fmt.Fprintln(sum, r.Reason, r.Count, r.Oldest)
		if i < mostReasonsAside {
			detail += fmt.Sprintf(" %s: %s.", plural(r.Count, "message"), strings.TrimSuffix(sanitize.Bound(r.Reason, 200), "."))
		}
	}
	now := h.clock.Now().UTC()
	message := finding.Finding{
		EventID: "last-" + hex.EncodeToString(sum.Sum([]byte(now.Format("20060102150405")))[:12]), EventTime: now, Kind: finding.KindLastQueue,
		Severity: finding.SeverityHigh, Outcome: finding.OutcomeNotified,
		Subject: finding.Subject{Account: first(h.cfg.Accounts...), Region: h.region, Partition: h.cfg.Partition},
		Stack:   h.cfg.Stack, Detail: detail,
		NextStep: "Fix the cause, then run trailkeeper redrive, which tries what lies in the last queue once more and says why it stays.",
	}
	if _, err := h.reporter.Report(ctx, message, nil); err != nil {
		h.log.ErrorContext(ctx, "last queue", "event_id", message.EventID, "error", err.Error())
	}
}

func plural(n int, of string) string {
	if n == 1 {
		return "1 " + of
	}
	return fmt.Sprintf("%d %ss", n, of)
}
