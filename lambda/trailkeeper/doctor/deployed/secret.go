package deployed

import (
	"cmp"
	"context"
	"encoding/json"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"

	"trailkeeper/lambda/internal/secret"
)

// Secret is the deployment's one secret, as the operator's credentials read it.
type Secret struct {
	// Name is its name or ARN; empty: the deployment has none.
	Name string
	// Err is why it could not be read, as the SDK says it.
	Err   error
	Form  bool // it is a JSON object
	Value secret.Value
}

// Readable reports whether the keys are known.
func (s Secret) Readable() bool { return s.Name != "" && s.Err == nil && s.Form }

// Secret reads the secret, once.
func (d *Deployment) Secret(ctx context.Context) Secret {
	if d.secret == nil {
		d.secret = &Secret{Name: d.secretName()}
		if d.secret.Name != "" {
			d.secret.read(ctx, d.AWS)
		}
	}
	return *d.secret
}

// secretName is the stack's output, or else what the guard is told, which is easier changed.
func (d *Deployment) secretName() string {
	return cmp.Or(d.Outputs["SecretName"], d.Guard.Settings.SlackSecret, d.Guard.Settings.Heartbeat.Secret)
}

func (s *Secret) read(ctx context.Context, cfg aws.Config) {
	out, err := secretsmanager.NewFromConfig(cfg).GetSecretValue(ctx, &secretsmanager.GetSecretValueInput{
		SecretId: aws.String(s.Name),
	})
	if err != nil {
		s.Err = err
		return
	}
	var keys map[string]any
	s.Form = json.Unmarshal([]byte(aws.ToString(out.SecretString)), &keys) == nil && keys != nil
	texts := map[string]string{}
	for name, value := range keys {
		if text, ok := value.(string); ok {
			texts[name] = text
		}
	}
	s.Value = secret.NewValue(texts)
}
