package stage

import (
	"encoding/json"
	"testing"
	"time"

	"trailkeeper/cdk/golden"
	"trailkeeper/lambda/config/deployment"
	"trailkeeper/lambda/internal/localcloud"
	"trailkeeper/lambda/internal/simulate/structure"
)

// TestWardenElsewhere: a warden in another Region checks the deployment from there, with the roles that both stacks have,
// and the guard checks it.
func TestWardenElsewhere(t *testing.T) {
	const variant, region = "elsewhere", "us-east-1"
	template, _ := golden.Variant(variant)
	warden, ok := golden.Warden(variant)
	if !ok {
		t.Fatal("the warden has no stack of its own")
	}
	o := Options(template)
	o.NewHandler = Functions(Carried{
		lists: structure.Lists(template), stack: o.Stack, template: template,
		others: []deployment.Template{{Region: region, Content: warden}},
	})
	c, err := localcloud.New(o)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = c.Close() }()
	if err := c.Deploy(warden, o.Account, region, o.Stack+"-warden"); err != nil {
		t.Fatal(err)
	}
	if err := c.RunFor(11 * time.Minute); err != nil {
		t.Fatal(err)
	}
	checked := map[string]int{}
	for _, line := range c.Log() {
		var run struct {
			Message, Part              string
			Checked, Differing, Unseen int
		}
		if json.Unmarshal([]byte(line), &run) != nil || run.Message != "deployment checked" {
			continue
		}
		if run.Differing+run.Unseen != 0 {
			t.Errorf("%s", line)
		}
		checked[run.Part] = run.Checked
	}
	if checked["guard"] < 30 || checked["warden"] < 6 {
		t.Errorf("checked %v", checked)
	}
	if t.Failed() {
		for _, e := range c.Entries() {
			if e.Kind == localcloud.KindSNS {
				t.Log(e.Text)
			}
		}
	}
}
