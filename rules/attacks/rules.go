package attacks

import (
	"cmp"
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"strings"
	"sync"

	"trailkeeper/rules"
	"trailkeeper/rules/evidence"
	"trailkeeper/rules/evidence/calls"
	"trailkeeper/rules/guardrail"
	"trailkeeper/rules/protect"
)

// example is a deployment that has one of everything.
var example = protect.Deployment{
	Stack: "trailkeeper", Partition: "aws", Region: "us-east-1", Account: "111122223333",
	Tables:   []string{"trailkeeper-StateTable"},
	Keys:     []string{"1234abcd-12ab-34cd-56ef-1234567890ab"},
	Secret:   "trailkeeper",
	Boundary: "TrailkeeperBoundary",
	Policies: []string{"p-trailkeeper"},
}

// baseline is what a baseline of its trail names.
var baseline = evidence.Names{
	Buckets:   []evidence.Bucket{{Name: "example-trail-logs", Prefix: "AWSLogs/"}},
	Keys:      []string{"arn:aws:kms:us-east-1:111122223333:key/0000abcd-12ab-34cd-56ef-1234567890ab"},
	LogGroups: []string{"arn:aws:logs:us-east-1:111122223333:log-group:management-events:*"},
}

// protecting and evidencing are the patterns of its rules.
var (
	protecting = sync.OnceValue(func() (all []rules.Pattern) {
		made, err := protect.Rules(example)
		for _, r := range made {
			all = append(all, parsed(r.Pattern, err))
		}
		return all
	})
	evidencing = sync.OnceValue(func() (all []rules.Pattern) {
		made, err := evidence.Rules(baseline)
		for _, r := range made {
			all = append(all, parsed(r.Pattern, err))
		}
		return all
	})
)

// parsed is a pattern of a rule of the example, which is a constant: an error is a fault of the build.
func parsed(pattern map[string]any, err error) rules.Pattern {
	raw, unwritten := json.Marshal(pattern)
	p, unread := rules.ParsePattern(raw)
	if err := errors.Join(err, unwritten, unread); err != nil {
		panic(err)
	}
	return p
}

func matches(patterns []rules.Pattern, event []byte) bool {
	return slices.ContainsFunc(patterns, func(p rules.Pattern) bool {
		ok, err := p.Match(event)
		return err == nil && ok
	})
}

// rulesOn are EventBridge's reporters of a technique: of one of its calls at least.
func rulesOn(t guardrail.Technique) (all []Reporter) {
	for _, by := range []Reporter{Rule, SlackRule} {
		if slices.ContainsFunc(t.Calls, func(c guardrail.Call) bool { return slices.Contains(Rules(t, c.Action), by) }) {
			all = append(all, by)
		}
	}
	return all
}

// about says what a technique is used on: trails and their evidence, or the deployment; on the organization's, both.
func about(t guardrail.Technique) (evidence, own bool) {
	switch t.ID[:1] {
	case "J":
		return true, true
	case "E":
		own = t.ID == "E5" || t.ID == "E6" || t.ID == "E7"
	case "F", "G", "H", "I", "K":
		own = true
	}
	return !own, own
}

// Rules are EventBridge's reporters of a technique's call, by its action of IAM: those of which a rule matches a record of
// it on what the technique is used on.
func Rules(t guardrail.Technique, action string) (all []Reporter) {
	evidence, own := about(t)
	s, found := protect.SampleOf(example, action)
	if own && found && matches(protecting(), eventOf(s.Detail())) {
		all = append(all, Rule)
	}
	if !evidence {
		return all
	}
	service, name := Recorded(action)
	source := service + ".amazonaws.com"
	r, found := rules.MatchingRule(eventOf(map[string]any{"eventSource": source, "eventName": name}))
	if found && r.Wording != nil || takesEvidence(source, name) {
		all = append(all, SlackRule)
	}
	return all
}

// takesEvidence reports whether a rule on the evidence of trails matches a call.
func takesEvidence(source, name string) bool {
	c, found := calls.Find(source, name)
	if !found {
		return false
	}
	detail, found := evidence.SampleOf(baseline, c)
	return found && matches(evidencing(), eventOf(detail))
}

// eventOf is an event around the detail of a record, of a call by an IAM user.
func eventOf(detail map[string]any) []byte {
	source, _ := detail["eventSource"].(string)
	service, _, _ := strings.Cut(source, ".")
	whole := maps.Clone(detail)
	whole["userIdentity"] = map[string]any{"type": "IAMUser"}
	raw, _ := json.Marshal(map[string]any{ // of texts
		"source": "aws." + service, "account": example.Account, "region": example.Region,
		"detail-type": "AWS API Call via CloudTrail", "detail": whole,
	})
	return raw
}

// Recorded are the service and the name by which CloudTrail records an action of IAM; of Lambda, without the version
// behind the name.
func Recorded(action string) (service, name string) {
	service, name, _ = strings.Cut(action, ":")
	name = cmp.Or(calls.Recorded(action), name)
	if service == "cloudwatch" {
		service = "monitoring" // CloudWatch User Guide, "Logging CloudWatch API calls with CloudTrail"
	}
	return service, name
}
