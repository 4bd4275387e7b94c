package checks_test

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"

	"trailkeeper/events"
	"trailkeeper/lambda/config/deployment"
	"trailkeeper/lambda/internal/awsapi"
	"trailkeeper/lambda/internal/clock"
	"trailkeeper/lambda/internal/localcloud"
	"trailkeeper/lambda/internal/warden/check"
	"trailkeeper/lambda/internal/warden/checks"
)

// world is the loopback cloud with a deployment, as whoever checks it sees it.
type world struct {
	cloud    *localcloud.Cloud
	client   *awsapi.Client
	deployed []deployment.Deployed
	tools    checks.Tools
}

const (
	secret = `{"webhook":"https://hooks.slack.com/services/T0/B0/hook","bot_token":"xoxb-1",
		"opsgenie_url":"https://api.opsgenie.com/v1/json/amazonsns?apiKey=x","pager_url":"https://events.pagerduty.com/x"}`
)

// stackOf is the name of a golden template's stack.
func stackOf(variant string) string {
	if variant == "everything" {
		return "trailkeeper-all"
	}
	return "trailkeeper"
}

// deployed deploys a golden template.
func deployed(t *testing.T, variant string) *world {
	t.Helper()
	template, err := os.ReadFile("../../../../cdk/golden/" + variant + ".json")
	if err != nil {
		t.Fatal(err)
	}
	c, err := localcloud.New(localcloud.Options{
		Template: template, Account: "111122223333", Region: "eu-west-1", Stack: stackOf(variant),
		Secrets: map[string]string{"trailkeeper": secret, "security/trailkeeper": secret},
		NewHandler: func(context.Context, localcloud.FunctionEnv) (localcloud.Handler, error) {
			return nil, fmt.Errorf("no function runs here")
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	w := &world{cloud: c, client: &awsapi.Client{
		HTTP: http.DefaultClient,
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: "operator", SecretAccessKey: "local"}, nil
		}),
		Getenv: func(name string) string { return map[string]string{"AWS_ENDPOINT_URL": c.Endpoint()}[name] },
		Now:    c.Now,
	}}
	w.resolve(t, stackOf(variant), template)
	return w
}

// resolve resolves the description of the template with the record that the stack has.
func (w *world) resolve(t *testing.T, stack string, template []byte) {
	t.Helper()
	d, err := deployment.Describe(stack, deployment.Template{Content: template})
	if err != nil {
		t.Fatal(err)
	}
	out := w.call(t, "ssm", "GetParameter", map[string]any{"Name": deployment.ParameterName(stack)})
	r, err := deployment.ParseRecord([]byte(awsapi.Text(awsapi.Object(out["Parameter"])["Value"])))
	if err != nil {
		t.Fatal(err)
	}
	place := events.Place{Partition: "aws", Region: "eu-west-1", Account: "111122223333"}
	if foreign := r.Foreign(d, place); foreign != nil {
		t.Errorf("the record has names that CloudFormation does not give: %v", foreign)
	}
	w.deployed = append(d.Resolve(deployment.PartGuard, r, place, "amazonaws.com"),
		d.Resolve(deployment.PartWarden, r, place, "amazonaws.com")...)
	w.tools = checks.Tools{
		Call: w.client.Call, Clock: clock.Real(), Record: r, All: w.deployed,
	}
}

// call makes a call as the operator.
func (w *world) call(t *testing.T, service, operation string, input map[string]any) map[string]any {
	t.Helper()
	out, err := w.client.Call(t.Context(), awsapi.Call{
		Service: service, Region: "eu-west-1", Operation: operation, Input: input,
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// named is the physical name of a resource, by its logical ID without CDK's hash.
func (w *world) named(id string) string {
	for _, of := range w.deployed {
		if strings.TrimRight(of.ID, "0123456789ABCDEF") == id {
			return of.Name
		}
	}
	return ""
}

// found are the differences of the resources of services, a line each with the resource before it.
func (w *world) found(t *testing.T, services ...string) map[string][]check.Difference {
	t.Helper()
	all := map[string][]check.Difference{}
	types := checks.Types(w.tools)
	for _, of := range w.deployed {
		if service := strings.Split(of.Type, "::")[1]; !slices.Contains(services, service) || types[of.Type] == nil {
			continue
		}
		if of.Unresolved != nil {
			t.Errorf("%s: %v", of.ID, of.Unresolved)
			continue
		}
		differences, err := types[of.Type](t.Context(), of)
		if err != nil {
			t.Errorf("%s (%s): %v", of.ID, of.Type, err)
		}
		if len(differences) > 0 {
			all[strings.TrimRight(of.ID, "0123456789ABCDEF")] = differences
		}
	}
	return all
}

// lines are the differences as text does them, with the resource before them.
func lines(found map[string][]check.Difference) string {
	var all []string
	for id, differences := range found {
		for line := range strings.SplitSeq(text(differences), "\n") {
			all = append(all, id+": "+line)
		}
	}
	slices.Sort(all)
	return strings.Join(all, "\n")
}

var compute = []string{"Lambda", "IAM", "Scheduler", "Logs"}

// TestGoldensAreAsDeployed: of a deployment that nobody has touched nothing is found, whatever its settings.
func TestGoldensAreAsDeployed(t *testing.T) {
	for _, variant := range []string{"default", "watch", "everything", "archive", "recreate", "many-accounts"} {
		t.Run(variant, func(t *testing.T) {
			if got := lines(deployed(t, variant).found(t, compute...)); got != "" {
				t.Error(got)
			}
		})
	}
}

// as has the checks made with the role of a function.
func (w *world) as(t *testing.T, function string) {
	t.Helper()
	env, ok := w.cloud.Environment(function)
	if !ok {
		t.Fatalf("there is no function %s", function)
	}
	w.client.Credentials = aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
		return aws.Credentials{
			AccessKeyID: env.Getenv("AWS_ACCESS_KEY_ID"), SecretAccessKey: "local", SessionToken: env.Getenv("AWS_SESSION_TOKEN"),
		}, nil
	})
}

// partOf leaves the resources of a part.
func (w *world) partOf(part deployment.Part) {
	w.deployed = slices.DeleteFunc(slices.Clone(w.deployed), func(of deployment.Deployed) bool {
		return strings.HasPrefix(of.ID, deployment.WardenID) != (part == deployment.PartWarden)
	})
}

// TestRolesMayCheck: guard and warden may make every call that the checks of the other's part need.
func TestRolesMayCheck(t *testing.T) {
	for _, variant := range []string{"default", "watch", "everything", "archive", "recreate", "many-accounts"} {
		for function, part := range map[string]deployment.Part{
			"WardenFunction": deployment.PartGuard, "GuardFunction": deployment.PartWarden,
		} {
			t.Run(variant+" "+function, func(t *testing.T) {
				w := deployed(t, variant)
				w.as(t, function)
				w.partOf(part)
				if got := lines(w.found(t, compute...)); got != "" {
					t.Error(got)
				}
			})
		}
	}
}
