package attacks

import (
	"encoding/json"
	"strings"
	"sync"

	"trailkeeper/rules"
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

// protecting are the patterns of its rules.
var protecting = sync.OnceValue(func() (all []rules.Pattern) {
	made, err := protect.Rules(example)
	if err != nil {
		panic(err) // the example is a constant
	}
	for _, r := range made {
		raw, err := json.Marshal(r.Pattern)
		if err == nil {
			var p rules.Pattern
			if p, err = rules.ParsePattern(raw); err == nil {
				all = append(all, p)
			}
		}
		if err != nil {
			panic(err) // protect.Rules has parsed it
		}
	}
	return all
})

// rulesOn are EventBridge's reporters of a technique: of one of its calls at least.
func rulesOn(t guardrail.Technique) (all []Reporter) {
	reports := map[Reporter]bool{}
	for _, c := range t.Calls {
		for _, by := range Rules(c.Action) {
			reports[by] = true
		}
	}
	for _, by := range []Reporter{Rule, SlackRule} {
		if reports[by] {
			all = append(all, by)
		}
	}
	return all
}

// Rules are EventBridge's reporters of a call, by its action of IAM: those of which a rule matches a record of it.
func Rules(action string) (all []Reporter) {
	if s, found := protect.SampleOf(example, action); found {
		event := eventOf(s)
		for _, p := range protecting() {
			if ok, err := p.Match(event); err == nil && ok {
				all = append(all, Rule)
				break
			}
		}
	}
	service, name := Recorded(action)
	r, found := rules.MatchingRule(eventOf(protect.Sample{Source: service + ".amazonaws.com", Event: name}))
	if found && r.Wording != nil {
		all = append(all, SlackRule)
	}
	return all
}

// eventOf is an event about a call, by an IAM user.
func eventOf(s protect.Sample) []byte {
	service, _, _ := strings.Cut(s.Source, ".")
	raw, _ := json.Marshal(map[string]any{ // of texts
		"source": "aws." + service, "account": example.Account, "region": example.Region,
		"detail-type": "AWS API Call via CloudTrail",
		"detail": map[string]any{
			"eventSource": s.Source, "eventName": s.Event, "requestParameters": s.Parameters,
			"userIdentity": map[string]any{"type": "IAMUser"},
		},
	})
	return raw
}

// Recorded are the service and the name by which CloudTrail records an action of IAM; of Lambda, without the version
// behind the name.
func Recorded(action string) (service, name string) {
	if event := recordedAs[action]; event != "" {
		return "s3", event
	}
	service, name, _ = strings.Cut(action, ":")
	if service == "cloudwatch" {
		service = "monitoring" // CloudWatch User Guide, "Logging CloudWatch API calls with CloudTrail"
	}
	return service, name
}

// recordedAs are the actions of S3 whose calls have other names (S3 User Guide, "CloudTrail management events").
var recordedAs = map[string]string{
	"s3:PutEncryptionConfiguration":  "PutBucketEncryption",
	"s3:PutLifecycleConfiguration":   "PutBucketLifecycle",
	"s3:PutReplicationConfiguration": "PutBucketReplication",
}
