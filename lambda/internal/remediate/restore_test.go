package remediate_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"
	"github.com/google/go-cmp/cmp"

	"trailkeeper/lambda/internal/clock"
	"trailkeeper/lambda/internal/remediate"
	trails "trailkeeper/lambda/internal/trail"
)

// world is a CloudTrail with one trail. Each call takes 10 ms of its clock; fails gives the errors of an operation's first calls, or of all.
type world struct {
	now    time.Time
	trail  trails.State
	gone   bool
	fails  map[string][]error
	always map[string]error
	calls  []string
	reads  int
	old    []trails.State
	deaf   bool // writes are accepted and change nothing
}

func baselineState() trails.State {
	return trails.State{
		ARN: trail.ARN(), Logging: true,
		Settings: trails.Settings{
			S3Bucket: "logs", S3Prefix: "p", KMSKeyID: "arn:aws:kms:eu-west-1:111122223333:key/1", SNSTopicARN: "arn:aws:sns:eu-west-1:111122223333:t",
			LogGroupARN: "arn:aws:logs:eu-west-1:111122223333:log-group:g:*", LogRoleARN: "arn:aws:iam::111122223333:role/r",
			MultiRegion: true, GlobalEvents: true, LogValidation: true,
		},
		Selectors: []trails.Selector{{ReadWrite: "All", Management: true}},
		Insights:  []trails.InsightSelector{{Type: "ApiCallRateInsight"}},
		Tags:      map[string]string{"team": "security"},
	}
}

// call notes a call and its members that are set, and says whether it fails.
func (w *world) call(op string, in any) error {
	w.now = w.now.Add(10 * time.Millisecond)
	raw, err := json.Marshal(in)
	if err != nil {
		return err
	}
	members := map[string]any{}
	if err := json.Unmarshal(raw, &members); err != nil {
		return err
	}
	maps.DeleteFunc(members, func(k string, v any) bool { return v == nil || k == "Name" || k == "TrailName" || k == "ResourceId" })
	w.calls = append(w.calls, strings.TrimSpace(op+" "+strings.Join(slices.Sorted(maps.Keys(members)), " ")))
	if list := w.fails[op]; len(list) > 0 {
		w.fails[op] = list[1:]
		return list[0]
	}
	return w.always[op]
}

func (w *world) Read(_ context.Context, arn string) (trails.State, error) {
	w.now = w.now.Add(10 * time.Millisecond)
	w.reads++
	switch {
	case w.always["Read"] != nil:
		return trails.State{}, w.always["Read"]
	case w.gone || arn != w.trail.ARN:
		return trails.State{}, fmt.Errorf("%w: %s", trails.ErrNotFound, arn)
	case len(w.old) > 0:
		s := w.old[0]
		w.old = w.old[1:]
		return s, nil
	}
	return w.trail, nil
}

func (w *world) StartLogging(_ context.Context, in *cloudtrail.StartLoggingInput, _ ...func(*cloudtrail.Options)) (*cloudtrail.StartLoggingOutput, error) {
	err := w.call("StartLogging", in)
	if err == nil && !w.deaf {
		w.trail.Logging = true
	}
	return nil, err
}

func (w *world) UpdateTrail(_ context.Context, in *cloudtrail.UpdateTrailInput, _ ...func(*cloudtrail.Options)) (*cloudtrail.UpdateTrailOutput, error) {
	if err := w.call("UpdateTrail", in); err != nil || w.deaf {
		return nil, err
	}
	s := &w.trail.Settings
	set(&s.S3Bucket, in.S3BucketName)
	set(&s.S3Prefix, in.S3KeyPrefix)
	set(&s.KMSKeyID, in.KmsKeyId)
	set(&s.SNSTopicARN, in.SnsTopicName)
	set(&s.LogGroupARN, in.CloudWatchLogsLogGroupArn)
	set(&s.LogRoleARN, in.CloudWatchLogsRoleArn)
	set(&s.MultiRegion, in.IsMultiRegionTrail)
	set(&s.GlobalEvents, in.IncludeGlobalServiceEvents)
	set(&s.LogValidation, in.EnableLogFileValidation)
	set(&s.Organization, in.IsOrganizationTrail)
	return nil, nil
}

func set[T any](to, from *T) {
	if from != nil {
		*to = *from
	}
}

