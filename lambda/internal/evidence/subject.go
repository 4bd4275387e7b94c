package evidence

import (
	"context"
	"slices"
	"strings"

	"trailkeeper/events"
	"trailkeeper/lambda/config/baseline"
	"trailkeeper/lambda/config/exception"
	"trailkeeper/lambda/internal/assess"
	"trailkeeper/lambda/internal/finding"
)

const (
	typeBucket = "AWS::S3::Bucket"
	typeKey    = "AWS::KMS::Key"
)

// subject is one bucket or key, with the baselines of all trails that use it.
type subject struct {
	finding.Subject

	baselines []baseline.Baseline // that describe it
	differing []baseline.Baseline // those that it is not as they have it
	changes   []finding.Change    // each once, whichever baseline it is against
	severity  finding.Severity
	unseen    []string
}

// subjects are the buckets and keys that baselines describe, each once, in the order of the baselines. Trails that are
// left alone do not count.
func subjects(declared []baseline.Baseline, scope assess.Scope) (all []subject) {
	add := func(one finding.Subject, b baseline.Baseline) {
		i := slices.IndexFunc(all, func(s subject) bool { return s.ARN == one.ARN })
		if i < 0 {
			i, all = len(all), append(all, subject{Subject: one})
		}
		all[i].baselines = append(all[i].baselines, b)
	}
	for _, b := range declared {
		if scope.ModeOf(b.Trail.ARN, "") == exception.ModeExclude {
			continue
		}
		if b.Bucket != nil {
			add(bucketOf(b), b)
		}
		if key, err := events.ParseARN(b.Trail.Settings.KMSKeyID); b.Key != nil && err == nil {
			add(finding.Subject{
				Type: typeKey, ARN: key.String(), Name: strings.TrimPrefix(key.Resource, "key/"), Account: key.Account, Region: key.Region,
				Partition: key.Partition,
			}, b)
		}
	}
	return all
}

func bucketOf(b baseline.Baseline) finding.Subject {
	name := b.Trail.Settings.S3Bucket
	home, _ := events.ParseTrailARN(b.Trail.ARN)
	return finding.Subject{
		Type: typeBucket, ARN: events.Place{Partition: home.Partition}.ARN("s3", name), Name: name,
		Account: b.Bucket.Owner, Region: b.Bucket.Region, Partition: home.Partition,
	}
}

// read reads and compares a bucket or key.
func (s *subject) read(ctx context.Context, r *Reader) {
	ctx, cancel := context.WithTimeout(ctx, perSubject)
	defer cancel()
	if s.Type == typeBucket {
		s.readBucket(ctx, r)
	} else {
		s.readKey(ctx, r)
	}
}

// readBucket reads a bucket, once for all baselines that agree on whose it is and where.
func (s *subject) readBucket(ctx context.Context, r *Reader) {
	left := slices.Clone(s.baselines)
	for len(left) > 0 {
		owner, region := left[0].Bucket.Owner, left[0].Bucket.Region
		var same, others []baseline.Baseline
		for _, b := range left {
			if b.Bucket.Owner == owner && b.Bucket.Region == region {
				same = append(same, b)
			} else {
				others = append(others, b)
			}
		}
		left = others
		is := r.Bucket(ctx, s.Name, owner, region, partsOf(same)...)
		s.unseen = append(s.unseen, unseenOf(s.Name, is.Unseen)...)
		for _, b := range same {
			changes, severity := compareBucket(*b.Bucket, is, b.Trail)
			s.differ(b, changes, severity)
		}
	}
}

// readKey reads a key.
func (s *subject) readKey(ctx context.Context, r *Reader) {
	policy := slices.ContainsFunc(s.baselines, func(b baseline.Baseline) bool { return b.Key.PolicySHA256 != "" })
	is := r.Key(ctx, s.ARN, policy)
	for _, why := range is.Unseen {
		s.unseen = append(s.unseen, "The key "+s.Name+" could not be read: "+why)
	}
	for _, b := range s.baselines {
		changes, severity := compareKey(*b.Key, is)
		s.differ(b, changes, severity)
	}
}

// differ notes what differs from a baseline.
func (s *subject) differ(b baseline.Baseline, changes []finding.Change, severity finding.Severity) {
	if len(changes) == 0 {
		return
	}
	s.differing = append(s.differing, b)
	s.severity = finding.Higher(s.severity, severity)
	for _, c := range changes {
		if !slices.ContainsFunc(s.changes, func(is finding.Change) bool {
			return is.Field == c.Field && is.Before == c.Before && is.After == c.After
		}) {
			s.changes = append(s.changes, c)
		}
	}
}

// parts are what an ID or a sign of the changes is made of.
func (s *subject) parts(further ...string) []string {
	parts := []string{s.ARN}
	for _, c := range s.changes {
		parts = append(parts, c.Field, c.Before, c.After)
	}
	return append(parts, further...)
}
