package checks_test

import (
	"fmt"
	"strings"
	"testing"

	"trailkeeper/lambda/config/deployment"
	"trailkeeper/lambda/internal/warden/check"
	"trailkeeper/lambda/internal/warden/checks"
)

const (
	getConfiguration  = "GET /2015-03-31/functions/{FunctionName}/configuration"
	getConcurrency    = "GET /2019-09-30/functions/{FunctionName}/concurrency"
	putConcurrency    = "PUT /2017-10-31/functions/{FunctionName}/concurrency"
	deleteConcurrency = "DELETE /2017-10-31/functions/{FunctionName}/concurrency"
	getPolicy         = "GET /2015-03-31/functions/{FunctionName}/policy"
	addPermission     = "POST /2015-03-31/functions/{FunctionName}/policy"
)

func functionDeployed(t *testing.T) deployment.Deployed {
	t.Helper()
	return deployment.Deployed{
		ID: "Guard", Type: "AWS::Lambda::Function", Name: "trailkeeper-guard", ARN: guardARN, CodeSHA256: "c2hh",
		Properties: object(t, `{
			"FunctionName": "trailkeeper-guard", "Architectures": ["arm64"], "Handler": "bootstrap", "Runtime": "provided.al2023",
			"Role": "arn:aws:iam::111122223333:role/r", "Timeout": 60, "Code": {"S3Bucket": "assets"}, "Description": "x",
			"LoggingConfig": {"LogFormat": "JSON", "LogGroup": "trailkeeper-log"}, "Tags": [{"Key": "a", "Value": "b"}],
			"Environment": {"Variables": {"MODE": "restore", "TOPIC": "arn:aws:sns:eu-west-1:111122223333:t"}}}`),
	}
}

// functionThere is Lambda where the function is as it was deployed.
func functionThere(t *testing.T) *service {
	t.Helper()
	return &service{
		all: []deployment.Deployed{functionDeployed(t), permissionDeployed(t)},
		answers: map[string]any{
			getConfiguration: object(t, `{"FunctionName": "trailkeeper-guard", "CodeSha256": "c2hh", "Architectures": ["arm64"],
				"Handler": "bootstrap", "Runtime": "provided.al2023", "Role": "arn:aws:iam::111122223333:role/r", "Timeout": 60,
				"MemorySize": 128, "State": "Active", "LastUpdateStatus": "Successful", "PackageType": "Zip", "KMSKeyArn": "",
				"VpcConfig": {"SubnetIds": [], "SecurityGroupIds": [], "VpcId": ""}, "EphemeralStorage": {"Size": 512},
				"LoggingConfig": {"LogFormat": "JSON", "LogGroup": "trailkeeper-log", "ApplicationLogLevel": "INFO", "SystemLogLevel": "INFO"},
				"Environment": {"Variables": {"TOPIC": "arn:aws:sns:eu-west-1:111122223333:t", "MODE": "restore"}}}`),
			getConcurrency:    map[string]any{},
			deleteConcurrency: map[string]any{},
			putConcurrency:    map[string]any{},
			addPermission:     map[string]any{},
			getPolicy:         policyAnswer(statementText),
		},
	}
}

const statementText = `{"Sid": "x-1", "Effect": "Allow", "Principal": {"Service": "events.amazonaws.com"},
	"Action": "lambda:InvokeFunction", "Resource": "` + guardARN + `",
	"Condition": {"ArnLike": {"AWS:SourceArn": "arn:aws:events:eu-west-1:111122223333:rule/trailkeeper-change"}}}`

func policyAnswer(statements ...string) map[string]any {
	return map[string]any{
		"Policy": `{"Version": "2012-10-17", "Id": "default", "Statement": [` + strings.Join(statements, ",") + `]}`,
	}
}

