package archive

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"trailkeeper/lambda/internal/archive/layout"
	"trailkeeper/lambda/internal/s3read/s3list"
	"trailkeeper/lambda/internal/s3read/s3test"
)

// objects is a bucket of keys, which lists two at a time and notes what it was asked for.
type objects struct {
	keys  []string
	class string
	asked []string
}

func (o *objects) list(_ context.Context, ask s3list.Ask) (s3list.Page, error) {
	o.asked = append(o.asked, ask.Prefix+"|"+ask.Delimiter+"|"+max(ask.Token, ask.After))
	if strings.Contains(ask.Prefix, "denied") {
		return s3list.Page{}, ListObjects.Refused("AccessDenied", 403, "no")
	}
	var all []s3list.Object
	for _, key := range o.keys {
		all = append(all, s3list.Object{Key: key, Size: 5, Class: o.class})
	}
	return s3test.List(ask, all, 2), nil
}

func logKey(account, kind, region string, at time.Time) string {
	return fmt.Sprintf("AWSLogs/%s/%s/%s/%s/%s_%s_%s_%s_x.json.gz", account, kind, region, at.Format("2006/01/02"),
		account, kind, region, at.Format("20060102T1504Z"))
}

// TestBucketFiles: whatever a filter leaves out without listing it, it would leave out of all that is listed.
func TestBucketFiles(t *testing.T) {
	start := time.Date(2026, 3, 1, 0, 5, 0, 0, time.UTC)
	var keys []string
	for _, account := range []string{"111122223333", "444455556666"} {
		for _, region := range []string{"eu-west-1", "us-east-1"} {
			for day := range 10 {
				keys = append(keys, logKey(account, layout.Logs, region, start.AddDate(0, 0, day)),
					logKey(account, layout.Logs, region, start.AddDate(0, 0, day).Add(23*time.Hour)),
					logKey(account, layout.Digests, region, start.AddDate(0, 0, day)))
			}
		}
	}
	keys = append(keys, "AWSLogs/111122223333/Config/us-east-1/2026/3/1/x.json.gz", "elsewhere/mine.json", "top.json")
	for _, tt := range []struct {
		name, prefix string
		filter       Filter
		most         int // calls; 0: any number
	}{
		{"all", "", Filter{}, 0},
		{"one account and Region", "", Filter{Accounts: []string{"111122223333"}, Regions: []string{"us-east-1"}}, 30},
		{"from the account's folder", "AWSLogs/111122223333/", Filter{Regions: []string{"us-east-1"}}, 0},
		{"a day", "", Filter{Since: start.AddDate(0, 0, 4), Until: start.AddDate(0, 0, 5)}, 60},
		{"until", "AWSLogs/", Filter{Until: start.AddDate(0, 0, 2)}, 0},
		{"since", "AWSLogs/", Filter{Since: start.AddDate(0, 0, 8)}, 0},
		{"a day of one", "AWSLogs/111122223333/CloudTrail/us-east-1/", Filter{
			Since: start.AddDate(0, 0, 4), Until: start.AddDate(0, 0, 4).Add(12 * time.Hour),
		}, 4},
		{"a piece of a name", "AWSLogs/111122223333/CloudTrail/us-east-1/2026/03/0", Filter{
			Since: start.AddDate(0, 0, 6),
		}, 0},
		{"one object", keys[0], Filter{Regions: []string{"eu-west-1"}}, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			all := &objects{keys: keys}
			b := &Bucket{Name: "b", Prefix: tt.prefix, List: all.list}
			var got, want []string
			for f := range Selected(b.Files(t.Context(), tt.filter), tt.filter, Shard{}) {
				got = append(got, f.Name)
			}
			for _, key := range keys {
				if f := b.File(key, 5); strings.HasPrefix(key, tt.prefix) && tt.filter.Has(f.Key) {
					want = append(want, f.Name)
				}
			}
			slices.Sort(got)
			slices.Sort(want)
			if diff := cmp.Diff(want, got); diff != "" || len(want) == 0 {
				t.Errorf("of %d files: %s", len(want), diff)
			}
			if tt.most > 0 && len(all.asked) > tt.most {
				t.Errorf("%d calls, want at most %d: %q", len(all.asked), tt.most, all.asked)
			}
		})
	}
}

func TestBucketProblems(t *testing.T) {
	for prefix, want := range map[string]string{
		"denied/": "s3://b/denied/: list it: AccessDenied: the permission s3:ListBucket is missing, or a policy denies it",
		"none/":   "s3://b/none/: there is no object below it",
	} {
		var got []string
		for f := range (&Bucket{Name: "b", Prefix: prefix, List: (&objects{}).list}).Files(t.Context(), Filter{}) {
			got = append(got, f.Name+": "+f.Err.Error())
		}
		if len(got) != 1 || got[0] != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
	for _, name := range []string{"s3://", "s3:///x", "http://b/x"} {
		if _, _, err := ParseBucket(name); err == nil {
			t.Errorf("%q names a bucket", name)
		}
	}
}

// TestFrozenObjects: what must be restored first is not opened.
func TestFrozenObjects(t *testing.T) {
	for class, want := range map[string]string{
		"": "<nil>", "STANDARD_IA": "<nil>", "GLACIER_IR": "<nil>",
		"GLACIER":      "in the storage class GLACIER; restore it first",
		"DEEP_ARCHIVE": "in the storage class DEEP_ARCHIVE; restore it first",
	} {
		all := &objects{keys: []string{"AWSLogs/", "AWSLogs/x.json.gz"}, class: class}
		for f := range (&Bucket{Name: "b", List: all.list}).Files(t.Context(), Filter{}) {
			if f.Name == "s3://b/AWSLogs/x.json.gz" && fmt.Sprint(f.Err) != want {
				t.Errorf("%s: %v, want %s", class, f.Err, want)
			}
		}
	}
}

// TestHasFolder: a folder is left out where nothing in it is asked for, and only then.
func TestHasFolder(t *testing.T) {
	f := Filter{
		Since:    time.Date(2026, 3, 2, 0, 30, 0, 0, time.UTC), // a file of the day before may have it
		Until:    time.Date(2026, 4, 3, 12, 0, 0, 0, time.UTC),
		Accounts: []string{"111122223333"}, Regions: []string{"eu-west-1"},
	}
	const root = "p/AWSLogs/o-abc/111122223333/CloudTrail/eu-west-1/"
	for folder, want := range map[string]bool{
		"p/": true, "p/AWSLogs/": true, "p/AWSLogs/o-abc/": true, "p/AWSLogs/o-abc/111122223333/": true,
		"p/AWSLogs/444455556666/": false, "p/AWSLogs/111122223333/CloudTrail/us-east-1/": false,
		root: true, root + "2026/": true, root + "2025/": false, root + "2027/": false,
		root + "2026/02/": false, root + "2026/03/": true, root + "2026/04/": true, root + "2026/05/": false,
		root + "2026/03/01/": true, root + "2026/02/28/": false, root + "2026/04/04/": true, root + "2026/04/05/": false,
	} {
		if got := f.hasFolder(folder); got != want {
			t.Errorf("%s: %t", folder, got)
		}
	}
}
