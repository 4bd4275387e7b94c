package awsenv_test

import (
	"math"
	"runtime/debug"
	"testing"

	"trailkeeper/lambda/internal/awsenv"
)

// TestLimitMemory: the limit is four fifths of the function's memory, and stays as it was where that is not known.
func TestLimitMemory(t *testing.T) {
	const before = math.MaxInt64
	defer debug.SetMemoryLimit(debug.SetMemoryLimit(before))
	for size, want := range map[string]int64{
		"256":   214_748_360, // 256 MiB, of which a tenth has no fraction
		"10240": 8 << 30,
		"":      before,
		"0":     before,
		"-256":  before,
		"256MB": before,
	} {
		debug.SetMemoryLimit(before)
		awsenv.LimitMemory(env("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", size))
		if got := debug.SetMemoryLimit(-1); got != want {
			t.Errorf("of %q MB the limit is %d bytes; want %d", size, got, want)
		}
	}
}
