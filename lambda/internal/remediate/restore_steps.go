package remediate

import (
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"

	"trailkeeper/lambda/internal/trail"
)

// The writes that a plan does not name, and how AWS's own tags begin.
const (
	callCreateTrail    = "CreateTrail"
	reservedTagsPrefix = "aws:"
)

// steps lists the writes that the plan asks for, in the order in which they are made: first that the trail logs, then where to, then what.
func (r *restoration) steps() []write {
	calls := []struct {
		name string
		call func(context.Context, trail.State) error
	}{
		{trail.CallStartLogging, r.startLogging},
		{trail.CallUpdateTrail, nil}, // see update
		{trail.CallPutSelectors, r.putSelectors},
		{trail.CallPutInsights, r.putInsights},
		{trail.CallAddTags, r.addTags},
	}
	to := r.plan.To
	to.Tags = own(to.Tags)
	var all []write
	for _, c := range calls {
		fields := slices.DeleteFunc(slices.Clone(r.plan.Fields), func(f trail.Field) bool {
			return f.Restore() != c.name || f == trail.FieldTags && len(to.Tags) == 0
		})
		if len(fields) > 0 {
			all = append(all, write{c.name, fields, func(ctx context.Context) error { return c.call(ctx, to) }})
		}
	}
	return all
}

func (r *restoration) startLogging(ctx context.Context, to trail.State) error {
	_, err := r.api.StartLogging(ctx, &cloudtrail.StartLoggingInput{Name: aws.String(to.ARN)})
	return err
}

func (r *restoration) putSelectors(ctx context.Context, to trail.State) error {
	_, err := r.api.PutEventSelectors(ctx, trail.SelectorsRequest(to))
	return err
}

func (r *restoration) putInsights(ctx context.Context, to trail.State) error {
	_, err := r.api.PutInsightSelectors(ctx, trail.InsightsRequest(to))
	return err
}

func (r *restoration) addTags(ctx context.Context, to trail.State) error {
	_, err := r.api.AddTags(ctx, trail.TagsRequest(to))
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
