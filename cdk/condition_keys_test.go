package main_test

import (
	"encoding/json"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// carriedKeys are the condition keys that each action carries, as the Service Authorization Reference has it;
// .ci/tables --write writes them.
type carriedKeys map[string][]string

func conditionKeys(t *testing.T) carriedKeys {
	t.Helper()
	raw, err := os.ReadFile("testdata/condition-keys.json")
	if err != nil {
		t.Fatal(err)
	}
	var keys carriedKeys
	if err := json.Unmarshal(raw, &keys); err != nil {
		t.Fatal(err)
	}
	return keys
}

// global are the condition keys that every request carries (IAM User Guide, "AWS global condition context keys").
var global = []string{"aws:PrincipalAccount", "aws:PrincipalArn", "aws:ResourceAccount"}

// variable is the part of a key that the request names, such as that in aws:RequestTag/${TagKey}.
var variable = regexp.MustCompile(`\$\{[^}]*}|<[^>]*>`)

// carries reports whether requests of the action can have the key. Keys are compared without regard to case.
func (c carriedKeys) carries(action, key string) bool {
	return slices.ContainsFunc(append(slices.Clone(global), c[action]...), func(k string) bool {
		return glob(strings.ToLower(variable.ReplaceAllString(k, "*")), strings.ToLower(key))
	})
}

// check fails a test that asks IAM for what no request has.
func (c carriedKeys) check(t *testing.T, r request) {
	t.Helper()
	for key := range r.context {
		if !c.carries(r.action, key) {
			t.Fatalf("%s: no request of %s carries %s", r, r.action, key)
		}
	}
}

// actions are those of a statement, its wildcards filled in with the actions that are known.
func (c carriedKeys) actions(s statement) []string {
	var all []string
	for _, action := range s.Action {
		found := false
		for known := range c {
			if glob(strings.ToLower(action), strings.ToLower(known)) {
				all, found = append(all, known), true
			}
		}
		if !found {
			all = append(all, action)
		}
	}
	return all
}

// TestConditionsAreCarried: a condition on a key that the action does not carry refuses everything, or, with IfExists,
// nothing at all.
func TestConditionsAreCarried(t *testing.T) {
	keys := conditionKeys(t)
	for _, path := range []string{"execution-policy.json", "boundary-policy.json", "guardrail-policy.json"} {
		for _, s := range readPolicy(t, path).Statement {
			for operator, conditions := range s.Condition {
				for key := range conditions {
					for _, action := range keys.actions(s) {
						if !keys.carries(action, key) {
							t.Errorf("%s, %s: %s of %s is no key of %s", path, s.Sid, operator, key, action)
						}
					}
				}
			}
		}
	}
	for action, key := range map[string]string{
		"iam:UpdateAssumeRolePolicy": "iam:PermissionsBoundary",
		"kms:PutKeyPolicy":           "aws:RequestTag/x",
		"s3:PutBucketPolicy":         "iam:PassedToService",
	} {
		if keys.carries(action, key) {
			t.Errorf("%s carries %s", action, key)
		}
	}
}
