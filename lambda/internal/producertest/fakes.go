package producertest

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/cloudtrail/types"

	"trailkeeper/events"
	"trailkeeper/lambda/internal/finding"
	"trailkeeper/lambda/internal/history"
	"trailkeeper/lambda/internal/remediate"
	"trailkeeper/lambda/internal/trail"
)

// Management is the trail of the fixtures.
var Management = events.Trail{
	Partition: "aws",
	Region:    Region,
	Account:   "111122223333",
	Name:      "management-events",
}

// Fit is a healthy trail.
func Fit() trail.State {
	return trail.State{
		ARN:       Management.ARN(),
		Logging:   true,
		Settings:  trail.Settings{S3Bucket: "logs", MultiRegion: true, GlobalEvents: true},
		Selectors: []trail.Selector{{ReadWrite: "All", Management: true}},
	}
}

// RestartFunc restarts trails, which log.
type RestartFunc func(t events.Trail, stoppedAt, until time.Time) remediate.Result

// Restart is that of remediate.Restarter.
func (f RestartFunc) Restart(_ context.Context, t events.Trail, stoppedAt, until time.Time) remediate.Result {
	return f(t, stoppedAt, until)
}

// Logging is that of remediate.Restarter.
func (f RestartFunc) Logging(context.Context, events.Trail) (bool, error) { return true, nil }

// OrderFunc restores and creates trails by an order.
type OrderFunc func(remediate.Request) remediate.Result

// Restore is that of remediate.Restorer.
func (f OrderFunc) Restore(_ context.Context, o remediate.Request) remediate.Result { return f(o) }

// Recreate is that of remediate.Restorer.
func (f OrderFunc) Recreate(_ context.Context, o remediate.Request) remediate.Result {
	return f(o)
}

// RestorerFuncs restores and creates trails, each in its way.
type RestorerFuncs struct {
	Restores  func(baseline trail.State, settled bool) remediate.Result
	Recreates func(baseline trail.State) remediate.Result
}

// Restore is that of remediate.Restorer.
func (f RestorerFuncs) Restore(_ context.Context, o remediate.Request) remediate.Result {
	return f.Restores(o.Baseline, o.Settled)
}

// Recreate is that of remediate.Restorer.
func (f RestorerFuncs) Recreate(_ context.Context, o remediate.Request) remediate.Result {
	return f.Recreates(o.Baseline)
}

// ReadFunc reads trails.
type ReadFunc func(arn string) (trail.State, error)

// Read is that of reading.Reader.
func (f ReadFunc) Read(_ context.Context, arn string) (trail.State, error) { return f(arn) }

// Past is what CloudTrail's event history shows, by event ID; an ID without an event is unknown.
type Past struct {
	Events map[string]events.Event
	Err    error
	Asked  int
}

// Event is that of history.Reader.
func (p *Past) Event(_ context.Context, _, id string) (events.Event, error) {
	p.Asked++
	if ev, ok := p.Events[id]; ok || p.Err != nil {
		return ev, p.Err
	}
	return events.Event{}, history.ErrUnknown
}

// Known puts a fixture into the history, changed.
func (p *Past) Known(tb testing.TB, fixture string, change func(record map[string]any)) {
	tb.Helper()
	var envelope struct {
		Detail map[string]any `json:"detail"`
	}
	if err := json.Unmarshal(Payload(tb, fixture), &envelope); err != nil {
		tb.Fatal(err)
	}
	if change != nil {
		change(envelope.Detail)
	}
	raw, err := json.Marshal(envelope.Detail)
	if err != nil {
		tb.Fatal(err)
	}
	ev, err := events.Parse(raw)
	if err != nil {
		tb.Fatal(err)
	}
	p.Events[ev.Record.EventID] = ev
}

// Searched is an event history that is searched; Asked notes by what.
type Searched struct {
	Events []events.Event // the newest first
	Only   types.LookupAttributeKey
	Err    error
	Asked  []string
}

// Search is that of history.Reader.
func (s *Searched) Search(_ context.Context, q history.Query, take func(events.Event) bool) (bool, error) {
	s.Asked = append(s.Asked, string(q.Key)+" "+q.Value)
	if s.Err != nil || s.Only != "" && q.Key != s.Only {
		return false, s.Err
	}
	return slices.ContainsFunc(s.Events, take), nil
}

// Made is a call of the history on Management, minutes before Now.
func Made(tb testing.TB, minutes int, who, call, request, further string) events.Event {
	tb.Helper()
	ev, err := events.Parse(
		fmt.Appendf(
			nil,
			`{"eventID":"e%d","eventName":%q,"eventSource":"cloudtrail.amazonaws.com","eventType":"AwsApiCall","eventTime":%q,
		"awsRegion":"eu-west-1","recipientAccountId":"111122223333","sourceIPAddress":"203.0.113.%d","userAgent":"aws-cli",
		"userIdentity":{"type":"IAMUser","userName":%q,"arn":"arn:aws:iam::111122223333:user/%s"},
		"requestParameters":{"name":%q%s}%s}`,
			minutes,
			call,
			Now.Add(-time.Duration(minutes)*time.Minute).Format(time.RFC3339),
			minutes,
			who,
			who,
			Management.Name,
			request,
			further,
		),
	)
	if err != nil {
		tb.Fatal(err)
	}
	return ev
}

// The changes that a restore finds.
var (
	Blind = trail.Change{
		Field:    trail.FieldSelectors,
		Before:   "all",
		After:    "none",
		Effect:   trail.Weakens,
		Sentence: "Management events are no longer recorded.",
	}
	Moved = trail.Change{
		Field:    trail.FieldS3Bucket,
		Before:   "logs",
		After:    "evil",
		Effect:   trail.Weakens,
		Sentence: "Logs now go to bucket evil.",
	}
	Extra = trail.Change{
		Field:    trail.FieldTags,
		After:    "a=b",
		Effect:   trail.Neutral,
		Sentence: "The tag a was added.",
	}
	Left = remediate.Left{Change: Moved, Why: Because("The baseline's bucket does not exist.")}
)

// Deployer and Mallory call CloudTrail.
const (
	Deployer = "arn:aws:iam::111122223333:role/Deployer"
	Mallory  = "arn:aws:iam::111122223333:user/mallory"
)

// Because are the reasons of a finding in words of their own.
func Because(sentences ...string) []finding.Note {
	var all []finding.Note
	for _, s := range sentences {
		all = append(all, finding.Say(finding.NoteText, s))
	}
	return all
}
