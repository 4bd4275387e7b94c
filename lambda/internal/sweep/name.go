package sweep

import (
	"context"
	"strings"
	"time"

	"trailkeeper/events"
	"trailkeeper/lambda/internal/finding"
	"trailkeeper/lambda/internal/report"
	"trailkeeper/lambda/internal/sanitize"
	"trailkeeper/lambda/internal/sweep/look"
	"trailkeeper/lambda/internal/trail"
)

const (
	// maxNaming is how long after a finding its actor is looked for: the event history may be late.
	maxNaming = time.Hour
	// leastPerName is what a look for an actor must have.
	leastPerName = 2 * time.Second
)

// Names says who is behind a finding.
type Names struct {
	Actors    *look.Actors // nil: the event history is not asked
	Once      *report.Once
	Incidents Incidents // nil: there is no table
}

// changedBy are the fields by which the call behind a finding is known; false: no call is behind it.
func changedBy(f look.Finding) (fields []trail.Field, ok bool) {
	switch f.Kind {
	case finding.KindNotLogging, finding.KindWeakened:
		return fieldsOf(f), true
	}
	return nil, f.Kind == finding.KindMissing
}

// name says in a finding who made the change, as the event history has it. It comes after everything that is to be put
// back; what is not found yet is looked for again by the next sweeps.
func (m *Names) name(ctx context.Context, r *run, s *look.Sight, f look.Finding, n *finding.Finding) {
	fields, ok := changedBy(f)
	if !ok || m.Actors == nil {
		return
	}
	unreported := len(n.Notes) > 0 && n.Notes[len(n.Notes)-1].ID == finding.NoteNoEvent
	sign := strings.Join([]string{r.at.UTC().Format(time.RFC3339), string(f.Kind), joinFields(fields)}, " ")
	if r.waiting > 0 || f.Kind == finding.KindNotLogging && s.Found(finding.KindWeakened) {
		n.Note(finding.NoteActorLater)
		r.reported[unnamedSubject(f)] = sign
		m.next(ctx, f, sign)
		return
	}
	ev, found, err := m.Actors.MadeBy(ctx, r.at, s, fields...)
	switch {
	case found:
		noteActor(n, ev, unreported)
		return
	case err != nil:
		n.Note(finding.NoteActorNotLooked, strings.TrimSuffix(err.Error(), "."))
	default:
		n.Note(finding.NoteActorUnknown)
	}
	n.Note(finding.NoteActorAgain)
	m.next(ctx, f, sign)
}

// next notes a finding whose actor is to be looked for.
func (m *Names) next(ctx context.Context, f look.Finding, sign string) {
	m.Once.Claim(ctx, unnamedSubject(f), sign)
	m.Once.Reported(ctx, unnamedSubject(f), sign)
}

// noteActor adds who made the change, when and from where.
func noteActor(n *finding.Finding, ev events.Event, unreported bool) {
	rec := ev.Record
	actor := rec.Actor()
	at, _ := rec.Time()
	n.Actor, n.ActorARN, n.SourceIP, n.UserAgent = actor.String(), actor.ARN, rec.SourceIPAddress, rec.UserAgent
	id := finding.NoteActor
	if unreported {
		id = finding.NoteActorNoEvent
	}
	n.Note(
		id, sanitize.Bound(rec.EventName, 64), sanitize.Bound(actor.String(), 200), at,
		sanitize.Bound(rec.SourceIPAddress, 64), sanitize.Bound(rec.EventID, 64),
	)
}

// later looks for the actors of what was reported without one, when all trails have been seen to, and reports who they
// were.
func (m *Names) later(ctx context.Context, r *run) {
	if m.Actors == nil {
		return
	}
	for i := range r.seen.Sights {
		s := &r.seen.Sights[i]
		for _, kind := range []finding.Kind{finding.KindNotLogging, finding.KindMissing, finding.KindWeakened} {
			f := look.Finding{Kind: kind, Trail: s.Trail, Region: s.Trail.Region}
			if sign, was := r.reported[unnamedSubject(f)]; was && r.until.Sub(r.sweeper.Clock.Now()) >= leastPerName {
				m.once(ctx, r, s, f, sign)
			}
		}
	}
}

// once looks for one actor. What is too old, or no note of ours, is dropped; so is a call whose event arrived
// meanwhile, or before.
func (m *Names) once(ctx context.Context, r *run, s *look.Sight, f look.Finding, sign string) {
	since, fields, ok := unnamed(sign, f.Kind)
	if age := r.at.Sub(since); !ok || age > maxNaming || age < -maxNaming {
		m.Once.Over(ctx, unnamedSubject(f), sign)
		return
	}
	ev, found, _ := m.Actors.MadeBy(ctx, r.at, s, fields...)
	if !found || !m.Once.Over(ctx, unnamedSubject(f), sign) {
		return
	}
	if m.Incidents != nil && m.Incidents.Heard(ctx, s.Trail.ARN(), ev.Record.EventID, ev.Record.Caller()) {
		return
	}
	named := look.Finding{
		Kind:   finding.KindNamed,
		Trail:  s.Trail,
		Region: s.Trail.Region,
		Sign:   sign + ev.Record.EventID,
	}
	n := r.finding(named)
	n.Note(finding.NoteActorOfFinding, since, string(f.Kind))
	noteActor(&n, ev, true)
	n.Advise(finding.NextWhoCalled)
	r.report(ctx, named, n)
}

// unnamed reads a sign that next was given: since when, and by which fields the call is known.
func unnamed(sign string, kind finding.Kind) (since time.Time, fields []trail.Field, ok bool) {
	when, rest, _ := strings.Cut(sign, " ")
	_, list, _ := strings.Cut(rest, " ")
	since, err := time.Parse(time.RFC3339, when)
	for _, field := range trail.Fields() {
		if strings.Contains(","+list+",", ","+string(field)+",") {
			fields = append(fields, field)
		}
	}
	return since, fields, err == nil && (kind == finding.KindMissing || len(fields) > 0)
}

func unnamedSubject(f look.Finding) string {
	return "actor of " + string(f.Kind) + " " + f.Trail.ARN()
}

func joinFields(fields []trail.Field) string {
	var all []string
	for _, f := range fields {
		all = append(all, string(f))
	}
	return strings.Join(all, ",")
}
