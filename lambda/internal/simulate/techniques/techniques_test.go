package techniques

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

	"trailkeeper/cdk/golden"
	"trailkeeper/lambda/config/baseline"
	"trailkeeper/lambda/internal/localcloud"
	"trailkeeper/lambda/internal/simulate"
	"trailkeeper/lambda/internal/simulate/act"
	"trailkeeper/lambda/internal/simulate/check"
	"trailkeeper/lambda/internal/simulate/scenarios"
	"trailkeeper/lambda/internal/simulate/simulatetest"
	"trailkeeper/lambda/internal/simulate/stage"
	"trailkeeper/rules/attacks"
)

// full is a healthy trail with everything that a trail can have, as the golden deployment in mode recreate declares it.
func full(arn string) baseline.State {
	return baseline.State{
		ARN:     arn,
		Logging: true,
		Settings: baseline.Settings{
			S3Bucket:      "management-logs",
			S3Prefix:      "trail",
			KMSKeyID:      "arn:aws:kms:eu-west-1:111122223333:key/44444444-4444-4444-4444-444444444444",
			SNSTopicARN:   "arn:aws:sns:eu-west-1:111122223333:management-deliveries",
			LogGroupARN:   "arn:aws:logs:eu-west-1:111122223333:log-group:management:*",
			LogRoleARN:    "arn:aws:iam::111122223333:role/management-logs",
			MultiRegion:   true,
			GlobalEvents:  true,
			LogValidation: true,
		},
		Selectors: []baseline.Selector{{ReadWrite: "All", Management: true}},
		Insights:  []baseline.InsightSelector{{Type: "ApiCallRateInsight"}, {Type: "ApiErrorRateInsight"}},
		Tags:      map[string]string{"team": "security"},
	}
}

// fullWith is the full trail after a change.
func fullWith(change func(*baseline.State)) func(string) baseline.State {
	return func(arn string) baseline.State {
		s := full(arn)
		change(&s)
		return s
	}
}

// changeTrail is an UpdateTrail with these parameters.
func changeTrail(with cloudtrail.UpdateTrailInput) act.Act {
	return act.UpdateWith(func(s *stage.Stage, to *cloudtrail.UpdateTrailInput) {
		name := to.Name
		*to = with
		to.Name = name
	})
}

func equals(field string, values ...string) types.AdvancedFieldSelector {
	return types.AdvancedFieldSelector{Field: aws.String(field), Equals: values}
}

func notEquals(field string, values ...string) types.AdvancedFieldSelector {
	return types.AdvancedFieldSelector{Field: aws.String(field), NotEquals: values}
}

var (
	yes, no = aws.Bool(true), aws.Bool(false)
	data    = equals("eventCategory", "Data")
	objects = equals("resources.type", "AWS::S3::Object")
)

// technique is one row of the catalogue, applied to a healthy trail.
type technique struct {
	name   string
	state  func(string) baseline.State // nil: full
	act    act.Act
	writes []string // what the guard writes, and nothing else
	says   string   // of the change, in the messages
}

