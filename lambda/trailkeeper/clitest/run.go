// Package clitest is what the tests of the operator's commands share: a command line, golden files, and an AWS to ask.
// It knows no command: each test names its own.
package clitest

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/spf13/cobra"

	"trailkeeper/lambda/internal/goldentest"
	"trailkeeper/lambda/trailkeeper/cli"
)

var update = flag.Bool("update", false, "write the golden files anew")

// Run carries out one command line of trailkeeper with these commands. The first argument names one of them.
func Run(commands []*cobra.Command, stdin string, args ...string) (code int, stdout, stderr string) {
	var out, errs bytes.Buffer
	code = cli.Run(cli.Root("a version", commands...), args, strings.NewReader(stdin), &out, &errs)
	return code, out.String(), errs.String()
}

// Command returns Run for one command.
func Command(build func() *cobra.Command) func(stdin string, args ...string) (code int, stdout, stderr string) {
	return func(stdin string, args ...string) (code int, stdout, stderr string) {
		return Run([]*cobra.Command{build()}, stdin, args...)
	}
}

// Golden compares a text with a file of testdata, or writes that with -update.
func Golden(t *testing.T, name, got string) {
	t.Helper()
	goldentest.Compare(t, filepath.Join("testdata", name), got, *update)
}

// Help compares what a command line prints with a golden file that a terminal can show.
func Help(t *testing.T, run func(stdin string, args ...string) (int, string, string), name string, args ...string) {
	t.Helper()
	code, out, errs := run("", args...)
	if code != cli.ExitOK || errs != "" {
		t.Errorf("%v: exit %d, stderr %q", args, code, errs)
	}
	Golden(t, name, out)
	Narrow(t, out, cli.Columns)
}

// Narrow fails for a line of more columns, unless it begins with one of the others.
func Narrow(t *testing.T, text string, columns int, others ...string) {
	t.Helper()
lines:
	for line := range strings.Lines(text) {
		for _, other := range others {
			if strings.HasPrefix(line, other) {
				continue lines
			}
		}
		if n := utf8.RuneCountInString(strings.TrimSuffix(line, "\n")); n > columns {
			t.Errorf("a line of %d columns, want at most %d: %s", n, columns, line)
		}
	}
}

// Read returns what a file holds.
func Read(t *testing.T, file string) []byte {
	t.Helper()
	content, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return content
}

// Fixtures is the folder of the events, as a command's tests see it.
const Fixtures = "../../../events/testdata/"

// AllFixtures lists the events' files.
func AllFixtures(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob(Fixtures + "*.json")
	if err != nil || len(files) == 0 {
		t.Fatalf("fixtures %v: %v", files, err)
	}
	return files
}
