package account_test

import (
	"context"
	"encoding/json"
	"html"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsconfig "github.com/aws/aws-sdk-go-v2/config"

	"trailkeeper/lambda/trailkeeper/clitest"
	"trailkeeper/lambda/trailkeeper/doctor/checks/account"
	"trailkeeper/lambda/trailkeeper/doctor/deployed"
	"trailkeeper/lambda/trailkeeper/doctor/verdict"
	"trailkeeper/rules/guardrail"
)

type (
	object  = clitest.Object
	answers = clitest.Answers
)

// document is a policy as the stack's template has it.
func document() object {
	return object{"Version": "2012-10-17", "Statement": []any{object{"Effect": "Deny", "Action": "cloudtrail:Stop*", "Resource": "*"}}}
}

// template is CloudFormation's answer with two policies on two targets.
func template(t *testing.T) clitest.Answer {
	t.Helper()
	policy := func(name, kind string) object {
		return object{"Type": "AWS::Organizations::Policy", "Properties": object{
			"Name": name, "Type": kind, "Content": document(), "TargetIds": []any{"ou-a1b2-c3d4e5f6", "444455556666"},
		}}
	}
	text, err := json.Marshal(object{"Resources": object{
		"One": policy("trailkeeper-guardrail", "SERVICE_CONTROL_POLICY"), "Two": policy("trailkeeper-guardrail-resources", "RESOURCE_CONTROL_POLICY"),
	}})
	if err != nil {
		t.Fatal(err)
	}
	return clitest.Say("<GetTemplateResponse><GetTemplateResult><TemplateBody>" + html.EscapeString(string(text)) +
		"</TemplateBody></GetTemplateResult></GetTemplateResponse>")
}

// described is AWS Organizations' answer about the policies p-1 and p-2 with a content.
func described(t *testing.T, content any) clitest.Answer {
	t.Helper()
	text, err := json.Marshal(content)
	if err != nil {
		t.Fatal(err)
	}
	return func(in object) (int, any) {
		summary := object{"Id": in["PolicyId"], "Name": "trailkeeper-guardrail", "Type": "SERVICE_CONTROL_POLICY"}
		if in["PolicyId"] == "p-2" {
			summary["Name"], summary["Type"] = "trailkeeper-guardrail-resources", "RESOURCE_CONTROL_POLICY"
		}
		return 200, object{"Policy": object{"PolicySummary": summary, "Content": string(text)}}
	}
}

// attached is AWS Organizations' answer about the targets of p-1 and p-2.
func attached(first, second []string) clitest.Answer {
	return func(in object) (int, any) {
		var all []any
		for _, id := range map[any][]string{"p-1": first, "p-2": second}[in["PolicyId"]] {
			all = append(all, object{"TargetId": id})
		}
		return 200, object{"Targets": all}
	}
}

// TestGuardrail: the policies that the stack has made must say and bind what its template says, each of them.
func TestGuardrail(t *testing.T) {
	both := []string{"ou-a1b2-c3d4e5f6", "444455556666"}
	weaker := document()
	weaker["Statement"] = []any{object{"Effect": "Allow", "Action": "*", "Resource": "*"}}
	refuse := clitest.Refuse
	for name, test := range map[string]struct {
		change answers
		status verdict.Status
		says   string
	}{
		"as deployed":             {nil, verdict.OK, "The guardrail's policies (2) are as deployed, and attached to 2 targets"},
		"on more targets":         {answers{"ListTargetsForPolicy": attached(append([]string{"r-a1b2"}, both...), both)}, verdict.OK, "to 3 targets"},
		"one is attached to none": {answers{"ListTargetsForPolicy": attached(append([]string{"r-a1b2"}, both...), nil)}, verdict.Error, "to what the stack says: trailkeeper-guardrail-resources."},
		"one lost a target":       {answers{"ListTargetsForPolicy": attached(both[:1], both)}, verdict.Error, "to what the stack says: trailkeeper-guardrail."},
		"they say something else": {answers{"DescribePolicy": described(t, weaker)}, verdict.Error, "do not say what the stack's template says"},
		"one is gone":             {answers{"DescribePolicy": refuse("PolicyNotFoundException", "no")}, verdict.Error, "are gone: p-1, p-2."},
		"another's ID":            {answers{"DescribePolicy": clitest.Say(object{})}, verdict.Error, "do not say"},
		"they may not be read":    {answers{"DescribePolicy": refuse("AccessDeniedException", "no")}, verdict.Unknown, "organizations:DescribePolicy"},
		"targets are refused":     {answers{"ListTargetsForPolicy": refuse("AccessDeniedException", "no")}, verdict.Unknown, "organizations:ListTargetsForPolicy"},
		"no template":             {answers{"GetTemplate": refuse("AccessDenied", "no")}, verdict.Unknown, "Read the stack's template"},
	} {
		t.Run(name, func(t *testing.T) {
			all := answers{"GetTemplate": template(t), "DescribePolicy": described(t, document()), "ListTargetsForPolicy": attached(both, both)}
			for op, answer := range test.change {
				all[op] = answer
			}
			wants(t, all, map[string]string{"GuardrailPolicy1": "p-1", "GuardrailPolicy2": "p-2"}, test.status, test.says)
		})
	}
}

