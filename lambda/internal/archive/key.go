package archive

import (
	"path"
	"regexp"
	"slices"
	"strings"
	"time"
)

// Key is what a file's name says of it, as far as it follows CloudTrail's layout (CloudTrail User Guide, "Finding your
// CloudTrail log files"): AWSLogs/[ORGANIZATION/]ACCOUNT/CloudTrail/REGION/YYYY/MM/DD/ACCOUNT_CloudTrail_REGION_TIME_….
// A field that the name does not say, or says in two ways, is empty.
type Key struct {
	Kind            string // the folder: CloudTrail, CloudTrail-Digest, CloudTrail-Insight, or of another service
	Account, Region string
	From, To        time.Time // between which it was delivered: a minute, or the day of its folder
}

// The kinds of CloudTrail's files.
const (
	logs     = "CloudTrail"
	digests  = "CloudTrail-Digest"
	insights = "CloudTrail-Insight"
)

// The layout's folders, and the name of a file. A digest's has the trail's name and home Region before the time.
var (
	layoutFolders = regexp.MustCompile(
		`(?:^|/)AWSLogs/(?:o-[a-z0-9]+/)?([0-9]{12})/([A-Za-z-]+)/([a-z0-9-]+)/([0-9]{4}/[0-9]{2}/[0-9]{2})/[^/]+$`)
	otherFolders = regexp.MustCompile(`(?:^|/)AWSLogs/(?:o-[a-z0-9]+/)?([0-9]{12})/([A-Za-z0-9_-]+)/`)
	layoutName   = regexp.MustCompile(
		`^([0-9]{12})_(CloudTrail(?:-Digest|-Insight)?)_([a-z]+(?:-[a-z]+)+-[0-9]+)_(?:.*_)?([0-9]{8}T[0-9]{4})`)
)

// keyOf reads a name, with slashes between folders.
func keyOf(name string) Key {
	byFolder, inFolder := folderKey(name)
	byName, named := nameKey(path.Base(name))
	switch {
	case !named:
		return byFolder
	case inFolder && (byFolder.Kind != byName.Kind || byFolder.Account != byName.Account ||
		byFolder.Region != byName.Region):
		return Key{} // what it says of itself cannot be relied on
	}
	return byName
}

func folderKey(name string) (k Key, ok bool) {
	if found := layoutFolders.FindStringSubmatch(name); found != nil {
		k = Key{Account: found[1], Kind: found[2], Region: found[3]}
		if day, err := time.Parse("2006/01/02", found[4]); err == nil {
			k.From, k.To = day, day.AddDate(0, 0, 1)
		}
		return k, true
	}
	if found := otherFolders.FindStringSubmatch(name); found != nil {
		return Key{Account: found[1], Kind: found[2]}, true
	}
	return Key{}, false
}

func nameKey(base string) (k Key, ok bool) {
	found := layoutName.FindStringSubmatch(base)
	if found == nil {
		return Key{}, false
	}
	at, err := time.Parse("20060102T1504", found[4])
	if err != nil {
		return Key{}, false
	}
	return Key{
		Account: found[1],
		Kind:    found[2],
		Region:  found[3],
		From:    at,
		To:      at.Add(time.Minute),
	}, true
}

// Filter says which records are asked for. The zero value asks for all.
type Filter struct {
	Since, Until time.Time // between which they happened, both included; zero: any time
	Accounts     []string  // that they were recorded for; none: any
	Regions      []string  // none: any
}

// An event is delivered after it happened: mostly within minutes, and late by up to a day where AWS had trouble. The
// minute in a file's name may be a little before the newest event in it.
const (
	maxLate  = 24 * time.Hour
	maxAhead = time.Hour
)

// Has reports whether a file may have records that are asked for. One whose name does not say it may.
func (f Filter) Has(k Key) bool {
	return f.hasTime(k.From, k.To) && has(f.Accounts, k.Account) && has(f.Regions, k.Region)
}

func (f Filter) hasTime(from, to time.Time) bool {
	return from.IsZero() ||
		(f.Since.IsZero() || to.Add(maxAhead).After(f.Since)) &&
			(f.Until.IsZero() || !from.After(f.Until.Add(maxLate)))
}

func has(wanted []string, value string) bool {
	return len(wanted) == 0 || value == "" || slices.Contains(wanted, value)
}

// HasRecord reports whether a record is asked for, by when it happened and what it says of its account and Region. What
// it does not say, the file's name does. A record without a time, and one for which nothing says an account or Region
// that is asked for, is not.
func (f Filter) HasRecord(at time.Time, account, region string, k Key) bool {
	return (f.Since.IsZero() || !at.Before(f.Since) && !at.IsZero()) &&
		(f.Until.IsZero() || !at.After(f.Until) && !at.IsZero()) &&
		hasSaid(f.Accounts, account, k.Account) && hasSaid(f.Regions, region, k.Region)
}

func hasSaid(wanted []string, said, otherwise string) bool {
	if said == "" {
		said = otherwise
	}
	return len(wanted) == 0 || slices.Contains(wanted, said)
}

// All reports whether the filter asks for all records.
func (f Filter) All() bool {
	return f.Since.IsZero() && f.Until.IsZero() && len(f.Accounts)+len(f.Regions) == 0
}

// layoutPath are the parts of a folder's path below AWSLogs, and the organization among them if there is one.
func layoutPath(folder string) (parts []string, inLayout bool) {
	_, below, found := strings.Cut("/"+strings.TrimSuffix(folder, "/")+"/", "/AWSLogs/")
	if !found {
		return nil, false
	}
	parts = strings.Split(strings.TrimSuffix(below, "/"), "/")
	if parts[0] == "" {
		return nil, true
	}
	if strings.HasPrefix(parts[0], "o-") {
		parts = parts[1:]
	}
	return parts, true
}

// hasFolder reports whether a folder of a bucket, which ends with a slash, may have files that are asked for.
func (f Filter) hasFolder(folder string) bool {
	parts, _ := layoutPath(folder)
	for i, wanted := range [][]string{f.Accounts, nil, f.Regions} {
		if i < len(parts) && !has(wanted, parts[i]) {
			return false
		}
	}
	return true
}
