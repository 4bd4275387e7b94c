package baseline

import (
	"bufio"
	"errors"
	"fmt"
	"path/filepath"

	"github.com/spf13/cobra"

	"trailkeeper/lambda/config/baseline"
	"trailkeeper/lambda/internal/sanitize"
	"trailkeeper/lambda/internal/trail"
	"trailkeeper/lambda/internal/trail/coverage"
	"trailkeeper/lambda/trailkeeper/cli"
)

func newCapture() *cobra.Command {
	var f options
	cmd := &cobra.Command{
		Use:   "capture [flags]",
		Short: "Capture the trails' current state as baseline files",
		Long: "Reads trails with your AWS credentials and writes one baseline file for each. A file that is there\n" +
			"already is left alone if the trail matches it, and refused if the trail differs: baseline accept\n" +
			"shows how before it overwrites it.\n\n" +
			"A trail that does not log, does not record all write management events (those of KMS and of the RDS\n" +
			"Data API may be left out) or cannot deliver is refused: a baseline is what a repair restores. --force\n" +
			"captures it all the same, and overwrites a file without showing what changes. A trail that cannot be\n" +
			"read as a whole is always refused.\n\n" +
			"It needs cloudtrail:DescribeTrails, GetTrailStatus, GetEventSelectors, GetInsightSelectors,\n" +
			"GetEventConfiguration and ListTags. It exits with 1 if a trail was refused.\n\n" +
			"--evidence describes the trail's bucket and key as well: who owns the bucket, its policy, what its\n" +
			"lifecycle deletes, its versioning; whether the key is enabled, and its policy. It needs\n" +
			"s3:GetBucketLocation, GetBucketPolicy, GetLifecycleConfiguration, GetBucketVersioning,\n" +
			"kms:DescribeKey and GetKeyPolicy; what is refused is said and left out.",
		Example: "  trailkeeper baseline capture --profile security --region eu-west-1\n" +
			"  trailkeeper baseline capture --trail management-events",
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := f.check(); err != nil {
				return err
			}
			return f.capture(cmd)
		},
	}
	f.common(cmd, "home Region of the trails; repeatable (default: the profile's)",
		"name or ARN of a trail; repeatable (default: all of the account's own)")
	f.operator.ProfileFlag(cmd)
	cmd.Flags().BoolVar(&f.force, "force", false, "capture an unhealthy trail, too, and overwrite files that differ")
	cmd.Flags().BoolVar(&f.evidence, "evidence", false, "describe the trail's bucket and key as well")
	cmd.Flags().StringVar(&f.owner, "bucket-owner", "", "account that owns the bucket (default: the trail's)")
	return cmd
}

// The words for what became of a trail.
const (
	wasWritten   = "written"
	wasUnchanged = "unchanged"
	wasRefused   = "refused"
	wasForeign   = "left out"
	wasNotFound  = "not found"
)

// capture writes the files. What is wrong with one trail does not stop the next.
func (f *options) capture(cmd *cobra.Command) error {
	a, err := f.open(cmd.Context())
	if err != nil {
		return err
	}
	all, err := a.find(cmd.Context(), f.trails, f.regions)
	if err != nil {
		return err
	}
	out := bufio.NewWriter(cmd.OutOrStdout())
	var t tally
	for _, s := range all.found {
		heading(out, s.trail)
		if sentence := a.unknown[s.trail.ARN()]; sentence != "" {
			cli.Row(out, "without", sentence)
		}
		more, err := f.evidenceOf(cmd.Context(), a, s)
		if err != nil {
			return err
		}
		t.add(f.captureOne(out, s, more))
	}
	for _, name := range all.missing {
		fmt.Fprintf(out, "%s\n", sanitize.Bound(name, 128))
		cli.Row(out, "NOT FOUND", "No such trail"+in(f.regions)+". Give its home Region with --region, or its ARN.")
		t.add(wasNotFound)
	}
	if t.all > 0 {
		fmt.Fprintf(out, "\n%s\n", &t)
	}
	if t.of[wasWritten] > 0 {
		cli.Paragraph(out, "Review and commit what was written: it is what Trailkeeper restores once it is deployed.")
	}
	if err := cli.Flush(out); err != nil {
		return err
	}
	switch {
	case len(all.unlisted) > 0:
		return cli.Failed(joined(errors.Join(all.unlisted...)))
	case t.all == 0:
		return cli.Failed("there is no trail to capture" + in(f.regions) + ": trails are captured in their home Regions")
	case t.of[wasRefused]+t.of[wasNotFound] > 0:
		return cli.Failed("") // all is said
	}
	return nil
}

