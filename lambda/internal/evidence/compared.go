package evidence

import (
	"context"
	"fmt"

	"trailkeeper/lambda/config/baseline"
	"trailkeeper/lambda/internal/assess"
	"trailkeeper/lambda/internal/finding"
)

// Compared is a bucket or key beside what baselines say of it.
type Compared struct {
	Subject finding.Subject
	// Changes leave it worse than a baseline has it, each once.
	Changes []finding.Change
	// Unseen is what could not be read, as sentences.
	Unseen []string
}

// Compare reads each bucket and key that baselines describe once, 40 of them at most, and compares it with what every
// baseline says of it. It reports and undoes nothing.
func (r *Reader) Compare(ctx context.Context, declared []baseline.Baseline) (all []Compared) {
	for i, of := range subjects(declared, assess.Scope{}) {
		if i == most {
			return append(all, Compared{Unseen: []string{fmt.Sprintf("There are more than %d buckets and keys to look at.", most)}})
		}
		of.read(ctx, r)
		all = append(all, Compared{of.Subject, of.changes, of.unseen})
	}
	return all
}
