package compare

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"trailkeeper/events"
	"trailkeeper/lambda/internal/sanitize"
)

// Policy reports whether two policies, each a text or a tree, grant the same, as far as their form shows: the order of
// statements and of the members of their lists does not count, nor do Sid and Id, nor whether a list of one is a list, nor
// the case of actions and condition keys. Without a Version a policy has that of 2008. The principals "*" and {"AWS": "*"} are the same, and so are an account and
// its root. The ID of a deleted user or role (AIDA…, AROA…), which AWS shows instead of its ARN, is neither (IAM User
// Guide, "IAM JSON policy elements reference").
func Policy(want, got any) bool {
	a, errA := statements(want)
	b, errB := statements(got)
	return errA == nil && errB == nil && slices.Equal(a, b)
}

// ShowPolicies is what two policies have that the other has not, for people to read.
func ShowPolicies(want, got any) (wanted, found string) {
	a, errA := statements(want)
	b, errB := statements(got)
	return showPolicy(want, a, b, errA), showPolicy(got, b, a, errB)
}

func showPolicy(of any, own, other []string, err error) string {
	switch {
	case of == nil || of == "":
		return "none"
	case err != nil:
		return "no policy that can be read: " + sanitize.Bound(err.Error(), maxShown)
	}
	var only []string
	for _, s := range own {
		if !slices.Contains(other, s) {
			only = append(only, s)
		}
	}
	if len(only) == 0 {
		return fmt.Sprintf("%d statements, all of which the other has", len(own))
	}
	return fmt.Sprintf("%d statements, of which only here: %s", len(own), bounded(strings.Join(only, ", "), 2*maxShown))
}

// statements are those of a policy in a canonical form, in order, each once.
func statements(policy any) ([]string, error) {
	if policy == nil || policy == "" {
		return nil, nil
	}
	t, err := tree(policy)
	if err != nil {
		return nil, err
	}
	document, ok := t.(map[string]any)
	if !ok {
		return nil, errors.New("a policy is an object")
	}
	var out []string
	for _, s := range list(document["Statement"]) {
		statement, ok := s.(map[string]any)
		if !ok {
			return nil, errors.New("a statement is an object")
		}
		out = append(out, canonical(statementOf(statement)))
	}
	out = append(out, others(document)...)
	slices.Sort(out)
	return slices.Compact(out), nil
}

// others are what a policy has besides its statements that counts: its version, as variables mean nothing in the older one,
// and what nobody knows here.
func others(document map[string]any) []string {
	var out []string
	version := "2008-10-17"
	for key, value := range document {
		switch key {
		case "Statement", "Id":
		case "Version":
			version = Text(value)
		default:
			out = append(out, canonical(key+" "+canonical(value)))
		}
	}
	if version != "2012-10-17" {
		out = append(out, canonical("Version "+version))
	}
	return out
}

func statementOf(of map[string]any) map[string]any {
	out := map[string]any{}
	for key, value := range of {
		switch key {
		case "Sid":
		case "Effect":
			out[key] = value
		case "Action", "NotAction":
			out[key] = texts(value, strings.ToLower)
		case "Principal", "NotPrincipal":
			out[key] = principals(value)
		case "Condition":
			out[key] = conditions(value)
		default:
			out[key] = texts(value, func(s string) string { return s })
		}
	}
	return out
}

// list is a list, or one of the one value.
func list(v any) []any {
	switch v := v.(type) {
	case nil:
		return nil
	case []any:
		return v
	}
	return []any{v}
}

// texts are the members of a list, or the one value, in order, each once. A value of another form stays as it is.
func texts(v any, as func(string) string) any {
	var out []string
	for _, member := range list(v) {
		s, ok := text(member).(string)
		if !ok {
			return v
		}
		out = append(out, as(s))
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// accountOf is the account where a principal is one's root, and the principal itself otherwise.
func accountOf(principal string) string {
	a, err := events.ParseARN(principal)
	if err == nil && a.Service == "iam" && a.Resource == "root" && a.Account != "" {
		return a.Account
	}
	return principal
}

func principals(v any) any {
	if v == "*" {
		v = map[string]any{"AWS": "*"}
	}
	kinds, ok := v.(map[string]any)
	if !ok {
		return v
	}
	out := map[string]any{}
	for kind, who := range kinds {
		out[kind] = texts(who, accountOf)
	}
	return out
}

func conditions(v any) any {
	operators, ok := v.(map[string]any)
	if !ok {
		return v
	}
	out := map[string]any{}
	for operator, of := range operators {
		keys, ok := of.(map[string]any)
		if !ok {
			return v
		}
		conditions := map[string]any{}
		for key, values := range keys {
			key = strings.ToLower(key)
			if _, twice := conditions[key]; twice {
				return v // in another case: which of them counts nobody says
			}
			conditions[key] = texts(values, func(s string) string { return s })
		}
		out[operator] = conditions
	}
	return out
}
