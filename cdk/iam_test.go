package main_test

import (
	"encoding/json"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// request is one question to IAM. Context keys are as policies write them.
type request struct {
	action, resource string
	context          map[string]string
}

func (r request) String() string { return r.action + " on " + r.resource }

// policy is an identity policy or a boundary that only allows.
type policy struct{ Statement []statement }

type statement struct {
	Sid, Effect      string
	Principal        map[string]texts // of a resource's policy
	Action, Resource texts
	Condition        map[string]map[string]texts
}

// texts is one text or a list of them.
type texts []string

func (t *texts) UnmarshalJSON(b []byte) error {
	if b[0] == '[' {
		return json.Unmarshal(b, (*[]string)(t))
	}
	*t = make(texts, 1)
	return json.Unmarshal(b, &(*t)[0])
}

func readPolicy(t *testing.T, path string) policy {
	t.Helper()
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	const maxCharacters = 6144 // of a managed policy, white space not counted (IAM and STS quotas)
	if n := len(regexp.MustCompile(`\s`).ReplaceAll(raw, nil)); n > maxCharacters {
		t.Errorf("%s has %d characters; want at most %d", path, n, maxCharacters)
	}
	var p policy
	if err := json.Unmarshal(raw, &p); err != nil || len(p.Statement) == 0 {
		t.Fatalf("%s: %d statements, %v", path, len(p.Statement), err)
	}
	for _, s := range p.Statement {
		if s.Effect != "Allow" || s.Sid == "" || len(s.Action) == 0 || len(s.Resource) == 0 {
			t.Fatalf("%s: statement %+v is not one that this test can evaluate", path, s)
		}
	}
	return p
}

// allows evaluates as IAM does (IAM User Guide, "Policy evaluation logic"), for policies without Deny.
func (p policy) allows(r request) bool {
	return slices.ContainsFunc(p.Statement, func(s statement) bool {
		return s.names(r.action) && like(s.Resource, r.resource, r.context) && s.applies(r.context)
	})
}

// admits reports whether a resource's policy itself lets a principal of its account in. Naming the account's root does
// not: it leaves the decision to the principal's own policies, which allows asks.
func (p policy) admits(who string, r request) bool {
	return slices.ContainsFunc(p.Statement, func(s statement) bool {
		return s.Effect == "Allow" && slices.Contains(s.Principal["AWS"], who) && s.names(r.action) && s.applies(r.context)
	})
}

func (s statement) names(action string) bool {
	return slices.ContainsFunc(
		s.Action,
		func(want string) bool { return glob(strings.ToLower(want), strings.ToLower(action)) },
	)
}

func (s statement) applies(context map[string]string) bool {
	for operator, keys := range s.Condition {
		operator, lenient := strings.CutSuffix(operator, "IfExists")
		for key, want := range keys {
			got, present := context[key]
			switch {
			case !present && lenient:
			case !present:
				return false
			case operator == "StringEquals" && !slices.Contains(filled(want, context), got):
				return false
			case (operator == "StringLike" || operator == "ArnLike") && !like(want, got, context):
				return false
			case !slices.Contains([]string{"StringEquals", "StringLike", "ArnLike"}, operator):
				panic("the test does not know the condition operator " + operator)
			}
		}
	}
	return true
}

// filled replaces policy variables.
func filled(values texts, context map[string]string) []string {
	var all []string
	for _, v := range values {
		all = append(all, strings.ReplaceAll(v, "${aws:PrincipalAccount}", context["aws:PrincipalAccount"]))
	}
	return all
}

func like(patterns texts, s string, context map[string]string) bool {
	return slices.ContainsFunc(filled(patterns, context), func(p string) bool { return glob(p, s) })
}

// globs are the patterns that were compiled: the same few are asked about every call.
var globs = map[string]*regexp.Regexp{}

// glob is IAM's wildcard match.
func glob(pattern, s string) bool {
	compiled, ok := globs[pattern]
	if !ok {
		quoted := strings.NewReplacer(`\*`, `.*`, `\?`, `.`).Replace(regexp.QuoteMeta(pattern))
		compiled = regexp.MustCompile(`^` + quoted + `$`)
		globs[pattern] = compiled
	}
	return compiled.MatchString(s)
}
