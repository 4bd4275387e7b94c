// Package cdktest runs the tests that synthesize stacks. It is for tests only, and knows no stack.
package cdktest

import (
	"fmt"
	"os"
	"syscall"
	"testing"
)

// NoStackTraces has CDK keep no stack trace of each construct: nobody reads one, and they take a quarter of a synth.
const NoStackTraces = "CDK_DISABLE_STACK_TRACE=1"

// NoValidation has CDK validate the templates of those apps alone to which somebody adds the validator.
const NoValidation = "CDK_VALIDATION=false"

// started is what the second start has in its environment.
const started = "TRAILKEEPER_CDKTEST"

// Main runs the tests with settings in the environment, each a name and a value with = between them. jsii takes its
// environment over before a test can set anything, so that the program starts itself once more with it. It does not
// return.
func Main(m *testing.M, settings ...string) {
	if os.Getenv(started) == "" {
		program, err := os.Executable()
		if err == nil {
			err = syscall.Exec(program, os.Args, append(os.Environ(), append(settings, started+"=1")...)) //nolint:gosec // itself
		}
		fmt.Fprintf(os.Stderr, "start the tests again with %v: %v\n", settings, err)
		os.Exit(1)
	}
	os.Exit(m.Run())
}
