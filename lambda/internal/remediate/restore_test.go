package remediate_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail/types"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"trailkeeper/lambda/internal/remediate"
	trails "trailkeeper/lambda/internal/trail"
)

// sdk compares requests of the SDK, whose documents have a marker of their own.
var sdk = cmpopts.IgnoreUnexported(
	cloudtrail.StartLoggingInput{},
	cloudtrail.UpdateTrailInput{},
	cloudtrail.PutEventSelectorsInput{},
	cloudtrail.PutInsightSelectorsInput{},
	cloudtrail.AddTagsInput{},
	cloudtrail.CreateTrailInput{},
	types.EventSelector{},
	types.AdvancedEventSelector{},
	types.AdvancedFieldSelector{},
	types.DataResource{},
	types.InsightSelector{},
	types.Tag{},
)

// TestRestorePutsBackExactlyWhatWasWeakened: one change at a time, and the request that undoes it.
func TestRestorePutsBackExactlyWhatWasWeakened(t *testing.T) {
	arn, yes, b := aws.String(trail.ARN()), aws.Bool(true), healthy().Settings
	update := func(in cloudtrail.UpdateTrailInput) any { in.Name = arn; return &in }
	all := []types.EventSelector{{ReadWriteType: types.ReadWriteTypeAll, IncludeManagementEvents: yes}}
	selectors := &cloudtrail.PutEventSelectorsInput{TrailName: arn, EventSelectors: all}
	logs := update(
		cloudtrail.UpdateTrailInput{CloudWatchLogsLogGroupArn: &b.LogGroupARN, CloudWatchLogsRoleArn: &b.LogRoleARN},
	)
	for name, tt := range map[string]struct {
		change func(*trails.State)
		want   []any
	}{
		"stopped": {stop, []any{&cloudtrail.StartLoggingInput{Name: arn}}},
		"bucket": {
			func(s *trails.State) { s.Settings.S3Bucket = "evil" },
			[]any{update(cloudtrail.UpdateTrailInput{S3BucketName: &b.S3Bucket})},
		},
		"prefix": {
			func(s *trails.State) { s.Settings.S3Prefix = "" },
			[]any{update(cloudtrail.UpdateTrailInput{S3KeyPrefix: &b.S3Prefix})},
		},
		"key removed": {
			func(s *trails.State) { s.Settings.KMSKeyID = "" },
			[]any{update(cloudtrail.UpdateTrailInput{KmsKeyId: &b.KMSKeyID})},
		},
		"topic removed": {
			func(s *trails.State) { s.Settings.SNSTopicARN = "" },
			[]any{update(cloudtrail.UpdateTrailInput{SnsTopicName: &b.SNSTopicARN})},
		},
		"log group": {func(s *trails.State) { s.Settings.LogGroupARN, s.Settings.LogRoleARN = "", "" }, []any{logs}},
		"log role":  {func(s *trails.State) { s.Settings.LogRoleARN = "arn:aws:iam::111122223333:role/other" }, []any{logs}},
		"one Region": {func(s *trails.State) {
			s.Settings.MultiRegion = false
			s.Settings.GlobalEvents = false
		}, []any{update(cloudtrail.UpdateTrailInput{IsMultiRegionTrail: yes, IncludeGlobalServiceEvents: yes})}},
		"global events": {
			func(s *trails.State) { s.Settings.GlobalEvents = false },
			[]any{update(cloudtrail.UpdateTrailInput{IncludeGlobalServiceEvents: yes})},
		},
		"digests": {
			func(s *trails.State) { s.Settings.LogValidation = false },
			[]any{update(cloudtrail.UpdateTrailInput{EnableLogFileValidation: yes})},
		},
		"no management": {func(s *trails.State) { s.Selectors[0].Management = false }, []any{selectors}},
		"half-blind":    {func(s *trails.State) { s.Selectors[0].ReadWrite = "ReadOnly" }, []any{selectors}},
		"KMS hidden": {
			func(s *trails.State) { s.Selectors[0].ExcludeSources = []string{"kms.amazonaws.com"} }, []any{selectors},
		},
		"advanced": {func(s *trails.State) {
			s.Selectors = nil
			s.Advanced = management("kms.amazonaws.com")
		}, []any{selectors}},
		"Insights off": {
			func(s *trails.State) { s.Insights = nil },
			[]any{
				&cloudtrail.PutInsightSelectorsInput{
					TrailName: arn,
					InsightSelectors: []types.InsightSelector{
						{InsightType: "ApiCallRateInsight"}, {InsightType: "ApiErrorRateInsight"},
					},
				},
			},
		},
		"tag removed": {
			func(s *trails.State) { s.Tags = map[string]string{"x": "y"} },
			[]any{
				&cloudtrail.AddTagsInput{
					ResourceId: arn, TagsList: []types.Tag{{Key: aws.String("team"), Value: aws.String("security")}},
				},
			},
		},
		"nothing":    {func(*trails.State) {}, nil},
		"equivalent": {func(s *trails.State) { s.Selectors, s.Advanced = nil, management() }, nil},
		"default":    {func(s *trails.State) { s.Selectors = nil }, nil},
		"organization on": {
			func(s *trails.State) { s.Settings.Organization = true },
			[]any{update(cloudtrail.UpdateTrailInput{IsOrganizationTrail: aws.Bool(false)})},
		},
		"more data": {func(s *trails.State) {
			s.Selectors[0].DataResources = []trails.DataResource{
				{Type: "AWS::Lambda::Function", Values: []string{"arn:aws:lambda"}},
			}
		}, nil},
		"tag added": {func(s *trails.State) { s.Tags["x"] = "y" }, nil},
		"seven at once": {func(s *trails.State) {
			s.Settings = trails.Settings{S3Bucket: "logs", S3Prefix: "org"}
		}, []any{update(cloudtrail.UpdateTrailInput{
			KmsKeyId:                   &b.KMSKeyID,
			SnsTopicName:               &b.SNSTopicARN,
			CloudWatchLogsLogGroupArn:  &b.LogGroupARN,
			CloudWatchLogsRoleArn:      &b.LogRoleARN,
			IsMultiRegionTrail:         yes,
			IncludeGlobalServiceEvents: yes,
			EnableLogFileValidation:    yes,
		})}},
	} {
		t.Run(name, func(t *testing.T) {
			c := newCloud(t, with(tt.change))
			res := c.restore(healthy(), trails.Declared)
			if diff := cmp.Diff(tt.want, c.inputs, sdk); diff != "" {
				t.Errorf("requests (-want +got)\n%s", diff)
			}
			if left := trails.Weakened(trails.Diff(healthy(), *c.state)); len(left) > 0 {
				t.Errorf("still weakened: %+v", left)
			}
			if !res.Done() || (len(tt.want) > 0) == res.RestoredAt.IsZero() || (len(tt.want) > 0) != (len(res.Restored) > 0) {
				t.Errorf("%+v", res)
			}
		})
	}
}

