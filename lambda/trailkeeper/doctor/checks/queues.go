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

// waiting are the queues of what could not be handled or delivered, by their names: those that the stack puts out, and
// the warden's.
func waiting(d *deployed.Deployment) map[string]string {
	urls := map[string]string{}
	for output, url := range d.Outputs {
		if id, isQueue := strings.CutSuffix(output, "Url"); isQueue {
			urls[id] = url
		}
	}
	for _, r := range d.Of("AWS::SQS::Queue") {
		if strings.HasPrefix(r.ID, "WardenQueue") {
			urls["WardenQueue"] = r.Name
		}
	}
	return urls
}

// queues judges whether something waits in these queues. Their numbers are approximate.
func queues(ctx context.Context, d *deployed.Deployment) []verdict.Verdict {
	const name = "queues"
	api := sqs.NewFromConfig(d.AWS)
	var full []string
	urls := waiting(d)
	for _, id := range slices.Sorted(maps.Keys(urls)) {
		out, err := api.GetQueueAttributes(ctx, &sqs.GetQueueAttributesInput{
			QueueUrl: aws.String(urls[id]),
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
		there := 0
		for _, text := range out.Attributes {
			if k, err := strconv.Atoi(text); err == nil {
				there += k
			}
		}
		if there > 0 {
			full = append(full, fmt.Sprintf("%s %d", id, there))
		}
	}
	switch {
	case len(urls) == 0:
		return one(verdict.Unseen(name, "The stack puts out no queue.", "Deploy again."))
	case len(full) > 0:
		return one(verdict.Warn(name, "Messages wait in queues: "+names(full)+".",
			"Redrive them; what stays says why. See Redrive in lambda/README.md.",
			verdict.Command("trailkeeper", "redrive", "--function", d.Guard.Name, "--region", d.Region())))
	}
	return one(verdict.Good(name, fmt.Sprintf("All %d queues are empty.", len(urls))))
}