// techniques are the ways to blind a trail that can be undone, one test each at least. The numbers are those of the
// project's catalogue.
func techniques() []technique {
	var (
		updated   = []string{"UpdateTrail"}
		selected  = []string{"PutEventSelectors"}
		twoData   = types.DataResource{Type: aws.String("AWS::S3::Object"), Values: []string{"arn:aws:s3:::vault/"}}
		dataState = fullWith(func(s *baseline.State) {
			s.Selectors[0].DataResources = []baseline.DataResource{
				{Type: "AWS::S3::Object", Values: []string{"arn:aws:s3:::public/", "arn:aws:s3:::vault/"}},
			}
		})
		advancedState = fullWith(func(s *baseline.State) {
			s.Selectors = nil
			s.Advanced = []baseline.AdvancedSelector{
				{Fields: []baseline.FieldSelector{{Field: "eventCategory", Equals: []string{"Management"}}}},
				{
					Fields: []baseline.FieldSelector{
						{Field: "eventCategory", Equals: []string{"Data"}},
						{Field: "resources.type", Equals: []string{"AWS::S3::Object"}},
					},
				},
			}
		})
	)
	return []technique{
		{"A1 stop", nil, act.StopLogging, []string{"StartLogging"}, "logging was stopped"},
		{"A2 delete", nil, act.DeleteTrail, []string{"CreateTrail", "StartLogging", "PutInsightSelectors"}, "created again"},
		{
			"A3 one Region",
			nil,
			changeTrail(cloudtrail.UpdateTrailInput{IsMultiRegionTrail: no}),
			updated,
			"Only the home Region is recorded now.",
		},
		{
			"A4 no global events",
			fullWith(func(s *baseline.State) { s.Settings.MultiRegion = false }),
			changeTrail(
				cloudtrail.UpdateTrailInput{IncludeGlobalServiceEvents: no},
			),
			updated,
			"Events of global services such as IAM are no longer recorded.",
		},
		{
			"A5 another bucket",
			nil,
			changeTrail(cloudtrail.UpdateTrailInput{S3BucketName: aws.String("mallorys-bucket")}),
			updated,
			"Logs now go to bucket mallorys-bucket.",
		},
		{
			"A5 another prefix",
			nil,
			changeTrail(cloudtrail.UpdateTrailInput{S3KeyPrefix: aws.String("hidden")}),
			updated,
			"hidden",
		},
		{
			"A5 the same bucket said again",
			nil,
			changeTrail(
				cloudtrail.UpdateTrailInput{S3BucketName: aws.String("management-logs"), EnableLogFileValidation: no},
			),
			updated,
			"No digests are written",
		},
		{
			"A6 no key",
			nil,
			changeTrail(cloudtrail.UpdateTrailInput{KmsKeyId: aws.String("")}),
			updated,
			"no longer encrypted with a KMS key",
		},
		{
			"A6 a foreign key",
			nil,
			changeTrail(
				cloudtrail.UpdateTrailInput{
					KmsKeyId: aws.String("arn:aws:kms:eu-west-1:999999999999:key/00000000-0000-0000-0000-000000000000"),
				},
			),
			updated,
			"now encrypted with key arn:aws:kms:eu-west-1:999999999999",
		},
		{
			"A7 no log group",
			nil,
			changeTrail(
				cloudtrail.UpdateTrailInput{CloudWatchLogsLogGroupArn: aws.String(""), CloudWatchLogsRoleArn: aws.String("")},
			),
			updated,
			"Events no longer go to CloudWatch Logs.",
		},
		{
			"A7 another log group", nil,
			changeTrail(cloudtrail.UpdateTrailInput{
				CloudWatchLogsLogGroupArn: aws.String(
					"arn:aws:logs:eu-west-1:111122223333:log-group:nowhere:*",
				),
				CloudWatchLogsRoleArn: aws.String("arn:aws:iam::111122223333:role/management-logs"),
			}), updated, "nowhere",
		},
		{
			"A5 a prefix is added", fullWith(func(s *baseline.State) { s.Settings.S3Prefix = "" }),
			changeTrail(cloudtrail.UpdateTrailInput{S3KeyPrefix: aws.String("hidden")}), updated, "below the prefix hidden",
		},
		{
			"A6 a key is added",
			fullWith(func(s *baseline.State) { s.Settings.KMSKeyID = "" }),
			changeTrail(
				cloudtrail.UpdateTrailInput{KmsKeyId: aws.String(stage.OwnKey("eu-west-1", "11111111"))},
			),
			updated,
			"without it, nobody can read them",
		},
		{
			"A6 another key of the account",
			nil,
			changeTrail(cloudtrail.UpdateTrailInput{KmsKeyId: aws.String(stage.OwnKey("eu-west-1", "11111111"))}),
			updated,
			"now encrypted with key " + stage.OwnKey("eu-west-1", "11111111"),
		},
		{
			"A7 a log group is added", fullWith(func(s *baseline.State) {
				s.Settings.LogGroupARN = ""
				s.Settings.LogRoleARN = ""
			}),
			changeTrail(cloudtrail.UpdateTrailInput{
				CloudWatchLogsLogGroupArn: aws.String(
					"arn:aws:logs:eu-west-1:111122223333:log-group:management:*",
				),
				CloudWatchLogsRoleArn: aws.String("arn:aws:iam::111122223333:role/management-logs"),
			}), updated, "Events now go to log group",
		},
		{
			"A9 a topic is added",
			fullWith(func(s *baseline.State) { s.Settings.SNSTopicARN = "" }),
			changeTrail(
				cloudtrail.UpdateTrailInput{SnsTopicName: aws.String("arn:aws:sns:eu-west-1:111122223333:unread")},
			),
			updated,
			"now announced to topic",
		},
		{
			"A9 another topic",
			nil,
			changeTrail(
				cloudtrail.UpdateTrailInput{SnsTopicName: aws.String("arn:aws:sns:eu-west-1:111122223333:unread")},
			),
			updated,
			"now announced to topic",
		},
		{
			"A8 no digests",
			nil,
			changeTrail(cloudtrail.UpdateTrailInput{EnableLogFileValidation: no}),
			updated,
			"No digests are written",
		},
		{
			"A9 no topic",
			nil,
			changeTrail(cloudtrail.UpdateTrailInput{SnsTopicName: aws.String("")}),
			updated,
			"no longer announced to a topic",
		},
		{
			"A10 no organization", fullWith(func(s *baseline.State) { s.Settings.Organization = true }),
			changeTrail(cloudtrail.UpdateTrailInput{IsOrganizationTrail: no}), updated, "member accounts are no longer recorded",
		},
		{
			"A11 no management events",
			nil,
			act.Basic(
				types.EventSelector{
					ReadWriteType:           types.ReadWriteTypeAll,
					IncludeManagementEvents: no,
					DataResources:           []types.DataResource{twoData},
				},
			),
			selected,
			"Management events are no longer recorded.",
		},
		{
			"A12 read events only",
			nil,
			act.Basic(types.EventSelector{ReadWriteType: types.ReadWriteTypeReadOnly, IncludeManagementEvents: yes}),
			selected,
			"Write management events are no longer recorded.",
		},
		{
			"A12 write events only",
			nil,
			act.Basic(types.EventSelector{ReadWriteType: types.ReadWriteTypeWriteOnly, IncludeManagementEvents: yes}),
			selected,
			"ead management events are no longer recorded.",
		},
		{
			"A13 no KMS",
			nil,
			act.Basic(
				types.EventSelector{
					ReadWriteType:                 types.ReadWriteTypeAll,
					IncludeManagementEvents:       yes,
					ExcludeManagementEventSources: []string{"kms.amazonaws.com"},
				},
			),
			selected,
			"kms.amazonaws.com",
		},
		{
			"A13 no RDS Data API",
			nil,
			act.Basic(
				types.EventSelector{
					ReadWriteType:                 types.ReadWriteTypeAll,
					IncludeManagementEvents:       yes,
					ExcludeManagementEventSources: []string{"rdsdata.amazonaws.com"},
				},
			),
			selected,
			"rdsdata.amazonaws.com",
		},
		{
			"A14 no management events",
			nil,
			act.Advanced([]types.AdvancedFieldSelector{data, objects}),
			selected,
			"Management events are no longer recorded.",
		},
		{
			"A14 read events only",
			nil,
			act.Advanced([]types.AdvancedFieldSelector{act.Management, equals("readOnly", "true")}),
			selected,
			"Write management events are no longer recorded.",
		},
		{
			"A14 no KMS",
			nil,
			act.Advanced([]types.AdvancedFieldSelector{act.Management, notEquals("eventSource", "kms.amazonaws.com")}),
			selected,
			"kms.amazonaws.com",
		},
		{
			"A15 fewer resources",
			dataState,
			act.Basic(
				types.EventSelector{
					ReadWriteType:           types.ReadWriteTypeAll,
					IncludeManagementEvents: yes,
					DataResources: []types.DataResource{{
						Type: aws.String("AWS::S3::Object"), Values: []string{"arn:aws:s3:::public/"},
					}},
				},
			),
			selected,
			"arn:aws:s3:::vault/",
		},
		{
			"A15 not the attacker",
			advancedState,
			act.Advanced(
				[]types.AdvancedFieldSelector{act.Management},
				[]types.AdvancedFieldSelector{
					data,
					objects,
					notEquals("userIdentity.arn", "arn:aws:iam::111122223333:user/mallory"),
				},
			),
			selected,
			"user/mallory",
		},
		{
			"A15 not from the console",
			advancedState,
			act.Advanced(
				[]types.AdvancedFieldSelector{act.Management},
				[]types.AdvancedFieldSelector{data, objects, equals("sessionCredentialFromConsole", "true")},
			),
			selected,
			"console",
		},
		{
			"A15 some names only",
			advancedState,
			act.Advanced(
				[]types.AdvancedFieldSelector{act.Management},
				[]types.AdvancedFieldSelector{data, objects, equals("eventName", "GetObject")},
			),
			selected,
			"GetObject",
		},
		{
			"A16 no Insights", nil,
			act.PutInsights,
			[]string{"PutInsightSelectors"},
			"Insights no longer look for ApiCallRateInsight",
		},
		{
			"A18 a tag is gone", nil,
			func(ctx context.Context, s *stage.Stage) error {
				_, err := s.Attacker.RemoveTags(
					ctx,
					&cloudtrail.RemoveTagsInput{ResourceId: aws.String(s.Trail), TagsList: []types.Tag{{Key: aws.String("team")}}},
				)
				return err
			},
			[]string{"AddTags"},
			"The tag team is gone",
		},
		{
			"A18 a tag has another value", nil,
			func(ctx context.Context, s *stage.Stage) error {
				_, err := s.Attacker.AddTags(
					ctx,
					&cloudtrail.AddTagsInput{
						ResourceId: aws.String(s.Trail),
						TagsList:   []types.Tag{{Key: aws.String("team"), Value: aws.String("mallory")}},
					},
				)
				return err
			},
			[]string{"AddTags"},
			"The tag team has another value",
		},
		{
			"A19 another trail of the name",
			nil,
			inItsPlace,
			[]string{"CreateTrail", "StartLogging", "UpdateTrail", "PutInsightSelectors", "AddTags"},
			"mallorys-bucket",
		},
	}
}