// management is all management events but those of a service, as advanced selectors.
func management(but ...string) []trails.AdvancedSelector {
	fields := []trails.FieldSelector{{Field: "eventCategory", Equals: []string{"Management"}}}
	if len(but) > 0 {
		fields = append(fields, trails.FieldSelector{Field: "eventSource", NotEquals: but})
	}
	return []trails.AdvancedSelector{{Name: "all", Fields: fields}}
}

func TestRestoreKeepsTheKindOfSelectors(t *testing.T) {
	for name, baseline := range map[string]trails.State{
		"advanced": *with(func(s *trails.State) { s.Selectors, s.Advanced = nil, management("rdsdata.amazonaws.com") }),
		"neither":  *with(func(s *trails.State) { s.Selectors = nil }),
		"no type":  *with(func(s *trails.State) { s.Selectors = []trails.Selector{{Management: true}} }),
	} {
		blind := baseline
		blind.Selectors, blind.Advanced = []trails.Selector{{ReadWrite: "ReadOnly", Management: true}}, nil
		c := newCloud(t, &blind)
		if res := c.restore(baseline, trails.Declared); !res.Done() || len(c.names) != 1 {
			t.Errorf("%s: %v %+v", name, c.names, res)
		}
		if got := len(
			c.inputs[0].(*cloudtrail.PutEventSelectorsInput).AdvancedEventSelectors,
		); got != len(
			baseline.Advanced,
		) {
			t.Errorf("%s: %d advanced selectors", name, got)
		}
	}
}

