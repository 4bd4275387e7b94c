package stack_test

import (
	gocmp "cmp"
	"encoding/json"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"trailkeeper/cdk/settings"
	"trailkeeper/cdk/stack"
)

// change is another value of a setting than the variant "everything" has, with what must change with it, and what that
// does to an existing deployment: what is replaced, and what leaves the stack, of the resources that hold something.
type change struct {
	of     string         // the variant that is changed; empty: "everything"
	to     map[string]any // by key; nil: the default
	losses []string
}

// quiet are the changes that CloudFormation makes in place. Each list is made in one go.
var quiet = []map[string]any{
	{
		"mode":                         "restore",
		"accounts":                     []any{"111122223333"},
		"organizationTrail":            false,
		"organizationId":               "o-1234567890",
		"activity":                     false,
		"baselines":                    "cdk/other",
		"sweep.minutes":                30.0,
		"sweep.regions":                nil,
		"table.recorded":               false,
		"table.breakGlass":             nil,
		"approvals":                    nil,
		"overrides":                    nil,
		"routes":                       nil,
		"accountGroups":                nil,
		"accountGroupsFile":            "cdk/other.json",
		"accountNames":                 nil,
		"firstTrail.insights":          false,
		"secretVersion":                nil,
		"secretKeyArn":                 nil,
		"slack.webhook":                false,
		"slack.channel":                "C9999999999",
		"slack.api":                    nil,
		"slack.wording.tampering":      nil,
		"slack.wording.change":         nil,
		"slack.wording.ownRepair":      nil,
		"slack.wording.attempt":        nil,
		"slack.wording.oddActor":       nil,
		"heartbeat.guard":              "other",
		"heartbeat.warden":             "another",
		"heartbeat.method":             "GET",
		"sns.displayName":              "Other",
		"sns.eventBridge":              true,
		"sns.routeKeyArns":             nil,
		"function.memory":              128.0,
		"function.timeout":             60.0,
		"function.logLevel":            "WARN",
		"function.logRetentionDays":    30.0,
		"function.asyncRetries":        2.0,
		"function.maxEventAge":         60.0,
		"function.deadLetterArn":       nil,
		"function.reservedConcurrency": 0.0,
		"watch.rules":                  nil,
		"watch.lists":                  nil,
		"watch.builtInRules":           false,
		"watch.deadLetterArn":          nil,
		"watch.ruleErrors":             false,
		"watch.metrics.refusedCalls":   false,
		"watch.metrics.namespace":      "Other",
		"watch.memory":                 256.0,
		"watch.timeout":                60.0,
		"watch.logLevel":               "INFO",
		"watch.logRetentionDays":       30.0,
		"watch.reservedConcurrency":    0.0,
		"metricFilters.rules":          []any{"cis", "iam-user-created"},
		"metricFilters.logGroup":       "other",
		"metricFilters.namespace":      "Other",
		"metricFilters.topicArn":       nil,
		"archive.logGroups":            []any{"trail"},
		"archive.removals":             false,
		"archive.concurrency":          2.0,
		"archive.backtestConcurrency":  2.0,
		"retry.slackMaxEventAge":       60.0,
		"retry.slackAttempts":          1.0,
		"retry.guardMaxEventAge":       60.0,
		"retry.guardAttempts":          1.0,
		"protect.enabled":              false,
		"evidence.enabled":             true,
		"evidence.enableKeys":          true,
		"warden.minutes":               9.0,
		"warden.mode":                  "notify",
		"guardrail.attachTo":           []any{"r-a1b2"},
		"guardrail.rcp":                true,
		"guardrail.breakGlass":         []any{"arn:aws:iam::111122223333:role/BreakGlass"},
		"guardrail.keys":               []any{"arn:aws:kms:eu-west-1:111122223333:key/77777777-7777-7777-7777-777777777777"},
		"deployRole":                   "arn:aws:iam::111122223333:role/Deploy",
		"permissionsBoundary":          nil,
		"runbook":                      nil,
		"repository":                   nil,
		"alarms":                       false,
		"dashboard":                    false,
		"tags":                         map[string]any{"team": "other"},
		"terminationProtection":        false,
		"firstTrail.key":               nil,
	},
	{
		"slack.botToken":   false,
		"slack.channel":    nil,
		"routes":           nil,
		"sns.routeKeyArns": nil,
	},
}

