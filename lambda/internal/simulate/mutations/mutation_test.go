package mutations

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"trailkeeper/cdk/golden"
	"trailkeeper/lambda/internal/simulate"
	"trailkeeper/lambda/internal/simulate/result"
	"trailkeeper/lambda/internal/simulate/simulatetest"
)

// object is a part of a template.
type object = map[string]any

// resources are those of a template.
type resources object

// get returns the properties of the one resource whose logical ID, without CDK's hash, is id.
func (r resources) get(t *testing.T, id string) object {
	t.Helper()
	return r[r.id(t, id)].(object)["Properties"].(object)
}

func (r resources) id(t *testing.T, id string) string {
	t.Helper()
	var found []string
	for logical := range r {
		if logical == id || len(logical) == len(id)+8 && strings.HasPrefix(logical, id) {
			found = append(found, logical)
		}
	}
	if len(found) != 1 {
		t.Fatalf("%d resources of the golden template are called %s: %v", len(found), id, found)
	}
	return found[0]
}

// remove also takes the resource out of what others depend on.
func (r resources) remove(t *testing.T, id string) {
	t.Helper()
	logical := r.id(t, id)
	delete(r, logical)
	for _, v := range r {
		if others, ok := v.(object)["DependsOn"].([]any); ok {
			v.(object)["DependsOn"] = slices.DeleteFunc(others, func(other any) bool { return other == logical })
		}
	}
}

// Target returns a rule's target by its Id.
func (r resources) target(t *testing.T, rule, id string) object {
	t.Helper()
	for _, v := range r.get(t, rule)["Targets"].([]any) {
		if target := v.(object); target["Id"] == id {
			return target
		}
	}
	t.Fatalf("%s has no target %s", rule, id)
	return nil
}

func (r resources) dropTarget(t *testing.T, rule, id string) {
	t.Helper()
	p := r.get(t, rule)
	drop := r.target(t, rule, id)
	p["Targets"] = slices.DeleteFunc(p["Targets"].([]any), func(v any) bool { return v.(object)["Id"] == drop["Id"] })
}

// dropValue takes a value out of the list at the path in a rule's pattern.
func (r resources) dropValue(t *testing.T, rule, value string, path ...string) {
	t.Helper()
	at := r.get(t, rule)["EventPattern"].(object)
	for _, name := range path[:len(path)-1] {
		at = at[name].(object)
	}
	last := path[len(path)-1]
	list := at[last].([]any)
	if !slices.Contains(list, any(value)) {
		t.Fatalf("%s does not list %s", rule, value)
	}
	at[last] = slices.DeleteFunc(list, func(v any) bool { return v == value })
}

// dropAction takes an action out of a role's inline policies.
func (r resources) dropAction(t *testing.T, role, action string) {
	t.Helper()
	dropped := false
	for _, policy := range r.get(t, role)["Policies"].([]any) {
		dropped = dropFrom(policy.(object)["PolicyDocument"].(object), action) || dropped
	}
	if !dropped {
		t.Fatalf("%s does not allow %s", role, action)
	}
}

// dropFrom takes an action out of a policy's statements, and those out that name no other. It reports whether there was
// one.
func dropFrom(document object, action string) bool {
	dropped := false
	var kept []any
	for _, v := range document["Statement"].([]any) {
		s := v.(object)
		list, many := s["Action"].([]any)
		if !many {
			list = []any{s["Action"]}
		}
		n := len(list)
		list = slices.DeleteFunc(list, func(a any) bool { return a == action })
		dropped = dropped || len(list) < n
		s["Action"] = list
		if len(list) > 0 {
			kept = append(kept, s)
		}
	}
	document["Statement"] = kept
	return dropped
}

func (r resources) env(t *testing.T, name string, value any) {
	t.Helper()
	vars := r.get(t, "GuardFunction")["Environment"].(object)["Variables"].(object)
	if _, ok := vars[name]; !ok {
		t.Fatalf("the guard has no %s", name)
	}
	vars[name] = value
}

// Set puts a value into an object that must have had another.
func set(t *testing.T, o object, name string, value any) {
	t.Helper()
	if _, ok := o[name]; !ok {
		t.Fatalf("no %s to change", name)
	}
	o[name] = value
}

func drop(t *testing.T, o object, name string) {
	t.Helper()
	if _, ok := o[name]; !ok {
		t.Fatalf("no %s to drop", name)
	}
	delete(o, name)
}

// mutation is an edit of the golden template, and the check that it must break in a scenario.
type mutation struct {
	name     string
	edit     func(*testing.T, resources)
	scenario string
	check    string
}

func mutated(t *testing.T, m mutation) []byte {
	t.Helper()
	return edited(t, golden.Template(), m.edit)
}

func edited(t *testing.T, content []byte, edit func(*testing.T, resources)) []byte {
	t.Helper()
	var template object
	if err := json.Unmarshal(content, &template); err != nil {
		t.Fatal(err)
	}
	edit(t, template["Resources"].(object))
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(template); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestMutationsBreakChecks(t *testing.T) {
	t.Parallel()
	all := mutations()
	if len(all) < 20 {
		t.Errorf("%d mutations; want at least 20", len(all))
	}
	for _, m := range all {
		t.Run(m.name, func(t *testing.T) {
			t.Parallel()
			breaks(t, mutated(t, m), m.scenario, m.check)
		})
	}
}

// breaks wants a scenario to break a check on a template.
func breaks(t *testing.T, template []byte, scenario, check string) {
	t.Helper()
	s := simulatetest.Scenario(t, scenario)
	r, err := simulate.Play(t.Context(), template, s)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.ContainsFunc(r.Broken(), func(v result.Verdict) bool { return v.Check == check }) {
		t.Errorf("scenario %s: broken %v %s; want %q broken", scenario, r.Broken(), r.NotPlayed, check)
	}
}
