// Package s3list has what one page of a listing of a bucket is asked for, and what is on it (Amazon S3 API Reference,
// ListObjectsV2).
//
// It makes no call: package s3read lists for the functions, and archive/s3client for the operator.
package s3list

// Ask is what one page is asked for. Empty fields are left out.
type Ask struct {
	Prefix, Delimiter string
	After             string // keys that sort after this one
	Token             string // Page.Next of the page before; empty: the first
}

// Page is one page of a listing: at most 1,000 objects and folders.
type Page struct {
	Objects []Object
	Folders []string // with the delimiter at their end
	Next    string   // empty: there is no further page
}

// Object is an object that was listed.
type Object struct {
	Key   string
	Size  int64  // in bytes, as it is stored
	Class string // the storage class; empty: STANDARD
	ETag  string // S3's for what is in it, with quotation marks
}