func (w *world) PutEventSelectors(_ context.Context, in *cloudtrail.PutEventSelectorsInput, _ ...func(*cloudtrail.Options)) (*cloudtrail.PutEventSelectorsOutput, error) {
	if err := w.call("PutEventSelectors", in); err != nil || w.deaf {
		return nil, err
	}
	w.trail.Selectors, w.trail.Advanced = nil, nil
	for _, e := range in.EventSelectors {
		w.trail.Selectors = append(w.trail.Selectors, trails.Selector{ReadWrite: string(e.ReadWriteType), Management: aws.ToBool(e.IncludeManagementEvents)})
	}
	return nil, nil
}

func (w *world) PutInsightSelectors(_ context.Context, in *cloudtrail.PutInsightSelectorsInput, _ ...func(*cloudtrail.Options)) (*cloudtrail.PutInsightSelectorsOutput, error) {
	if err := w.call("PutInsightSelectors", in); err != nil || w.deaf {
		return nil, err
	}
	w.trail.Insights = nil
	for _, i := range in.InsightSelectors {
		w.trail.Insights = append(w.trail.Insights, trails.InsightSelector{Type: string(i.InsightType)})
	}
	return nil, nil
}

func (w *world) AddTags(_ context.Context, in *cloudtrail.AddTagsInput, _ ...func(*cloudtrail.Options)) (*cloudtrail.AddTagsOutput, error) {
	if err := w.call("AddTags", in); err != nil || w.deaf {
		return nil, err
	}
	w.trail.Tags = maps.Clone(w.trail.Tags)
	if w.trail.Tags == nil {
		w.trail.Tags = map[string]string{}
	}
	for _, tag := range in.TagsList {
		w.trail.Tags[aws.ToString(tag.Key)] = aws.ToString(tag.Value)
	}
	return nil, nil
}

// CreateTrail makes a trail as CloudTrail does: it does not log, and records all management events.
func (w *world) CreateTrail(_ context.Context, in *cloudtrail.CreateTrailInput, _ ...func(*cloudtrail.Options)) (*cloudtrail.CreateTrailOutput, error) {
	if err := w.call("CreateTrail", in); err != nil {
		return nil, err
	}
	w.gone = false
	w.trail = trails.State{ARN: trail.ARN(), Tags: map[string]string{}, Settings: trails.Settings{
		S3Bucket: aws.ToString(in.S3BucketName), S3Prefix: aws.ToString(in.S3KeyPrefix), KMSKeyID: aws.ToString(in.KmsKeyId),
		SNSTopicARN: aws.ToString(in.SnsTopicName), LogGroupARN: aws.ToString(in.CloudWatchLogsLogGroupArn), LogRoleARN: aws.ToString(in.CloudWatchLogsRoleArn),
		MultiRegion: aws.ToBool(in.IsMultiRegionTrail), GlobalEvents: aws.ToBool(in.IncludeGlobalServiceEvents),
		LogValidation: aws.ToBool(in.EnableLogFileValidation), Organization: aws.ToBool(in.IsOrganizationTrail),
	}}
	for _, tag := range in.TagsList {
		w.trail.Tags[aws.ToString(tag.Key)] = aws.ToString(tag.Value)
	}
	return nil, nil
}

func (w *world) restorer(t *testing.T) *remediate.Restorer {
	t.Helper()
	return &remediate.Restorer{
		Client: func(region string) remediate.RestoreAPI {
			if region != "eu-west-1" {
				t.Errorf("client of Region %s, want the trail's home Region", region)
			}
			return w
		},
		Reader: w,
		Clock: clock.Clock{
			Now:   func() time.Time { return w.now },
			Sleep: func(_ context.Context, d time.Duration) error { w.now = w.now.Add(d); return nil },
		},
		Log: slog.New(slog.DiscardHandler),
	}
}

func weakened(change func(*trails.State)) *world {
	s := baselineState()
	s.Tags = maps.Clone(s.Tags)
	change(&s)
	return &world{now: called, trail: s, fails: map[string][]error{}, always: map[string]error{}}
}

func everything(s *trails.State) {
	s.Logging = false
	s.Settings = trails.Settings{S3Bucket: "evil"}
	s.Selectors = []trails.Selector{{ReadWrite: "ReadOnly", Management: true}}
	s.Insights, s.Tags = nil, nil
}

const allMembers = "UpdateTrail CloudWatchLogsLogGroupArn CloudWatchLogsRoleArn EnableLogFileValidation IncludeGlobalServiceEvents IsMultiRegionTrail " +
	"KmsKeyId S3BucketName S3KeyPrefix SnsTopicName"