// TestGuardrailByName: of policies that the stack has not made nothing is known but their names.
func TestGuardrailByName(t *testing.T) {
	policies := func(names ...string) clitest.Answer {
		var all []any
		for i, name := range names {
			all = append(all, object{"Id": []string{"p-1", "p-2"}[i], "Name": name})
		}
		return clitest.Say(object{"Policies": all})
	}
	refuse := clitest.Refuse
	whole := clitest.Say(object{"Policy": object{"PolicySummary": object{}, "Content": guardrail.Deployment{Stack: "trailkeeper"}.SCP().Text()}})
	emptied := described(t, object{"Statement": []any{
		object{"Effect": "Allow", "Action": "cloudtrail:Stop*"}, object{"Effect": "Deny", "Action": []any{"cloudtrail:Delete*", 7}},
	}})
	root := attached([]string{"r-a1b2"}, nil)
	for name, test := range map[string]struct {
		list, targets, content clitest.Answer
		status                 verdict.Status
		says                   string
	}{
		"attached":          {policies("trailkeeper-guardrail"), root, whole, verdict.Unknown, "known by their names and actions only"},
		"with a part":       {policies("trailkeeper-guardrail", "trailkeeper-guardrail-2"), attached([]string{"r"}, []string{"r"}), whole, verdict.Unknown, "only"},
		"one of two is not": {policies("trailkeeper-guardrail", "trailkeeper-guardrail-2"), root, whole, verdict.Error, "to nothing: trailkeeper-guardrail-2."},
		"emptied":           {policies("trailkeeper-guardrail"), root, emptied, verdict.Warning, "do not deny what this version's guardrail denies: cloudtrail:Deregister*"},
		"no policy":         {policies("trailkeeper-guardrail"), root, clitest.Say(object{}), verdict.Warning, "do not deny"},
		"content refused":   {policies("trailkeeper-guardrail"), root, refuse("AccessDeniedException", "no"), verdict.Unknown, "organizations:DescribePolicy"},
		"another's":         {policies("other-guardrail", "trailkeeper-guardrails"), nil, nil, verdict.Warning, "is named trailkeeper-guardrail."},
		"targets refused":   {policies("trailkeeper-guardrail"), refuse("AccessDeniedException", "no"), nil, verdict.Unknown, "organizations:ListTargetsForPolicy"},
		"list refused":      {refuse("AccessDeniedException", "no"), nil, nil, verdict.Unknown, "organizations:ListPolicies"},
		"a list without end": {
			clitest.Say(object{"NextToken": "more"}), nil, nil, verdict.Unknown, "more policies of the organization than are looked at",
		},
		"no organization": {refuse("AWSOrganizationsNotInUseException", "no"), nil, nil, "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			wants(t, answers{"ListPolicies": test.list, "ListTargetsForPolicy": test.targets, "DescribePolicy": test.content}, nil, test.status, test.says)
		})
	}
}

// wants judges the guardrail of a deployment with these outputs. An empty status wants no verdict.
func wants(t *testing.T, all answers, outputs map[string]string, status verdict.Status, says string) {
	t.Helper()
	all.Serve(t)
	d := &deployed.Deployment{AWS: operator(t.Context(), t), Stack: "trailkeeper", Account: "111122223333", Outputs: outputs}
	got := account.Guardrail(t.Context(), d)
	if status == "" {
		if len(got) != 0 {
			t.Errorf("%+v; want nothing", got)
		}
		return
	}
	if len(got) != 1 || got[0].Status != status || !strings.Contains(got[0].Says, says) || (got[0].Do == "") != (status == verdict.OK) {
		t.Errorf("%+v; want %s, %q", got, status, says)
	}
}

func operator(ctx context.Context, t *testing.T) aws.Config {
	t.Helper()
	cfg, err := awsconfig.LoadDefaultConfig(ctx, awsconfig.WithRetryer(func() aws.Retryer { return aws.NopRetryer{} }))
	if err != nil {
		t.Fatal(err)
	}
	return cfg
}

// TestDelegated: each service is asked about, and a list without end is not taken for a whole one.
func TestDelegated(t *testing.T) {
	administrator := func(of string, ids ...string) clitest.Answer {
		return func(in object) (int, any) {
			var all []any
			if in["ServicePrincipal"] == of {
				for _, id := range ids {
					all = append(all, object{"Id": id})
				}
			}
			return 200, object{"DelegatedAdministrators": all}
		}
	}
	for name, test := range map[string]struct {
		answer clitest.Answer
		status verdict.Status
		says   string
	}{
		"CloudTrail":                 {administrator("cloudtrail.amazonaws.com", "444455556666"), verdict.Warning, "besides this account: 444455556666."},
		"StackSets of Organizations": {administrator("member.org.stacksets.cloudformation.amazonaws.com", "444455556666"), verdict.Warning, "444455556666."},
		"StackSets":                  {administrator("stacksets.cloudformation.amazonaws.com", "444455556666"), verdict.Warning, "444455556666."},
		"itself":                     {administrator("cloudtrail.amazonaws.com", "111122223333"), verdict.OK, "No other account"},
		"another service":            {administrator("config.amazonaws.com", "444455556666"), verdict.OK, "No other account"},
		"without end":                {clitest.Say(object{"NextToken": "more"}), verdict.Unknown, "more delegated administrators than are looked at"},
		"some of a list without end": {clitest.Say(object{"NextToken": "more", "DelegatedAdministrators": []any{object{"Id": "444455556666"}}}), verdict.Warning, "account: 444455556666."},
	} {
		t.Run(name, func(t *testing.T) {
			asked := answers{"ListDelegatedAdministrators": test.answer}.Serve(t)
			d := &deployed.Deployment{AWS: operator(t.Context(), t), Stack: "trailkeeper", Account: "111122223333"}
			got := account.Delegated(t.Context(), d)
			if len(got) != 1 || got[0].Status != test.status || !strings.Contains(got[0].Says, test.says) {
				t.Errorf("%+v; want %s, %q", got, test.status, test.says)
			}
			if !slices.Contains(*asked, "ListDelegatedAdministrators") {
				t.Error("nobody was asked")
			}
		})
	}
}
