package stack_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/assertions"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/jsii-runtime-go"

	"trailkeeper/cdk/golden"
	"trailkeeper/cdk/settings"
	"trailkeeper/cdk/stack"
	"trailkeeper/lambda/config/baseline"
	"trailkeeper/lambda/config/deployment"
	"trailkeeper/rules/delivery"
	"trailkeeper/rules/detect"
	"trailkeeper/rules/detections"
	"trailkeeper/rules/metricfilter"
)

// The tests of this package must not run in parallel: a process has one connection to jsii.

var update = flag.Bool("update", false, "rewrite the templates in cdk/golden")

// template is a synthesized template as plain JSON values.
type template map[string]any

// variants are the settings of the golden templates: the example of cdk.json, and one file each in testdata.
func variants(t *testing.T) map[string]any {
	t.Helper()
	all := map[string]any{golden.Default: cdkContext(t)[settings.ContextKey]}
	files, err := filepath.Glob("testdata/*.json")
	if err != nil || len(files) == 0 {
		t.Fatalf("glob testdata: %d files, %v", len(files), err)
	}
	for _, file := range files {
		var object any
		readJSON(t, file, &object)
		all[strings.TrimSuffix(filepath.Base(file), ".json")] = object
	}
	return all
}

func cdkContext(t *testing.T) map[string]any {
	t.Helper()
	var file struct {
		Context map[string]any `json:"context"`
	}
	readJSON(t, "../../cdk.json", &file)
	return file.Context
}

func readJSON(t *testing.T, path string, into any) {
	t.Helper()
	raw, err := os.ReadFile(path)
	if err == nil {
		err = json.Unmarshal(raw, into)
	}
	if err != nil {
		t.Fatalf("read %s: %v", path, err)
	}
}

// variant are the settings of one golden template.
func variant(t *testing.T, name string) settings.Settings {
	t.Helper()
	object := cdkContext(t)[settings.ContextKey]
	if name != golden.Default {
		readJSON(t, filepath.Join("testdata", name+".json"), &object)
	}
	s, err := settings.Parse(object)
	if err != nil {
		t.Fatalf("settings of %s: %v", name, err)
	}
	return s
}

// baselines are those in the folder that the settings name.
func baselines(t *testing.T, s settings.Settings) []baseline.Baseline {
	t.Helper()
	files, err := baseline.ReadAll(os.DirFS(s.Baselines))
	if err != nil {
		t.Fatalf("baselines: %v", err)
	}
	var all []baseline.Baseline
	for _, f := range files {
		all = append(all, f.Baseline)
	}
	return all
}

// validates is the flag that makes errors of what CDK finds wrong with a template by CloudFormation's schemas. Looking for
// it takes longer than the synth, and is done without the flag as well: TestMain turns that off, and newApp adds it.
const validates = "@aws-cdk/core:validateAgainstDefaultRules"

// validator is CDK's own, as an app has it that does not name one. One takes seconds to make.
var validator = sync.OnceValue(func() awscdk.CloudFormationValidatePlugin {
	return awscdk.NewCloudFormationValidatePlugin(nil)
})

// newApp makes an app as cdk.json does, whose templates CDK validates.
func newApp(t *testing.T) awscdk.App {
	t.Helper()
	app := newAppWithout(t)
	awscdk.Validations_Of(app).AddPlugins(validator())
	return app
}

// newAppWithout makes an app without some of the flags of cdk.json, and without CDK's validator.
func newAppWithout(t *testing.T, without ...string) awscdk.App {
	t.Helper()
	if _, err := exec.LookPath("node"); err != nil {
		t.Fatal("node is not on the PATH: the tests of cdk need Node 20 or newer")
	}
	flags := cdkContext(t)
	for _, flag := range append(without, settings.ContextKey) {
		delete(flags, flag)
	}
	return awscdk.NewApp(&awscdk.AppProps{
		AnalyticsReporting: jsii.Bool(false),
		Context:            &flags,
		Outdir:             jsii.String(t.TempDir()),
		TreeMetadata:       jsii.Bool(false),
	})
}

// code stands in for a function: synth does not look inside.
func code(t *testing.T) awslambda.Code {
	t.Helper()
	path := filepath.Join(t.TempDir(), "guard.zip")
	if err := os.WriteFile(path, []byte("no program"), 0o600); err != nil {
		t.Fatal(err)
	}
	return awslambda.Code_FromAsset(jsii.String(path), nil)
}

// props are those of a stack with these settings.
func props(t *testing.T, s settings.Settings) stack.Props {
	t.Helper()
	p := stack.Props{Settings: s, Code: code(t)}
	if s.Watch.Enabled {
		p.WatchCode, p.Patterns = code(t), patterns(t, s)
	}
	if s.Warden.Enabled {
		p.Known = &known
	}
	if s.WardenElsewhere() {
		p.WardenCode = code(t)
	}
	p.Filters = filters(t, s)
	return p
}

