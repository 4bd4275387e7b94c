package dynamodb

import (
	"encoding/json"
	"errors"
	"fmt"

	"trailkeeper/lambda/internal/localcloud/cloudformation"
	"trailkeeper/lambda/internal/localcloud/policy"
)

// Types are the resource types of the service.
func Types() map[string]cloudformation.Type {
	return map[string]cloudformation.Type{
		"AWS::DynamoDB::Table": {
			Name: "TableName",
			Attributes: func(p cloudformation.Place, _, name string) map[string]string {
				return map[string]string{"Ref": name, "Arn": p.ARN("dynamodb", "table/"+name)}
			},
		},
	}
}

type tableSpec struct {
	TableName, BillingMode, TableClass string
	KeySchema                          []struct{ AttributeName, KeyType string }
	AttributeDefinitions               []struct{ AttributeName, AttributeType string }
	TimeToLiveSpecification            struct {
		AttributeName string
		Enabled       *bool
	}
	SSESpecification struct {
		SSEEnabled              *bool
		SSEType, KMSMasterKeyId string //nolint:revive // CloudFormation's names
	}
	PointInTimeRecoverySpecification struct {
		PointInTimeRecoveryEnabled *bool
		RecoveryPeriodInDays       *int
	}
	DeletionProtectionEnabled                  *bool
	ResourcePolicy                             struct{ PolicyDocument policy.Document }
	Tags, OnDemandThroughput, WarmThroughput   cloudformation.Unused
	ContributorInsightsSpecification           cloudformation.Unused
	ProvisionedThroughput, StreamSpecification json.RawMessage // refused by check
}

// Check refuses values that the service would refuse.
func (s tableSpec) Check() error {
	errs := []error{
		s.ResourcePolicy.PolicyDocument.Check(),
		cloudformation.OneOf("BillingMode", s.BillingMode, "PAY_PER_REQUEST"),
	}
	if s.TableClass != "" {
		errs = append(errs, cloudformation.OneOf("TableClass", s.TableClass, "STANDARD", "STANDARD_INFREQUENT_ACCESS"))
	}
	if s.ProvisionedThroughput != nil || s.StreamSpecification != nil {
		errs = append(errs, errors.New("ProvisionedThroughput and StreamSpecification are not modelled"))
	}
	defined := map[string]string{}
	for _, d := range s.AttributeDefinitions {
		errs = append(errs, cloudformation.OneOf("the type of "+d.AttributeName, d.AttributeType, "S"))
		defined[d.AttributeName] = d.AttributeType
	}
	for i, k := range s.KeySchema {
		errs = append(errs,
			cloudformation.OneOf("KeyType of "+k.AttributeName, k.KeyType, []string{"HASH", "RANGE"}[min(i, 1)]))
		if defined[k.AttributeName] == "" {
			errs = append(errs, fmt.Errorf("the key %s is not among the AttributeDefinitions", k.AttributeName))
		}
	}
	if n := len(s.KeySchema); n < 1 || n > 2 || n != len(defined) {
		errs = append(
			errs,
			fmt.Errorf("%d keys and %d AttributeDefinitions; want one or two keys, and the definitions of these", n,
				len(defined)),
		)
	}
	if ttl := s.TimeToLiveSpecification; ttl.Enabled != nil && *ttl.Enabled && ttl.AttributeName == "" {
		errs = append(errs, errors.New("TimeToLiveSpecification has no AttributeName"))
	}
	if s.SSESpecification.SSEType != "" {
		errs = append(errs, cloudformation.OneOf("SSEType", s.SSESpecification.SSEType, "KMS"))
	}
	return errors.Join(
		append(errs,
			cloudformation.Within("RecoveryPeriodInDays", s.PointInTimeRecoverySpecification.RecoveryPeriodInDays, 1, 35))...)
}

// Deploy makes the tables of a template; their policies name roles, which need not be in it.
func (s *Tables) Deploy(st *cloudformation.Stack) {
	s.mu.Lock()
	defer s.mu.Unlock()
	cloudformation.Each(st, "AWS::DynamoDB::Table", func(id string, att map[string]string, spec tableSpec) {
		t := &table{
			arn:       att["Arn"],
			items:     map[string]Item{},
			sse:       is(spec.SSESpecification.SSEEnabled),
			protected: is(spec.DeletionProtectionEnabled),
			recovers:  is(spec.PointInTimeRecoverySpecification.PointInTimeRecoveryEnabled),
		}
		if given := spec.ResourcePolicy.PolicyDocument; len(given.Statement) > 0 {
			t.policies = []policy.Document{given}
		}
		for _, k := range spec.KeySchema {
			t.keys = append(t.keys, k.AttributeName)
		}
		if ttl := spec.TimeToLiveSpecification; is(ttl.Enabled) {
			t.ttl = ttl.AttributeName
		}
		t.key = spec.SSESpecification.KMSMasterKeyId
		st.Wants(id, "key", t.key)
		s.tables[t.arn] = t
		s.kernel.Name(t.arn, cloudformation.ShortID(id))
	})
}

func is(given *bool) bool { return given != nil && *given }
