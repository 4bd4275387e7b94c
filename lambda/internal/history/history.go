// Package history reads CloudTrail's event history: the management events of the last 90 days in an account and Region,
// which CloudTrail keeps without any trail, and which no caller of AWS can write or change (CloudTrail User Guide,
// "Working with CloudTrail Event history").
//
// It refuses to know what an event means, and keeps nothing of what it has read. A record shows up minutes after its
// call; AWS promises no time. The history is of one account: the management account does not see its members' calls.
package history

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail/types"

	"trailkeeper/events"
	"trailkeeper/lambda/internal/awscall"
	"trailkeeper/lambda/internal/clock"
)

// The reasons for no answer. The error around each is one plain sentence.
var (
	// ErrUnknown says that the history does not show the event: it is not there yet, or there is none.
	ErrUnknown = errors.New("no such event in the event history")
	// ErrRefused says that the history may not be read from here.
	ErrRefused = errors.New("the event history may not be read")
	// ErrUnanswered says that CloudTrail throttled the call, failed it or could not be reached: a later one may succeed.
	ErrUnanswered = errors.New("the event history did not answer")
	// ErrCut says that a search has found nothing among the newest events, and that there are more.
	ErrCut = errors.New("the event history has more events than a search looks at")
)

const (
	// maxPages bounds one search, each page of up to 50 events.
	maxPages = 2
	perPage  = 50
	// maxID is more than any event's ID has.
	maxID = 64
)

// API is the part of CloudTrail that shows the event history.
type API interface {
	LookupEvents(
		context.Context, *cloudtrail.LookupEventsInput, ...func(*cloudtrail.Options),
	) (*cloudtrail.LookupEventsOutput, error)
}

// Reader reads the event history. It is safe for concurrent use and must not be copied.
type Reader struct {
	// Client returns the API of a Region. The client must not retry by itself.
	Client func(region string) API
	Clock  clock.Clock

	pace pacer
}

// Event returns the event with the ID, as CloudTrail keeps it.
func (r *Reader) Event(ctx context.Context, region, id string) (events.Event, error) {
	if id == "" || len(id) > maxID {
		return events.Event{}, unknown(region, id)
	}
	out, err := r.lookup(ctx, region, &cloudtrail.LookupEventsInput{
		LookupAttributes: []types.LookupAttribute{
			{AttributeKey: types.LookupAttributeKeyEventId, AttributeValue: &id},
		},
		MaxResults: aws.Int32(1),
	})
	if err != nil {
		return events.Event{}, err
	}
	for _, found := range out.Events {
		if ev, ok := parsed(found, region); ok && ev.Record.EventID == id {
			return ev, nil
		}
	}
	return events.Event{}, unknown(region, id)
}

// Query says what to search for: events with one attribute, which is compared exactly.
type Query struct {
	Region   string
	Key      types.LookupAttributeKey
	Value    string
	From, To time.Time
}

// Search passes the events to take, the newest first, until it takes one, and reports whether it did. It looks at a
// hundred events at most: whoever may call AWS can fill the history with refused calls. Where there are more, the error
// is ErrCut.
func (r *Reader) Search(ctx context.Context, q Query, take func(events.Event) bool) (taken bool, err error) {
	in := &cloudtrail.LookupEventsInput{
		LookupAttributes: []types.LookupAttribute{
			{AttributeKey: q.Key, AttributeValue: &q.Value},
		},
		StartTime: &q.From,
		EndTime:   &q.To,
	}
	for range maxPages {
		out, err := r.lookup(ctx, q.Region, in)
		if err != nil {
			return false, err
		}
		for _, found := range out.Events {
			if ev, ok := parsed(found, q.Region); ok && take(ev) {
				return true, nil
			}
		}
		if in.NextToken = out.NextToken; in.NextToken == nil {
			return false, nil
		}
	}
	return false, &callError{
		ErrCut,
		fmt.Sprintf("only the newest %d of the events in %s were looked at, and there are more", maxPages*perPage, q.Region),
	}
}

// parsed reads the record of an event, which must be of the Region that was asked.
func parsed(found types.Event, region string) (events.Event, bool) {
	ev, err := events.Parse([]byte(aws.ToString(found.CloudTrailEvent)))
	return ev, err == nil && ev.Kind == events.KindRecord && ev.Wrapped && ev.Record.Region == region
}

// lookup makes one call when the quota has room for it.
func (r *Reader) lookup(
	ctx context.Context, region string, in *cloudtrail.LookupEventsInput,
) (*cloudtrail.LookupEventsOutput, error) {
	var out *cloudtrail.LookupEventsOutput
	err := awscall.Do(ctx, r.Clock, func(ctx context.Context) (err error) {
		if wait := r.pace.reserve(region, r.Clock.Now()); wait > 0 {
			if err := r.Clock.Sleep(ctx, wait); err != nil {
				return err
			}
		}
		out, err = r.Client(region).LookupEvents(ctx, in)
		return err
	})
	if err != nil {
		return nil, failed(region, err)
	}
	return out, nil
}

func unknown(region, id string) error {
	return fmt.Errorf("%w of %s: %.*q", ErrUnknown, region, maxID, id)
}
