package warden

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"trailkeeper/lambda/internal/finding"
	"trailkeeper/lambda/internal/sanitize"
	"trailkeeper/lambda/internal/signs"
	"trailkeeper/lambda/internal/warden/check"
)

const (
	// maxListed is how many resources a message about many of them lists.
	maxListed = 100
	// maxValue bounds a value in a finding, in runes: what two policies do not have in common is the longest.
	maxValue = 400
	// maxAdvice is how many steps about differences a message has; the differences are all listed.
	maxAdvice = 5
)

// finding starts a finding about the whole deployment.
func (r *run) finding(kind finding.Kind, parts ...string) finding.Finding {
	w := r.warden
	return finding.Finding{
		EventID:   "deployment-" + signs.Digest(append(parts, string(kind), r.id)...),
		Kind:      kind,
		Source:    w.Finder,
		EventTime: r.at.UTC(),
		Severity:  finding.SeverityHigh,
		Outcome:   finding.OutcomeNotified,
		Subject: finding.Subject{
			Type: typeStack, Name: w.Stack, Account: w.Place.Account, Region: w.Place.Region, Partition: w.Place.Partition,
		},
		Stack: w.Stack,
	}
}

// differs is the finding of one resource.
func (r *run) differs(s sight, subject string) finding.Finding {
	n := r.finding(finding.KindDeploymentDiffers, subject, r.signOf(s))
	n.Subject.Type, n.Subject.ARN, n.Subject.Name, n.Subject.Region = s.of.Type, s.of.ARN, nameOf(s.of), s.of.Region
	n.Outcome = outcomeOf(s)
	n.Severity = severityOf(s)
	n.AfterCall = s.took
	for _, d := range s.differences {
		n.Changes = append(n.Changes, finding.Change{
			Field: sanitize.Bound(d.Field, maxName), Before: sanitize.Bound(d.Want, maxValue), After: sanitize.Bound(d.Got, maxValue), Effect: finding.EffectWeakens,
			Sentence: sentence(s.of.Type, d), Done: d.done, Why: d.why,
		})
	}
	noteSeen(&n, s)
	advise(&n, s)
	return n
}

// sentence says of a change what it is.
func sentence(kind string, d difference) string {
	switch {
	case d.Field == check.MissingField:
		return "It is gone."
	case strings.HasPrefix(d.Got, "none") && d.Want != "none":
		return "It was removed."
	case d.Want == "none":
		return "The template has no such value."
	case kind == typeSecret:
		return "It is not as the deployment knew it."
	}
	return "It is not as the template has it."
}

func noteSeen(n *finding.Finding, s sight) {
	if slices.ContainsFunc(s.differences, func(d difference) bool { return d.Field == check.MissingField }) {
		n.Note(finding.NoteDeploymentGone)
	}
	if n.Outcome == finding.OutcomeRestored {
		n.Note(finding.NoteReadAgain)
	}
}

// advise says what a human does: about what is not restored, each command once; and in any case, finding out who it was.
func advise(n *finding.Finding, s sight) {
	var said []string
	for _, d := range s.differences {
		if d.done == finding.DoneRestored || slices.Contains(said, d.Next) || len(said) == maxAdvice {
			continue
		}
		said = append(said, d.Next)
		switch {
		case strings.HasPrefix(d.Next, "aws "):
			n.Advise(finding.NextRunByHand, d.Next)
		case d.Next != "":
			n.Advise(finding.NoteText, d.Next)
		default:
			n.Advise(finding.NextAsTemplate, n.Stack)
		}
	}
	if s.of.Name != "" {
		n.Advise(finding.NextWhoChanged, n.Region, s.of.Name)
	}
}

// outcomeOf is what became of a resource.
func outcomeOf(s sight) finding.Outcome {
	counts := map[finding.Done]int{}
	for _, d := range s.differences {
		counts[d.done]++
	}
	switch {
	case counts[finding.DoneRestored] == len(s.differences):
		return finding.OutcomeRestored
	case counts[finding.DoneRestored] > 0:
		return finding.OutcomePartlyRestored
	case counts[finding.DoneAccepted] > 0:
		return finding.OutcomeAccepted
	case counts[finding.DoneNotRestored] > 0:
		return finding.OutcomeRetrying
	}
	return finding.OutcomeNotified
}

// severityOf is critical for what may silence the deployment and is not restored.
func severityOf(s sight) finding.Severity {
	switch restored := s.restored(); {
	case silences(s.of.Type) && !restored:
		return finding.SeverityCritical
	case restored && !silences(s.of.Type):
		return finding.SeverityMedium
	}
	return finding.SeverityHigh
}