// known stands for what a first synth tells; see described.
var known = stack.Known{CodeSHA256: digestOf("guard"), WatchSHA256: digestOf("watch")}

func digestOf(program string) string {
	sum := sha256.Sum256([]byte(program))
	return base64.StdEncoding.EncodeToString(sum[:])
}

// described puts into a template what its functions know of the deployment, as a second synth would.
func described(t *testing.T, name string, tpl template, others ...deployment.Template) {
	t.Helper()
	id, parameter := tpl.record()
	if id == "" {
		return
	}
	d, err := deployment.Describe(name, append([]deployment.Template{{Content: []byte(text(tpl))}}, others...)...)
	if err != nil {
		t.Fatal(err)
	}
	content, err := deployment.Format(d)
	if err != nil {
		t.Fatal(err)
	}
	var r deployment.Record
	value, _ := object(parameter["Value"])["Fn::Sub"].(string)
	if value == "" {
		value, _ = parameter["Value"].(string)
	}
	if r, err = deployment.ParseRecord([]byte(value)); err != nil {
		t.Fatalf("the parameter is %v: %v", parameter["Value"], err)
	}
	of := known
	of.Description, of.Digest = d, deployment.Digest(content)
	parameter["Value"] = map[string]any{"Fn::Sub": stack.RecordText(of, r.Code, r.SecretVersion)}
}

// record is the parameter of what is known of the deployment; "" where there is none.
func (tpl template) record() (id string, properties map[string]any) {
	for id, p := range tpl.resources("AWS::SSM::Parameter") {
		if name, _ := p["Name"].(string); strings.HasSuffix(name, "-deployment") {
			return id, p
		}
	}
	return "", nil
}

// filters are those of the built-in rules that the settings name.
func filters(t *testing.T, s settings.Settings) []metricfilter.Filter {
	t.Helper()
	if len(s.MetricFilters.Rules) == 0 {
		return nil
	}
	made, refused, err := metricfilter.Plan(builtIn(t, s, nil), s.MetricFilters.Rules)
	if len(refused) > 0 || err != nil {
		t.Fatal(refused, err)
	}
	return made
}

// loaded holds the built-in rules by what they were loaded with.
var loaded = map[string]*detect.Set{}

// builtIn are the built-in rules, with these switches.
func builtIn(t *testing.T, s settings.Settings, switches map[string]detect.Switch) *detect.Set {
	t.Helper()
	o := detect.Options{Stack: s.StackName, Lists: s.Watch.Lists, Switches: switches}
	key := text(o)
	if loaded[key] == nil {
		set, problems := detect.Load(o, detections.Source())
		if len(problems) > 0 {
			t.Fatal(problems)
		}
		loaded[key] = set
	}
	return loaded[key]
}

