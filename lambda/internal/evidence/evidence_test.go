package evidence

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"slices"
	"strings"
	"testing"

	"trailkeeper/events"
	"trailkeeper/lambda/config"
	"trailkeeper/lambda/config/baseline"
	"trailkeeper/lambda/config/exception"
	"trailkeeper/lambda/internal/assess"
	"trailkeeper/lambda/internal/finding"
	"trailkeeper/lambda/internal/message"
	"trailkeeper/lambda/internal/report"
	"trailkeeper/rules/evidence/calls"
)

const (
	trailARN = "arn:aws:cloudtrail:eu-west-1:111122223333:trail/main"
	keyARN   = "arn:aws:kms:eu-west-1:111122223333:key/0d4b0f0a-1111-2222-3333-444455556666"
	groupARN = "arn:aws:logs:eu-west-1:111122223333:log-group:CloudTrail/main"
)

func declared() []baseline.Baseline {
	return []baseline.Baseline{{Trail: baseline.State{ARN: trailARN, Settings: baseline.Settings{
		S3Bucket: "org-logs", S3Prefix: "p", KMSKeyID: keyARN, LogGroupARN: groupARN + ":*",
	}}}}
}

var ours = assess.Scope{Mode: config.ModeRestore, Accounts: []string{"111122223333"}, Partition: "aws"}

var discard = slog.New(slog.DiscardHandler)

type object = map[string]any

// event is a record of CloudTrail in its event.
func event(t *testing.T, source, name string, parameters any, more object) events.Event {
	t.Helper()
	detail := object{
		"eventID": "e-1", "eventSource": source, "eventName": name, "eventType": "AwsApiCall", "awsRegion": "eu-west-1",
		"eventTime": "2026-03-02T09:15:27Z", "recipientAccountId": "111122223333", "requestParameters": parameters,
		"userIdentity": object{"type": "IAMUser", "arn": "arn:aws:iam::111122223333:user/mallory", "userName": "mallory"},
	}
	for k, v := range more {
		detail[k] = v
	}
	raw, err := json.Marshal(object{
		"id": "x", "source": "aws." + strings.TrimSuffix(source, ".amazonaws.com"), "detail-type": "AWS API Call via CloudTrail",
		"account": "111122223333", "region": "eu-west-1", "detail": detail,
	})
	if err != nil {
		t.Fatal(err)
	}
	ev, err := events.Parse(raw)
	if err != nil {
		t.Fatal(err)
	}
	return ev
}

func lifecycleOf(rules any) object {
	return object{"bucketName": "org-logs", "lifecycle": "", "LifecycleConfiguration": object{"Rule": rules}}
}

func ruleOf(days any, filter any) object {
	return object{"Status": "Enabled", "Expiration": object{"Days": days}, "Filter": filter, "ID": "x"}
}