// everything weakens all that can be weakened.
func everything(s *trails.State) {
	stop(s)
	s.Settings = trails.Settings{S3Bucket: "evil"}
	s.Selectors = []trails.Selector{{ReadWrite: "ReadOnly", Management: true}}
	s.Insights, s.Tags = nil, nil
}

const inOrder = "StartLogging UpdateTrail PutEventSelectors PutInsightSelectors AddTags"

// TestRestoreThroughTrouble: every row starts from a trail on which everything is weakened.
func TestRestoreThroughTrouble(t *testing.T) {
	first := func(name string, err error) func(string, int) error {
		return func(call string, n int) error {
			if call == name && n == 1 {
				return err
			}
			return nil
		}
	}
	always := func(name string, err error) func(string, int) error {
		return func(call string, _ int) error {
			if call == name {
				return err
			}
			return nil
		}
	}
	for _, tt := range []struct {
		name      string
		refuse    func(string, int) error
		calls     string // "": not checked
		left      []trails.Field
		retryable bool
	}{
		{"no trouble", nil, inOrder, nil, false},
		{
			"throttled once", first("UpdateTrail", refusal("Throttling")),
			strings.Replace(inOrder, "UpdateTrail", "UpdateTrail UpdateTrail", 1), nil, false,
		},
		{
			"conflict once", first("PutEventSelectors", refusal("Conflict")),
			strings.Replace(inOrder, "PutEventSelectors", "PutEventSelectors PutEventSelectors", 1), nil, false,
		},
		{"answers lost, and all arrived", func(string, int) error { return errLost }, inOrder, nil, false},
		{
			"start throttled for good", always("StartLogging", refusal("Throttling")), "",
			[]trails.Field{trails.FieldLogging},
			true,
		},
		{
			"start denied", always("StartLogging", refusal("AccessDenied")), inOrder, []trails.Field{trails.FieldLogging}, false,
		},
		{"update denied", always("UpdateTrail", refusal("AccessDenied")), inOrder, settingsFields, false},
		{"update conflicts for good", always("UpdateTrail", refusal("Conflict")), "", settingsFields, true},
		{
			"bucket gone", bucketGone(nil), strings.Replace(inOrder, "UpdateTrail", "UpdateTrail UpdateTrail", 1),
			[]trails.Field{trails.FieldS3Bucket, trails.FieldS3Prefix},
			false,
		},
		{
			"selectors refused", always("PutEventSelectors", refusal("InvalidEventSelectors")), inOrder,
			[]trails.Field{trails.FieldSelectors},
			false,
		},
		{
			"Insights refused", always("PutInsightSelectors", refusal("InvalidInsightSelectors")), inOrder,
			[]trails.Field{trails.FieldInsights, trails.FieldInsights},
			false,
		},
		{"tags refused", always("AddTags", refusal("TagsLimitExceeded")), inOrder, []trails.Field{trails.FieldTags}, false},
		{"all throttled", func(string, int) error { return refusal("Throttling") }, "", weakFields(), true},
		{"all unreachable", func(string, int) error { return fmt.Errorf("no route") }, "", weakFields(), true},
		{"all denied", func(string, int) error { return refusal("AccessDenied") }, inOrder, weakFields(), false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := newCloud(t, with(everything))
			c.refuse = tt.refuse
			res := c.restore(healthy(), trails.Declared)
			if got := strings.Join(c.names, " "); tt.calls != "" && got != tt.calls {
				t.Errorf("calls\n%s\nwant\n%s", got, tt.calls)
			}
			if diff := cmp.Diff(tt.left, leftFields(res.Left)); diff != "" {
				t.Errorf("left (-want +got)\n%s", diff)
			}
			if res.Retryable != tt.retryable || res.Done() != (len(tt.left) == 0) ||
				len(res.Left)+len(res.Restored) != len(weakFields()) {
				t.Errorf("%+v", res)
			}
			for _, name := range strings.Fields(inOrder) {
				if c.count[name] == 0 {
					t.Errorf("%s was not tried: %v", name, c.names)
				}
			}
			if still := trails.Weakened(trails.Diff(healthy(), *c.state)); len(still) != len(tt.left) {
				t.Errorf("the trail has %+v", still)
			}
		})
	}
}

var settingsFields = []trails.Field{
	trails.FieldS3Bucket,
	trails.FieldS3Prefix,
	trails.FieldKMSKey,
	trails.FieldSNSTopic,
	trails.FieldLogGroup,
	trails.FieldLogRole,
	trails.FieldMultiRegion,
	trails.FieldGlobalEvents,
	trails.FieldLogValidation,
}

