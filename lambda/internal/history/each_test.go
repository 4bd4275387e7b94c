package history

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail/types"
	"github.com/aws/smithy-go"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"trailkeeper/events"
)

// TestRequests compares each request as a whole, the second page's as well.
func TestRequests(t *testing.T) {
	var got []cloudtrail.LookupEventsInput
	r, _ := reading(func(in *cloudtrail.LookupEventsInput) (*cloudtrail.LookupEventsOutput, error) {
		got = append(got, *in)
		return &cloudtrail.LookupEventsOutput{
			Events:    []types.Event{record("a", "us-east-1"), {}, record("b", region)},
			NextToken: aws.String("next"),
		}, nil
	})
	longest := strings.Repeat("b", 64)
	if _, err := r.Event(
		t.Context(), region, longest,
	); !errors.Is(err, ErrUnknown) || !strings.Contains(err.Error(), region) ||
		!strings.Contains(err.Error(), longest) {
		t.Errorf("%v", err)
	}
	from := time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC)
	var seen []string
	q := Query{region, types.LookupAttributeKeyResourceName, "main", from, from.Add(time.Hour)}
	taken, err := r.Search(
		t.Context(), q, func(ev events.Event) bool { seen = append(seen, ev.Record.EventID); return false },
	)
	if diff := cmp.Diff([]string{"b", "b"}, seen); diff != "" || taken || !errors.Is(err, ErrCut) {
		t.Errorf("taken %v, %v, saw (-want +got)\n%s", taken, err, diff)
	}
	by := func(key types.LookupAttributeKey, value string) []types.LookupAttribute {
		return []types.LookupAttribute{{AttributeKey: key, AttributeValue: &value}}
	}
	page := cloudtrail.LookupEventsInput{
		LookupAttributes: by("ResourceName", "main"),
		StartTime:        &from,
		EndTime:          aws.Time(from.Add(time.Hour)),
	}
	second := page
	second.NextToken = aws.String("next")
	want := []cloudtrail.LookupEventsInput{
		{LookupAttributes: by("EventId", longest), MaxResults: aws.Int32(1)},
		page,
		second,
	}
	if diff := cmp.Diff(
		want, got, cmpopts.IgnoreUnexported(cloudtrail.LookupEventsInput{}, types.LookupAttribute{}),
	); diff != "" {
		t.Errorf("requests (-want +got)\n%s", diff)
	}
}

// TestEachError: every code is of one kind and no other, with its sentence.
func TestEachError(t *testing.T) {
	const (
		denied, throttled = "may not be read: the permission cloudtrail:LookupEvents is missing", "CloudTrail throttled " +
			"LookupEvents in eu-west-1"
		refused, broken = "CloudTrail refused LookupEvents in eu-west-1 with ", "CloudTrail failed LookupEvents in " +
			"eu-west-1 with "
	)
	api := func(code string) error { return &smithy.GenericAPIError{Code: code} }
	for name, tt := range map[string]struct {
		err, kind error
		want      string
	}{
		"AccessDenied":          {api("AccessDenied"), ErrRefused, denied},
		"AccessDeniedException": {api("AccessDeniedException"), ErrRefused, denied},
		"UnauthorizedOperation": {api("UnauthorizedOperation"), ErrRefused, denied},
		"NotAuthorized":         {api("NotAuthorizedException"), ErrRefused, denied},
		"Throttling":            {api("Throttling"), ErrUnanswered, throttled},
		"RequestThrottled":      {api("RequestThrottledException"), ErrUnanswered, throttled},
		"TooManyRequests":       {api("TooManyRequestsException"), ErrUnanswered, throttled},
		"RequestLimitExceeded":  {api("RequestLimitExceeded"), ErrUnanswered, throttled},
		"SlowDown":              {api("SlowDown"), ErrUnanswered, throttled},
		"InvalidTimeRange":      {api("InvalidTimeRangeException"), ErrRefused, refused + "InvalidTimeRange"},
		strings.Repeat("x", 61): {api(strings.Repeat("x", 61)), ErrRefused, refused + strings.Repeat("x", 60)},
		"a fault of the server": {
			&smithy.GenericAPIError{Code: "Internal", Fault: smithy.FaultServer}, ErrUnanswered, broken + "Internal",
		},
		"no answer in time": {context.DeadlineExceeded, ErrUnanswered, "could not be read: CloudTrail did not " +
			"answer in time"},
		"nothing that could be called": {errors.New("no credentials"), ErrUnanswered, "could not be read: the call to " +
			"CloudTrail could not be made"},
	} {
		got := failed(region, tt.err)
		for _, kind := range []error{ErrRefused, ErrUnanswered, ErrUnknown} {
			if errors.Is(got, kind) != errors.Is(tt.kind, kind) {
				t.Errorf("%s: is it %q: %v", name, kind, errors.Is(got, kind))
			}
		}
		if !strings.Contains(got.Error(), tt.want) || len(got.Error()) > 200 {
			t.Errorf("%s: %v, want %s", name, got, tt.want)
		}
	}
}

// TestPacer: each call a second after the one before the last, in its Region, at the time it is made at and not the one
// it was asked for at.
func TestPacer(t *testing.T) {
	start := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	var p pacer
	for i, tt := range []struct {
		at, wait time.Duration
		region   string
	}{
		{0, 0, "a"},
		{400 * time.Millisecond, 0, "a"},
		{500 * time.Millisecond, 500 * time.Millisecond, "a"}, // made at 1.0
		{500 * time.Millisecond, 900 * time.Millisecond, "a"}, // made at 1.4
		{500 * time.Millisecond, 0, "b"},
		{600 * time.Millisecond, 1400 * time.Millisecond, "a"}, // made at 2.0
		{2400 * time.Millisecond, 0, "a"},
		{3 * time.Second, 0, "a"},
		{3399 * time.Millisecond, time.Millisecond, "a"},
	} {
		if got := p.reserve(tt.region, start.Add(tt.at)); got != tt.wait {
			t.Errorf("%d: waits %v, want %v", i, got, tt.wait)
		}
	}
}

// TestNoTimeToWait: a call whose turn does not come in time is not made.
func TestNoTimeToWait(t *testing.T) {
	calls := 0
	r, _ := reading(func(*cloudtrail.LookupEventsInput) (*cloudtrail.LookupEventsOutput, error) {
		calls++
		return &cloudtrail.LookupEventsOutput{}, nil
	})
	for range 2 {
		_, _ = r.Event(t.Context(), region, "a")
	}
	r.Clock.Sleep = func(context.Context, time.Duration) error { return context.DeadlineExceeded }
	if _, err := r.Event(t.Context(), region, "a"); calls != 2 || !errors.Is(err, ErrUnanswered) {
		t.Errorf("%d calls, %v", calls, err)
	}
}