func permissionDeployed(t *testing.T) deployment.Deployed {
	t.Helper()
	return deployment.Deployed{ID: "ChangePermission", Type: "AWS::Lambda::Permission", Properties: object(t, `{
		"FunctionName": "`+guardARN+`", "Action": "lambda:InvokeFunction", "Principal": "events.amazonaws.com",
		"SourceArn": "arn:aws:events:eu-west-1:111122223333:rule/trailkeeper-change"}`)}
}

func TestFunction(t *testing.T) {
	is := func(name string, value any) func(map[string]any) {
		return func(got map[string]any) { got[name] = value }
	}
	for name, test := range map[string]struct {
		change func(got map[string]any)
		want   string
	}{
		"as deployed":          {func(map[string]any) {}, ""},
		"another description":  {is("Description", "x"), ""},
		"idle":                 {is("State", "Inactive"), ""},
		"being updated":        {is("LastUpdateStatus", "InProgress"), ""},
		"failed":               {is("State", "Failed"), "State: Active -> Failed: none"},
		"code":                 {is("CodeSha256", "C2hh"), "CodeSha256: c2hh -> C2hh"},
		"role":                 {is("Role", "arn:aws:iam::111122223333:role/r2"), "Role: arn:aws:iam::111122223333:role/r -> arn:aws:iam::111122223333:role/r2"},
		"handler":              {is("Handler", "bootstrap2"), "Handler: bootstrap -> bootstrap2"},
		"runtime":              {is("Runtime", "python3.13"), "Runtime: provided.al2023 -> python3.13"},
		"no time":              {is("Timeout", 1), "Timeout: 60 -> 1"},
		"more memory":          {is("MemorySize", 256), "MemorySize: 128 -> 256"},
		"no memory said":       {is("MemorySize", nil), ""},
		"more disk":            {is("EphemeralStorage", map[string]any{"Size": 10240}), "EphemeralStorage.Size: 512 -> 10240"},
		"another architecture": {is("Architectures", []any{"x86_64"}), `Architectures: ["arm64"] -> ["x86_64"]`},
		"a layer": {
			is("Layers", []any{map[string]any{"Arn": "arn:aws:lambda:eu-west-1:999988887777:layer:x:1", "CodeSize": 5}}),
			`Layers: none -> [{"Arn":"arn:aws:lambda:eu-west-1:999988887777:layer:x:1","CodeSize":5}]`,
		},
		"no layers": {is("Layers", []any{}), ""},
		"a network": {
			is("VpcConfig", map[string]any{"SubnetIds": []any{"subnet-1"}, "SecurityGroupIds": []any{"sg-1"}}),
			"VpcConfig.SubnetIds: none -> [\"subnet-1\"]\nVpcConfig.SecurityGroupIds: none -> [\"sg-1\"]",
		},
		"a file system": {
			is("FileSystemConfigs", []any{map[string]any{"Arn": "a"}}), `FileSystemConfigs: none -> [{"Arn":"a"}]`,
		},
		"a key":          {is("KMSKeyArn", "arn:aws:kms:x"), "KmsKeyArn: none -> arn:aws:kms:x"},
		"a dead letter":  {is("DeadLetterConfig", map[string]any{"TargetArn": "q"}), "DeadLetterConfig.TargetArn: none -> q"},
		"no dead letter": {is("DeadLetterConfig", map[string]any{"TargetArn": ""}), ""},
		"another group": {
			is("LoggingConfig", map[string]any{"LogFormat": "JSON", "LogGroup": "x", "ApplicationLogLevel": "FATAL"}),
			"LoggingConfig.LogGroup: trailkeeper-log -> x\nLoggingConfig.ApplicationLogLevel: INFO -> FATAL",
		},
		"a variable less": {
			is("Environment", map[string]any{"Variables": map[string]any{"MODE": "restore"}}),
			"Environment.TOPIC: sha256:1b4e4240d6ca -> none",
		},
		"a variable more, that is empty": {
			is("Environment", map[string]any{"Variables": map[string]any{
				"MODE": "restore", "TOPIC": "arn:aws:sns:eu-west-1:111122223333:t", "LD_PRELOAD": "",
			}}), "Environment.LD_PRELOAD: none -> sha256:12ae32cb1ec0",
		},
		"another value": {
			is("Environment", map[string]any{"Variables": map[string]any{
				"MODE": "xoxb-secret", "TOPIC": "arn:aws:sns:eu-west-1:111122223333:t",
			}}), "Environment.MODE: sha256:594d02943a86 -> sha256:ed38a2394c50",
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := functionThere(t)
			got, _ := s.answers[getConfiguration].(map[string]any)
			test.change(got)
			found, err := s.check(t, functionDeployed(t))
			if err != nil {
				t.Error(err)
			}
			if got := text(found); got != test.want {
				t.Errorf("%s\nwant %s", got, test.want)
			}
		})
	}
}

