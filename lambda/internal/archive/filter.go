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
	Kinds        []string  // of files, as package layout names them; none: any
}

// An event is delivered after it happened: mostly within minutes, and late by up to a day where AWS had trouble. The
// minute in a file's name may be a little before the newest event in it.
const (
	maxLate  = 24 * time.Hour
	maxAhead = time.Hour
)

// Has reports whether a file may have records that are asked for. One whose name does not say it may.
func (f Filter) Has(k layout.Key) bool {
	return f.hasTime(k.From, k.To) && has(f.Accounts, k.Account) && has(f.Regions, k.Region) &&
		has(f.Kinds, k.Kind)
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
	return f.Since.IsZero() && f.Until.IsZero() && len(f.Accounts)+len(f.Regions)+len(f.Kinds) == 0
}

// place is where a prefix is in CloudTrail's layout.
type place struct {
	parts []string // below AWSLogs, without the organization: account, kind, Region, year, month, day
	deep  bool     // all that begins with the prefix is below the folder of an account's Region
	// root is that folder where it is CloudTrail's, so that the keys below it sort by day.
	root string
}

// Depth of the folder of a Region, below AWSLogs and the organization.
const regionDepth = 3

// placeOf reads a prefix. One that ends in the middle of a name is at no place.
func placeOf(prefix string) (p place) {
	if prefix != "" && !strings.HasSuffix(prefix, "/") {
		return place{}
	}
	before, below, found := strings.Cut("/"+prefix, "/AWSLogs/")
	if !found || below == "" {
		return place{}
	}
	root := strings.TrimPrefix(before+"/AWSLogs/", "/")
	p.parts = strings.Split(strings.TrimSuffix(below, "/"), "/")
	if strings.HasPrefix(p.parts[0], "o-") {
		root += p.parts[0] + "/"
		p.parts = p.parts[1:]
	}
	p.deep = len(p.parts) >= regionDepth
	if p.deep && strings.HasPrefix(p.parts[1], layout.Logs) {
		p.root = root + strings.Join(p.parts[:regionDepth], "/") + "/"
	}
	return p
}

// hasFolder reports whether a folder of a bucket, which ends with a slash, may have files that are asked for.
func (f Filter) hasFolder(folder string) bool {
	p := placeOf(folder)
	for i, wanted := range [][]string{f.Accounts, f.Kinds, f.Regions} {
		if i < len(p.parts) && !has(wanted, p.parts[i]) {
			return false
		}
	}
	after, before := f.after(p), f.before(p)
	return (after == "" || folder > after || strings.HasPrefix(after, folder)) && (before == "" || folder < before)
}

// after and before are the keys between which the files of a place are that are asked for; empty: there is no such
// bound.
func (f Filter) after(p place) string {
	if p.root == "" || f.Since.IsZero() {
		return ""
	}
	return p.root + f.Since.Add(-maxAhead).UTC().Format(dayFolder)
}

func (f Filter) before(p place) string {
	if p.root == "" || f.Until.IsZero() {
		return ""
	}
	return p.root + f.Until.Add(maxLate).UTC().Truncate(day).Add(day).Format(dayFolder)
}

const dayFolder = "2006/01/02"
