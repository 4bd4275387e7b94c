package stack_test

import (
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"trailkeeper/cdk/golden"
	"trailkeeper/cdk/limits"
	"trailkeeper/cdk/settings"
	"trailkeeper/cdk/stack"
	"trailkeeper/events"
	"trailkeeper/lambda/config"
	"trailkeeper/lambda/config/deployment"
)

// TestWardenEnvironment: the warden can read what the template tells it, and its table, topic and secret are the guard's.
func TestWardenEnvironment(t *testing.T) {
	want := config.Warden{
		Reporting: config.Reporting{
			Stack:        "trailkeeper",
			Accounts:     []string{"111122223333"},
			Partition:    "aws",
			TopicARN:     "arn:aws:sns:eu-west-1:111122223333:NotificationsTopic",
			SlackSecret:  "trailkeeper",
			SlackAPI:     config.DefaultSlackAPI,
			FailureQueue: "https://sqs.eu-west-1.amazonaws.com/111122223333/WardenQueue",
			Table:        "StateTable",
		},
		Mode:    config.ModeNotify,
		RoleARN: "arn:aws:iam::111122223333:role/WardenRole",
		Minutes: 5,
	}
	got := wardenOf(t, goldenTemplate(t, "default"))
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("environment (-want +got):\n%s", diff)
	}
	for name, mode := range map[string]config.Mode{"notify": "notify", "recreate": "restore", "everything": "restore"} {
		if got := wardenOf(t, goldenTemplate(t, name)).Mode; got != mode {
			t.Errorf("%s: the warden's mode is %s; want %s", name, got, mode)
		}
	}
}

func wardenOf(t *testing.T, tpl template) config.Warden {
	t.Helper()
	env, environ := environmentOf(t, tpl, "WardenFunction")
	w, err := config.WardenFromEnv(func(name string) string { return env[name] })
	if err != nil {
		t.Fatalf("the function refuses its environment: %v", err)
	}
	if err := config.WardenUnknown(environ); err != nil {
		t.Error(err)
	}
	return w
}

// TestWardenSchedule: Scheduler runs the warden by a role, and no permission of the function is needed.
func TestWardenSchedule(t *testing.T) {
	for _, name := range golden.Names() {
		tpl := goldenTemplate(t, name)
		if !tpl.has("AWS::Lambda::Function", "Warden") {
			continue
		}
		_, schedule := tpl.only(t, "AWS::Scheduler::Schedule", "Warden")
		to := object(plain(schedule["Target"]))
		if to["Arn"] != "WardenFunction.Arn" || to["RoleArn"] != "WardenRunsRole.Arn" ||
			!cmp.Equal(to["DeadLetterConfig"], any(map[string]any{"Arn": "WardenQueue.Arn"})) {
			t.Errorf("%s: the schedule runs %s", name, text(to))
		}
		if e := checkInput(t, to["Input"].(string)); e.DetailType != events.WardenRun {
			t.Errorf("%s: the warden gets %q; want %q", name, e.DetailType, events.WardenRun)
		}
		for id, p := range tpl.resources("AWS::Lambda::Permission") {
			if strings.HasPrefix(target(p["FunctionName"]), "Warden") {
				t.Errorf("%s: %s lets somebody invoke the warden", name, id)
			}
		}
	}
}

// TestWardenRelays: the warden's alarms reach Slack by rules of their own.
func TestWardenRelays(t *testing.T) {
	tpl := goldenTemplate(t, "default")
	raised := patternOf(t, ruleNamed(tpl, "trailkeeper-alarm-raised-warden"))
	for _, name := range []string{"warden-errors", "warden-queue", "warden-missing"} {
		if !matches(t, raised, alarmEvent(t, "trailkeeper/"+name, "ALARM")) {
			t.Errorf("%s is relayed to nobody", name)
		}
	}
	if matches(t, raised, alarmEvent(t, "trailkeeper/guard-errors", "ALARM")) {
		t.Error("the guard's alarm is relayed twice")
	}
}

// TestRecord: the parameter has the names that CloudFormation makes, fits, and nothing depends on it.
func TestRecord(t *testing.T) {
	for _, name := range golden.Names() {
		tpl, s := goldenTemplate(t, name), variant(t, name)
		id, parameter := tpl.record()
		if has := id != ""; has != s.Warden.Enabled {
			t.Errorf("%s: the parameter is there: %v", name, has)
		}
		if id == "" {
			continue
		}
		value, _ := object(parameter["Value"])["Fn::Sub"].(string)
		record, err := deployment.ParseRecord([]byte(value))
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		templates := []deployment.Template{{Content: fresh(t, name)}}
		if content, ok := wardenStacks[name]; ok {
			templates = append(templates, deployment.Template{Region: s.Warden.Region, Content: content})
		}
		d, err := deployment.Describe(s.StackName, templates...)
		if err != nil {
			t.Fatal(err)
		}
		content, err := deployment.Format(d)
		if err != nil || record.Description != deployment.Digest(content) {
			t.Errorf("%s: the digest is not that of the description (%v)", name, err)
		}
		for _, unnamed := range d.Unnamed() {
			if logical, _, _ := strings.Cut(unnamed, "."); record.Names[unnamed] == "" && d.Resources[logical].Region == "" {
				t.Errorf("%s: the record has no name of %s", name, unnamed)
			}
		}
		functions := tpl.resources("AWS::Lambda::Function")
		functions["WardenFunctionD3284C27"] = nil // wherever it is
		for f := range functions {
			if record.Code[f] == "" {
				t.Errorf("%s: the record has no digest of %s", name, f)
			}
		}
		if record.SecretVersion != s.SecretVersion {
			t.Errorf("%s: the secret's version is %q", name, record.SecretVersion)
		}
		for other := range object(tpl["Resources"]) {
			if tpl.dependsOn(other, id) {
				t.Errorf("%s: %s depends on the parameter", name, other)
			}
		}
	}
}

