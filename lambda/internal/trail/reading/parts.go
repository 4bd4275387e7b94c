package reading

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail/types"

	"trailkeeper/lambda/internal/awscall"
	"trailkeeper/lambda/internal/sanitize"
	"trailkeeper/lambda/internal/trail"
)

// observation is one trail while it is read. Every part writes its own fields of the state.
type observation struct {
	reader    *Reader
	region    string
	state     trail.State
	described *types.Trail // what DescribeTrails said; nil before

	mu sync.Mutex // of State.Unseen
}

func (r *Reader) observe(region string, s trail.State) *observation {
	return &observation{reader: r, region: region, state: s}
}

// settings asks for the settings. DescribeTrails has the last word on whether the trail exists.
func (o *observation) settings(ctx context.Context) error {
	list, err := o.reader.describeWith(
		ctx,
		o.region,
		&cloudtrail.DescribeTrailsInput{TrailNameList: []string{o.state.ARN}},
	)
	if err != nil {
		return &readError{whyUnseen(trail.PartSettings, err), err}
	}
	i := slices.IndexFunc(list, func(t types.Trail) bool { return aws.ToString(t.TrailARN) == o.state.ARN })
	if i < 0 {
		return fmt.Errorf("%w: %s", trail.ErrNotFound, o.state.ARN)
	}
	o.described, o.state.Settings = &list[i], trail.SettingsOf(list[i])
	return nil
}

// parts returns the step that reads what is neither settings nor tags.
func (o *observation) parts(ctx context.Context) func() {
	withoutInsights := o.described != nil && o.described.HasInsightSelectors != nil && !*o.described.HasInsightSelectors
	var steps []func()
	for _, p := range []struct {
		part trail.Part
		read func(context.Context, API, *trail.State) error
	}{
		{trail.PartLogging, readStatus},
		{trail.PartSelectors, readSelectors},
		{trail.PartInsights, readInsights},
		{trail.PartEvents, readEventConfiguration},
	} {
		if p.part == trail.PartInsights && withoutInsights {
			continue
		}
		steps = append(steps, func() {
			api := o.reader.Client(o.region)
			err := o.reader.call(ctx, o.region, func(ctx context.Context) error { return p.read(ctx, api, &o.state) })
			switch {
			case err == nil:
			case p.part == trail.PartEvents && notServed(err, o.reader.Emulated):
				o.unknown(p.part, err)
			default:
				o.unseen(p.part, err)
			}
		})
	}
	return func() { o.reader.each(steps...) }
}

func (o *observation) unseen(part trail.Part, err error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.state.Unseen == nil {
		o.state.Unseen = make(map[trail.Part]string)
	}
	o.state.Unseen[part] = whyUnseen(part, err)
	o.state.Passing = o.state.Passing || awscall.Code(err) == "" || awscall.Passing(err)
}

func readStatus(ctx context.Context, api API, s *trail.State) error {
	out, err := api.GetTrailStatus(ctx, &cloudtrail.GetTrailStatusInput{Name: aws.String(s.ARN)})
	if err != nil {
		return err
	}
	s.Logging = aws.ToBool(out.IsLogging)
	s.Delivery = trail.Delivery{
		Latest:            aws.ToTime(out.LatestDeliveryTime).UTC(),
		LatestError:       aws.ToString(out.LatestDeliveryError),
		LatestDigest:      aws.ToTime(out.LatestDigestDeliveryTime).UTC(),
		LatestDigestError: aws.ToString(out.LatestDigestDeliveryError),
		LatestLogs:        aws.ToTime(out.LatestCloudWatchLogsDeliveryTime).UTC(),
		LatestLogError:    aws.ToString(out.LatestCloudWatchLogsDeliveryError),
		Started:           aws.ToTime(out.StartLoggingTime).UTC(),
		Stopped:           aws.ToTime(out.StopLoggingTime).UTC(),
	}
	return nil
}

func readInsights(ctx context.Context, api API, s *trail.State) error {
	out, err := api.GetInsightSelectors(ctx, &cloudtrail.GetInsightSelectorsInput{TrailName: aws.String(s.ARN)})
	if awscall.Code(err) == "InsightNotEnabled" {
		return nil
	}
	if err != nil {
		return err
	}
	s.Insights = nil
	for _, i := range out.InsightSelectors {
		s.Insights = append(
			s.Insights,
			trail.InsightSelector{Type: string(i.InsightType), Categories: sorted(plainTexts(i.EventCategories))},
		)
	}
	slices.SortStableFunc(s.Insights, func(a, b trail.InsightSelector) int { return strings.Compare(a.Type, b.Type) })
	return nil
}

// notServed reports whether the endpoint does not know the operation, or does not support it for trails. An older
// CloudTrail and emulators do not know GetEventConfiguration: there is nothing to configure there, so that nothing is
// missed. Nobody but the endpoint's owner can make it say so. Without a code of CloudTrail's, a status alone must say
// that there is no such operation; of an emulator any will do.
func notServed(err error, emulated bool) bool {
	code, status := awscall.Code(err), awscall.Status(err)
	switch code {
	case "UnknownOperation", "UnsupportedOperation", "InvalidAction", "UnknownAction", "NotImplemented":
		return true
	case "", "InternalFailure", "UnknownError":
		return status == http.StatusNotImplemented || code != "InternalFailure" && notServedStatus(status, emulated)
	}
	return false
}

func notServedStatus(status int, emulated bool) bool {
	switch status {
	case http.StatusBadRequest, http.StatusNotFound, http.StatusMethodNotAllowed:
		return true
	case http.StatusTooManyRequests:
		return false
	}
	return emulated && status >= 500
}

// unknown tells that the endpoint has no operation that shows a part, which is therefore as if it were not there.
func (o *observation) unknown(part trail.Part, err error) {
	if o.reader.Unknown == nil {
		return
	}
	said := awscall.Code(err)
	if said == "" {
		said = "HTTP status " + strconv.Itoa(awscall.Status(err))
	}
	call := strings.TrimPrefix(permission(part), "cloudtrail:")
	o.reader.Unknown(
		o.state.ARN,
		part,
		sanitize.Bound("The endpoint does not know "+call+" ("+said+"): the "+string(part)+" counts as not set.", maxReason),
	)
}

func readEventConfiguration(ctx context.Context, api API, s *trail.State) error {
	out, err := api.GetEventConfiguration(ctx, &cloudtrail.GetEventConfigurationInput{TrailName: aws.String(s.ARN)})
	if err != nil {
		return err
	}
	e := trail.EventConfiguration{MaxEventSize: string(out.MaxEventSize)}
	for _, k := range out.ContextKeySelectors {
		e.ContextKeys = append(e.ContextKeys, trail.ContextKey{Type: string(k.Type), Equals: sorted(k.Equals)})
	}
	for _, a := range out.AggregationConfigurations {
		e.Aggregations = append(
			e.Aggregations,
			trail.Aggregation{Category: string(a.EventCategory), Templates: sorted(plainTexts(a.Templates))},
		)
	}
	slices.SortStableFunc(e.ContextKeys, func(a, b trail.ContextKey) int { return strings.Compare(a.Type, b.Type) })
	slices.SortStableFunc(
		e.Aggregations,
		func(a, b trail.Aggregation) int { return strings.Compare(a.Category, b.Category) },
	)
	s.Events = e
	return nil
}
