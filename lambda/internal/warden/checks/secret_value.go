package checks

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"

	"trailkeeper/lambda/config/deployment"
	"trailkeeper/lambda/internal/awsapi"
	"trailkeeper/lambda/internal/secret"
)

// secretValues reads each secret once in a run.
type secretValues struct {
	Tools

	mu   sync.Mutex
	read map[string]secretValue // by Region and name
}

// secretValue is a version of a secret.
type secretValue struct {
	version string
	value   secret.Value
}

// get is the current version of a secret in the Region of a resource. The error shows nothing of it.
func (v *secretValues) get(ctx context.Context, of deployment.Deployed, id string) (secretValue, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if got, ok := v.read[of.Region+" "+id]; ok {
		return got, nil
	}
	out, err := v.ask(ctx, of, "secretsmanager", "GetSecretValue", map[string]any{"SecretId": id})
	if err != nil {
		return secretValue{}, err
	}
	var members map[string]json.RawMessage
	if json.Unmarshal([]byte(awsapi.Text(out["SecretString"])), &members) != nil || members == nil {
		return secretValue{}, fmt.Errorf("the %s is %w", secret.Named(id), errNoObject)
	}
	texts := map[string]string{}
	for name, raw := range members {
		var text string
		if json.Unmarshal(raw, &text) == nil {
			texts[name] = text
		}
	}
	got := secretValue{awsapi.Text(out["VersionId"]), secret.NewValue(texts)}
	if v.read == nil {
		v.read = map[string]secretValue{}
	}
	v.read[of.Region+" "+id] = got
	return got, nil
}

// errNoObject says that a secret was read, and has no keys.
var errNoObject = errors.New("not a JSON object")

// spoiled reports whether an error of get says that there is no current version of the secret, or none with keys.
func spoiled(err error) bool { return missing(err) || errors.Is(err, errNoObject) }

// key is the text of a key of a secret that a property refers to.
func (v *secretValues) key(ctx context.Context, of deployment.Deployed, r reference) (secret.Key, error) {
	got, err := v.get(ctx, of, r.secret)
	if err != nil {
		return secret.Key{}, err
	}
	return got.value.Other(r.key), nil
}

// reference is a dynamic reference to a key of a secret, which CloudFormation resolves when it deploys.
type reference struct{ secret, key string }

// parseReference reads "{{resolve:secretsmanager:NAME:SecretString:KEY:STAGE:VERSION}}"; false: the text is another
// (CloudFormation User Guide, "Get a secret or secret value from Secrets Manager").
func parseReference(text string) (reference, bool) {
	rest, begins := strings.CutPrefix(text, "{{resolve:secretsmanager:")
	rest, ends := strings.CutSuffix(rest, "}}")
	name, tail, found := strings.Cut(rest, ":SecretString:")
	key, _, _ := strings.Cut(tail, ":")
	if !begins || !ends || !found || name == "" || key == "" || strings.Contains(rest, "{{") {
		return reference{}, false
	}
	return reference{name, key}, true
}
