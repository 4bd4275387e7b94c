package main

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"trailkeeper/events"
	"trailkeeper/lambda/config/baseline"
	"trailkeeper/lambda/internal/notify"
	"trailkeeper/lambda/internal/trail"
)

// The texts are 100 columns wide: an indented word, and behind it what it is about.
const (
	baselineIndent = 2 + 14
	baselineWidth  = 100 - baselineIndent
)

// row writes a word and the text behind it, in as many lines as it takes. The text may hold what callers of AWS wrote.
func row(w io.Writer, word, text string) {
	for i, line := range wrapAt(notify.Clean(text), baselineWidth) {
		if i > 0 {
			word = ""
		}
		fmt.Fprintf(w, "  %-14s%s\n", word, line)
	}
}

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
		return notify.Duration(age.Truncate(time.Minute)) + " ago"
	default:
		return fmt.Sprintf("%d days ago", age/(24*time.Hour))
	}
}

// showChanges writes what differs, the worst first.
func showChanges(w io.Writer, changes []trail.Change) {
	told := make(map[string]bool)
	for _, c := range changes {
		word := string(c.Effect)
		switch c.Effect {
		case trail.Weakens:
			word = "WEAKENS"
		case trail.NewDependency:
			word = "DEPENDENCY"
		}
		row(w, word, c.Sentence)
		values := string(c.Field) + ": " + orNone(c.Before) + " → " + orNone(c.After)
		if !told[values] { // several changes of one field have the same values
			row(w, "", values)
		}
		told[values] = true
	}
}

func orNone(value string) string {
	if value == "" {
		return "none"
	}
	return notify.Bound(value, 200)
}

// showUnseen writes why something could not be read, each reason once.
func showUnseen(w io.Writer, unseen map[trail.Part]string) {
	for _, reason := range slices.Compact(slices.Sorted(maps.Values(unseen))) {
		row(w, "CANNOT SEE", reason)
	}
}

// showBaseline writes a baseline for people.
func showBaseline(w io.Writer, file string, b baseline.Baseline, now time.Time) {
	s := b.Trail.Settings
	row(w, "file", file)
	row(w, "captured", b.CapturedAt.UTC().Format("2006-01-02 15:04 UTC")+", "+ago(b.CapturedAt, now))
	row(w, "logging", yes(b.Trail.Logging, "on", "OFF: nobody restarts it"))
	row(w, "records", trail.Records(b.Trail))
	row(w, "Regions", yes(s.MultiRegion, "all", "its home Region only")+yes(s.GlobalEvents, ", with global services", ", without global services"))
	row(w, "organization", yes(s.Organization, "all accounts", "no, this account only"))
	bucket := s.S3Bucket
	if s.S3Prefix != "" {
		bucket += ", below " + s.S3Prefix
	}
	row(w, "bucket", bucket)
	row(w, "encryption", orElse(s.KMSKeyID, "as the bucket does it, without a KMS key of the trail"))
	row(w, "digests", yes(s.LogValidation, "on", "off: log files can be changed unnoticed"))
	row(w, "topic", orElse(s.SNSTopicARN, "none"))
	row(w, "log group", orElse(s.LogGroupARN, "none"))
	if s.LogRoleARN != "" {
		row(w, "", "written as "+s.LogRoleARN)
	}
	row(w, "Insights", orElse(insightWords(b.Trail.Insights), "off"))
	if words := configurationWords(b.Trail.Events); words != "" {
		row(w, "events", words)
	}
	var tags []string
	for _, key := range slices.Sorted(maps.Keys(b.Trail.Tags)) {
		tags = append(tags, key+"="+b.Trail.Tags[key])
	}
	row(w, "tags", orElse(strings.Join(tags, ", "), "none"))
}

func yes(is bool, so, otherwise string) string {
	if is {
		return so
	}
	return otherwise
}

func orElse(value, otherwise string) string { return yes(value != "", value, otherwise) }

func insightWords(all []trail.InsightSelector) string {
	var words []string
	for _, s := range all {
		categories := s.Categories
		if len(categories) == 0 {
			categories = []string{"Management"}
		}
		words = append(words, s.Type+" ("+strings.Join(categories, ", ")+")")
	}
	return strings.Join(words, ", ")
}

func configurationWords(e trail.EventConfiguration) string {
	var words []string
	if e.MaxEventSize != "" {
		words = append(words, "size "+e.MaxEventSize)
	}
	for _, k := range e.ContextKeys {
		words = append(words, k.Type+" "+strings.Join(k.Equals, ", "))
	}
	for _, a := range e.Aggregations {
		words = append(words, a.Category+" aggregated as "+strings.Join(a.Templates, ", "))
	}
	return strings.Join(words, "; ")
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
	return fmt.Sprintf("%d %s: %s.", t.all, yes(t.all == 1, "trail", "trails"), strings.Join(parts, ", "))
}
