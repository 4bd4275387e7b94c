package main

import (
	"path/filepath"
	"testing"

	"trailkeeper/lambda/config"
	"trailkeeper/lambda/internal/bootstraptest"
)

// largestZip keeps the deployment package small: Lambda loads it before the function starts. The rule engine is half of
// it; what reads log files is 150 KB, what backtests archives 110 KB; it has the words of all notes, the guard's too.
const largestZip = 7_770_000

func TestZipIsSmall(t *testing.T) {
	size := bootstraptest.ZipSize(t, map[string]string{
		"bootstrap":      built.Bootstrap(t, watchPkg, "arm64"),
		config.RulesFile: filepath.Join(asset(t), config.RulesFile),
	})
	if size > largestZip {
		t.Errorf("the zip has %d bytes, want at most %d", size, largestZip)
	}
}

// What packages do before main is paid at every start. Its allocations hardly vary, unlike its time: the watch may add
// a tenth to those of the SDK clients and the rule engine that it links.
func TestInitAllocatesLittle(t *testing.T) {
	env := exampleEnv(t)
	watch := bootstraptest.InitAllocations(t, built.Bootstrap(t, watchPkg, ""), env)
	bare := bootstraptest.InitAllocations(t, built.Bootstrap(t, barePkg, ""), env)
	t.Logf("allocations before main: watch %d, bare %d", watch, bare)
	if limit := bare + bare/10; watch > limit {
		t.Errorf(
			"%d allocations before main, want at most %d (1.1 times the bare bootstrap's); GODEBUG=inittrace=1 shows where",
			watch,
			limit,
		)
	}
}
