// Package guardrail makes the organization policies that keep others from tampering with the trails and the deployment,
// and attaches them where the settings say.
//
// It composes no policy: package rules/guardrail does. It knows no organization: whether the account may make policies
// shows when the stack is deployed.
package guardrail

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsorganizations"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"trailkeeper/cdk/policy"
	"trailkeeper/cdk/settings"
	"trailkeeper/lambda/config/baseline"
	"trailkeeper/rules/guardrail"
)

// New makes the policies, in the order of their names. The error names what AWS Organizations would refuse, and a policy that would lock out a role
// that deploys it.
func New(
	scope constructs.Construct,
	s settings.Settings,
	baselines []baseline.Baseline,
) (made []awsorganizations.CfnPolicy, err error) {
	d := Deployment(scope, s, baselines)
	if err := errors.Join(d.Problems(s.Guardrail.RCP)...); err != nil {
		return nil, err
	}
	at := constructs.NewConstruct(scope, jsii.String("Guardrail"))
	parts := d.SCPs()
	if err := CheckDeployable(parts, policy.DeployRoles(at, s)); err != nil {
		return nil, err
	}
	for i, p := range parts {
		what := "keeps others from tampering with trails and with " + s.StackName
		made = append(made, add(at, s, policy.Numbered("Services", i), "SERVICE_CONTROL_POLICY", name(s, "guardrail", i), what, p))
	}
	if s.Guardrail.RCP {
		what := "keeps outsiders from the buckets, keys, secret and queues of " + s.StackName
		made = append(made, add(at, s, "Resources", "RESOURCE_CONTROL_POLICY", name(s, "guardrail-resources", 0), what, d.RCP()))
	}
	return made, nil
}

// name is unique in the organization, which has one such deployment.
func name(s settings.Settings, of string, i int) string {
	if i == 0 {
		return s.StackName + "-" + of
	}
	return fmt.Sprintf("%s-%s-%d", s.StackName, of, i+1)
}

// add makes a policy. It outlives the stack: whoever deletes that must not lift the guardrail with it; a deployment
// that fails leaves none behind.
func add(
	scope constructs.Construct,
	s settings.Settings,
	id, kind, name, what string,
	p guardrail.Policy,
) awsorganizations.CfnPolicy {
	made := awsorganizations.NewCfnPolicy(scope, jsii.String(id), &awsorganizations.CfnPolicyProps{
		Name:        jsii.String(name),
		Description: jsii.String("Trailkeeper: " + what),
		Type:        jsii.String(kind),
		Content:     content(p),
		TargetIds:   jsii.Strings(s.Guardrail.AttachTo...),
	})
	made.ApplyRemovalPolicy(awscdk.RemovalPolicy_RETAIN_ON_UPDATE_OR_DELETE, nil)
	return made
}

// content is a policy as CloudFormation takes it: as an object, of which it can show drift.
func content(p guardrail.Policy) map[string]any {
	var statements []any
	for _, s := range p.Statement {
		one := map[string]any{"Effect": s.Effect, "Action": value(s.Action), "Resource": value(s.Resource)}
		if s.Principal != "" {
			one["Principal"] = s.Principal
		}
		conditions := map[string]any{}
		for operator, keys := range s.Condition {
			of := map[string]any{}
			for key, values := range keys {
				of[key] = value(values)
			}
			conditions[operator] = of
		}
		one["Condition"] = conditions
		statements = append(statements, one)
	}
	return map[string]any{"Version": p.Version, "Statement": statements}
}

func value(texts guardrail.Texts) any {
	if len(texts) == 1 {
		return texts[0]
	}
	return []string(texts)
}

// CheckDeployable refuses policies that would deny something to a role that deploys. A part of its ARN that
// CloudFormation fills in is as it stands.
func CheckDeployable(parts []guardrail.Policy, roles []string) error {
	for _, role := range roles {
		for _, p := range parts {
			if p.LocksOut(role) {
				return fmt.Errorf("the guardrail would lock out %s, which deploys this stack; name the role in deployRole",
					readable(role))
			}
		}
	}
	return nil
}

// readable is an ARN with stars where CloudFormation fills it in.
func readable(arn string) string {
	var b strings.Builder
	for {
		before, rest, ok := strings.Cut(arn, "${Token[")
		b.WriteString(before)
		if !ok {
			return b.String()
		}
		_, arn, _ = strings.Cut(rest, "]}")
		b.WriteString("*")
	}
}

// Deployment is what the policies are about.
func Deployment(scope constructs.Construct, s settings.Settings, baselines []baseline.Baseline) guardrail.Deployment {
	d := guardrail.Deployment{
		Stack:        s.StackName,
		Account:      s.Env.Account,
		Qualifier:    policy.Qualifier(scope),
		BreakGlass:   s.Guardrail.BreakGlass,
		Organization: s.OrganizationID,
		Boundary:     s.PermissionsBoundary,
		Secret:       s.Secret,
		Function:     s.Function.Name,
		Bus:          s.Bus,
		TopicNames:   []string{s.SNS.TopicName},
		Topics:       []string{s.SNS.TopicARN, s.MetricFilters.TopicARN},
		LogGroups:    append([]string{s.MetricFilters.LogGroup}, s.Archive.LogGroups...),
		Queues:       []string{s.Function.FailureQueueARN},
		Keys: slices.Concat([]string{s.SecretKeyARN, s.SNS.TopicKeyARN}, s.Guardrail.Keys,
			[]string{s.EncryptionKey, s.Canary.Key, s.FirstTrail.Key}, s.SNS.RouteKeyARNs),
		DeployRoles: []string{s.DeployRole},
	}
	for _, b := range baselines {
		at := b.Trail.Settings
		d.Trails = append(d.Trails, guardrail.Trail{Bucket: at.S3Bucket, Key: at.KMSKeyID, LogGroup: at.LogGroupARN})
	}
	for _, b := range s.Archive.Buckets {
		d.Trails = append(d.Trails, guardrail.Trail{Bucket: b.Name, Key: b.Key})
		d.Topics = append(d.Topics, b.Source)
	}
	return d.Clean()
}