// TestJudge: what each call comes to, in words.
func TestJudge(t *testing.T) {
	bucket := func(more ...any) object {
		o := object{"bucketName": "org-logs", "Host": "org-logs.s3.eu-west-1.amazonaws.com"}
		for i := 0; i+1 < len(more); i += 2 {
			o[more[i].(string)] = more[i+1]
		}
		return o
	}
	key := object{"resources": []object{{"ARN": keyARN, "accountId": "111122223333"}}}
	for name, test := range map[string]struct {
		ev       events.Event
		severity finding.Severity
		says     []string
	}{
		"a lifecycle of a day, one rule": {
			event(t, calls.S3, "PutBucketLifecycle", lifecycleOf(ruleOf(1, "")), nil), "critical",
			[]string{
				"the lifecycle of bucket org-logs was changed; no action taken", "begins with p/AWSLogs/, days after it was written: 1.",
				"$ aws s3api get-bucket-lifecycle-configuration --region eu-west-1 --bucket org-logs",
			},
		},
		"several rules": {
			event(t, calls.S3, "PutBucketLifecycle", lifecycleOf([]object{
				ruleOf(400, object{"Prefix": "p/AWSLogs/1/"}), ruleOf(1, object{"Prefix": "q/"}),
				ruleOf(200, object{"And": object{"Prefix": "p/"}}),
			}), nil), "high", []string{"days after it was written: 200."},
		},
		"on a date": {
			event(t, calls.S3, "PutBucketLifecycle", lifecycleOf([]object{
				ruleOf(400, ""), {"Status": "Enabled", "Filter": "", "Expiration": object{"Date": "2031-01-01T00:00:00.000Z"}},
			}), nil), "critical", []string{"deletes what begins with p/AWSLogs/ on a date that it names"},
		},
		"nothing of the trail's": {
			event(t, calls.S3, "PutBucketLifecycle", lifecycleOf(ruleOf(1, object{"Prefix": "reports/"})), nil), "medium",
			[]string{"No enabled rule of the new lifecycle deletes"},
		},
		"too large to be recorded": {
			event(t, calls.S3, "PutBucketLifecycle", bucket("omitted", true), nil), "high", []string{"does not show the new lifecycle"},
		},
		"versioning suspended": {
			event(t, calls.S3, "PutBucketVersioning", bucket("VersioningConfiguration", object{"Status": "Suspended"}), nil), "high",
			[]string{"is deleted or overwritten from now on is gone"},
		},
		"versioning enabled": {
			event(t, calls.S3, "PutBucketVersioning", bucket("VersioningConfiguration", object{"Status": "Enabled"}), nil), "medium",
			[]string{"Versioning is enabled."},
		},
		"bucket deleted": {
			event(t, calls.S3, "DeleteBucket", bucket(), nil), "critical",
			[]string{"the trail's bucket org-logs was deleted", "$ aws s3api head-bucket --bucket org-logs --expected-bucket-owner 111122223333"},
		},
		"a digest": {
			event(t, calls.S3, "DeleteObject", bucket("key", "p/AWSLogs/1/CloudTrail-Digest/x.json.gz"), object{"eventCategory": "Data"}), "critical",
			[]string{"the trail's object x.json.gz", "A digest file was deleted: p/AWSLogs/1/CloudTrail-Digest/x.json.gz.", "list-object-versions --bucket org-logs --prefix p/AWSLogs/1/CloudTrail-Digest/x.json.gz"},
		},
		"a version": {
			event(t, calls.S3, "DeleteObject", object{"bucketName": "org-logs", "key": "p/AWSLogs/1/x.json.gz", "versionId": "3sL4kqtJ"}, object{"eventCategory": "Data"}),
			"critical",
			[]string{"A log file was deleted: p/AWSLogs/1/x.json.gz.", "The call named one version, 3sL4kqtJ", "gone for good"},
		},
		"many objects": {
			event(t, calls.S3, "DeleteObjects", bucket("delete", ""), nil), "critical", []string{"does not say which"},
		},
		"key by an alias": {
			event(t, calls.KMS, "ScheduleKeyDeletion", object{"keyId": "alias/logs", "pendingWindowInDays": 7}, key), "critical",
			[]string{"the trail's key 0d4b0f0a-1111-2222-3333-444455556666 is to be deleted", "a number of days: 7.", "$ aws kms cancel-key-deletion --region eu-west-1 --key-id " + keyARN, "aws kms enable-key"},
		},
		"key disabled, refused": {
			event(t, calls.KMS, "DisableKey", nil, object{"errorCode": "AccessDenied", "errorMessage": "not authorized on resource: " + keyARN + " because"}), "high",
			[]string{"Refused: DisableKey on key 0d4b0f0a", "nothing has changed"},
		},
		"retention": {
			event(t, calls.Logs, "PutRetentionPolicy", object{"logGroupName": "CloudTrail/main", "retentionInDays": 1}, nil), "medium",
			[]string{"the retention of the trail's log group CloudTrail/main was changed", "Days that it keeps events: 1.", "aws logs describe-log-groups --region eu-west-1 --log-group-name-prefix CloudTrail/main"},
		},
		"log group deleted, refused": {
			event(t, calls.Logs, "DeleteLogGroup", nil, object{
				"errorCode":    "AccessDenied",
				"errorMessage": "User: x is not authorized to perform: logs:DeleteLogGroup on resource: " + groupARN + ":log-stream: because no",
			}), "high", []string{"Refused: DeleteLogGroup on log group CloudTrail/main"},
		},
		"log group by its ARN": {
			event(t, calls.Logs, "PutTransformer", object{"logGroupIdentifier": groupARN}, nil), "medium", []string{"log group CloudTrail/main"},
		},
		"log group by its ARN, of its key": {
			event(t, calls.Logs, "DisassociateKmsKey", object{"resourceIdentifier": groupARN}, nil), "medium", []string{"log group CloudTrail/main"},
		},
		"Lake": {
			event(t, calls.CloudTrail, "StopEventDataStoreIngestion", object{"eventDataStore": "arn:aws:cloudtrail:eu-west-1:111122223333:eventdatastore/abc"}, nil), "critical",
			[]string{"event data store abc takes no events in any more", "$ aws cloudtrail start-event-data-store-ingestion --region eu-west-1 --event-data-store arn:aws:cloudtrail:eu-west-1:111122223333:eventdatastore/abc"},
		},
		"event configuration": {
			event(t, calls.CloudTrail, "PutEventConfiguration", object{"trailName": "main"}, nil), "medium",
			[]string{"The event configuration of trail main was changed"},
		},
		"administrator": {
			event(t, calls.Organizations, "RegisterDelegatedAdministrator", object{"accountId": "444455556666", "servicePrincipal": "cloudtrail.amazonaws.com"}, nil), "high",
			[]string{"an account was made an administrator of service principal cloudtrail.amazonaws.com"},
		},
		"account moved": {
			event(t, calls.Organizations, "MoveAccount", object{"accountId": "444455556666"}, nil), "high", []string{"account 444455556666 was moved"},
		},
		"left": {
			event(t, calls.Organizations, "LeaveOrganization", nil, nil), "critical", []string{"account 111122223333 left the organization"},
		},
		"Region": {
			event(t, calls.AccountAPI, "EnableRegion", object{"RegionName": "me-south-1"}, nil), "medium", []string{"Region me-south-1 was enabled", "aws account get-region-opt-status --region eu-west-1 --region-name me-south-1"},
		},
		"service role": {
			event(t, calls.IAM, "DeleteServiceLinkedRole", object{"roleName": calls.ServiceRoleName}, nil), "high", []string{"The deletion of role AWSServiceRoleForCloudTrail was asked for"},
		},
		"service role, refused": {
			event(t, calls.IAM, "DeleteServiceLinkedRole", nil, object{"errorCode": "AccessDenied"}), "medium", []string{"Refused: "},
		},
		"service role, refused by its name": {
			event(t, calls.IAM, "DeleteServiceLinkedRole", nil, object{
				"errorCode": "AccessDenied", "errorMessage": "User: x is not authorized on resource: role/" + calls.ServiceRoleName + " because no",
			}), "medium",
			[]string{"Refused: "},
		},
		"administrator, refused": {
			event(t, calls.Organizations, "DeregisterDelegatedAdministrator", nil, object{"errorCode": "AccessDeniedException"}), "medium", []string{"Refused: "},
		},
		"CloudTrail's own administrator": {
			event(t, calls.CloudTrail, "RegisterOrganizationDelegatedAdmin", object{"memberAccountId": "444455556666"}, nil), "high",
			[]string{"account 444455556666 was made an administrator of CloudTrail"},
		},
		"stack sets": {
			event(t, calls.Organizations, "DisableAWSServiceAccess", object{"servicePrincipal": "member.org.stacksets.cloudformation.amazonaws.com"}, nil),
			"critical",
			[]string{"was taken from service principal member.org.stacksets.cloudformation.amazonaws.com"},
		},
		"event configuration of a data store": {
			event(t, calls.CloudTrail, "PutEventConfiguration", object{"eventDataStore": "arn:aws:cloudtrail:eu-west-1:111122223333:eventdatastore/abc"}, nil),
			"medium",
			[]string{
				"The event configuration of event data store abc was changed",
				"$ aws cloudtrail get-event-configuration --region eu-west-1 --event-data-store arn:aws:cloudtrail:eu-west-1:111122223333:eventdatastore/abc",
			},
		},
		"bucket created": {
			event(t, calls.S3, "CreateBucket", bucket(), nil), "high",
			[]string{"the one before may be gone", "In us-east-1 S3 accepts this call also for a bucket that is there", "resets its ACL"},
		},
		"older versions of a day": {
			event(t, calls.S3, "PutBucketLifecycle", lifecycleOf(object{
				"Status": "Enabled", "Filter": "", "NoncurrentVersionExpiration": object{"NoncurrentDays": 1},
			}), nil), "critical", []string{"deletes older versions of what begins with p/AWSLogs/, days after they were replaced or deleted: 1."},
		},
		"of another account": {
			event(t, calls.S3, "DeleteBucketPolicy", bucket(), object{"recipientAccountId": "999988887777"}), "critical",
			[]string{"does not match this deployment", `account "999988887777"`},
		},
	} {
		j, ok := judge(test.ev, ours, declared())
		if !ok {
			t.Errorf("%s: ignored", name)
			continue
		}
		m := message.Of(j.finding)
		text := m.Title + "\n" + m.Status + "\n" + m.Detail + "\n" + message.NextStep(j.finding)
		for _, s := range m.Steps {
			text += "\n$ " + s.Command
		}
		if j.finding.Severity != test.severity {
			t.Errorf("%s: severity %s; want %s", name, j.finding.Severity, test.severity)
		}
		for _, want := range test.says {
			if !strings.Contains(strings.ToLower(text), strings.ToLower(want)) {
				t.Errorf("%s: it does not say %q:\n%s", name, want, text)
			}
		}
		if testing.Verbose() {
			t.Logf("%s:\n%s\n", name, text)
		}
	}
}

