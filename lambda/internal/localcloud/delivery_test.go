package localcloud

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail/types"

	"trailkeeper/lambda/config/baseline"
)

const (
	logKey   = "arn:aws:kms:eu-west-1:111122223333:key/k"
	logGroup = "arn:aws:logs:eu-west-1:111122223333:log-group:g:*"
	logRole  = "arn:aws:iam::111122223333:role/r"
	logTopic = "arn:aws:sns:eu-west-1:111122223333:t"
)

// fullTrail depends on everything that a trail can depend on.
func fullTrail(t *testing.T, c *Cloud) {
	t.Helper()
	err := c.AddTrailAs(baseline.State{ARN: mainTrail, Logging: true, Settings: baseline.Settings{
		S3Bucket:      "logs",
		KMSKeyID:      logKey,
		SNSTopicARN:   logTopic,
		LogGroupARN:   logGroup,
		LogRoleARN:    logRole,
		MultiRegion:   true,
		GlobalEvents:  true,
		LogValidation: true,
	}})
	if err != nil {
		t.Fatal(err)
	}
}

func TestDependencies(t *testing.T) {
	for name, tt := range map[string]struct {
		breaks func(*Cloud)
		in     cloudtrail.UpdateTrailInput
		want   string
	}{
		"healthy": {nil, cloudtrail.UpdateTrailInput{}, ""},
		"bucket gone": {
			func(c *Cloud) { c.DeleteBucket("logs") },
			cloudtrail.UpdateTrailInput{},
			"S3BucketDoesNotExistException",
		},
		"another bucket": {
			func(c *Cloud) { c.DeleteBucket("logs") },
			cloudtrail.UpdateTrailInput{S3BucketName: aws.String("other")},
			"",
		},
		"bucket refuses": {
			func(c *Cloud) { c.DenyBucket("logs") },
			cloudtrail.UpdateTrailInput{},
			"InsufficientS3BucketPolicyException",
		},
		"bucket lets in again": {
			func(c *Cloud) { c.DenyBucket("logs"); c.DeleteBucket("logs"); c.AllowBucket("logs") },
			cloudtrail.UpdateTrailInput{},
			"",
		},
		"topic gone": {
			func(c *Cloud) { c.Delete(logTopic) },
			cloudtrail.UpdateTrailInput{},
			"InsufficientSnsTopicPolicyException",
		},
		"key gone": {
			func(c *Cloud) { c.Delete(logKey) },
			cloudtrail.UpdateTrailInput{},
			"KmsKeyNotFoundException",
		},
		"key disabled": {func(c *Cloud) { c.DisableKey(logKey) }, cloudtrail.UpdateTrailInput{}, "KmsException"},
		"key enabled": {
			func(c *Cloud) { c.DisableKey(logKey); c.EnableKey(logKey) },
			cloudtrail.UpdateTrailInput{},
			"",
		},
		"without a key": {
			func(c *Cloud) { c.DisableKey(logKey) },
			cloudtrail.UpdateTrailInput{KmsKeyId: aws.String("")},
			"",
		},
		"log group gone": {
			func(c *Cloud) { c.Delete(logGroup) },
			cloudtrail.UpdateTrailInput{},
			"InvalidCloudWatchLogsLogGroupArnException",
		},
		"role gone": {
			func(c *Cloud) { c.Delete(logRole) },
			cloudtrail.UpdateTrailInput{},
			"InvalidCloudWatchLogsRoleArnException",
		},
		"group without its role": {
			nil,
			cloudtrail.UpdateTrailInput{CloudWatchLogsRoleArn: aws.String("")},
			"InvalidCloudWatchLogsRoleArnException",
		},
		"no global events": {
			nil,
			cloudtrail.UpdateTrailInput{IncludeGlobalServiceEvents: aws.Bool(false)},
			"InvalidParameterCombinationException",
		},
		"single-Region": {nil, cloudtrail.UpdateTrailInput{IsMultiRegionTrail: aws.Bool(false)}, ""},
		"a bucket's name": {
			nil,
			cloudtrail.UpdateTrailInput{S3BucketName: aws.String("My_Bucket")},
			"InvalidS3BucketNameException",
		},
		"a topic's name": {
			nil,
			cloudtrail.UpdateTrailInput{SnsTopicName: aws.String("a b")},
			"InvalidSnsTopicNameException",
		},
		"no key's name": {
			nil,
			cloudtrail.UpdateTrailInput{KmsKeyId: aws.String("a/b")},
			"InvalidKmsKeyIdException",
		},
		"no alias": {
			nil,
			cloudtrail.UpdateTrailInput{KmsKeyId: aws.String("alias/")},
			"InvalidKmsKeyIdException",
		},
		"a group as Logs has it": {
			nil,
			cloudtrail.UpdateTrailInput{CloudWatchLogsLogGroupArn: aws.String(strings.TrimSuffix(logGroup,
				":*"))},
			"InvalidCloudWatchLogsLogGroupArnException",
		},
		"a group elsewhere": {
			nil,
			cloudtrail.UpdateTrailInput{
				CloudWatchLogsLogGroupArn: aws.String("arn:aws:logs:us-east-1:111122223333:log-group:g:*"),
			},
			"InvalidCloudWatchLogsLogGroupArnException",
		},
		"a role elsewhere": {
			nil,
			cloudtrail.UpdateTrailInput{CloudWatchLogsRoleArn: aws.String("arn:aws:iam::444455556666:role/r")},
			"InvalidCloudWatchLogsRoleArnException",
		},
		"a prefix that is a tale": {
			nil,
			cloudtrail.UpdateTrailInput{S3KeyPrefix: aws.String(strings.Repeat("x", 201))},
			"InvalidS3PrefixException",
		},
	} {
		t.Run(name, func(t *testing.T) {
			c := newCloud(t, nil)
			fullTrail(t, c)
			if tt.breaks != nil {
				tt.breaks(c)
			}
			tt.in.Name = aws.String("main")
			if _, err := trails(c, region).UpdateTrail(t.Context(), &tt.in); code(err) != tt.want {
				t.Errorf("got %v, want %s", err, tt.want)
			}
			if _, err := trails(c, "us-east-1").CreateTrail(t.Context(), &cloudtrail.CreateTrailInput{
				Name:               aws.String("copy"),
				S3BucketName:       aws.String("copies"),
				SnsTopicName:       aws.String("s"),
				IsMultiRegionTrail: aws.Bool(true),
			}); err != nil {
				t.Errorf("a trail that depends on nothing broken: %v", err)
			}
		})
	}
}

