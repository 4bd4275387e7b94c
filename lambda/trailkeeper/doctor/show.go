package doctor

import (
	"bufio"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"trailkeeper/lambda/internal/sanitize"
	"trailkeeper/lambda/trailkeeper/cli"
	"trailkeeper/lambda/trailkeeper/doctor/deployed"
	"trailkeeper/lambda/trailkeeper/doctor/verdict"
)

// The columns of the table: a status with its mark, a check, and what it says.
const (
	statusWide = 11
	checkWide  = 15
)

// marks are what a status is seen by.
var marks = map[verdict.Status]string{
	verdict.OK: "✓", verdict.Unknown: "?", verdict.Warning: "!", verdict.Error: "✗",
}

// write prints the table for people. Fixing is the command line that prints the commands.
func write(out *bufio.Writer, d *deployed.Deployment, all []verdict.Verdict, fixing string) {
	fmt.Fprintf(out, "Deployment %s in account %s, %s\n\n", d.Stack, sanitize.Clean(d.Account), d.Region())
	for _, v := range all {
		lead := fmt.Sprintf("%-*s%-*s", statusWide, marks[v.Status]+" "+string(v.Status), checkWide, v.Check)
		row(out, lead, v.Says)
		if v.Do != "" {
			row(out, "", "→ "+v.Do)
		}
	}
	fmt.Fprintf(out, "\n%s\n", summary(all))
	if slices.ContainsFunc(all, func(v verdict.Verdict) bool { return len(v.Fix) > 0 }) {
		fmt.Fprintln(out, "The commands that put some of it right:\n  "+sanitize.Clean(fixing))
	}
}

// row writes a text in the table's last column, in as many lines as it takes.
func row(out *bufio.Writer, lead, text string) {
	const indent = statusWide + checkWide
	for i, line := range cli.Wrap(sanitize.Clean(text), cli.Columns-indent) {
		if i > 0 {
			lead = ""
		}
		fmt.Fprintln(out, strings.TrimRight(fmt.Sprintf("%-*s%s", indent, lead, line), " "))
	}
}

// summary counts the verdicts by their status, the worst first.
func summary(all []verdict.Verdict) string {
	words := map[verdict.Status][2]string{
		verdict.OK: {"ok", "ok"}, verdict.Unknown: {"unknown", "unknown"},
		verdict.Warning: {"warning", "warnings"}, verdict.Error: {"error", "errors"},
	}
	var parts []string
	for _, s := range slices.Backward(verdict.Statuses()) {
		if n := count(all, s); n > 0 {
			parts = append(parts, cli.Count(n, words[s][0], words[s][1]))
		}
	}
	return cli.Count(len(all), "check", "checks") + ": " + strings.Join(parts, ", ") + "."
}

func count(all []verdict.Verdict, s verdict.Status) int {
	n := 0
	for _, v := range all {
		if v.Status == s {
			n++
		}
	}
	return n
}

// worst is the worst status that there is.
func worst(all []verdict.Verdict) verdict.Status {
	is := verdict.OK
	for _, v := range all {
		if slices.Index(verdict.Statuses(), v.Status) > slices.Index(verdict.Statuses(), is) {
			is = v.Status
		}
	}
	return is
}

// writeJSON prints an object for each verdict, on a line of its own.
func writeJSON(out *bufio.Writer, all []verdict.Verdict) error {
	for _, v := range all {
		line, err := json.Marshal(v)
		if err != nil {
			return err
		}
		if err := cli.WriteEscaped(out, string(line)+"\n"); err != nil {
			return err
		}
	}
	return nil
}

// writeFixes prints the commands, each below what it is for, as a script that can be read before it is run.
func writeFixes(out *bufio.Writer, d *deployed.Deployment, all []verdict.Verdict) {
	n := 0
	for _, v := range all {
		if len(v.Fix) == 0 {
			continue
		}
		if n++; n > 1 {
			fmt.Fprintln(out)
		}
		comment(out, fmt.Sprintf("%s, %s: %s", v.Check, v.Status, v.Says))
		comment(out, v.Do)
		for _, command := range v.Fix {
			fmt.Fprintln(out, sanitize.Clean(command))
		}
	}
	if n == 0 {
		comment(out, "No check of "+d.Stack+" has a command that puts something right.")
	}
}

// comment writes a text as a comment of a shell.
func comment(out *bufio.Writer, text string) {
	for _, line := range cli.Wrap(sanitize.Clean(text), cli.Columns-2) {
		fmt.Fprintln(out, "# "+line)
	}
}
