package simulate

import (
	"bytes"
	"encoding/json"

	"trailkeeper/lambda/config"
)

// listsOf are the lists that the function's asset would hold, as far as the template shows them: the accounts whose
// trails its role may change.
func listsOf(template []byte) config.Lists {
	return config.Lists{Accounts: granted(template, "aws:ResourceAccount")}
}

// granted are the values that the statements of the template demand of a condition key.
func granted(template []byte, key string) []string {
	var t any
	if !bytes.Contains(template, []byte(key)) || json.Unmarshal(template, &t) != nil {
		return nil // localcloud says what is wrong with it
	}
	var found []string
	collect(t, key, &found)
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
