package page

import (
	"encoding/csv"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"

	"trailkeeper/lambda/internal/backtest"
)

// head are the columns of the table. What a row is of says its first cell.
var head = []string{
	"row", "rule", "severity", "day", "matches", "findings", "messages", "name", "text", "file", "position",
}

// CSV writes the report as one table: a row for each rule, for each day of one, for each actor, ignore rule, sample,
// rule that could not be applied and thing that was skipped. No cell is a formula to a spreadsheet. The error says that
// w could not be written.
func CSV(w io.Writer, r *backtest.Report) error {
	out := csv.NewWriter(w)
	row := func(cells map[string]string) {
		line := make([]string, len(head))
		for i, column := range head {
			line[i] = cell(cells[column])
		}
		_ = out.Write(line) // the writer keeps its first error
	}
	_ = out.Write(head)
	for _, id := range byMatches(r) {
		rule := r.Rules[id]
		row(map[string]string{
			"row":      "rule",
			"rule":     id,
			"severity": rule.Severity,
			"matches":  number(rule.Matches),
			"findings": number(rule.Findings),
			"messages": number(rule.Messages),
			"text":     rule.Description,
		})
		for _, day := range slices.Sorted(maps.Keys(rule.ByDay)) {
			row(map[string]string{
				"row":     "day",
				"rule":    id,
				"day":     day,
				"matches": number(rule.ByDay[day]),
			})
		}
		for _, a := range rule.Actors {
			row(map[string]string{
				"row":     "actor",
				"rule":    id,
				"matches": number(a.Matches),
				"name":    a.Name,
			})
		}
		for _, s := range rule.Samples {
			row(map[string]string{
				"row":      "sample",
				"rule":     id,
				"severity": s.Severity,
				"day":      s.Time,
				"name":     s.Actor,
				"text":     s.Title,
				"file":     s.File,
				"position": s.Position,
			})
		}
	}
	for _, id := range slices.Sorted(maps.Keys(r.Ignored)) {
		row(map[string]string{"row": "ignored", "rule": id, "matches": number(r.Ignored[id])})
	}
	for _, id := range slices.Sorted(maps.Keys(r.Errors)) {
		f := r.Errors[id]
		row(map[string]string{
			"row":     "error",
			"rule":    id,
			"matches": number(f.Records),
			"text":    f.Reason,
		})
	}
	for _, s := range r.Skipped {
		row(map[string]string{
			"row":      "skipped",
			"text":     s.Reason,
			"file":     s.File,
			"position": s.Position,
		})
	}
	out.Flush()
	if err := out.Error(); err != nil {
		return fmt.Errorf("write the table: %w", err)
	}
	return nil
}

func number(n int64) string { return strconv.FormatInt(n, 10) }

// cell is a text that a spreadsheet shows and does not carry out (OWASP, "CSV Injection").
func cell(text string) string {
	if text = clean(text); text != "" && strings.ContainsRune("=+-@\t\r", rune(text[0])) {
		return "'" + text
	}
	return text
}