func TestRestore(t *testing.T) {
	noBucket, throttled, denied := code("S3BucketDoesNotExistException", ""), code("ThrottlingException", ""), code("AccessDeniedException", "")
	for name, tt := range map[string]struct {
		change    func(*trails.State)
		with      func(*world)
		calls     []string
		left      []trails.Field
		retryable bool
	}{
		"nothing":          {change: func(*trails.State) {}},
		"stopped":          {change: func(s *trails.State) { s.Logging = false }, calls: []string{"StartLogging"}},
		"bucket":           {change: func(s *trails.State) { s.Settings.S3Bucket = "evil" }, calls: []string{"UpdateTrail S3BucketName"}},
		"one Region":       {change: func(s *trails.State) { s.Settings.MultiRegion = false }, calls: []string{"UpdateTrail IncludeGlobalServiceEvents IsMultiRegionTrail"}},
		"digests":          {change: func(s *trails.State) { s.Settings.LogValidation = false }, calls: []string{"UpdateTrail EnableLogFileValidation"}},
		"log group":        {change: func(s *trails.State) { s.Settings.LogGroupARN = "" }, calls: []string{"UpdateTrail CloudWatchLogsLogGroupArn CloudWatchLogsRoleArn"}},
		"half blind":       {change: func(s *trails.State) { s.Selectors[0].ReadWrite = "ReadOnly" }, calls: []string{"PutEventSelectors EventSelectors"}},
		"Insights":         {change: func(s *trails.State) { s.Insights = nil }, calls: []string{"PutInsightSelectors InsightSelectors"}},
		"tag":              {change: func(s *trails.State) { s.Tags["team"] = "mallory" }, calls: []string{"AddTags TagsList"}},
		"a tag more":       {change: func(s *trails.State) { s.Tags["more"] = "x" }},
		"organization now": {change: func(s *trails.State) { s.Settings.Organization = true }},
		"everything": {change: everything, calls: []string{
			"StartLogging", allMembers, "PutEventSelectors EventSelectors", "PutInsightSelectors InsightSelectors", "AddTags TagsList",
		}},
		"the read is older than the event": {
			change: func(s *trails.State) { s.Settings.LogValidation = false },
			with:   func(w *world) { w.old = []trails.State{baselineState(), baselineState()} },
			calls:  []string{"UpdateTrail EnableLogFileValidation"},
		},
		"throttled, then taken": {
			change: func(s *trails.State) { s.Settings.LogValidation = false },
			with:   func(w *world) { w.fails["UpdateTrail"] = []error{throttled, throttled} },
			calls:  slices.Repeat([]string{"UpdateTrail EnableLogFileValidation"}, 3),
		},
		"the answer is lost": {
			change: func(s *trails.State) { s.Settings.LogValidation = false },
			with:   func(w *world) { w.fails["UpdateTrail"] = []error{io.ErrUnexpectedEOF} },
			calls:  slices.Repeat([]string{"UpdateTrail EnableLogFileValidation"}, 2),
		},
		"the bucket is gone: the rest comes back": {
			change: everything, with: func(w *world) { w.fails["UpdateTrail"] = []error{noBucket} },
			calls: []string{
				"StartLogging", allMembers, strings.ReplaceAll(allMembers, " S3BucketName S3KeyPrefix", ""), "PutEventSelectors EventSelectors",
				"PutInsightSelectors InsightSelectors", "AddTags TagsList",
			},
			left: []trails.Field{trails.FieldS3Bucket, trails.FieldS3Prefix},
		},
		"settings denied: selectors come back": {
			change: func(s *trails.State) {
				s.Settings.LogValidation = false
				s.Selectors[0].ReadWrite = "ReadOnly"
			},
			with:  func(w *world) { w.always["UpdateTrail"] = denied },
			calls: []string{"UpdateTrail EnableLogFileValidation", "PutEventSelectors EventSelectors"},
			left:  []trails.Field{trails.FieldLogValidation},
		},
		"accepted, and nothing changes": {
			change: func(s *trails.State) { s.Settings.LogValidation = false },
			with:   func(w *world) { w.deaf = true },
			calls:  []string{"UpdateTrail EnableLogFileValidation"},
			left:   []trails.Field{trails.FieldLogValidation},
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := weakened(tt.change)
			if tt.with != nil {
				tt.with(w)
			}
			before := len(trails.Weakened(trails.Diff(baselineState(), w.trail)))
			res := w.restorer(t).Restore(t.Context(), baselineState(), trails.Declared, false, called.Add(40*time.Second))
			if diff := cmp.Diff(tt.calls, w.calls); diff != "" {
				t.Errorf("calls (-want +got)\n%s", diff)
			}
			var left []trails.Field
			for _, l := range res.Left {
				left = append(left, l.Change.Field)
				if !strings.HasSuffix(l.Reason, ".") {
					t.Errorf("%s is left with the reason %q", l.Change.Field, l.Reason)
				}
			}
			if diff := cmp.Diff(tt.left, left); diff != "" {
				t.Errorf("left (-want +got)\n%s", diff)
			}
			if len(res.Restored)+len(res.Left) != before {
				t.Errorf("%d restored and %d left of %d weakening changes", len(res.Restored), len(res.Left), before)
			}
			if still := len(trails.Weakened(trails.Diff(baselineState(), w.trail))); still != len(tt.left) {
				t.Errorf("%d weakening changes are still there, %d are told", still, len(tt.left))
			}
			if (res.Err != nil) != (len(tt.left) > 0) || res.Retryable != tt.retryable {
				t.Errorf("error %v, retryable %v", res.Err, res.Retryable)
			}
			if (res.AfterCall > 0) != (len(tt.calls) > 0) {
				t.Errorf("after call %v with %d calls", res.AfterCall, len(tt.calls))
			}
			if end := called.Add(42 * time.Second); w.now.After(end) {
				t.Errorf("took until %v", w.now.Sub(called))
			}
		})
	}
}

