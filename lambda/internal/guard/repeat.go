package guard

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"trailkeeper/lambda/internal/notify"
	"trailkeeper/lambda/internal/store"
)

// window is how long after a message a webhook is told no more of the same, but for a summary.
const window = 10 * time.Minute

// collapse reports whether a message on a destination is one of many: it repeats, within an incident, what the destination was told within the
// window, and a webhook has no threads. The sweep tells a summary. What a human must see is always told, and so is the end of what was told to be open.
func (h *Handler) collapse(ctx context.Context, n notify.Notification, destination string) bool {
	repeats := n.Incident != nil && !n.Incident.Closing || n.Incident == nil && n.Outcome == notify.OutcomeAttempt
	if h.memory == nil || h.sweeper == nil || !repeats || !h.webhook(destination) || notify.Escalates(n) {
		return false
	}
	last, err := json.Marshal(notify.Look(n))
	if err != nil {
		return false // it always encodes
	}
	repeat := false
	err = notify.Ask(ctx, func(ctx context.Context) (err error) {
		repeat, err = h.memory.Repeated(ctx, repeatKey(n, destination), n.EventID, string(last), window)
		return err
	})
	if err != nil {
		h.log.WarnContext(ctx, "state table", "event_id", n.EventID, "error", err.Error())
		return false
	}
	return repeat
}

// byActor stands between a trail and its caller in a key.
const byActor = "#"

// repeatKey names what may be the same again on a destination.
func repeatKey(n notify.Notification, destination string) string {
	who := sha256.Sum256([]byte(n.ActorARN + "\n" + n.Actor)) // a refused call on a trail without an incident repeats only its own caller's
	of := n.TrailARN + byActor + hex.EncodeToString(who[:6])
	if n.Incident != nil {
		of = n.Incident.ID
	}
	return of + " " + destination + " " + first(n.EventName, n.Finding) + " " + string(n.Outcome)
}

// summaries tells what has happened again and again, and was kept from a webhook, once its window is over.
func (h *Handler) summaries(ctx context.Context) error {
	if h.memory == nil {
		return nil
	}
	all, err := h.memory.Repeats(ctx)
	if err != nil {
		h.log.WarnContext(ctx, "state table", "error", err.Error())
		return nil
	}
	var errs []error
	for _, r := range all {
		if h.clock.Now().Sub(r.Since) < window {
			continue
		}
		if err := h.summary(ctx, r); err != nil {
			errs = append(errs, err)
			continue
		}
		h.note(ctx, func(ctx context.Context) error { return h.memory.Summed(ctx, r) })
	}
	return errors.Join(errs...)
}

// summary tells one.
func (h *Handler) summary(ctx context.Context, r store.Repeat) error {
	parts, last, ok := repeated(r)
	if !ok {
		h.log.WarnContext(ctx, "state table", "error", "what happened again cannot be read", "count", r.Count)
		return nil
	}
	n := notify.Notification{
		EventID: summaryID(r), EventName: last.EventName, EventTime: last.Time, Severity: notify.SeverityHigh,
		Outcome: notify.OutcomeRepeated, Partition: h.cfg.Partition, Stack: h.cfg.Stack, Account: first(h.cfg.Accounts...), Region: h.region,
		Actor: last.Actor, SourceIP: last.SourceIP,
		Detail: fmt.Sprintf("%s more since %s: %s. That was event %s of %s. Each was handled as it came; a webhook is told of the "+
			"same once in %d minutes.", times(r.Count), notify.Time(r.Since), last.Headline, last.EventID, of(parts[0]), int(window.Minutes())),
	}
	return h.notices.TellOnly(ctx, n, parts[1])
}

func times(n int64) string {
	if n == 1 {
		return "once"
	}
	return fmt.Sprintf("%d times", n)
}

// repeated reads what repeatKey and collapse wrote: the incident, the destination, what happened and its outcome; and the last of it.
func repeated(r store.Repeat) (parts []string, last notify.Glance, ok bool) {
	parts = strings.SplitN(r.Key, " ", 4)
	err := json.Unmarshal([]byte(r.Text), &last)
	return parts, last, err == nil && len(parts) == 4
}

// summaryID is the same however often one summary is tried, and that of no other.
func summaryID(r store.Repeat) string {
	sum := sha256.Sum256([]byte(r.Key))
	return fmt.Sprintf("repeat-%s-%d", hex.EncodeToString(sum[:6]), r.All)
}

// of names the incident, or the trail that has none.
func of(what string) string {
	trail, _, isTrail := strings.Cut(what, byActor)
	switch {
	case isTrail && trail == "":
		return "a trail that the record does not name"
	case isTrail:
		return "trail " + trail
	}
	return "incident " + what
}