// inItsPlace deletes the trail and creates one of the same name that writes to the attacker's bucket.
var inItsPlace = act.Slowly(act.DeleteTrail, func(ctx context.Context, s *stage.Stage) error {
	return act.Create(ctx, s, stage.TrailName, "mallorys-bucket")
})

// TestTechniques: from a healthy trail, the technique is applied through the CloudTrail API, and ends with the trail as
// its baseline has it, the incident explained on both channels, and no write beyond what was weakened.
func TestTechniques(t *testing.T) {
	template, ok := golden.Variant("recreate")
	if !ok {
		t.Fatal("no golden template of mode recreate")
	}
	for _, tt := range techniques() {
		t.Run(tt.name, func(t *testing.T) {
			state := tt.state
			if state == nil {
				state = full
			}
			s := scenarios.Scenario{
				Name:     tt.name,
				Recreate: true,
				Setup:    stage.Setup{State: state},
				Act:      tt.act,
				Checks: check.All(
					check.PutBack(), check.ToldByGuard(tt.says), check.ToldByTopic(tt.says), check.Outcome("restored"),
					check.WritesOnly(tt.writes...), check.Handled(), check.Safe(),
				),
			}
			if !strings.HasPrefix(tt.name, "A18") { // EventBridge's own message is about the louder calls
				s.Checks = append(s.Checks, check.ToldByEventBridge()...)
			}
			r, err := simulate.Play(t.Context(), template, s)
			if err != nil {
				t.Fatal(err)
			}
			simulatetest.Held(t, r)
		})
	}
}

