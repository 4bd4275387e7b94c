package stack_test

import (
	"reflect"
	"strings"
	"testing"

	"trailkeeper/cdk/limits"
	"trailkeeper/cdk/settings"
)

// switched are the settings with every switch on, in mode restore: those of the variant "everything", with the parts of
// the variants that are about one of them.
func switched(t *testing.T) settings.Settings {
	t.Helper()
	all := variants(t)
	object := all["everything"].(map[string]any)
	for from, keys := range map[string][]string{
		"archive": {"archive"}, "evidence": {"mode", "baselines", "evidence"}, "guardrail": {"guardrail", "organizationId"}, "protect": {"protect"},
	} {
		for _, key := range keys {
			object[key] = all[from].(map[string]any)[key]
		}
	}
	set(object, []string{"guardrail", "keys"}, nil) // they do not fit into its policy beside the others
	set(object, []string{"sns", "routeKeyArns"}, nil)
	set(object, []string{"archive", "backtest"}, true)
	set(object, []string{"sns", "eventBridge"}, true)
	s, err := settings.Parse(object)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// off lists the switches that are off, by their fields' names.
func off(v reflect.Value, path string) []string {
	var found []string
	for f := range v.Type().Fields() {
		field := v.FieldByIndex(f.Index)
		switch {
		case field.Kind() == reflect.Struct:
			found = append(found, off(field, path+f.Name+".")...)
		case field.Kind() == reflect.Bool && !field.Bool():
			found = append(found, path+f.Name)
		}
	}
	return found
}

// TestEverySwitch: a stack with every switch on has no dependency cycle, which CDK's assertions refuse, and CDK's
// validator takes it: no golden template has them all.
func TestEverySwitch(t *testing.T) {
	s := switched(t)
	if found := off(reflect.ValueOf(s), ""); len(found) > 0 {
		t.Errorf("the switches %s are off", strings.Join(found, ", "))
	}
	tpl := synth(t, s)
	if err := limits.Check(tpl, s.StackName); err != nil {
		t.Error(err)
	}
	for _, want := range []string{"Protect", "Evidence", "Archive", "Guardrail", "Backtest", "Canary", "FirstTrail", "Warden", "MetricFilters"} {
		found := false
		for id := range object(tpl["Resources"]) {
			found = found || strings.HasPrefix(id, want)
		}
		if !found {
			t.Errorf("the template has nothing of %s", want)
		}
	}
}