func weakFields() []trails.Field {
	var fields []trails.Field
	for _, c := range trails.Weakened(trails.Diff(healthy(), *with(everything))) {
		fields = append(fields, c.Field)
	}
	return fields
}

func leftFields(left []remediate.Left) []trails.Field {
	var fields []trails.Field
	for _, l := range left {
		fields = append(fields, l.Change.Field)
	}
	return fields
}

// bucketGone refuses the first UpdateTrail, as one that names a bucket which is gone.
func bucketGone(then error) func(string, int) error {
	return func(call string, n int) error {
		switch {
		case call != "UpdateTrail":
			return nil
		case n == 1:
			return refusal("S3BucketDoesNotExist")
		}
		return then
	}
}

// TestRestoreSendsTheRestWithoutWhatIsGone: whatever destination is refused, only that one is left.
func TestRestoreSendsTheRestWithoutWhatIsGone(t *testing.T) {
	b := healthy().Settings
	bucket, key, topic := []string{b.S3Bucket, b.S3Prefix}, []string{b.KMSKeyID}, []string{b.SNSTopicARN}
	logs := []string{b.LogGroupARN, b.LogRoleARN}
	for code, gone := range map[string][]string{
		"S3BucketDoesNotExist":              bucket,
		"InsufficientS3BucketPolicy":        bucket,
		"InvalidS3BucketName":               bucket,
		"InvalidS3Prefix":                   bucket,
		"KmsKeyNotFound":                    key,
		"KmsKeyDisabled":                    key,
		"Kms":                               key,
		"InvalidKmsKeyId":                   key,
		"InsufficientEncryptionPolicy":      key,
		"InsufficientSnsTopicPolicy":        topic,
		"InvalidSnsTopicName":               topic,
		"CloudTrailInvalidClientTokenId":    topic,
		"CloudWatchLogsDeliveryUnavailable": logs,
		"InvalidCloudWatchLogsLogGroupArn":  logs,
		"InvalidCloudWatchLogsRoleArn":      logs,
		"iam:PassRole":                      logs,
	} {
		t.Run(code, func(t *testing.T) {
			c := newCloud(t, with(everything))
			c.refuse = func(call string, _ int) error {
				if call == "UpdateTrail" && names(c.inputs[len(c.inputs)-1].(*cloudtrail.UpdateTrailInput), gone) {
					return refused(code)
				}
				return nil
			}
			res := c.restore(healthy(), trails.Declared)
			if len(res.Left) != len(gone) || c.count["UpdateTrail"] != 2 || res.Retryable {
				t.Fatalf("%v %+v", c.names, res.Left)
			}
			for _, l := range res.Left {
				if !slices.Contains(gone, l.Change.Before) {
					t.Errorf("left %+v", l)
				}
			}
		})
	}
}

// names reports whether a request sets one of the values.
func names(in *cloudtrail.UpdateTrailInput, values []string) bool {
	return slices.ContainsFunc([]*string{
		in.S3BucketName, in.S3KeyPrefix, in.KmsKeyId, in.SnsTopicName, in.CloudWatchLogsLogGroupArn, in.CloudWatchLogsRoleArn,
	}, func(p *string) bool { return p != nil && slices.Contains(values, *p) })
}

// refused is a refusal by code, or one for an action that is not allowed.
func refused(codeOrAction string) error {
	if strings.Contains(codeOrAction, ":") {
		return code(
			"AccessDeniedException",
			"User: x is not authorized to perform: "+codeOrAction+" on resource: y because no identity-based policy allows "+
				"the action",
		)
	}
	return refusal(codeOrAction)
}