// TestConcurrency: the reserved concurrency is put back as deployed, whichever way it differs.
func TestConcurrency(t *testing.T) {
	for name, test := range map[string]struct {
		want, got any
		text      string
		repair    string
	}{
		"starved": {
			nil, float64(0), "ReservedConcurrentExecutions: none -> 0 (repaired by name) " +
				"[aws lambda delete-function-concurrency --function-name trailkeeper-guard]",
			`eu-west-1 ` + deleteConcurrency + ` {"FunctionName":"trailkeeper-guard"}`,
		},
		"lifted": {
			float64(2), nil, "ReservedConcurrentExecutions: 2 -> none (repaired by name) " +
				"[aws lambda put-function-concurrency --function-name trailkeeper-guard --reserved-concurrent-executions 2]",
			`eu-west-1 ` + putConcurrency + ` {"FunctionName":"trailkeeper-guard","ReservedConcurrentExecutions":2}`,
		},
		"one less":    {float64(2), float64(1), "ReservedConcurrentExecutions: 2 -> 1 (repaired by name) [", putConcurrency},
		"as deployed": {float64(2), float64(2), "", ""},
		"deployed 0":  {float64(0), nil, "ReservedConcurrentExecutions: 0 -> none (repaired by name) [", putConcurrency},
	} {
		s := functionThere(t)
		of := functionDeployed(t)
		if test.want != nil {
			of.Properties["ReservedConcurrentExecutions"] = test.want
		}
		s.answers[getConcurrency] = map[string]any{"ReservedConcurrentExecutions": test.got}
		found, err := s.check(t, of)
		if got := text(found); err != nil || !strings.HasPrefix(got, test.text) || got != "" && test.text == "" {
			t.Errorf("%s: %v %s", name, err, got)
		}
		if asked := strings.Join(s.repair(t, found), "\n"); !strings.Contains(asked, test.repair) {
			t.Errorf("%s: %s", name, asked)
		}
	}
}

