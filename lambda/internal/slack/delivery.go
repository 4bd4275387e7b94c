package slack

import (
	"context"
	"errors"
	"log/slog"

	"trailkeeper/lambda/internal/finding"
	"trailkeeper/lambda/internal/secret"
	"trailkeeper/lambda/internal/slack/render"
)

// delivery is one notification on its way. It is used by one goroutine.
type delivery struct {
	by        *Notifier
	note      finding.Finding
	keys      secret.Value
	refreshed bool
}

// post sends a message. What Slack refuses for its form is sent once more as plain text.
func (d *delivery) post(ctx context.Context, m render.Draft) (accepted, error) {
	a, err := d.call(ctx, methodPost, m)
	f, ok := errors.AsType[*failure](err)
	if !ok || !f.badForm() {
		return a, err
	}
	d.by.Log.LogAttrs(ctx, slog.LevelError, "slack refused the message's form", d.attrs(err)...)
	return d.call(ctx, methodPost, m.Plain(d.note, f.code))
}

// call sends a message by a method. Where Slack refuses the key, it reads the secret again, once for the whole
// delivery, and tries another.
func (d *delivery) call(ctx context.Context, method string, m render.Draft) (accepted, error) {
	a, err := d.try(ctx, method, m)
	if f, ok := errors.AsType[*failure](err); !ok || !f.staleKey() || d.refreshed {
		return a, err
	}
	d.refreshed = true
	fresh, readErr := d.by.Secret.Refresh(ctx)
	if readErr != nil || fresh.Equal(d.keys) {
		return a, err
	}
	d.keys = fresh
	return d.try(ctx, method, m)
}

func (d *delivery) try(ctx context.Context, method string, m render.Draft) (accepted, error) {
	to, err := targetOf(d.by.Options, d.keys)
	if err != nil {
		return accepted{}, err
	}
	if method == methodUpdate && !to.bot() {
		return accepted{}, errors.New("a webhook cannot change a message")
	}
	body, err := m.Encode(to.channel)
	if err != nil {
		return accepted{}, err
	}
	if method == methodUpdate {
		return d.by.sender.send(ctx, to, method, body, once)
	}
	return d.by.sender.send(ctx, to, method, body, patient)
}

// attrs say in a log which message went wrong, and how.
func (d *delivery) attrs(err error) []slog.Attr {
	attrs := []slog.Attr{
		slog.String("event_id", d.note.EventID),
		slog.String("channel", d.by.Name()),
		slog.String("error", err.Error()),
	}
	if d.note.Incident != nil {
		attrs = append(attrs, slog.String("incident", d.note.Incident.ID))
	}
	return attrs
}
