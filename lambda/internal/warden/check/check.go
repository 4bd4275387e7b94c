// Package check has the nouns of comparing a resource of the deployment with how it was deployed.
//
// It compares nothing itself, and knows no AWS client.
package check

import (
	"context"

	"trailkeeper/lambda/config/deployment"
)

// Check compares one resource with how it was deployed. The error says that something could not be read: what was found
// before it counts, and the rest is unknown, never in order. A resource whose Unresolved is not nil is not given to one.
type Check func(ctx context.Context, of deployment.Deployed) ([]Difference, error)

// Difference is one way in which a resource is not as it was deployed.
type Difference struct {
	// Field is what differs, such as "State" or "Targets.Function"; MissingField: the resource is gone.
	Field string
	// Want and Got are what was deployed and what is there, for people to read: of a secret, an endpoint or a policy a
	// digest or a summary, never the value.
	Want, Got string
	// Repair puts it back; nil: a person must. Checking again says whether it held. Two differences of one resource may
	// have the same repair, which is then done for each; it does no harm where nothing differs.
	Repair func(ctx context.Context) error
	// ByName says that Repair writes nothing of the template that names another resource: it does no harm while a deployment
	// is under way, nor where the names of others are in doubt.
	ByName bool
	// Next is what a person does where there is no repair or it failed, in one sentence, such as a command of the AWS CLI;
	// empty: deploy again.
	Next string
}

// MissingField is the Field of a resource that is gone.
const MissingField = "resource"
