// Package simulatetest runs the tests that play scenarios.
//
// It is for tests only, and knows no scenario.
package simulatetest

import (
	"flag"
	"os"
	"runtime/debug"
	"testing"
)

// Main runs the tests with more of them side by side than there are processors: the function and the far ends talk over
// real connections, and wait for each other. It does not return.
func Main(m *testing.M) {
	debug.SetGCPercent(400) // each run makes a cloud and drops it
	flag.Parse()
	if err := flag.Set("test.parallel", "8"); err != nil {
		panic(err) // package testing has the flag
	}
	os.Exit(m.Run())
}