// TestRestoreLeavesNoLie: reading says what is restored, and what it does not show is left.
func TestRestoreLeavesNoLie(t *testing.T) {
	evil := func(s *trails.State) { s.Settings.S3Bucket = "evil" }
	unseen := func(p trails.Part) func(int, *trails.State) (*trails.State, error) {
		return func(n int, s *trails.State) (*trails.State, error) {
			if n == 1 {
				return s, nil
			}
			blind := *s
			blind.Unseen = map[trails.Part]string{p: "Denied."}
			return &blind, nil
		}
	}
	for _, tt := range []struct {
		name   string
		change func(*trails.State)
		seen   func(n int, s *trails.State) (*trails.State, error)
		says   string
	}{
		{
			"never shown", evil, func(int, *trails.State) (*trails.State, error) { return with(evil), nil },
			"reading the trail does not show it",
		},
		{"never read again", evil, func(n int, s *trails.State) (*trails.State, error) {
			if n == 1 {
				return with(evil), nil
			}
			return nil, refusal("AccessDenied")
		}, "reading the trail does not show it"},
		{"settings unseen", evil, unseen(trails.PartSettings), "could not be verified. Denied. Run"},
		{"status unseen", stop, unseen(trails.PartLogging), "could not be verified. Denied. Run"},
		{"an old status", stop, func(n int, s *trails.State) (*trails.State, error) {
			if n == 1 {
				return s, nil
			}
			return with(func(*trails.State) {}), nil // logging, since long before the stop
		}, "get-trail-status"},
		{"changed again", evil, func(n int, s *trails.State) (*trails.State, error) {
			if n > 1 {
				s = with(func(s *trails.State) { s.Settings.S3Bucket = "evil2" })
			}
			return s, nil
		}, "somebody has changed it again"},
		{"deleted meanwhile", evil, func(n int, s *trails.State) (*trails.State, error) {
			if n > 1 {
				return nil, nil
			}
			return s, nil
		}, "the trail is gone now"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := newCloud(t, with(tt.change))
			c.seen = tt.seen
			res := c.restore(healthy(), trails.Declared)
			if len(res.Restored) > 0 || len(res.Left) == 0 || res.Done() || !res.Unconfirmed || !res.RestoredAt.IsZero() ||
				res.Retryable {
				t.Fatalf("%+v", res)
			}
			for _, l := range res.Left {
				if why := remediate.Worded(l.Why); !strings.Contains(why, tt.says) {
					t.Errorf("%q; want %q", why, tt.says)
				}
			}
		})
	}
}

func TestRestoreReportsWhatWasChangedMeanwhile(t *testing.T) {
	c := newCloud(t, with(func(s *trails.State) { s.Settings.LogValidation = false }))
	c.refuse = func(call string, _ int) error {
		c.state.Insights = nil
		return nil
	}
	res := c.restore(healthy(), trails.Declared)
	if len(res.Restored) != 1 || len(res.Left) != 2 || res.Left[0].Change.Field != trails.FieldInsights ||
		len(res.Before) != 3 ||
		len(c.names) != 1 {
		t.Errorf("%v %+v", c.names, res)
	}
}

func TestRestoreWaitsForLaggingReads(t *testing.T) {
	c := newCloud(t, with(everything))
	before := with(everything)
	c.seen = func(int, *trails.State) (*trails.State, error) {
		if c.now.Sub(called) < 12*time.Second {
			return before, nil
		}
		return c.state, nil
	}
	if res := c.restore(
		healthy(),
		trails.Declared,
	); !res.Done() || res.AfterCall < 11*time.Second ||
		res.RestoredAt != c.now {
		t.Errorf("%+v", res)
	}
}

func TestRestoreLooksAgainBeforeItFindsNothing(t *testing.T) {
	for settled, reads := range map[bool]int{true: 1, false: 4} {
		c := newCloud(t, with(func(*trails.State) {}))
		if res := c.restorer().Restore(t.Context(), remediate.Request{
			Baseline: healthy(),
			Kind:     trails.Declared,
			Settled:  settled,
			Until:    called.Add(budget),
		}); !res.Done() || c.reads != reads {
			t.Errorf("settled %v: %d readings %+v", settled, c.reads, res)
		}
	}
	late := newCloud(t, with(stop))
	late.seen = func(n int, s *trails.State) (*trails.State, error) {
		if n < 3 {
			return with(func(*trails.State) {}), nil
		}
		return s, nil
	}
	if res := late.restorer().Restore(
		t.Context(),
		remediate.Request{Baseline: healthy(), Kind: trails.Declared, Until: called.Add(budget)},
	); !res.Done() ||
		len(res.Restored) != 1 {
		t.Errorf("%+v", res)
	}
}

