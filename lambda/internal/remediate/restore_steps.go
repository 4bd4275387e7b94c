package remediate

import (
	"context"
	"maps"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"

	"trailkeeper/lambda/internal/trail"
)

// The writes, as the CloudTrail API names them.
const (
	callStartLogging   = "StartLogging"
	callUpdateTrail    = "UpdateTrail"
	callPutSelectors   = "PutEventSelectors"
	callPutInsights    = "PutInsightSelectors"
	callAddTags        = "AddTags"
	callCreateTrail    = "CreateTrail"
	reservedTagsPrefix = "aws:"
)

// step is one part of the plan.
type step struct {
	name   string
	fields []trail.Field
	run    func(ctx context.Context, share time.Time)
}

// steps lists what the plan asks for, in the order in which it is done: first that the trail logs, then where to, then what.
func (r *restoration) steps() []step {
	var all []step
	add := func(due bool, name string, f trail.Field, call func(context.Context) error) {
		if due {
			w := write{name, []trail.Field{f}, call}
			all = append(all, step{name, w.fields, func(ctx context.Context, share time.Time) { r.do(ctx, w, share) }})
		}
	}
	add(r.plan.StartLogging, callStartLogging, trail.FieldLogging, r.startLogging)
	if p := r.plan.Update; p != nil {
		all = append(all, step{callUpdateTrail, patched(*p), func(ctx context.Context, share time.Time) { r.update(ctx, *p, share) }})
	}
	add(r.plan.Selectors, callPutSelectors, trail.FieldSelectors, r.putSelectors)
	add(r.plan.Insights, callPutInsights, trail.FieldInsights, r.putInsights)
	tags := own(r.plan.AddTags)
	add(len(tags) > 0, callAddTags, trail.FieldTags, func(ctx context.Context) error { return r.addTags(ctx, tags) })
	return all
}

func (r *restoration) startLogging(ctx context.Context) error {
	_, err := r.api.StartLogging(ctx, &cloudtrail.StartLoggingInput{Name: aws.String(r.id.ARN())})
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

// addTags puts tags back, in the order of their keys.
func (r *restoration) addTags(ctx context.Context, tags map[string]string) error {
	_, err := r.api.AddTags(ctx, &cloudtrail.AddTagsInput{ResourceId: aws.String(r.id.ARN()), TagsList: tagList(tags)})
	return err
}
