package doctor

import (
	"context"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	awslambda "github.com/aws/aws-sdk-go-v2/service/lambda"

	"trailkeeper/lambda/config"
	"trailkeeper/lambda/internal/awsapi"
	"trailkeeper/lambda/internal/awsenv"
	"trailkeeper/lambda/internal/localcloud"
	"trailkeeper/lambda/trailkeeper/doctor/checks/parts"
	"trailkeeper/lambda/trailkeeper/doctor/deployed"
	"trailkeeper/lambda/trailkeeper/doctor/verdict"
)

// ask makes a call of AWS with no SDK of its own.
func (w *world) ask(service, operation string, input map[string]any) map[string]any {
	w.t.Helper()
	client, err := awsenv.HTTPClient(os.Getenv)
	if err != nil {
		w.t.Fatal(err)
	}
	api := awsapi.Client{HTTP: client, Credentials: w.sdk().Credentials, Getenv: os.Getenv, Now: time.Now}
	out, err := api.Call(w.t.Context(), awsapi.Call{Service: service, Region: "eu-west-1", Operation: operation, Input: input})
	if err != nil {
		w.t.Fatalf("%s: %v", operation, err)
	}
	return out
}

// record changes the record of the deployment.
func (w *world) record(change func(value string) string) {
	w.t.Helper()
	const parameter = "trailkeeper-deployment"
	value := awsapi.Text(awsapi.Object(w.ask("ssm", "GetParameter", map[string]any{"Name": parameter})["Parameter"])["Value"])
	w.ask("ssm", "PutParameter", map[string]any{"Name": parameter, "Value": change(value), "Overwrite": true})
}

// rewrite writes over what follows a text of the record.
func rewrite(from, to string) tamper {
	return func(_ context.Context, w *world) error {
		w.record(func(value string) string {
			i := strings.Index(value, from)
			if i < 0 {
				w.t.Fatalf("the record has no %s", from)
			}
			i += len(from)
			return value[:i] + to + value[i+len(to):]
		})
		return nil
	}
}

// TestParts: what no other check looks at is compared with the stack's template by the warden's checks.
func TestParts(t *testing.T) {
	function := func(operation string, more map[string]any) tamper {
		return func(_ context.Context, w *world) error {
			input := map[string]any{"FunctionName": w.name("GuardFunction")}
			for k, v := range more {
				input[k] = v
			}
			w.ask("lambda", operation, input)
			return nil
		}
	}
	sweep := func(_ context.Context, w *world) error {
		schedule := w.ask("scheduler", "GET /schedules/{Name}", map[string]any{"Name": "trailkeeper-sweep"})
		schedule["State"] = "DISABLED"
		for _, answered := range []string{"Arn", "CreationDate", "LastModificationDate"} {
			delete(schedule, answered)
		}
		w.ask("scheduler", "PUT /schedules/{Name}", schedule)
		return nil
	}
	denied := func(action string) tamper {
		return func(_ context.Context, w *world) error {
			w.cloud.AddPrincipal(localcloud.Principal{
				AccessKey: "operator", Account: "111122223333", UserName: "operator",
				Denied: map[string]string{action: localcloud.NoIdentityPolicy},
			})
			return nil
		}
	}
	for name, test := range map[string]struct {
		do     tamper
		status verdict.Status
		says   string
	}{
		"as deployed": {nothing, verdict.OK, "that the warden and the guard check are as they were deployed"},
		"other code": {
			function("PUT /2015-03-31/functions/{FunctionName}/code", map[string]any{"ZipFile": "eA=="}), verdict.Error, "(CodeSha256).",
		},
		"no sweep": {sweep, verdict.Error, "Scheduler::Schedule trailkeeper-sweep (State)."},
		"environment": {
			tell(map[string]string{config.EnvRecorded: "", "TRAILKEEPER_RUNBOOK": "https://evil.example/"}), verdict.Error, "Lambda::Function GuardFunction9CCE20FB (Environment.TRAILKEEPER_RECORDED and 1 more).",
		},
		"no role policy": {func(_ context.Context, w *world) error {
			list := w.ask("iam", "ListRolePolicies", map[string]any{"RoleName": w.name("GuardRole")})
			w.ask("iam", "DeleteRolePolicy", map[string]any{"RoleName": w.name("GuardRole"), "PolicyName": awsapi.Text(awsapi.List(list["PolicyNames"])[0])})
			return nil
		}, verdict.Error, "IAM::"},
		"what another check says": {func(ctx context.Context, w *world) error {
			_, err := eventbridge.NewFromConfig(w.sdk()).DisableRule(ctx, &eventbridge.DisableRuleInput{Name: aws.String("trailkeeper-change")})
			return err
		}, verdict.OK, "Besides what other lines say, all "},
		"no record": {func(_ context.Context, w *world) error {
			w.ask("ssm", "DeleteParameter", map[string]any{"Name": "trailkeeper-deployment"})
			return nil
		}, verdict.Error, "The parameter trailkeeper-deployment is gone"},
		"other code, and it is in the record": {all(
			function("PUT /2015-03-31/functions/{FunctionName}/code", map[string]any{"ZipFile": "eA=="}),
			rewrite(`"code":{"GuardFunction9CCE20FB":"`, "LXEWQrcmsEQBYnyp+6wy9chTD7GQPMTbAiWHF5IaSIE="),
		), verdict.Error, "does not say what the stack's template says: the digest of a function's code."},
		"another name in the record":   {rewrite(`"GuardFailures667C6F1F":"trailkeeper-GuardFailures667C6F1F-`, "X"), verdict.Error, "says: the name of GuardFailures667C6F1F."},
		"another ARN in the record":    {rewrite(`"SlackConnection6C302821.Arn":"arn:aws:events:`, "us-west-9"), verdict.Error, "names that CloudFormation does not give: SlackConnection6C302821.Arn."},
		"another digest in the record": {rewrite(`"description":"`, "0000"), verdict.Error, "says: the digest of the description."},
		"a secret's version in the record": {func(_ context.Context, w *world) error {
			w.record(func(value string) string { return strings.TrimSuffix(value, "}") + `,"secretVersion":"x"}` })
			return nil
		}, verdict.Error, "says: the version of the secret."},
		"no JSON in the record": {func(_ context.Context, w *world) error {
			w.record(func(string) string { return "x" })
			return nil
		}, verdict.Error, "is no record of a deployment"},
		"roles may not be read": {denied("iam:GetRole"), verdict.Unknown, "iam:GetRole"},
		"nor the record":        {denied("ssm:GetParameter"), verdict.Unknown, "ssm:GetParameter"},
		"nor the template":      {denied("cloudformation:GetTemplate"), verdict.Unknown, "cloudformation:GetTemplate"},
		"other code, and roles may not be read": {all(
			function("PUT /2015-03-31/functions/{FunctionName}/code", map[string]any{"ZipFile": "eA=="}), denied("iam:GetRole"),
		), verdict.Error, "(CodeSha256)."},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, "default")
			if err := test.do(t.Context(), w); err != nil {
				t.Fatal(err)
			}
			v := w.judge("parts")
			if v.Status != test.status || !strings.Contains(v.Says, test.says) || (v.Do == "") != (v.Status == verdict.OK) {
				t.Errorf("%+v; want %s, %q", v, test.status, test.says)
			}
		})
	}
}

