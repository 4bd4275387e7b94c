// Package version is the command that says which build this is.
// It knows nothing but what the Go toolchain wrote into the program.
package version

import (
	"cmp"
	"fmt"
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"

	"trailkeeper/lambda/trailkeeper/cli"
)

// New makes the command.
func New() *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "Print the version",
		Args:  cli.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			_, err := fmt.Fprintln(cmd.OutOrStdout(), Text())
			return err
		},
	}
}

// Text describes this build: the module's version, the commit, and the Go version.
func Text() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		info = &debug.BuildInfo{}
	}
	return describe(info)
}

// describe names the commit where the toolchain noted one: go build in a checkout does, go run and -buildvcs=false do
// not.
func describe(info *debug.BuildInfo) string {
	settings := map[string]string{}
	for _, s := range info.Settings {
		settings[s.Key] = s.Value
	}
	commit := cmp.Or(settings["vcs.revision"], "unknown (go build in a checkout notes it)")
	if settings["vcs.modified"] == "true" {
		commit += ", changed"
	}
	return fmt.Sprintf("trailkeeper %s, commit %s, %s", cmp.Or(info.Main.Version, "(devel)"), commit, runtime.Version())
}
