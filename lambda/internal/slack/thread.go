package slack

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"trailkeeper/lambda/internal/circuit"
	"trailkeeper/lambda/internal/clock"
	"trailkeeper/lambda/internal/finding"
	"trailkeeper/lambda/internal/report"
	"trailkeeper/lambda/internal/slack/render"
)

const (
	// forThreads bounds what is noted of the thread.
	forThreads = 300 * time.Millisecond
	// maxWait is how long the message that opens the thread is waited for, where another run is about to post it, and
	// betweenAsks how often it is asked for meanwhile.
	maxWait     = 2 * time.Second
	betweenAsks = 200 * time.Millisecond
)

// thread is that of the incident that a notification on its way belongs to.
type thread struct {
	on      *delivery
	threads report.Threads
	breaker *circuit.Breaker
	clock   clock.Clock
	// room is what threads knows the channel by. It is the channel's own ID, also for the default destination: a ts means
	// nothing in another channel, and two destinations of one channel share the thread.
	room string
}

// threadOf is the thread that the notification belongs into; false: none. A webhook has none: it does not say what ts a
// message has.
func threadOf(d *delivery) (thread, bool) {
	n := d.by
	if n.Threads == nil || d.note.Incident == nil || d.note.Incident.ID == "" {
		return thread{}, false
	}
	to, err := targetOf(n.Options, d.keys)
	return thread{
		on:      d,
		threads: n.Threads,
		breaker: n.Breaker,
		clock:   n.Clock,
		room:    finding.ChannelSlack + ":" + n.Channel,
	}, err == nil && to.bot()
}

// deliver posts the first message of the incident, or one that follows it.
func (t thread) deliver(ctx context.Context) error {
	ts, ours, err := t.find(ctx)
	if err != nil {
		t.warn(ctx, err)
	}
	switch {
	case ours:
		return t.open(ctx)
	case ts == "":
		_, err = t.on.post(ctx, render.Message(t.on.note))
		return err
	}
	return t.follow(ctx, ts)
}

// find returns the ts of the message that opened the thread, or says that it is ours to post. Neither: the
// message goes without.
func (t thread) find(ctx context.Context) (ts string, ours bool, err error) {
	until := t.clock.Now().Add(t.clock.Left(ctx, maxPerTry, maxWait))
	for asked := time.Duration(0); ; asked += betweenAsks {
		ts, ours, err = t.ask(ctx)
		if err != nil || ours || ts != "" || asked >= maxWait || !t.clock.Now().Add(betweenAsks).Before(until) {
			return ts, ours, err
		}
		if err = t.clock.Sleep(ctx, betweenAsks); err != nil {
			return "", false, err
		}
	}
}

func (t thread) ask(ctx context.Context) (ts string, ours bool, err error) {
	err = t.breaker.Ask(ctx, func(ctx context.Context) (err error) {
		ts, ours, err = t.threads.Thread(ctx, t.on.note.Incident.ID, t.room)
		return err
	})
	switch {
	case err != nil:
		return "", false, err
	case ours:
		return "", true, nil
	case ts != "" && !validTS(ts):
		return "", false, errors.New("what is remembered of the thread is no message's ts")
	}
	return ts, false, nil
}

// open posts the message that the incident's later ones follow. A failure is noted, for whoever waits for it.
func (t thread) open(ctx context.Context) error {
	a, err := t.on.post(ctx, render.Message(t.on.note))
	if err == nil && t.begins(ctx, a) {
		return nil
	}
	t.failed(ctx)
	return err
}

// begins makes a message that was posted for itself the one that the incident's later ones follow, where Slack says
// which it is.
func (t thread) begins(ctx context.Context, a accepted) bool {
	if !validTS(a.ts) {
		return false
	}
	t.on.by.shown.advance(*t.on.note.Incident)
	t.opened(ctx, a.ts)
	return true
}

// opened has no longer than the delivery, which is accepted.
func (t thread) opened(ctx context.Context, ts string) {
	ctx, cancel := context.WithTimeout(ctx, forThreads)
	defer cancel()
	if err := t.threads.Opened(ctx, t.on.note.Incident.ID, t.room, ts); err != nil {
		t.warn(ctx, err)
	}
}

// failed is noted even where the post took all the time.
func (t thread) failed(ctx context.Context) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), forThreads)
	defer cancel()
	if err := t.threads.Failed(ctx, t.on.note.Incident.ID, t.room); err != nil {
		t.warn(ctx, err)
	}
}

// follow posts a reply and brings the thread's first message up to date. Where the thread takes no replies, or is not
// there any more, the message is posted for itself, and the incident's later ones follow that.
func (t thread) follow(ctx context.Context, ts string) error {
	a, err := t.on.post(ctx, render.Message(t.on.note).Reply(ts, finding.Escalates(t.on.note)))
	if f, ok := errors.AsType[*failure](err); ok && f.noThread() {
		t.warn(ctx, err)
		if a, err = t.on.post(ctx, render.Message(t.on.note)); err == nil && !f.noBroadcast() {
			t.begins(ctx, a)
		}
		return err
	}
	switch {
	case err != nil:
		return err
	case a.alone:
		t.warn(ctx, errors.New("the thread is not there any more; a new one begins"))
		t.begins(ctx, a)
	default:
		t.update(ctx, ts)
	}
	return nil
}

func (t thread) warn(ctx context.Context, err error) {
	t.on.by.Log.LogAttrs(ctx, slog.LevelWarn, "slack thread", t.on.attrs(err)...)
}

// validTS accepts a message's ts: digits, a point, digits
// (https://docs.slack.dev/messaging/retrieving-messages#individual_messages). Slack has ten and six of them.
func validTS(ts string) bool {
	if len(ts) > 64 {
		return false
	}
	points := 0
	for i := range len(ts) {
		switch c := ts[i]; {
		case c == '.' && i > 0 && i < len(ts)-1:
			points++
		case c < '0' || c > '9':
			return false
		}
	}
	return points == 1
}