// TestRestoreThatCouldNotSeeEverything is retried only where that may help.
func TestRestoreThatCouldNotSeeEverything(t *testing.T) {
	for _, passing := range []bool{true, false} {
		c := newCloud(t, with(func(s *trails.State) {
			s.Unseen, s.Passing = map[trails.Part]string{trails.PartSelectors: "The event selectors could not be read."}, passing
		}))
		if res := c.restore(
			healthy(),
			trails.Declared,
		); res.Retryable != passing || (res.Err != nil) != passing ||
			len(res.Unseen) != 1 {
			t.Errorf("passing %v: %+v", passing, res)
		}
	}
}

// TestRestoreFromARecordedBaseline: what may be poisoned sends no destination and no tag.
func TestRestoreFromARecordedBaseline(t *testing.T) {
	c := newCloud(t, with(everything))
	res := c.restore(healthy(), trails.Recorded)
	if got := strings.Join(c.names, " "); got != "StartLogging UpdateTrail PutEventSelectors PutInsightSelectors" {
		t.Error(got)
	}
	yes := aws.Bool(true)
	want := &cloudtrail.UpdateTrailInput{
		Name:                       aws.String(trail.ARN()),
		IsMultiRegionTrail:         yes,
		IncludeGlobalServiceEvents: yes,
		EnableLogFileValidation:    yes,
	}
	if diff := cmp.Diff(any(want), c.inputs[1], sdk); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	for _, l := range res.Left {
		if !strings.Contains(remediate.Worded(l.Why), "Only a declared baseline") {
			t.Errorf("%+v", l)
		}
	}
	if len(res.Left) != 7 {
		t.Errorf("%+v", res.Left)
	}
}

// TestRestoreWithinTheCap: at the cap, what blinds is put back all the same and only what blinds, in the same calls;
// the rest is left with the reason.
func TestRestoreWithinTheCap(t *testing.T) {
	b := healthy().Settings
	arn, yes := aws.String(trail.ARN()), aws.Bool(true)
	blinding := &cloudtrail.UpdateTrailInput{
		Name:                       arn,
		S3BucketName:               &b.S3Bucket,
		S3KeyPrefix:                &b.S3Prefix,
		IsMultiRegionTrail:         yes,
		IncludeGlobalServiceEvents: yes,
	}
	for name, tt := range map[string]struct {
		change func(*trails.State)
		calls  string
		update *cloudtrail.UpdateTrailInput
		left   []trails.Field
	}{
		"both kinds": {
			everything, "StartLogging UpdateTrail PutEventSelectors", blinding,
			[]trails.Field{
				trails.FieldKMSKey, trails.FieldSNSTopic, trails.FieldLogGroup, trails.FieldLogRole, trails.FieldLogValidation,
				trails.FieldInsights, trails.FieldTags,
			},
		},
		"stopped": {stop, "StartLogging", nil, nil},
		"blind":   {func(s *trails.State) { s.Selectors[0].Management = false }, "PutEventSelectors", nil, nil},
		"one Region": {
			func(s *trails.State) { s.Settings.MultiRegion, s.Settings.GlobalEvents = false, false }, "UpdateTrail",
			&cloudtrail.UpdateTrailInput{Name: arn, IsMultiRegionTrail: yes, IncludeGlobalServiceEvents: yes}, nil,
		},
		"one Region, with the global events": {
			func(s *trails.State) { s.Settings.MultiRegion = false }, "UpdateTrail",
			&cloudtrail.UpdateTrailInput{Name: arn, IsMultiRegionTrail: yes, IncludeGlobalServiceEvents: yes}, nil,
		},
		"digests": {
			func(s *trails.State) { s.Settings.LogValidation = false }, "", nil, []trails.Field{trails.FieldLogValidation},
		},
		"Insights": {func(s *trails.State) { s.Insights = nil }, "", nil, []trails.Field{trails.FieldInsights}},
		"tags":     {func(s *trails.State) { s.Tags = nil }, "", nil, []trails.Field{trails.FieldTags}},
	} {
		asked := 0
		c := newCloud(t, with(tt.change))
		c.recall = func(context.Context) remediate.Recalled { asked++; return remediate.Recalled{Capped: true} }
		res := c.restore(healthy(), trails.Declared)
		var left []trails.Field
		for _, l := range res.Left {
			left = append(left, l.Change.Field)
			if !strings.HasPrefix(remediate.Worded(l.Why), "Attempt cap reached") {
				t.Errorf("%s: %+v", name, l)
			}
		}
		if got := strings.Join(
			c.names,
			" ",
		); got != tt.calls || asked != 1 || res.Capped != (len(tt.left) > 0) || res.Counts ||
			res.Retryable {
			t.Errorf("%s: %q, asked %d times: %+v", name, got, asked, res)
		}
		slices.Sort(left)
		slices.Sort(tt.left)
		if left = slices.Compact(left); !slices.Equal(left, tt.left) {
			t.Errorf("%s: left %v; want %v", name, left, tt.left)
		}
		if i := slices.Index(c.names, "UpdateTrail"); i >= 0 {
			if diff := cmp.Diff(any(tt.update), c.inputs[i], sdk); diff != "" {
				t.Errorf("%s (-want +got)\n%s", name, diff)
			}
		}
	}
}

