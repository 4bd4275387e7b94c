package deployments

import (
	"flag"
	"os"
	"runtime/debug"
	"testing"
)

// TestMain plays more side by side than there are processors: the function and the far ends talk over real connections, and wait for each other.
func TestMain(m *testing.M) {
	debug.SetGCPercent(400) // each run makes a cloud and drops it
	flag.Parse()
	if err := flag.Set("test.parallel", "8"); err != nil {
		panic(err)
	}
	os.Exit(m.Run())
}
