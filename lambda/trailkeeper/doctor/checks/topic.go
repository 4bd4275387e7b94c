package checks

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sns"
	"github.com/aws/aws-sdk-go-v2/service/sns/types"

	"trailkeeper/events"
	"trailkeeper/lambda/trailkeeper/doctor/deployed"
	"trailkeeper/lambda/trailkeeper/doctor/verdict"
)

// topic judges whether somebody listens to the topic. Endpoints are not shown: a pager's is a credential.
func topic(ctx context.Context, d *deployed.Deployment) []verdict.Verdict {
	const name = "subscriptions"
	arn := d.Guard.Settings.TopicARN
	if arn == "" {
		arn = d.Outputs["TopicArn"]
	}
	if arn == "" {
		return nil
	}
	api := sns.NewFromConfig(d.AWS)
	confirmed, pending := map[string]int{}, map[string]int{}
	var token *string
	for range mostPages {
		page, err := api.ListSubscriptionsByTopic(ctx, &sns.ListSubscriptionsByTopicInput{TopicArn: aws.String(arn), NextToken: token})
		if _, gone := errors.AsType[*types.NotFoundException](err); gone {
			return one(verdict.Bad(name, "The topic "+arn+" is gone.", "Deploy again; everybody must then confirm anew. Find out who deleted it."))
		}
		if err != nil {
			return one(verdict.Refused(name, "list the topic's subscriptions", "sns:ListSubscriptionsByTopic", err, nil))
		}
		for _, s := range page.Subscriptions {
			switch arn := aws.ToString(s.SubscriptionArn); {
			case events.IsARN(arn):
				confirmed[aws.ToString(s.Protocol)]++
			case arn != "Deleted":
				pending[aws.ToString(s.Protocol)]++
			}
		}
		if token = page.NextToken; token == nil {
			break
		}
	}
	list := verdict.Command("aws", "sns", "list-subscriptions-by-topic", "--topic-arn", arn)
	switch {
	case len(confirmed)+len(pending) == 0:
		return one(verdict.Bad(name, "Nobody listens to the topic: it has no subscription.",
			"Put endpoints into sns.subscriptions, deploy and confirm; if there were some, find out who removed them (Unsubscribe).", list))
	case len(confirmed) == 0:
		return one(verdict.Bad(name, "Nobody listens to the topic: not confirmed are "+counted(pending)+".",
			"Confirm them; AWS deletes what is not confirmed after some days.", list))
	case len(pending) > 0:
		return one(verdict.Warn(name, "Confirmed are "+counted(confirmed)+"; not confirmed are "+counted(pending)+".",
			"Confirm them, or take them out of sns.subscriptions.", list))
	}
	return one(verdict.Good(name, "All subscriptions of the topic are confirmed: "+counted(confirmed)+"."))
}

func counted(by map[string]int) string {
	var all []string
	for _, protocol := range slices.Sorted(maps.Keys(by)) {
		all = append(all, fmt.Sprintf("%d %s", by[protocol], protocol))
	}
	return strings.Join(all, ", ")
}