// TestWhatCountsTowardsTheCap is what does not blind.
func TestWhatCountsTowardsTheCap(t *testing.T) {
	for name, tt := range map[string]struct {
		change func(*trails.State)
		want   bool
	}{
		"blind":       {func(s *trails.State) { s.Selectors[0].Management = false }, false},
		"stopped":     {stop, false},
		"one Region":  {func(s *trails.State) { s.Settings.MultiRegion, s.Settings.GlobalEvents = false, false }, false},
		"with global": {func(s *trails.State) { s.Settings.MultiRegion = false }, false},
		"both kinds":  {everything, true},
		"digests":     {func(s *trails.State) { s.Settings.LogValidation = false }, true},
		"no Insights": {func(s *trails.State) { s.Insights = nil }, true},
	} {
		asked := 0
		c := newCloud(t, with(tt.change))
		c.recall = func(context.Context) remediate.Recalled { asked++; return remediate.Recalled{} }
		if res := c.restore(healthy(), trails.Declared); !res.Done() || res.Counts != tt.want || asked != 1 {
			t.Errorf("%s: asked %d times: %+v", name, asked, res)
		}
	}
}

// TestCapLeavesDataEvents: selectors that lose data events only do not blind, and are left at the cap, with all else
// that is.
func TestCapLeavesDataEvents(t *testing.T) {
	baseline := *with(func(s *trails.State) {
		s.Selectors = []trails.Selector{
			{ReadWrite: "All", Management: true},
			{
				ReadWrite:     "All",
				DataResources: []trails.DataResource{{Type: "AWS::S3::Object", Values: []string{"arn:aws:s3:::b/"}}},
			},
		}
	})
	now := baseline
	now.Selectors, now.Settings.LogValidation, now.Logging = baseline.Selectors[:1], false, false
	c := newCloud(t, &now)
	c.recall = func(context.Context) remediate.Recalled { return remediate.Recalled{Capped: true} }
	res := c.restore(baseline, trails.Declared)
	if diff := cmp.Diff(
		[]trails.Field{trails.FieldLogValidation, trails.FieldSelectors},
		leftFields(res.Left),
	); diff != "" || !slices.Equal(c.names, []string{"StartLogging"}) ||
		!res.Capped {
		t.Errorf("calls %v, left (-want +got)\n%s", c.names, diff)
	}
}

// TestRestoreFollowsWhatIsRemembered: an approved change is part of the baseline that counts, and another trail's is
// none.
func TestRestoreFollowsWhatIsRemembered(t *testing.T) {
	approved := *with(func(s *trails.State) { s.Settings.S3Bucket = "elsewhere" })
	c := newCloud(t, with(func(s *trails.State) { s.Settings.S3Bucket = "elsewhere"; s.Logging = false }))
	c.recall = func(context.Context) remediate.Recalled {
		return remediate.Recalled{Approve: func(_, now trails.State) trails.State {
			if now.Settings.S3Bucket != "elsewhere" {
				t.Errorf("asked about %+v, and not about the trail as it is", now)
			}
			return approved
		}}
	}
	if res := c.restore(healthy(), trails.Declared); !res.Done() || !slices.Equal(c.names, []string{"StartLogging"}) {
		t.Errorf("%v %+v", c.names, res)
	}
}

