package checks_test

import (
	"encoding/json"
	"strings"
	"testing"

	"trailkeeper/lambda/config/deployment"
	"trailkeeper/lambda/internal/awsapi"
	"trailkeeper/lambda/internal/warden/check"
)

// attack is a call of an attacker, with {ID} for the physical name of a resource.
type attack struct{ service, operation, input string }

func (w *world) attacked(t *testing.T, attacks []attack) {
	t.Helper()
	for _, a := range attacks {
		input := a.input
		for _, of := range w.deployed {
			input = strings.ReplaceAll(input, "{"+strings.TrimRight(of.ID, "0123456789ABCDEF")+"}", of.Name)
		}
		var members map[string]any
		if err := json.Unmarshal([]byte(input), &members); err != nil {
			t.Fatalf("%s: %v", input, err)
		}
		w.call(t, a.service, a.operation, members)
	}
}

// TestComputeAttacks: each change of what was deployed is found, and what may be put back is, and then nothing is found.
func TestComputeAttacks(t *testing.T) {
	const (
		denyAllARN  = "arn:aws:iam::aws:policy/AWSDenyAll"
		function    = "/2015-03-31/functions/{FunctionName}"
		concurrency = "/2017-10-31/functions/{FunctionName}/concurrency"
		denyAll     = `{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"*","Resource":"*"}]}`
	)
	guard := func(more string) string { return `{"FunctionName": "{GuardFunction}"` + more + `}` }
	role := func(more string) string { return `{"RoleName": "{GuardRole}"` + more + `}` }
	for name, test := range map[string]struct {
		attacks []attack
		want    string // a line of each difference, up to what differs
		left    string // what the repairs leave
	}{
		"starved": {
			[]attack{{"lambda", "PUT " + concurrency, guard(`, "ReservedConcurrentExecutions": 0`)}},
			"GuardFunction: ReservedConcurrentExecutions: none -> 0 (repaired by name)", "",
		},
		"code": {
			[]attack{{"lambda", "PUT " + function + "/code", guard(`, "ZipFile": "eA=="`)}},
			"GuardFunction: CodeSha256: ", "GuardFunction: CodeSha256: ",
		},
		"configuration": {
			[]attack{{"lambda", "PUT " + function + "/configuration", guard(`, "Timeout": 1, "Handler": "x", "Layers":
				["arn:aws:lambda:eu-west-1:999988887777:layer:x:1"], "LoggingConfig": {"LogFormat": "Text"}`)}},
			"GuardFunction: Handler: bootstrap -> x\n" +
				`GuardFunction: Layers: none -> [{"Arn":"arn:aws:lambda:eu-west-1:999988887777:layer:x:1"}]` + "\n" +
				"GuardFunction: LoggingConfig.LogFormat: JSON -> Text\n" +
				"GuardFunction: LoggingConfig.LogGroup: \n" +
				"GuardFunction: Timeout: 60 -> 1",
			"GuardFunction: Handler: bootstrap -> x\nGuardFunction: Layers: ",
		},
		"a variable": {
			[]attack{{
				"lambda", "PUT " + function + "/configuration",
				guard(`, "Environment": {"Variables": {"TRAILKEEPER_MODE": "notify", "OTHER": "hidden"}}`),
			}},
			"GuardFunction: Environment.OTHER: none -> sha256:", "GuardFunction: Environment.OTHER: none -> sha256:",
		},
		"a foreign statement": {
			[]attack{{
				"lambda", "POST " + function + "/policy",
				guard(`, "StatementId": "x", "Action": "lambda:InvokeFunction", "Principal": "999988887777"`),
			}},
			`GuardFunction: Policy.x: none -> 1 statements, of which only here: {"Action":["lambda:invokefunction"]`,
			"GuardFunction: Policy.x: none -> ",
		},
		"no retries": {
			[]attack{{
				"lambda", "PUT /2019-09-25/functions/{FunctionName}/event-invoke-config", guard(`, "MaximumRetryAttempts": 0`),
			}},
			"GuardFunctionEventInvokeConfig: DestinationConfig.OnFailure.Destination: ",
			"GuardFunctionEventInvokeConfig: DestinationConfig.OnFailure.Destination: ",
		},
		"function deleted": {
			[]attack{{"lambda", "DELETE " + function, guard("")}},
			"GuardFunction: resource: the function ", "GuardFunction: resource: the function ",
		},
		"schedule deleted": {
			[]attack{{"scheduler", "DELETE /schedules/{Name}", `{"Name": "{SweepSchedule}"}`}},
			"SweepSchedule: resource: the schedule trailkeeper-sweep -> none (repaired)", "",
		},
		"schedule repointed": {
			[]attack{{"scheduler", "PUT /schedules/{Name}", `{"Name": "{SweepSchedule}", "State": "DISABLED",
				"ScheduleExpression": "rate(1 day)", "FlexibleTimeWindow": {"Mode": "OFF"}, "StartDate": 4102444800,
				"Target": {"Arn": "arn:aws:lambda:eu-west-1:999988887777:function:x",
					"RoleArn": "arn:aws:iam::111122223333:role/trailkeeper/{SweepRole}", "Input": "{}"}}`}},
			"SweepSchedule: ScheduleExpression: ", "",
		},
		"role trusted by others": {
			[]attack{{"iam", "UpdateAssumeRolePolicy", role(`, "PolicyDocument": ` + textOf(
				`{"Statement":[{"Effect":"Allow","Action":"sts:AssumeRole","Principal":{"AWS":"999988887777"}}]}`))}},
			"GuardRole: AssumeRolePolicyDocument: ", "GuardRole: AssumeRolePolicyDocument: ",
		},
		"a policy attached": {
			[]attack{{"iam", "AttachRolePolicy", role(`, "PolicyArn": "` + denyAllARN + `"`)}},
			"GuardRole: ManagedPolicyArns: none -> " + denyAllARN + " [aws iam detach-role-policy",
			"GuardRole: ManagedPolicyArns: none -> ",
		},
		"a policy put": {
			[]attack{{"iam", "PutRolePolicy", role(`, "PolicyName": "x", "PolicyDocument": ` + textOf(denyAll))}},
			"GuardRole: Policies: none -> x [aws iam delete-role-policy", "GuardRole: Policies: none -> x",
		},
		"a policy deleted": {
			[]attack{{"iam", "DeleteRolePolicy", role(`, "PolicyName": "Guard"`)}},
			"GuardRole: Policies.Guard: ", "GuardRole: Policies.Guard: ",
		},
		"a boundary": {
			[]attack{{
				"iam", "PutRolePermissionsBoundary", role(`, "PermissionsBoundary": "` + denyAllARN + `"`),
			}},
			"GuardRole: PermissionsBoundary: arn:aws:iam::111122223333:policy/TrailkeeperBoundary -> " + denyAllARN,
			"GuardRole: PermissionsBoundary: ",
		},
		"log group deleted": {
			[]attack{{"logs", "DeleteLogGroup", `{"logGroupName": "{GuardLog}"}`}},
			"GuardLog: resource: the log group ", "GuardLog: resource: the log group ",
		},
		"retention cut": {
			[]attack{{"logs", "PutRetentionPolicy", `{"logGroupName": "{GuardLog}", "retentionInDays": 1}`}},
			"GuardLog: RetentionInDays: 30 -> 1 [aws logs put-retention-policy", "GuardLog: RetentionInDays: ",
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := deployed(t, "default")
			w.attacked(t, test.attacks)
			found := w.found(t, compute...)
			if got := lines(found); !begins(got, test.want) {
				t.Errorf("%s\nwant %s", got, test.want)
			}
			if failed := restored(t, found); failed != "" {
				t.Error(failed)
			}
			if got := lines(w.found(t, compute...)); !begins(got, test.left) {
				t.Errorf("after the repairs: %s\nwant %q", got, test.left)
			}
		})
	}
}