// TestTableNamesTests: the tests that the table of attacks names (rules/ATTACKS.md) play the technique.
func TestTableNamesTests(t *testing.T) {
	for _, row := range attacks.Rows() {
		named := row.Tested == "" || row.Tested == "TestParametersTooLarge" && row.ID == "A22"
		for _, tt := range techniques() {
			named = named || strings.HasPrefix(tt.name, row.ID+" ") && row.Tested == "TestTechniques/"+row.ID
		}
		if !named {
			t.Errorf("%s: %s does not play it", row.ID, row.Tested)
		}
	}
}

// TestTechniquesThatEndInARefusal: what cannot be undone is refused with the reason, and nothing else is touched.
func TestTechniquesThatEndInARefusal(t *testing.T) {
	template, _ := golden.Variant("recreate")
	for _, tt := range []technique{
		// Without the setting organizationTrail, the guard's role has not what CloudTrail asks for.
		{
			"A10 the organization's",
			full,
			changeTrail(cloudtrail.UpdateTrailInput{IsOrganizationTrail: yes}),
			nil,
			"The trail is the organization's now",
		},
		{"A19 no room for the trail", full, fillTheRegion, nil, "as many trails as CloudTrail allows"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r, err := simulate.Play(t.Context(), template, scenarios.Scenario{
				Name:     tt.name,
				Recreate: true,
				Setup:    stage.Setup{State: tt.state},
				Act:      tt.act,
				Checks: check.All(
					check.ToldByGuard(tt.says), check.ToldByTopic(tt.says), check.Outcome("cannot_restore"), check.Handled(),
					check.Safe(),
				),
			})
			if err != nil {
				t.Fatal(err)
			}
			simulatetest.Held(t, r)
		})
	}
}

