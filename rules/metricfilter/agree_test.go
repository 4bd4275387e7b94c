package metricfilter_test

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"maps"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"trailkeeper/events"
	"trailkeeper/rules/detect"
	"trailkeeper/rules/detections"
	"trailkeeper/rules/expression"
	"trailkeeper/rules/filterpattern"
	"trailkeeper/rules/metricfilter"
)

func builtIn(t testing.TB) *detect.Set {
	t.Helper()
	set, problems := detect.Load(detections.Tested(), detections.Source())
	for _, p := range problems {
		t.Fatal(p)
	}
	return set
}

func parsed(t testing.TB, pattern string) *filterpattern.Pattern {
	t.Helper()
	p, err := filterpattern.Parse(pattern)
	if err == nil {
		err = p.Check()
	}
	if err != nil {
		t.Fatalf("%s: %v", pattern, err)
	}
	return p
}

// records are those of the rules' own tests and the fixtures, as JSON decodes them.
func records(t testing.TB) []map[string]any {
	t.Helper()
	var all []map[string]any
	files, err := fs.Glob(detections.Source().Files, "*.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		text, err := fs.ReadFile(detections.Source().Files, file)
		var rule struct {
			Tests []struct{ Record map[string]any }
		}
		if err == nil {
			err = yaml.Unmarshal(text, &rule)
		}
		if err != nil {
			t.Fatal(err)
		}
		for _, one := range rule.Tests {
			all = append(all, one.Record)
		}
	}
	files, err = fs.Glob(events.Fixtures(), "*.json")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		text, err := fs.ReadFile(events.Fixtures(), file)
		var event struct{ Detail map[string]any }
		if err == nil {
			err = json.Unmarshal(text, &event)
		}
		if err != nil {
			t.Fatal(err)
		}
		if event.Detail != nil {
			all = append(all, event.Detail)
		}
	}
	return all
}

// paths are where a record has values that are neither objects nor lists.
func paths(value map[string]any, below ...string) [][]string {
	var all [][]string
	for _, name := range slices.Sorted(maps.Keys(value)) {
		path := append(slices.Clone(below), name)
		if inner, ok := value[name].(map[string]any); ok {
			all = append(all, paths(inner, path...)...)
		} else {
			all = append(all, path)
		}
	}
	return all
}

// with is a copy of a record in which a field has another value; without one it is missing.
func with(record map[string]any, path []string, value ...any) map[string]any {
	changed := maps.Clone(record)
	if changed == nil {
		changed = map[string]any{}
	}
	if len(path) > 1 {
		inner, _ := changed[path[0]].(map[string]any)
		changed[path[0]] = with(inner, path[1:], value...)
		return changed
	}
	delete(changed, path[0])
	if len(value) > 0 {
		changed[path[0]] = value[0]
	}
	return changed
}

// looked are the fields that the rules look at.
var looked = strings.Fields(`additionalEventData errorCode errorMessage eventName eventSource eventType insightDetails
	readOnly requestParameters responseElements sourceIPAddress userIdentity`)

// near are records that differ from one in one field.
func near(record map[string]any) []map[string]any {
	all := []map[string]any{record}
	for _, path := range paths(record) {
		if len(path) > 3 || !slices.Contains(looked, path[0]) {
			continue
		}
		all = append(all, with(record, path), with(record, path, nil), with(record, path, "something else"))
		if text, ok := at(record, path).(string); ok {
			all = append(all, with(record, path, text+"x"), with(record, path, "x"+text),
				with(record, path, strings.ToUpper(text)), with(record, path, strings.ToLower(text)), with(record, path, ""))
		}
	}
	for path, values := range map[string][]any{
		"errorCode":                     {"AccessDenied", "Client.UnauthorizedOperation"},
		"errorMessage":                  {"Failed authentication"},
		"eventType":                     {"AwsServiceEvent", "AwsApiCall"},
		"eventSource":                   {"iam.amazonaws.com", "ec2.amazonaws.com"},
		"userIdentity.type":             {"Root", "IAMUser", "AssumedRole"},
		"userIdentity.invokedBy":        {"config.amazonaws.com"},
		"userIdentity.accountId":        {"ANONYMOUS_PRINCIPAL", "Anonymous"},
		"userIdentity.principalId":      {"anonymous", "AnonymouS"},
		"readOnly":                      {true, false},
		"additionalEventData.MFAUsed":   {"Yes", "No", "yes"},
		"responseElements.ConsoleLogin": {"Success", "Failure"},
		"sourceIPAddress":               {"198.51.100.255", "198.51.101.1", "2001:db8::1", "config.amazonaws.com"},
		"requestParameters":             {nil},
		"responseElements":              {nil},
	} {
		for _, value := range values {
			all = append(all, with(record, strings.Split(path, "."), value))
		}
	}
	return all
}

func at(record map[string]any, path []string) any {
	var value any = record
	for _, name := range path {
		object, _ := value.(map[string]any)
		value = object[name]
	}
	return value
}

