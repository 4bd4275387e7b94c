// Package checks compares the resources of a deployment with how they were deployed: a file for each type of
// CloudFormation's, and a registry of them.
//
// It decides neither when a check runs nor whether a difference is repaired: package warden does.
package checks

import (
	"context"
	"maps"

	"trailkeeper/lambda/config/deployment"
	"trailkeeper/lambda/internal/awsapi"
	"trailkeeper/lambda/internal/awscall"
	"trailkeeper/lambda/internal/clock"
	"trailkeeper/lambda/internal/state"
	"trailkeeper/lambda/internal/warden/check"
)

// Tools are what the checks work with.
type Tools struct {
	Call  awsapi.Caller
	Clock clock.Clock
	// Record is that of the deployment.
	Record deployment.Record
	// All are the resources of the deployment that are checked, for what a check must know of others: a topic's
	// subscriptions, the alarms that are read with one, and what others give a function's policy or a role.
	All []deployment.Deployed
	// Documents is the state table; nil: there is none, and nothing is remembered.
	Documents state.Documents
	// Local says that AWS is played on the machine that this runs on, so that Slack may be as well.
	Local bool
}

// Types are the checks, by the type of the resource.
func Types(t Tools) map[string]check.Check {
	all := map[string]check.Check{}
	for _, types := range []func(Tools) map[string]check.Check{eventTypes, computeTypes, stateTypes} {
		maps.Copy(all, types(t))
	}
	return all
}

// ask makes a call in the Region of a resource, again where that may help.
func (t Tools) ask(
	ctx context.Context, of deployment.Deployed, service, operation string, input map[string]any,
) (map[string]any, error) {
	var out map[string]any
	err := awscall.Do(ctx, t.Clock, func(ctx context.Context) error {
		var err error
		out, err = t.Call(ctx, awsapi.Call{Service: service, Region: of.Region, Operation: operation, Input: input})
		return err
	})
	return out, err
}

// missing reports whether a service says that there is no such resource.
func missing(err error) bool {
	switch awscall.Code(err) {
	case "ResourceNotFound", "NoSuchEntity", "NotFound", "QueueDoesNotExist", "ParameterNotFound",
		"AWS.SimpleQueueService.NonExistentQueue":
		return true
	}
	return false
}
