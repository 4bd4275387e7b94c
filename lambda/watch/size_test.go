package main

import (
	"archive/zip"
	"compress/flate"
	"io"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"testing"

	"trailkeeper/lambda/config"
)

// largestZip keeps the deployment package small: Lambda loads it before the function starts. The rule engine is half of
// it; what reads log files is 150 KB.
const largestZip = 7_700_000

func TestZipIsSmall(t *testing.T) {
	var size countingWriter
	z := zip.NewWriter(&size)
	z.RegisterCompressor(
		zip.Deflate,
		func(w io.Writer) (io.WriteCloser, error) { return flate.NewWriter(w, flate.BestCompression) },
	)
	for name, path := range map[string]string{
		"bootstrap":      bootstrap(t, watchPkg, "arm64"),
		config.RulesFile: filepath.Join(asset(t), config.RulesFile),
	} {
		content, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		w, err := z.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write(content); err != nil {
			t.Fatal(err)
		}
		t.Logf("%s: %d bytes", name, len(content))
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	t.Logf("zip: %d bytes", int(size))
	if size > largestZip {
		t.Errorf("the zip has %d bytes, want at most %d", int(size), largestZip)
	}
}

type countingWriter int

// Write implements io.Writer.
func (c *countingWriter) Write(p []byte) (int, error) {
	*c += countingWriter(len(p))
	return len(p), nil
}

// What packages do before main is paid at every start. Its allocations hardly vary, unlike its time: the watch may add
// a tenth to those of the SDK clients and the rule engine that it links.
func TestInitAllocatesLittle(t *testing.T) {
	watch, bare := initAllocations(t, watchPkg), initAllocations(t, barePkg)
	t.Logf("allocations before main: watch %d, bare %d", watch, bare)
	if limit := bare + bare/10; watch > limit {
		t.Errorf(
			"%d allocations before main, want at most %d (1.1 times the bare bootstrap's); GODEBUG=inittrace=1 shows where",
			watch,
			limit,
		)
	}
}

var initTrace = regexp.MustCompile(`(?m)^init \S+ @.* ([0-9]+) allocs$`)

// initAllocations adds up what GODEBUG=inittrace=1 says (package runtime, "Environment Variables").
func initAllocations(t *testing.T, pkg string) int {
	t.Helper()
	env := maps.Clone(exampleEnv(t))
	env["GODEBUG"] = "inittrace=1"
	p := start(t, bootstrap(t, pkg, ""), env)
	if _, err := p.FirstPoll(soon(t)); err != nil {
		t.Fatal(err)
	}
	if err := p.Stop(); err != nil { // all that it wrote has arrived only when it has ended
		t.Fatal(err)
	}
	total := 0
	for _, m := range initTrace.FindAllStringSubmatch(p.Output(), -1) {
		n, err := strconv.Atoi(m[1])
		if err != nil {
			t.Fatal(err)
		}
		total += n
	}
	if total == 0 {
		t.Fatalf("no init trace in the output:\n%s", p.Output())
	}
	return total
}
