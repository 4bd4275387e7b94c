package archive

import (
	"slices"
	"strings"
	"time"

	"trailkeeper/lambda/internal/archive/layout"
)

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
func (f Filter) Has(k layout.Key) bool {
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
func (f Filter) HasRecord(at time.Time, account, region string, k layout.Key) bool {
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
