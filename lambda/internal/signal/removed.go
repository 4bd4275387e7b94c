package signal

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"path"
	"time"

	"trailkeeper/lambda/internal/archive/layout"
	"trailkeeper/lambda/internal/finding"
	"trailkeeper/lambda/internal/objects"
	"trailkeeper/lambda/internal/sanitize"
)

// maxKey bounds what is shown of an object's key, in runes.
const maxKey = 300

// keptFor is how long a log file is kept, at the least, by a lifecycle that is as it should be: the event history of
// CloudTrail has as much (CloudTrail User Guide, "Working with CloudTrail Event history"). Whoever may change a lifecycle
// has it remove young ones.
const keptFor = 90 * 24 * time.Hour

// Removed reports that a log or digest file was removed, as S3 says. It is a hint: nobody reads whether it is so. What
// the bucket's lifecycle removed is of severity low if the file is at least 90 days old, and of many one message is
// sent a day and bucket (package repeat); a younger one is of severity high.
func (r *Responder) Removed(ctx context.Context, o objects.Object, key layout.Key) error {
	was := o.Removed
	sum := sha256.Sum256([]byte(o.Bucket + "\n" + o.Key + "\n" + cmp.Or(was.ID, was.Time.Format(time.RFC3339Nano))))
	n := finding.Finding{
		EventID:   "removed-" + hex.EncodeToString(sum[:8]),
		EventTime: was.Time,
		Kind:      finding.KindLogRemoved,
		Title:     "A log file of CloudTrail was removed",
		Source:    "S3",
		Severity:  finding.SeverityHigh,
		Outcome:   finding.OutcomeNotified,
		Minor:     finding.MinorDetected,
		Actor:     was.By,
		SourceIP:  was.SourceIP,
		Recipient: key.Account,
		Subject: finding.Subject{
			Type:      "AWS::S3::Object",
			Name:      sanitize.Bound(path.Base(o.Key), maxKey),
			Account:   key.Account,
			Region:    key.Region,
			Partition: r.Base.Partition,
		},
		Stack: r.Base.Stack,
	}
	if key.Kind == layout.Digests {
		n.Title = "A digest file of CloudTrail was removed"
	}
	n.Note(finding.NoteLogRemoved, o.Bucket, sanitize.Bound(o.Key, maxKey))
	next := finding.NextWhoRemovedLog
	if was.Expired {
		next = r.expired(&n, o, key)
	}
	if was.Hidden {
		n.Note(finding.NoteLogHidden)
	}
	n.Advise(next)
	_, err := r.Reporter.Report(ctx, n, nil)
	return err
}

// expired says of a finding that the bucket's lifecycle removed the file, and returns what to do about it. One whose name
// says nothing of its age counts as old: CloudTrail gives none such a name.
func (r *Responder) expired(n *finding.Finding, o objects.Object, key layout.Key) finding.NoteID {
	n.Minor, n.Severity = finding.MinorExpired, finding.SeverityLow
	n.Title = "The lifecycle of the bucket " + sanitize.Bound(o.Bucket, maxKey) + " removes log files of CloudTrail"
	if key.From.IsZero() {
		n.Note(finding.NoteLogExpired)
		return finding.NextLogRetention
	}
	at := o.Removed.Time
	if at.IsZero() {
		at = r.Clock.Now()
	}
	age := max(at.Sub(key.From), 0)
	n.Note(finding.NoteLogAge, int(age/(24*time.Hour)))
	if age >= keptFor {
		return finding.NextLogRetention
	}
	n.Severity = finding.SeverityHigh
	n.Title += " that are younger than 90 days"
	return finding.NextLogLifecycle
}
