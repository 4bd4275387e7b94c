// Package bootstraptest has what the tests of the bootstraps share: programs that are built once in a test run, started
// against a Runtime API on loopback, weighed, and measured beside each other.
//
// It knows neither the guard nor the watch: who tests one names its package, its environment and what it is given.
package bootstraptest

import (
	"context"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"trailkeeper/events"
	"trailkeeper/lambda/internal/runtimeapi"
)

// Programs are the bootstraps that a test run has built. The zero value has none.
type Programs struct {
	mu   sync.Mutex
	dir  string
	done map[string]bool
}

// Main runs the tests and ends the process: it is what TestMain does. The programs are gone then.
func (p *Programs) Main(m *testing.M) {
	dir, err := os.MkdirTemp("", "bootstraps")
	if err != nil {
		panic(err)
	}
	p.dir, p.done = dir, make(map[string]bool)
	code := m.Run()
	if err := os.RemoveAll(dir); err != nil {
		panic(err)
	}
	os.Exit(code)
}

// Dir is the folder of the programs, which lasts as long as the test run.
func (p *Programs) Dir() string { return p.dir }

// Bootstrap builds a package of commands, named by its folder, once in a test run, and returns the program's path. An
// empty goarch is the machine's own.
func (p *Programs) Bootstrap(tb testing.TB, pkg, goarch string) string {
	tb.Helper()
	p.mu.Lock()
	defer p.mu.Unlock()
	// What a test looks at is part of the test cache's key.
	if _, err := os.Stat(filepath.Join(pkg, "main.go")); err != nil {
		tb.Fatal(err)
	}
	out := filepath.Join(p.dir, filepath.Base(pkg)+goarch+"-bootstrap")
	if !p.done[out] {
		if err := runtimeapi.Build(tb.Context(), pkg, out, goarch); err != nil {
			tb.Fatal(err)
		}
		p.done[out] = true
	}
	return out
}

// Env is what Lambda adds to the environment of a function of that name, with example credentials.
func Env(function string) map[string]string {
	return map[string]string{
		"AWS_REGION":               "eu-west-1",
		"AWS_ACCESS_KEY_ID":        "AKIAIOSFODNN7EXAMPLE",
		"AWS_SECRET_ACCESS_KEY":    "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
		"AWS_SESSION_TOKEN":        "EXAMPLE-SESSION-TOKEN",
		"AWS_LAMBDA_FUNCTION_NAME": function,
		"AWS_LAMBDA_LOG_FORMAT":    "JSON",
	}
}

// Start runs a program until the test ends.
func Start(tb testing.TB, path string, env map[string]string) *runtimeapi.Process {
	tb.Helper()
	p, err := runtimeapi.Start(context.WithoutCancel(tb.Context()), path, env)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := p.Stop(); err != nil {
			tb.Error(err)
		}
	})
	return p
}

// Soon bounds whatever should take milliseconds.
func Soon(tb testing.TB) context.Context {
	tb.Helper()
	ctx, cancel := context.WithTimeout(tb.Context(), 30*time.Second)
	tb.Cleanup(cancel)
	return ctx
}

// Fixture is an event of events/testdata.
func Fixture(tb testing.TB, name string) []byte {
	tb.Helper()
	b, err := fs.ReadFile(events.Fixtures(), name)
	if err != nil {
		tb.Fatal(err)
	}
	return b
}
