package stack_test

import (
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"trailkeeper/cdk/golden"
)

// TestBacktestIsOptional: without the setting, a deployment has nothing of it.
func TestBacktestIsOptional(t *testing.T) {
	for _, name := range golden.Names() {
		for id := range object(goldenTemplate(t, name)["Resources"]) {
			if strings.HasPrefix(id, "Backtest") && !variant(t, name).Archive.Backtest {
				t.Errorf("%s has %s", name, id)
			}
		}
	}
}

// TestBacktestFunction: it is the watch's code, with nothing of what notifies or remembers, and its role can do no more
// than read the archives and write results.
func TestBacktestFunction(t *testing.T) {
	tpl := goldenTemplate(t, "backtest")
	_, function := tpl.only(t, "AWS::Lambda::Function", "Backtest")
	_, watch := tpl.only(t, "AWS::Lambda::Function", "Watch")
	if !cmp.Equal(function["Code"], watch["Code"]) || function["MemorySize"] != 1769.0 || function["Timeout"] != 900.0 ||
		function["DeadLetterConfig"] != nil || function["ReservedConcurrentExecutions"] != nil {
		t.Errorf("%v", function)
	}
	want := map[string]any{"Variables": map[string]any{
		"TRAILKEEPER_RESULTS": "111122223333/BacktestResults/runs/",
		"TRAILKEEPER_LOG_BUCKETS": "111122223333/org-trail-logs/AWSLogs/,111122223333/org-trail-logs/security/AWSLogs/," +
			"444455556666/log-archive-copy/o-1a2b3c4d5e/AWSLogs/,111122223333/old-logs/AWSLogs/",
	}}
	if diff := cmp.Diff(any(want), plain(function["Environment"])); diff != "" {
		t.Errorf("environment (-want +got):\n%s", diff)
	}
	for id := range tpl.resources("AWS::Lambda::EventInvokeConfig") {
		if strings.HasPrefix(id, "Backtest") {
			t.Errorf("%s: nothing starts it with an event", id)
		}
	}
}

// TestBacktestRoles: all that the two roles may do, each with its condition.
func TestBacktestRoles(t *testing.T) {
	var got strings.Builder
	for _, prefix := range []string{"BacktestRole", "BacktestMachineRole"} {
		fmt.Fprintln(&got, prefix)
		_, role := goldenTemplate(t, "backtest").only(t, "AWS::IAM::Role", prefix)
		for _, s := range list(at(plain(role), "Policies.0.PolicyDocument.Statement")) {
			statement := object(s)
			fmt.Fprint(&got, "\t", statement["Action"], " on ", statement["Resource"])
			if condition := object(statement["Condition"]); len(condition) > 0 {
				fmt.Fprint(&got, " if ", condition)
			}
			fmt.Fprintln(&got)
		}
	}
	const file = "testdata/backtest-roles.golden"
	if *update {
		write(t, "../stack/"+file, []byte(got.String()))
		return
	}
	want, err := os.ReadFile(file)
	if diff := cmp.Diff(string(want), got.String()); diff != "" || err != nil {
		t.Errorf("%s differs, %v; run go test ./cdk/stack -update\n%s", file, err, diff)
	}
}

