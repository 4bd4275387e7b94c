package evidence

import (
	"cmp"
	"path"
	"slices"
	"strings"

	"trailkeeper/events"
	"trailkeeper/lambda/config/baseline"
	"trailkeeper/lambda/internal/finding"
	"trailkeeper/rules/evidence/calls"
)

// about is what a call was about, and the baselines that name it; false: it concerns no trail.
func about(ev events.Event, c calls.Call, n named) (s finding.Subject, of []baseline.Baseline, found bool) {
	rec := ev.Record
	value := rec.RequestParameters.Text(c.At)
	switch c.Of {
	case calls.Bucket, calls.LogFile, calls.Key, calls.LogGroup:
		s, of = aboutNamed(ev, c, n)
		return s, of, len(of) > 0
	case calls.Configuration:
		if t, err := ev.Trail(); err == nil {
			s = finding.Subject{Type: finding.TypeTrail, ARN: t.ARN(), Name: t.Name, Partition: t.Partition}
			return s, n.find(func(b baseline.Baseline) bool { return b.Trail.ARN == t.ARN() }), true
		}
		value = rec.RequestParameters.Text("eventDataStore")
	case calls.Administrator, calls.ServiceRole:
		if value != "" && !concernsTrails(c, value) {
			return finding.Subject{}, nil, false
		}
		if c.Of == calls.ServiceRole {
			// The message of a refused call names the role, where the record has no parameters.
			if message := rec.ErrorMessage; value == "" && message != "" && !strings.Contains(message, calls.ServiceRoleName) {
				return finding.Subject{}, nil, false
			}
			value = calls.ServiceRoleName
		}
	}
	return subjectOf(c, value, rec), nil, true
}

// aboutNamed is about of a bucket, an object, a key or a log group; without a baseline it concerns no trail.
func aboutNamed(ev events.Event, c calls.Call, n named) (s finding.Subject, of []baseline.Baseline) {
	rec, place := ev.Record, events.Place{Partition: partitionOf(ev)}
	value := rec.RequestParameters.Text(c.At, c.Or)
	switch c.Of {
	case calls.Key:
		arn := keyOf(rec, n)
		a, _ := events.ParseARN(arn)
		return finding.Subject{Type: typeKey, ARN: arn, Name: strings.TrimPrefix(a.Resource, "key/"), Partition: a.Partition}, n.key(arn)
	case calls.LogGroup:
		if of = n.logGroup(cmp.Or(value, n.mentioned(rec.ErrorMessage)), rec.RecipientAccountID, rec.Region); len(of) == 0 {
			return s, nil
		}
		arn := strings.TrimSuffix(of[0].Trail.Settings.LogGroupARN, ":*")
		a, _ := events.ParseARN(arn)
		return finding.Subject{Type: "AWS::Logs::LogGroup", ARN: arn, Name: strings.TrimPrefix(a.Resource, "log-group:"), Partition: a.Partition}, of
	}
	bucket := rec.RequestParameters.Text("bucketName")
	if c.At == "key" {
		return finding.Subject{Type: "AWS::S3::Object", Name: path.Base(value), Partition: place.Partition}, n.bucket(bucket, value)
	}
	return finding.Subject{Type: typeBucket, ARN: place.ARN("s3", bucket), Name: bucket, Partition: place.Partition}, n.bucket(bucket, "")
}

// concernsTrails reports whether a service or a role that a call names is one that a trail rests on. Calls on others may
// arrive where a rule forwards all of them to the bus here.
func concernsTrails(c calls.Call, value string) bool {
	switch c.At {
	case "servicePrincipal":
		return slices.Contains(calls.Principals(), value)
	case "roleName":
		return value == calls.ServiceRoleName
	}
	return true
}

// keyOf is the ARN of the key of a call, as AWS itself gives it; of a refused one, as its message does.
func keyOf(rec events.Record, n named) string {
	for _, arn := range rec.Resources {
		if len(n.key(arn)) > 0 {
			return arn
		}
	}
	if arn := n.mentioned(rec.ErrorMessage); rec.Refused() && arn != "" {
		return arn
	}
	return ""
}

// subjectOf is what a call names that no baseline has: an ARN, an ID or a name.
func subjectOf(c calls.Call, value string, rec events.Record) finding.Subject {
	types := map[calls.Of]string{
		calls.Lake:          lakeStore,
		calls.Configuration: lakeStore,
		calls.Administrator: "AWS::Organizations::ServicePrincipal",
		calls.Organization:  "AWS::Organizations::Policy",
		calls.Account:       "AWS::Account::Region",
		calls.ServiceRole:   "AWS::IAM::Role",
	}
	s := finding.Subject{Type: types[c.Of], Name: value}
	switch {
	case c.At == "channel":
		s.Type = "AWS::CloudTrail::Channel"
	case c.At == "dashboardId":
		s.Type = "AWS::CloudTrail::Dashboard"
	case c.At == "resourceArn":
		s.Type = "AWS::CloudTrail::Resource"
	case c.At == "policyType":
		s.Type = "AWS::Organizations::PolicyType"
	case c.Event == "LeaveOrganization":
		s.Type, s.Name = "AWS::Organizations::Account", rec.RecipientAccountID
	case strings.HasSuffix(strings.ToLower(c.At), "accountid"):
		s.Type = "AWS::Organizations::Account"
	}
	if events.IsARN(value) {
		s.ARN, s.Name = value, value[strings.LastIndexAny(value, ":/")+1:]
	}
	return s
}

func partitionOf(ev events.Event) string {
	p, ok := events.PartitionOf(cmp.Or(ev.Record.Region, ev.Region))
	if !ok {
		return "aws"
	}
	return p
}

// lakeStore is the type of an event data store.
const lakeStore = "AWS::CloudTrail::EventDataStore"