// captureOne captures one trail, says so, and returns the word for it.
func (f *options) captureOne(out *bufio.Writer, s sighting, more further) string {
	switch {
	case s.foreign:
		cli.Row(out, "left out", "It belongs to account "+s.trail.Account+": capture it there. "+
			"A delegated administrator captures it here with: --trail "+s.trail.ARN())
		return wasForeign
	case isGone(s.err):
		cli.Row(out, "NOT FOUND", "CloudTrail knows no such trail.")
		return wasNotFound
	case s.err != nil:
		cli.Row(out, "REFUSED", s.err.Error())
		return wasRefused
	case len(s.state.Unseen) > 0:
		showUnseen(out, s.state.Unseen)
		cli.Row(out, "REFUSED", "A baseline must hold the whole trail. Ask for what is missing, and capture it again.")
		return wasRefused
	}
	old, there, err := existing(f.dir, s.state.ARN)
	if !f.evidence && there && err == nil {
		more = furtherOf(old) // it is not read, and stays
	}
	for _, sentence := range more.left {
		cli.Row(out, "left out", sentence)
	}
	if there && err == nil && sameTrail(old.Trail, s.state) && more.same(furtherOf(old)) { // whoever wrote that has judged it
		cli.Row(out, "unchanged", filepath.Join(f.dir, baseline.FileName(s.state.ARN)))
		return wasUnchanged
	}
	content, invalid := newBaseline(s.state, more)
	if invalid != nil {
		cli.Row(out, "REFUSED", joined(invalid))
		return wasRefused
	}
	if !f.healthy(out, s.state) {
		return wasRefused
	}
	return f.put(out, s.state, content, there, err)
}

// healthy says what keeps the state from being a baseline, and whether that may pass.
func (f *options) healthy(out *bufio.Writer, s trail.State) bool {
	floor := trail.Floor(s)
	for _, sentence := range floor {
		cli.Row(out, "UNHEALTHY", sentence)
	}
	if len(floor) == 0 {
		return true
	}
	if f.force {
		cli.Row(out, "FORCED", "Trailkeeper will take this for the trail's known-good state.")
		return true
	}
	cli.Row(out, "REFUSED", "Correct the trail first. If this state is intended, use --force.")
	return false
}

// put writes the file, unless there is another, which may be no baseline for a reason.
func (f *options) put(out *bufio.Writer, s trail.State, content []byte, there bool, wrong error) string {
	file := filepath.Join(f.dir, baseline.FileName(s.ARN))
	switch {
	case there && !f.force && wrong == nil:
		cli.Row(out, "REFUSED", file+" says something else. See what with: trailkeeper baseline diff. "+
			"Then overwrite it with: trailkeeper baseline accept --trail "+s.ARN)
		return wasRefused
	case there && !f.force:
		cli.Row(out, "REFUSED", file+" is there and is no baseline: "+joined(wrong)+". "+
			"Remove it, or overwrite it with --force.")
		return wasRefused
	}
	if err := cli.WriteFile(file, content); err != nil {
		cli.Row(out, "REFUSED", err.Error())
		return wasRefused
	}
	cli.Row(out, "written", file)
	cli.Row(out, "records", coverage.Records(s))
	return wasWritten
}
