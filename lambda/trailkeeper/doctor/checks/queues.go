package checks

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"trailkeeper/lambda/trailkeeper/doctor/deployed"
	"trailkeeper/lambda/trailkeeper/doctor/verdict"
)

// queues judges whether something waits in the queues of what could not be handled or delivered: those that the stack
// puts out. Their numbers are approximate.
func queues(ctx context.Context, d *deployed.Deployment) []verdict.Verdict {
	const name = "queues"
	api := sqs.NewFromConfig(d.AWS)
	var full []string
	n := 0
	for _, output := range slices.Sorted(maps.Keys(d.Outputs)) {
		id, isQueue := strings.CutSuffix(output, "Url")
		if !isQueue {
			continue
		}
		n++
		out, err := api.GetQueueAttributes(ctx, &sqs.GetQueueAttributesInput{
			QueueUrl: aws.String(d.Outputs[output]),
			AttributeNames: []types.QueueAttributeName{
				types.QueueAttributeNameApproximateNumberOfMessages, types.QueueAttributeNameApproximateNumberOfMessagesNotVisible,
			},
		})
		if _, gone := errors.AsType[*types.QueueDoesNotExist](err); gone {
			return one(verdict.Bad(name, "The queue "+id+" is gone: what cannot be delivered is lost.",
				"Deploy again, and find out who deleted it (DeleteQueue)."))
		}
		if err != nil {
			return one(verdict.Refused(name, "read the queue "+id, "sqs:GetQueueAttributes", err, nil))
		}
		waiting := 0
		for _, text := range out.Attributes {
			if k, err := strconv.Atoi(text); err == nil {
				waiting += k
			}
		}
		if waiting > 0 {
			full = append(full, fmt.Sprintf("%s %d", id, waiting))
		}
	}
	switch {
	case n == 0:
		return one(verdict.Unseen(name, "The stack puts out no queue.", "Deploy again."))
	case len(full) > 0:
		return one(verdict.Warn(name, "Messages wait in queues: "+names(full)+".",
			"Redrive them; what stays says why. See Redrive in lambda/README.md.",
			verdict.Command("trailkeeper", "redrive", "--function", d.Guard.Function, "--region", d.Region())))
	}
	return one(verdict.Good(name, fmt.Sprintf("All %d queues are empty.", n)))
}