// TestBacktestMachine: the definition's names are CloudFormation's alone, its maps have the concurrency of the settings,
// and nothing but a constant or a path stands for a value of a run.
func TestBacktestMachine(t *testing.T) {
	_, machine := goldenTemplate(t, "backtest").only(t, "AWS::StepFunctions::StateMachine", "Backtest")
	names := map[string]any{"Partition": "aws", "Function": "BacktestFunction.Arn", "Results": "BacktestResults"}
	if diff := cmp.Diff(any(names), plain(machine["DefinitionSubstitutions"])); diff != "" {
		t.Error(diff)
	}
	text, _ := machine["DefinitionString"].(string)
	var definition struct {
		StartAt string
		States  map[string]struct {
			Type, Next                 string
			MaxConcurrency             int
			ToleratedFailurePercentage float64
			ItemProcessor              struct{ States map[string]any }
			Retry                      []any
		}
	}
	if err := json.Unmarshal([]byte(text), &definition); err != nil {
		t.Fatal(err)
	}
	var order []string
	for at := definition.StartAt; at != ""; at = definition.States[at].Next {
		s := definition.States[at]
		order = append(order, at)
		switch _, givesUp := s.ItemProcessor.States["GiveUp"]; {
		case s.Type == "Map" && s.MaxConcurrency != 40, givesUp != (s.ToleratedFailurePercentage == 100),
			s.Type == "Task" && len(s.Retry) != 3:
			t.Errorf("%s: %+v", at, s)
		}
	}
	if got := strings.Join(order, " "); got != "Plan List Read Gather Merge Report" {
		t.Errorf("the states are %s", got)
	}
	if rest := strings.NewReplacer("${Partition}", "", "${Function}", "", "${Results}", "").Replace(text); strings.Contains(rest, "${") ||
		strings.Contains(rest, "States.Format") || strings.Contains(rest, "States.StringToJson") {
		t.Errorf("a text is put together: %s", rest)
	}
	if machine["StateMachineName"] != "trailkeeper-Backtest" || machine["StateMachineType"] != "STANDARD" {
		t.Errorf("%v", machine)
	}
}

// TestBacktestWaits: throttling of Lambda is waited out as long as lambda/ARCHIVE.md says; with JitterStrategy FULL each
// wait is half its delay on average.
func TestBacktestWaits(t *testing.T) {
	_, machine := goldenTemplate(t, "backtest").only(t, "AWS::StepFunctions::StateMachine", "Backtest")
	text, _ := machine["DefinitionString"].(string)
	var definition struct {
		States map[string]struct {
			Retry []struct {
				ErrorEquals                                                []string
				IntervalSeconds, BackoffRate, MaxDelaySeconds, MaxAttempts float64
				JitterStrategy                                             string
			}
		}
	}
	if err := json.Unmarshal([]byte(text), &definition); err != nil {
		t.Fatal(err)
	}
	page, err := os.ReadFile("../../lambda/ARCHIVE.md")
	if err != nil {
		t.Fatal(err)
	}
	found := 0
	for _, retry := range definition.States["Plan"].Retry {
		if !slices.Contains(retry.ErrorEquals, "Lambda.TooManyRequestsException") || retry.JitterStrategy != "FULL" {
			continue
		}
		found++
		delay, seconds := retry.IntervalSeconds, 0.0
		for range int(retry.MaxAttempts) {
			seconds += delay / 2
			delay = min(delay*retry.BackoffRate, retry.MaxDelaySeconds)
		}
		want := fmt.Sprintf("tried %.0f times again, with random waits that add up to %.0f minutes on average", retry.MaxAttempts, seconds/60)
		if !strings.Contains(strings.Join(strings.Fields(string(page)), " "), want) {
			t.Errorf("lambda/ARCHIVE.md does not say that it is %s", want)
		}
	}
	if found != 1 {
		t.Errorf("%d retries are for throttling; want 1", found)
	}
}

// TestBacktestResults: the bucket is closed, and its objects end.
func TestBacktestResults(t *testing.T) {
	tpl := goldenTemplate(t, "backtest")
	id, bucket := tpl.only(t, "AWS::S3::Bucket", "Backtest")
	closed := map[string]any{
		"BlockPublicAcls": true, "BlockPublicPolicy": true, "IgnorePublicAcls": true, "RestrictPublicBuckets": true,
	}
	if diff := cmp.Diff(any(closed), plain(bucket["PublicAccessBlockConfiguration"])); diff != "" {
		t.Error(diff)
	}
	if at(bucket, "LifecycleConfiguration.Rules.0.ExpirationInDays") != 90.0 ||
		at(bucket, "BucketEncryption.ServerSideEncryptionConfiguration.0.ServerSideEncryptionByDefault.SSEAlgorithm") != "AES256" ||
		object(object(tpl["Resources"])[id])["DeletionPolicy"] != "Retain" {
		t.Errorf("%v", bucket)
	}
}