// fillTheRegion deletes the trail and creates as many as the Region takes.
func fillTheRegion(ctx context.Context, s *stage.Stage) error {
	acts := []act.Act{act.DeleteTrail}
	for i := range 5 {
		acts = append(acts, func(ctx context.Context, s *stage.Stage) error {
			return act.Create(ctx, s, fmt.Sprintf("decoy-%d", i), "mallorys-bucket")
		})
	}
	return act.Slowly(acts...)(ctx, s)
}

// tooMuch records the data events of some objects and no management events, with so many long names that CloudTrail
// leaves the parameters out of the record.
func tooMuch(ctx context.Context, s *stage.Stage) error {
	arns := make([]string, 0, 300)
	for i := range cap(arns) {
		arns = append(arns, fmt.Sprintf("arn:aws:s3:::decoy-%d/%s", i, strings.Repeat("x", 400)))
	}
	return act.Advanced([]types.AdvancedFieldSelector{data, objects, equals("resources.ARN", arns...)})(ctx, s)
}

// TestParametersTooLarge (A22): a record that does not name its trail keeps no change hidden: the guard looks at every
// trail.
func TestParametersTooLarge(t *testing.T) {
	template, _ := golden.Variant("recreate")
	for name, state := range map[string]func(string) baseline.State{
		"a full trail": full, "a trail of data events": fullWith(func(s *baseline.State) {
			s.Selectors[0].DataResources = []baseline.DataResource{{
				Type:   "AWS::S3::Object",
				Values: []string{"arn:aws:s3:::vault/"},
			}}
		}),
	} {
		t.Run(name, func(t *testing.T) {
			r, err := simulate.Play(t.Context(), template, scenarios.Scenario{
				Name:     "A22 parameters too large",
				Recreate: true,
				Setup:    stage.Setup{State: state},
				Act:      tooMuch,
				Checks: check.All(
					check.PutBack(), check.ToldByGuard("PutEventSelectors"), check.ToldByTopic("PutEventSelectors"),
					check.Outcome("notified_only"), check.Found("weakened", "restored", "Management events are no longer recorded."),
					check.FoundTimes(1, 1, "weakened", "was found weaker than its baseline"), check.WritesOnly("PutEventSelectors"),
					check.Swept(), check.Quiet(),
				),
			})
			if err != nil {
				t.Fatal(err)
			}
			simulatetest.Held(t, r)
			omitted := func(e localcloud.Entry) bool {
				return e.Kind == localcloud.KindSNS && strings.Contains(strings.ReplaceAll(e.Raw, `\`, ""), `"omitted":true`)
			}
			if len(r.Timeline.Where(omitted)) != 1 {
				t.Error("no record left its parameters out")
			}
		})
	}
}

// TestFlood (A21): whoever stops the trail thirty times in a row finds it logging after each.
func TestFlood(t *testing.T) {
	template, _ := golden.Variant("recreate")
	r, err := simulate.Play(t.Context(), template, scenarios.Scenario{
		Name:     "A21 flood",
		Recreate: true,
		Setup:    stage.Setup{State: full},
		Act: func(ctx context.Context, s *stage.Stage) error {
			for i := range 30 {
				if err := act.StopLogging(ctx, s); err != nil {
					return err
				}
				if err := s.Cloud.Run(); err != nil {
					return err
				}
				if !s.Cloud.Logging(s.Trail) {
					t.Errorf("after stop %d the trail is off", i+1)
				}
				s.Cloud.Pass(2 * time.Second)
			}
			return nil
		},
		Checks: check.All(check.PutBack(), check.WritesOnly(slices.Repeat([]string{"StartLogging"}, 30)...), check.Safe()),
	})
	if err != nil {
		t.Fatal(err)
	}
	simulatetest.Held(t, r)
}
