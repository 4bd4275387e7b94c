package baseline

import (
	"errors"
	"io/fs"
	"os"
	"slices"
	"strings"
	"time"

	"trailkeeper/events"
	"trailkeeper/lambda/config/baseline"
	"trailkeeper/lambda/internal/trail"
	"trailkeeper/lambda/trailkeeper/cli"
)

// chosen are the baseline files that the flags select, and what is wrong with others. The error says that there are
// none, or that no file is of a trail that a flag names.
func (f *options) chosen() (files []baseline.File, wrong, err error) {
	all, wrong := baseline.ReadAll(os.DirFS(f.dir))
	if len(all) == 0 && wrong == nil {
		return nil, nil, cli.Usage("no baselines in " + f.dir + ": write them with trailkeeper baseline capture, " +
			"or say with --dir where they are")
	}
	met := make(map[string]bool)
	for _, file := range all {
		t, err := events.ParseTrailARN(file.Baseline.Trail.ARN)
		if err != nil || len(f.regions) > 0 && !slices.Contains(f.regions, t.Region) {
			continue
		}
		i := slices.IndexFunc(f.trails, func(given string) bool { return names(given, t) })
		if i >= 0 {
			met[f.trails[i]] = true
		}
		if i >= 0 || len(f.trails) == 0 {
			files = append(files, file)
		}
	}
	for _, given := range f.trails {
		if !met[given] {
			return nil, wrong, cli.Usage("no baseline of " + given + " in " + f.dir + in(f.regions) + because(wrong))
		}
	}
	if len(files) == 0 && wrong == nil {
		return nil, nil, cli.Usage("no baselines in " + f.dir + in(f.regions))
	}
	return files, wrong, nil
}

func in(regions []string) string {
	if len(regions) == 0 {
		return ""
	}
	return " for " + strings.Join(regions, " or ")
}

func because(wrong error) string {
	if wrong == nil {
		return ""
	}
	return ", whose files are not all right: " + joined(wrong)
}

// joined puts errors that were joined on one line.
func joined(err error) string { return strings.ReplaceAll(err.Error(), "\n", "; ") }

// unusable ends a command that has skipped files that are no baselines.
func unusable(wrong error) error {
	if wrong == nil {
		return nil
	}
	return cli.Usage(joined(wrong))
}

// newBaseline makes a baseline of a state, with what it says besides. The error names what cdk would refuse in the file.
func newBaseline(s trail.State, more further) ([]byte, error) {
	now := time.Now().UTC().Truncate(time.Second)
	content, err := baseline.Format(baseline.Baseline{
		Version: baseline.Version, CapturedAt: now, Trail: s, Bucket: more.bucket, Key: more.key,
	})
	if err != nil {
		return nil, err
	}
	_, err = baseline.Parse(baseline.FileName(s.ARN), content)
	return content, err
}

// sameTrail compares two states as files hold them.
func sameTrail(a, b trail.State) bool {
	first, err := baseline.Format(baseline.Baseline{Trail: a})
	second, otherErr := baseline.Format(baseline.Baseline{Trail: b})
	return err == nil && otherErr == nil && string(first) == string(second)
}

// existing reads the baseline of a trail; found tells whether there is a file, right or wrong.
func existing(dir, arn string) (b baseline.Baseline, found bool, err error) {
	b, err = baseline.Read(os.DirFS(dir), arn)
	if errors.Is(err, fs.ErrNotExist) {
		return b, false, nil
	}
	return b, true, err
}
