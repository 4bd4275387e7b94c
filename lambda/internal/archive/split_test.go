package archive

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"trailkeeper/lambda/internal/archive/layout"
	"trailkeeper/lambda/internal/s3read/s3list"
)

// namesAndErrors are the names of files, and of those that are not opened, why.
func namesAndErrors(files []File) []string {
	var all []string
	for _, f := range files {
		all = append(all, fmt.Sprint(f.Name, " ", f.Err))
	}
	slices.Sort(all)
	return all
}

// TestSplit: the parts of a bucket have what the whole has, each file once, with every filter.
func TestSplit(t *testing.T) {
	start := time.Date(2026, 1, 30, 0, 5, 0, 0, time.UTC)
	keys := []string{
		"AWSLogs/111122223333/Config/us-east-1/2026/3/1/x.json.gz", "elsewhere/a/b/mine.json", "top.json", "AWSLogs/",
		"AWSLogs/111122223333/CloudTrail/us-east-1/0odd/x.json", "AWSLogs/111122223333/CloudTrail/us-east-1/zodd/x.json",
		"AWSLogs/111122223333/CloudTrail/us-east-1/2026/odd.json", "a/b/c/d/e/f/g/h/i/j/k/deep.json", "x//y.json",
	}
	for _, account := range []string{"111122223333", "444455556666"} {
		for _, region := range []string{"eu-west-1", "us-east-1"} {
			for day := range 40 {
				keys = append(keys, logKey(account, layout.Logs, region, start.AddDate(0, 0, day)),
					logKey(account, layout.Digests, region, start.AddDate(0, 0, day)))
			}
		}
	}
	for i := range 2*maxOnTheWay + 1 {
		keys = append(keys, fmt.Sprintf("flat/%03d.json", i)) // the fake has two on a page
	}
	for name, filter := range map[string]Filter{
		"all":     {},
		"account": {Accounts: []string{"111122223333"}},
		"Region":  {Regions: []string{"us-east-1"}},
		"days":    {Since: start.AddDate(0, 0, 20).Add(time.Hour), Until: start.AddDate(0, 0, 25)},
		"a month": {Since: start.AddDate(0, 1, 0)},
		"none":    {Since: start.AddDate(1, 0, 0)},
	} {
		for _, prefix := range []string{
			"", "AWSLogs/", "AWSLogs/1", "AWSLogs/111122223333/CloudTrail/us-east-1/",
			"AWSLogs/111122223333/CloudTrail/us-east-1/2026/02/0", "AWSLogs/444455556666/CloudTrail/us-east-1/", "flat/", "a/", "none/", "top.json",
		} {
			all := &objects{keys: keys}
			b := &Bucket{Name: "b", Prefix: prefix, List: func(c context.Context, ask s3list.Ask) (s3list.Page, error) {
				return (&objects{keys: keys}).list(c, ask)
			}}
			s, err := b.Split(t.Context(), filter)
			if err != nil {
				t.Fatal(err)
			}
			got := s.Files
			for _, part := range s.Prefixes {
				got = slices.AppendSeq(got, b.Below(t.Context(), part, filter))
			}
			if !s.Found {
				got = append(got, b.Nothing())
			}
			b.List = all.list
			want := slices.Collect(Selected(b.Files(t.Context(), filter), filter, Shard{}))
			got = slices.Collect(Selected(slices.Values(got), filter, Shard{}))
			if diff := cmp.Diff(namesAndErrors(want), namesAndErrors(got)); diff != "" {
				t.Errorf("%s, %q (-whole +parts):\n%s", name, prefix, diff)
			}
			if name == "all" && prefix == "AWSLogs/" && len(s.Prefixes) < 2*2*2*2 {
				t.Errorf("only %d parts: %q", len(s.Prefixes), s.Prefixes)
			}
		}
	}
	b := &Bucket{Name: "b", Prefix: "denied", List: (&objects{}).list}
	if _, err := b.Split(t.Context(), Filter{}); err == nil {
		t.Error("a bucket that may not be listed is split")
	}
}
