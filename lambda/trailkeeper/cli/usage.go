package cli

import (
	"errors"
	"fmt"
	"regexp"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"trailkeeper/lambda/config/nearest"
)

// NoArgs refuses arguments: a misspelt command of a group, or what a command has no use for.
func NoArgs(cmd *cobra.Command, args []string) error {
	switch {
	case len(args) == 0:
		return nil
	case cmd.HasAvailableSubCommands():
		var names []string
		for _, sub := range cmd.Commands() {
			if sub.IsAvailableCommand() {
				names = append(names, sub.Name())
			}
		}
		return fmt.Errorf("%q has no command %.100q%s", cmd.CommandPath(), args[0], nearest.Mean(args[0], names))
	}
	return fmt.Errorf("%q takes no arguments, and %.100q is one", cmd.CommandPath(), args[0])
}

// badFlag is the sentence for a flag that could not be read.
func badFlag(cmd *cobra.Command, err error) error {
	if e, ok := errors.AsType[*pflag.NotExistError](err); ok {
		name := e.GetSpecifiedName()
		var names []string
		cmd.Flags().VisitAll(func(f *pflag.Flag) {
			if !f.Hidden {
				names = append(names, "--"+f.Name)
			}
		})
		if e.GetSpecifiedShortnames() != "" {
			return fmt.Errorf("%q has no flag -%.100s", cmd.CommandPath(), name)
		}
		return fmt.Errorf("%q has no flag --%.100s%s", cmd.CommandPath(), name, nearest.Mean("--"+name, names))
	}
	if e, ok := errors.AsType[*pflag.ValueRequiredError](err); ok {
		return fmt.Errorf("--%s needs a value", e.GetFlag().Name)
	}
	if e, ok := errors.AsType[*pflag.InvalidValueError](err); ok {
		want := map[string]string{
			"bool":     "true or false",
			"int":      "a whole number",
			"duration": "a duration such as 30s, 5m or 2h",
		}[e.GetFlag().Value.Type()]
		if want == "" {
			want = "another value: " + e.Unwrap().Error()
		}
		return errors.New(Bad(false, e.GetFlag().Name, e.GetValue(), want))
	}
	return err
}

// together is cobra's sentence for flags that exclude each other.
var together = regexp.MustCompile(
	`^if any flags in the group \[.*\] are set none of the others can be; \[(.+)\] were all set$`)

// conflict says in a sentence which flags exclude each other, or returns the error as it is.
func conflict(err error) error {
	found := together.FindStringSubmatch(err.Error())
	if found == nil {
		return err
	}
	names := strings.Fields(found[1])
	return fmt.Errorf("--%s cannot be given together; give one of them", strings.Join(names, " and --"))
}