// wardenGoes is what a deployment loses with the warden.
var wardenGoes = []string{
	"Function WardenFunction goes", "LogGroup WardenLog is left behind", "Queue WardenQueue goes",
}

// loud are the changes that lose or replace something. cdk/README.md says what of each; TestChangesAreExplained.
var loud = map[string]change{
	"sweep.enabled": {
		to:     map[string]any{"sweep.enabled": false, "sweep.regions": nil, "warden.enabled": false, "heartbeat": nil},
		losses: append([]string{wardenGoes[0], wardenGoes[1], "Queue SweepDeadLetters goes"}, wardenGoes[2]),
	},
	"warden.enabled":   {to: map[string]any{"warden.enabled": false, "heartbeat": nil}, losses: wardenGoes},
	"warden.region":    {to: map[string]any{"warden.region": "eu-central-1"}, losses: wardenGoes},
	"testAlert.weekly": {to: map[string]any{"testAlert.weekly": false}, losses: []string{"Queue TestDeadLetters goes"}},
	"slack.enabled": {
		to:     map[string]any{"slack": nil, "routes": nil, "sns.routeKeyArns": nil},
		losses: []string{"Queue SlackDeadLetters goes"},
	},
	"slack.eventBridge": {
		to:     map[string]any{"slack.eventBridge": false, "slack.wording": nil},
		losses: []string{"Queue SlackDeadLetters goes"},
	},
	"table.enabled": {
		to: map[string]any{"table": map[string]any{"enabled": false}, "watch": nil, "warden.enabled": false, "heartbeat": nil},
		losses: []string{
			"Function WardenFunction goes", "Function WatchFunction goes", "LogGroup WardenLog is left behind",
			"LogGroup WatchLog is left behind", "Queue WardenQueue goes", "Queue WatchDeadLetters goes",
			"Queue WatchFailures goes", "Queue WatchLastQueue goes", "Table StateTable is left behind",
			"Table WatchStateTable is left behind",
		},
	},
	"watch.enabled": {to: map[string]any{"watch": nil}, losses: []string{
		"Function WatchFunction goes", "LogGroup WatchLog is left behind", "Queue WatchDeadLetters goes",
		"Queue WatchFailures goes", "Queue WatchLastQueue goes", "Table WatchStateTable is left behind",
	}},
	"archive.buckets": {of: "archive", to: map[string]any{"archive": nil}, losses: []string{
		"Queue LogFileDeadLetters goes", "Queue LogFiles goes", "Subscription ArchiveTopic goes", "Topic ArchiveTopic goes",
	}},
	"archive.backtest": {of: "backtest", to: map[string]any{"archive.backtest": false}, losses: []string{
		"Bucket BacktestResults is left behind", "Function BacktestFunction goes", "LogGroup BacktestLog is left behind",
	}},
	"canary.enabled": {to: map[string]any{"canary": nil}, losses: []string{
		"Bucket CanaryBucket is left behind", "Key CanaryKey is left behind", "Trail CanaryTrail is left behind",
	}},
	"canary.key": {to: map[string]any{"canary.key": nil}, losses: []string{"Key CanaryKey is left behind"}},
	"firstTrail.enabled": {to: map[string]any{"firstTrail": nil}, losses: []string{
		"Bucket FirstTrailBucket is left behind", "LogGroup FirstTrailLog is left behind", "Trail FirstTrail is left behind",
	}},
	"firstTrail.logGroup": {
		to:     map[string]any{"firstTrail.logGroup": false},
		losses: []string{"LogGroup FirstTrailLog is left behind"},
	},
	"encryptionKey":      {to: map[string]any{"encryptionKey": nil}, losses: []string{"Key DataKey is left behind"}},
	"bus":                {to: map[string]any{"bus": "other"}},
	"guardrail.attachTo": {to: map[string]any{"guardrail.attachTo": []any{"r-a1b2"}}},
	"secret": {
		to:     map[string]any{"secret": "trailkeeper-other"},
		losses: []string{"Subscription Topic anew"},
	},
	"sns.enabled": {to: map[string]any{"sns": nil, "routes": nil}, losses: []string{
		"Key NotificationsKey goes",
		"Queue TopicDeadLetters goes",
		"Subscription AlarmsTopic goes",
		"Subscription Topic goes",
		"Topic NotificationsAlarmsTopic goes",
		"Topic NotificationsTopic goes",
	}},
	"sns.topicName": {
		to:     map[string]any{"sns.topicName": "trailkeeper-other"},
		losses: []string{"Subscription Topic anew", "Topic NotificationsTopic anew"},
	},
	"sns.topicArn": {to: map[string]any{
		"sns.topicName":   nil,
		"sns.topicArn":    "arn:aws:sns:eu-west-1:111122223333:security",
		"sns.topicKeyArn": "arn:aws:kms:eu-west-1:111122223333:key/3",
	}, losses: []string{"Subscription Topic anew", "Topic NotificationsTopic goes"}},
	"sns.encrypt": {to: map[string]any{"sns.encrypt": false}, losses: []string{"Key NotificationsKey goes"}},
	"sns.subscriptions": {
		to:     map[string]any{"sns.subscriptions": map[string]any{"other@example.com": "email"}},
		losses: []string{"Subscription AlarmsTopic goes", "Subscription Topic goes"},
	},
	"sns.emailFrom": {
		to:     map[string]any{"sns.emailFrom": "low"},
		losses: []string{"Subscription AlarmsTopic goes", "Topic NotificationsAlarmsTopic goes"},
	},
	"function.name": {
		to:     map[string]any{"function.name": "trailkeeper-other"},
		losses: []string{"Function GuardFunction anew"},
	},
	"watch.name": {
		to:     map[string]any{"watch.name": "trailkeeper-other-watch"},
		losses: []string{"Function WatchFunction anew"},
	},
	"function.failureQueueArn": {
		to:     map[string]any{"function.failureQueueArn": "arn:aws:sqs:eu-west-1:111122223333:trailkeeper-other"},
		losses: []string{"Queue GuardFailures goes"},
	},
}

