package cloudtrail

import (
	"trailkeeper/lambda/internal/localcloud/kernel"
)

// listEventDataStores answers for an account that has no event data store: CloudTrail Lake is not played.
func (*Trails) listEventDataStores(cl *kernel.Call, _ *trail) (map[string]any, *kernel.Error) {
	return list(cl, "EventDataStores", []any{}, "InvalidNextTokenException")
}

// getEventDataStore knows none.
func (*Trails) getEventDataStore(cl *kernel.Call, _ *trail) (map[string]any, *kernel.Error) {
	if n := len(cl.Text("EventDataStore")); n < 3 || n > 256 {
		return nil, kernel.Refuse("EventDataStoreARNInvalidException", "The specified event data store ARN is not valid.")
	}
	return nil, kernel.Refuse("EventDataStoreNotFoundException", "The specified event data store was not found.")
}
