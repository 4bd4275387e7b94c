package main_test

import (
	"fmt"
	"os"
	"testing"
)

// TestMain has CDK keep no stack trace of each construct: nothing here reads one, and they take a quarter of a synth.
func TestMain(m *testing.M) {
	if err := os.Setenv("CDK_DISABLE_STACK_TRACE", "1"); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(m.Run())
}
