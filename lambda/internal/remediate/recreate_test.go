package remediate_test

import (
	"context"
	"slices"
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

func TestRecreateMakesTheTrailAsItWas(t *testing.T) {
	b := healthy().Settings
	create := &cloudtrail.CreateTrailInput{
		Name:                       aws.String("main"),
		S3BucketName:               &b.S3Bucket,
		S3KeyPrefix:                &b.S3Prefix,
		KmsKeyId:                   &b.KMSKeyID,
		SnsTopicName:               &b.SNSTopicARN,
		CloudWatchLogsLogGroupArn:  &b.LogGroupARN,
		CloudWatchLogsRoleArn:      &b.LogRoleARN,
		IsMultiRegionTrail:         aws.Bool(true),
		IncludeGlobalServiceEvents: aws.Bool(true),
		EnableLogFileValidation:    aws.Bool(true),
		IsOrganizationTrail:        aws.Bool(false),
		TagsList:                   []types.Tag{{Key: aws.String("team"), Value: aws.String("security")}},
	}
	c := newCloud(t, nil)
	res := c.recreate(healthy())
	if diff := cmp.Diff(any(create), c.inputs[0], sdk); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	if got := strings.Join(
		c.names,
		" ",
	); got != "CreateTrail StartLogging PutInsightSelectors" || !res.Created || !res.Done() ||
		res.RestoredAt.IsZero() {
		t.Errorf("%s %+v", got, res)
	}
	if left := trails.Weakened(trails.Diff(healthy(), *c.state)); len(left) > 0 {
		t.Error(left)
	}
}

// TestRecreateCallsNoMoreThanTheBaselineNeeds, in this order.
func TestRecreateCallsNoMoreThanTheBaselineNeeds(t *testing.T) {
	plain := func(change func(*trails.State)) trails.State {
		s := trails.State{ARN: trail.ARN(), Logging: true, Settings: trails.Settings{S3Bucket: "logs"}}
		change(&s)
		return s
	}
	for name, tt := range map[string]struct {
		baseline trails.State
		want     string
	}{
		"plain": {plain(func(*trails.State) {}), "CreateTrail StartLogging"},
		"off":   {plain(func(s *trails.State) { s.Logging = false }), "CreateTrail"},
		"write-only": {
			plain(func(s *trails.State) { s.Selectors = []trails.Selector{{ReadWrite: "WriteOnly", Management: true}} }),
			"CreateTrail StartLogging PutEventSelectors",
		},
		"advanced": {
			plain(func(s *trails.State) { s.Advanced = management("kms.amazonaws.com") }),
			"CreateTrail StartLogging PutEventSelectors",
		},
		"equivalent": {plain(func(s *trails.State) { s.Advanced = management() }), "CreateTrail StartLogging"},
		"Insights": {
			plain(func(s *trails.State) { s.Insights = []trails.InsightSelector{{Type: "ApiCallRateInsight"}} }),
			"CreateTrail StartLogging PutInsightSelectors",
		},
		"tags": {plain(func(s *trails.State) { s.Tags = map[string]string{"a": "b"} }), "CreateTrail StartLogging"},
		"tags of AWS's": {
			plain(func(s *trails.State) { s.Tags = map[string]string{"aws:a": "b"} }), "CreateTrail StartLogging",
		},
	} {
		c := newCloud(t, nil)
		res := c.recreate(tt.baseline)
		if got := strings.Join(c.names, " "); got != tt.want || !res.Created {
			t.Errorf("%s: %s %+v", name, got, res)
		}
		for _, change := range trails.Diff(tt.baseline, *c.state) {
			if change.Effect != trails.Neutral && name != "tags of AWS's" {
				t.Errorf("%s: %+v", name, change)
			}
		}
	}
}

// TestRecreateRefused: nothing is created without its bucket or its key, and every refusal says what to do.
func TestRecreateRefused(t *testing.T) {
	for _, tt := range []struct {
		code string
		says string
	}{
		{"S3BucketDoesNotExist", "bucket does not exist"},
		{"InsufficientS3BucketPolicy", "policy of the baseline's bucket"},
		{"InvalidS3BucketName", "bucket"},
		{"InvalidS3Prefix", "prefix"},
		{"KmsKeyDisabled", "KMS key cannot be used"},
		{"Kms", "KMS key cannot be used"},
		{"InvalidKmsKeyId", "ARN of the baseline's KMS key"},
		{"InsufficientEncryptionPolicy", "policy of the baseline's KMS key"},
		{"MaximumNumberOfTrailsExceeded", "as many trails as CloudTrail allows"},
		{"NotOrganizationMasterAccount", "only the management account"},
		{"OrganizationsNotInUse", "organization"},
		{"OrganizationNotInAllFeaturesMode", "organization"},
		{"CloudTrailAccessNotEnabled", "organization"},
		{"InsufficientDependencyServiceAccessPermission", "organizations:DescribeOrganization"},
		{"NoManagementAccountSLRExists", "service-linked role"},
		{"InvalidParameterCombination", "settings together"},
		{"InvalidTrailName", "does not take"},
		{"UnsupportedOperation", "does not permit"},
		{"cloudtrail:CreateTrail", "not allowed"},
	} {
		c := newCloud(t, nil)
		c.refuse = func(call string, _ int) error { return refused(tt.code) }
		res := c.recreate(healthy())
		if c.count["CreateTrail"] != 1 || len(c.names) != 1 || !res.Missing || res.Created || res.Retryable ||
			!strings.Contains(remediate.Worded(res.Notes), tt.says) ||
			!strings.HasSuffix(remediate.Worded(res.Notes), ". So the trail could not be created again.") ||
			!strings.HasSuffix(remediate.Worded(res.Next), ".") ||
			strings.Contains(remediate.Worded(res.Next), "estart logging") {
			t.Errorf("%s: %v %+v", tt.code, c.names, res)
		}
	}
}

// TestRecreateWithoutWhatIsOptional: a trail without its topic, log group or tags is better than none.
func TestRecreateWithoutWhatIsOptional(t *testing.T) {
	for code, gone := range map[string][]trails.Field{
		"InsufficientSnsTopicPolicy":        {trails.FieldSNSTopic},
		"InvalidSnsTopicName":               {trails.FieldSNSTopic},
		"CloudTrailInvalidClientTokenId":    {trails.FieldSNSTopic},
		"KmsKeyNotFound":                    {trails.FieldSNSTopic}, // it is the topic's
		"CloudWatchLogsDeliveryUnavailable": {trails.FieldLogGroup, trails.FieldLogRole},
		"InvalidCloudWatchLogsLogGroupArn":  {trails.FieldLogGroup, trails.FieldLogRole},
		"InvalidCloudWatchLogsRoleArn":      {trails.FieldLogGroup, trails.FieldLogRole},
		"iam:PassRole":                      {trails.FieldLogGroup, trails.FieldLogRole},
		"InvalidTagParameter":               {trails.FieldTags},
		"cloudtrail:AddTags":                {trails.FieldTags},
	} {
		c := newCloud(t, nil)
		c.refuse = func(call string, n int) error {
			if call == "CreateTrail" && n == 1 {
				return refused(code)
			}
			return nil
		}
		res := c.recreate(healthy())
		if got := strings.Join(
			c.names,
			" ",
		); got != "CreateTrail CreateTrail StartLogging PutInsightSelectors" || !res.Created ||
			res.Done() {
			t.Errorf("%s: %s %+v", code, got, res)
		}
		if diff := cmp.Diff(gone, leftFields(res.Left)); diff != "" || res.Retryable {
			t.Errorf("%s: left (-want +got)\n%s", code, diff)
		}
	}
	c := newCloud(t, nil)
	c.refuse = func(call string, n int) error {
		switch {
		case call == "CreateTrail" && c.inputs[len(c.inputs)-1].(*cloudtrail.CreateTrailInput).SnsTopicName != nil:
			return refusal("KmsKeyNotFound")
		case call == "CreateTrail":
			return refusal("KmsKeyNotFound")
		}
		return nil
	}
	if res := c.recreate(
		healthy(),
	); !res.Missing || c.count["CreateTrail"] != 2 ||
		!strings.Contains(remediate.Worded(res.Notes), "KMS key does not exist") {
		t.Errorf("without its key: %v %+v", c.names, res)
	}
}

func TestRecreateWhereTheTrailIsThere(t *testing.T) {
	same := newCloud(t, with(func(*trails.State) {}))
	if res := same.recreate(healthy()); res.Created || !res.Done() || len(res.Before) > 0 || len(same.names) != 1 {
		t.Errorf("%v %+v", same.names, res)
	}
	evil := newCloud(t, with(everything)) // somebody made one of the same name
	res := evil.recreate(healthy())
	if got := strings.Join(
		evil.names,
		" ",
	); got != "CreateTrail "+inOrder || res.Created || !res.Done() ||
		len(res.Restored) != len(weakFields()) {
		t.Errorf("%s %+v", got, res)
	}
	full := newCloud(t, with(stop)) // CloudTrail counts before it looks for the name
	full.refuse = func(call string, _ int) error {
		if call == "CreateTrail" {
			return refusal("MaximumNumberOfTrailsExceeded")
		}
		return nil
	}
	if res := full.recreate(healthy()); res.Created || res.Missing || !res.Done() || len(res.Restored) != 1 {
		t.Errorf("%v %+v", full.names, res)
	}
	ghost := newCloud(t, nil) // reads still show the trail that was deleted
	ghost.refuse = full.refuse
	ghost.seen = func(int, *trails.State) (*trails.State, error) {
		if ghost.now.Sub(called) < 2*time.Second {
			return with(func(*trails.State) {}), nil
		}
		return nil, nil
	}
	if res := ghost.recreate(healthy()); !res.Missing || res.Err == nil {
		t.Errorf("%v %+v", ghost.names, res)
	}
	hidden := newCloud(t, with(stop)) // and do not show the new one yet
	hidden.seen = func(int, *trails.State) (*trails.State, error) { return nil, nil }
	if res := hidden.recreate(healthy()); !res.Missing || !res.Retryable || len(res.Notes) == 0 {
		t.Errorf("%v %+v", hidden.names, res)
	}
}

func TestRecreateThroughTrouble(t *testing.T) {
	first := func(name string, err error) func(string, int) error {
		return func(call string, n int) error {
			if call == name && n == 1 {
				return err
			}
			return nil
		}
	}
	for name, tt := range map[string]struct {
		refuse func(string, int) error
		calls  string
		left   int
	}{
		"throttled": {first("CreateTrail", refusal("Throttling")), "CreateTrail CreateTrail StartLogging " +
			"PutInsightSelectors", 0},
		"answer lost": {first("CreateTrail", errLost), "CreateTrail StartLogging PutInsightSelectors", 0},
		"not known yet": {first("StartLogging", refusal("TrailNotFound")), "CreateTrail StartLogging " +
			"StartLogging PutInsightSelectors", 0},
		"start denied": {first("StartLogging", refusal("AccessDenied")), "CreateTrail StartLogging " +
			"PutInsightSelectors", 1},
		"Insights refused, logging": {
			first("PutInsightSelectors", refusal("InvalidInsightSelectors")), "CreateTrail StartLogging PutInsightSelectors", 2,
		},
	} {
		c := newCloud(t, nil)
		c.refuse = tt.refuse
		res := c.recreate(healthy())
		if got := strings.Join(
			c.names,
			" ",
		); got != tt.calls || !res.Created || len(res.Left) != tt.left ||
			res.Done() != (tt.left == 0) {
			t.Errorf("%s: %s %+v", name, got, res)
		}
	}
	busy := newCloud(t, nil)
	busy.refuse = func(string, int) error { return refusal("Throttling") }
	if res := busy.recreate(healthy()); !res.Missing || !res.Retryable || res.Created {
		t.Errorf("%+v", res)
	}
}

// TestRecreateIsConfirmedByReading: that CloudTrail accepts a trail is not yet a trail.
func TestRecreateIsConfirmedByReading(t *testing.T) {
	c := newCloud(t, nil)
	c.seen = func(int, *trails.State) (*trails.State, error) { return nil, nil }
	if res := c.recreate(healthy()); res.Done() || !res.Unconfirmed || !res.RestoredAt.IsZero() || len(res.Restored) > 0 {
		t.Errorf("%+v", res)
	}
	off := healthy()
	off.Logging, off.Insights = false, nil
	c = newCloud(t, nil)
	c.seen = func(int, *trails.State) (*trails.State, error) { return nil, nil }
	if res := c.recreate(off); res.Done() || !res.Unconfirmed {
		t.Errorf("a trail that is off: %+v", res)
	}
	c = newCloud(t, nil)
	c.seen = func(_ int, s *trails.State) (*trails.State, error) {
		if c.now.Sub(called) < 10*time.Second {
			return nil, nil
		}
		return s, nil
	}
	if res := c.recreate(healthy()); !res.Done() || !res.Created || res.AfterCall < 9*time.Second {
		t.Errorf("reads that lag: %+v", res)
	}
}

// TestRecreateBeyondTheCap: a trail that is gone records nothing, and is created every time with all that it had; of
// one that is there after all, what blinds is put back.
func TestRecreateBeyondTheCap(t *testing.T) {
	c := newCloud(t, nil)
	c.recall = func(context.Context) remediate.Recalled { return remediate.Recalled{Capped: true} }
	if res := c.recreate(healthy()); !res.Done() || !res.Created || res.Capped || res.Counts {
		t.Errorf("%v %+v", c.names, res)
	}
	there := newCloud(t, with(func(s *trails.State) { stop(s); s.Settings.LogValidation = false }))
	there.recall = c.recall
	if res := there.recreate(
		healthy(),
	); !slices.Equal(there.names, []string{"CreateTrail", "StartLogging"}) || len(res.Restored) != 1 ||
		!res.Capped {
		t.Errorf("%v %+v", there.names, res)
	}
}

// otherAccount is a CloudTrail that makes trails in another account.
type otherAccount struct{ *cloud }

func (o otherAccount) CreateTrail(
	ctx context.Context,
	in *cloudtrail.CreateTrailInput,
	f ...func(*cloudtrail.Options),
) (*cloudtrail.CreateTrailOutput, error) {
	out, err := o.cloud.CreateTrail(ctx, in, f...)
	o.state = nil
	out.TrailARN = aws.String(strings.ReplaceAll(trail.ARN(), "111122223333", "444455556666"))
	return out, err
}

func TestRecreateInAnotherAccount(t *testing.T) {
	c := newCloud(t, nil)
	r := c.restorer()
	r.Client = func(string) remediate.RestoreAPI { return otherAccount{c} }
	res := r.Recreate(t.Context(), c.order(healthy(), trails.Declared))
	if !res.Missing || res.Retryable || !strings.Contains(remediate.Worded(res.Notes), "444455556666") ||
		len(c.names) != 1 {
		t.Errorf("%v %+v", c.names, res)
	}
	if res := r.Recreate(t.Context(), c.order(trails.State{ARN: "x"}, trails.Declared)); res.Err == nil {
		t.Error("a baseline without a trail")
	}
	c = newCloud(t, nil)
	if res := c.restorer().Recreate(t.Context(), c.order(healthy(), trails.Recorded)); res.Err == nil || len(c.names) > 0 {
		t.Errorf("a recorded baseline: %v %+v", c.names, res)
	}
}

// TestTagsWithoutAValue: CloudTrail shows a tag that has no value, and takes no empty one.
func TestTagsWithoutAValue(t *testing.T) {
	b := healthy()
	b.Tags = map[string]string{"team": "security", "audited": ""}
	c := newCloud(t, nil)
	c.recreate(b)
	want := []types.Tag{{Key: aws.String("audited")}, {Key: aws.String("team"), Value: aws.String("security")}}
	made, ok := c.inputs[0].(*cloudtrail.CreateTrailInput)
	if !ok {
		t.Fatalf("%T", c.inputs[0])
	}
	if diff := cmp.Diff(want, made.TagsList, sdk); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}
