package remediate

import (
	"context"
	"maps"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"

	"trailkeeper/lambda/internal/trail"
)

// RestoreAPI is the part of CloudTrail that putting a trail back needs, in the trail's home Region. The client must not
// retry by itself.
type RestoreAPI interface {
	startLoggingAPI
	UpdateTrail(
		context.Context, *cloudtrail.UpdateTrailInput, ...func(*cloudtrail.Options),
	) (*cloudtrail.UpdateTrailOutput, error)
	PutEventSelectors(
		context.Context, *cloudtrail.PutEventSelectorsInput, ...func(*cloudtrail.Options),
	) (*cloudtrail.PutEventSelectorsOutput, error)
	PutInsightSelectors(
		context.Context, *cloudtrail.PutInsightSelectorsInput, ...func(*cloudtrail.Options),
	) (*cloudtrail.PutInsightSelectorsOutput, error)
	AddTags(context.Context, *cloudtrail.AddTagsInput, ...func(*cloudtrail.Options)) (*cloudtrail.AddTagsOutput, error)
	CreateTrail(
		context.Context, *cloudtrail.CreateTrailInput, ...func(*cloudtrail.Options),
	) (*cloudtrail.CreateTrailOutput, error)
}

const (
	callCreateTrail = "CreateTrail"
	// reservedTagsPrefix is how AWS's own tags begin.
	reservedTagsPrefix = "aws:"
)

// restoringCalls are the writes that a plan may ask for, in the order in which they are made: first that the trail
// logs, then where to, then what.
var restoringCalls = []string{
	trail.CallStartLogging, trail.CallUpdateTrail, trail.CallPutSelectors, trail.CallPutInsights, trail.CallAddTags,
}

// send makes one of these calls.
func send(ctx context.Context, api RestoreAPI, call string, to trail.State, fields []trail.Field) error {
	var err error
	switch call {
	case trail.CallStartLogging:
		_, err = api.StartLogging(ctx, &cloudtrail.StartLoggingInput{Name: aws.String(to.ARN)})
	case trail.CallUpdateTrail:
		_, err = api.UpdateTrail(ctx, trail.UpdateRequest(to, fields))
	case trail.CallPutSelectors:
		_, err = api.PutEventSelectors(ctx, trail.SelectorsRequest(to))
	case trail.CallPutInsights:
		_, err = api.PutInsightSelectors(ctx, trail.InsightsRequest(to))
	case trail.CallAddTags:
		_, err = api.AddTags(ctx, trail.TagsRequest(to))
	}
	return err
}

// own returns the tags that a caller may set: those that begin with aws: are AWS's own.
func own(tags map[string]string) map[string]string {
	tags = maps.Clone(tags)
	maps.DeleteFunc(tags, func(key, _ string) bool { return strings.HasPrefix(key, reservedTagsPrefix) })
	return tags
}

// reserved reports whether a change is about a tag that no caller may set.
func reserved(c trail.Change) bool {
	return c.Field == trail.FieldTags && strings.HasPrefix(c.Before, reservedTagsPrefix)
}
