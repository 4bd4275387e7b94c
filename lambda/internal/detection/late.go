package detection

import (
	"errors"
	"slices"

	"trailkeeper/events"
	"trailkeeper/lambda/internal/finding"
	"trailkeeper/lambda/internal/message"
	"trailkeeper/lambda/internal/report"
	"trailkeeper/rules/detect"
	"trailkeeper/rules/expression"
)

// ErrNothing says that a message out of a queue has nothing in it that can be reported, now or ever.
var ErrNothing = errors.New(
	"it is not known to be this deployment's own, and no rule that it names finds anything in it",
)

// Late is the finding of a message out of the failure queue. One that is proven to be the deployment's own says what it
// said; of any other, only what a rule of today says of the record in it is reported, and ErrNothing is the error where
// that is nothing.
func (d *Detector) Late(p report.Parked, proven bool) (finding.Finding, error) {
	n, err := p.Notification, error(nil)
	if !proven {
		n, err = d.unproven(p)
		n.Text = p.Digest
	}
	if err != nil {
		return n, err
	}
	n.Stack, n.Partition = d.Base.Stack, d.Base.Partition
	n.Late = &finding.Late{Parked: p.Time.UTC()}
	return message.Late(n, p.Time, p.Reason, proven), nil
}

// unproven is what a rule says of the record in a message that anybody may have written.
func (d *Detector) unproven(p report.Parked) (finding.Finding, error) {
	ev, err := events.Parse(p.Payload)
	if err != nil || p.PayloadCut || ev.Kind != events.KindRecord {
		return finding.Finding{}, ErrNothing
	}
	record, err := expression.Parse(ev.JSON())
	if err != nil {
		return finding.Finding{}, ErrNothing
	}
	matching := d.rules().Decide(record).Rules
	i := slices.IndexFunc(matching, func(r *detect.Rule) bool { return r.ID == p.Notification.Source })
	if i < 0 {
		return finding.Finding{}, ErrNothing
	}
	m := &match{
		run:    &run{detector: d},
		event:  ev,
		record: record,
		raw:    detail(ev.JSON()),
	}
	n := m.described(m.hit(matching[i]))
	n.Outcome, n.Minor = finding.OutcomeUnproven, finding.MinorNone
	if n.Severity == finding.SeverityCritical {
		n.Severity = finding.SeverityHigh // what nobody proves
	}
	return n, nil
}
