package checks

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail/types"

	"trailkeeper/lambda/trailkeeper/doctor/deployed"
	"trailkeeper/lambda/trailkeeper/doctor/verdict"
)

// lake judges the event data stores of CloudTrail Lake in the stack's Region. No guard restores them.
func lake(ctx context.Context, d *deployed.Deployment) []verdict.Verdict {
	const name = "lake"
	api := cloudtrail.NewFromConfig(d.AWS)
	var off, open, unread []string
	n := 0
	var token *string
	for range mostPages {
		page, err := api.ListEventDataStores(ctx, &cloudtrail.ListEventDataStoresInput{NextToken: token})
		if err != nil {
			return one(verdict.Refused(name, "list the event data stores", "cloudtrail:ListEventDataStores", err, map[string]string{
				"UnsupportedOperation": "CloudTrail Lake is not served here",
			}))
		}
		for _, s := range page.EventDataStores {
			n++
			store, err := api.GetEventDataStore(ctx, &cloudtrail.GetEventDataStoreInput{EventDataStore: s.EventDataStoreArn})
			switch {
			case err != nil:
				unread = append(unread, aws.ToString(s.Name))
			case store.Status != types.EventDataStoreStatusEnabled && store.Status != types.EventDataStoreStatusCreated:
				off = append(off, fmt.Sprintf("%s (%s)", aws.ToString(s.Name), store.Status))
			case !aws.ToBool(store.TerminationProtectionEnabled):
				open = append(open, aws.ToString(s.Name))
			}
		}
		if token = page.NextToken; token == nil {
			break
		}
	}
	switch {
	case len(off) > 0:
		return one(verdict.Warn(name, "Event data stores do not take events: "+names(off)+".",
			"Find out who stopped or deleted them (StopEventDataStoreIngestion, DeleteEventDataStore); one that is pending deletion can be "+
				"restored for seven days."))
	case len(open) > 0:
		return one(verdict.Warn(name, "Event data stores are not protected from deletion: "+names(open)+".",
			"Protect them with update-event-data-store --termination-protection-enabled."))
	case len(unread) > 0:
		return one(verdict.Unseen(name, "Event data stores could not be read: "+names(unread)+".",
			"Allow cloudtrail:GetEventDataStore to these credentials, and run it again."))
	case n == 0:
		return one(verdict.Good(name, "CloudTrail Lake has no event data store here."))
	}
	return one(verdict.Good(name, fmt.Sprintf("All %d event data stores take events and are protected from deletion.", n)))
}
