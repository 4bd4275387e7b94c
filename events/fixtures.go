package events

import (
	"embed"
	"io/fs"
)

//go:embed testdata/*.json
var fixtures embed.FS

// Fixtures returns the project's own sample payloads, one a file; testdata/README.md says what each is. They serve the
// tests, and the check that a reworded Slack message can be delivered. A program that does not call Fixtures does not
// carry them.
func Fixtures() fs.FS {
	sub, err := fs.Sub(fixtures, "testdata")
	if err != nil {
		panic(err) // the name is constant and valid
	}
	return sub
}
