package baseline

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"trailkeeper/events"
	"trailkeeper/lambda/config/baseline"
	"trailkeeper/lambda/internal/trail"
	"trailkeeper/lambda/trailkeeper/cli"
)

func newDiff() *cobra.Command {
	var f options
	cmd := &cobra.Command{
		Use:   "diff [flags]",
		Short: "Show how the trails differ from their baselines",
		Long: "Reads the trails that have a baseline file, with your AWS credentials, and shows how each differs\n" +
			"from it: what weakens it first. Selectors are compared by what they record. The bucket and the key are\n" +
			"compared where the file describes them.\n\n" +
			"It exits with 1 if a trail is weakened, missing, or cannot be read as a whole, and with 0 if trails\n" +
			"differ only in what is neutral or strengthens them. A worse bucket or key weakens a trail.\n\n" +
			"With --json, each object has trail (the ARN), file, captured_at, status (same, changed, weakened,\n" +
			"missing or unseen; of several the worst), changes (field, before, after, effect, sentence), unseen\n" +
			"(why parts could not be read, by their names) and evidence (of a bucket or key: resource, changes,\n" +
			"unseen).",
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := f.check(); err != nil {
				return err
			}
			return f.diff(cmd)
		},
	}
	f.common(cmd, "only trails of this home Region; repeatable", "only this trail, by name or ARN; repeatable")
	f.operator.ProfileFlag(cmd)
	cmd.Flags().BoolVar(&f.json, "json", false, "print one JSON object for each trail instead")
	return cmd
}

// drift is how one trail differs from its baseline. Its JSON form is part of the command's contract.
type drift struct {
	Trail      string                `json:"trail"`
	File       string                `json:"file"`
	CapturedAt time.Time             `json:"captured_at"`
	Status     string                `json:"status"`
	Changes    []trail.Change        `json:"changes"`
	Unseen     map[trail.Part]string `json:"unseen,omitempty"`
	Evidence   []described           `json:"evidence,omitempty"`

	now trail.State
}

// The values of status, the worst last but for missing, which stands alone.
const (
	driftSame     = "same"
	driftChanged  = "changed"
	driftUnseen   = "unseen"
	driftWeakened = "weakened"
	driftMissing  = "missing"
)

// drift reads the trail and compares.
func (f *options) drift(ctx context.Context, a *account, file baseline.File) (drift, error) {
	b := file.Baseline
	d := drift{
		Trail:      b.Trail.ARN,
		File:       filepath.Join(f.dir, file.Name),
		CapturedAt: b.CapturedAt,
		Changes:    []trail.Change{},
	}
	now, err := a.read(ctx, b.Trail.ARN)
	switch {
	case isGone(err):
		d.Status = driftMissing
		return d, nil
	case err != nil:
		return d, err
	}
	d.now, d.Unseen = now, now.Unseen
	d.Changes = append(d.Changes, trail.Diff(b.Trail, now)...)
	if err := d.describe(ctx, a, b); err != nil {
		return d, err
	}
	switch worse, unread := d.worse(); {
	case worse, len(trail.Weakened(d.Changes)) > 0:
		d.Status = driftWeakened
	case unread, len(d.Unseen) > 0:
		d.Status = driftUnseen
	case len(d.Changes) > 0:
		d.Status = driftChanged
	default:
		d.Status = driftSame
	}
	return d, nil
}

// diff compares all trails that the flags select.
func (f *options) diff(cmd *cobra.Command) error {
	files, wrong, err := f.chosen()
	if err != nil {
		return err
	}
	a, err := f.open(cmd.Context())
	if err != nil {
		return err
	}
	out := bufio.NewWriter(cmd.OutOrStdout())
	var t tally
	for _, file := range files {
		d, err := f.drift(cmd.Context(), a, file)
		if err == nil && f.json {
			e := json.NewEncoder(out)
			e.SetEscapeHTML(false)
			err = e.Encode(d)
		} else if err == nil {
			d.show(out)
		}
		if err != nil {
			return err
		}
		t.add(driftWords(d.Status))
	}
	if !f.json && t.all > 0 {
		fmt.Fprintf(out, "\n%s\n", &t)
	}
	if err := cli.Flush(out); err != nil {
		return err
	}
	if err := unusable(wrong); err != nil {
		return err
	}
	if t.of[driftWords(driftWeakened)]+t.of[driftWords(driftMissing)]+t.of[driftWords(driftUnseen)] > 0 {
		return cli.Failed("") // all is said
	}
	return nil
}

func driftWords(status string) string {
	switch status {
	case driftSame:
		return "as in the baseline"
	case driftUnseen:
		return "not fully seen"
	case driftChanged:
		return "changed without being weakened"
	}
	return status
}

// show writes the drift for people.
func (d drift) show(out *bufio.Writer) {
	if t, err := events.ParseTrailARN(d.Trail); err == nil {
		heading(out, t)
	}
	switch d.Status {
	case driftMissing:
		cli.Row(out, "MISSING", "The trail does not exist. If that is meant, remove "+d.File+" and deploy.")
		return
	case driftSame:
		cli.Row(out, "same", "It is as its baseline says, captured "+ago(d.CapturedAt, time.Now())+".")
		return
	}
	showChanges(out, d.Changes)
	showUnseen(out, d.Unseen)
	d.showEvidence(out)
}
