package localcloud

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
)

// policyDocument is an IAM policy (IAM User Guide, "IAM JSON policy elements").
type policyDocument struct {
	Version   string
	ID        string `json:"Id"`
	Statement statements
}

type statements []statement

// UnmarshalJSON accepts one statement or a list.
func (s *statements) UnmarshalJSON(b []byte) error { return oneOrMany(b, (*[]statement)(s)) }

type statement struct {
	Sid       string
	Effect    string
	Principal principals
	Action    texts
	Resource  texts
	Condition map[string]map[string]texts
}

type texts []string

// UnmarshalJSON accepts one value or a list; booleans and numbers are texts.
func (t *texts) UnmarshalJSON(b []byte) error {
	var values []any
	if err := oneOrMany(b, &values); err != nil {
		return err
	}
	for _, v := range values {
		*t = append(*t, fmt.Sprint(v))
	}
	return nil
}

// principals maps "AWS", "Service" and so on to whom; "*" is everybody.
type principals map[string]texts

// UnmarshalJSON accepts "*" and an object.
func (p *principals) UnmarshalJSON(b []byte) error {
	if string(b) == `"*"` {
		*p = principals{"AWS": {"*"}}
		return nil
	}
	var m map[string]texts
	if err := json.Unmarshal(b, &m); err != nil {
		return err
	}
	*p = m
	return nil
}

func oneOrMany[T any](b []byte, out *[]T) error {
	if string(b) == "null" {
		return nil
	}
	if len(b) > 0 && b[0] == '[' {
		return strictly(b, out)
	}
	var one T
	if err := strictly(b, &one); err != nil {
		return err
	}
	*out = []T{one}
	return nil
}

// conditionOperators are those that statements may use here, all that say "Not" by the operator that they negate.
var conditionOperators = sync.OnceValue(func() map[string]func(got, want string) bool {
	return map[string]func(got, want string) bool{
		"StringEquals": func(got, want string) bool { return got == want },
		"StringLike":   like,
		"ArnEquals":    like,
		"ArnLike":      like,
		"Bool":         strings.EqualFold,
	}
})

// operator splits a condition operator into what it compares with, and whether it negates and takes an absent key for met.
func operator(op string) (compare func(got, want string) bool, negated, ifExists bool) {
	op, ifExists = strings.CutSuffix(op, "IfExists")
	for _, kind := range []string{"String", "Arn"} {
		if rest, ok := strings.CutPrefix(op, kind+"Not"); ok {
			op, negated = kind+rest, true
		}
	}
	return conditionOperators()[op], negated, ifExists
}

// check refuses what the evaluation does not model.
func (d policyDocument) check() error {
	var errs []error
	for i, s := range d.Statement {
		if s.Effect != "Allow" && s.Effect != "Deny" {
			errs = append(errs, fmt.Errorf("statement %d: Effect %q", i, s.Effect))
		}
		for op := range s.Condition {
			if compare, _, _ := operator(op); compare == nil {
				errs = append(errs, fmt.Errorf("statement %d: the condition operator %s is not modelled", i, op))
			}
		}
	}
	return errors.Join(errs...)
}

// access is one question to IAM.
type access struct {
	who      string // the ARN of a role or user, or a service's principal such as events.amazonaws.com
	action   string
	resource string
	context  map[string]string // condition keys, besides those that value knows

	organization string // of the resource's account; empty: none
}

// owner is the account in the resource's ARN; empty: the ARN has none.
func (a access) owner() string { return strings.Split(a.resource+":::::", ":")[4] }

func (a access) service() bool { return !strings.HasPrefix(a.who, "arn:") }

// verdict is what a set of policies says.
type verdict int

const (
	silent verdict = iota
	allowed
	denied
)

// ask evaluates the statements. Identity policies have no principal; account is whose root a resource policy's delegation means.
func ask(docs []policyDocument, a access, resourcePolicy bool, account string) verdict {
	result := silent
	for _, d := range docs {
		for _, s := range d.Statement {
			if resourcePolicy && !s.Principal.covers(a, account) {
				continue
			}
			if !matchAny(s.Action, a.action, true) || !matchAny(s.Resource, a.resource, false) || !s.conditionsMet(a) {
				continue
			}
			if s.Effect == "Deny" {
				return denied
			}
			result = allowed
		}
	}
	return result
}

// covers reports whether the principal element means the caller. An account's root stands for every principal of the account that
// its own policies allow, which authorize checks as well.
func (p principals) covers(a access, account string) bool {
	if a.service() {
		return slices.Contains(p["Service"], a.who) || slices.Contains(p["AWS"], "*")
	}
	return slices.ContainsFunc(p["AWS"], func(want string) bool {
		return want == "*" || want == a.who || want == account || strings.HasSuffix(want, ":"+account+":root")
	})
}

// direct reports whether the principal element names the caller or everybody, so that no identity policy is needed.
func direct(docs []policyDocument, a access) bool {
	for _, d := range docs {
		for _, s := range d.Statement {
			if s.Effect == "Allow" && matchAny(s.Action, a.action, true) && s.conditionsMet(a) &&
				(slices.Contains(s.Principal["AWS"], a.who) || slices.Contains(s.Principal["AWS"], "*")) {
				return true
			}
		}
	}
	return false
}

func (s statement) conditionsMet(a access) bool {
	for op, keys := range s.Condition {
		compare, negated, ifExists := operator(op)
		for key, want := range keys {
			got, ok := a.value(key)
			if !ok {
				if negated || ifExists {
					continue
				}
				return false
			}
			if slices.ContainsFunc(want, func(w string) bool { return compare(got, w) }) == negated {
				return false
			}
		}
	}
	return true
}

// value is that of a condition key. Loopback stands in for TLS.
func (a access) value(key string) (string, bool) {
	switch key = strings.ToLower(key); {
	case key == "aws:securetransport":
		return "true", true
	case key == "aws:principalisawsservice":
		return fmt.Sprint(a.service()), true
	case key == "aws:principalarn" && !a.service():
		return a.who, true // of a session: its role
	case key == "aws:resourceaccount" && a.owner() != "":
		return a.owner(), true
	case key == "aws:resourceorgid" && a.organization != "":
		return a.organization, true
	case key == "aws:principalaccount" && !a.service():
		return strings.Split(a.who+":::::", ":")[4], true
	}
	for k, v := range a.context {
		if strings.EqualFold(k, key) {
			return v, true
		}
	}
	return "", false
}

func matchAny(patterns []string, s string, fold bool) bool {
	return slices.ContainsFunc(patterns, func(p string) bool {
		if fold {
			return like(strings.ToLower(s), strings.ToLower(p))
		}
		return like(s, p)
	})
}

// like is IAM's wildcard match: '*' is any run of characters, '?' one.
func like(s, pattern string) bool {
	for len(pattern) > 0 {
		if pattern[0] == '*' {
			for i := len(s); i >= 0; i-- {
				if like(s[i:], pattern[1:]) {
					return true
				}
			}
			return false
		}
		if len(s) == 0 || (pattern[0] != '?' && pattern[0] != s[0]) {
			return false
		}
		s, pattern = s[1:], pattern[1:]
	}
	return len(s) == 0
}
