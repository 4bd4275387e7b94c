package evidence

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"trailkeeper/events"
	"trailkeeper/lambda/config/baseline"
	"trailkeeper/lambda/config/exception"
	"trailkeeper/lambda/internal/assess"
	"trailkeeper/lambda/internal/clock"
	"trailkeeper/lambda/internal/finding"
	"trailkeeper/lambda/internal/report"
	"trailkeeper/lambda/internal/signs"
	"trailkeeper/lambda/internal/state/claims"
)

// Once keeps what was reported of a subject under a sign, so that it is reported once, until it is over.
type Once interface {
	Claim(ctx context.Context, subject, sign string) claims.State
	Reported(ctx context.Context, subject, sign string)
	Over(ctx context.Context, subject, sign string) bool
}

// Sweeper compares the buckets and keys that baselines describe with what they are. Its fields are set once.
type Sweeper struct {
	Scope     assess.Scope
	Baselines func() ([]baseline.Baseline, error)
	Reader    *Reader
	Enabler   *Enabler // nil: no key is enabled
	Reporter  report.Reporter
	Once      Once
	Clock     clock.Clock
}

const (
	// most bounds the buckets and keys of one sweep, and perSubject the time for each.
	most       = 40
	perSubject = 8 * time.Second
)

// subject is one bucket or key.
type subject struct {
	finding.Subject

	baseline baseline.Baseline
	changes  []finding.Change
	severity finding.Severity
	unseen   []string
}

// Sweep reads and compares. What could not be read it returns by Region, as sentences; it is reported neither as wrong
// nor as right. Reported is what was reported before, by subject. The error says what was neither accepted nor parked.
func (s *Sweeper) Sweep(ctx context.Context, id string, reported map[string]string) (unseen map[string][]string, err error) {
	unseen = map[string][]string{}
	declared, _ := s.Baselines() // that they cannot be read, the sweep says by itself
	var errs []error
	done := map[string]bool{}
	for _, b := range declared {
		if s.Scope.ModeOf(b.Trail.ARN, "") == exception.ModeExclude {
			continue
		}
		for _, look := range []func(context.Context, baseline.Baseline) (subject, bool){s.bucket, s.key} {
			of, asked := look(ctx, b)
			if !asked || done[of.ARN] {
				continue
			}
			if done[of.ARN] = true; len(done) > most {
				unseen[of.Region] = append(unseen[of.Region], fmt.Sprintf("There are more than %d buckets and keys to look at.", most))
				return unseen, errors.Join(errs...)
			}
			unseen[of.Region] = append(unseen[of.Region], of.unseen...)
			errs = append(errs, s.settle(ctx, id, of, reported))
		}
	}
	return unseen, errors.Join(errs...)
}

// bucket reads and compares the bucket of a baseline; false: it says nothing of it.
func (s *Sweeper) bucket(ctx context.Context, b baseline.Baseline) (subject, bool) {
	if b.Bucket == nil {
		return subject{}, false
	}
	ctx, cancel := context.WithTimeout(ctx, perSubject)
	defer cancel()
	name := b.Trail.Settings.S3Bucket
	is := s.Reader.Bucket(ctx, b.Trail, b.Bucket.Owner, b.Bucket.Region, partsOf(*b.Bucket)...)
	home, _ := events.ParseTrailARN(b.Trail.ARN)
	of := subject{baseline: b, unseen: unseenOf(name, is.Unseen), Subject: finding.Subject{
		Type: "AWS::S3::Bucket", ARN: events.Place{Partition: home.Partition}.ARN("s3", name), Name: name,
		Account: b.Bucket.Owner, Region: b.Bucket.Region, Partition: home.Partition,
	}}
	of.changes, of.severity = compareBucket(*b.Bucket, is)
	return of, true
}