// begins reports whether each line is wanted to begin one of the others; with nothing wanted there is none.
func begins(got, want string) bool {
	if want == "" {
		return got == ""
	}
	for line := range strings.SplitSeq(want, "\n") {
		if !strings.Contains("\n"+got, "\n"+line) {
			return false
		}
	}
	return true
}

func textOf(v string) string {
	content, err := json.Marshal(v)
	if err != nil {
		return err.Error()
	}
	return string(content)
}

// TestPermissionIsPutBack: an invoke permission is found by what it grants, and put back under an ID of our own, also
// where an attacker gave that ID to another statement.
func TestPermissionIsPutBack(t *testing.T) {
	const policy = "/2015-03-31/functions/{FunctionName}/policy"
	w := deployed(t, "default")
	named := map[string]any{"FunctionName": w.named("GuardFunction")}
	var got struct {
		Statement []struct{ Sid string }
	}
	text := awsapi.Text(w.call(t, "lambda", "GET "+policy, named)["Policy"])
	if err := json.Unmarshal([]byte(text), &got); err != nil || len(got.Statement) < 2 {
		t.Fatalf("%v %s", err, text)
	}
	for _, s := range got.Statement {
		w.call(t, "lambda", "DELETE "+policy+"/{StatementId}", map[string]any{
			"FunctionName": named["FunctionName"], "StatementId": s.Sid,
		})
	}
	squatted := ""
	for _, of := range w.deployed {
		if of.Type == "AWS::Lambda::Permission" {
			squatted = of.ID
		}
	}
	w.call(t, "lambda", "POST "+policy, map[string]any{
		"FunctionName": named["FunctionName"], "StatementId": squatted, "Action": "lambda:GetFunction",
		"Principal": "events.amazonaws.com",
	})
	found := w.found(t, "Lambda")
	if len(found) != len(got.Statement)+1 {
		t.Errorf("%d resources differ of %d permissions and the function:\n%s", len(found), len(got.Statement), lines(found))
	}
	if failed := restored(t, found); failed != "" {
		t.Error(failed)
	}
	if left := lines(w.found(t, "Lambda")); !begins(left, "GuardFunction: Policy."+squatted) || strings.Contains(left, "resource") {
		t.Errorf("after the repairs: %s", left)
	}
}

