package checks

import (
	"context"
	"strings"

	"trailkeeper/lambda/config/deployment"
	"trailkeeper/lambda/internal/awsapi"
	"trailkeeper/lambda/internal/awscall"
	"trailkeeper/lambda/internal/warden/check"
	"trailkeeper/lambda/internal/warden/compare"
)

// permissions checks AWS::Lambda::Permission: its statement is in the function's policy, under whatever ID, which
// CloudFormation makes and an attacker may give to another statement. A missing one is put back by AddPermission.
type permissions struct {
	Tools

	policies *functionPolicies
}

func (p permissions) check(ctx context.Context, of deployment.Deployed) ([]check.Difference, error) {
	want, err := p.statement(of)
	if err != nil {
		return nil, err
	}
	got, err := p.policies.statements(ctx, of, awsapi.Text(of.Properties["FunctionName"]))
	if err != nil || has(got, want) {
		return nil, err
	}
	wanted, _ := compare.ShowPolicies(policyOf(want), "")
	gone := check.Difference{Field: check.MissingField, Want: wanted, Got: "none", Next: p.command(of)}
	if len(got) == 0 && p.functionGone(ctx, of) {
		return []check.Difference{gone}, nil
	}
	gone.Repair = func(ctx context.Context) error { return p.add(ctx, of) }
	return []check.Difference{gone}, nil
}

// functionGone reports whether there is no function to which a permission could be added.
func (p permissions) functionGone(ctx context.Context, of deployment.Deployed) bool {
	named := map[string]any{"FunctionName": of.Properties["FunctionName"]}
	_, err := p.ask(ctx, of, "lambda", "GET "+functionPath+"/configuration", named)
	return missing(err)
}

// Limits of a statement's ID (AddPermission, StatementId).
const maxStatementID = 100

// statementID is the ID of a statement that is put back. A second one is for where the first is another statement's.
func statementID(of deployment.Deployed, second bool) string {
	id := of.ID
	if second {
		digest := strings.TrimPrefix(compare.Digest(of.Properties), "sha256:")
		return id[:min(len(id), maxStatementID-1-len(digest))] + "-" + digest
	}
	return id[:min(len(id), maxStatementID)]
}

func (p permissions) add(ctx context.Context, of deployment.Deployed) error {
	defer p.policies.forget(of, awsapi.Text(of.Properties["FunctionName"]))
	input := map[string]any{"StatementId": statementID(of, false)}
	for _, name := range []string{"FunctionName", "Action", "Principal", "SourceArn", "SourceAccount", "PrincipalOrgID"} {
		if value := of.Properties[name]; value != nil {
			input[name] = value
		}
	}
	_, err := p.ask(ctx, of, "lambda", "POST "+functionPath+"/policy", input)
	if awscall.Code(err) == "ResourceConflict" {
		input["StatementId"] = statementID(of, true)
		_, err = p.ask(ctx, of, "lambda", "POST "+functionPath+"/policy", input)
	}
	return err
}

func (permissions) command(of deployment.Deployed) string {
	out := "aws lambda add-permission --statement-id " + compare.Word(statementID(of, false))
	for _, option := range [][2]string{
		{"FunctionName", "--function-name"},
		{"Action", "--action"},
		{"Principal", "--principal"},
		{"SourceArn", "--source-arn"},
		{"SourceAccount", "--source-account"},
		{"PrincipalOrgID", "--principal-org-id"},
	} {
		if value := awsapi.Text(of.Properties[option[0]]); value != "" {
			out += " " + option[1] + " " + compare.Word(value)
		}
	}
	return out
}
