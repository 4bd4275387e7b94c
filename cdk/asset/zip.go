// Package asset builds what Lambda runs: a Go program for provided.al2023 on arm64, in a zip whose bytes depend on
// nothing but the sources and the toolchain, so that the hash is known at synth and equal from every checkout.
//
// It knows no CDK and nothing of what it builds.
package asset

import (
	"archive/zip"
	"bytes"
	"compress/flate"
	"fmt"
	"io"
	"maps"
	"slices"
	"time"
)

// bootstrap is the name that Lambda's provided runtimes start.
const bootstrap = "bootstrap"

// epoch is the earliest time that a zip can hold; every entry has it.
var epoch = time.Date(1980, time.January, 1, 0, 0, 0, 0, time.UTC)

// pack packs the files in the order of their names, with fixed times. bootstrap is executable, the rest is not.
func pack(files map[string][]byte) ([]byte, error) {
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	w.RegisterCompressor(
		zip.Deflate,
		func(to io.Writer) (io.WriteCloser, error) { return flate.NewWriter(to, flate.BestCompression) },
	)
	for _, name := range slices.Sorted(maps.Keys(files)) {
		header := &zip.FileHeader{Name: name, Method: zip.Deflate, Modified: epoch}
		header.SetMode(0o644)
		if name == bootstrap {
			header.SetMode(0o755)
		}
		entry, err := w.CreateHeader(header)
		if err != nil {
			return nil, fmt.Errorf("zip %s: %w", name, err)
		}
		if _, err := entry.Write(files[name]); err != nil {
			return nil, fmt.Errorf("zip %s: %w", name, err)
		}
	}
	if err := w.Close(); err != nil {
		return nil, fmt.Errorf("zip: %w", err)
	}
	return out.Bytes(), nil
}