// another are the settings that make another stack, or the same one elsewhere: the old one stays as it is. Their
// changes are not looked at.
var another = []string{"stackName", "env.account", "env.region"}

// withIt are settings that are changed above together with the one that asks for it.
var withIt = []string{"sns.topicKeyArn"}

// together are changes of "everything" that are made in one go, since a synth takes a second: no two change the same
// setting or lose the same. Where the losses are not those of all of them, TestChanges makes each by itself.
var together = [][]string{
	{
		"canary.enabled", "encryptionKey", "firstTrail.enabled", "function.failureQueueArn", "guardrail.attachTo",
		"sns.emailFrom", "testAlert.weekly", "warden.enabled", "watch.enabled",
	},
	{
		"bus", "canary.key", "firstTrail.logGroup", "function.name", "slack.eventBridge", "sns.encrypt", "sns.topicName",
		"warden.region", "watch.name",
	},
}

// merged are the changes of a group, and what they lose.
func merged(group []string) (to map[string]any, losses []string) {
	to = map[string]any{}
	for _, name := range group {
		maps.Copy(to, loud[name].to)
		losses = append(losses, loud[name].losses...)
	}
	slices.Sort(losses)
	return to, losses
}

func TestChanges(t *testing.T) {
	before := goldenTemplate(t, "everything")
	for _, to := range quiet {
		if got := losses(t, before, changed(t, "everything", to)); got != nil {
			t.Errorf("%v: %v; say so in cdk/README.md, or make it with names that change", slices.Sorted(maps.Keys(to)), got)
		}
	}
	singly := slices.Sorted(maps.Keys(loud))
	for _, group := range together {
		to, want := merged(group)
		if diff := cmp.Diff(want, losses(t, before, changed(t, "everything", to))); diff != "" {
			t.Logf("%v are made each by itself, since together (-want +got):\n%s", group, diff)
			continue
		}
		singly = slices.DeleteFunc(singly, func(name string) bool { return slices.Contains(group, name) })
	}
	for _, name := range singly {
		from, before := gocmp.Or(loud[name].of, "everything"), before
		if from != "everything" {
			before = goldenTemplate(t, from)
		}
		if diff := cmp.Diff(loud[name].losses, losses(t, before, changed(t, from, loud[name].to))); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

// TestChangesElsewhere: where EventBridge publishes to the topic in the place of Slack, nothing keeps a name that
// CloudFormation would have to replace it under.
func TestChangesElsewhere(t *testing.T) {
	for _, region := range []string{"us-gov-west-1", "ap-east-2"} {
		before := unvalidated(t, in(t, region))
		s := in(t, region)
		s.Bus = "security"
		s.Secret = "other"
		s.Function.Name = "other"
		s.EncryptionKey = settings.KeyCreate
		s.SNS.TopicName = "other"
		s.Sweep.Minutes, s.SNS.EmailFrom, s.Canary.Enabled, s.FirstTrail.Enabled = 1, "low", true, true
		after := unvalidated(t, s)
		losses(t, before, after)
		losses(t, after, before)
	}
}

// TestChangesAreExplained: every setting is changed above, and cdk/README.md explains each change that loses something,
// and no other.
func TestChangesAreExplained(t *testing.T) {
	known := slices.Concat(slices.Collect(maps.Keys(loud)), another, withIt)
	for _, to := range quiet {
		known = slices.AppendSeq(known, maps.Keys(to))
	}
	for _, row := range settingRows.FindAllStringSubmatch(settings.Markdown(), -1) {
		if !slices.Contains(known, row[1]) {
			t.Errorf("nothing says what a change of %s does to a deployment that exists", row[1])
		}
	}
	readme, err := os.ReadFile("../README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, section, found := strings.Cut(string(readme), "\n### Change a setting\n")
	section, _, _ = strings.Cut(section, "\n## ")
	var explained []string
	for _, row := range settingRows.FindAllStringSubmatch(section, -1) {
		explained = append(explained, row[1])
	}
	slices.Sort(explained)
	want := slices.Sorted(slices.Values(slices.Concat(slices.Collect(maps.Keys(loud)), another)))
	if diff := cmp.Diff(want, explained); diff != "" || !found {
		t.Errorf("cdk/README.md, Change a setting (-want +got):\n%s", diff)
	}
}

var settingRows = regexp.MustCompile("(?m)^\\| `([^`]+)`")

// changed synthesizes a variant with other values.
func changed(t *testing.T, variant string, to map[string]any) template {
	t.Helper()
	object := variants(t)[variant].(map[string]any)
	for _, key := range slices.Sorted(maps.Keys(to)) {
		set(object, strings.Split(key, "."), to[key])
	}
	s, err := settings.Parse(object)
	if err != nil {
		t.Fatalf("%v: %v", to, err)
	}
	made, _, err := stack.NewStack(newAppWithout(t, validates), props(t, s))
	if err != nil {
		t.Fatalf("%v: %v", to, err)
	}
	return templateOf(t, made)
}

func set(object map[string]any, path []string, value any) {
	inner, nested := object[path[0]].(map[string]any)
	switch {
	case len(path) > 1 && nested:
		set(inner, path[1:], value)
	case len(path) > 1:
		object[path[0]] = map[string]any{}
		set(object, path, value)
	case value == nil:
		delete(object, path[0])
	default:
		object[path[0]] = value
	}
}

// holding are the types whose resources hold something that a new one would not have.
var holding = []string{
	"AWS::CloudTrail::Trail",
	"AWS::DynamoDB::Table",
	"AWS::KMS::Key",
	"AWS::Lambda::Function",
	"AWS::Logs::LogGroup",
	"AWS::S3::Bucket",
	"AWS::SNS::Subscription",
	"AWS::SNS::Topic",
	"AWS::SQS::Queue",
}

// losses lists what an update loses, sorted, and fails the test where CloudFormation would refuse it: it does not
// replace a resource whose name stays.
func losses(t *testing.T, before, after template) []string {
	t.Helper()
	checkNames(t, before, after)
	anew, found := replaced(t, before, after), map[string]bool{}
	for id, v := range object(before["Resources"]) {
		kind, _ := object(v)["Type"].(string)
		name := withoutHash(id)
		if kind == "AWS::SNS::Subscription" { // of one topic or the other, whatever its endpoint
			name = map[bool]string{false: "Topic", true: "AlarmsTopic"}[strings.HasPrefix(id, "NotificationsAlarms")]
			if strings.HasPrefix(id, "Archive") {
				name = "ArchiveTopic"
			}
		}
		what := ""
		switch {
		case object(after["Resources"])[id] == nil && stays(object(v)):
			what = " is left behind"
		case object(after["Resources"])[id] == nil:
			what = " goes"
		case anew[id]:
			what = " anew"
		}
		if what != "" && slices.Contains(holding, kind) {
			found[kind[strings.LastIndexByte(kind, ':')+1:]+" "+name+what] = true
		}
	}
	return slices.Sorted(maps.Keys(found))
}

// checkNames fails the test where a name goes to another resource: CloudFormation makes the new one before it deletes
// the old one, whose name is taken.
func checkNames(t *testing.T, before, after template) {
	t.Helper()
	for id, v := range object(before["Resources"]) {
		kind, _ := object(v)["Type"].(string)
		name := nameOf(kind, object(object(v)["Properties"]))
		for other, r := range after.resources(kind) {
			if other != id && name != nil && cmp.Equal(name, nameOf(kind, r)) {
				t.Errorf("%s has the name %s of %s", other, text(name), id)
			}
		}
	}
}

// stays reports whether CloudFormation keeps a resource that has left the template.
func stays(r map[string]any) bool {
	return r["DeletionPolicy"] == "Retain" || r["DeletionPolicy"] == "RetainExceptOnCreate"
}

// replaced are the resources that CloudFormation makes anew: what it cannot change in place differs, or refers to
// something that is made anew.
func replaced(t *testing.T, before, after template) map[string]bool {
	t.Helper()
	fixed := createOnly(t)
	anew := map[string]bool{}
	for size := -1; size != len(anew); {
		size = len(anew)
		for id, v := range object(before["Resources"]) {
			was, is := object(v), object(object(after["Resources"])[id])
			kind, _ := was["Type"].(string)
			if is["Type"] != kind {
				continue
			}
			for _, property := range fixed[kind] {
				old, now := object(was["Properties"])[property], object(is["Properties"])[property]
				if cmp.Equal(old, now) && !refersTo(now, anew) {
					continue
				}
				anew[id] = true
				if name := nameOf(
					kind,
					object(is["Properties"]),
				); name != nil &&
					cmp.Equal(name, nameOf(kind, object(was["Properties"]))) {
					t.Errorf("%s: CloudFormation refuses another %s where the name stays %s", id, property, text(name))
				}
			}
		}
	}
	return anew
}

func refersTo(v any, ids map[string]bool) bool {
	switch v := v.(type) {
	case map[string]any:
		return ids[target(v)] ||
			slices.ContainsFunc(slices.Collect(maps.Values(v)), func(v any) bool { return refersTo(v, ids) })
	case []any:
		return slices.ContainsFunc(v, func(v any) bool { return refersTo(v, ids) })
	}
	return false
}

// createOnly are the properties that CloudFormation cannot change in place, ever or under some condition, by type;
// .ci/tables --write writes them.
func createOnly(t *testing.T) map[string][]string {
	t.Helper()
	var properties map[string][]string
	readJSON(t, "../testdata/create-only.json", &properties)
	return properties
}

// nameOf is the physical name that the template gives; nil where CloudFormation makes one.
func nameOf(kind string, properties map[string]any) any {
	own := kind[strings.LastIndexByte(kind, ':')+1:] + "Name"
	if own == "FunctionName" && kind != "AWS::Lambda::Function" {
		return nil
	}
	for _, property := range []string{"Name", own} {
		if name, ok := properties[property]; ok {
			return name
		}
	}
	return nil
}

// TestCreateOnlyIsWhole: the list has every type of the golden templates.
func TestCreateOnlyIsWhole(t *testing.T) {
	fixed := createOnly(t)
	for name := range variants(t) {
		for id, v := range object(goldenTemplate(t, name)["Resources"]) {
			if _, ok := fixed[object(v)["Type"].(string)]; !ok {
				t.Errorf("%s: nothing says what CloudFormation cannot change of %s: run .ci/tables --write", name, id)
			}
		}
	}
	if _, err := json.Marshal(
		fixed,
	); err != nil ||
		!slices.Equal(fixed["AWS::Events::Rule"], []string{"EventBusName", "Name"}) {
		t.Errorf("AWS::Events::Rule has %v", fixed["AWS::Events::Rule"])
	}
}
