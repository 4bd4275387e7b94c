// Package rules is the command that lists, tests and tries out the rules over CloudTrail. It decides nothing: it
// reads files, of S3 where backtest is asked to, asks the rules, and prints what they say.
package rules

import (
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"trailkeeper/lambda/internal/sanitize"
	"trailkeeper/lambda/trailkeeper/cli"
	"trailkeeper/rules/detect"
	"trailkeeper/rules/detections"
)

// options are the flags that all the commands have.
type options struct {
	folders, lists []string
	stack          string
	only           bool
}

// New makes the command with its commands.
func New() *cobra.Command {
	return cli.Group("rules", "List, test and try out the rules over CloudTrail",
		list(), test(), match(), explain(), backtestCommand(), imports())
}

func (o *options) flags(cmd *cobra.Command) {
	f := cmd.Flags()
	f.StringArrayVar(&o.folders, "rules", nil, "a folder with further rules; repeatable")
	f.BoolVar(&o.only, "only", false, "leave the built-in rules out")
	f.StringArrayVar(&o.lists, "list", nil, "set a list, as NAME=VALUE,VALUE; repeatable")
	f.StringVar(&o.stack, "stack", "trailkeeper", "the name of the deployed stack")
	f.SortFlags = false
}

// detect are the options of the rules. The error names every wrong flag.
func (o *options) detect() (detect.Options, error) {
	lists := map[string][]string{}
	var problems []string
	for _, l := range o.lists {
		name, values, found := strings.Cut(l, "=")
		problems = append(problems, cli.Bad(found && name != "", "list", l, "NAME=VALUE,VALUE"))
		lists[name] = append(lists[name], valuesOf(values)...)
	}
	o.folders, problems = different(o.folders, problems)
	today := time.Now().UTC().Format(time.DateOnly)
	return detect.Options{Lists: lists, Stack: o.stack, Today: today}, cli.Check(append(problems,
		cli.BadStack(o.stack),
		cli.Unless(len(o.folders) > 0 || !o.only, "--only leaves no rules; name a folder with --rules"),
	)...)
}

// valuesOf are the values between commas, without the spaces around them. Nothing is no value.
func valuesOf(text string) []string {
	values := []string{}
	for value := range strings.SplitSeq(text, ",") {
		if value = strings.TrimSpace(value); value != "" {
			values = append(values, value)
		}
	}
	return values
}

// different are the folders without those that are there already, whatever they are called.
func different(folders, problems []string) (once, wrong []string) {
	var known []os.FileInfo
	for _, folder := range folders {
		info, err := os.Stat(folder)
		problems = append(problems, cli.Bad(err == nil && info.IsDir(), "rules", folder, "a folder"))
		if !slices.ContainsFunc(known, func(k os.FileInfo) bool { return os.SameFile(k, info) }) {
			known, once = append(known, info), append(once, folder)
		}
	}
	return once, problems
}

func (o *options) sources() []detect.Source {
	var all []detect.Source
	if !o.only {
		all = append(all, detections.Source())
	}
	for _, folder := range o.folders {
		all = append(all, detect.Source{Name: folder, Files: os.DirFS(folder)})
	}
	return all
}

// load reads the rules, and names all that is wrong in them. What is right is in the set; wrong is how the command has
// to end in spite of that.
func (o *options) load(stderr io.Writer, all bool) (set *detect.Set, wrong, err error) {
	from, err := o.detect()
	if err != nil {
		return nil, nil, err
	}
	from.All = all
	set, problems := detect.Load(from, o.sources()...)
	return set, inRules(stderr, problems), nil
}

func inRules(stderr io.Writer, problems []detect.Problem) error {
	for _, p := range problems {
		fmt.Fprintln(stderr, sanitize.Bound(p.Error(), 500))
	}
	if len(problems) == 0 {
		return nil
	}
	return cli.Usage(cli.Count(len(problems), "problem", "problems") + " in the rules")
}

func warn(w io.Writer, warnings []detect.Problem) {
	for _, p := range warnings {
		fmt.Fprintln(w, "warning: "+sanitize.Bound(p.Error(), 500))
	}
}
