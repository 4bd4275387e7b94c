// Package layout tells from the name of a file what CloudTrail keeps in it: what kind of file it is, and of which
// account and Region.
//
// It opens nothing. A name is a hint: whoever may write to the bucket chooses it.
package layout

import (
	"path"
	"regexp"
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
	Logs     = "CloudTrail"
	Digests  = "CloudTrail-Digest"
	Insights = "CloudTrail-Insight"
)

// IsLog reports whether it is a file of records that the watch decides: of CloudTrail, and of one account and Region.
func (k Key) IsLog() bool {
	return (k.Kind == Logs || k.Kind == Insights) && k.Account != "" && k.Region != ""
}

// The layout's folders, and the name of a file. A digest's has the trail's name and home Region before the time.
var (
	folders = regexp.MustCompile(
		`(?:^|/)AWSLogs/(?:o-[a-z0-9]+/)?([0-9]{12})/([A-Za-z-]+)/([a-z0-9-]+)/([0-9]{4}/[0-9]{2}/[0-9]{2})/[^/]+$`)
	otherFolders = regexp.MustCompile(`(?:^|/)AWSLogs/(?:o-[a-z0-9]+/)?([0-9]{12})/([A-Za-z0-9_-]+)/`)
	fileName     = regexp.MustCompile(
		`^([0-9]{12})_(CloudTrail(?:-Digest|-Insight)?)_([a-z]+(?:-[a-z]+)+-[0-9]+)_(?:.*_)?([0-9]{8}T[0-9]{4})`)
)

// Of reads a name, with slashes between folders.
func Of(name string) Key {
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
	if found := folders.FindStringSubmatch(name); found != nil {
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
	found := fileName.FindStringSubmatch(base)
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
