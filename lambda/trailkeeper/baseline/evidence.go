package baseline

import (
	"context"
	"time"

	"trailkeeper/lambda/config/baseline"
	"trailkeeper/lambda/trailkeeper/cli"
	"trailkeeper/lambda/trailkeeper/cli/reader"
)

// maxEvidence bounds the reading of one trail's bucket and key.
const maxEvidence = 30 * time.Second

// further is what a baseline says besides its trail; see baseline.Baseline.
type further struct {
	bucket *baseline.Bucket
	key    *baseline.Key
	left   []string // what could not be read, as sentences
}

// furtherOf is what a file says already.
func furtherOf(b baseline.Baseline) further { return further{bucket: b.Bucket, key: b.Key} }

// evidenceOf reads the bucket and the key of a trail, where the flags ask for it.
func (f *options) evidenceOf(ctx context.Context, a *account, s sighting) (further, error) {
	if !f.evidence {
		return further{}, nil
	}
	r, err := reader.Evidence(a.cfg, s.trail.Account)
	if err != nil {
		return further{}, err
	}
	ctx, cancel := context.WithTimeout(ctx, maxEvidence)
	defer cancel()
	owner := f.owner
	if owner == "" {
		owner = s.trail.Account
	}
	var m further
	m.bucket, m.key, m.left = r.Capture(ctx, s.state, owner)
	return m, nil
}

// same compares what two baselines say besides their trails.
func (m further) same(other further) bool {
	first, err := baseline.Format(baseline.Baseline{Bucket: m.bucket, Key: m.key})
	second, otherErr := baseline.Format(baseline.Baseline{Bucket: other.bucket, Key: other.key})
	return err == nil && otherErr == nil && string(first) == string(second)
}

// ownerProblem is what is wrong with --bucket-owner; empty: nothing.
func (f *options) ownerProblem() string {
	if f.owner == "" {
		return ""
	}
	return cli.Bad(len(f.owner) == 12 && f.evidence, "bucket-owner", f.owner, "an account of 12 digits, with --evidence")
}
