package checks_test

import (
	"context"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
)

// TestWardenMayCheckTheState: the warden's role may make every call of these checks, whatever the settings, and sees what
// the operator sees.
func TestWardenMayCheckTheState(t *testing.T) {
	for _, variant := range []string{
		"default", "watch", "everything", "archive", "recreate", "many-accounts", "bot-token", "slack-only", "sns-only", "protect",
		"direct", "notify", "metric-filters",
	} {
		t.Run(variant, func(t *testing.T) {
			w := deployed(t, variant).withSecrets()
			env, ok := w.cloud.Environment("WardenFunction")
			if !ok {
				t.Fatal("there is no warden")
			}
			w.client.Credentials = aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
				return aws.Credentials{AccessKeyID: env.Getenv("AWS_ACCESS_KEY_ID"), SecretAccessKey: "local"}, nil
			})
			if got := lines(w.found(t, stateful...)); got != "" {
				t.Error(got)
			}
		})
	}
}
