package own

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge/types"

	"trailkeeper/lambda/trailkeeper/doctor/deployed"
	"trailkeeper/lambda/trailkeeper/doctor/verdict"
)

// ruled is what is wrong with rules, by their names, and the commands that enable those that are disabled.
type ruled struct{ off, gone, bare, fix []string }

// Rules judges whether the EventBridge rules are there, enabled and with a target. What they match and where they lead is
// the warden's to compare.
func Rules(ctx context.Context, d *deployed.Deployment) []verdict.Verdict {
	const name = "rules"
	api := eventbridge.NewFromConfig(d.AWS)
	all := d.Of("AWS::Events::Rule")
	var r ruled
	for _, of := range all {
		if refused := r.look(ctx, d, api, of.Name); refused != nil {
			return refused
		}
	}
	switch {
	case len(all) == 0:
		return verdict.Bad(name, "The stack has no EventBridge rule.", "Name the stack of Trailkeeper with --stack, or deploy it again.")
	case len(r.gone) > 0:
		return verdict.Bad(name, "EventBridge rules are gone: "+verdict.Names(r.gone)+".",
			"Deploy with --revert-drift, and find out who deleted them (DeleteRule).", r.fix...)
	case len(r.off) > 0:
		return verdict.Bad(name, "EventBridge rules are disabled: "+verdict.Names(r.off)+".",
			"Enable them, and find out who disabled them (DisableRule).", r.fix...)
	case len(r.bare) > 0:
		return verdict.Bad(name, "EventBridge rules have no target, so that nothing comes of what they match: "+verdict.Names(r.bare)+".",
			"Deploy with --revert-drift, and find out who removed the targets (RemoveTargets).")
	}
	return verdict.Good(name, fmt.Sprintf("All %d EventBridge rules are enabled and have targets.", len(all)))
}

// look reads one rule, by what Ref gives: of a rule on another bus than the default one, BUS|RULE.
func (r *ruled) look(ctx context.Context, d *deployed.Deployment, api *eventbridge.Client, ref string) []verdict.Verdict {
	var bus *string
	rule, enable := ref, []string{"events", "enable-rule", "--name"}
	if at := strings.LastIndexByte(ref, '|'); at >= 0 {
		bus, rule = aws.String(ref[:at]), ref[at+1:]
	}
	out, err := api.DescribeRule(ctx, &eventbridge.DescribeRuleInput{Name: aws.String(rule), EventBusName: bus})
	if _, missing := errors.AsType[*types.ResourceNotFoundException](err); missing {
		r.gone = append(r.gone, rule)
		return nil
	}
	if err != nil {
		return verdict.Refused("rules", "describe the rule "+rule, "events:DescribeRule", err, nil)
	}
	if out.State != types.RuleStateEnabled && out.State != types.RuleStateEnabledWithAllCloudtrailManagementEvents {
		r.off = append(r.off, rule)
		if enable = append(enable, rule); bus != nil {
			enable = append(enable, "--event-bus-name", *bus)
		}
		r.fix = append(r.fix, d.AWSCommand(enable...))
	}
	targets, err := api.ListTargetsByRule(ctx, &eventbridge.ListTargetsByRuleInput{Rule: aws.String(rule), EventBusName: bus})
	if err != nil {
		return verdict.Refused("rules", "list the targets of "+rule, "events:ListTargetsByRule", err, nil)
	}
	if len(targets.Targets) == 0 {
		r.bare = append(r.bare, rule)
	}
	return nil
}
