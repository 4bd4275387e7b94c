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

// Removed reports that a log or digest file was removed, as S3 says. It is a hint: nobody reads whether it is so. What
// the bucket's lifecycle removed is reported too, for whoever may change the lifecycle can remove files with it.
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
	switch {
	case was.Expired:
		n.Severity, next = finding.SeverityLow, finding.NextLogLifecycle
		n.Note(finding.NoteLogExpired)
	case was.Hidden:
		n.Note(finding.NoteLogHidden)
	}
	n.Advise(next)
	_, err := r.Reporter.Report(ctx, n, nil)
	return err
}
