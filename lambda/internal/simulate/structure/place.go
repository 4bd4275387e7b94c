package structure

import (
	"bytes"
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"sync"

	"trailkeeper/lambda/config"
)

var regionalARN = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`"arn:aws[a-z-]*:[a-z0-9-]+:([a-z0-9-]+):([0-9]{12}):`)
})

// PlaceOf is where a template is meant to be deployed, as far as it says so; what it does not say is empty. The accounts
// whose log files are read are others.
func PlaceOf(template []byte) (account, region, stack string) {
	others := grantedFor(template, "s3:GetObject", "aws:ResourceAccount")
	for _, m := range regionalARN().FindAllSubmatch(template, -1) {
		if !slices.Contains(others, string(m[2])) {
			region, account = string(m[1]), string(m[2])
			break
		}
	}
	return account, region, environment(template)[config.EnvStack]
}

// Lists are the lists that the function's asset would hold, as far as the template shows them: the accounts whose
// trails its role may change.
func Lists(template []byte) config.Lists {
	return config.Lists{Accounts: grantedFor(template, "cloudtrail:", "aws:ResourceAccount")}
}

// Granted are the values that the statements of the template demand of a condition key.
func Granted(template []byte, key string) []string {
	var t any
	if !bytes.Contains(template, []byte(key)) || json.Unmarshal(template, &t) != nil {
		return nil // localcloud says what is wrong with it
	}
	var found []string
	collect(t, key, &found)
	return found
}

// grantedFor are the values of a condition key in the statements about actions that begin so.
func grantedFor(template []byte, action, key string) []string {
	var t any
	if !bytes.Contains(template, []byte(key)) || json.Unmarshal(template, &t) != nil {
		return nil // as above
	}
	var found []string
	var walk func(v any)
	walk = func(v any) {
		switch v := v.(type) {
		case []any:
			for _, one := range v {
				walk(one)
			}
		case map[string]any:
			about := slices.ContainsFunc(asList(v["Action"]), func(a any) bool {
				text, _ := a.(string)
				return strings.HasPrefix(text, action)
			})
			if about {
				collect(v["Condition"], key, &found)
				return
			}
			for _, one := range v {
				walk(one)
			}
		}
	}
	walk(t)
	return found
}

func collect(v any, key string, into *[]string) {
	switch v := v.(type) {
	case []any:
		for _, one := range v {
			collect(one, key, into)
		}
	case map[string]any:
		for name, value := range v {
			if name != key {
				collect(value, key, into)
				continue
			}
			for _, one := range asList(value) {
				if text, ok := one.(string); ok {
					*into = append(*into, text)
				}
			}
		}
	}
}

func asList(v any) []any {
	if list, ok := v.([]any); ok {
		return list
	}
	return []any{v}
}
