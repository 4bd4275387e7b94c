package catchup

import (
	"bufio"
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"trailkeeper/lambda/internal/sanitize"
	"trailkeeper/lambda/trailkeeper/cli"
)

// shown bounds the files that are shown to people; JSON has more.
const shown = 20

// report is what --json prints.
type report struct {
	Function string     `json:"function"`
	Since    time.Time  `json:"since"`
	Until    *time.Time `json:"until"` // null: now
	DryRun   bool       `json:"dry_run"`
	Stopped  bool       `json:"stopped"` // before the end: some files were not looked at
	Buckets  []*count   `json:"buckets"`
	Failed   []failure  `json:"failed"`
	ToDecide []string   `json:"to_decide"` // of a dry run
	Unnamed  int        `json:"unnamed"`   // files that are in neither list, of which there are too many
}

// show writes what became of the files. Stopped says that some were not looked at.
func (f *options) show(to io.Writer, w *work, stopped bool) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	slices.SortFunc(w.failed, func(a, b failure) int { return cmp.Compare(a.File, b.File) })
	slices.Sort(w.pending)
	out := bufio.NewWriter(to)
	if f.json {
		return f.showJSON(out, w, stopped)
	}
	for _, c := range w.buckets {
		fmt.Fprintln(out, sanitize.Clean(c.Name))
		cli.Row(out, "listed", cli.Count(c.Listed, "log file", "log files")+", "+f.span.words())
		cli.Row(out, "decided", fmt.Sprintf("%d before", c.Before)+cli.Choose(f.dry, "", fmt.Sprintf(", %d now", c.Decided)))
		if f.dry {
			cli.Row(out, "to decide", fmt.Sprintf("%s, %d bytes", cli.Count(c.Pending, "log file", "log files"), c.Bytes))
		}
		if c.Failed > 0 {
			cli.Row(out, "FAILED", cli.Count(c.Failed, "file", "files"))
		}
	}
	names(out, w)
	fmt.Fprintln(out)
	cli.Paragraph(out, f.total(w, stopped))
	return cli.Flush(out)
}

// names are the files that are to be decided, or could not be.
func names(out io.Writer, w *work) {
	total := len(w.pending) + len(w.failed)
	if len(w.pending) > 0 {
		fmt.Fprintln(out)
	}
	for _, name := range w.pending[:min(len(w.pending), shown)] {
		fmt.Fprintln(out, sanitize.Clean(name))
	}
	room := max(0, shown-len(w.pending))
	for _, one := range w.failed[:min(len(w.failed), room)] {
		fmt.Fprintln(out, "\n"+sanitize.Clean(one.File))
		cli.Row(out, "FAILED", sanitize.Bound(one.Reason, 400))
	}
	if total > shown {
		fmt.Fprintf(out, "and %d more; --json names a thousand\n", total-shown+w.more)
	}
}

func (s span) words() string {
	const form = "2006-01-02 15:04 UTC"
	return "delivered from " + s.since.Add(-early).Format(form) + " to " +
		cli.Choose(s.until.IsZero(), "now", s.until.Add(early).Format(form))
}

// total is the last sentence.
func (f *options) total(w *work, stopped bool) string {
	var all count
	for _, c := range w.buckets {
		all.Pending += c.Pending
		all.Decided += c.Decided
		all.Failed += c.Failed
	}
	switch {
	case stopped && f.dry:
		return "Stopped before the end. Nothing was done."
	case stopped:
		return fmt.Sprintf("Stopped before the end: %s decided, %d failed. What is done is remembered.",
			cli.Count(all.Decided, "log file", "log files"), all.Failed)
	case f.dry:
		return cli.Count(all.Pending, "log file", "log files") + " would be decided. Nothing was done."
	case all.Failed > 0:
		return fmt.Sprintf("%s decided, %d failed. Remove the cause and run it again: what is done is remembered.",
			cli.Count(all.Decided, "log file", "log files"), all.Failed)
	case all.Decided == 0:
		return "The watch has decided every log file of this time."
	}
	return cli.Count(all.Decided, "log file", "log files") + " decided. Nothing is left."
}

func (f *options) showJSON(out *bufio.Writer, w *work, stopped bool) error {
	r := report{
		Function: f.function,
		Since:    f.span.since,
		DryRun:   f.dry,
		Stopped:  stopped,
		Buckets:  w.buckets,
		Failed:   append([]failure{}, w.failed...),
		ToDecide: append([]string{}, w.pending...),
		Unnamed:  w.more,
	}
	if !f.span.until.IsZero() {
		r.Until = &f.span.until
	}
	var text strings.Builder
	e := json.NewEncoder(&text)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(r); err != nil {
		return err
	}
	if err := cli.WriteEscaped(out, text.String()); err != nil {
		return err
	}
	return cli.Flush(out)
}

// progress is one line, such as "s3://org-logs/: 1203 listed, 1190 decided before, 12 now, 1 failed".
func (w *work) progress() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.buckets) == 0 {
		return ""
	}
	c := w.buckets[len(w.buckets)-1]
	name := sanitize.Bound(strings.TrimPrefix(c.Name, "s3://"), 30)
	return fmt.Sprintf("%s: %d listed, %d decided before, %d now, %d failed", name, c.Listed, c.Before, c.Decided, c.Failed)
}