// TestNotAboutATrail: the same calls on what no baseline names, or of a trail that is left alone.
func TestNotAboutATrail(t *testing.T) {
	excluded := ours
	excluded.Exceptions = exception.List{Overrides: []exception.Override{{Trail: trailARN, Mode: exception.ModeExclude}}}
	for name, test := range map[string]struct {
		ev    events.Event
		scope assess.Scope
	}{
		"another bucket":                  {event(t, calls.S3, "DeleteBucket", object{"bucketName": "org-logs2"}, nil), ours},
		"no bucket":                       {event(t, calls.S3, "DeleteBucket", nil, nil), ours},
		"another prefix":                  {event(t, calls.S3, "DeleteObject", object{"bucketName": "org-logs", "key": "AWSLogs/x"}, nil), ours},
		"another key":                     {event(t, calls.KMS, "DisableKey", object{"keyId": keyARN}, object{"resources": []object{{"ARN": keyARN + "7"}}}), ours},
		"a key in a message, not refused": {event(t, calls.KMS, "DisableKey", nil, object{"errorMessage": keyARN}), ours},
		"a log group, refused": {event(t, calls.Logs, "DeleteLogGroup", nil,
			object{"errorCode": "x", "errorMessage": "on resource: " + groupARN + "2:log-stream:"}), ours},
		"a key, refused":   {event(t, calls.KMS, "DisableKey", nil, object{"errorCode": "x", "errorMessage": keyARN + "7"}), ours},
		"another Region":   {event(t, calls.Logs, "DeleteLogGroup", object{"logGroupName": "CloudTrail/main"}, object{"awsRegion": "us-east-1"}), ours},
		"a trail left out": {event(t, calls.S3, "DeleteBucket", object{"bucketName": "org-logs"}, nil), excluded},
		"a service event":  {event(t, calls.S3, "DeleteBucket", object{"bucketName": "org-logs"}, object{"eventType": "AwsServiceEvent"}), ours},
		"another service":  {event(t, calls.IAM, "DeletePolicy", object{"policyId": "x"}, nil), ours},
		"another role":     {event(t, calls.IAM, "DeleteServiceLinkedRole", object{"roleName": "AWSServiceRoleForConfig"}, nil), ours},
		"another role, refused": {event(t, calls.IAM, "DeleteServiceLinkedRole", nil, object{
			"errorCode": "AccessDenied",
			"errorMessage": "User: x is not authorized to perform: iam:DeleteServiceLinkedRole on resource: " +
				"arn:aws:iam::111122223333:role/aws-service-role/config.amazonaws.com/AWSServiceRoleForConfig because no",
		}), ours},
		"another's administrator": {event(t, calls.Organizations, "RegisterDelegatedAdministrator",
			object{"accountId": "444455556666", "servicePrincipal": "config.amazonaws.com"}, nil), ours},
		"another's administrator ends": {event(t, calls.Organizations, "DeregisterDelegatedAdministrator",
			object{"servicePrincipal": "cloudtrail.amazonaws.com.evil.example"}, nil), ours},
		"another's access": {event(t, calls.Organizations, "DisableAWSServiceAccess", object{"servicePrincipal": "guardduty.amazonaws.com"}, nil), ours},
	} {
		if j, ok := judge(test.ev, test.scope, declared()); ok {
			t.Errorf("%s: %+v", name, j.finding)
		}
	}
}

