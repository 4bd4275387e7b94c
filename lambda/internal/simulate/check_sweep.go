package simulate

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"

	"trailkeeper/lambda/config"
	"trailkeeper/lambda/internal/localcloud"
)

// found wants both channels to be told of what a sweep found, with this outcome and phrase.
func found(kind, outcome, phrase string) []check {
	return checks(
		where(needsSecret, CheckSweepSlack, func(r *Result) string {
			return r.sweepSaid(
				localcloud.KindSlack,
				func(e localcloud.Entry) bool { return strings.Contains(e.Raw, "finding sweep-") },
				phrase,
			)
		}),
		where(needsTopic, CheckSweepTopic, func(r *Result) string {
			return r.sweepSaid(localcloud.KindSNS, func(e localcloud.Entry) bool {
				return e.Attributes["outcome"] == outcome && e.Recipients > 0 &&
					strings.Contains(strings.ReplaceAll(e.Raw, `\`, ""), `"finding":"`+kind+`"`)
			}, phrase)
		}),
	)
}

func (r *Result) sweepSaid(kind localcloud.Kind, about func(localcloud.Entry) bool, phrase string) string {
	why := "the guard sent no message about the finding"
	for _, e := range r.Timeline {
		switch {
		case e.Kind != kind || e.Via != localcloud.ViaFunction || e.Err != "" || !about(e):
		case strings.Contains(e.Subject+"\n"+e.Text+"\n"+e.Raw, phrase):
			return ""
		default:
			why = fmt.Sprintf("no message says %q", phrase)
		}
	}
	return why
}

// escalatedOnce wants exactly one message on each channel that calls for somebody at once.
func escalatedOnce() []check {
	judge := func(kind localcloud.Kind) func(*Result) string {
		return func(r *Result) string {
			n := len(r.where(func(e localcloud.Entry) bool {
				return e.Kind == kind && e.Via == localcloud.ViaFunction && strings.Contains(e.Raw, "Act now")
			}))
			if n != 1 {
				return fmt.Sprintf("%d messages", n)
			}
			return ""
		}
	}
	return checks(
		where(needsSecret, CheckEscalated, judge(localcloud.KindSlack)),
		where(needsTopic, CheckEscalated, judge(localcloud.KindSNS)),
	)
}

// notRedirected wants the trail to write where it did before anything was played.
func notRedirected() []check {
	return one(CheckDestination, func(r *Result) string {
		now, ok := r.cloud.TrailTruth(r.trail)
		if !ok || now.Settings.S3Bucket != r.declared.Settings.S3Bucket {
			return "they go to bucket " + now.Settings.S3Bucket
		}
		return ""
	})
}

// swept is what must hold of every sweep that nothing keeps from its work: it sees everything, and runs as often as the
// guard says.
func swept() []check {
	return checks(asOften(), one(CheckSawAll, func(r *Result) string {
		if len(r.where(func(e localcloud.Entry) bool { return tellsOf(e, "cannot_see", "The sweep cannot read") })) > 0 {
			return "it told of what it cannot see"
		}
		return ""
	}))
}

// tellsOf reports whether a message of the guard that was taken is about a finding; the phrase is what Slack shows of
// it.
func tellsOf(e localcloud.Entry, finding, phrase string) bool {
	switch {
	case e.Via != localcloud.ViaFunction || e.Err != "":
		return false
	case e.Kind == localcloud.KindSNS:
		return strings.Contains(strings.ReplaceAll(e.Raw, `\`, ""), `"finding":"`+finding+`"`)
	default:
		return e.Kind == localcloud.KindSlack && strings.Contains(e.Text, phrase)
	}
}

// toldTimes wants each channel to be told of a finding at least and at most so often.
func toldTimes(least, most int, finding, phrase string) []check {
	judge := func(kind localcloud.Kind) func(*Result) string {
		return func(r *Result) string {
			n := len(r.where(func(e localcloud.Entry) bool { return e.Kind == kind && tellsOf(e, finding, phrase) }))
			if n < least || n > most {
				return fmt.Sprintf("%d messages; want %d to %d", n, least, most)
			}
			return ""
		}
	}
	return checks(
		where(
			needsSecret,
			CheckOftenEnough,
			judge(localcloud.KindSlack),
		),
		where(needsTopic, CheckOftenEnough, judge(localcloud.KindSNS)),
	)
}

// noNews wants the last sweep to tell nothing.
func noNews() []check {
	return one(CheckNoNews, func(r *Result) string {
		fired := -1
		for i, e := range r.Timeline {
			if e.Kind == localcloud.KindFired {
				fired = i
			}
		}
		for _, e := range r.Timeline[fired+1:] {
			if (e.Kind == localcloud.KindSlack || e.Kind == localcloud.KindSNS) && e.Via == localcloud.ViaFunction {
				return "it told " + firstOf(e.Subject, e.Text)
			}
		}
		return ""
	})
}

// keptVersion wants the table to hold a version of the trail's baseline that no later one overwrites.
func keptVersion() []check {
	return one(CheckKept, func(r *Result) string {
		for _, item := range r.cloud.Items() {
			if textOfItem(item, "pk") == "baseline#"+r.trail && strings.Contains(textOfItem(item, "document"), r.trail) {
				return ""
			}
		}
		return "the table holds no version of it"
	})
}

// textOfItem is an attribute of the type S.
func textOfItem(item localcloud.Item, name string) string {
	value, _ := item[name].(map[string]any)
	text, _ := value["S"].(string)
	return text
}

// guardedTable wants the attacker's write into the state table to be refused.
func guardedTable() []check {
	return where(needsTable, CheckTable, func(r *Result) string {
		refused := r.where(func(e localcloud.Entry) bool {
			return e.Kind == localcloud.KindCall && !e.Function && e.Op == "PutItem" && e.Err != ""
		})
		if len(refused) == 0 {
			return "nothing shows that an item of the attacker was refused"
		}
		return ""
	})
}

var everyMinutes = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^rate\(([0-9]+) minutes?\)$`) })

// asOften wants the guard to know the schedule's interval, which its messages name.
func asOften() []check {
	return where(func(d localcloud.Deployment) bool { return d.Schedule }, CheckAsOften, func(r *Result) string {
		s, err := structureOf(r.template)
		if err != nil {
			return "the template cannot be read: " + err.Error()
		}
		told := r.deployment.Environment[config.EnvSweepMinutes]
		for _, id := range s.ids("AWS::Scheduler::Schedule") {
			p := s.Resources[id].Properties
			rate := p.ScheduleExpression
			if !p.sweeps() || p.contested() && rate == "rate(1 minute)" {
				continue
			}
			if m := everyMinutes().FindStringSubmatch(rate); m == nil || m[1] != told {
				return fmt.Sprintf("the schedule's rate is %s, and the guard is told %q minutes", rate, told)
			}
		}
		return ""
	})
}

// records reports whether a deployment is meant to record baselines: its function is told so, or may change trails that
// no baseline declares.
func records(template []byte, d localcloud.Deployment) bool {
	s, err := structureOf(template)
	if err != nil || !d.Table {
		return false
	}
	for _, id := range s.ids("AWS::IAM::Role") {
		for _, p := range s.Resources[id].Properties.Policies {
			if slices.ContainsFunc(p.PolicyDocument.Statement, statement.changesAnyTrail) {
				return true
			}
		}
	}
	return d.Environment[config.EnvRecorded] != ""
}

func (st statement) changesAnyTrail() bool {
	return st.Effect == "Allow" && strings.Contains(string(st.Action), `"cloudtrail:UpdateTrail"`) &&
		strings.Contains(string(st.Resource), `:trail/*"`)
}
