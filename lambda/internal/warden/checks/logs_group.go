package checks

import (
	"context"

	"trailkeeper/lambda/config/deployment"
	"trailkeeper/lambda/internal/awsapi"
	"trailkeeper/lambda/internal/warden/check"
	"trailkeeper/lambda/internal/warden/compare"
)

// logGroups checks AWS::Logs::LogGroup: it is there, with its retention and key. Nothing is put back.
type logGroups struct{ Tools }

func (l logGroups) check(ctx context.Context, of deployment.Deployed) ([]check.Difference, error) {
	// Groups are listed in the order of their names, in which the name comes before all that it begins.
	out, err := l.ask(ctx, of, "logs", "DescribeLogGroups", map[string]any{"logGroupNamePrefix": of.Name})
	if err != nil {
		return nil, err
	}
	for _, group := range awsapi.List(out["logGroups"]) {
		if got := awsapi.Object(group); got["logGroupName"] == of.Name {
			return l.compare(of, got), nil
		}
	}
	gone := compare.Missing("log group", of.Name)
	gone.Next = "aws logs create-log-group --log-group-name " + compare.Word(of.Name)
	return []check.Difference{gone}, nil
}

func (logGroups) compare(of deployment.Deployed, got map[string]any) []check.Difference {
	name := compare.Word(of.Name)
	retention := "aws logs delete-retention-policy --log-group-name " + name
	if days := of.Properties["RetentionInDays"]; days != nil {
		retention = "aws logs put-retention-policy --log-group-name " + name + " --retention-in-days " +
			compare.Word(compare.Show(days))
	}
	key := "aws logs disassociate-kms-key --log-group-name " + name
	if arn := awsapi.Text(of.Properties["KmsKeyId"]); arn != "" {
		key = "aws logs associate-kms-key --log-group-name " + name + " --kms-key-id " + compare.Word(arn)
	}
	out := compare.With(compare.Fields(of.Properties, got,
		compare.Field{Name: "RetentionInDays", Got: "retentionInDays"},
	), nil, retention)
	out = append(out, compare.With(compare.Fields(of.Properties, got,
		compare.Field{Name: "KmsKeyId", Got: "kmsKeyId"},
	), nil, key)...)
	return append(out, compare.Fields(of.Properties, got,
		compare.Field{Name: "LogGroupClass", Got: "logGroupClass", Default: "STANDARD"},
	)...)
}