// key is bucket of the key.
func (s *Sweeper) key(ctx context.Context, b baseline.Baseline) (subject, bool) {
	arn, err := events.ParseARN(b.Trail.Settings.KMSKeyID)
	if b.Key == nil || err != nil {
		return subject{}, false
	}
	ctx, cancel := context.WithTimeout(ctx, perSubject)
	defer cancel()
	is := s.Reader.Key(ctx, arn.String(), b.Key.PolicySHA256 != "")
	name := strings.TrimPrefix(arn.Resource, "key/")
	of := subject{baseline: b, Subject: finding.Subject{
		Type: "AWS::KMS::Key", ARN: arn.String(), Name: name, Account: arn.Account, Region: arn.Region, Partition: arn.Partition,
	}}
	for _, why := range is.Unseen {
		of.unseen = append(of.unseen, "The key "+name+" could not be read: "+why)
	}
	of.changes, of.severity = compareKey(*b.Key, is)
	return of, true
}

// settle reports what differs, once as long as it is the same, and that it is over.
func (s *Sweeper) settle(ctx context.Context, id string, of subject, reported map[string]string) error {
	name := "evidence " + of.ARN
	n := finding.Finding{
		Kind: finding.KindEvidence, EventTime: s.Clock.Now().UTC(), Severity: of.severity, Outcome: finding.OutcomeNotified,
		Subject: of.Subject, Stack: s.Scope.Stack, Changes: of.changes,
		Baseline: &finding.Baseline{Kind: "declared", CapturedAt: of.baseline.CapturedAt},
	}
	parts := []string{of.ARN}
	for _, c := range of.changes {
		parts = append(parts, c.Field, c.Before, c.After)
	}
	if len(of.changes) == 0 {
		sign, was := reported[name]
		if !was || len(of.unseen) > 0 || !s.Once.Over(ctx, name, sign) || !signs.IsOpen(sign) {
			return nil
		}
		n.Kind, n.Severity, n.Ended = finding.KindEvidenceOver, finding.SeverityLow, finding.KindEvidence
		n.EventID = "evidence-" + signs.Digest(of.ARN, "over", id)
		n.Note(finding.NoteEvidenceOver)
		_, err := s.Reporter.Report(ctx, n, nil)
		return err
	}
	sign := signs.Open(parts...)
	n.EventID = "evidence-" + signs.Digest(append(parts, id)...)
	n.Note(finding.NoteEvidenceFound)
	s.advise(&n, of)
	if off := slices.ContainsFunc(of.changes, func(c finding.Change) bool { return c.Field == fieldEnabled }); off && s.Enabler.may(of.baseline) {
		out := s.Enabler.enable(ctx, of.ARN)
		out.word(&n)
		if n.Outcome == finding.OutcomeRestored {
			sign = signs.Done(append(parts, id)...)
			n.Changes = slices.Clone(n.Changes)
			for i := range n.Changes {
				if n.Changes[i].Field == fieldEnabled {
					n.Changes[i].Done = finding.DoneRestored
				}
			}
		}
	}
	if s.Once.Claim(ctx, name, sign) != claims.Claimed {
		return nil
	}
	if _, err := s.Reporter.Report(ctx, n, nil); err != nil {
		return err
	}
	s.Once.Reported(ctx, name, sign)
	return nil
}

// advise adds the commands with which a human compares or undoes what differs.
func (s *Sweeper) advise(n *finding.Finding, of subject) {
	for _, c := range of.changes {
		switch verb := map[string]string{
			fieldPolicy: "get-bucket-policy", fieldLifecycle: "get-bucket-lifecycle-configuration", fieldVersioning: "get-bucket-versioning",
		}[c.Field]; {
		case c.Field == fieldExists || c.Field == fieldOwner:
			if of.Type == "AWS::S3::Bucket" {
				n.Advise(finding.NextOwnerOf, of.Name, of.Account)
			}
		case c.Field == fieldEnabled:
			if c.After == "PendingDeletion" {
				n.Advise(finding.NextUndo, "kms", "cancel-key-deletion", of.Region, "key-id", of.ARN)
			}
			n.Advise(finding.NextUndo, "kms", "enable-key", of.Region, "key-id", of.ARN)
		case of.Type == "AWS::KMS::Key":
			n.Advise(finding.NextCompareByHand, "kms", "get-key-policy", of.Region, "key-id", of.ARN)
		default:
			n.Advise(finding.NextCompareByHand, "s3api", verb, of.Region, "bucket", of.Name)
		}
	}
	n.Advise(finding.NextEvidenceMeant, of.baseline.Trail.ARN)
}