// TestTwoPasses: what a first synth without programs describes is what the second deploys.
func TestTwoPasses(t *testing.T) {
	for _, name := range []string{"everything", "elsewhere"} {
		p := props(t, variant(t, name))
		first, err := stack.Describe(newAppWithout(t, validates), p)
		if err != nil {
			t.Fatal(err)
		}
		templates := []deployment.Template{{Content: fresh(t, name)}}
		if content, ok := wardenStacks[name]; ok {
			templates = append(templates, deployment.Template{Region: p.Settings.Warden.Region, Content: content})
		}
		second, err := deployment.Describe(p.Settings.StackName, templates...)
		if diff := cmp.Diff(first, second); diff != "" || err != nil {
			t.Errorf("%s (-first +second): %v\n%s", name, err, diff)
		}
	}
}

// TestWardenRefuses: everything that is wrong about a warden is said at once.
func TestWardenRefuses(t *testing.T) {
	for given, want := range map[string][]string{
		`{"sweep": {"enabled": false}, "table": {"enabled": false}}`: {
			"sweep.enabled is false, and nothing would check the warden", "table.enabled is false, and the warden would report",
		},
		`{"warden": {"region": "eu-central-1"}}`: {
			"env.region is empty; a stack in another Region must know where this one is", "sns.topicName is empty",
		},
		`{"warden": {"region": "eu-west-1"}, "env": {"account": "111122223333", "region": "eu-west-1"}}`: {
			`warden.region is "eu-west-1", as env.region is`,
		},
		`{"warden": {"region": "cn-north-1"}, "env": {"account": "111122223333", "region": "eu-west-1"}}`: {
			`warden.region is "cn-north-1", in the partition aws-cn; want a Region of aws`,
		},
		`{"warden": {"enabled": false, "region": "eu-central-1"}}`: {"but warden.enabled is false; want no Region"},
		`{"warden": {"mode": "restart"}}`:                          {`warden.mode is "restart"; want follow, notify or restore`},
	} {
		var object map[string]any
		if err := json.Unmarshal([]byte(given), &object); err != nil {
			t.Fatal(err)
		}
		object["sns"] = map[string]any{"enabled": true}
		_, err := settings.Parse(object)
		for _, one := range want {
			if err == nil || !strings.Contains(err.Error(), one) {
				t.Errorf("%s: %v; want it to say %q", given, err, one)
			}
		}
	}
}

var inAnotherStack = regexp.MustCompile(`Fn::ImportValue|ExportsOutput`)

// TestWardenElsewhere: in a stack of its own, the warden refers to nothing of the other, which has its names.
func TestWardenElsewhere(t *testing.T) {
	main := fresh(t, "elsewhere")
	content := wardenStacks["elsewhere"]
	if inAnotherStack.Match(main) || inAnotherStack.Match(content) || len(content) == 0 {
		t.Error("one stack refers to the other")
	}
	var tpl template
	if err := json.Unmarshal(content, &tpl); err != nil {
		t.Fatal(err)
	}
	w := wardenOf(t, tpl)
	if w.Region != "eu-west-1" || w.Table != "WardenStateTable" || w.TopicARN != "arn:aws:sns:eu-west-1:111122223333:trailkeeper" {
		t.Errorf("the warden is told %+v", w)
	}
	for kind, name := range map[string]string{
		"AWS::Lambda::Function": "FunctionName", "AWS::SQS::Queue": "QueueName", "AWS::Scheduler::Schedule": "Name",
		"AWS::Logs::LogGroup": "LogGroupName", "AWS::DynamoDB::Table": "TableName",
	} {
		if _, p := tpl.only(t, kind, "Warden"); p[name] != "trailkeeper-warden" {
			t.Errorf("%s is %v; want a name that the other stack knows", kind, p[name])
		}
	}
	d, err := deployment.Describe("trailkeeper",
		deployment.Template{Content: main}, deployment.Template{Region: "us-east-1", Content: content})
	if err != nil {
		t.Fatal(err)
	}
	place := config.Place{Partition: "aws", Region: "eu-west-1", Account: "111122223333"}
	for _, r := range d.Resolve(deployment.PartWarden, deployment.Record{}, place, "amazonaws.com") {
		if r.Unresolved != nil || r.Region != "us-east-1" {
			t.Errorf("%s in %s: %v", r.ID, r.Region, r.Unresolved)
		}
	}
	if err := limits.Check(tpl, "trailkeeper-warden"); err != nil {
		t.Error(err)
	}
	if !slices.Contains(golden.Names(), "elsewhere") {
		t.Error("there is no golden template of it")
	}
}
