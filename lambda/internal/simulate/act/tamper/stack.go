package tamper

import (
	"context"

	"trailkeeper/lambda/internal/awsapi"
	"trailkeeper/lambda/internal/simulate/act"
	"trailkeeper/lambda/internal/simulate/stage"
)

// onRole is a call about a role of the stack, by its logical ID without CDK's hash.
func onRole(id, operation string, more object) act.Act {
	return on("RoleName", id, "iam", operation, more)
}

// DeletesRole deletes a role, whose policies must go first.
func DeletesRole(role string) act.Act {
	return act.InOrder(TakesPolicies(role), onRole(role, "DeleteRole", nil))
}

// denyAll is a policy of AWS's that denies everything.
const denyAll = "arn:aws:iam::aws:policy/AWSDenyAll"

// TakesPolicies takes every policy of a role away: those that are attached to it, and its own.
func TakesPolicies(role string) act.Act {
	return calls(func(ctx context.Context, s *stage.Stage) (all []attack, err error) {
		name := s.NameOf(role)
		attached, err := ask(ctx, s, attack{"iam", "ListAttachedRolePolicies", object{"RoleName": name}})
		if err != nil {
			return nil, err
		}
		for _, p := range awsapi.List(attached["AttachedPolicies"]) {
			arn := awsapi.Object(p)["PolicyArn"]
			all = append(all, attack{"iam", "DetachRolePolicy", object{"RoleName": name, "PolicyArn": arn}})
		}
		own, err := ask(ctx, s, attack{"iam", "ListRolePolicies", object{"RoleName": name}})
		for _, p := range awsapi.List(own["PolicyNames"]) {
			all = append(all, attack{"iam", "DeleteRolePolicy", object{"RoleName": name, "PolicyName": p}})
		}
		return all, err
	})
}

// DeniesRole denies a role everything.
func DeniesRole(role string) act.Act {
	return onRole(role, "AttachRolePolicy", object{"PolicyArn": denyAll})
}

// BoundsRole puts a boundary on a role that lets it do nothing.
func BoundsRole(role string) act.Act {
	return onRole(role, "PutRolePermissionsBoundary", object{"PermissionsBoundary": denyAll})
}

// DistrustsRole has a role be taken by nobody.
func DistrustsRole(role string) act.Act {
	const nobody = `{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"sts:AssumeRole","Principal":"*"}]}`
	return onRole(role, "UpdateAssumeRolePolicy", object{"PolicyDocument": nobody})
}

// Unprotects lifts the stack's termination protection.
func Unprotects() act.Act {
	return call("cloudformation", "UpdateTerminationProtection", func(s *stage.Stage) object {
		return object{"StackName": s.Stack, "EnableTerminationProtection": false}
	})
}

// DeletesStack deletes the stack.
func DeletesStack() act.Act {
	return call("cloudformation", "DeleteStack", func(s *stage.Stage) object { return object{"StackName": s.Stack} })
}
