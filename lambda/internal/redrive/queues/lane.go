package queues

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"time"

	"trailkeeper/lambda/internal/sanitize"
)

// The lanes, in the order in which they are worked on.
const (
	laneEvents = iota
	laneMessages
	laneFinal
	lanes
)

// maxRefusals of one destination, and then that of its newest message, show that it is the destination, and not the
// messages.
const maxRefusals = 2

func (m message) lane() int {
	switch m.kind {
	case parked:
		return laneMessages
	case final:
		return laneFinal
	}
	return laneEvents
}

// lane is what one run has to do in a lane, the oldest first.
type lane struct {
	queues       *Redriver
	messages     []message
	began, until time.Time
	reports      []QueueReport
	done         []bool
	lines        map[string]*line // by destination
	left         int
}

// line is what a run knows of one destination.
type line struct {
	refused int  // how many of its messages
	probed  bool // its newest message was tried before its turn
	takes   bool // and was accepted: it is the messages that are refused
}

// stopped reports whether the destination takes nothing, as far as is known.
func (l *line) stopped() bool { return l.refused >= maxRefusals && !l.takes }

func (l *lane) run(ctx context.Context) {
	l.done, l.lines = make([]bool, len(l.messages)), make(map[string]*line)
	for i := l.next(); i >= 0; i = l.next() {
		m := l.messages[i]
		of := l.line(m.channel)
		if m.kind == parked && of.stopped() && !of.probed {
			newest := l.newestOf(m.channel)
			of.probed, l.done[newest] = true, true
			of.takes = l.work(ctx, l.messages[newest])
		}
		if l.done[i] {
			continue
		}
		l.done[i] = true
		if m.kind == parked && of.stopped() {
			l.leave(ctx, m, "it waits behind older ones that "+m.channel+" did not take")
			continue
		}
		l.work(ctx, m)
	}
}

// next is the oldest message that is not done, and in the last third of the time the newest; -1: there is none.
func (l *lane) next() int {
	now := l.queues.Clock.Now()
	newestFirst := now.Sub(l.began)*3 >= l.until.Sub(l.began)*2
	for i := range l.messages {
		if newestFirst {
			i = len(l.messages) - 1 - i
		}
		if !l.done[i] {
			return i
		}
	}
	return -1
}

// leave leaves a message where it is. Of very many, most become visible again by themselves.
func (l *lane) leave(ctx context.Context, m message, why string) {
	report := &l.reports[m.queue]
	if l.left++; l.left > maxShown && !l.queues.spent(m) {
		report.leave(m, why)
		return
	}
	l.queues.leave(ctx, m, why, report)
}

func (l *lane) line(channel string) *line {
	if l.lines[channel] == nil {
		l.lines[channel] = &line{}
	}
	return l.lines[channel]
}

// newestOf is the index of a destination's newest message that is not done.
func (l *lane) newestOf(channel string) int {
	newest := 0
	for i, m := range l.messages {
		if m.channel == channel && !l.done[i] {
			newest = i
		}
	}
	return newest
}

// work does what is to be done about one message, and notes it in the report of its queue. It reports whether the
// message was sent or handled.
func (l *lane) work(ctx context.Context, m message) bool {
	report := &l.reports[m.queue]
	switch {
	case l.until.Sub(l.queues.Clock.Now()) < leastTime || ctx.Err() != nil:
		l.leave(ctx, m, "the time of this run was up; the next sweep goes on")
		return false
	case m.kind == final:
		l.queues.layAside(ctx, m, m.why, report)
		return false
	}
	start := l.queues.Clock.Now()
	err := l.do(ctx, m)
	l.queues.logOne(ctx, m, l.queues.Clock.Now().Sub(start), err)
	if hopeless, ok := errors.AsType[*FinalError](err); ok {
		l.queues.layAside(ctx, m, plain(hopeless), report)
		return false
	}
	if err != nil {
		l.line(m.channel).refused++
		l.leave(ctx, m, plain(err))
		return false
	}
	report.count(m.kind)
	if err := l.queues.remove(ctx, m); err != nil {
		report.leave(m, err.Error())
	}
	return true
}

// do sends or handles a message in its share of the time. What crashes on a message does not end the run: a message
// that crashed the function before is to be found in these queues.
func (l *lane) do(ctx context.Context, m message) (err error) {
	left := l.until.Sub(l.queues.Clock.Now())
	ctx, cancel := context.WithTimeout(ctx, min(left, max(left/2, firstShare)))
	defer cancel()
	defer func() {
		if v := recover(); v != nil {
			err = crashed(v)
		}
	}()
	switch m.kind {
	case parked:
		return l.queues.Send(ctx, m.parked)
	case settled:
		return nil
	default:
		return l.queues.Handle(ctx, m.payload)
	}
}

func (r *Redriver) logOne(ctx context.Context, m message, took time.Duration, err error) {
	level, attrs := slog.LevelInfo, []slog.Attr{
		slog.String("queue", r.Queues[m.queue].Name), slog.String("kind", m.kind.String()), slog.String("channel", m.channel),
		slog.String("event_id", m.eventID), slog.String("message_id", m.id), slog.Int64("latency_ms", took.Milliseconds()),
	}
	if err != nil {
		level = slog.LevelWarn
		attrs = append(attrs, slog.String("error", plain(err)))
	}
	r.Log.LogAttrs(ctx, level, "redrive", attrs...)
}

// plain is an error as one line for the report.
func plain(err error) string {
	return strings.TrimRight(sanitize.Bound(strings.ReplaceAll(err.Error(), "\n", "; "), maxReason), ". ")
}
