package cli

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/spf13/cobra"

	"trailkeeper/events"
)

// Complete offers values of a flag to the shell. They are asked for when somebody presses the tab key.
func Complete(cmd *cobra.Command, flag string, values func() []string) {
	err := cmd.RegisterFlagCompletionFunc(flag,
		func(*cobra.Command, []string, string) ([]cobra.Completion, cobra.ShellCompDirective) {
			return values(), cobra.ShellCompDirectiveNoFileComp
		})
	if err != nil {
		panic(err) // no such flag
	}
}

// Strings are values of a closed set, for Complete.
func Strings[S ~string](values []S) []string {
	all := make([]string, 0, len(values))
	for _, v := range values {
		all = append(all, string(v))
	}
	return all
}

// Check ends the command with all that is wrong with its flags, or returns nil.
func Check(problems ...string) error {
	if problems = slices.DeleteFunc(problems, func(p string) bool { return p == "" }); len(problems) == 0 {
		return nil
	}
	return Usage(strings.Join(problems, "; "))
}

// Unless says what is wrong, for Check, or nothing where it is not.
func Unless(ok bool, format string, args ...any) string {
	if ok {
		return ""
	}
	return fmt.Sprintf(format, args...)
}

// Bad says that a flag's value is wrong and what is wanted, unless ok.
func Bad(ok bool, flag, value, want string) string {
	return Unless(ok, "--%s is %.200q; want %s", flag, value, want)
}

// BadRegion is Bad for a value that may be empty.
func BadRegion(region string) string {
	_, ok := events.PartitionOf(region)
	return Bad(ok || region == "", "region", region, "a Region such as eu-west-1")
}

// BadStack is Bad for a name that CloudFormation would not take.
func BadStack(name string) string {
	ok := IsName(name, 128, "-") && (name[0] > '9' && name[0] != '-')
	return Bad(ok, "stack", name, "the name of a stack, such as trailkeeper")
}

// IsName reports whether a name has 1 to limit characters, all of them ASCII letters, digits or one of others.
func IsName(name string, limit int, others string) bool {
	return name != "" && len(name) <= limit && !strings.ContainsFunc(name, func(r rune) bool {
		letter := r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9'
		return r >= utf8.RuneSelf || !letter && !strings.ContainsRune(others, r)
	})
}
