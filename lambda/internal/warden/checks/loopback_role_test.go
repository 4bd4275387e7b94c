package checks_test

import (
	"context"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"

	"trailkeeper/lambda/config/deployment"
	"trailkeeper/lambda/internal/awsapi"
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

// TestRolesGone: guard and warden see of each other's role that it is gone: IAM asks for the permission on its name
// alone, without the path that their other grants have.
func TestRolesGone(t *testing.T) {
	for role, test := range map[string]struct {
		by   string
		part deployment.Part
	}{
		"SlackRole":      {"WardenFunction", deployment.PartGuard},
		"WardenRunsRole": {"GuardFunction", deployment.PartWarden},
	} {
		w := deployed(t, "default")
		name := map[string]any{"RoleName": w.named(role)}
		for _, p := range awsapi.List(w.call(t, "iam", "ListRolePolicies", name)["PolicyNames"]) {
			w.call(t, "iam", "DeleteRolePolicy", map[string]any{"RoleName": w.named(role), "PolicyName": p})
		}
		w.call(t, "iam", "DeleteRole", name)
		w.partOf(test.part)
		w.as(t, test.by)
		if got := lines(w.found(t, "IAM")); !begins(got, role+": resource: the role "+w.named(role)+" -> none") {
			t.Errorf("%s sees of %s: %s", test.by, role, got)
		}
	}
}
