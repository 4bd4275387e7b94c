package baseline

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"trailkeeper/events"
	"trailkeeper/lambda/config/baseline"
	"trailkeeper/lambda/internal/finding"
	"trailkeeper/lambda/internal/sanitize"
	"trailkeeper/lambda/internal/trail"
	"trailkeeper/lambda/trailkeeper/cli"
)

// heading names a trail.
func heading(w io.Writer, t events.Trail) {
	fmt.Fprintf(w, "%s (%s, account %s)\n", t.Name, t.Region, t.Account)
}

// ago is the age of a baseline.
func ago(at, now time.Time) string {
	switch age := now.Sub(at); {
	case age < 0:
		return "in the future"
	case age < time.Minute:
		return "just now"
	case age < 48*time.Hour:
		return finding.Duration(age.Truncate(time.Minute)) + " ago"
	default:
		return fmt.Sprintf("%d days ago", age/(24*time.Hour))
	}
}

// showChanges writes what differs, the worst first.
func showChanges(w io.Writer, changes []trail.Change) {
	reported := make(map[string]bool)
	for _, c := range changes {
		word := string(c.Effect)
		switch c.Effect {
		case trail.Weakens:
			word = "WEAKENS"
		case trail.NewDependency:
			word = "DEPENDENCY"
		}
		cli.Row(w, word, c.Sentence)
		values := string(c.Field) + ": " + orNone(c.Before) + " → " + orNone(c.After)
		if !reported[values] { // several changes of one field have the same values
			cli.Row(w, "", values)
		}
		reported[values] = true
	}
}

func orNone(value string) string {
	if value == "" {
		return "none"
	}
	return sanitize.Bound(value, 200)
}

// showUnseen writes why something could not be read, each reason once.
func showUnseen(w io.Writer, unseen map[trail.Part]string) {
	for _, reason := range slices.Compact(slices.Sorted(maps.Values(unseen))) {
		cli.Row(w, "CANNOT SEE", reason)
	}
}

// showBaseline writes a baseline for people.
func showBaseline(w io.Writer, file string, b baseline.Baseline, now time.Time) {
	cli.Row(w, "file", file)
	cli.Row(w, "captured", b.CapturedAt.UTC().Format("2006-01-02 15:04 UTC")+", "+ago(b.CapturedAt, now))
	for _, word := range trail.Words(b.Trail) {
		cli.Row(w, word.Label, word.Text)
	}
}

// tally counts words for the last line, such as "3 trails: 1 weakened, 2 as in the baseline".
type tally struct {
	order []string
	of    map[string]int
	all   int
}

func (t *tally) add(word string) {
	if t.of == nil {
		t.of = make(map[string]int)
	}
	if t.of[word] == 0 {
		t.order = append(t.order, word)
	}
	t.of[word]++
	t.all++
}

func (t *tally) String() string {
	var parts []string
	for _, word := range t.order {
		parts = append(parts, fmt.Sprintf("%d %s", t.of[word], word))
	}
	return fmt.Sprintf("%d %s: %s.", t.all, cli.Choose(t.all == 1, "trail", "trails"), strings.Join(parts, ", "))
}
