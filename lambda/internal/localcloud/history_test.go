package localcloud

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail/types"
	"github.com/google/go-cmp/cmp"
)

// lookFor asks for the events with an attribute, and returns their names. It waits for its turn.
func lookFor(t *testing.T, c *Cloud, region, key string, attribute types.LookupAttributeKey, value string) []string {
	t.Helper()
	c.Pass(time.Second)
	out, err := cloudtrail.NewFromConfig(awsConfig(c, region, key)).LookupEvents(t.Context(),
		&cloudtrail.LookupEventsInput{
			LookupAttributes: []types.LookupAttribute{{AttributeKey: attribute, AttributeValue: &value}},
		})
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, e := range out.Events {
		names = append(names, *e.EventName)
	}
	return names
}

// TestEventHistory: a call is in the history of its account and Region after the delay, also where no trail logs; what
// was only put on the bus is not.
func TestEventHistory(t *testing.T) {
	c := newCloud(t, nil, func(o *Options) { o.HistoryDelay = 7 * time.Minute })
	addTrail(t, c, TrailSeed{ARN: mainTrail, Logging: true, Organization: true})
	const member = "AKIAMEMBER"
	c.AddPrincipal(Principal{AccessKey: member, Account: "444455556666", UserName: "mallory"})
	stop := func(key string) {
		_, _ = cloudtrail.NewFromConfig(awsConfig(c, region, key)).StopLogging(t.Context(),
			&cloudtrail.StopLoggingInput{Name: aws.String(mainTrail)})
		c.Pass(2 * time.Second)
	}
	stop("AKIAOPERATOR")
	if _, err := trails(c, region).DeleteTrail(t.Context(),
		&cloudtrail.DeleteTrailInput{Name: aws.String("main")}); err != nil { // when nothing logs
		t.Fatal(err)
	}
	stop(member)
	if got := lookFor(t, c, region, "AKIAOPERATOR", types.LookupAttributeKeyResourceName, mainTrail); len(got) > 0 {
		t.Errorf("before the delay: %v", got)
	}
	c.Pass(7 * time.Minute)
	for name, tt := range map[string]struct {
		region, key string
		attribute   types.LookupAttributeKey
		value       string
		want        []string
	}{
		"by ARN": {
			region, "AKIAOPERATOR", types.LookupAttributeKeyResourceName, mainTrail,
			[]string{"StopLogging"},
		},
		"by name":            {region, "AKIAOPERATOR", types.LookupAttributeKeyResourceName, "main", []string{"DeleteTrail"}},
		"a part of the name": {region, "AKIAOPERATOR", types.LookupAttributeKeyResourceName, "mai", nil},
		"by call": {
			region, "AKIAOPERATOR", types.LookupAttributeKeyEventName, "StopLogging",
			[]string{"StopLogging"},
		},
		"by user":        {region, "AKIAOPERATOR", types.LookupAttributeKeyUsername, "mallory", nil},
		"a member's own": {region, member, types.LookupAttributeKeyUsername, "mallory", []string{"StopLogging"}},
		"another Region": {"us-east-1", "AKIAOPERATOR", types.LookupAttributeKeyEventName, "StopLogging", nil},
		"changes": {
			region, "AKIAOPERATOR", types.LookupAttributeKeyReadOnly, "false",
			[]string{"DeleteTrail", "StopLogging"},
		},
	} {
		if diff := cmp.Diff(tt.want, lookFor(t, c, tt.region, tt.key, tt.attribute, tt.value)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
	c.Pass(91 * 24 * time.Hour)
	if got := lookFor(t, c, region, "AKIAOPERATOR", types.LookupAttributeKeyReadOnly, "false"); len(got) > 0 {
		t.Errorf("after 90 days: %v", got)
	}
}

// TestLookupEventsPages: fifty a page, and a token is good for its own request alone.
func TestLookupEventsPages(t *testing.T) {
	c := newCloud(t, nil, func(o *Options) { o.HistoryDelay = time.Millisecond })
	addTrail(t, c, TrailSeed{ARN: mainTrail, Logging: true})
	for range 60 {
		_, _ = trails(c, region).StopLogging(t.Context(), &cloudtrail.StopLoggingInput{Name: aws.String(mainTrail)})
		c.Pass(time.Second)
	}
	in := &cloudtrail.LookupEventsInput{LookupAttributes: []types.LookupAttribute{
		{AttributeKey: types.LookupAttributeKeyResourceName, AttributeValue: aws.String(mainTrail)},
	}}
	first, err := trails(c, region).LookupEvents(t.Context(), in)
	if err != nil || len(first.Events) != 50 || first.NextToken == nil {
		t.Fatalf("first page: %d events, %v", len(first.Events), err)
	}
	in.NextToken = first.NextToken
	second, err := trails(c, region).LookupEvents(t.Context(), in)
	if err != nil || len(second.Events) != 10 || second.NextToken != nil {
		t.Fatalf("second page: %d events, %v", len(second.Events), err)
	}
	if !second.Events[9].EventTime.Before(*first.Events[0].EventTime) {
		t.Error("the newest is not first")
	}
	in.LookupAttributes[0].AttributeValue = aws.String("main")
	c.Pass(time.Second)
	if _, err := trails(c, region).LookupEvents(t.Context(), in); !is[*types.InvalidNextTokenException](err) {
		t.Errorf("another request's token: %v", err)
	}
}

// TestLookupEventsRefuses what CloudTrail refuses, and more than two calls in a second.
func TestLookupEventsRefuses(t *testing.T) {
	attribute := func(key types.LookupAttributeKey, value string) types.LookupAttribute {
		return types.LookupAttribute{AttributeKey: key, AttributeValue: &value}
	}
	long := strings.Repeat("a", 1000)
	for name, tt := range map[string]struct {
		in   cloudtrail.LookupEventsInput
		want func(error) bool
	}{
		"two attributes": {cloudtrail.LookupEventsInput{LookupAttributes: []types.LookupAttribute{
			attribute("EventId", "x"), attribute("EventName", "y"),
		}}, is[*types.InvalidLookupAttributesException]},
		"unknown attribute": {cloudtrail.LookupEventsInput{LookupAttributes: []types.LookupAttribute{attribute("Trail",
			"x")}}, is[*types.InvalidLookupAttributesException]},
		"empty value": {cloudtrail.LookupEventsInput{LookupAttributes: []types.LookupAttribute{attribute("EventId",
			"")}}, is[*types.InvalidLookupAttributesException]},
		"2000 characters": {cloudtrail.LookupEventsInput{LookupAttributes: []types.LookupAttribute{attribute("EventId",
			long+long)}}, ok},
		"too long by _": {cloudtrail.LookupEventsInput{LookupAttributes: []types.LookupAttribute{attribute("EventId",
			long+long[1:]+"_")}}, is[*types.InvalidLookupAttributesException]},
		"no result":  {cloudtrail.LookupEventsInput{MaxResults: aws.Int32(0)}, is[*types.InvalidMaxResultsException]},
		"51 results": {cloudtrail.LookupEventsInput{MaxResults: aws.Int32(51)}, is[*types.InvalidMaxResultsException]},
		"50 results": {cloudtrail.LookupEventsInput{MaxResults: aws.Int32(50)}, ok},
		"forged token": {
			cloudtrail.LookupEventsInput{NextToken: aws.String("1-00")},
			is[*types.InvalidNextTokenException],
		},
		"category": {
			cloudtrail.LookupEventsInput{EventCategory: "management"},
			is[*types.InvalidEventCategoryException],
		},
		"insights": {cloudtrail.LookupEventsInput{EventCategory: types.EventCategoryInsight}, ok},
		"ends before it starts": {cloudtrail.LookupEventsInput{
			StartTime: aws.Time(Start.Add(time.Second)), EndTime: aws.Time(Start),
		}, is[*types.InvalidTimeRangeException]},
		"one moment": {cloudtrail.LookupEventsInput{StartTime: aws.Time(Start), EndTime: aws.Time(Start)}, ok},
	} {
		c := newCloud(t, nil)
		if _, err := trails(c, region).LookupEvents(t.Context(), &tt.in); !tt.want(err) {
			t.Errorf("%s: %v", name, err)
		}
	}
	c := newCloud(t, nil)
	var errs []string
	for range 4 {
		_, err := trails(c, region).LookupEvents(t.Context(), &cloudtrail.LookupEventsInput{})
		errs = append(errs, fmt.Sprint(err != nil && strings.Contains(err.Error(), "ThrottlingException")))
	}
	if got := strings.Join(errs, " "); got != "false false true true" {
		t.Errorf("throttled: %s", got)
	}
}
