package localcloud

import (
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"sync"
)

var dynamicReference = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`\{\{resolve:([^}]*)\}\}`) })

// dynamic resolves {{resolve:secretsmanager:NAME:SecretString:KEY:STAGE:VERSION}} inside a text.
func (e *evaluator) dynamic(s string) (any, error) {
	var errs []error
	out := dynamicReference().ReplaceAllStringFunc(s, func(m string) string {
		v, err := e.secretValue(strings.TrimSuffix(strings.TrimPrefix(m, "{{resolve:"), "}}"))
		if err != nil {
			errs = append(errs, err)
		}
		return v
	})
	return out, errors.Join(errs...)
}

func (e *evaluator) secretValue(reference string) (string, error) {
	rest, ok := strings.CutPrefix(reference, "secretsmanager:")
	if !ok {
		return "", fmt.Errorf("the dynamic reference %.60q is not modelled", reference)
	}
	name, tail, _ := strings.Cut(rest, ":SecretString")
	secret, ok := e.secrets[name]
	if !ok {
		return "", fmt.Errorf("the secret %.100q does not exist", name)
	}
	key, _, _ := strings.Cut(strings.TrimPrefix(tail, ":"), ":")
	if key == "" {
		return secret, nil
	}
	var object map[string]any
	if err := json.Unmarshal([]byte(secret), &object); err != nil {
		return "", fmt.Errorf("the secret %s is no JSON object", name)
	}
	value, ok := object[key].(string)
	if !ok {
		return "", fmt.Errorf("the secret %s has no key %q", name, key)
	}
	return value, nil
}
