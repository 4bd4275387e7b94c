// Package config is the command that prints settings, as documentation values.
// It knows no deployment: what a real one is set to, the template and the function say.
package config

import (
	"bufio"
	"fmt"
	"maps"
	"slices"

	"github.com/spf13/cobra"

	"trailkeeper/lambda/config"
	"trailkeeper/lambda/trailkeeper/cli"
)

// New makes the command.
func New() *cobra.Command {
	var example bool
	env := &cobra.Command{
		Use:   "env --example",
		Short: "Print a complete, valid environment for the guard",
		Long: "Prints a complete, valid environment for the guard, one NAME=value per line: what cdk writes into the\n" +
			"function, and what Lambda itself provides. All values are documentation values.\n\n" +
			"AWS_LAMBDA_RUNTIME_API is left out: the runtime that starts the guard sets it.",
		Example: "  trailkeeper config env --example > guard.env\n" +
			"  env -i $(cat guard.env) AWS_LAMBDA_RUNTIME_API=127.0.0.1:9001 ./bootstrap",
		Args: cli.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if !example {
				return cli.Usage("config env knows no deployment and prints documentation values only: add --example")
			}
			out := bufio.NewWriter(cmd.OutOrStdout())
			env := exampleEnv()
			for _, name := range slices.Sorted(maps.Keys(env)) {
				fmt.Fprintf(out, "%s=%s\n", name, env[name])
			}
			return out.Flush()
		},
	}
	env.Flags().BoolVar(&example, "example", false, "print documentation values")
	return cli.Group("config", "Print settings", env)
}

// exampleEnv is the guard's example configuration, and the variables of Lambda's own that the guard reads (Lambda
// Developer Guide, "Defined runtime environment variables"). The keys are the ones that AWS's documentation uses; they
// open nothing.
func exampleEnv() map[string]string {
	env := config.Example().Env()
	maps.Copy(env, map[string]string{
		"AWS_REGION":                      "eu-west-1",
		"AWS_ACCESS_KEY_ID":               "AKIAIOSFODNN7EXAMPLE",
		"AWS_SECRET_ACCESS_KEY":           "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
		"AWS_SESSION_TOKEN":               "EXAMPLE-SESSION-TOKEN",
		"AWS_LAMBDA_FUNCTION_NAME":        "trailkeeper-Guard",
		"AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "256",
		"AWS_LAMBDA_LOG_FORMAT":           "JSON",
		"AWS_LAMBDA_LOG_LEVEL":            "INFO",
	})
	return env
}
