package main

import (
	"testing"

	"trailkeeper/lambda/internal/bootstraptest"
)

// largestZip keeps the deployment package small: Lambda loads it before the function starts.
const largestZip = 4_850_000

func TestZipIsSmall(t *testing.T) {
	size := bootstraptest.ZipSize(t, map[string]string{"bootstrap": built.Bootstrap(t, guardPkg, "arm64")})
	if size > largestZip {
		t.Errorf("the zip has %d bytes, want at most %d", size, largestZip)
	}
}

// What packages do before main is paid at every start. Its allocations hardly vary, unlike its time: the guard may add
// a tenth to those of the SDK clients that it links.
func TestInitAllocatesLittle(t *testing.T) {
	env := exampleEnv()
	guard := bootstraptest.InitAllocations(t, built.Bootstrap(t, guardPkg, ""), env)
	bare := bootstraptest.InitAllocations(t, built.Bootstrap(t, barePkg, ""), env)
	t.Logf("allocations before main: guard %d, bare %d", guard, bare)
	if limit := bare + bare/10; guard > limit {
		t.Errorf(
			"%d allocations before main, want at most %d (1.1 times the bare bootstrap's); GODEBUG=inittrace=1 shows where",
			guard,
			limit,
		)
	}
}
