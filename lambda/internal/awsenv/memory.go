package awsenv

import (
	"runtime/debug"
	"strconv"
)

// LimitMemory has Go collect before a function has used up what Lambda gives it, which would end the run without an
// answer: at four fifths of it, the rest of which is the program's own pages. Outside of Lambda it does nothing (Lambda
// Developer Guide, "Defined runtime environment variables").
func LimitMemory(getenv func(string) string) {
	if mb, err := strconv.ParseInt(getenv("AWS_LAMBDA_FUNCTION_MEMORY_SIZE"), 10, 64); err == nil && mb > 0 {
		debug.SetMemoryLimit(mb << 20 / 10 * 8)
	}
}