func TestRestoreGivesUpInTime(t *testing.T) {
	w := weakened(func(s *trails.State) { s.Settings.LogValidation = false })
	w.always["UpdateTrail"] = code("ConflictException", "")
	res := w.restorer(t).Restore(t.Context(), baselineState(), trails.Declared, false, called.Add(15*time.Second))
	if !res.Retryable || res.Err == nil || len(res.Left) != 1 || !strings.Contains(res.Left[0].Reason, "busy with another change") {
		t.Errorf("%+v", res)
	}
	if w.now.After(called.Add(16 * time.Second)) {
		t.Errorf("took %v of 15 s", w.now.Sub(called))
	}
}

func TestRestoreOfATrailThatCannotBeRead(t *testing.T) {
	gone := weakened(func(*trails.State) {})
	gone.gone = true
	res := gone.restorer(t).Restore(t.Context(), baselineState(), trails.Declared, false, called.Add(40*time.Second))
	if res.Err == nil || res.Retryable || !strings.HasPrefix(res.Detail, "No such trail") || len(gone.calls) > 0 {
		t.Errorf("%+v, calls %v", res, gone.calls)
	}
	busy := weakened(func(*trails.State) {})
	busy.always["Read"] = code("ThrottlingException", "")
	if res := busy.restorer(t).Restore(t.Context(), baselineState(), trails.Declared, false, called.Add(40*time.Second)); !res.Retryable || res.Detail == "" {
		t.Errorf("%+v", res)
	}
}

// TestNoTimeIsLeftForMore: once the time is up no further write is made, and what is left is for another run.
func TestNoTimeIsLeftForMore(t *testing.T) {
	w := weakened(everything)
	w.always["UpdateTrail"] = code("ThrottlingException", "")
	res := w.restorer(t).Restore(t.Context(), baselineState(), trails.Declared, false, called.Add(6*time.Second))
	if last := w.calls[len(w.calls)-1]; !strings.HasPrefix(w.calls[0], "StartLogging") || !res.Retryable || len(res.Restored) == 0 {
		t.Errorf("calls %v up to %s, %+v", w.calls, last, res)
	}
	if w.now.After(called.Add(9 * time.Second)) {
		t.Errorf("took %v of 6 s", w.now.Sub(called))
	}
}

// TestWhatCannotBeSeenIsNotRestored: a read that is denied after the repair confirms nothing.
func TestWhatCannotBeSeenIsNotRestored(t *testing.T) {
	w := weakened(func(s *trails.State) { s.Selectors[0].ReadWrite = "ReadOnly" })
	w.old = []trails.State{w.trail}
	w.trail.Unseen = map[trails.Part]string{trails.PartSelectors: "The event selectors may not be read: denied."}
	res := w.restorer(t).Restore(t.Context(), baselineState(), trails.Declared, false, called.Add(40*time.Second))
	if len(res.Restored) > 0 || len(res.Left) != 1 || res.Err == nil || !strings.Contains(res.Left[0].Reason, "could not be verified. The event selectors may not be read") {
		t.Errorf("%+v", res)
	}
}

