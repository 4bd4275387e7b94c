package history

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail/types"
	"github.com/aws/smithy-go"

	"trailkeeper/events"
	"trailkeeper/lambda/internal/clock"
)

type lookupFunc func(*cloudtrail.LookupEventsInput) (*cloudtrail.LookupEventsOutput, error)

func (f lookupFunc) LookupEvents(
	_ context.Context, in *cloudtrail.LookupEventsInput, _ ...func(*cloudtrail.Options),
) (*cloudtrail.LookupEventsOutput, error) {
	return f(in)
}

const region = "eu-west-1"

func record(id, region string) types.Event {
	return types.Event{EventId: &id, CloudTrailEvent: aws.String(fmt.Sprintf(
		`{"eventID":%q,"eventName":"StopLogging","eventSource":"cloudtrail.amazonaws.com",
			"awsRegion":%q,"recipientAccountId":"111122223333"}`,
		id,
		region,
	))}
}

// reading makes a Reader whose clock sleeps at once, and notes for how long.
func reading(api lookupFunc) (*Reader, *[]time.Duration) {
	now, slept := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC), &[]time.Duration{}
	return &Reader{Client: func(string) API { return api }, Clock: clock.Clock{
		Now: func() time.Time { return now },
		Sleep: func(_ context.Context, d time.Duration) error {
			now = now.Add(d)
			*slept = append(*slept, d)
			return nil
		},
	}}, slept
}

// TestEvent: only the event with this very ID, in this Region, counts, whatever else the answer holds.
func TestEvent(t *testing.T) {
	for name, tt := range map[string]struct {
		id    string
		found []types.Event
		want  error
	}{
		"there":               {"b", []types.Event{record("a", region), record("b", region)}, nil},
		"not there":           {"b", nil, ErrUnknown},
		"another event":       {"b", []types.Event{record("a", region)}, ErrUnknown},
		"another Region's":    {"b", []types.Event{record("b", "us-east-1")}, ErrUnknown},
		"a record of nothing": {"b", []types.Event{{EventId: aws.String("b")}}, ErrUnknown},
		"an envelope, no record": {
			"b",
			[]types.Event{
				{
					EventId:         aws.String("b"),
					CloudTrailEvent: aws.String(`{"source":"aws.cloudtrail","detail":` + *record("b", region).CloudTrailEvent + `}`),
				},
			},
			ErrUnknown,
		},
		"no ID":     {"", []types.Event{record("", region)}, ErrUnknown},
		"a long ID": {strings.Repeat("b", 65), []types.Event{record(strings.Repeat("b", 65), region)}, ErrUnknown},
	} {
		r, _ := reading(func(in *cloudtrail.LookupEventsInput) (*cloudtrail.LookupEventsOutput, error) {
			if a := in.LookupAttributes; len(a) != 1 || a[0].AttributeKey != types.LookupAttributeKeyEventId ||
				*a[0].AttributeValue != tt.id {
				t.Errorf("%s: asked for %+v", name, a)
			}
			return &cloudtrail.LookupEventsOutput{Events: tt.found}, nil
		})
		ev, err := r.Event(t.Context(), region, tt.id)
		if !errors.Is(err, tt.want) || err == nil && ev.Record.EventID != tt.id {
			t.Errorf("%s: %q, %v; want %v", name, ev.Record.EventID, err, tt.want)
		}
	}
}

// TestKindsOfErrors: each is of its kind, in a sentence that holds nothing of the service's own text.
func TestKindsOfErrors(t *testing.T) {
	api := func(code string) error {
		return &smithy.GenericAPIError{Code: code, Message: "arn:aws:iam::111122223333:role/secret"}
	}
	for code, tt := range map[string]struct {
		err   error
		kind  error
		calls int
	}{
		"denied":    {api("AccessDeniedException"), ErrRefused, 1},
		"invalid":   {api("InvalidLookupAttributesException"), ErrRefused, 1},
		"throttled": {api("ThrottlingException"), ErrUnanswered, 3},
		"failed":    {&smithy.GenericAPIError{Code: "InternalFailure", Fault: smithy.FaultServer}, ErrUnanswered, 3},
		"silent":    {context.DeadlineExceeded, ErrUnanswered, 3},
	} {
		calls := 0
		r, _ := reading(func(*cloudtrail.LookupEventsInput) (*cloudtrail.LookupEventsOutput, error) {
			calls++
			return nil, tt.err
		})
		_, err := r.Event(t.Context(), region, "b")
		_, searched := r.Search(
			t.Context(), Query{Region: region, Key: types.LookupAttributeKeyEventName, Value: "x"},
			func(events.Event) bool { return true },
		)
		for _, err := range []error{err, searched} {
			if !errors.Is(err, tt.kind) || calls != 2*tt.calls || strings.Contains(err.Error(), "secret") ||
				!strings.Contains(err.Error(), region) {
				t.Errorf("%s: %v after %d calls", code, err, calls)
			}
		}
	}
}

// TestSearch looks at two pages, the newest event first, and no further than what is taken.
func TestSearch(t *testing.T) {
	pages := map[string][]types.Event{
		"": {record("1", region), record("2", region)}, "2": {record("3", region)}, "3": {record("4", region)},
	}
	next := map[string]*string{"": aws.String("2"), "2": aws.String("3")}
	for want, tt := range map[string]struct {
		seen  string
		taken bool
	}{"2": {"1 2", true}, "3": {"1 2 3", true}, "4": {"1 2 3", false}} {
		var seen []string
		r, _ := reading(func(in *cloudtrail.LookupEventsInput) (*cloudtrail.LookupEventsOutput, error) {
			if a := in.LookupAttributes[0]; a.AttributeKey != types.LookupAttributeKeyResourceName ||
				*a.AttributeValue != "main" ||
				in.StartTime.IsZero() ||
				in.EndTime.IsZero() {
				t.Errorf("asked for %+v from %v to %v", a, in.StartTime, in.EndTime)
			}
			return &cloudtrail.LookupEventsOutput{
				Events:    pages[aws.ToString(in.NextToken)],
				NextToken: next[aws.ToString(in.NextToken)],
			}, nil
		})
		q := Query{region, types.LookupAttributeKeyResourceName, "main", r.Clock.Now().Add(-time.Hour), r.Clock.Now()}
		taken, err := r.Search(t.Context(), q, func(ev events.Event) bool {
			seen = append(seen, ev.Record.EventID)
			return ev.Record.EventID == want
		})
		cut := want == "4" // there is a third page
		if errors.Is(err, ErrCut) != cut || !cut && err != nil || taken != tt.taken || strings.Join(seen, " ") != tt.seen {
			t.Errorf("%s: taken %v, saw %v, %v", want, taken, seen, err)
		}
	}
}

// TestPace: no second holds more than two calls of a Region.
func TestPace(t *testing.T) {
	r, slept := reading(func(*cloudtrail.LookupEventsInput) (*cloudtrail.LookupEventsOutput, error) {
		return &cloudtrail.LookupEventsOutput{}, nil
	})
	for range 4 {
		_, _ = r.Event(t.Context(), region, "a")
		_, _ = r.Event(t.Context(), "us-east-1", "a")
	}
	if want := []time.Duration{time.Second}; !slices.Equal(*slept, want) {
		t.Errorf("slept %v; want %v", *slept, want)
	}
}
