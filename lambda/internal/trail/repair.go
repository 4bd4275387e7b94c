package trail

import (
	"maps"
	"slices"
)

// Kind says where a baseline comes from, and so how far a repair may follow it.
type Kind string

// The kinds. A declared baseline was reviewed by people and is out of an attacker's reach. A recorded one is what was once seen, so a
// repair from it may only strengthen: it names no destination and rebuilds no trail.
const (
	Declared Kind = "declared"
	Recorded Kind = "recorded"
)

// Repair is what to call to undo what leaves a trail worse than its baseline, and nothing more.
type Repair struct {
	StartLogging bool
	Update       *Patch // nil: no UpdateTrail
	Selectors    bool   // put the baseline's event selectors
	Insights     bool   // put the baseline's Insights selectors
	AddTags      map[string]string
	// Left are the weakening changes that the repair does not undo, each with the reason.
	Left []Left
}

// Left is a change that is not undone.
type Left struct {
	Change Change `json:"change"`
	Reason string `json:"reason"` // a plain sentence
}

// Empty reports whether there is nothing to call.
func (r Repair) Empty() bool {
	return !r.StartLogging && r.Update == nil && !r.Selectors && !r.Insights && len(r.AddTags) == 0
}

// Patch is an UpdateTrail request: members that are nil are not sent, and an empty text removes: a key and a log group with its role as the
// CloudTrail user guide shows it ("Disabling CloudTrail log file encryption with the AWS CLI", "Stopping CloudTrail from sending events to
// CloudWatch Logs"), a prefix and a topic in the same way, as CloudFormation does where a template no longer has them.
type Patch struct {
	S3Bucket, S3Prefix, KMSKeyID, SNSTopicARN, LogGroupARN, LogRoleARN *string
	MultiRegion, GlobalEvents, LogValidation, Organization             *bool
}

// Plan says how to undo the weakening changes and the new dependencies among the changes that Diff finds between the baseline and the trail now. What
// strengthens or is neutral stays as it is. Of a trail that could not be seen they are what a call asked for, and now is empty.
func Plan(baseline, now State, changes []Change, kind Kind) Repair {
	p := planner{baseline: baseline, now: now, kind: kind}
	for _, c := range changes {
		if c.Effect.Worse() {
			p.plan(c, changes)
		}
	}
	return p.repair
}

type planner struct {
	baseline, now State
	kind          Kind
	repair        Repair
}

func (p *planner) plan(c Change, all []Change) {
	switch c.Field {
	case FieldLogging:
		p.repair.StartLogging = true
	case FieldMultiRegion, FieldGlobalEvents, FieldLogValidation:
		p.toggle(c.Field)
	case FieldOrganization:
		p.organization(c)
	case FieldSelectors:
		if p.kind == Recorded && gains(all, FieldSelectors) && RecordsWrites(p.now) {
			p.leave(c, "Putting the recorded selectors back would end what is recorded in addition now, and a recorded baseline may only strengthen.")
			return
		}
		p.repair.Selectors = true
	case FieldInsights:
		if p.kind == Recorded && gains(all, FieldInsights) {
			p.leave(c, "Putting the recorded selectors back would end Insights that are on in addition now, and a recorded baseline may only strengthen.")
			return
		}
		p.repair.Insights = true
	case FieldEvents:
		p.leave(c, "Trailkeeper does not put the event configuration back; do it with put-event-configuration.")
	default:
		p.declaredOnly(c)
	}
}

const onlyDeclared = "Only a declared baseline may set or remove it: capture one with trailkeeper baseline capture and deploy it."

// declaredOnly plans what only a declared baseline may set or remove: what the trail depends on, and tags, on which policies depend. A recorded
// baseline without a key, a topic or a log group may have been an attacker's idea as much as one with another.
func (p *planner) declaredOnly(c Change) {
	if p.kind != Declared {
		p.leave(c, onlyDeclared)
		return
	}
	if c.Field == FieldTags {
		p.tags()
		return
	}
	b, u := p.baseline.Settings, p.patch()
	switch c.Field {
	case FieldS3Bucket:
		u.S3Bucket = &b.S3Bucket
	case FieldS3Prefix:
		u.S3Prefix = &b.S3Prefix
	case FieldKMSKey:
		u.KMSKeyID = &b.KMSKeyID
	case FieldSNSTopic:
		u.SNSTopicARN = &b.SNSTopicARN
	case FieldLogGroup, FieldLogRole:
		u.LogGroupARN, u.LogRoleARN = &b.LogGroupARN, &b.LogRoleARN // CloudTrail takes only both together
	}
}

// toggle switches back on what the baseline has on. CloudTrail ties global events to multi-Region: switching that off takes them along,
// and a multi-Region trail must have them, so that the two are sent together.
func (p *planner) toggle(f Field) {
	yes, u := true, p.patch()
	switch f {
	case FieldMultiRegion:
		u.MultiRegion, u.GlobalEvents = &yes, &yes
	case FieldGlobalEvents:
		u.GlobalEvents = &yes
	case FieldLogValidation:
		u.LogValidation = &yes
	}
}

// organization puts the flag as the baseline has it, either way. To take an organization's trail from it ends the records of its members, so
// that a recorded baseline only turns it on.
func (p *planner) organization(c Change) {
	if !p.baseline.Settings.Organization && p.kind != Declared {
		p.leave(c, onlyDeclared)
		return
	}
	p.patch().Organization = &p.baseline.Settings.Organization
}

func (p *planner) tags() {
	p.repair.AddTags = maps.Clone(p.baseline.Tags)
	maps.DeleteFunc(p.repair.AddTags, func(key, value string) bool {
		has, ok := p.now.Tags[key]
		return ok && has == value
	})
}

func (p *planner) patch() *Patch {
	if p.repair.Update == nil {
		p.repair.Update = &Patch{}
	}
	return p.repair.Update
}

func (p *planner) leave(c Change, reason string) {
	p.repair.Left = append(p.repair.Left, Left{c, reason})
}

// gains reports whether more is there now in a field, or may be.
func gains(changes []Change, f Field) bool {
	return slices.ContainsFunc(changes, func(c Change) bool { return c.Field == f && !c.Effect.Worse() })
}
