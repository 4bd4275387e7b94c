// Package slack is the command that generates what Slack needs.
// It knows no token and no workspace: it prints and never asks Slack.
package slack

import (
	_ "embed"
	"io"

	"github.com/spf13/cobra"

	"trailkeeper/lambda/trailkeeper/cli"
)

// manifestText is the Slack app (Slack developer documentation, "App manifest reference", schema version 1).
//
//go:embed manifest.yaml
var manifestText string

// New makes the command.
func New() *cobra.Command {
	manifest := &cobra.Command{
		Use:   "manifest",
		Short: "Generate the manifest of the Slack app, as YAML",
		Long: "Prints the manifest of the Slack app that Trailkeeper posts with, as YAML: a bot user with the\n" +
			"scopes chat:write and incoming-webhook. Create the app from it at https://api.slack.com/apps and\n" +
			"install it into the workspace.",
		Args: cli.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			_, err := io.WriteString(cmd.OutOrStdout(), manifestText)
			return err
		},
	}
	return cli.Group("slack", "Generate the Slack app manifest", manifest)
}
