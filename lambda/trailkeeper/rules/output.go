package rules

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"trailkeeper/lambda/internal/backtest"
	"trailkeeper/lambda/internal/backtest/page"
	"trailkeeper/lambda/trailkeeper/cli"
)

// output is where a report goes.
type output struct {
	json      bool
	html, csv string
}

func (o *output) flags(cmd *cobra.Command) {
	f := cmd.Flags()
	f.BoolVar(&o.json, "json", false, "print one JSON object instead")
	f.StringVar(&o.html, "html", "", "also write the report as a page to this file")
	f.StringVar(&o.csv, "csv", "", "also write the report as CSV to this file")
	f.SortFlags = false
}

// check says before the work what could not be written after it.
func (o *output) check() error {
	for _, file := range []string{o.html, o.csv} {
		if file == "" {
			continue
		}
		if err := cli.CheckFile(file); err != nil {
			return cli.Usage(err.Error())
		}
	}
	return nil
}

// write writes the report. The error says that something was skipped.
func (o *output) write(cmd *cobra.Command, r *backtest.Report) error {
	if err := o.files(r); err != nil {
		return err
	}
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

// files writes the page and the CSV, where they are wanted.
func (o *output) files(r *backtest.Report) error {
	for _, to := range []struct {
		file  string
		write func(io.Writer, *backtest.Report) error
	}{{o.html, page.HTML}, {o.csv, page.CSV}} {
		if to.file == "" {
			continue
		}
		var content bytes.Buffer
		if err := to.write(&content, r); err != nil {
			return err
		}
		if err := cli.WriteFile(to.file, content.Bytes()); err != nil {
			return cli.Failed(err.Error())
		}
	}
	return nil
}