// TestFunctionNotSeen: what cannot be read is an error, and what was read counts.
func TestFunctionNotSeen(t *testing.T) {
	for name, test := range map[string]struct {
		change func(s *service, of *deployment.Deployed)
		want   string
	}{
		"no digest in the record": {
			func(_ *service, of *deployment.Deployed) { of.CodeSHA256 = "" }, "has no digest of the package of trailkeeper-guard",
		},
		"variables that cannot be decrypted": {func(s *service, _ *deployment.Deployed) {
			s.answers[getConfiguration].(map[string]any)["Environment"] = object(t,
				`{"Error": {"ErrorCode": "AccessDeniedException", "Message": "Lambda was unable to decrypt"}}`)
		}, "the environment variables of trailkeeper-guard cannot be read: AccessDeniedException"},
		"concurrency": {
			func(s *service, _ *deployment.Deployed) { s.answers[getConcurrency] = refused("AccessDeniedException") },
			"AccessDeniedException",
		},
		"policy": {
			func(s *service, _ *deployment.Deployed) { s.answers[getPolicy] = map[string]any{"Policy": "{"} },
			"the policy of the function trailkeeper-guard cannot be read",
		},
		"a permission that is not known": {
			func(s *service, _ *deployment.Deployed) {
				s.all[1].Unresolved = fmt.Errorf("the record does not name Rule")
			},
			"the permission ChangePermission of the deployment is not known: the record does not name Rule",
		},
	} {
		s := functionThere(t)
		s.answers[getConfiguration].(map[string]any)["Handler"] = "x"
		of := functionDeployed(t)
		test.change(s, &of)
		found, err := s.check(t, of)
		if err == nil || !strings.Contains(err.Error(), test.want) || !strings.HasPrefix(text(found), "Handler: bootstrap -> x") {
			t.Errorf("%s: %v\n%s", name, err, text(found))
		}
	}
	s := functionThere(t)
	s.answers[getConfiguration] = refused("ResourceNotFoundException")
	if found, err := s.check(t, functionDeployed(t)); err != nil || text(found) != "resource: the function trailkeeper-guard -> none" {
		t.Errorf("%v %s", err, text(found))
	}
}

// TestPermission: a permission is found by what it grants.
func TestPermission(t *testing.T) {
	replaced := func(old, changed string) map[string]any {
		return policyAnswer(strings.Replace(statementText, old, changed, 1))
	}
	for name, test := range map[string]struct {
		policy any
		there  bool
	}{
		"as deployed":     {policyAnswer(statementText), true},
		"another ID":      {replaced("x-1", "anything"), true},
		"among others":    {policyAnswer(strings.Replace(statementText, "change", "other", 1), statementText), true},
		"lists":           {replaced(`"lambda:InvokeFunction"`, `["lambda:InvokeFunction"]`), true},
		"no policy":       {refused("ResourceNotFoundException"), false},
		"another action":  {replaced("InvokeFunction", "GetFunction"), false},
		"another rule":    {replaced("trailkeeper-change", "trailkeeper-change2"), false},
		"every source":    {replaced(`"Condition"`, `"Other"`), false},
		"one more key":    {replaced(`"Condition": {`, `"Condition": {"StringEquals": {"aws:PrincipalOrgID": "o-1"}, `), false},
		"denied":          {replaced("Allow", "Deny"), false},
		"another service": {replaced("events", "s3"), false},
		"an account":      {replaced(`{"Service": "events.amazonaws.com"}`, `{"AWS": "events.amazonaws.com"}`), false},
		"another version": {replaced(`guard",`, `guard:1",`), false},
	} {
		s := functionThere(t)
		s.answers[getPolicy] = test.policy
		found, err := s.check(t, permissionDeployed(t))
		if err != nil || (len(found) == 0) != test.there {
			t.Errorf("%s: %v %s", name, err, text(found))
			continue
		}
		if test.there {
			continue
		}
		want := `eu-west-1 ` + addPermission + ` {"Action":"lambda:InvokeFunction","FunctionName":"` + guardARN + `",` +
			`"Principal":"events.amazonaws.com","SourceArn":"arn:aws:events:eu-west-1:111122223333:rule/trailkeeper-change",` +
			`"StatementId":"ChangePermission"}`
		if asked := s.repair(t, found); len(asked) != 1 || asked[0] != want {
			t.Errorf("%s: %v", name, asked)
		}
		next := "aws lambda add-permission --statement-id ChangePermission --function-name " + guardARN +
			" --action lambda:InvokeFunction --principal events.amazonaws.com" +
			" --source-arn arn:aws:events:eu-west-1:111122223333:rule/trailkeeper-change"
		if found[0].Next != next {
			t.Errorf("%s: %s", name, found[0].Next)
		}
	}
}

