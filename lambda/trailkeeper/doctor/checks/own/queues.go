package own

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

// notices is the queue of the notifications about log files, through which the watch's work passes: what is in it need not
// have failed.
const notices = "LogFiles"

// waiting are the queues of what could not be handled or delivered, by their names: those that the stack puts out, and
// the warden's; and that of notices.
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

// Queues judges whether something waits in these queues. Their numbers are approximate.
func Queues(ctx context.Context, d *deployed.Deployment) []verdict.Verdict {
	const name = "queues"
	api := sqs.NewFromConfig(d.AWS)
	var full, gone, silent []string
	urls := waiting(d)
	for _, id := range slices.Sorted(maps.Keys(urls)) {
		out, err := api.GetQueueAttributes(ctx, &sqs.GetQueueAttributesInput{QueueUrl: aws.String(urls[id]), AttributeNames: counts})
		if _, missing := errors.AsType[*types.QueueDoesNotExist](err); missing {
			gone = append(gone, id)
			continue
		}
		if err != nil {
			return verdict.Refused(name, "read the queue "+id, "sqs:GetQueueAttributes", err, nil)
		}
		switch there, said := messages(out.Attributes); {
		case !said:
			silent = append(silent, id)
		case there > 0 && id != notices:
			full = append(full, fmt.Sprintf("%s %d", id, there))
		}
	}
	switch {
	case len(gone) > 0:
		return verdict.Bad(name, "Queues are gone, and what cannot be delivered is lost: "+verdict.Names(gone)+".",
			"Deploy with --revert-drift, and find out who deleted them (DeleteQueue).")
	case len(full) > 0:
		return verdict.Warn(name, "Messages wait in queues: "+verdict.Names(full)+".",
			"Redrive them; what stays says why. See Redrive in lambda/README.md.",
			d.Command("redrive", "--function", d.Guard.Name, "--region", d.Region()))
	case len(urls) == 0:
		return verdict.Unseen(name, "The stack puts out no queue.", "Name the stack of Trailkeeper with --stack, or deploy it again.")
	case len(silent) > 0:
		return verdict.Unseen(name, "SQS does not say how many messages are in "+verdict.Names(silent)+".", "Run it again.")
	}
	return verdict.Good(name, fmt.Sprintf("All %d queues are there, and no message waits.", len(urls)))
}

// counts are the attributes that together number a queue's messages; none of ours delays a message.
var counts = []types.QueueAttributeName{
	types.QueueAttributeNameApproximateNumberOfMessages, types.QueueAttributeNameApproximateNumberOfMessagesNotVisible,
}

// messages is how many a queue has; false: the answer does not say it.
func messages(attributes map[string]string) (there int, said bool) {
	for _, name := range counts {
		n, err := strconv.Atoi(attributes[string(name)])
		if err != nil || n < 0 {
			return 0, false
		}
		there += n
	}
	return there, true
}
