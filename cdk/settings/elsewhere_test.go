package settings

import (
	"strings"
	"testing"
	"time"

	"trailkeeper/lambda/config/exception"
	"trailkeeper/lambda/config/route"
)

// TestElsewhere: every ARN is in the Region of the stack, one error each.
func TestElsewhere(t *testing.T) {
	const (
		here  = "arn:aws:sns:eu-west-1:111122223333:t"
		there = "arn:aws:sns:eu-central-1:111122223333:t"
		queue = "arn:aws:sqs:eu-west-1:444455556666:q"
		key   = "arn:aws:kms:us-east-1:111122223333:key/1"
	)
	bound := Env{"111122223333", "eu-west-1"}
	for name, tt := range map[string]struct {
		change func(*Settings)
		want   []string
	}{
		"bound": {func(s *Settings) { s.Env, s.SNS.TopicARN = bound, here }, nil},
		"subscriber elsewhere": {func(s *Settings) {
			s.Env = bound
			s.SNS.Subscriptions = map[string]string{queue: "sqs"}
		}, nil},
		"topic elsewhere": {func(s *Settings) {
			s.Env = bound
			s.SNS.TopicARN = there
		}, []string{"sns.topicArn is in eu-central-1; want eu-west-1, the Region of env.region"}},
		"queue of another": {func(s *Settings) {
			s.Env = bound
			s.Function.FailureQueueARN = queue
		}, []string{"function.failureQueueArn is in account 444455556666"}},
		"dead letters of another": {func(s *Settings) { s.Env, s.Function.DeadLetterARN = bound, queue }, nil},
		"unbound, all together":   {func(s *Settings) { s.SNS.TopicARN, s.Function.FailureQueueARN = here, queue }, nil},
		"unbound, apart": {
			func(s *Settings) {
				s.Secret = "arn:aws:secretsmanager:eu-west-1:111122223333:secret:s-AbCdEf"
				s.SNS.TopicARN, s.SNS.TopicKeyARN, s.EncryptionKey = there, key, key
			},
			[]string{
				"sns.topicArn is in eu-central-1; want eu-west-1, the Region of secret",
				"sns.topicKeyArn is in us-east-1; want eu-west-1", "encryptionKey is in us-east-1; want eu-west-1",
			},
		},
		"partition of another Region": {
			func(s *Settings) {
				s.SNS.TopicARN = "arn:aws-cn:sns:eu-west-1:111122223333:t"
				s.EncryptionKey = "arn:aws-us-gov:kms:eu-west-1:111122223333:key/1"
			},
			[]string{
				"sns.topicArn is in the partition aws-cn; want aws, that of its Region eu-west-1", "encryptionKey is in the " +
					"partition aws-us-gov; want aws",
			},
		},
		"China": {func(s *Settings) { s.SNS.TopicARN = "arn:aws-cn:sns:cn-north-1:111122223333:t" }, nil},
		"GovCloud, wrong partition": {
			func(s *Settings) { s.SNS.TopicARN = "arn:aws:sns:us-gov-west-1:111122223333:t" },
			[]string{"sns.topicArn is in the partition aws; want aws-us-gov"},
		},
		"principals of another partition": {
			func(s *Settings) {
				s.Env = Env{"111122223333", "us-gov-west-1"}
				s.DeployRole = "arn:aws:iam::111122223333:role/Deploy"
				s.Table.BreakGlass = []string{"arn:aws-us-gov:iam::111122223333:role/Ops", "arn:aws:iam::111122223333:role/Ops"}
				s.Approvals = []exception.Approval{{
					Principal: "arn:aws:iam::111122223333:role/Ops",
					Events:    []string{"StopLogging"},
					Trail:     "arn:aws-us-gov:cloudtrail:us-gov-west-1:111122223333:trail/main",
					Reason:    "move",
					Expires:   time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC),
				}}
			},
			[]string{
				"deployRole is in the partition aws; want aws-us-gov", "table.breakGlass[1] is in the partition aws",
				"approvals[0].principal is in the partition aws",
			},
		},
		"what else is out of reach": {
			func(s *Settings) {
				s.Env = Env{"111122223333", "eu-west-1"}
				s.Sweep.Regions = []string{"eu-west-1", "cn-north-1", "us-east-1", "us-gov-west-1"}
				s.SNS.Subscriptions = map[string]string{
					"arn:aws:sqs:us-east-1:111122223333:q":              "sqs",
					"arn:aws-us-gov:sqs:us-gov-west-1:111122223333:q":   "sqs",
					"security@example.com":                              "email",
					"arn:aws:lambda:cn-north-1:111122223333:function:f": "lambda",
				}
				s.Slack.Enabled, s.Secret = true, "trailkeeper"
				s.Overrides = []exception.Override{
					{Trail: "*", Events: []string{"AddTags"}, Mode: "exclude"},
					{Trail: "arn:aws-cn:cloudtrail:cn-north-1:111122223333:trail/main", Mode: "notify"},
				}
				s.Approvals = []exception.Approval{{
					Principal: "arn:aws:iam::111122223333:role/Ops",
					Events:    []string{"StopLogging"},
					Trail:     "arn:aws-cn:cloudtrail:cn-north-1:111122223333:trail/main",
					Reason:    "move",
					Expires:   time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC),
				}}
				s.Routes = []route.Route{{Slack: []string{"secret:team"}, Trails: []string{
					"arn:aws:cloudtrail:us-east-1:111122223333:trail/main",
					"arn:aws-us-gov:cloudtrail:us-gov-west-1:111122223333:trail/main",
				}}}
			},
			[]string{
				"sweep.regions[1] is cn-north-1, in the partition aws-cn; want Regions of aws", "sweep.regions[3] is " +
					"us-gov-west-1, in the partition aws-us-gov",
				"sns.subscriptions: the endpoint of 47 characters is in the partition aws-us-gov; want aws",
				"sns.subscriptions: the endpoint of 49 characters is in the partition aws; want aws-cn, that of its Region " +
					"cn-north-1",
				"overrides[1].trail is in the partition aws-cn", "approvals[0].trail is in the partition aws-cn",
				"routes[0].trails[1] is in the partition aws-us-gov",
			},
		},
		"deploying role of another account": {
			func(s *Settings) {
				s.Env = bound
				s.DeployRole = "arn:aws:iam::444455556666:role/Deploy"
			}, []string{"deployRole is in account 444455556666; want 111122223333"},
		},
		"likely Region": {
			func(s *Settings) {
				s.LikelyRegion, s.DeployRole = "cn-north-1", "arn:aws:iam::111122223333:role/Deploy"
			},
			[]string{"deployRole is in the partition aws; want aws-cn"},
		},
		"nobody knows the Region": {func(s *Settings) { s.DeployRole = "arn:aws-cn:iam::444455556666:role/Deploy" }, nil},
		"secret's key elsewhere": {func(s *Settings) {
			s.Env = bound
			s.SecretKeyARN = key
		}, []string{"secretKeyArn is in us-east-1"}},
	} {
		s := Defaults()
		s.SNS.Enabled, s.Slack.EventBridge = true, false
		tt.change(&s)
		err := s.Validate()
		lines := 0
		if err != nil {
			lines = len(strings.Split(err.Error(), "\n"))
		}
		if lines != len(tt.want) {
			t.Errorf("%s: %d problems; want %d:\n%v", name, lines, len(tt.want), err)
		}
		for _, want := range tt.want {
			if err == nil || !strings.Contains(err.Error(), "trailkeeper."+want) {
				t.Errorf("%s: got %v; want %s", name, err, want)
			}
		}
	}
}
