// Package asset reads the files that cdk puts into a function's asset, beside its program. It knows none of them.
package asset

import (
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
)

// Read parses a file of the asset. One that is not there holds nothing. All were checked when the stack was made: one
// that cannot be read all the same is logged, and holds nothing either, so that the function does what it can without.
func Read[T any](asset fs.FS, name string, log *slog.Logger, parse func([]byte) (T, error)) T {
	var parsed, nothing T
	content, err := fs.ReadFile(asset, name)
	if errors.Is(err, fs.ErrNotExist) {
		return nothing
	}
	if err != nil {
		err = fmt.Errorf("read %s: %w", name, err)
	} else {
		parsed, err = parse(content)
	}
	if err != nil {
		log.Error("file of the asset not read", slog.String("file", name), slog.String("error", err.Error()))
		return nothing
	}
	return parsed
}
