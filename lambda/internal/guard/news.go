package guard

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"log/slog"
	"strings"
	"time"

	"trailkeeper/lambda/config/metric"
	"trailkeeper/lambda/internal/awscall"
	"trailkeeper/lambda/internal/clock"
	"trailkeeper/lambda/internal/incident"
	"trailkeeper/lambda/internal/metrics"
	"trailkeeper/lambda/internal/notify"
	"trailkeeper/lambda/internal/remediate"
)

// news tells: it adds a notification to the incident of its trail, and measures what becomes of it. It implements teller.
type news struct {
	*notify.Fanout
	book  *incident.Book // nil: no table, so no incidents
	log   *slog.Logger
	clock clock.Clock
	stack string
	// runbook is the address of the page about each kind of message.
	runbook string
}

// Tell implements teller.
func (t *news) Tell(ctx context.Context, n notify.Notification, payload json.RawMessage) error {
	n.Runbook = t.runbook
	opened := false
	if t.book != nil {
		n, opened = t.book.Note(ctx, n)
	}
	t.measure(ctx, figures(n, opened)...)
	err := t.Fanout.Tell(ctx, n, payload)
	if err == nil && t.book != nil {
		t.book.Told(ctx, n)
	}
	return err
}

// Open returns the incidents that are not closed, by the trail's ARN; none without the table.
func (t *news) Open(ctx context.Context) map[string]incident.Unsettled {
	if t.book == nil {
		return nil
	}
	open, err := t.book.Open(ctx)
	if err != nil {
		t.log.WarnContext(ctx, "incidents", "error", err.Error())
	}
	return open
}

// TellOnly implements teller.
func (t *news) TellOnly(ctx context.Context, n notify.Notification, destination string) error {
	n.Runbook = t.runbook
	return t.Fanout.TellOnly(ctx, n, destination)
}

// Deliver implements teller.
func (t *news) Deliver(ctx context.Context, n notify.Notification, payload json.RawMessage) (notify.Report, error) {
	n.Runbook = t.runbook
	return t.Fanout.Deliver(ctx, n, payload)
}

func (t *news) measure(ctx context.Context, figures ...metrics.Metric) {
	metrics.Write(ctx, t.log, t.stack, t.clock.Now(), figures...)
}

// deliveries are the figures of one notification's deliveries.
func (t *news) deliveries(ctx context.Context, r notify.Report) {
	var all []metrics.Metric
	for _, d := range r.Deliveries {
		count := func(name string) {
			all = append(all, metrics.Metric{Name: name, Unit: "Count", Value: 1})
		}
		on := func(name, unit string, value int64) {
			all = append(all, metrics.Metric{Name: name, Unit: unit, Value: value, Channel: d.Channel})
		}
		switch d.Status {
		case notify.StatusDelivered:
			on(metric.Deliveries, "Count", 1)
			on(metric.DeliveryLatency, "Milliseconds", d.Latency.Milliseconds())
		case notify.StatusParked:
			on(metric.DeliveryFailures, "Count", 1)
			count(metric.Parked)
		case notify.StatusWaiting: // that it is parked was counted
			on(metric.DeliveryFailures, "Count", 1)
		case notify.StatusLost:
			on(metric.DeliveryFailures, "Count", 1)
			count(metric.Lost)
		}
	}
	t.measure(ctx, all...)
}

// figures are those of one notification.
func figures(n notify.Notification, opened bool) []metrics.Metric {
	var all []metrics.Metric
	count := func(name string) { all = append(all, metrics.Metric{Name: name, Unit: "Count", Value: 1}) }
	if opened {
		count(metric.Incidents)
	}
	switch n.Outcome {
	case notify.OutcomeAttempt:
		count(metric.Attempts)
	case notify.OutcomeRestored:
		if n.SinceEvent > 0 {
			all = append(all, metrics.Metric{Name: metric.TimeToRestore, Unit: "Milliseconds", Value: n.SinceEvent.Milliseconds()})
		}
	case notify.OutcomeCannotRestore, notify.OutcomeGaveUp, notify.OutcomePartlyRestored:
		reason := n.Cause
		if reason == "" {
			reason = metric.ReasonOther
		}
		all = append(all, metrics.Metric{Name: metric.RemediationFailures, Unit: "Count", Value: 1, Reason: reason})
	}
	return all
}

// cause is the reason of a call that AWS did not carry out, for the metric.
func cause(err error) string {
	code := awscall.Code(err)
	switch {
	case err == nil:
		return ""
	case strings.Contains(code, "Throttl"), code == "TooManyRequests", code == "RequestLimitExceeded":
		return metric.ReasonThrottled
	case strings.Contains(code, "AccessDenied"), strings.Contains(code, "Unauthorized"), strings.Contains(code, "Permission"):
		return metric.ReasonDenied
	case strings.Contains(code, "NotFound"), strings.Contains(code, "DoesNotExist"), strings.Contains(code, "Unavailable"):
		return metric.ReasonGone
	case strings.Contains(code, "Maximum"), strings.Contains(code, "LimitExceeded"):
		return metric.ReasonLimit
	}
	return metric.ReasonOther
}

// causeOf is the reason why something of a trail is not put back.
func causeOf(res remediate.RestoreResult) string {
	switch {
	case res.Capped:
		return metric.ReasonLimit
	case cause(res.Err) != "" && cause(res.Err) != metric.ReasonOther:
		return cause(res.Err)
	case res.Missing:
		return metric.ReasonGone
	}
	return metric.ReasonOther
}

// window is how long after a message a webhook is told no more of the same, but for a summary.
const window = 10 * time.Minute

// collapse reports whether a message on a destination is one of many: it repeats, within an incident, what the destination was told within the
// window, and a webhook has no threads. The sweep tells a summary. What a human must see is always told, and so is the end of what was told to be open.
func (h *Handler) collapse(ctx context.Context, n notify.Notification, destination string) bool {
	repeats := n.Incident != nil && !n.Incident.Closing || n.Incident == nil && n.Outcome == notify.OutcomeAttempt
	if h.memory == nil || h.sweeper == nil || !repeats || !h.webhook(destination) || notify.Escalates(n) {
		return false
	}
	ctx, cancel := context.WithTimeout(ctx, mostCollapsing)
	defer cancel()
	last, err := json.Marshal(notify.Look(n))
	if err != nil {
		return false // it always encodes
	}
	repeat, err := h.memory.Repeated(ctx, repeatKey(n, destination), n.EventID, string(last), window)
	if err != nil {
		h.log.WarnContext(ctx, "state table", "event_id", n.EventID, "error", err.Error())
		return false
	}
	return repeat
}

const mostCollapsing = 300 * time.Millisecond

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
