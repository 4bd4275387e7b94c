package stack_test

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"trailkeeper/cdk/golden"
	"trailkeeper/cdk/settings"
	"trailkeeper/rules"
)

// TestRules compares the rules of the template with those of package rules, text for text.
func TestRules(t *testing.T) {
	for _, name := range golden.Names() {
		t.Run(name, func(t *testing.T) {
			s := variant(t, name)
			tpl := goldenTemplate(t, name)
			for _, rule := range append(rules.EventRules(), rules.TestRule()) {
				deployed := ruleNamed(tpl, ruleName(s, rule.Name))
				if !s.Activity && rule.Name == rules.RuleActivity {
					if deployed != nil {
						t.Errorf("rule %s is deployed though activity is off", rule.Name)
					}
					continue
				}
				var want map[string]any
				pattern := strings.ReplaceAll(string(rule.Pattern.JSON()), rules.GuardRole, "GuardRole.Arn")
				if err := json.Unmarshal([]byte(pattern), &want); err != nil {
					t.Fatal(err)
				}
				if rule.Name == rules.RuleTest {
					want["account"] = []any{"111122223333"}
				}
				if bus, _ := deployed["EventBusName"].(string); bus != s.OwnBus() || deployed["State"] != "ENABLED" {
					t.Errorf("%s is on bus %q, %v; want %q, ENABLED", rule.Name, bus, deployed["State"], s.OwnBus())
				}
				if diff := cmp.Diff(any(want), plain(deployed["EventPattern"])); diff != "" {
					t.Errorf("pattern of %s (-rules +template):\n%s", rule.Name, diff)
				}
				wantTargets := []string{"Guard"}
				if s.Path1() && rule.Wording != nil {
					wantTargets = append(wantTargets, "Slack")
				}
				if s.Watch.Enabled && rule.Name == rules.RuleTest {
					wantTargets = append(wantTargets, "Watch")
				}
				if got := targetIDs(deployed); !slices.Equal(got, wantTargets) {
					t.Errorf("targets of %s are %v; want %v", rule.Name, got, wantTargets)
				}
				wantLane := map[bool]string{true: "SlackDestination.Arn", false: "SlackRest.Arn"}[rule.SuccessOnly]
				for _, to := range list(deployed["Targets"]) {
					if arn := plain(object(to)["Arn"]); object(to)["Id"] == "Slack" && arn != wantLane {
						t.Errorf("%s posts through %v; want %s", rule.Name, arn, wantLane)
					}
				}
				checkTransformer(t, deployed, s.Wording, rule, map[bool]string{true: s.Slack.Channel}[s.UsesChatAPI()])
			}
		})
	}
}

func checkTransformer(
	t *testing.T,
	deployed map[string]any,
	wording func(rules.EventRule) rules.Wording,
	rule rules.EventRule,
	channel string,
) {
	t.Helper()
	for _, to := range list(deployed["Targets"]) {
		transformer, ok := object(to)["InputTransformer"]
		if !ok {
			continue
		}
		want := wording(rule).Transformer(channel)
		if diff := cmp.Diff(want, transformerOf(transformer)); diff != "" {
			t.Errorf("transformer of %s (-rules +template):\n%s", rule.Name, diff)
		}
		if err := want.Validate(); err != nil {
			t.Errorf("transformer of %s: %v", rule.Name, err)
		}
		if got := strings.Contains(want.Template, `"channel":"C0123456789"`); got != (channel != "") {
			t.Errorf("transformer of %s names a channel: %v; want %v", rule.Name, got, channel != "")
		}
	}
}

func transformerOf(v any) rules.Transformer {
	paths := map[string]string{}
	for name, path := range object(object(v)["InputPathsMap"]) {
		paths[name], _ = path.(string)
	}
	template, _ := object(v)["InputTemplate"].(string)
	return rules.Transformer{Paths: paths, Template: template}
}

// ruleName is the physical name of a rule: it says which bus the rule is on, where that is not the default one.
func ruleName(s settings.Settings, rule string) string {
	name := s.StackName + "-" + rule
	if bus := s.OwnBus(); bus != "" {
		name += fmt.Sprintf("-%.4x", sha256.Sum256([]byte(bus)))
	}
	return name
}

func ruleNamed(tpl template, name string) map[string]any {
	for _, r := range tpl.resources("AWS::Events::Rule") {
		if r["Name"] == name {
			return r
		}
	}
	return nil
}

func targetIDs(rule map[string]any) []string {
	var ids []string
	for _, to := range list(rule["Targets"]) {
		id, _ := object(to)["Id"].(string)
		ids = append(ids, id)
	}
	return ids
}

