package remediate_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail/types"
	"github.com/google/go-cmp/cmp"

	"trailkeeper/lambda/internal/remediate"
	trails "trailkeeper/lambda/internal/trail"
)

// unreadable lets no reading before the n-th through.
func unreadable(n int, err error) func(int, *trails.State) (*trails.State, error) {
	return func(i int, s *trails.State) (*trails.State, error) {
		if i < n {
			return nil, err
		}
		return s, nil
	}
}

const never = 1 << 30

// ask has the order say what the call asked for.
func ask(o *remediate.Request, change func(*trails.State)) {
	o.Wanted = *with(change)
	o.Asked = trails.Weakened(trails.Diff(o.Baseline, o.Wanted))
}

// redirected is what an UpdateTrail has set: two of it would be weaker, and one is as the baseline has it.
func redirected(s *trails.State) {
	s.Settings.S3Bucket, s.Settings.LogValidation, s.Settings.S3Prefix = "evil", false, "org"
}

// TestRestoreWithoutReading: whoever uses up the reads of CloudTrail does not keep a trail from being restored, and
// nobody says that it was.
func TestRestoreWithoutReading(t *testing.T) {
	b, arn := healthy().Settings, aws.String(trail.ARN())
	update := []any{
		&cloudtrail.UpdateTrailInput{Name: arn, S3BucketName: &b.S3Bucket, EnableLogFileValidation: aws.Bool(true)},
	}
	putAll := []any{&cloudtrail.PutEventSelectorsInput{TrailName: arn, EventSelectors: []types.EventSelector{
		{ReadWriteType: types.ReadWriteTypeAll, IncludeManagementEvents: aws.Bool(true)},
	}}}
	retag := []any{
		&cloudtrail.AddTagsInput{
			ResourceId: arn,
			TagsList:   []types.Tag{{Key: aws.String("team"), Value: aws.String("security")}},
		},
	}
	throttled, recorded := refusal("Throttling"), func(o *remediate.Request) { o.Kind = trails.Recorded }
	blind := func(s *trails.State) { s.Selectors = []trails.Selector{{ReadWrite: "ReadOnly", Management: true}} }
	part := func(_ int, s *trails.State) (*trails.State, error) {
		now := *s
		now.Selectors = nil
		now.Unseen = map[trails.Part]string{trails.PartSelectors: "The event selectors could not be read: throttled."}
		now.Passing = true
		return &now, nil
	}
	denied := func(n int, s *trails.State) (*trails.State, error) {
		now, _ := part(n, s)
		now.Passing = false
		return now, nil
	}
	for name, tt := range map[string]struct {
		change   func(*trails.State) // what the call asked for and has set
		seen     func(int, *trails.State) (*trails.State, error)
		order    func(*remediate.Request)
		want     []any
		accepted []trails.Field
		restored []trails.Field
		again    bool // another run is to be made
	}{
		"throttled for long": {
			change:   redirected,
			seen:     unreadable(never, throttled),
			want:     update,
			accepted: []trails.Field{trails.FieldS3Bucket, trails.FieldLogValidation},
		},
		"silent for long": {
			change:   redirected,
			seen:     unreadable(never, context.DeadlineExceeded),
			want:     update,
			accepted: []trails.Field{trails.FieldS3Bucket, trails.FieldLogValidation},
		},
		"throttled at first": {
			change:   redirected,
			seen:     unreadable(6, throttled),
			want:     update,
			restored: []trails.Field{trails.FieldS3Bucket, trails.FieldLogValidation},
		},
		"throttled selectors": {
			change:   blind,
			seen:     part,
			want:     putAll,
			accepted: []trails.Field{trails.FieldSelectors},
		},
		"denied selectors": {change: blind, seen: denied},
		"throttled tags": {
			change:   func(s *trails.State) { s.Tags = nil },
			seen:     unreadable(never, throttled),
			want:     retag,
			accepted: []trails.Field{trails.FieldTags},
		},
		"recorded": {
			change: redirected,
			seen:   unreadable(never, throttled),
			order:  recorded,
			again:  true,
		},
		"denied": {change: redirected, seen: unreadable(never, refusal("AccessDenied"))},
		"nothing worse asked": {
			change: func(s *trails.State) { s.Tags = map[string]string{"team": "security", "new": "tag"} },
			seen:   unreadable(never, throttled),
			again:  true,
		},
		"an override": {
			change:   redirected,
			seen:     unreadable(never, throttled),
			order:    func(o *remediate.Request) { o.Leave = []trails.Field{trails.FieldLogValidation} },
			want:     []any{&cloudtrail.UpdateTrailInput{Name: arn, S3BucketName: &b.S3Bucket}},
			accepted: []trails.Field{trails.FieldS3Bucket},
		},
		"one of two approved": {
			change: redirected,
			seen:   unreadable(never, throttled),
			order: func(o *remediate.Request) {
				o.Recall = func(context.Context) remediate.Recalled {
					return remediate.Recalled{Approve: func(baseline, now trails.State) trails.State {
						return trails.Adopt(baseline, now, trails.FieldS3Bucket)
					}}
				}
			},
			want:     []any{&cloudtrail.UpdateTrailInput{Name: arn, EnableLogFileValidation: aws.Bool(true)}},
			accepted: []trails.Field{trails.FieldLogValidation},
		},
		"beyond the cap": {
			change: redirected,
			seen:   unreadable(never, throttled),
			order: func(o *remediate.Request) {
				o.Recall = func(context.Context) remediate.Recalled { return remediate.Recalled{Capped: true} }
			},
			want:     []any{&cloudtrail.UpdateTrailInput{Name: arn, S3BucketName: &b.S3Bucket}},
			accepted: []trails.Field{trails.FieldS3Bucket},
		},
	} {
		t.Run(name, func(t *testing.T) {
			c := newCloud(t, with(tt.change))
			c.seen = tt.seen
			o := c.order(healthy(), trails.Declared)
			o.Settled = false
			ask(&o, tt.change)
			if tt.order != nil {
				tt.order(&o)
			}
			res := c.restorer().Restore(t.Context(), o)
			c.check(res)
			if diff := cmp.Diff(tt.want, c.inputs, sdk); diff != "" {
				t.Errorf("requests (-want +got)\n%s", diff)
			}
			if diff := cmp.Diff(tt.accepted, leftFields(res.Unverified)); diff != "" {
				t.Errorf("accepted (-want +got)\n%s", diff)
			}
			var restored []trails.Field
			for _, c := range res.Restored {
				restored = append(restored, c.Field)
			}
			if diff := cmp.Diff(tt.restored, restored); diff != "" {
				t.Errorf("restored (-want +got)\n%s", diff)
			}
			if res.Done() != (tt.restored != nil) || res.Retryable != tt.again || res.Unconfirmed != (tt.accepted != nil) ||
				res.RestoredAt.IsZero() != (tt.restored == nil) {
				t.Errorf("%+v", res)
			}
			for _, a := range res.Unverified {
				why := remediate.Worded(a.Why)
				if !strings.Contains(why, "CloudTrail accepted ") || !strings.Contains(why, "could not be") {
					t.Errorf("%s: %s", a.Change.Field, why)
				}
			}
		})
	}
}

