package main

import (
	"archive/zip"
	"compress/flate"
	"io"
	"maps"
	"os"
	"regexp"
	"strconv"
	"testing"
)

// largestZip keeps the deployment package small: Lambda loads it before the function starts.
const largestZip = 4_500_000

func TestZipIsSmall(t *testing.T) {
	program, err := os.ReadFile(bootstrap(t, guardPkg, "arm64"))
	if err != nil {
		t.Fatal(err)
	}
	var size countingWriter
	z := zip.NewWriter(&size)
	z.RegisterCompressor(
		zip.Deflate,
		func(w io.Writer) (io.WriteCloser, error) { return flate.NewWriter(w, flate.BestCompression) },
	)
	w, err := z.Create("bootstrap")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write(program); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	t.Logf("program %d bytes, zip %d bytes", len(program), int(size))
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

// What packages do before main is paid at every start. Its allocations hardly vary, unlike its time: the guard may add
// a tenth to those of the SDK clients that it links.
func TestInitAllocatesLittle(t *testing.T) {
	guard, bare := initAllocations(t, guardPkg), initAllocations(t, barePkg)
	t.Logf("allocations before main: guard %d, bare %d", guard, bare)
	if limit := bare + bare/10; guard > limit {
		t.Errorf(
			"%d allocations before main, want at most %d (1.1 times the bare bootstrap's); GODEBUG=inittrace=1 shows where",
			guard,
			limit,
		)
	}
}

var initTrace = regexp.MustCompile(`(?m)^init \S+ @.* ([0-9]+) allocs$`)

// initAllocations adds up what GODEBUG=inittrace=1 says (package runtime, "Environment Variables").
func initAllocations(t *testing.T, pkg string) int {
	t.Helper()
	env := maps.Clone(exampleEnv())
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
