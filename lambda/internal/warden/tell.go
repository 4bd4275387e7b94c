package warden

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"trailkeeper/lambda/internal/finding"
	"trailkeeper/lambda/internal/signs"
	"trailkeeper/lambda/internal/state/claims"
)

const (
	// maxSingly is how many resources are reported one by one in a run; more are one message.
	maxSingly = 5
	// typeStack is the type of what a message about several resources is about.
	typeStack = "AWS::CloudFormation::Stack"
	// typeParameter is that of the record.
	typeParameter = "AWS::SSM::Parameter"
	// typeSecret is that of the secret, which is in no template.
	typeSecret = "AWS::SecretsManager::Secret"
)

// news is what is to be reported of one subject.
type news struct {
	subject, sign string
	finding       finding.Finding
}

// tell reports what the run found, once as long as it is the same, and what is over.
func (r *run) tell(ctx context.Context) {
	r.tellDiffering(ctx)
	if r.deploying {
		return // nothing is known to be over
	}
	r.tellOver(ctx)
	r.tellUnseen(ctx)
}

// tellDiffering reports the resources that are not as they were deployed.
func (r *run) tellDiffering(ctx context.Context) {
	var all []news
	for i := range r.sights {
		s := &r.sights[i]
		n := news{subject: r.subject(s.of.ID), sign: r.signOf(*s)}
		if r.warden.Once.Claim(ctx, n.subject, n.sign) != claims.Claimed {
			continue
		}
		n.finding = r.differs(*s, n.subject)
		all = append(all, n)
	}
	if len(all) > maxSingly {
		r.reportAll(ctx, all, r.manyDiffer(all))
		return
	}
	for i := range all {
		r.name(ctx, &all[i].finding)
		r.reportAll(ctx, all[i:i+1], all[i].finding)
	}
}

// reportAll reports one finding for some subjects, and notes that they are reported.
func (r *run) reportAll(ctx context.Context, all []news, n finding.Finding) {
	if len(all) == 0 {
		return
	}
	sent, err := r.warden.Reporter.Report(ctx, n, nil)
	if !sent.Told() {
		r.untold++
	}
	if err != nil {
		r.errs = append(r.errs, err)
		return
	}
	for _, one := range all {
		if one.sign != "" {
			r.warden.Once.Reported(ctx, one.subject, one.sign)
		}
	}
}

// subject is what a resource is known by.
func (r *run) subject(id string) string { return r.prefix() + id }

func (r *run) prefix() string { return "deployment of " + string(r.warden.Part) + ": " }

// blindSubject is what is known by that something could not be read.
func (r *run) blindSubject() string { return "deployment of " + string(r.warden.Part) + " unseen" }

// signOf stands for how a resource differs and what became of that. What was restored is reported every time that it was,
// but for two runs of one schedule at once.
func (r *run) signOf(s sight) string {
	var parts []string
	for _, d := range s.differences {
		parts = append(parts, d.Field, d.Got, string(d.done))
	}
	if s.restored() {
		return signs.Done(append(parts, r.id, r.at.UTC().Truncate(time.Minute).Format(time.RFC3339))...)
	}
	return signs.Open(parts...)
}

// tellOver reports what was reported before and is in order again. What this run restored it has reported itself.
func (r *run) tellOver(ctx context.Context) {
	seen := map[string]bool{}
	for _, s := range r.sights {
		seen[r.subject(s.of.ID)] = true
	}
	var over []news
	for _, subject := range slices.Sorted(maps.Keys(r.reported)) {
		id, ours := strings.CutPrefix(subject, r.prefix())
		if !ours || seen[subject] || len(r.unseen) > 0 && !r.whole[id] { // it may be among what could not be read
			continue
		}
		if !r.warden.Once.Over(ctx, subject, r.reported[subject]) || !signs.IsOpen(r.reported[subject]) {
			continue
		}
		over = append(over, news{subject: subject, finding: r.recovered(id, subject)})
	}
	if len(over) > maxSingly {
		r.reportAll(ctx, over, r.manyRecovered(len(over)))
		return
	}
	for i := range over {
		r.reportAll(ctx, over[i:i+1], over[i].finding)
	}
}

// tellUnseen reports what could not be read, once as long as it is the same, and that everything can be read again.
func (r *run) tellUnseen(ctx context.Context) {
	sign, was := r.reported[r.blindSubject()]
	if len(r.unseen) == 0 {
		if was && r.warden.Once.Over(ctx, r.blindSubject(), sign) {
			n := r.finding(finding.KindDeploymentRecovered, r.blindSubject(), sign)
			n.Severity, n.Ended = finding.SeverityLow, finding.KindDeploymentUnseen
			n.Note(finding.NoteSeesAll, r.checked)
			r.reportAll(ctx, []news{{}}, n)
		}
		return
	}
	var parts []string
	for _, u := range r.unseen {
		part := u.why
		if !u.passing { // of what passes, another resource has it in the next run
			part = u.what + " " + u.why
		}
		parts = append(parts, part)
	}
	slices.Sort(parts)
	one := news{subject: r.blindSubject(), sign: signs.Open(slices.Compact(parts)...)}
	if r.warden.Once.Claim(ctx, one.subject, one.sign) != claims.Claimed {
		return
	}
	n := r.finding(finding.KindDeploymentUnseen, one.subject, one.sign)
	n.Partial = true
	for i, u := range r.unseen {
		if i == maxSingly {
			n.Note(finding.NoteMoreUnseen, fmt.Sprint(len(r.unseen)-maxSingly))
			break
		}
		n.Note(finding.NoteUnseenPart, u.what, u.why)
	}
	n.Advise(finding.NextUnseenPart)
	r.reportAll(ctx, []news{one}, n)
}
