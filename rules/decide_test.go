package rules_test

import (
	"fmt"
	"io/fs"
	"regexp"
	"testing"
	"testing/fstest"

	"trailkeeper/events"
	"trailkeeper/rules/detect"
	"trailkeeper/rules/detections"
	"trailkeeper/rules/expression"
)

// twelve are the rules that are measured: those whose IDs are part of the contract.
var twelve = []string{
	"console-login-without-mfa", "console-login-failed", "root-console-login", "root-activity", "refused-calls",
	"console-login-outside", "large-instances", "iam-user-created", "trail-tampering", "own-function-changed",
	"console-login-any", "ec2-instance-connect",
}

// quiet is a record that none of the rules matches, of the kind that accounts have most of.
const quiet = `{
  "eventVersion": "1.11", "eventName": "DescribeInstances", "eventSource": "ec2.amazonaws.com", "readOnly": true,
  "eventTime": "2026-03-02T09:15:27Z", "awsRegion": "eu-west-1", "eventType": "AwsApiCall", "managementEvent": true,
  "userIdentity": {
    "type": "AssumedRole", "arn": "arn:aws:sts::111122223333:assumed-role/Deployer/alice", "accountId": "111122223333",
    "sessionContext": {"sessionIssuer": {"type": "Role", "userName": "Deployer"}}
  },
  "sourceIPAddress": "198.51.100.7", "requestParameters": {"instancesSet": {}, "filterSet": {}},
  "responseElements": null, "recipientAccountId": "111122223333"
}`

var condition = regexp.MustCompile(`(?m)^match: (.*\n(?:  .*\n)*)`)

// builtIn are twelve rules. Unindexed, nothing tells from outside what their conditions are about.
func builtIn(t testing.TB, unindexed bool) *detect.Set {
	t.Helper()
	files, source := fstest.MapFS{}, detections.Source()
	for _, id := range twelve {
		text, err := fs.ReadFile(source.Files, id+".yaml")
		if err != nil {
			t.Fatal(err)
		}
		if unindexed {
			text = condition.ReplaceAllFunc(text, func(match []byte) []byte {
				block := condition.FindSubmatch(match)[1]
				if block[0] != '|' {
					t.Fatalf("%s: the condition is no block", id)
				}
				return []byte("match: |\n  (\n" + string(block[2:]) + "  ) || false\n")
			})
		}
		files[id+".yaml"] = &fstest.MapFile{Data: text}
	}
	files["lists/large-instances.yaml"] = &fstest.MapFile{Data: []byte(`["*.8xlarge"]`)}
	return loaded(t, detections.Tested(), files)
}

// imported are rules as they come from a collection: two names of one service each, whatever their case.
func imported(t testing.TB, n int) *detect.Set {
	t.Helper()
	files := fstest.MapFS{}
	for i := range n {
		files[fmt.Sprintf("r%d.yaml", i)] = &fstest.MapFile{Data: fmt.Appendf(nil, "id: r%d\ntitle: x\nseverity: low\n"+
			"match: lower(record.eventSource) == 'service%d.amazonaws.com' && lower(record.eventName) in ['a%d', 'b%d']\n",
			i, i%40, i, i)}
	}
	return loaded(t, detect.Options{}, files)
}

func loaded(t testing.TB, options detect.Options, files fstest.MapFS) *detect.Set {
	t.Helper()
	set, problems := detect.Load(options, detect.Source{Name: "measured", Files: files})
	for _, p := range problems {
		t.Fatal(p)
	}
	return set
}

func parsed(t testing.TB, text string) expression.Record {
	t.Helper()
	record, err := expression.Parse([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return record
}

// BenchmarkDecide is what a record costs that no rule matches, decoding aside.
func BenchmarkDecide(b *testing.B) {
	for name, set := range map[string]*detect.Set{
		"12": builtIn(b, false), "12-unindexed": builtIn(b, true), "500": imported(b, 500),
	} {
		record := parsed(b, quiet)
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if d := set.Decide(record); len(d.Rules)+len(d.Errors) > 0 {
					b.Fatalf("%+v", d)
				}
			}
		})
	}
}

// TestDecideAllocatesNothing: a record that nothing matches costs no memory, and no more with more rules.
func TestDecideAllocatesNothing(t *testing.T) {
	record := parsed(t, quiet)
	for name, set := range map[string]*detect.Set{"12": builtIn(t, false), "500": imported(t, 500)} {
		if n := testing.AllocsPerRun(100, func() { set.Decide(record) }); n > 1 {
			t.Errorf("%s rules: %v allocations", name, n)
		}
	}
}

// TestIndexChangesNothing: with and without the index the decisions are the same on every fixture.
func TestIndexChangesNothing(t *testing.T) {
	with, without := builtIn(t, false), builtIn(t, true)
	matches := 0
	files, err := fs.Glob(events.Fixtures(), "*.json")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range files {
		text, err := fs.ReadFile(events.Fixtures(), name)
		if err != nil {
			t.Fatal(err)
		}
		record, err := expression.Parse(text)
		if err != nil {
			continue // a schedule, or another event that is no record
		}
		got, want := with.Decide(record), without.Decide(record)
		if fmt.Sprint(ids(got), got.Errors) != fmt.Sprint(ids(want), want.Errors) {
			t.Errorf("%s: %v %v with the index, %v %v without", name, ids(got), got.Errors, ids(want), want.Errors)
		}
		matches += len(got.Rules)
	}
	if matches == 0 {
		t.Error("nothing matches")
	}
}

func ids(d detect.Decision) []string {
	var all []string
	for _, r := range d.Rules {
		all = append(all, r.ID)
	}
	return all
}
