package stack_test

import (
	"runtime/debug"
	"testing"

	"trailkeeper/cdk/cdktest"
)

// TestMain has CDK validate what newApp makes, and nothing else.
func TestMain(m *testing.M) {
	debug.SetGCPercent(400) // each test makes a template and drops it
	cdktest.Main(m, cdktest.NoStackTraces, cdktest.NoValidation)
}