// manyDiffer is one finding of many resources.
func (r *run) manyDiffer(all []news) finding.Finding {
	var ids []string
	restored := 0
	for _, one := range all {
		ids = append(ids, one.subject, one.sign)
		if one.finding.Outcome == finding.OutcomeRestored {
			restored++
		}
	}
	n := r.finding(finding.KindDeploymentDiffers, ids...)
	n.Severity, n.Outcome = finding.SeverityHigh, finding.OutcomeNotified
	for _, f := range listed(all) {
		n.Severity = finding.Higher(n.Severity, f.Severity)
		if len(n.Changes) < maxListed {
			n.Changes = append(n.Changes, summary(f))
		}
	}
	switch {
	case restored == len(all):
		n.Outcome = finding.OutcomeRestored
	case restored > 0:
		n.Outcome = finding.OutcomePartlyRestored
	}
	if slices.ContainsFunc(n.Changes, func(c finding.Change) bool { return c.Done != finding.DoneNothing }) {
		for i := range n.Changes { // what nothing restores is not restored either: it would be listed last
			n.Changes[i].Done = cmp.Or(n.Changes[i].Done, finding.DoneNotRestored)
		}
	}
	n.Note(finding.NoteManyDiffer, len(all))
	if restored > 0 {
		n.Note(finding.NoteManyRestored, restored)
	}
	n.Advise(finding.NextAsTemplate, n.Stack)
	return n
}

// listed are the findings in the order in which one message shows them, which has no room for all: the stack and the record,
// of which the others may come, then what is not restored before what is, and, of either, the first of each type before the
// others of its type.
func listed(all []news) []finding.Finding {
	var first, others [2][]finding.Finding
	seen := map[string]bool{}
	for _, one := range all {
		f, at := one.finding, 0
		if f.Outcome == finding.OutcomeRestored {
			at = 1
		}
		if f.Type == typeStack || f.Type == typeParameter {
			first[0] = slices.Insert(first[0], 0, f)
			continue
		}
		if key := fmt.Sprint(at, f.Type); !seen[key] {
			seen[key] = true
			first[at] = append(first[at], f)
		} else {
			others[at] = append(others[at], f)
		}
	}
	return slices.Concat(first[0], others[0], first[1], others[1])
}

// summary is a finding as one line of another.
func summary(f finding.Finding) finding.Change {
	c := finding.Change{
		Field:    sanitize.Bound(f.Type+" "+f.Subject.Name, maxName),
		Before:   "as deployed",
		Effect:   finding.EffectWeakens,
		Sentence: "It is not as the template has it.",
	}
	var fields []string
	for _, change := range f.Changes {
		if change.Field == check.MissingField {
			c.After, c.Sentence = "gone", "It is gone."
		}
		fields = append(fields, change.Field)
	}
	c.After = cmp.Or(c.After, sanitize.Bound("other "+strings.Join(fields, ", "), maxWhy))
	switch f.Outcome {
	case finding.OutcomeRestored:
		c.Done = finding.DoneRestored
	case finding.OutcomeNotified:
	default:
		c.Done = finding.DoneNotRestored
	}
	return c
}

// recovered says that a resource is as it was deployed again, and not by this run's doing.
func (r *run) recovered(id, subject string) finding.Finding {
	n := r.finding(finding.KindDeploymentRecovered, subject, r.reported[subject])
	n.Severity, n.Ended = finding.SeverityLow, finding.KindDeploymentDiffers
	n.Subject.Type, n.Subject.Name = r.typeOf(id), r.nameOf(id)
	n.Note(finding.NoteAsDeployed)
	n.Note(finding.NotePutRight)
	n.Advise(finding.NextWhoChanged, n.Region, n.Subject.Name)
	return n
}

func (r *run) manyRecovered(count int) finding.Finding {
	n := r.finding(finding.KindDeploymentRecovered, fmt.Sprint(count))
	n.Severity, n.Ended = finding.SeverityLow, finding.KindDeploymentDiffers
	n.Note(finding.NoteManyRecovered, count)
	return n
}

// name says who changed the resource, as far as the event history shows it.
func (r *run) name(ctx context.Context, n *finding.Finding) {
	if r.warden.Actors == nil || n.Subject.Type == typeStack || r.warden.Clock.Left(ctx, leastForReporting, maxRun) == 0 {
		return
	}
	for _, s := range r.sights {
		if s.of.Type != n.Subject.Type || nameOf(s.of) != n.Subject.Name {
			continue
		}
		ev, found := r.warden.Actors.MadeBy(ctx, s.of, r.at)
		if !found {
			return
		}
		rec := ev.Record
		actor := rec.Actor()
		at, _ := rec.Time()
		n.Actor, n.ActorARN, n.SourceIP, n.UserAgent = actor.String(), actor.ARN, rec.SourceIPAddress, rec.UserAgent
		n.Note(finding.NoteActor, sanitize.Bound(rec.EventName, 64), sanitize.Bound(actor.String(), 200), at,
			sanitize.Bound(rec.SourceIPAddress, 64), sanitize.Bound(rec.EventID, 64))
		return
	}
}