// TestEveryCallHasWords: each call has a title of its own, a note and something to do, with all values filled in.
func TestEveryCallHasWords(t *testing.T) {
	titles := map[string]string{}
	// What is left of these no command shows: what was deleted, and what has no name.
	nothing := []string{"DisableAWSServiceAccess", "DisablePolicyType", "LeaveOrganization", "DeletePolicy", "DeleteChannel", "DeleteDashboard"}
	for _, c := range calls.All() {
		parameters := object{"bucketName": "org-logs", "key": "p/AWSLogs/x", "logGroupName": "CloudTrail/main", "logGroupIdentifier": groupARN, "trailName": "main"}
		switch {
		case c.At == "servicePrincipal":
			parameters[c.At] = "cloudtrail.amazonaws.com"
		case c.At == "roleName":
			parameters[c.At] = calls.ServiceRoleName
		case c.At != "" && parameters[c.At] == nil:
			parameters[c.At] = "value"
		}
		j, ok := judge(event(t, c.Source, c.Event, parameters, object{"resources": []object{{"ARN": keyARN}}}), ours, declared())
		if !ok {
			t.Errorf("%s: ignored", c.Event)
			continue
		}
		m := message.Of(j.finding)
		if strings.Contains(m.Title, c.Event) || strings.Contains(m.Title, "does not name") || m.Detail == "" ||
			(len(m.Steps) < 2) != slices.Contains(nothing, c.Event) {
			t.Errorf("%s: %q %q %v", c.Event, m.Title, m.Detail, m.Steps)
		}
		if first := titles[m.Title]; first != "" && !strings.Contains(c.Event, "Ownership") {
			t.Errorf("%s and %s have the title %q", first, c.Event, m.Title)
		}
		titles[m.Title] = c.Event
	}
}

