// Package metrics writes metrics as log lines in CloudWatch's embedded metric format, so that they cost no call. It
// knows no CloudWatch client, and what a figure means is its caller's business.
package metrics

import (
	"cmp"
	"context"
	"io"
	"log/slog"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-lambda-go/lambdacontext"

	"trailkeeper/lambda/config"
	"trailkeeper/lambda/config/metric"
)

// Metric is one figure. It counts for the whole stack, and where it has a Channel or a Reason, for that as well.
type Metric struct {
	Name  string // one of package metric: "Heartbeat"
	Unit  string // a unit of CloudWatch: "Count", "Milliseconds"
	Value int64

	// Channel is that of a delivery: "slack", "sns", or the name of a further destination such as "slack:C0123456789",
	// which counts for its channel. Anything else counts as "other".
	Channel string
	// Reason is that of a failure: one of metric.Reasons. Anything else counts as metric.ReasonOther.
	Reason string
}

// otherChannel stands for every channel that has no name here.
const otherChannel = "other"

// NewLogger returns the log of the function's metrics. Its lines have the level FATAL, whatever is logged: Lambda drops
// a line below the function's level, of which FATAL is the highest, and takes a level that it does not know, as slog's
// beyond ERROR, for INFO (Lambda Developer Guide, "Log-level filtering").
func NewLogger(w io.Writer) *slog.Logger {
	return slog.New(
		handler{slog.NewJSONHandler(w, &slog.HandlerOptions{ReplaceAttr: func(groups []string, a slog.Attr) slog.Attr {
			if len(groups) == 0 && a.Key == slog.LevelKey {
				return slog.String(slog.LevelKey, "FATAL")
			}
			return lambdacontext.ReplaceAttr(groups, a)
		}})},
	)
}

// NewLog returns the log of the function, which is JSON whatever the format that Lambda is set to: where it has no
// format JSON (GovCloud), it drops no line and names no level, and config.EnvLogLevel does. What reads the log looks
// for fields.
func NewLog(w io.Writer, getenv func(string) string) *slog.Logger {
	var level slog.Level
	if level.UnmarshalText([]byte(cmp.Or(getenv(config.EnvLogLevel), getenv("AWS_LAMBDA_LOG_LEVEL")))) != nil {
		level = slog.LevelInfo
	}
	return slog.New(
		handler{slog.NewJSONHandler(w, &slog.HandlerOptions{Level: level, ReplaceAttr: lambdacontext.ReplaceAttr})},
	)
}

// WithAttrs implements slog.Handler.
func (h handler) WithAttrs(attrs []slog.Attr) slog.Handler {
	return handler{h.Handler.WithAttrs(attrs)}
}

// WithGroup implements slog.Handler.
func (h handler) WithGroup(name string) slog.Handler { return handler{h.Handler.WithGroup(name)} }

// handler adds the request's ID, as the handler of package lambdacontext does.
type handler struct{ slog.Handler }

// Handle implements slog.Handler.
func (h handler) Handle(ctx context.Context, r slog.Record) error {
	if c, ok := lambdacontext.FromContext(ctx); ok {
		r.AddAttrs(member("requestId", c.AwsRequestID))
	}
	return h.Handler.Handle(ctx, r)
}

// Write logs the figures as they were at one moment, in as many lines as the format needs; of no figures, none. `at`
// must lie between two weeks ago and two hours ahead, or CloudWatch drops them (CloudWatch API Reference,
// PutMetricData). The log must have no group, because CloudWatch looks for the figures at the top.
func Write(ctx context.Context, log *slog.Logger, stack string, at time.Time, figures ...Metric) {
	for _, l := range split(figures) {
		log.LogAttrs(ctx, slog.LevelError, "metrics", l.attrs(stack, at)...)
	}
}

// maxMetrics is how many metrics one directive may name (CloudWatch User Guide, "Specification: Embedded metric
// format").
const maxMetrics = 100

// line is what one document of the format can hold: its dimensions are those of every metric in it, and each name
// stands for one value.
type line struct {
	channel, reason string
	figures         []Metric
}

// split puts the figures into lines, in order.
func split(figures []Metric) []*line {
	var lines []*line
	for _, f := range figures {
		f.Channel, f.Reason = channel(f.Channel), reason(f.Reason)
		i := slices.IndexFunc(lines, func(l *line) bool { return l.takes(f) })
		if i < 0 {
			i = len(lines)
			lines = append(lines, &line{channel: f.Channel, reason: f.Reason})
		}
		lines[i].figures = append(lines[i].figures, f)
	}
	return lines
}

func (l *line) takes(f Metric) bool {
	return l.channel == f.Channel && l.reason == f.Reason && len(l.figures) < maxMetrics &&
		!slices.ContainsFunc(l.figures, func(other Metric) bool { return other.Name == f.Name })
}

// attrs are the members of the document: the figures, the values of the dimensions, and what says which is which.
func (l *line) attrs(stack string, at time.Time) []slog.Attr {
	var attrs []slog.Attr
	var about []map[string]string
	for _, f := range l.figures {
		attrs = append(attrs, slog.Int64(f.Name, f.Value))
		about = append(about, map[string]string{"Name": f.Name, "Unit": f.Unit})
	}
	attrs = append(attrs, slog.String(metric.DimensionStack, stack))
	sets := [][]string{{metric.DimensionStack}}
	for _, d := range []struct{ name, value string }{
		{metric.DimensionChannel, l.channel}, {metric.DimensionReason, l.reason},
	} {
		if d.value != "" {
			attrs = append(attrs, slog.String(d.name, d.value))
			sets = append(sets, []string{metric.DimensionStack, d.name})
		}
	}
	return append(attrs, member("_aws", map[string]any{
		"Timestamp":         at.UnixMilli(),
		"CloudWatchMetrics": []any{map[string]any{"Namespace": metric.Namespace, "Dimensions": sets, "Metrics": about}},
	}))
}

// member is a member of the document, whose name is not ours to choose.
func member(name string, value any) slog.Attr {
	return slog.Attr{Key: name, Value: slog.AnyValue(value)}
}

// channel is that of a destination, whose name goes on behind a colon. The number of its values is bounded.
func channel(destination string) string {
	name, _, _ := strings.Cut(destination, ":")
	if destination == "" || name == "slack" || name == "sns" {
		return name
	}
	return otherChannel
}

// reason is a reason that has a name, so that the number of its values is bounded.
func reason(given string) string {
	if given == "" || slices.Contains(metric.Reasons(), given) {
		return given
	}
	return metric.ReasonOther
}