// restored does every repair, and returns the errors, a line each.
func restored(t *testing.T, found map[string][]check.Difference) string {
	t.Helper()
	var errs []string
	for _, differences := range found {
		for _, d := range differences {
			if d.Repair == nil {
				continue
			}
			if err := d.Repair(t.Context()); err != nil {
				errs = append(errs, d.Field+": "+err.Error())
			}
		}
	}
	return strings.Join(errs, "\n")
}

// TestRolesMayRestore: in mode restore, warden and guard may restore each other, and the warden nothing of its own.
func TestRolesMayRestore(t *testing.T) {
	const concurrency = "PUT /2017-10-31/functions/{FunctionName}/concurrency"
	attacks := map[deployment.Part][]attack{
		deployment.PartGuard: {
			{"lambda", concurrency, `{"FunctionName": "{GuardFunction}", "ReservedConcurrentExecutions": 0}`},
			{"scheduler", "DELETE /schedules/{Name}", `{"Name": "{SweepSchedule}"}`},
		},
		deployment.PartWarden: {
			{"lambda", concurrency, `{"FunctionName": "{WardenFunction}", "ReservedConcurrentExecutions": 0}`},
			{"scheduler", "PUT /schedules/{Name}", `{"Name": "{WardenRunsSchedule}", "State": "DISABLED",
				"ScheduleExpression": "rate(5 minutes)", "FlexibleTimeWindow": {"Mode": "OFF"}, "Target": {"Input": "x",
				"Arn": "arn:aws:lambda:eu-west-1:111122223333:function:{WardenFunction}",
				"RoleArn": "arn:aws:iam::111122223333:role/trailkeeper/{WardenRunsRole}"}}`},
		},
	}
	for _, test := range []struct {
		function string
		part     deployment.Part
		may      bool
	}{
		{"WardenFunction", deployment.PartGuard, true},
		{"GuardFunction", deployment.PartWarden, true},
		{"WardenFunction", deployment.PartWarden, false},
	} {
		t.Run(test.function+" "+string(test.part), func(t *testing.T) {
			w := deployed(t, "recreate")
			w.attacked(t, attacks[test.part])
			w.partOf(test.part)
			found := w.found(t, compute...) // as the operator: the warden may not even read its own
			w.as(t, test.function)
			failed := restored(t, found)
			if !test.may {
				if strings.Count(failed, "with an explicit deny in an identity-based policy") < 2 {
					t.Errorf("the warden restores itself: %s", failed)
				}
				return
			}
			if failed != "" {
				t.Error(failed)
			}
			if left := lines(w.found(t, compute...)); left != "" {
				t.Errorf("after the repairs: %s", left)
			}
		})
	}
}
