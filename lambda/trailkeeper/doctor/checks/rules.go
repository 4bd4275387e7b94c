package checks

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

// rules judges whether the EventBridge rules are there and enabled.
func rules(ctx context.Context, d *deployed.Deployment) []verdict.Verdict {
	const name = "rules"
	api := eventbridge.NewFromConfig(d.AWS)
	var off, gone, fix []string
	all := d.Of("AWS::Events::Rule")
	for _, r := range all {
		bus, rule := "", r.Name
		if at := strings.LastIndexByte(r.Name, '|'); at >= 0 { // Ref of a rule on another bus is BUS|RULE
			bus, rule = r.Name[:at], r.Name[at+1:]
		}
		in := &eventbridge.DescribeRuleInput{Name: aws.String(rule)}
		if bus != "" {
			in.EventBusName = aws.String(bus)
		}
		out, err := api.DescribeRule(ctx, in)
		if _, missing := errors.AsType[*types.ResourceNotFoundException](err); missing {
			gone = append(gone, rule)
			continue
		}
		if err != nil {
			return one(verdict.Refused(name, "describe the rule "+rule, "events:DescribeRule", err, nil))
		}
		if out.State == types.RuleStateDisabled {
			off = append(off, rule)
			args := []string{"aws", "events", "enable-rule", "--name", rule}
			if bus != "" {
				args = append(args, "--event-bus-name", bus)
			}
			fix = append(fix, verdict.Command(args...))
		}
	}
	switch {
	case len(gone) > 0:
		return one(verdict.Bad(name, "EventBridge rules are gone: "+names(gone)+".",
			"Deploy again, and find out who deleted them (DeleteRule).", fix...))
	case len(off) > 0:
		return one(verdict.Bad(name, "EventBridge rules are disabled: "+names(off)+".",
			"Enable them, and find out who disabled them (DisableRule).", fix...))
	case len(all) == 0:
		return one(verdict.Bad(name, "The stack has no EventBridge rule.", "Name the stack of Trailkeeper with --stack, or deploy it again."))
	}
	return one(verdict.Good(name, fmt.Sprintf("All %d EventBridge rules are enabled.", len(all))))
}
