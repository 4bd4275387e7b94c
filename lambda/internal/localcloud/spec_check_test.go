package localcloud

import (
	"strings"
	"testing"
)

func TestValuesThatWouldNotDeploy(t *testing.T) {
	for _, tt := range []struct{ old, changed, want string }{
		{`"HttpMethod": "POST"`, `"HttpMethod": "SEND"`, `HttpMethod is "SEND"`},
		{
			`"InvocationRateLimitPerSecond": 1`, `"InvocationRateLimitPerSecond": 0`,
			"InvocationRateLimitPerSecond is 0; want 1 to 300",
		},
		{`provided.al2023`, `nodejs22.x`, `Runtime is "nodejs22.x"`},
		{`"bootstrap"`, `"main"`, `Handler is "main"; want bootstrap`},
		{`["arm64"]`, `["x86_64"]`, "the function's asset is built for arm64"},
		{`["arm64"]`, `[]`, "the function's asset is built for arm64"},
		{`["arm64"]`, `["arm64", "x86_64"]`, "want [arm64]"},
		{`"Timeout": 60`, `"Timeout": 901`, "Timeout is 901; want 1 to 900"},
		{`"Timeout": 60`, `"Timeout": 0`, "Timeout is 0; want 1 to 900"},
		{`"Timeout": 60`, `"Timeout": 60, "MemorySize": 127`, "MemorySize is 127; want 128 to 10240"},
		{`"QUEUE"`, `"AWS_REGION": "x", "QUEUE"`, "the environment sets AWS_REGION, which Lambda reserves"},
		{`"$LATEST"`, `"live"`, `Qualifier is "live"`},
		{`"MaximumRetryAttempts": 2`, `"MaximumRetryAttempts": 3`, "MaximumRetryAttempts is 3; want 0 to 2"},
		{`"MaximumRetryAttempts": 2`, `"MaximumEventAgeInSeconds": 59`, "MaximumEventAgeInSeconds is 59; want 60 to 21600"},
		{
			`"MaximumRetryAttempts": 3`, `"MaximumRetryAttempts": 186`,
			"target Slack: MaximumRetryAttempts is 186; want 0 to 185",
		},
		{`"MaximumEventAgeInSeconds": 3600`, `"MaximumEventAgeInSeconds": 86401`, "is 86401; want 60 to 86400"},
		{`"Id": "Slack"`, `"Id": "Guard"`, `the target Id "Guard"; want each once`},
		{`"State": "ENABLED"`, `"Name": "a b"`, `the name "a b"`},
		{`"EventPattern"`, `"Name": "same", "EventPattern"`, "another rule has the name same as well"},
		{`"notBreaching"`, `"notbreaching"`, `TreatMissingData is "notbreaching"`},
		{`"GreaterThanThreshold"`, `"Above"`, `the comparison "Above" is not modelled`},
		{`"Period": 60`, `"Period": 90`, "Period is 90; want 10, 20, 30 or a multiple of 60"},
		{`"SqsManagedSseEnabled": true`, `"MessageRetentionPeriod": 59`, "MessageRetentionPeriod is 59; want 60 to 1209600"},
		{
			`"SqsManagedSseEnabled": true`, `"MaximumMessageSize": 1048577`,
			"MaximumMessageSize is 1048577; want 1024 to 1048576",
		},
		{`{"KeyPolicy"`, `{"KeyUsage": "SIGN_VERIFY", "KeyPolicy"`, `KeyUsage is "SIGN_VERIFY"; want ENCRYPT_DECRYPT`},
		{`"Protocol"`, `"RedrivePolicy": {}, "Protocol"`, "RedrivePolicy: deadLetterTargetArn"},
		{`"Protocol"`, `"RedrivePolicy": "arn:x", "Protocol"`, "cannot unmarshal string"},
	} {
		refused(t, tt.want, tt.old, tt.changed)
	}
}

// Six targets are one too many.
func TestTargetsOfARule(t *testing.T) {
	var more strings.Builder
	for _, id := range []string{"A", "B", "C", "D", "E"} {
		more.WriteString(`{"Id": "` + id + `", "Arn": {"Fn::GetAtt": ["Copies00000001", "Arn"]}}, `)
	}
	refused(t, "6 targets; want at most 5", `{"Id": "Queue"`, more.String()+`{"Id": "Queue"`)
}

// Slack takes POST only.
func TestSlackTakesPostOnly(t *testing.T) {
	c := newCloud(t, nil, edit(t, `"HttpMethod": "POST"`, `"HttpMethod": "PUT"`))
	addTrail(t, c, TrailSeed{ARN: mainTrail, Logging: true})
	if err := stopMain(t, c); err != nil {
		t.Fatal(err)
	}
	run(t, c)
	if got := of(c, KindSlack); len(got) != 1 || got[0].Err != "405 method_not_allowed" {
		t.Errorf("got %+v", got)
	}
	if len(of(c, KindSNS)) == 0 {
		t.Error("nobody was told that the dead-letter queue holds something")
	}
}

func TestTemplateForm(t *testing.T) {
	refused(t, "text follows the JSON object", `"UpdateReplacePolicy": "Retain"}
  }
}`, `"UpdateReplacePolicy": "Retain"}
  }
} {}`)
	refused(t, "Guard00000001.DependsOn: Nobody is no other resource", `"DependsOn": ["GuardRole00000001"]`,
		`"DependsOn": "Nobody"`)
	refused(t, `the logical ID "Log-1"; want letters and digits only`, `"Log00000001"`, `"Log-1"`)
}

// One unknown property is one error: nothing is said of what refers to the resource.
func TestOneFaultIsOneError(t *testing.T) {
	for old, changed := range map[string]string{
		`"Timeout": 60`:                     `"timeout": 60`,
		`"AuthorizationType": "API_KEY"`:    `"AuthorizationType": "BASIC"`,
		`"InvocationRateLimitPerSecond": 1`: `"Colour": 1`,
		`{"KeyPolicy"`:                      `{"Colour": 1, "KeyPolicy"`,
		`"KmsMasterKeyId": "alias/app"`:     `"KmsMasterKeyId": "alias/app", "Colour": 1`,
		`"ManagedPolicyArns"`:               `"Colour": 1, "ManagedPolicyArns"`,
		`"SqsManagedSseEnabled": true`:      `"Colour": true`,
	} {
		o := Options{
			Template: smallTemplate(t),
			Account:  account,
			Region:   region,
			Secrets:  map[string]string{"app": `{"webhook":"` + hook + `"}`},
		}
		edit(t, strings.ReplaceAll(old, "\n", ""), changed)(&o)
		if _, err := New(o); err == nil || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: got %v; want one error", changed, err)
		}
	}
}

func TestOnlyTheCurrentVersionOfASecret(t *testing.T) {
	refused(t, `has no version "AWSPENDING"`, ":webhook::", ":webhook:AWSPENDING")
	refused(t, `has no version ":nope"`, ":webhook::", ":webhook::nope")
}
