package structure

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"sync"

	"trailkeeper/lambda/config"
	"trailkeeper/lambda/internal/memo"
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
func Granted(template []byte, key string) []string { return grantedFor(template, "", key) }

// grant is a question about a template: which values of a condition key the statements demand that are about actions
// that begin so.
type grant struct {
	template    [sha256.Size]byte
	action, key string
}

var grantsOf = memo.New[grant, []string](4 * mostTemplates)

// grantedFor answers it. Without an action every statement counts. The answer is kept as Of keeps the template.
func grantedFor(template []byte, action, key string) []string {
	return slices.Clone(grantsOf.Of(grant{sha256.Sum256(template), action, key}, func() []string {
		var t any
		if !bytes.Contains(template, []byte(key)) || json.Unmarshal(template, &t) != nil {
			return nil // localcloud says what is wrong with it
		}
		var found []string
		if action == "" {
			collect(t, key, &found)
		} else {
			collectFor(t, action, key, &found)
		}
		return found
	}))
}

// collectFor collects from the statements about actions that begin so.
func collectFor(v any, action, key string, into *[]string) {
	switch v := v.(type) {
	case []any:
		for _, one := range v {
			collectFor(one, action, key, into)
		}
	case map[string]any:
		about := slices.ContainsFunc(asList(v["Action"]), func(a any) bool {
			text, _ := a.(string)
			return strings.HasPrefix(text, action)
		})
		if about {
			collect(v["Condition"], key, into)
			return
		}
		for _, one := range v {
			collectFor(one, action, key, into)
		}
	}
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
