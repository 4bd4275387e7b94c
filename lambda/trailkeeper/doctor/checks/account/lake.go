package account

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail/types"

	"trailkeeper/lambda/trailkeeper/doctor/deployed"
	"trailkeeper/lambda/trailkeeper/doctor/pages"
	"trailkeeper/lambda/trailkeeper/doctor/verdict"
)

// mostStores bounds the event data stores that are read: a Region has ten (CloudTrail User Guide, "Quotas"), which can be
// raised.
const mostStores = 50

// stores is what is wrong with event data stores, by their names, and how many there are.
type stores struct {
	off, open, unread []string
	all               int
}

// Lake judges the event data stores of CloudTrail Lake in the stack's Region. No guard restores them.
func Lake(ctx context.Context, d *deployed.Deployment) []verdict.Verdict {
	const name = "lake"
	api := cloudtrail.NewFromConfig(d.AWS)
	var s stores
	more, err := pages.Read(func(token *string) (*string, error) {
		page, err := api.ListEventDataStores(ctx, &cloudtrail.ListEventDataStoresInput{NextToken: token})
		if err != nil {
			return nil, err
		}
		for _, of := range page.EventDataStores {
			if s.all++; s.all <= mostStores {
				s.look(ctx, api, of)
			}
		}
		return page.NextToken, nil
	})
	if err != nil {
		return verdict.Refused(name, "list the event data stores", "cloudtrail:ListEventDataStores", err, map[string]string{
			"UnsupportedOperation": "CloudTrail Lake is not served here",
		})
	}
	switch {
	case len(s.off) > 0:
		return verdict.Warn(name, "Event data stores do not take events: "+verdict.Names(s.off)+".",
			"Find out who stopped or deleted them (StopEventDataStoreIngestion, DeleteEventDataStore); one that is pending deletion can be "+
				"restored for seven days.")
	case len(s.open) > 0:
		return verdict.Warn(name, "Event data stores are not protected from deletion: "+verdict.Names(s.open)+".",
			"Protect them with update-event-data-store --termination-protection-enabled.")
	case len(s.unread) > 0:
		return verdict.Unseen(name, "Event data stores could not be read: "+verdict.Names(s.unread)+".",
			verdict.Allow("cloudtrail:GetEventDataStore"))
	case more || s.all > mostStores:
		return verdict.Rest(name, "event data stores")
	case s.all == 0:
		return verdict.Good(name, "CloudTrail Lake has no event data store here.")
	}
	return verdict.Good(name, fmt.Sprintf("All event data stores (%d) take events and are protected from deletion.", s.all))
}

// look reads one event data store.
func (s *stores) look(ctx context.Context, api *cloudtrail.Client, of types.EventDataStore) {
	name := aws.ToString(of.Name)
	store, err := api.GetEventDataStore(ctx, &cloudtrail.GetEventDataStoreInput{EventDataStore: of.EventDataStoreArn})
	switch {
	case err != nil:
		s.unread = append(s.unread, name)
	case store.Status != types.EventDataStoreStatusEnabled && store.Status != types.EventDataStoreStatusCreated:
		s.off = append(s.off, fmt.Sprintf("%s (%s)", name, store.Status))
	case !aws.ToBool(store.TerminationProtectionEnabled):
		s.open = append(s.open, name)
	}
}