// TestRestoreWithoutReadingLeavesAlone: what an override leaves alone is reported as left alone by the reading that
// works after all.
func TestRestoreWithoutReadingLeavesAlone(t *testing.T) {
	c := newCloud(t, with(redirected))
	c.seen = unreadable(6, refusal("Throttling"))
	o := c.order(healthy(), trails.Declared)
	ask(&o, redirected)
	o.Leave = []trails.Field{trails.FieldLogValidation}
	res := c.restorer().Restore(t.Context(), o)
	c.check(res)
	if len(res.Kept) != 1 || res.Kept[0].Field != trails.FieldLogValidation || len(res.Left) > 0 ||
		len(res.Restored) != 1 ||
		!res.Done() {
		t.Errorf("%+v", res)
	}
}

// TestRestoreWithoutReadingBelievesTheReading: a reading that works after all says what came of it, also where somebody
// has changed the trail again.
func TestRestoreWithoutReadingBelievesTheReading(t *testing.T) {
	c := newCloud(t, with(redirected))
	c.seen = func(n int, s *trails.State) (*trails.State, error) {
		if n < 6 {
			return nil, refusal("Throttling")
		}
		return with(func(s *trails.State) { redirected(s); s.Settings.KMSKeyID = "" }), nil
	}
	o := c.order(healthy(), trails.Declared)
	ask(&o, redirected)
	res := c.restorer().Restore(t.Context(), o)
	want := []trails.Field{trails.FieldS3Bucket, trails.FieldLogValidation, trails.FieldKMSKey}
	if diff := cmp.Diff(
		want,
		leftFields(res.Left),
	); diff != "" || len(res.Unverified) > 0 || len(res.Restored) > 0 ||
		!res.Unconfirmed {
		t.Errorf("left (-want +got)\n%s%+v", diff, res)
	}
	if c.now.Sub(called) > 40*time.Second {
		t.Errorf("took %v", c.now.Sub(called))
	}
}

// TestUnverified: what was seen before it was written and cannot be read since is accepted, and not left. What may not
// be read is left, and so is what reading does not show.
func TestUnverified(t *testing.T) {
	for name, tt := range map[string]struct {
		err      error
		accepted bool
	}{
		"throttled": {refusal("Throttling"), true}, "silent": {
			context.DeadlineExceeded, true,
		}, "denied": {refusal("AccessDenied"), false},
	} {
		c, reads := newCloud(t, with(redirected)), 0
		c.seen = func(_ int, s *trails.State) (*trails.State, error) {
			if reads++; reads == 1 {
				return s, nil
			}
			return nil, tt.err
		}
		res := c.restore(healthy(), trails.Declared)
		want := []trails.Field{trails.FieldS3Bucket, trails.FieldLogValidation}
		reported, none := res.Unverified, res.Left
		if !tt.accepted {
			reported, none = none, reported
		}
		if diff := cmp.Diff(
			want,
			leftFields(reported),
		); diff != "" || len(none) > 0 || len(res.Restored) > 0 || !res.Unconfirmed || res.Done() || res.Lit() ||
			res.Retryable {
			t.Errorf("%s: %+v\n%s", name, res, diff)
		}
		if tt.accepted && reads > 6 {
			t.Errorf("%s: read %d times", name, reads)
		}
	}
}
