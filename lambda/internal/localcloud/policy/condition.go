package policy

import (
	"fmt"
	"slices"
	"strings"
	"sync"
)

// conditionOperators are those that statements may use here, all that say "Not" by the operator that they negate.
var conditionOperators = sync.OnceValue(func() map[string]func(got, want string) bool {
	return map[string]func(got, want string) bool{
		"StringEquals": func(got, want string) bool { return got == want },
		"StringLike":   Like,
		"ArnEquals":    Like,
		"ArnLike":      Like,
		"Bool":         strings.EqualFold,
	}
})

// forAnyValue begins an operator on a key of several values, one of which must fit.
const forAnyValue = "ForAnyValue:"

// operator splits a condition operator into what it compares with, and whether it negates and takes an absent key for
// met.
func operator(op string) (compare func(got, want string) bool, negated, ifExists bool) {
	if rest, any := strings.CutPrefix(op, forAnyValue); any {
		return conditionOperators()[rest], false, false // met by no key that is absent; "Not" is not modelled
	}
	op, ifExists = strings.CutSuffix(op, "IfExists")
	for _, kind := range []string{"String", "Arn"} {
		if rest, ok := strings.CutPrefix(op, kind+"Not"); ok {
			op, negated = kind+rest, true
		}
	}
	return conditionOperators()[op], negated, ifExists
}

// null is the operator that asks whether a key is absent.
const null = "Null"

func (s Statement) conditionsMet(a Access) bool {
	for op, keys := range s.Condition {
		compare, negated, ifExists := operator(op)
		for key, want := range keys {
			got, ok := a.value(key)
			if op == null {
				if !slices.Contains(want, fmt.Sprint(!ok)) {
					return false
				}
				continue
			}
			if !ok {
				if negated || ifExists {
					continue
				}
				return false
			}
			if slices.ContainsFunc(want, func(w string) bool { return fits(op, got, w, compare) }) == negated {
				return false
			}
		}
	}
	return true
}

// fits compares a key's value, or each of its Values, with one that is wanted.
func fits(op, got, want string, compare func(got, want string) bool) bool {
	if !strings.HasPrefix(op, forAnyValue) {
		return compare(got, want)
	}
	return slices.ContainsFunc(strings.Split(got, valuesSeparator), func(one string) bool { return compare(one, want) })
}

// valuesSeparator is in no value of a key.
const valuesSeparator = "\x00"

// Values are several values of a condition key, as a Context has them.
func Values(all []string) string { return strings.Join(all, valuesSeparator) }

// value is that of a condition key. Loopback stands in for TLS.
func (a Access) value(key string) (string, bool) {
	switch key = strings.ToLower(key); {
	case key == "aws:securetransport":
		return "true", true
	case key == "aws:principalisawsservice":
		return fmt.Sprint(a.service()), true
	case key == "aws:principalarn" && !a.service():
		return a.Who, true // of a session: its role
	case key == "aws:resourceaccount" && a.Owner() != "":
		return a.Owner(), true
	case key == "aws:resourceorgid" && a.Organization != "":
		return a.Organization, true
	case key == "aws:principalaccount" && !a.service():
		return accountIn(a.Who), true
	}
	for k, v := range a.Context {
		if strings.EqualFold(k, key) {
			return v, true
		}
	}
	return "", false
}

func matchAny(patterns []string, s string, fold bool) bool {
	return slices.ContainsFunc(patterns, func(p string) bool {
		if fold {
			return Like(strings.ToLower(s), strings.ToLower(p))
		}
		return Like(s, p)
	})
}

// Like is IAM's wildcard match: '*' is any run of characters, '?' one.
func Like(s, pattern string) bool {
	for len(pattern) > 0 {
		if pattern[0] == '*' {
			for i := len(s); i >= 0; i-- {
				if Like(s[i:], pattern[1:]) {
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
