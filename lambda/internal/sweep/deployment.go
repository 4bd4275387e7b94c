package sweep

import "context"

// Deployment checks a part of the deployment itself.
type Deployment interface {
	// Check checks it once; id is the schedule's time. It reports by itself what it finds. unchecked says why it did not
	// do all that it is for; empty: it did. The error says what was neither accepted nor kept of its messages.
	Check(ctx context.Context, id string) (unchecked string, err error)
}

// checkDeployment comes after the trails: it restores none.
func (r *run) checkDeployment(ctx context.Context) {
	if r.sweeper.Deployment == nil {
		return
	}
	unchecked, err := r.sweeper.Deployment.Check(ctx, r.id)
	r.unchecked = unchecked
	r.errs = append(r.errs, err)
}