// TestPartsFix: the commands of what is put right by one are whole, and ask where the deployment is.
func TestPartsFix(t *testing.T) {
	w := newWorld(t, "default")
	if _, err := awslambda.NewFromConfig(w.sdk()).RemovePermission(t.Context(), &awslambda.RemovePermissionInput{
		FunctionName: aws.String(w.name("GuardFunction")), StatementId: aws.String(w.statement()),
	}); err != nil {
		t.Fatal(err)
	}
	v := w.judge("parts")
	if v.Status != verdict.Error || len(v.Fix) != 1 || !strings.HasPrefix(v.Fix[0], "aws lambda add-permission ") ||
		!strings.HasSuffix(v.Fix[0], " --region eu-west-1") {
		t.Errorf("%+v", v)
	}
}

// TestPartsGone: a command that names a function that is gone is not offered.
func TestPartsGone(t *testing.T) {
	w := newWorld(t, "default")
	if err := drop("GuardFunction")(t.Context(), w); err != nil {
		t.Fatal(err)
	}
	v := w.judge("parts")
	if v.Status != verdict.Error || !strings.Contains(v.Says, ": Lambda::Function GuardFunction9CCE20FB (gone), ") || len(v.Fix) != 0 {
		t.Errorf("%+v", v)
	}
}

// statement is the ID of one of the guard's permissions.
func (w *world) statement() string {
	w.t.Helper()
	out := w.ask("lambda", "GET /2015-03-31/functions/{FunctionName}/policy", map[string]any{"FunctionName": w.name("GuardFunction")})
	_, rest, _ := strings.Cut(awsapi.Text(out["Policy"]), `"Sid":"`)
	id, _, _ := strings.Cut(rest, `"`)
	return id
}

// TestPartsWhileDeploying: what a deployment is about to change is not judged.
func TestPartsWhileDeploying(t *testing.T) {
	got := parts.Parts(t.Context(), &deployed.Deployment{Stack: "trailkeeper", Status: "UPDATE_IN_PROGRESS"})
	if len(got) != 1 || got[0].Status != verdict.Unknown || !strings.Contains(got[0].Says, "while a deployment is under way") {
		t.Errorf("%+v", got)
	}
}