// unlike is why a pattern and its rule may differ on a record that AWS does not write; empty: it may be one.
func unlike(record map[string]any) string {
	code, there := record["errorCode"]
	if there && (code == nil || code == "") {
		return "its errorCode is null or empty"
	}
	if said, there := record["readOnly"]; there && said != true && said != false {
		return "its readOnly is neither true nor false"
	}
	if record["eventName"] == nil && record["userIdentity"] != nil {
		return "it is of a caller and has no eventName"
	}
	if from, _ := record["sourceIPAddress"].(string); strings.HasPrefix(from, "198.51.100.") {
		if _, err := netip.ParseAddr(from); err != nil {
			return "its sourceIPAddress begins like an address and is none"
		}
	}
	if record["eventSource"] != "signin.amazonaws.com" && (record["eventType"] == "AwsConsoleSignIn" ||
		at(record, []string{"responseElements", "ConsoleLogin"}) != nil) {
		return "it is a sign-in of another service"
	}
	return ""
}

// verdicts are the IDs of the rules that match a record, and of those that fail on it.
func verdicts(t testing.TB, set *detect.Set, event []byte) (matching, failing []string) {
	t.Helper()
	record, err := expression.ParseFields(event)
	if err != nil {
		t.Fatal(err)
	}
	d := set.Decide(record)
	for _, r := range d.Rules {
		matching = append(matching, r.ID)
	}
	for _, e := range d.Errors {
		failing = append(failing, e.Rule)
	}
	return matching, failing
}

// one is a record, and the IDs of the rules that match it and of those that fail on it.
type one struct {
	record            map[string]any
	event             []byte
	read              filterpattern.Event
	matching, failing []string
}

// cases are the records of the rules' tests and the fixtures, and those near them, each once.
func cases(t testing.TB) []one {
	t.Helper()
	set, seen := builtIn(t), map[string]bool{}
	var all []one
	for _, original := range records(t) {
		for _, record := range near(original) {
			event, err := json.Marshal(record)
			if err != nil {
				t.Fatal(err)
			}
			if !seen[string(event)] {
				seen[string(event)] = true
				matching, failing := verdicts(t, set, event)
				all = append(all, one{record, event, filterpattern.Read(event), matching, failing})
			}
		}
	}
	return all
}

// TestAgree: on every record of the rules' tests and every fixture, and on records that differ from them in one field,
// the pattern of a rule decides as the rule does, and the prescribed patterns do but for what their controls say.
func TestAgree(t *testing.T) {
	all := cases(t)
	agree(t, all)
	controls(t, all)
}

func agree(t *testing.T, all []one) {
	patterns := map[string]*filterpattern.Pattern{}
	for _, r := range builtIn(t).Rules {
		if text, err := metricfilter.Write(r); err == nil {
			patterns[r.ID] = parsed(t, text)
		}
	}
	compared, matched, left := 0, map[string]int{}, map[string]int{}
	for _, c := range all {
		if why := unlike(c.record); why != "" {
			left[why]++
			continue
		}
		for id, p := range patterns {
			if slices.Contains(c.failing, id) {
				left["the rule fails on it"]++
				continue
			}
			compared++
			rule := slices.Contains(c.matching, id)
			if filter := p.Matches(c.read); filter != rule {
				t.Errorf("%s: the rule says %v, its pattern %v\n%s\n%s", id, rule, filter, p, c.event)
			}
			if rule {
				matched[id]++
			}
		}
	}
	for id := range patterns {
		if matched[id] < 5 {
			t.Errorf("%s matches only %d records", id, matched[id])
		}
	}
	t.Logf("%d verdicts of %d patterns; left out %v", compared, len(patterns), left)
	if compared < 100_000 || len(left) != 6 {
		t.Errorf("%d verdicts are compared, and records left out for %v", compared, left)
	}
}

// TestWithoutMissing: no pattern that is written depends on what CloudWatch Logs does with != and a field that is
// missing, which its guide does not say: each != stands beside NOT EXISTS of the same field; eventName is always there.
func TestWithoutMissing(t *testing.T) {
	compared := 0
	for _, r := range builtIn(t).Rules {
		text, err := metricfilter.Write(r)
		if err != nil {
			continue
		}
		var check func(n filterpattern.Node, beside []string)
		check = func(n filterpattern.Node, beside []string) {
			switch n := n.(type) {
			case filterpattern.All:
				for _, one := range n {
					check(one, beside)
				}
			case filterpattern.Any:
				for _, one := range n {
					if c, ok := one.(*filterpattern.Comparison); ok && c.Operator == "NOT EXISTS" {
						beside = append(beside, fmt.Sprint(c.Selector))
					}
				}
				for _, one := range n {
					check(one, beside)
				}
			case *filterpattern.Comparison:
				if n.Operator != "!=" || n.Selector[0].Name == "eventName" {
					return
				}
				compared++
				if of := fmt.Sprint(n.Selector); !slices.Contains(beside, of) {
					t.Errorf("%s: %s\n!= of %s is not beside NOT EXISTS", r.ID, text, of)
				}
			}
		}
		check(parsed(t, text).Root(), nil)
	}
	if compared == 0 {
		t.Error("no pattern has !=")
	}
}
