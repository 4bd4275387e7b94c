package rules

import (
	"bufio"
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"trailkeeper/events/read"
	"trailkeeper/lambda/internal/sanitize"
	"trailkeeper/lambda/trailkeeper/cli"
	"trailkeeper/rules/detect"
	"trailkeeper/rules/expression"
)

// matched is what --json prints for one record. The names are part of the command's contract.
type matched struct {
	EventID   string   `json:"event_id"`
	EventName string   `json:"event_name"`
	Rules     []string `json:"rules"`
	IgnoredBy string   `json:"ignored_by"`
	Errors    []string `json:"errors"`

	decision detect.Decision
	hits     []detect.Hit // what each of the decision's rules says
	record   expression.Record
	place    read.Place
}

func match() *cobra.Command {
	var o options
	var asJSON, all bool
	cmd := &cobra.Command{
		Use:   "match [flags] FILE...",
		Short: "Show which rules match recorded events",
		Long: "Reads CloudTrail records from any container that trailkeeper replay reads, and shows for each which\n" +
			"rules match. Nothing is counted or remembered: a rule with a threshold matches each record, and the\n" +
			"pattern and dedupe of a rule say nothing here.\n\n" +
			"With --json, there is an object for each record, in order: event_id, event_name, rules (the IDs of\n" +
			"those that match, sorted), ignored_by (the ID of an ignore rule, or empty) and errors. A rule that\n" +
			"cannot be applied to a record is an error of that record only. What is no record is an object with\n" +
			"errors, and the exit code is 2. So it is where a rule file is wrong: it is named, and the rest applies.",
		Example: "  trailkeeper rules match --rules my-rules events/testdata",
		Args:    someFiles("match"),
		RunE: func(cmd *cobra.Command, files []string) error {
			set, wrong, err := o.load(cmd.ErrOrStderr(), all)
			if err != nil {
				return err
			}
			out := bufio.NewWriter(cmd.OutOrStdout())
			print := printText
			if asJSON {
				print = printJSON
			}
			return cmp.Or(matchFiles(cmd, files, set, out, print), wrong)
		},
	}
	o.flags(cmd)
	cmd.Flags().BoolVar(&all, "all", false, "apply the rules that are off, too")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print one JSON object for each record instead")
	return cmd
}

func someFiles(command string) cobra.PositionalArgs {
	return func(_ *cobra.Command, args []string) error {
		if len(args) == 0 {
			return errors.New("rules " + command + " needs at least one file, or - for standard input")
		}
		return nil
	}
}

func matchFiles(
	cmd *cobra.Command, files []string, set *detect.Set, out *bufio.Writer, print func(*bufio.Writer, matched) error,
) error {
	records, hits, bad, first := 0, 0, 0, ""
	for r, err := range (read.Log{Insights: true, Every: true}).Files(files, cmd.InOrStdin()) {
		m := matched{Rules: []string{}, Errors: []string{}, place: r.Place}
		if err == nil {
			m.record, err = expression.Parse(r.JSON())
		}
		records++
		if err != nil {
			m.Errors = append(m.Errors, sanitize.Bound(err.Error(), 500))
			if bad++; first == "" {
				first = where(r.Place) + ": " + sanitize.Bound(err.Error(), 300)
			}
		} else {
			m.decide(set)
		}
		if len(m.Rules) > 0 {
			hits++
		}
		if err := print(out, m); err != nil {
			return fmt.Errorf("write the output: %w", err)
		}
	}
	if err := cli.Flush(out); err != nil {
		return err
	}
	if bad > 0 {
		return cli.Usage(
			fmt.Sprintf("%d of %s unreadable, the first: %s", bad, cli.Count(records, "record", "records"), first),
		)
	}
	return nil
}

func (m *matched) decide(set *detect.Set) {
	m.decision = set.Decide(m.record)
	m.EventID, m.EventName, m.IgnoredBy = m.record.Text("eventID"), m.record.Text("eventName"), m.decision.IgnoredBy
	for _, rule := range m.decision.Rules {
		m.Rules = append(m.Rules, rule.ID)
	}
	failed := m.decision.Errors
	for _, rule := range m.decision.Rules {
		hit, errs := rule.Describe(m.record)
		m.hits, failed = append(m.hits, hit), append(failed, errs...)
	}
	for _, e := range failed {
		m.Errors = append(m.Errors, e.Error())
	}
}

func where(p read.Place) string {
	name := sanitize.Bound(p.File, 200)
	if p.File == read.Stdin {
		name = "standard input"
	}
	if position := p.Where(); position != "" {
		name += ", " + position
	}
	return name
}

func printJSON(out *bufio.Writer, m matched) error {
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(m); err != nil {
		return fmt.Errorf("encode the record %.100q: %w", m.EventID, err)
	}
	return cli.WriteEscaped(out, b.String())
}

// printText shows a record that a rule, an ignore rule or an error has something to say of.
func printText(out *bufio.Writer, m matched) error {
	if len(m.Rules)+len(m.Errors) == 0 && m.IgnoredBy == "" {
		return nil
	}
	name := cmp.Or(m.EventName, m.record.Text("eventType"), "no record")
	fmt.Fprintf(out, "%s  %s\n", sanitize.Bound(name, 60), where(m.place))
	if m.IgnoredBy != "" {
		cli.Row(out, "ignored", "by "+m.IgnoredBy)
	}
	for i, rule := range m.decision.Rules {
		hit, id := m.hits[i], rule.ID
		if rule.Threshold != nil {
			id += fmt.Sprintf(", one of %d", rule.Threshold.Count)
		}
		cli.Row(out, hit.Severity, hit.Title+" ["+id+"]")
	}
	for _, e := range m.Errors {
		cli.Row(out, "error", e)
	}
	_, err := out.WriteString("") // a bufio.Writer keeps its first error
	return err
}
