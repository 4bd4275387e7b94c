package checks

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"sync"

	"trailkeeper/events"
	"trailkeeper/lambda/config/deployment"
	"trailkeeper/lambda/internal/awsapi"
	"trailkeeper/lambda/internal/warden/check"
	"trailkeeper/lambda/internal/warden/compare"
)

// functionPolicies are the policies of functions, each of which is read once in a run: Lambda answers 15 GetPolicy a second
// in an account and Region, whoever asks ("Lambda quotas"), and a function has a permission for each rule.
type functionPolicies struct {
	Tools

	mu    sync.Mutex
	known map[string][]map[string]any // the statements, by Region and name
}

func keyOf(of deployment.Deployed, function string) string {
	return of.Region + " " + function[strings.LastIndexByte(function, ':')+1:]
}

// statements are those of a function's policy; none where there is no policy or no function.
func (p *functionPolicies) statements(
	ctx context.Context, of deployment.Deployed, function string,
) ([]map[string]any, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	key := keyOf(of, function)
	if known, ok := p.known[key]; ok {
		return known, nil
	}
	var policy struct{ Statement []map[string]any }
	out, err := p.ask(ctx, of, "lambda", "GET "+functionPath+"/policy", map[string]any{"FunctionName": function})
	switch {
	case missing(err):
	case err != nil:
		return nil, err
	default:
		if err := json.Unmarshal([]byte(awsapi.Text(out["Policy"])), &policy); err != nil {
			return nil, fmt.Errorf("the policy of the function %s cannot be read: %w", compare.Show(function), err)
		}
	}
	p.known[key] = policy.Statement
	return policy.Statement, nil
}

// forget has a policy read again, which a restore has changed.
func (p *functionPolicies) forget(of deployment.Deployed, function string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.known, keyOf(of, function))
}

// sameStatement compares statements by what they grant, whatever their Sid.
func sameStatement(a, b map[string]any) bool { return compare.Policy(policyOf(a), policyOf(b)) }

func policyOf(statement map[string]any) map[string]any {
	return map[string]any{"Version": "2012-10-17", "Statement": []any{statement}}
}

// statement is that of an AWS::Lambda::Permission, as Lambda writes it into the function's policy (AWS Lambda Developer
// Guide, "Working with resource-based IAM policies in Lambda").
func (t Tools) statement(of deployment.Deployed) (map[string]any, error) {
	function, err := t.functionARN(awsapi.Text(of.Properties["FunctionName"]))
	if err != nil {
		return nil, err
	}
	condition := map[string]any{}
	equals := map[string]any{}
	for property, key := range map[string]string{"SourceAccount": "AWS:SourceAccount", "PrincipalOrgID": "aws:PrincipalOrgID"} {
		if value := of.Properties[property]; value != nil {
			equals[key] = value
		}
	}
	if len(equals) > 0 {
		condition["StringEquals"] = equals
	}
	if source := of.Properties["SourceArn"]; source != nil {
		condition["ArnLike"] = map[string]any{"AWS:SourceArn": source}
	}
	for _, property := range []string{"EventSourceToken", "FunctionUrlAuthType", "InvokedViaFunctionUrl"} {
		if of.Properties[property] != nil {
			return nil, fmt.Errorf("%s of a permission is not known here", property)
		}
	}
	out := map[string]any{
		"Effect": "Allow", "Action": of.Properties["Action"], "Resource": function,
		"Principal": principalOf(awsapi.Text(of.Properties["Principal"])),
	}
	if len(condition) > 0 {
		out["Condition"] = condition
	}
	return out, nil
}

// principalOf is a principal as Lambda writes it: an account, an ARN, everybody, or a service.
func principalOf(name string) any {
	const digits = "0123456789"
	switch {
	case name == "*":
		return name
	case events.IsARN(name), len(name) == 12 && events.ConsistsOf(name, digits):
		return map[string]any{"AWS": name}
	}
	return map[string]any{"Service": name}
}

// functionARN is the ARN of a function of the deployment, by its name or ARN.
func (t Tools) functionARN(name string) (string, error) {
	if events.IsARN(name) {
		return name, nil
	}
	for _, other := range t.All {
		if other.Type == "AWS::Lambda::Function" && other.Name == name && name != "" {
			return other.ARN, nil
		}
	}
	return "", fmt.Errorf("the function %s is not of the deployment", compare.Show(name))
}

// foreign are the statements of a function's policy that no permission of the deployment has: with one, somebody else can
// invoke the function, or with a Deny nobody can.
func (f functions) foreign(ctx context.Context, of deployment.Deployed) ([]check.Difference, error) {
	got, err := f.policies.statements(ctx, of, of.Name)
	if err != nil {
		return nil, err
	}
	var deployed []map[string]any
	for _, other := range f.All {
		if other.Type != "AWS::Lambda::Permission" {
			continue
		}
		if other.Unresolved != nil {
			return nil, fmt.Errorf("the permission %s of the deployment is not known: %w", other.ID, other.Unresolved)
		}
		want, err := f.statement(other)
		if err != nil {
			return nil, err
		}
		deployed = append(deployed, want)
	}
	var out []check.Difference
	more := 0
	for _, statement := range got {
		switch {
		case has(deployed, statement):
		case len(out) == maxForeign:
			more++
		default:
			out = append(out, foreignStatement(of, statement))
		}
	}
	if more > 0 {
		out = append(out, check.Difference{Field: "Policy", Want: "none", Got: fmt.Sprintf("%d more statements", more)})
	}
	return out, nil
}

func has(statements []map[string]any, statement map[string]any) bool {
	for _, other := range statements {
		if sameStatement(other, statement) {
			return true
		}
	}
	return false
}

func foreignStatement(of deployment.Deployed, statement map[string]any) check.Difference {
	sid := awsapi.Text(statement["Sid"])
	_, shown := compare.ShowPolicies("", policyOf(statement))
	return check.Difference{
		Field: "Policy." + compare.Show(sid),
		Want:  "none",
		Got:   shown,
		Next: "aws lambda remove-permission --function-name " + compare.Word(of.Name) + " --statement-id " +
			compare.Word(sid),
	}
}
