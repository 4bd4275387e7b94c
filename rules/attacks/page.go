package attacks

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"trailkeeper/rules/evidence/calls"
	"trailkeeper/rules/guardrail"
	"trailkeeper/rules/protect"
)

// mostShown is how many calls of a technique a cell shows; the rest is counted.
const mostShown = 4

// subjects are what the letters of the catalogue are about.
var subjects = map[string]string{
	"A": "Trails", "B": "CloudTrail Lake", "C": "Log bucket", "D": "Keys", "E": "CloudWatch",
	"F": "EventBridge", "G": "Functions", "H": "Notification and state", "I": "IAM", "J": "Organization", "K": "Deployment",
}

// Page is the table in Markdown: a part for each letter, with notes below it.
func Page() string {
	var b strings.Builder
	letter := ""
	var group []Row
	for _, r := range Rows() {
		if r.ID[:1] != letter {
			writeNotes(&b, group)
			letter, group = r.ID[:1], nil
			fmt.Fprintf(&b, "\n### %s. %s\n\n", letter, subjects[letter])
			b.WriteString("| | attack | calls | guard gone | warden gone | both gone | undone by | prevented | played |\n")
			b.WriteString("|---|---|---|---|---|---|---|---|---|\n")
		}
		fmt.Fprintf(&b, "| %s | %s | %s | %s | %s | %s | %s | %s | %s |\n", r.ID, r.What, callsOf(r.Technique),
			listed(r.GuardGone()), listed(r.WardenGone()), listed(r.BothGone()), listed(r.Repaired), prevented(r.Technique),
			playedBy(r))
		group = append(group, r)
	}
	writeNotes(&b, group)
	return b.String()
}

func writeNotes(b *strings.Builder, rows []Row) {
	for i, n := range notesOn(rows) {
		if i == 0 {
			b.WriteString("\n")
		}
		fmt.Fprintf(b, "- **%s** %s\n", strings.Join(n.of, ", "), n.text)
	}
}

// note is something that the cells have no room for.
type note struct {
	of   []string // IDs
	text string
}

// notesOn are what the cells of the rows have no room for: what is declared of them, what no rule reports, and what the
// guardrail leaves. What is the same of several rows is said once.
func notesOn(rows []Row) (all []note) {
	add := func(id, text string) {
		if i := slices.IndexFunc(all, func(n note) bool { return n.text == text }); i >= 0 {
			all[i].of = append(all[i].of, id)
		} else {
			all = append(all, note{[]string{id}, text})
		}
	}
	for _, r := range rows {
		if r.Unseen != "" {
			add(r.ID, r.Unseen)
		}
		if r.CallsAlone != "" {
			add(r.ID, "The scenarios play the calls alone: "+r.CallsAlone+".")
		}
		for _, u := range unreported(r) {
			add(r.ID, "No rule reports "+strings.Join(code(names(u.Actions)), ", ")+": "+u.Why+".")
		}
		for _, left := range r.Reasons() {
			which := strings.Join(code(names(left.Actions)), ", ") + ": "
			if len(r.Calls) == len(left.Actions) {
				which = ""
			}
			add(r.ID, "Not prevented: "+which+left.Why+".")
		}
	}
	return all
}

// unreported are the calls of a row of which no rule reports, where one does of others, by the reason.
func unreported(r Row) []guardrail.Reason {
	var t guardrail.Technique
	if len(r.Rules) == 0 {
		return nil
	}
	for _, c := range r.Calls {
		if len(Rules(r.Technique, c.Action)) == 0 {
			why := cmp.Or(calls.Unseen(c.Action), protect.Unseen(c.Action), "the guard alone gets it")
			t.Calls = append(t.Calls, guardrail.Call{Action: c.Action, Left: why})
		}
	}
	return t.Reasons()
}

// names are those by which CloudTrail records calls.
func names(actions []string) (all []string) {
	for _, a := range actions {
		_, name := Recorded(a)
		all = append(all, name)
	}
	return all
}

func callsOf(t guardrail.Technique) string {
	var all []string
	for _, c := range t.Calls {
		if _, name := Recorded(c.Action); name != "" && !slices.Contains(all, name) {
			all = append(all, name)
		}
	}
	if len(all) == 0 {
		return "none of AWS"
	}
	more := ""
	if n := len(all); n > mostShown {
		all, more = all[:mostShown-1], fmt.Sprintf(" and %d more", n-mostShown+1)
	}
	return strings.Join(code(all), ", ") + more
}

func code(names []string) (all []string) {
	for _, n := range names {
		all = append(all, "`"+n+"`")
	}
	return all
}

func listed(reporters []Reporter) string {
	var all []string
	for _, r := range reporters {
		all = append(all, string(r))
	}
	if len(all) == 0 {
		return "–"
	}
	return strings.Join(all, ", ")
}

func prevented(t guardrail.Technique) string {
	switch whole, partly := t.Prevented(); {
	case whole:
		return "yes"
	case partly:
		return "in part"
	default:
		return "no"
	}
}

func playedBy(r Row) string {
	all := code(r.Played)
	if r.Tested != "" {
		all = append(all, "test `"+r.Tested+"`")
	}
	if len(all) == 0 {
		return "–"
	}
	return strings.Join(all, ", ")
}

// ToolsPage is the table of the tools' techniques in Markdown.
func ToolsPage() string {
	var b strings.Builder
	b.WriteString("\n| tool | technique | here |\n|---|---|---|\n")
	for _, t := range Tools() {
		fmt.Fprintf(&b, "| %s | %s | %s |\n", t.Tool, t.Name, strings.Join(t.Rows, ", "))
	}
	return b.String()
}
