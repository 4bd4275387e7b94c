package cloudformation

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
func (s *Stack) dynamic(text string) (any, error) {
	var errs []error
	out := dynamicReference().ReplaceAllStringFunc(text, func(m string) string {
		v, err := s.secretValue(strings.TrimSuffix(strings.TrimPrefix(m, "{{resolve:"), "}}"))
		if err != nil {
			errs = append(errs, err)
		}
		return v
	})
	return out, errors.Join(errs...)
}

// versionID has the form of Secrets Manager's version IDs; a template that pins one is taken to pin the current one.
var versionID = sync.OnceValue(
	func() *regexp.Regexp { return regexp.MustCompile(`^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$`) },
)

// Pinned are the versions that the template's references to secrets name, by the secrets' names.
func (s *Stack) Pinned() map[string]string { return s.pinned }

func (s *Stack) secretValue(reference string) (string, error) {
	rest, ok := strings.CutPrefix(reference, "secretsmanager:")
	if !ok {
		return "", fmt.Errorf("the dynamic reference %.60q is not modelled", reference)
	}
	name, tail, _ := strings.Cut(rest, ":SecretString")
	secret, ok := s.secrets[name]
	if !ok {
		return "", fmt.Errorf("the secret %.100q does not exist", name)
	}
	key, version, _ := strings.Cut(strings.TrimPrefix(tail, ":"), ":")
	if stage, id, _ := strings.Cut(version, ":"); (stage != "" && stage != "AWSCURRENT") ||
		(id != "" && !versionID().MatchString(id)) {
		return "", fmt.Errorf("the secret %.100q has no version %.100q; want its current one", name, version)
	}
	if _, id, _ := strings.Cut(version, ":"); id != "" {
		s.pinned[name] = id
	}
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