// TestPermissionNotKnown: what Lambda would make of a permission that is not known here is no guess.
func TestPermissionNotKnown(t *testing.T) {
	for name, value := range map[string]any{"EventSourceToken": "x", "FunctionName": "nobodys"} {
		s := functionThere(t)
		of := permissionDeployed(t)
		of.Properties[name] = value
		if found, err := s.check(t, of); err == nil || len(found) > 0 {
			t.Errorf("%s: %v %s", name, err, text(found))
		}
	}
	s := functionThere(t)
	of := permissionDeployed(t)
	of.Properties["FunctionName"] = "trailkeeper-guard"
	if found, err := s.check(t, of); err != nil || len(found) > 0 {
		t.Errorf("by its name: %v %s", err, text(found))
	}
	s.answers[getPolicy] = refused("ResourceNotFoundException")
	s.answers[getConfiguration] = refused("ResourceNotFoundException")
	if found, err := s.check(t, of); err != nil || len(found) != 1 || found[0].Repair != nil {
		t.Errorf("of a function that is gone: %v %s", err, text(found))
	}
}

// TestForeignStatements: those that nobody deployed are named, a flood by its number, and what stands in them goes into
// no command.
func TestForeignStatements(t *testing.T) {
	s := functionThere(t)
	statements := []string{statementText, strings.Replace(statementText, "x-1", "copy", 1)}
	for i := range 60 {
		statements = append(statements, fmt.Sprintf(`{"Sid": "t%d$(x)", "Effect": "Allow", "Principal": "*",
			"Action": "lambda:InvokeFunction", "Resource": "<!channel>%d"}`, i, i))
	}
	s.answers[getPolicy] = policyAnswer(statements...)
	found, err := s.check(t, functionDeployed(t))
	if err != nil || len(found) != 6 || found[5].Got != "55 more statements" {
		t.Fatalf("%v %s", err, text(found))
	}
	if found[0].Field != "Policy.t0$(x)" || strings.Contains(found[0].Next, "$(") || found[0].Repair != nil {
		t.Errorf("%s", text(found))
	}
}

// TestManyVariables: a flood of variables is named by its number.
func TestManyVariables(t *testing.T) {
	s := functionThere(t)
	variables := map[string]any{}
	for i := range 200 {
		variables[fmt.Sprintf("V%03d", i)] = strings.Repeat("x", 10)
	}
	s.answers[getConfiguration].(map[string]any)["Environment"] = map[string]any{"Variables": variables}
	found, err := s.check(t, functionDeployed(t))
	if err != nil || len(found) != 11 || found[10].Got != "192 more variables that differ" {
		t.Errorf("%v %s", err, text(found))
	}
}

// TestPolicyIsReadOnce: a function's policy is read once in a run, and again after a restore has changed it.
func TestPolicyIsReadOnce(t *testing.T) {
	s := functionThere(t)
	s.answers[getPolicy] = refused("ResourceNotFoundException")
	types := checks.Types(checks.Tools{Call: s.Call, All: s.all})
	reads := func() (n int) {
		for _, asked := range s.asked {
			if strings.Contains(asked, getPolicy+" ") {
				n++
			}
		}
		return n
	}
	run := func(of deployment.Deployed) []check.Difference {
		found, err := types[of.Type](t.Context(), of)
		if err != nil {
			t.Fatal(err)
		}
		return found
	}
	run(functionDeployed(t))
	found := run(permissionDeployed(t))
	run(permissionDeployed(t))
	if reads() != 1 || len(found) != 1 {
		t.Errorf("read %d times: %s", reads(), text(found))
	}
	if err := found[0].Repair(t.Context()); err != nil {
		t.Fatal(err)
	}
	s.answers[getPolicy] = policyAnswer(statementText)
	if found := run(permissionDeployed(t)); reads() != 2 || len(found) != 0 {
		t.Errorf("read %d times: %s", reads(), text(found))
	}
	elsewhere := permissionDeployed(t)
	elsewhere.Region = "eu-central-1"
	if run(elsewhere); reads() != 3 {
		t.Errorf("another Region's policy is taken for this one's")
	}
}