// TestRestoreLeavesFieldsAlone: what is left alone is reported, and whatever else is weak is put back.
func TestRestoreLeavesFieldsAlone(t *testing.T) {
	c := newCloud(t, with(func(s *trails.State) {
		s.Settings.S3Bucket, s.Logging, s.Settings.LogValidation = "elsewhere", false, false
	}))
	o := c.order(healthy(), trails.Declared)
	o.Leave = []trails.Field{trails.FieldLogging, trails.FieldS3Bucket, trails.FieldTags}
	res := c.restorer().Restore(t.Context(), o)
	if !res.Done() || !slices.Equal(c.names, []string{"UpdateTrail"}) || len(res.Restored) != 1 ||
		res.Restored[0].Field != trails.FieldLogValidation {
		t.Errorf("%v %+v", c.names, res)
	}
	if len(res.Kept) != 2 || c.state.Settings.S3Bucket != "elsewhere" || c.state.Logging {
		t.Errorf("kept %+v of %+v", res.Kept, c.state)
	}
}

func TestRestoreLeavesAloneWhatIsDeclaredOff(t *testing.T) {
	baseline := *with(stop)
	c := newCloud(t, with(everything))
	res := c.restore(baseline, trails.Declared)
	if c.count["StartLogging"] > 0 || !res.Done() {
		t.Errorf("%v %+v", c.names, res)
	}
}

func TestRestoreSetsNoTagOfAWS(t *testing.T) {
	baseline := healthy()
	baseline.Tags = map[string]string{"aws:cloudformation:stack-name": "x", "team": "security"}
	c := newCloud(t, with(func(s *trails.State) { s.Tags = nil }))
	res := c.restore(baseline, trails.Declared)
	if len(res.Restored) != 1 || len(res.Left) != 1 || !strings.Contains(remediate.Worded(res.Left[0].Why), "AWS alone") ||
		c.count["AddTags"] != 1 {
		t.Errorf("%v %+v", c.names, res)
	}
}

func TestRestoreWithoutATrail(t *testing.T) {
	c := newCloud(t, nil)
	if res := c.restore(healthy(), trails.Declared); !res.Missing || len(c.names) > 0 || res.Retryable || c.reads != 1 {
		t.Errorf("%v %+v", c.names, res)
	}
	c = newCloud(t, with(everything))
	if res := c.restorer().Restore(
		t.Context(),
		c.order(trails.State{ARN: "main"}, trails.Declared),
	); res.Err == nil ||
		len(res.Next) == 0 {
		t.Errorf("%+v", res)
	}
}

// TestRestoreOutOfTime: the first write is made whatever the time; what follows is left for another run.
func TestRestoreOutOfTime(t *testing.T) {
	c := newCloud(t, with(everything))
	res := c.restorer().Restore(t.Context(), remediate.Request{
		Baseline: healthy(),
		Kind:     trails.Declared,
		Settled:  true,
		Until:    called,
	})
	if got := strings.Join(
		c.names,
		" ",
	); got != "StartLogging" || !res.Retryable || len(res.Restored) != 1 ||
		len(res.Left) != len(weakFields())-1 {
		t.Errorf("%s %+v", got, res)
	}
	if c.now.Sub(called) > overrun {
		t.Errorf("took %v", c.now.Sub(called))
	}
}

// TestRestoreWithoutTheManagementAccount: the rest comes back where only the organization's part is refused.
func TestRestoreWithoutTheManagementAccount(t *testing.T) {
	baseline := *with(func(s *trails.State) { s.Settings.Organization = true })
	for _, code := range []string{
		"NotOrganizationMasterAccount", "OrganizationsNotInUse", "InsufficientDependencyServiceAccessPermission",
	} {
		c := newCloud(t, with(func(s *trails.State) { s.Settings.LogValidation = false }))
		c.refuse = func(string, int) error {
			if c.inputs[len(c.inputs)-1].(*cloudtrail.UpdateTrailInput).IsOrganizationTrail != nil {
				return refusal(code)
			}
			return nil
		}
		res := c.restore(baseline, trails.Declared)
		if len(c.names) != 2 || len(res.Restored) != 1 || len(res.Left) != 1 ||
			res.Left[0].Change.Field != trails.FieldOrganization {
			t.Errorf("%s: %v %+v", code, c.names, res)
		}
		if reason := remediate.Worded(res.Left[0].Why); code == "NotOrganizationMasterAccount" &&
			(!strings.HasPrefix(
				reason, "Only the organization's management account can ",
			) || strings.Contains(reason, "or a delegated administrator")) {
			t.Errorf("%s: %s", code, reason)
		}
	}
}
