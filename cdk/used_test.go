package main_test

import (
	"encoding/json"
	"io/fs"
	"os"
	"slices"
	"strings"
	"testing"

	"trailkeeper/cdk/golden"
)

// TestGrantsOfChecksAreUsed: each call that guard and warden are granted on each other's resources is one that the
// checks make; that each call is granted, the checks' own tests say in the loopback cloud.
func TestGrantsOfChecksAreUsed(t *testing.T) {
	var program strings.Builder
	source := os.DirFS("../lambda/internal/warden")
	if err := fs.WalkDir(source, ".", func(path string, _ fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		content, err := fs.ReadFile(source, path)
		program.Write(content)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	elsewhere := []string{
		"iam:PassRole",            // the services ask for it
		"cloudtrail:LookupEvents", // package history makes it
	}
	for _, action := range checkGrants(t) {
		_, operation, _ := strings.Cut(action, ":")
		call := `"` + operation + `"`
		if path, ok := byPath[action]; ok {
			call = path
		}
		if strings.HasPrefix(action, "s3:") {
			continue // the sweep reads the buckets of the baselines
		}
		if !slices.Contains(elsewhere, action) && !strings.Contains(program.String(), call) {
			t.Errorf("%s is granted, and no check makes the call", action)
		}
	}
}

// byPath is how the checks write the calls of services whose calls are paths.
var byPath = map[string]string{
	"lambda:AddPermission":                `"POST "+functionPath+"/policy"`,
	"lambda:DeleteFunctionConcurrency":    `"DELETE /2017-10-31"+concurrencyPath`,
	"lambda:GetFunctionConcurrency":       `"GET /2019-09-30"+concurrencyPath`,
	"lambda:GetFunctionConfiguration":     `"GET "+functionPath+"/configuration"`,
	"lambda:GetFunctionEventInvokeConfig": `"GET /2019-09-25/functions/{FunctionName}/event-invoke-config"`,
	"lambda:GetPolicy":                    `"GET "+functionPath+"/policy"`,
	"lambda:ListEventSourceMappings":      `"GET /2015-03-31/event-source-mappings"`,
	"lambda:PutFunctionConcurrency":       `"PUT /2017-10-31"+concurrencyPath`,
	"scheduler:CreateSchedule":            `s.put(ctx, of, "POST")`,
	"scheduler:GetSchedule":               `"GET "+schedulePath`,
	"scheduler:UpdateSchedule":            `s.put(ctx, of, "PUT")`,
}

// checkGrants are the actions of the statements of package crosscheck in the golden templates.
func checkGrants(t *testing.T) []string {
	t.Helper()
	var all []string
	for _, name := range golden.Names() {
		raw, _ := golden.Variant(name)
		warden, _ := golden.Warden(name)
		for _, content := range [][]byte{raw, warden} {
			var template struct{ Resources map[string]resource }
			if content == nil {
				continue
			}
			if err := json.Unmarshal(content, &template); err != nil {
				t.Fatal(err)
			}
			for id, r := range template.Resources {
				if r.Type == "AWS::IAM::Role" && (strings.HasPrefix(id, "GuardRole") || strings.HasPrefix(id, "WardenRole")) {
					all = append(all, checkActions(r)...)
				}
			}
		}
	}
	slices.Sort(all)
	if all = slices.Compact(all); len(all) < 20 {
		t.Fatalf("only %v is granted", all)
	}
	return all
}

func checkActions(role resource) (all []string) {
	for _, p := range list(role.Properties["Policies"]) {
		for _, s := range list(object(object(p)["PolicyDocument"])["Statement"]) {
			sid, _ := object(s)["Sid"].(string)
			if strings.HasPrefix(sid, "Read") || strings.HasPrefix(sid, "Restore") || strings.HasPrefix(sid, "PassRoles") {
				for _, action := range list(object(s)["Action"]) {
					all = append(all, action.(string))
				}
			}
		}
	}
	return all
}