// What the template holds is asked for its policies; a role of the template must be one that CloudTrail may assume.
func TestDependenciesInTheTemplate(t *testing.T) {
	c := newCloud(t, nil)
	create := func(in cloudtrail.CreateTrailInput) error {
		c.Pass(2 * time.Second)
		in.Name, in.S3BucketName = aws.String("main"), aws.String("logs")
		_, err := trails(c, region).CreateTrail(t.Context(), &in)
		return err
	}
	topic, key, role := c.ARNOf("Topic"), c.ARNOf("Key"), c.ARNOf("GuardRole")
	for want, in := range map[string]cloudtrail.CreateTrailInput{
		"InsufficientSnsTopicPolicyException":   {SnsTopicName: &topic},
		"InsufficientEncryptionPolicyException": {KmsKeyId: &key},
		"InvalidCloudWatchLogsRoleArnException": {
			CloudWatchLogsLogGroupArn: aws.String(logGroup),
			CloudWatchLogsRoleArn:     &role,
		},
	} {
		if err := create(in); code(err) != want {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}

// Whoever names a role must be allowed to pass it; who leaves it as it is need not.
func TestPassRole(t *testing.T) {
	for name, tt := range map[string]struct {
		grant string
		says  string // empty: it is done
	}{
		"no grant": {
			`"Action": ["cloudtrail:UpdateTrail"]`,
			"is not authorized to perform: iam:PassRole on resource: " + logRole,
		},
		"granted": {
			`"Action": ["cloudtrail:UpdateTrail", "iam:PassRole"],
				"Condition": {"StringEqualsIfExists": {"iam:PassedToService": "cloudtrail.amazonaws.com"}}`,
			"",
		},
		"another service": {
			`"Action": ["cloudtrail:UpdateTrail", "iam:PassRole"],
				"Condition": {"StringEqualsIfExists": {"iam:PassedToService": "lambda.amazonaws.com"}}`,
			"is not authorized to perform: iam:PassRole on resource: " + logRole,
		},
	} {
		c := stateCloud(t, nil, edit(t, `"Action": ["cloudtrail:UpdateTrail", "cloudtrail:CreateTrail"]`, tt.grant))
		fullTrail(t, c)
		withFunction(t, c, func(client *cloudtrail.Client) {
			_, err := client.UpdateTrail(t.Context(), &cloudtrail.UpdateTrailInput{
				Name: aws.String(
					mainTrail,
				),
				CloudWatchLogsLogGroupArn: aws.String(logGroup),
				CloudWatchLogsRoleArn:     aws.String(logRole),
			})
			if (err == nil) != (tt.says == "") || err != nil &&
				(code(err) != "AccessDeniedException" || !strings.Contains(err.Error(), tt.says)) {
				t.Errorf("%s: %v", name, err)
			}
		})
	}
	c := stateCloud(t, nil)
	fullTrail(t, c)
	withFunction(t, c, func(client *cloudtrail.Client) {
		if _, err := client.UpdateTrail(t.Context(),
			&cloudtrail.UpdateTrailInput{Name: aws.String(mainTrail), S3KeyPrefix: aws.String("p")}); err != nil {
			t.Errorf("without naming the role: %v", err)
		}
	})
	if writes := c.Writes(); len(writes) != 1 || !writes[0].Function || writes[0].Trail != mainTrail ||
		!strings.Contains(string(writes[0].Request), `"S3KeyPrefix":"p"`) || writes[0].Err != "" {
		t.Errorf("writes %+v", writes)
	}
}

func withFunction(t *testing.T, c *Cloud, use func(*cloudtrail.Client)) {
	t.Helper()
	asFunction(t, c, func(_ context.Context, cfg aws.Config, _ FunctionEnv) { use(cloudtrail.NewFromConfig(cfg)) })
}

// clockOf writes the times of GetTrailStatus as hours and minutes.
func clockOf(t *time.Time) string {
	if t == nil {
		return "-"
	}
	return t.UTC().Format("15:04")
}

func TestDeliveryHealth(t *testing.T) {
	for name, tt := range map[string]struct {
		breaks func(*Cloud)
		want   string // files, digests, CloudWatch Logs and notices at 09:25, and at 10:25 after a break at 09:26
	}{
		"healthy":        {func(*Cloud) {}, "10:25, 10:00, 10:25, 10:25"},
		"bucket gone":    {func(c *Cloud) { c.DeleteBucket("logs") }, "09:25 NoSuchBucket, 09:00 NoSuchBucket, 10:25, 09:25"},
		"bucket refuses": {func(c *Cloud) { c.DenyBucket("logs") }, "09:25 AccessDenied, 09:00 AccessDenied, 10:25, 09:25"},
		"key disabled": {
			func(c *Cloud) { c.DisableKey(logKey) },
			"09:25 KMS.DisabledException, 09:00 KMS.DisabledException, 10:25, 09:25",
		},
		"role gone":      {func(c *Cloud) { c.Delete(logRole) }, "10:25, 10:00, 09:25 AccessDenied, 10:25"},
		"log group gone": {func(c *Cloud) { c.Delete(logGroup) }, "10:25, 10:00, 09:25 ResourceNotFoundException, 10:25"},
		"topic gone":     {func(c *Cloud) { c.Delete(logTopic) }, "10:25, 10:00, 10:25, 09:25 NotFound"},
		"stopped": {func(c *Cloud) {
			_, _ = trails(c, region).StopLogging(t.Context(), &cloudtrail.StopLoggingInput{Name: aws.String("main")})
		}, "09:25, 09:00, 09:25, 09:25"},
		"broken and mended": {func(c *Cloud) {
			c.DeleteBucket("logs")
			c.Pass(20 * time.Minute)
			c.AllowBucket("logs")
		}, "10:45, 10:00, 10:45, 10:45"},
	} {
		t.Run(name, func(t *testing.T) {
			c := newCloud(t, nil)
			fullTrail(t, c)
			status := func() string {
				out, err := trails(c, region).GetTrailStatus(t.Context(), &cloudtrail.GetTrailStatusInput{Name: aws.String("main")})
				if err != nil {
					t.Fatal(err)
				}
				parts := []string{
					clockOf(out.LatestDeliveryTime) + " " + aws.ToString(out.LatestDeliveryError),
					clockOf(out.LatestDigestDeliveryTime) + " " + aws.ToString(out.LatestDigestDeliveryError),
					clockOf(out.LatestCloudWatchLogsDeliveryTime) + " " + aws.ToString(out.LatestCloudWatchLogsDeliveryError),
					clockOf(out.LatestNotificationTime) + " " + aws.ToString(out.LatestNotificationError),
				}
				for i := range parts {
					parts[i] = strings.TrimSpace(parts[i])
				}
				return strings.Join(parts, ", ")
			}
			c.Pass(11 * time.Minute)
			if got := status(); got != "09:25, 09:00, 09:25, 09:25" {
				t.Errorf("before: %s", got)
			}
			tt.breaks(c)
			c.Pass(time.Hour)
			if got := status(); got != tt.want {
				t.Errorf("got %s, want %s", got, tt.want)
			}
		})
	}
}

// A new trail has delivered nothing, nor has one that does not log.
func TestNoDeliveryBeforeTheStart(t *testing.T) {
	c := newCloud(t, nil)
	_, err := trails(c, region).CreateTrail(t.Context(),
		&cloudtrail.CreateTrailInput{Name: aws.String("main"), S3BucketName: aws.String("logs")})
	if err != nil {
		t.Fatal(err)
	}
	c.Pass(time.Hour)
	_, err = trails(c, region).StartLogging(t.Context(), &cloudtrail.StartLoggingInput{Name: aws.String("main")})
	if truth, _ := c.TrailTruth(mainTrail); err != nil || !truth.Delivery.Latest.IsZero() {
		t.Errorf("delivered before it was started: %+v, %v", truth.Delivery, err)
	}
	c.Pass(5 * time.Minute)
	if truth, _ := c.TrailTruth(mainTrail); truth.Delivery.Latest.IsZero() || !truth.Delivery.LatestDigest.IsZero() {
		t.Errorf("five minutes later: %+v", truth.Delivery)
	}
}

// Too large parameters are left out of the record, not of what is done.
func TestOmittedParameters(t *testing.T) {
	c := newCloud(t, nil)
	addTrail(t, c, TrailSeed{ARN: mainTrail, Logging: true})
	long := many(400)
	for i := range long {
		long[i] += strings.Repeat("x", 300)
	}
	selector := fields(equals("eventCategory", "Data"), equals("resources.type", "AWS::S3::Object"),
		types.AdvancedFieldSelector{Field: aws.String("resources.ARN"), StartsWith: long})
	selector = append(selector, fields(equals("eventCategory", "Management"))...)
	_, err := trails(c, region).PutEventSelectors(t.Context(),
		&cloudtrail.PutEventSelectorsInput{TrailName: aws.String("main"), AdvancedEventSelectors: selector})
	if err != nil {
		t.Fatal(err)
	}
	run(t, c)
	copies := c.Queued()["Copies"]
	var event struct {
		Detail struct {
			RequestParameters map[string]any
			ResponseElements  map[string]any
		}
	}
	if len(copies) == 0 || json.Unmarshal([]byte(copies[0].Body), &event) != nil {
		t.Fatalf("%d events", len(copies))
	}
	for _, got := range []map[string]any{event.Detail.RequestParameters, event.Detail.ResponseElements} {
		size, _ := got["originalSize"].(float64)
		if len(got) != 3 || got["omitted"] != true || size < 100<<10 ||
			!strings.HasSuffix(fmt.Sprint(got["reason"]), " too large") {
			t.Errorf("recorded %v", got)
		}
	}
}

// An event that is lost happened all the same. Once the only trail is stopped, its own event still comes, and no later
// one.
func TestLostEvents(t *testing.T) {
	matched := func(c *Cloud) string {
		run(t, c)
		var names []string
		for _, m := range of(c, KindMatched) {
			if m.Subject == "Copy" {
				names = append(names, m.Op)
			}
		}
		return strings.Join(names, " ")
	}
	c := newCloud(t, nil)
	addTrail(t, c, TrailSeed{ARN: mainTrail, Logging: true})
	c.LoseEvents(1)
	if err := stopMain(t, c); err != nil || c.Logging(mainTrail) {
		t.Fatal(err)
	}
	if got := matched(c); got != "" {
		t.Errorf("matched %s", got)
	}
	c = newCloud(t, nil)
	addTrail(t, c, TrailSeed{ARN: mainTrail, Logging: true})
	err := stopMain(t, c)
	c.Pass(2 * time.Second)
	_, later := trails(c, region).UpdateTrail(t.Context(),
		&cloudtrail.UpdateTrailInput{Name: aws.String("main"), S3KeyPrefix: aws.String("x")})
	c.Pass(2 * time.Second)
	_, start := trails(c, region).StartLogging(t.Context(), &cloudtrail.StartLoggingInput{Name: aws.String("main")})
	if got := matched(c); got != "StopLogging StartLogging" || errors.Join(err, later, start) != nil {
		t.Errorf("matched %s, %v", got, errors.Join(err, later, start))
	}
}
