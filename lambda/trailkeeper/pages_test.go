package main

import (
	"bytes"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"trailkeeper/lambda/trailkeeper/cli"
)

// offline are the commands that need neither AWS nor much time: what the pages show of them is run.
var offline = []string{"config", "guardrail", "help", "replay", "slack"}

// TestDocumentedCommands: every command that the pages show exists, takes the flags and arguments that stand there, and
// works where it can be tried.
func TestDocumentedCommands(t *testing.T) {
	t.Chdir("../..")
	ran := map[string]bool{}
	for _, page := range []string{
		"README.md", "cdk/README.md", "lambda/README.md", "rules/README.md", "events/README.md",
	} {
		text, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		for _, args := range commandsOf(string(text)) {
			if problem := refused(args); problem != "" {
				t.Errorf("%s: trailkeeper %s: %s", page, strings.Join(args, " "), problem)
			}
			if !slices.Contains(offline, args[0]) {
				continue
			}
			ran[args[0]] = true
			var out, errs bytes.Buffer
			if code := cli.Run(root(), args, strings.NewReader(""), &out, &errs); code != 0 || out.Len() == 0 {
				t.Errorf("%s: trailkeeper %s: exit %d, %s", page, strings.Join(args, " "), code, errs.String())
			}
		}
	}
	for _, name := range offline {
		if !ran[name] {
			t.Errorf("no page shows %s", name)
		}
	}
}

// TestUndocumentedCommands: what refused must find.
func TestUndocumentedCommands(t *testing.T) {
	const page = "`go run ./lambda/trailkeeper baseline capture --regions eu-west-1` and\n\n    go run " +
		"./lambda/trailkeeper restore\n    go run ./lambda/trailkeeper baseline\n    go run ./lambda/trailkeeper redrive " +
		"now\n    go run ./lambda/trailkeeper redrive --function NAME"
	found := commandsOf(page)
	if len(found) != 5 {
		t.Fatalf("found %q", found)
	}
	for i, args := range found {
		if problem := refused(args); (problem == "") != (i == 4) {
			t.Errorf("%q: %q", args, problem)
		}
	}
}

// commandsOf are the arguments of each command of ours in a page's code.
func commandsOf(page string) [][]string {
	var found [][]string
	for _, m := range regexp.MustCompile("(?m)go run ./lambda/trailkeeper ([^`\n|]*)").FindAllStringSubmatch(page, -1) {
		found = append(found, strings.Fields(m[1]))
	}
	return found
}

// refused says why the command line does not take the arguments.
func refused(args []string) string {
	all := root()
	all.InitDefaultHelpCmd()
	cmd, rest, err := all.Find(args)
	if err == nil && cmd.HasSubCommands() && cmd.Use == cmd.Name() {
		return "a group of commands, no command"
	}
	if err == nil {
		err = cmd.ParseFlags(rest)
	}
	if err == nil {
		err = cmd.ValidateArgs(cmd.Flags().Args())
	}
	if err != nil {
		return err.Error()
	}
	return ""
}
