package main

import (
	_ "embed"
	"io"

	"github.com/spf13/cobra"
)

// slackManifest is the Slack app (Slack developer documentation, "App manifest reference", schema version 1).
//
//go:embed slack_manifest.yaml
var slackManifest string

func newSlackCommand() *cobra.Command {
	manifest := &cobra.Command{
		Use:   "manifest",
		Short: "Print the manifest of the Slack app, as YAML",
		Long: "Prints the manifest of the Slack app that Trailkeeper posts with, as YAML: a bot user with the\n" +
			"scopes chat:write and incoming-webhook. Create the app from it at https://api.slack.com/apps and\n" +
			"install it into the workspace.",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			_, err := io.WriteString(cmd.OutOrStdout(), slackManifest)
			return err
		},
	}
	return group("slack", "Print what Slack needs", manifest)
}
