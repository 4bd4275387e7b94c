package baseline

import (
	"bufio"
	"context"

	"trailkeeper/lambda/config/baseline"
	"trailkeeper/lambda/internal/evidence"
	"trailkeeper/lambda/trailkeeper/cli"
	"trailkeeper/lambda/trailkeeper/cli/reader"
)

// described is how a bucket or key differs from the baseline that describes it. Its JSON form is part of the command's
// contract.
type described struct {
	Resource string       `json:"resource"` // the ARN
	Changes  []difference `json:"changes"`
	Unseen   []string     `json:"unseen,omitempty"`
}

// difference is one way in which it is worse.
type difference struct {
	Field    string `json:"field"`
	Before   string `json:"before"`
	After    string `json:"after"`
	Sentence string `json:"sentence"`
}

// describe compares the bucket and the key of a trail, where its baseline describes them.
func (d *drift) describe(ctx context.Context, a *account, b baseline.Baseline) error {
	if b.Bucket == nil && b.Key == nil {
		return nil
	}
	owner, _, err := b.Trail.Home()
	if err != nil {
		return err
	}
	r, err := reader.Evidence(a.cfg, owner)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, maxEvidence)
	defer cancel()
	for _, of := range r.Compare(ctx, []baseline.Baseline{b}) {
		d.Evidence = append(d.Evidence, differences(of))
	}
	return nil
}

func differences(of evidence.Compared) described {
	out := described{Resource: of.Subject.ARN, Changes: []difference{}, Unseen: of.Unseen}
	for _, c := range of.Changes {
		out.Changes = append(out.Changes, difference{c.Field, c.Before, c.After, c.Sentence})
	}
	return out
}

// worse reports whether a bucket or key is worse than the baseline has it, and unread whether one could not be read as a
// whole.
func (d *drift) worse() (worse, unread bool) {
	for _, of := range d.Evidence {
		worse, unread = worse || len(of.Changes) > 0, unread || len(of.Unseen) > 0
	}
	return worse, unread
}

// showEvidence writes how buckets and keys differ.
func (d *drift) showEvidence(out *bufio.Writer) {
	for _, of := range d.Evidence {
		for _, c := range of.Changes {
			cli.Row(out, "WORSE", c.Sentence)
			cli.Row(out, "", of.Resource+" "+c.Field+": "+orNone(c.Before)+" → "+orNone(c.After))
		}
		for _, why := range of.Unseen {
			cli.Row(out, "CANNOT SEE", why)
		}
	}
}
