package localcloud

import (
	"bytes"
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// edit replaces a text of the small template that must be there.
func edit(t *testing.T, pairs ...string) func(*Options) {
	t.Helper()
	return func(o *Options) {
		for i := 0; i < len(pairs); i += 2 {
			if !bytes.Contains(o.Template, []byte(pairs[i])) {
				t.Fatalf("the template does not hold %s", pairs[i])
			}
			o.Template = bytes.ReplaceAll(o.Template, []byte(pairs[i]), []byte(pairs[i+1]))
		}
	}
}

// What is given by ARN is taken for granted, and said to be.
func TestResourcesOutsideOfTheTemplate(t *testing.T) {
	const (
		topic = "arn:aws:sns:eu-west-1:111122223333:theirs"
		key   = "arn:aws:kms:eu-west-1:111122223333:key/k"
		queue = "arn:aws:sqs:eu-west-1:111122223333:theirs"
	)
	c := newCloud(t, func(context.Context, FunctionEnv, []byte) error { panic("no luck") },
		edit(
			t,
			`"AlarmActions": [{"Ref": "Topic00000001"}]`,
			`"AlarmActions": ["`+topic+`"]`,
			`{"SqsManagedSseEnabled": true}`,
			`{"KmsMasterKeyId": "`+key+`"}`,
			`{"Destination": {"Fn::GetAtt": ["Failures00000001", "Arn"]}}`,
			`{"Destination": "`+queue+`"}`,
			`"Action": "sqs:SendMessage", "Resource": {"Fn::GetAtt": ["Failures00000001", "Arn"]}`,
			`"Action": "sqs:SendMessage", "Resource": "`+queue+`"`,
		))
	addTrail(t, c, TrailSeed{ARN: mainTrail, Logging: true})
	if err := stopMain(t, c); err != nil {
		t.Fatal(err)
	}
	run(t, c)
	want := []string{
		"the key " + key + ", which is not in the template, lets in every service and role that uses it",
		"the queue " + queue + ", which is not in the template, exists and lets in every role that may send to it",
		"the topic " + topic +
			", which is not in the template, has subscribers and lets in every service and role that publishes to it",
	}
	if diff := cmp.Diff(want, c.Deployment().Assumptions); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if got := c.Queued()["theirs"]; len(got) != 1 || !strings.Contains(got[0].Body, "the function crashed: no luck") {
		t.Errorf("queued %v", got)
	}
	told := of(c, KindSNS)
	if !slices.ContainsFunc(told,
		func(e Entry) bool { return e.Subject == `ALARM: "app/errors"` && e.Err == "" && e.Recipients == 1 }) {
		t.Errorf("told %+v", told)
	}
}

// A rule on another bus gets CloudTrail's events as if they were forwarded, and no alarms.
func TestAnotherBus(t *testing.T) {
	c := newCloud(t, nil,
		edit(t, `"EventPattern": {"source": [{"prefix": "aws."}]}`,
			`"EventBusName": "security", "EventPattern": {"source": [{"prefix": "aws."}]}`,
			`:rule/${AWS::StackName}-*`, `:rule/security/${AWS::StackName}-*`), func(o *Options) {
			o.Fault = func(p FaultPoint) *Failure {
				if p.Service == "slack" {
					return &Failure{Status: 410, Code: "gone"}
				}
				return nil
			}
		})
	addTrail(t, c, TrailSeed{ARN: mainTrail, Logging: true})
	if err := stopMain(t, c); err != nil {
		t.Fatal(err)
	}
	run(t, c)
	if got := c.Queued()["Copies"]; len(got) != 1 {
		t.Errorf("%d copies, want the call and no alarm: %v", len(got), got)
	}
	if got := c.Deployment().Assumptions; len(got) != 1 ||
		got[0] != "CloudTrail's events are forwarded to the event bus security" {
		t.Errorf("assumed %v", got)
	}
	if lost := of(c, KindLost); len(lost) != 1 || !strings.Contains(lost[0].Err, "the dead-letter queue refused it") {
		t.Errorf("lost %v; the queue's policy names rules of another bus", lost)
	}
}

func TestDeployment(t *testing.T) {
	d := newCloud(t, nil).Deployment()
	if !d.Destination || !d.Topic || d.Organization || len(d.Assumptions) != 0 || d.With("URL").Name == "" {
		t.Errorf("got %+v", d)
	}
	if diff := cmp.Diff([]string{"StopLogging"}, d.With("URL").EventNames); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

// In real time, what is due is played until the context ends, a run of the function included.
func TestServe(t *testing.T) {
	ran := make(chan struct{})
	c := newCloud(t, func(ctx context.Context, _ FunctionEnv, _ []byte) error {
		close(ran)
		<-ctx.Done()
		return ctx.Err()
	}, func(o *Options) { o.RealTime = true })
	addTrail(t, c, TrailSeed{ARN: mainTrail, Logging: true})
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	served := make(chan struct{})
	go func() {
		defer close(served)
		c.Serve(ctx)
	}()
	if err := stopMain(t, c); err != nil {
		t.Fatal(err)
	}
	<-ran
	cancel()
	<-served
}

// TestRolesForOrganizations: reading CloudTrail's service-linked role is for organization trails, reading any other is not.
func TestRolesForOrganizations(t *testing.T) {
	const granted = `{"Effect": "Allow", "Action": "sns:Publish"`
	for resource, want := range map[string]bool{
		"arn:aws:iam::111122223333:role/aws-service-role/cloudtrail.amazonaws.com/AWSServiceRoleForCloudTrail": true,
		"arn:aws:iam::111122223333:role/trailkeeper/trailkeeper-warden-eu-west-1":                              false,
	} {
		c := newCloud(t, nil, edit(t, granted,
			`{"Effect": "Allow", "Action": "iam:GetRole", "Resource": "`+resource+`"}, `+granted))
		if got := c.Deployment().Organization; got != want {
			t.Errorf("%s: %v", resource, got)
		}
	}
}
