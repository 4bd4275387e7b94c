// Package decided remembers which log files were decided to their end, so that catching up after an outage need not
// decide them again.
//
// It does not prevent a file from being decided again, and says nothing about the records in it: what was reported is remembered by
// each record (package claims). A row of the table is a hint; whoever can write one can only have a file left out of
// catching up.
package decided

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"time"

	"trailkeeper/lambda/internal/clock"
	"trailkeeper/lambda/internal/state"
)

// Keeping is how long a file is remembered after it was decided.
const Keeping = 30 * 24 * time.Hour

// Object is one log file, as it was at one time.
type Object struct {
	Bucket, Key string
	ETag        string // S3's for what is in it, with or without quotation marks; empty: not known
}

// id stands for the object in a key of 64 bytes, whatever the length of its own.
func (o Object) id() string {
	sum := sha256.Sum256([]byte(o.Bucket + "\n" + o.Key + "\n" + strings.Trim(o.ETag, `"`)))
	return hex.EncodeToString(sum[:])
}

// Objects are the files that were decided. It is safe for concurrent use.
type Objects struct{ of state.Of[entry] }

// entry is for people: which file it was, and when it was decided.
type entry struct {
	Name string    `json:"name"`
	At   time.Time `json:"at"`
}

// New returns those that these documents have.
func New(documents state.Documents, clk clock.Clock) *Objects {
	return &Objects{state.Of[entry]{
		Documents: documents,
		Kind:      "decided",
		Clock:     clk,
		Keep:      Keeping,
		New:       true,
	}}
}

// Note notes that a file was decided: every record in it, to the report. That is one conditional write, and none of an
// object without an ETag.
func (o *Objects) Note(ctx context.Context, object Object) error {
	if object.ETag == "" {
		return nil
	}
	return o.of.Change(ctx, "note that a log file was decided", object.id(), func(e *state.Entry[entry]) bool {
		if e.Value != (entry{}) {
			return false
		}
		e.Value = entry{"s3://" + object.Bucket + "/" + object.Key, o.of.Now()}
		return true
	})
}

// Has reports whether a file was decided, and is as it was then.
func (o *Objects) Has(ctx context.Context, object Object) (bool, error) {
	if object.ETag == "" {
		return false, nil
	}
	found, err := o.of.Get(ctx, "see whether a log file was decided", object.id())
	return found != entry{}, err
}