// TestTargets proves that every target of every rule has a retry policy and a dead-letter queue that admits the rule,
// and that the function admits every rule that has it as a target.
func TestTargets(t *testing.T) {
	for _, name := range golden.Names() {
		t.Run(name, func(t *testing.T) {
			s := variant(t, name)
			tpl := goldenTemplate(t, name)
			for id, rule := range tpl.resources("AWS::Events::Rule") {
				if strings.HasPrefix(id, "LogFiles") {
					continue // TestLogFilesRules
				}
				if withReads := watched(id) && patterns(t, s)[number(id)-1].ReadEvents; (rule["State"] == "ENABLED") == withReads {
					t.Errorf("%s is %v", id, rule["State"])
				}
				for _, v := range list(rule["Targets"]) {
					to := object(v)
					queue := target(object(to["DeadLetterConfig"])["Arn"])
					if want := strings.TrimPrefix(to["Id"].(string), "Alarms") + "DeadLetters"; !strings.HasPrefix(queue, want) {
						t.Errorf("%s, target %v: its dead-letter queue is %q; want %s", id, to["Id"], queue, want)
					}
					if queue == "" || !admits(tpl, queue, "events.amazonaws.com", sourceOf(s, id)) {
						t.Errorf("%s, target %v: its dead-letter queue %q does not admit the rule", id, to["Id"], queue)
					}
					retry := object(to["RetryPolicy"])
					want := map[string]any{
						"MaximumEventAgeInSeconds": float64(
							s.Retry.SlackMaxEventAge,
						),
						"MaximumRetryAttempts": float64(s.Retry.SlackAttempts),
					}
					switch to["Id"] {
					case "Guard", "Watch":
						want = map[string]any{
							"MaximumEventAgeInSeconds": float64(
								s.Retry.GuardMaxEventAge,
							),
							"MaximumRetryAttempts": float64(s.Retry.GuardAttempts),
						}
						if !invokable(tpl, to["Id"].(string)+"Function.Arn", sourceOf(s, id)) {
							t.Errorf("%s: the %s has no permission for the rule", id, to["Id"])
						}
					default:
						if target(to["RoleArn"]) == "" {
							t.Errorf("%s, target %v: no role", id, to["Id"])
						}
					}
					if diff := cmp.Diff(want, retry); diff != "" {
						t.Errorf("%s, target %v: retry policy (-want +got):\n%s", id, to["Id"], diff)
					}
				}
			}
		})
	}
}

// admits reports whether a queue's policy lets the service send on behalf of a source.
func admits(tpl template, queue, service, source string) bool {
	for _, p := range tpl.resources("AWS::SQS::QueuePolicy") {
		if target(list(p["Queues"])[0]) != queue {
			continue
		}
		for _, v := range list(object(p["PolicyDocument"])["Statement"]) {
			statement := object(v)
			sources := list(object(object(statement["Condition"])["ArnEquals"])["aws:SourceArn"])
			if statement["Effect"] == "Allow" && object(statement["Principal"])["Service"] == service &&
				slices.ContainsFunc(sources, func(v any) bool { return plain(v) == source }) {
				return true
			}
		}
	}
	return false
}

// watched reports whether a rule is one of those that send records to the watch, and number is which.
func watched(rule string) bool { return number(rule) > 0 }

func number(rule string) int {
	n, err := strconv.Atoi(strings.TrimSuffix(strings.TrimPrefix(withoutHash(rule), "Watch"), "Rule"))
	if err != nil {
		return 0
	}
	return n
}

// sourceOf is how policies name a rule: by its ARN, and all of the watch's, all on evidence, and all that report calls
// against the deployment, as one.
func sourceOf(s settings.Settings, rule string) string {
	switch {
	case strings.HasPrefix(rule, "ProtectProtect"):
		return "arn:aws:events:eu-west-1:111122223333:rule/" + s.StackName + "-protect-*"
	case strings.HasPrefix(rule, "EvidenceEvidence"):
		return "arn:aws:events:eu-west-1:111122223333:rule/" + s.StackName + "-evidence-*"
	case !watched(rule):
		return withoutHash(rule) + ".Arn"
	case s.OwnBus() != "":
		return "arn:aws:events:eu-west-1:111122223333:rule/" + s.OwnBus() + "/" + s.StackName + "-watch-*"
	}
	return "arn:aws:events:eu-west-1:111122223333:rule/" + s.StackName + "-watch-*"
}

// invokable reports whether exactly EventBridge may invoke exactly the function for the rule.
func invokable(tpl template, function, rule string) bool {
	want := map[string]any{
		"Action":       "lambda:InvokeFunction",
		"FunctionName": function,
		"Principal":    "events.amazonaws.com",
		"SourceArn":    rule,
	}
	for _, p := range tpl.resources("AWS::Lambda::Permission") {
		if cmp.Equal(plain(p), any(want)) {
			return true
		}
	}
	return false
}
