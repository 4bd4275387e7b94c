// Command trailkeeper is the operator's command. It wires its commands, a package each, and knows nothing of what they
// do. They hold no logic of the deployed app: they read files and flags, ask the packages that the functions use, and
// print.
package main

import (
	"os"

	"github.com/spf13/cobra"

	"trailkeeper/lambda/trailkeeper/accounts"
	"trailkeeper/lambda/trailkeeper/baseline"
	"trailkeeper/lambda/trailkeeper/catchup"
	"trailkeeper/lambda/trailkeeper/cli"
	"trailkeeper/lambda/trailkeeper/config"
	"trailkeeper/lambda/trailkeeper/dashboard"
	"trailkeeper/lambda/trailkeeper/doctor"
	"trailkeeper/lambda/trailkeeper/guardrail"
	"trailkeeper/lambda/trailkeeper/redrive"
	"trailkeeper/lambda/trailkeeper/replay"
	"trailkeeper/lambda/trailkeeper/rules"
	"trailkeeper/lambda/trailkeeper/simulate"
	"trailkeeper/lambda/trailkeeper/slack"
	"trailkeeper/lambda/trailkeeper/testalert"
	"trailkeeper/lambda/trailkeeper/version"
)

func main() { os.Exit(cli.Run(root(), os.Args[1:], os.Stdin, os.Stdout, os.Stderr)) }

func root() *cobra.Command {
	return cli.Root(version.Text(),
		accounts.New(),
		baseline.New(),
		catchup.New(),
		config.New(),
		dashboard.New(),
		doctor.New(),
		guardrail.New(),
		redrive.New(),
		replay.New(),
		rules.New(),
		simulate.New(),
		slack.New(),
		testalert.New(),
		version.New(),
	)
}
