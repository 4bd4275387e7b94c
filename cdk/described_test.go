package main_test

import (
	"testing"

	"trailkeeper/cdk/golden"
	"trailkeeper/lambda/config"
	"trailkeeper/lambda/config/deployment"
)

// TestDescribed: every golden template is described, and a record that has the names it asks for resolves all of it.
func TestDescribed(t *testing.T) {
	for _, name := range golden.Names() {
		content, _ := golden.Variant(name)
		d, err := deployment.Describe("trailkeeper", deployment.Template{Content: content})
		if err != nil || len(d.Resources) == 0 {
			t.Fatalf("%s: %d resources, %v", name, len(d.Resources), err)
		}
		names := map[string]string{}
		for _, id := range d.Unnamed() {
			names[id] = "trailkeeper-" + id + "-1A2B3C4D5E6F"
		}
		place := config.Place{Partition: "aws", Region: "eu-west-1", Account: "111122223333"}
		for _, part := range []deployment.Part{deployment.PartGuard, deployment.PartWarden} {
			for _, r := range d.Resolve(part, deployment.Record{Names: names}, place, "amazonaws.com") {
				if r.Unresolved != nil {
					t.Errorf("%s: %s: %v", name, r.ID, r.Unresolved)
				}
			}
		}
	}
}
