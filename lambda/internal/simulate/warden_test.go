package simulate_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"trailkeeper/cdk/golden"
	"trailkeeper/lambda/config/deployment"
	"trailkeeper/lambda/internal/simulate/stage"
)

// TestWardenFindsNothing: in what the templates deploy, with the roles that they have, guard and warden check all of each
// other and find nothing different.
func TestWardenFindsNothing(t *testing.T) {
	without := map[string]bool{"existing": true} // it has no table, which the warden needs
	for _, name := range golden.Names() {
		if _, elsewhere := golden.Warden(name); elsewhere {
			continue
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			template, _ := golden.Variant(name)
			d, err := deployment.Describe("x", deployment.Template{Content: template})
			if err != nil {
				t.Fatal(err)
			}
			if _, has := d.Resources["Deployment"]; has == without[name] {
				t.Fatalf("the template has a warden: %v; want %v", has, !without[name])
			} else if !has {
				return
			}
			s, err := stage.New(stage.Options(template), stage.Setup{})
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = s.Cloud.Close() }()
			if err := s.Cloud.RunFor(11 * time.Minute); err != nil {
				t.Fatal(err)
			}
			checked := map[string]int{}
			for _, line := range s.Cloud.Log() {
				var run struct {
					Message, Part, Reason                string
					Checked, Differing, Unseen, Restored int
				}
				if json.Unmarshal([]byte(line), &run) != nil || run.Message != "deployment checked" {
					continue
				}
				if run.Differing+run.Unseen+run.Restored != 0 || run.Reason != "" {
					t.Errorf("%s", line)
				}
				checked[run.Part] = run.Checked
			}
			if t.Failed() {
				for _, e := range s.Cloud.Entries() {
					if _, why, ok := strings.Cut(e.Text, "Not checked:"); ok {
						t.Log(why[:min(len(why), 700)])
					}
				}
			}
			if checked["guard"] < 30 || checked["warden"] < 6 {
				t.Errorf("checked %v", checked)
			}
		})
	}
}
