package checks

import (
	"context"
	"slices"

	"trailkeeper/lambda/config/deployment"
	"trailkeeper/lambda/internal/awsapi"
	"trailkeeper/lambda/internal/awscall"
	"trailkeeper/lambda/internal/warden/check"
	"trailkeeper/lambda/internal/warden/compare"
)

// tables checks AWS::DynamoDB::Table: that it can be used, its protection, key, time to live and recovery, and its
// policy, which PutResourcePolicy puts back. Its items nobody looks at.
type tables struct{ Tools }

func (c tables) check(ctx context.Context, of deployment.Deployed) ([]check.Difference, error) {
	out, err := c.ask(ctx, of, "dynamodb", "DescribeTable", map[string]any{"TableName": of.Name})
	if missing(err) {
		return []check.Difference{compare.Missing("table", of.Name)}, nil
	}
	if err != nil {
		return nil, err
	}
	got := awsapi.Object(out["Table"])
	found := tableState(got)
	for _, part := range []func(context.Context, deployment.Deployed, map[string]any) ([]check.Difference, error){
		c.settings, c.policy, c.timeToLive, c.recovery,
	} {
		more, err := part(ctx, of, got)
		found = append(found, more...)
		if err != nil {
			return found, err
		}
	}
	return found, nil
}

// tableState is the difference of a table that takes no calls, such as one whose key cannot be used.
func tableState(got map[string]any) []check.Difference {
	state := awsapi.Text(got["TableStatus"])
	if state == "ACTIVE" || state == "UPDATING" {
		return nil
	}
	return []check.Difference{{Field: "TableStatus", Want: "ACTIVE", Got: compare.Show(state)}}
}

func (c tables) settings(_ context.Context, of deployment.Deployed, got map[string]any) ([]check.Difference, error) {
	name := compare.Word(of.Name)
	protection := compare.With(compare.Fields(of.Properties, got, compare.Field{Name: "DeletionProtectionEnabled", Default: false}),
		nil, "aws dynamodb update-table --table-name "+name+" --deletion-protection-enabled")
	rest := compare.Fields(of.Properties, got,
		compare.Field{Name: "SSESpecification.SSEEnabled", Got: "SSEDescription.Status", Same: sameEncryption},
		compare.Field{Name: "SSESpecification.KMSMasterKeyId", Got: "SSEDescription.KMSMasterKeyArn", Same: sameKey(of)},
		compare.Field{Name: "StreamSpecification.StreamViewType"},
		// With few units, most calls are throttled. DescribeTable need not say that capacity is provisioned, and shows
		// without a bound -1 or nothing ("BillingModeSummary", "OnDemandThroughput").
		compare.Field{Name: "BillingMode", Got: "BillingModeSummary.BillingMode", Default: "PROVISIONED"},
		compare.Field{Name: "ProvisionedThroughput.ReadCapacityUnits", Default: 0},
		compare.Field{Name: "ProvisionedThroughput.WriteCapacityUnits", Default: 0},
		compare.Field{Name: "OnDemandThroughput.MaxReadRequestUnits", Default: -1},
		compare.Field{Name: "OnDemandThroughput.MaxWriteRequestUnits", Default: -1},
	)
	return append(protection, rest...), nil
}

// sameEncryption compares whether a key of KMS encrypts the table with what DynamoDB says of it.
func sameEncryption(want, got any) bool {
	on := got != nil && !slices.Contains([]any{"DISABLED", "DISABLING"}, got)
	return on == compare.Scalar(want, true)
}

// sameKey compares keys: without one in the template it is the account's own, whose ARN is not known.
func sameKey(of deployment.Deployed) compare.Kind {
	return func(want, got any) bool {
		if want == nil {
			return got == nil || compare.At(of.Properties, "SSESpecification.SSEEnabled") != nil
		}
		return compare.Scalar(want, got)
	}
}

func (c tables) policy(ctx context.Context, of deployment.Deployed, _ map[string]any) ([]check.Difference, error) {
	want := compare.At(of.Properties, "ResourcePolicy.PolicyDocument")
	out, err := c.ask(ctx, of, "dynamodb", "GetResourcePolicy", map[string]any{"ResourceArn": of.ARN})
	if err != nil && awscall.Code(err) != "PolicyNotFound" {
		return nil, err
	}
	found := policyDifference("ResourcePolicy", want, out["Policy"])
	if want == nil {
		return compare.With(found, nil, "aws dynamodb delete-resource-policy --resource-arn "+compare.Word(of.ARN)), nil
	}
	put := func(ctx context.Context) error {
		_, err := c.ask(ctx, of, "dynamodb", "PutResourcePolicy", map[string]any{"ResourceArn": of.ARN, "Policy": compare.Text(want)})
		return err
	}
	return compare.With(found, put, ""), nil
}

func (c tables) timeToLive(ctx context.Context, of deployment.Deployed, _ map[string]any) ([]check.Difference, error) {
	out, err := c.ask(ctx, of, "dynamodb", "DescribeTimeToLive", map[string]any{"TableName": of.Name})
	if err != nil {
		return nil, err
	}
	got := awsapi.Object(out["TimeToLiveDescription"])
	if slices.Contains([]any{"DISABLED", "DISABLING"}, got["TimeToLiveStatus"]) {
		got = nil
	}
	want := awsapi.Object(of.Properties["TimeToLiveSpecification"])
	if !compare.Scalar(want["Enabled"], true) {
		want = nil
	}
	found := compare.Fields(want, got, compare.Field{Name: "AttributeName"})
	for i := range found {
		found[i].Field = "TimeToLiveSpecification.AttributeName"
	}
	return compare.With(found, nil, "aws dynamodb update-time-to-live --table-name "+compare.Word(of.Name)+
		" --time-to-live-specification Enabled=true,AttributeName="+compare.Word(awsapi.Text(want["AttributeName"]))), nil
}

// recovery compares point-in-time recovery, where it was deployed: nobody is asked otherwise.
func (c tables) recovery(ctx context.Context, of deployment.Deployed, _ map[string]any) ([]check.Difference, error) {
	const path = "PointInTimeRecoverySpecification.PointInTimeRecoveryEnabled"
	if !compare.Scalar(compare.At(of.Properties, path), true) {
		return nil, nil
	}
	out, err := c.ask(ctx, of, "dynamodb", "DescribeContinuousBackups", map[string]any{"TableName": of.Name})
	if err != nil {
		return nil, err
	}
	got := compare.At(out, "ContinuousBackupsDescription.PointInTimeRecoveryDescription.PointInTimeRecoveryStatus")
	if got == "ENABLED" {
		return nil, nil
	}
	return []check.Difference{{
		Field: path, Want: "true", Got: compare.Show(got),
		Next: "aws dynamodb update-continuous-backups --table-name " + compare.Word(of.Name) +
			" --point-in-time-recovery-specification PointInTimeRecoveryEnabled=true",
	}}, nil
}
