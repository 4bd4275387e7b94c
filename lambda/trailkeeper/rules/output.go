package rules

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"

	"github.com/spf13/cobra"

	"trailkeeper/lambda/internal/backtest"
	"trailkeeper/lambda/trailkeeper/cli"
)

// output is where a report goes.
type output struct{ json bool }

func (o *output) flags(cmd *cobra.Command) {
	f := cmd.Flags()
	f.BoolVar(&o.json, "json", false, "print one JSON object instead")
	f.SortFlags = false
}

// write writes the report. The error says that something was skipped.
func (o *output) write(cmd *cobra.Command, r *backtest.Report) error {
	out := bufio.NewWriter(cmd.OutOrStdout())
	if o.json {
		var b bytes.Buffer
		encoder := json.NewEncoder(&b)
		encoder.SetEscapeHTML(false)
		encoder.SetIndent("", " ")
		if err := encoder.Encode(r); err != nil {
			return fmt.Errorf("encode the report: %w", err)
		}
		if err := cli.WriteEscaped(out, b.String()); err != nil {
			return fmt.Errorf("write the output: %w", err)
		}
	} else {
		writeText(out, r)
	}
	if err := cli.Flush(out); err != nil {
		return err
	}
	missing := r.Missing()
	if r.Faults > 0 || len(missing) > 0 && cmd.Name() == "merge" {
		return cli.Usage(endOf(r, missing))
	}
	return nil
}
