package rules

import (
	"bufio"
	"cmp"
	"fmt"

	"github.com/spf13/cobra"

	"trailkeeper/lambda/internal/sanitize"
	"trailkeeper/lambda/trailkeeper/cli"
	"trailkeeper/rules/detect"
	"trailkeeper/rules/expression"
)

func explain() *cobra.Command {
	var o options
	var ids []string
	cmd := &cobra.Command{
		Use:   "explain [flags] RECORD",
		Short: "Show why rules match a record or do not, part by part",
		Long: "Shows for each rule that can match the record every part of its condition with the values that the\n" +
			"record has. Rules about other events are left out; name one with --rule to see it all the same.",
		Example: "  trailkeeper rules explain --rule root-activity record.json",
		Args:    someFiles("explain"),
		RunE: func(cmd *cobra.Command, files []string) error {
			set, wrong, err := o.load(cmd.ErrOrStderr(), len(ids) > 0)
			if err != nil {
				return err
			}
			chosen, err := choose(set, ids)
			if err != nil {
				return err
			}
			out := bufio.NewWriter(cmd.OutOrStdout())
			return cmp.Or(matchFiles(cmd, files, set, out, func(out *bufio.Writer, m matched) error {
				return explainRecord(out, set, m, chosen)
			}), wrong)
		},
	}
	o.flags(cmd)
	cmd.Flags().StringSliceVar(&ids, "rule", nil, "the ID of a rule to explain; repeatable")
	return cmd
}

func choose(set *detect.Set, ids []string) ([]*detect.Rule, error) {
	byID := map[string]*detect.Rule{}
	for _, r := range set.Rules {
		byID[r.ID] = r
	}
	var chosen []*detect.Rule
	var problems []string
	for _, id := range ids {
		problems = append(problems, cli.Bad(byID[id] != nil, "rule", id, "the ID of a rule, as trailkeeper rules list shows"))
		chosen = append(chosen, byID[id])
	}
	return chosen, cli.Check(problems...)
}

func explainRecord(out *bufio.Writer, set *detect.Set, m matched, chosen []*detect.Rule) error {
	name := cmp.Or(m.EventName, m.record.Text("eventType"))
	if name == "" {
		return nil // it is no record, and named at the end
	}
	fmt.Fprintf(out, "%s  %s\n", sanitize.Bound(name, 60), where(m.place))
	if m.IgnoredBy != "" {
		fmt.Fprintf(out, "  ignored by %s: no rule is applied\n", m.IgnoredBy)
	}
	rules := chosen
	if len(chosen) == 0 {
		rules = set.Candidates(m.record)
	}
	for _, rule := range rules {
		steps, err := rule.Explain(m.record)
		if err != nil {
			fmt.Fprintf(out, "\n%s cannot be applied: %s\n", rule.ID, sanitize.Bound(err.Error(), 300))
			continue
		}
		verdict := cli.Choose(steps[0].Value == "true", "matches", "does not match")
		fmt.Fprintf(out, "\n%s %s\n", rule.ID, verdict)
		for _, s := range steps {
			step(out, s)
		}
	}
	if len(chosen) == 0 {
		fmt.Fprintf(out, "\n%s about other events, or off.\n", cli.Count(len(set.Rules)-len(rules), "rule is", "rules are"))
	}
	return nil
}

// step shows a part of a condition and its value, on one line where that has the room.
func step(out *bufio.Writer, s expression.Step) {
	const deepest = 10
	indent := 2 * (min(s.Depth, deepest) + 1)
	source, value := sanitize.Bound(s.Source, 300), sanitize.Bound(s.Value, 200)
	lines := cli.Wrap(source+" → "+value, cli.Columns-indent-4)
	for i, line := range lines {
		fmt.Fprintf(out, "%*s%s%s\n", indent, "", cli.Choose(i > 0, "    ", ""), line)
	}
}
