// Package version is the command that says which build this is.
// It knows nothing but what the Go toolchain wrote into the program.
package version

import (
	"fmt"
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"
)

// New makes the command.
func New() *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "Print the version",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			_, err := fmt.Fprintln(cmd.OutOrStdout(), Text())
			return err
		},
	}
}

// Text describes the build: the module's version, the revision where the build knows one, and the Go version.
func Text() string {
	info, ok := debug.ReadBuildInfo()
	if !ok || info.Main.Version == "" {
		return "trailkeeper (unknown version), " + runtime.Version()
	}
	text := "trailkeeper " + info.Main.Version
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" {
			text += ", revision " + s.Value
		}
	}
	return text + ", " + runtime.Version()
}