// patterns are those of the built-in rules, as the settings switch them.
func patterns(t *testing.T, s settings.Settings) []delivery.Pattern {
	t.Helper()
	all, err := delivery.Patterns(builtIn(t, s, s.Watch.Rules))
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func newStack(t *testing.T, app awscdk.App, s settings.Settings) awscdk.Stack {
	t.Helper()
	p := props(t, s)
	p.Baselines = baselines(t, s)
	made, _, err := stack.NewStack(app, p)
	if err != nil {
		t.Fatalf("NewStack: %v", err)
	}
	return made
}

// synth returns the template, which CDK's validator has looked at. It also proves that there is no dependency cycle:
// CDK's assertions refuse one.
func synth(t *testing.T, s settings.Settings) template {
	t.Helper()
	return templateOf(t, newStack(t, newApp(t), s))
}

// unvalidated is synth without CDK's validator, which takes half of it: for settings that leave something out, or whose
// resources are like those of a template that the validator looks at.
func unvalidated(t *testing.T, s settings.Settings) template {
	t.Helper()
	return templateOf(t, newStack(t, newAppWithout(t, validates), s))
}

// goldenTemplate is the template of a golden one's settings, synthesized by this process and not read from cdk/golden:
// what somebody wrote there without looking at it must not hide a fault.
func goldenTemplate(t *testing.T, name string) template {
	t.Helper()
	var tpl template
	if err := json.Unmarshal(fresh(t, name), &tpl); err != nil {
		t.Fatal(err)
	}
	return tpl
}

// synthesized holds the texts of the templates of this process: one synth takes a second.
var synthesized = map[string][]byte{}

// wardenStacks holds those of wardens in another Region, once fresh has made them.
var wardenStacks = map[string][]byte{}

// fresh makes the text of a golden template. The test of package golden has CDK validate the file.
func fresh(t *testing.T, name string) []byte {
	t.Helper()
	if synthesized[name] == nil {
		s := variant(t, name)
		p := props(t, s)
		p.Baselines = baselines(t, s)
		made, keeper, err := stack.NewStack(newAppWithout(t), p)
		if err != nil {
			t.Fatalf("NewStack: %v", err)
		}
		checkedByNag(made)
		var others []deployment.Template
		if keeper.WardenStack != nil {
			wardenStacks[name] = templateOf(t, keeper.WardenStack).normalised(t)
			others = []deployment.Template{{Region: s.Warden.Region, Content: wardenStacks[name]}}
		}
		tpl := templateOf(t, made)
		annotated[name] = annotationsOf(t, made)
		described(t, s.StackName, tpl, others...)
		synthesized[name] = tpl.normalised(t)
	}
	return synthesized[name]
}

// refused turns a panic of jsii, which is how CDK reports that it refuses a stack, into a failed test.
func refused(t *testing.T) {
	t.Helper()
	if reason := recover(); reason != nil {
		t.Fatalf("CDK refuses the stack: %.4000v", reason)
	}
}

func templateOf(t *testing.T, made awscdk.Stack) template {
	t.Helper()
	defer refused(t)
	return *assertions.Template_FromStack(made, nil).ToJSON()
}

var assetHash = regexp.MustCompile(`\b[0-9a-f]{64}\.zip\b`)

// normalised is the text of a golden template.
func (tpl template) normalised(t *testing.T) []byte {
	t.Helper()
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(tpl); err != nil {
		t.Fatal(err)
	}
	return assetHash.ReplaceAll(b.Bytes(), []byte(strings.Repeat("0", 64)+".zip"))
}

// resources returns the properties of all resources of a type, by logical ID.
func (tpl template) resources(kind string) map[string]map[string]any {
	found := map[string]map[string]any{}
	for id, r := range object(tpl["Resources"]) {
		if object(r)["Type"] == kind {
			found[id] = object(object(r)["Properties"])
		}
	}
	return found
}

// has reports whether there is a resource of a type whose logical ID starts with prefix.
func (tpl template) has(kind, prefix string) bool {
	for id := range tpl.resources(kind) {
		if strings.HasPrefix(id, prefix) {
			return true
		}
	}
	return false
}

// only returns the one resource of a type whose logical ID starts with prefix.
func (tpl template) only(t *testing.T, kind, prefix string) (id string, properties map[string]any) {
	t.Helper()
	count := 0
	for name, p := range tpl.resources(kind) {
		if strings.HasPrefix(name, prefix) {
			id, properties = name, p
			count++
		}
	}
	if count != 1 {
		t.Fatalf("%d resources of type %s start with %q; want 1", count, kind, prefix)
	}
	return id, properties
}

func object(v any) map[string]any {
	m, _ := v.(map[string]any)
	return m
}

// list makes a list of what JSON policies write as one value or many.
func list(v any) []any {
	if l, ok := v.([]any); ok {
		return l
	}
	if v == nil {
		return nil
	}
	return []any{v}
}

// target is the logical ID that a Ref or Fn::GetAtt leads to.
func target(v any) string {
	if id, ok := object(v)["Ref"].(string); ok {
		return id
	}
	if path := list(object(v)["Fn::GetAtt"]); len(path) == 2 {
		id, _ := path[0].(string)
		return id
	}
	return ""
}

var hash = regexp.MustCompile(`[0-9A-F]{8}$`)

// withoutHash is a logical ID as the constructs are called.
func withoutHash(id string) string { return hash.ReplaceAllString(id, "") }

// plain makes a value comparable: a Ref is the name of the resource, an Fn::GetAtt the name and the attribute, a
// pseudo-parameter its value in account 111122223333 and eu-west-1, an Fn::Join its text.
func plain(v any) any {
	if id := target(v); id != "" {
		name := pseudo(id)
		if path := list(object(v)["Fn::GetAtt"]); len(path) == 2 {
			name += "." + path[1].(string)
		}
		return name
	}
	switch v := v.(type) {
	case map[string]any:
		if join := list(v["Fn::Join"]); len(join) == 2 {
			var b strings.Builder
			for _, part := range list(join[1]) {
				fmt.Fprint(&b, plain(part))
			}
			return b.String()
		}
		out := map[string]any{}
		for name, value := range v {
			out[name] = plain(value)
		}
		return out
	case []any:
		out := []any{}
		for _, value := range v {
			out = append(out, plain(value))
		}
		return out
	}
	return v
}

func pseudo(id string) string {
	values := map[string]string{
		"AWS::AccountId": "111122223333",
		"AWS::Partition": "aws",
		"AWS::Region":    "eu-west-1",
		"AWS::URLSuffix": "amazonaws.com",
	}
	if value, ok := values[id]; ok {
		return value
	}
	return withoutHash(id)
}

func text(v any) string {
	raw, err := json.Marshal(v)
	if err != nil {
		return ""
	}
	return string(raw)
}
