// Package state keeps versioned documents in one DynamoDB table, so that what one run notes is there for the next.
//
// It refuses to know what a document says, and nothing else knows DynamoDB. It trusts no document: whoever can write to
// the table can write anything, so that its readers check and bound what they get, and go on without it.
package state

import (
	"context"
	"errors"
	"time"
)

// Key names a document: its kind, and which one of that kind.
type Key struct{ Kind, ID string }

// Version is what a document was read as. No two writes have the same; the empty one says that there was no document.
type Version string

// Document is a document as it was read, or as it is to be written in place of the version that was read.
type Document struct {
	Key     Key
	Body    []byte    // JSON; empty: there is none
	Expires time.Time // when it counts no more, and is deleted some time later; zero: never
	Version Version
}

// Documents are the documents of a deployment. They are safe for concurrent use. A read returns what was last written.
// A document that has expired reads as one without a body, whether or not it is deleted yet.
type Documents interface {
	// Get returns a document.
	Get(ctx context.Context, key Key) (Document, error)
	// PutIf writes a document if the one that there is still has its version, and returns it with its new version.
	// Otherwise the error is ErrChanged, and the document is the one that there is.
	PutIf(ctx context.Context, d Document) (Document, error)
	// Last returns a document as this process last read or wrote it, without asking: it may be another by now. Nothing is
	// known of the most.
	Last(key Key) Document
	// List returns every document of a kind, in the order of their IDs. With an error it returns those that were read.
	List(ctx context.Context, kind string) ([]Document, error)
}

// ErrChanged says that a document is not of the version that was read.
var ErrChanged = errors.New("another run has changed it")

// Error is what could not be read or written, and why.
type Error struct {
	What string // "read what is known of the trails"
	Why  string
	Err  error
}

// Error is one sentence, without a period at its end.
func (e *Error) Error() string { return e.What + ": " + e.Why }

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// when says of an error what was being done, in the caller's words.
func when(what string, err error) error {
	if e, ok := errors.AsType[*Error](err); ok {
		return &Error{What: what, Why: e.Why, Err: e.Err}
	}
	return err
}
