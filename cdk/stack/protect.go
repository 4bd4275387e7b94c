package stack

import (
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"

	"trailkeeper/cdk/convert"
	"trailkeeper/cdk/guardrail"
	"trailkeeper/cdk/owntrail"
	"trailkeeper/cdk/policy"
	"trailkeeper/cdk/settings"
	"trailkeeper/lambda/config/baseline"
	"trailkeeper/rules/protect"
)

// addProtect makes the rules that report calls against the deployment, once all is there that they are about.
func (t *Trailkeeper) addProtect(s settings.Settings, key awskms.IKey, baselines []baseline.Baseline) error {
	if !s.Protects() {
		return nil
	}
	named := guardrail.Deployment(t.Construct, s, baselines)
	place := convert.PlaceOf(t.Construct)
	d := protect.Deployment{
		Stack:     s.StackName,
		Partition: place.Partition,
		Region:    place.Region,
		Account:   place.Account,
		Accounts:  s.Accounts,
		Deployer:  policy.DeployRoles(t.Construct, s)[0],
		Function:  named.Function,
		Bus:       named.Bus,
		Topics:    named.Topics,
		Queues:    named.Queues,
		Secret:    named.Secret,
		Boundary:  named.Boundary,
	}
	for _, name := range named.TopicNames {
		d.Topics = append(d.Topics, place.ARN("sns", name))
	}
	// Refused calls on the first keys alone are reported: on those of the stack.
	if s.EncryptionKey == settings.KeyCreate {
		d.Keys = append(d.Keys, *key.KeyId())
	}
	if t.Topic != nil && t.Topic.Key != nil {
		d.Keys = append(d.Keys, *t.Topic.Key.KeyId())
	}
	for _, own := range []*owntrail.Trail{t.Canary, t.FirstTrail} {
		if own != nil && own.Key != nil {
			d.Keys = append(d.Keys, *own.Key.KeyId())
		}
	}
	d.Keys = append(d.Keys, named.Keys...)
	if t.Guard.Table != nil {
		d.Tables = append(d.Tables, *t.Guard.Table.Table.Ref())
	}
	if t.Watch != nil && t.Watch.Table != nil {
		d.Tables = append(d.Tables, *t.Watch.Table.Table.Ref())
	}
	for _, p := range t.Guardrail {
		d.Policies = append(d.Policies, *p.AttrId())
	}
	return t.Rules.Protect(t.Construct, d)
}