type reporter struct {
	got  []finding.Finding
	sent report.Deliveries // nil: there is nobody to tell
	err  error
}

func (r *reporter) Report(_ context.Context, n finding.Finding, _ json.RawMessage) (report.Deliveries, error) {
	r.got = append(r.got, n)
	return r.sent, r.err
}

// TestRespond: what is not about a trail is not reported; baselines that cannot be read hide no call that needs none.
func TestRespond(t *testing.T) {
	broken := errors.New("broken")
	for name, test := range map[string]struct {
		ev       events.Event
		err      error
		reported int
	}{
		"about a trail":          {event(t, calls.S3, "DeleteBucket", object{"bucketName": "org-logs"}, nil), nil, 1},
		"not about one":          {event(t, calls.S3, "DeleteBucket", object{"bucketName": "other"}, nil), nil, 0},
		"no baseline is read":    {event(t, calls.CloudTrail, "DeleteEventDataStore", object{"eventDataStore": "x"}, nil), broken, 1},
		"some baselines are":     {event(t, calls.S3, "DeleteBucket", object{"bucketName": "org-logs"}, nil), broken, 1},
		"it cannot be delivered": {event(t, calls.S3, "DeleteBucket", object{"bucketName": "org-logs"}, nil), nil, 1},
	} {
		to := &reporter{}
		if name == "it cannot be delivered" {
			to.err = broken
		}
		r := &Responder{
			Scope: ours, Reporter: to, Log: discard,
			Baselines: func() ([]baseline.Baseline, error) { return declared(), test.err },
		}
		if err := r.Respond(t.Context(), test.ev); !errors.Is(err, to.err) {
			t.Errorf("%s: %v", name, err)
		}
		if len(to.got) != test.reported {
			t.Errorf("%s: %d findings", name, len(to.got))
		}
	}
}

// TestUnjudged: an event that nothing proves is reported with the severity of its call, and as nothing that is known.
func TestUnjudged(t *testing.T) {
	n := Unjudged(event(t, calls.S3, "DeleteBucket", object{"bucketName": "org-logs"}, nil), ours)
	if n.Outcome != finding.OutcomeUnproven || n.Severity != finding.SeverityCritical || n.Subject.ARN != "" || n.EventName != "DeleteBucket" {
		t.Errorf("%+v", n)
	}
	refused := Unjudged(event(t, calls.S3, "DeleteBucket", nil, object{"errorCode": "AccessDenied"}), ours)
	if refused.Outcome != finding.OutcomeAttempt || refused.Severity != finding.SeverityHigh {
		t.Errorf("%+v", refused)
	}
}