func TestOwnCallIsLookedAtOnce(t *testing.T) {
	w := weakened(func(*trails.State) {})
	w.restorer(t).Restore(t.Context(), baselineState(), trails.Declared, true, called.Add(40*time.Second))
	if w.reads != 1 || len(w.calls) > 0 {
		t.Errorf("%d reads, calls %v; want one read", w.reads, w.calls)
	}
}

func TestRecordedBaselineSetsNoDestination(t *testing.T) {
	w := weakened(everything)
	res := w.restorer(t).Restore(t.Context(), baselineState(), trails.Recorded, false, called.Add(40*time.Second))
	want := []string{
		"StartLogging", "UpdateTrail EnableLogFileValidation IncludeGlobalServiceEvents IsMultiRegionTrail", "PutEventSelectors EventSelectors",
		"PutInsightSelectors InsightSelectors",
	}
	if diff := cmp.Diff(want, w.calls); diff != "" || w.trail.Settings.S3Bucket != "evil" || len(res.Left) == 0 {
		t.Errorf("calls (-want +got)\n%s", diff)
	}
}

func TestRecreate(t *testing.T) {
	const create = "CreateTrail CloudWatchLogsLogGroupArn CloudWatchLogsRoleArn EnableLogFileValidation IncludeGlobalServiceEvents IsMultiRegionTrail " +
		"IsOrganizationTrail KmsKeyId S3BucketName S3KeyPrefix SnsTopicName TagsList"
	for name, tt := range map[string]struct {
		with   func(*world)
		calls  []string
		detail string
		left   int
	}{
		"all is there": {calls: []string{create, "StartLogging", "PutInsightSelectors InsightSelectors"}},
		"somebody was faster": {
			with:  func(w *world) { w.gone, w.always["CreateTrail"] = false, code("TrailAlreadyExistsException", "") },
			calls: []string{create},
		},
		"the topic is gone": {
			with: func(w *world) {
				w.fails["CreateTrail"] = []error{code("InsufficientSnsTopicPolicyException", "")}
			},
			calls: []string{create, strings.ReplaceAll(create, " SnsTopicName", ""), "StartLogging", "PutInsightSelectors InsightSelectors"}, left: 1,
		},
		"the bucket is gone":  {with: failing("CreateTrail", "S3BucketDoesNotExistException"), calls: []string{create}, detail: "The baseline's bucket does not exist."},
		"its policy is":       {with: failing("CreateTrail", "InsufficientS3BucketPolicyException"), calls: []string{create}, detail: "does not let CloudTrail write"},
		"the key is disabled": {with: failing("CreateTrail", "KmsKeyDisabledException"), calls: []string{create}, detail: "The baseline's KMS key cannot be used."},
		"the quota is full":   {with: failing("CreateTrail", "MaximumNumberOfTrailsExceededException"), calls: []string{create}, detail: "as many trails as CloudTrail allows"},
	} {
		t.Run(name, func(t *testing.T) {
			w := weakened(func(*trails.State) {})
			w.gone = true
			if tt.with != nil {
				tt.with(w)
			}
			res := w.restorer(t).Recreate(t.Context(), baselineState(), called.Add(40*time.Second))
			if diff := cmp.Diff(tt.calls, w.calls); diff != "" {
				t.Errorf("calls (-want +got)\n%s", diff)
			}
			if res.Created != (tt.detail == "" && w.always["CreateTrail"] == nil) {
				t.Errorf("created %v", res.Created)
			}
			if !strings.Contains(res.Detail, tt.detail) || (res.Err != nil) != (tt.detail != "" || tt.left > 0) || len(res.Left) != tt.left {
				t.Errorf("detail %q, next step %q, error %v, left %+v", res.Detail, res.NextStep, res.Err, res.Left)
			}
			if tt.detail != "" && (res.NextStep == "" || res.Retryable || !w.gone) {
				t.Errorf("a refusal needs a next step and no retry: %+v", res)
			}
			if drift := trails.Weakened(trails.Diff(baselineState(), w.trail)); tt.detail == "" && len(drift) != tt.left {
				t.Errorf("the new trail differs: %+v", drift)
			}
		})
	}
}

func failing(op, name string) func(*world) {
	return func(w *world) { w.always[op] = code(name, "") }
}
