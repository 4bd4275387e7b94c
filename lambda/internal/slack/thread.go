package slack

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"trailkeeper/lambda/internal/finding"
)

const (
	// forThreads bounds what is noted of the thread.
	forThreads = 300 * time.Millisecond
	// maxWait is how long the message that opens the thread is waited for, where another run is about to post it, and
	// betweenAsks how often it is asked for meanwhile.
	maxWait     = 2 * time.Second
	betweenAsks = 200 * time.Millisecond
)

// threaded reports whether the notification belongs into a thread. A webhook knows none: it tells no message's ts.
func (d *delivery) threaded() bool {
	if d.Threads == nil || d.note.Incident == nil || d.note.Incident.ID == "" {
		return false
	}
	to, err := d.target(d.keys)
	return err == nil && to.bot()
}

// room is what Threads knows the channel by. It is the channel's own ID, also for the default destination: a ts means
// nothing in another channel, and two destinations of one channel share the thread.
func (d *delivery) room() string { return finding.ChannelSlack + ":" + d.Channel }

// tellInThread posts the first message of the incident, or one that follows it.
func (d *delivery) tellInThread(ctx context.Context) error {
	thread, ours, err := d.findThread(ctx)
	if err != nil {
		d.Log.LogAttrs(ctx, slog.LevelWarn, "slack thread", d.about(err)...)
	}
	switch {
	case ours:
		return d.openThread(ctx)
	case thread == "":
		_, err = d.post(ctx, draftOf(d.note))
		return err
	}
	return d.follow(ctx, thread)
}

// findThread returns the ts of the message that opened the thread, or says that it is ours to post. Neither: the
// message goes without.
func (d *delivery) findThread(ctx context.Context) (ts string, ours bool, err error) {
	until := d.Clock.Now().Add(d.Clock.Left(ctx, maxPerTry, maxWait))
	for asked := time.Duration(0); ; asked += betweenAsks {
		ts, ours, err = d.askThread(ctx)
		if err != nil || ours || ts != "" || asked >= maxWait || !d.Clock.Now().Add(betweenAsks).Before(until) {
			return ts, ours, err
		}
		if err = d.Clock.Sleep(ctx, betweenAsks); err != nil {
			return "", false, err
		}
	}
}

func (d *delivery) askThread(ctx context.Context) (ts string, ours bool, err error) {
	err = d.Breaker.Ask(ctx, func(ctx context.Context) (err error) {
		ts, ours, err = d.Threads.Thread(ctx, d.note.Incident.ID, d.room())
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

// openThread posts the message that the incident's later ones follow. Whoever waits for it is told of a failure as
// well.
func (d *delivery) openThread(ctx context.Context) error {
	a, err := d.post(ctx, draftOf(d.note))
	if err == nil && d.begins(ctx, a) {
		return nil
	}
	d.failed(ctx)
	return err
}

// begins makes a message that was posted for itself the one that the incident's later ones follow, where Slack says
// which it is.
func (d *delivery) begins(ctx context.Context, a accepted) bool {
	if !validTS(a.ts) {
		return false
	}
	d.showing(*d.note.Incident)
	d.opened(ctx, a.ts)
	return true
}

// opened has no longer than the delivery, which is accepted.
func (d *delivery) opened(ctx context.Context, ts string) {
	ctx, cancel := context.WithTimeout(ctx, forThreads)
	defer cancel()
	if err := d.Threads.Opened(ctx, d.note.Incident.ID, d.room(), ts); err != nil {
		d.Log.LogAttrs(ctx, slog.LevelWarn, "slack thread", d.about(err)...)
	}
}

// failed is told even where the post took all the time.
func (d *delivery) failed(ctx context.Context) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), forThreads)
	defer cancel()
	if err := d.Threads.Failed(ctx, d.note.Incident.ID, d.room()); err != nil {
		d.Log.LogAttrs(ctx, slog.LevelWarn, "slack thread", d.about(err)...)
	}
}

// follow posts a reply and brings the thread's first message up to date. Where the thread takes no replies, or is not
// there any more, the message is posted for itself, and the incident's later ones follow that.
func (d *delivery) follow(ctx context.Context, thread string) error {
	m := draftOf(d.note)
	m.ThreadTS, m.Broadcast = thread, finding.Escalates(d.note)
	a, err := d.post(ctx, m)
	if f, ok := errors.AsType[*failure](err); ok && f.noThread() {
		d.Log.LogAttrs(ctx, slog.LevelWarn, "slack thread", d.about(err)...)
		if a, err = d.post(ctx, draftOf(d.note)); err == nil && !f.noBroadcast() {
			d.begins(ctx, a)
		}
		return err
	}
	switch {
	case err != nil:
		return err
	case a.alone:
		d.Log.LogAttrs(
			ctx,
			slog.LevelWarn,
			"slack thread",
			d.about(errors.New("the thread is not there any more; a new one begins"))...)
		d.begins(ctx, a)
	default:
		d.update(ctx, thread)
	}
	return nil
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
