package bootstraptest

import (
	"archive/zip"
	"compress/flate"
	"io"
	"maps"
	"os"
	"regexp"
	"slices"
	"strconv"
	"testing"
)

// ZipSize is how many bytes a deployment package of these files has, packed as well as Deflate can: their paths by the
// names that they have in it.
func ZipSize(tb testing.TB, files map[string]string) int {
	tb.Helper()
	var size countingWriter
	z := zip.NewWriter(&size)
	z.RegisterCompressor(
		zip.Deflate,
		func(w io.Writer) (io.WriteCloser, error) { return flate.NewWriter(w, flate.BestCompression) },
	)
	for _, name := range slices.Sorted(maps.Keys(files)) {
		content, err := os.ReadFile(files[name])
		if err != nil {
			tb.Fatal(err)
		}
		w, err := z.Create(name)
		if err != nil {
			tb.Fatal(err)
		}
		if _, err := w.Write(content); err != nil {
			tb.Fatal(err)
		}
		tb.Logf("%s: %d bytes", name, len(content))
	}
	if err := z.Close(); err != nil {
		tb.Fatal(err)
	}
	tb.Logf("zip: %d bytes", int(size))
	return int(size)
}

type countingWriter int

// Write implements io.Writer.
func (c *countingWriter) Write(p []byte) (int, error) {
	*c += countingWriter(len(p))
	return len(p), nil
}

var initTrace = regexp.MustCompile(`(?m)^init \S+ @.* ([0-9]+) allocs$`)

// InitAllocations is how many allocations the packages of a program make before its main, as GODEBUG=inittrace=1 says
// (package runtime, "Environment Variables"). They are paid at every start, and hardly vary, unlike their time.
func InitAllocations(tb testing.TB, path string, env map[string]string) int {
	tb.Helper()
	env = maps.Clone(env)
	env["GODEBUG"] = "inittrace=1"
	p := Start(tb, path, env)
	if _, err := p.FirstPoll(Soon(tb)); err != nil {
		tb.Fatal(err)
	}
	if err := p.Stop(); err != nil { // all that it wrote has arrived only when it has ended
		tb.Fatal(err)
	}
	total := 0
	for _, m := range initTrace.FindAllStringSubmatch(p.Output(), -1) {
		n, err := strconv.Atoi(m[1])
		if err != nil {
			tb.Fatal(err)
		}
		total += n
	}
	if total == 0 {
		tb.Fatalf("no init trace in the output:\n%s", p.Output())
	}
	return total
}
