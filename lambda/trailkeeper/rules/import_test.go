package rules_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"trailkeeper/lambda/trailkeeper/cli"
	"trailkeeper/lambda/trailkeeper/clitest"
)

// imported runs the command on files and gives its output, and the files that it wrote one behind the other.
func imported(t *testing.T, from string, files map[string]string) (code int, said, written, out string) {
	t.Helper()
	dir := folder(t, files)
	t.Chdir(dir)
	code, stdout, stderr := trailkeeper("", "rules", "import", "--from", from, "--out", "out", ".")
	said = stdout + "---\n" + stderr
	err := filepath.WalkDir("out", func(name string, entry os.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		text, err := os.ReadFile(name)
		written += "=== " + filepath.ToSlash(name) + "\n" + string(text)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return code, said, written, filepath.Join(dir, "out")
}

const moduleOfOthers = `locals {
  rules = [
    "event.get('userIdentity.type', '') == 'Root' and not event['eventName'].startswith(('Get', 'List'))",
    "[x for x in event]",
    "event['eventName'] == 'A'"
    "event['eventName'] == 'B'",
  ]
}
module "cloudtrail_to_slack" {
  source          = "fivexl/cloudtrail-to-slack/aws"
  rules           = join(",", local.rules)
  ignore_rules    = "event.get('sourceIPAddress', '') == '192.0.2.1'"
  events_to_track = "SendSSHPublicKey,DeleteConfigRule"
}
`

const sigmaRules = `# License: DRL 1.1
title: Trail Stopped
name: trail_stopped
description: The trail is stopped.
author: Jane Doe
references: [https://example.com/trail]
tags: [attack.t1562.008]
logsource: {product: aws, service: cloudtrail}
detection:
  selection:
    eventSource: cloudtrail.amazonaws.com
    eventName: [StopLogging, 'Delete*']
  filter_admins:
    userIdentity.userName|expand: '%admins%'
  filter_ports:
    requestParameters.items.port: 22
  condition: selection and not 1 of filter_*
level: high
---
title: Trail Stopped Repeatedly
correlation:
  type: event_count
  rules: [trail_stopped]
  group-by: [userIdentity.arn]
  timespan: 1h
  condition: {gte: 3}
level: critical
---
title: Root Activity
logsource: {product: aws, service: cloudtrail}
detection:
  selection: {userIdentity.type: Root}
  condition: selection
---
title: Not Here
logsource: {product: windows, service: security}
detection:
  selection: {EventID: 1}
  condition: selection
`

// TestImport: what is written loads, and its tests pass; what is not is said.
func TestImport(t *testing.T) {
	for from, files := range map[string]map[string]string{
		"fivexl": {"main.tf": moduleOfOthers},
		"sigma":  {"trail.yml": sigmaRules},
		"metric-filter": {
			"filters.txt": "{ ($.errorCode = \"*UnauthorizedOperation\") || ($.errorCode = \"AccessDenied*\") }\nERROR\n",
			"filters.tf": `resource "aws_cloudwatch_log_metric_filter" "outside" {
  pattern = "{ ($.eventName = ConsoleLogin) && ($.sourceIPAddress != 192.0.2.*) }"
}`,
		},
	} {
		t.Run(from, func(t *testing.T) {
			golden, err := filepath.Abs("testdata")
			if err != nil {
				t.Fatal(err)
			}
			code, said, written, out := imported(t, from, files)
			if code != cli.ExitUsage {
				t.Errorf("exit code %d", code)
			}
			clitest.Narrow(t, strings.Split(said, "---")[0], cli.Columns)
			code, tested, stderr := trailkeeper("", "rules", "test", "--only", "--rules", out)
			if code != cli.ExitOK {
				t.Errorf("rules test: %d, %s%s", code, tested, stderr)
			}
			t.Chdir(filepath.Dir(golden))
			clitest.Golden(t, "import-"+from+".golden", said)
			clitest.Golden(t, "import-"+from+"-files.golden", written)
		})
	}
}

// TestImportAgain: the same files again are no fault, and another content is not overwritten.
func TestImportAgain(t *testing.T) {
	dir := folder(t, map[string]string{
		"a.txt": `event["eventName"] == "A"`, "b.txt": `event["eventName"] == "B"`,
	})
	out := filepath.Join(dir, "out")
	run := func(file string) (int, string) {
		code, _, stderr := trailkeeper("", "rules", "import", "--from", "fivexl", "--out", out, filepath.Join(dir, file))
		return code, stderr
	}
	for range 2 {
		if code, stderr := run("a.txt"); code != cli.ExitOK || stderr != "" {
			t.Fatalf("%d, %s", code, stderr)
		}
	}
	code, stderr := run("b.txt")
	if code != cli.ExitUsage || !strings.Contains(stderr, "was left as it is") {
		t.Errorf("%d, %s", code, stderr)
	}
	text, err := os.ReadFile(filepath.Join(out, "detections", "fivexl-rule-1.yaml"))
	if err != nil || !strings.Contains(string(text), `record.eventName == "A"`) {
		t.Errorf("%s, %v", text, err)
	}
}

func TestImportRefuses(t *testing.T) {
	dir := folder(t, map[string]string{
		"binary.txt": "\xff\xfe",
		"good.txt":   "True",
		"long.txt":   strings.Repeat("x", 5<<20),
	})
	file := func(name string) string { return filepath.Join(dir, name) }
	out := []string{"--out", file("out")}
	for want, args := range map[string][]string{
		"--from is":                 append(out, file("good.txt")),
		"--out is missing":          {"--from", "fivexl", file("good.txt")},
		"at least one file":         append(out, "--from", "fivexl"),
		"cannot be read: no such":   append(out, "--from", "fivexl", file("none.txt")),
		"no text in UTF-8":          append(out, "--from", "fivexl", file("binary.txt")),
		"longer than 4194304 bytes": append(out, "--from", "fivexl", file("long.txt")),
	} {
		code, _, stderr := trailkeeper("", append([]string{"rules", "import"}, args...)...)
		if code != cli.ExitUsage || !strings.Contains(stderr, want) {
			t.Errorf("%v: %d, %s; want %q", args, code, stderr, want)
		}
	}
}

// variables are those of the module that the page is about.
var variables = strings.Fields(`aws_sns_topic_subscriptions cloudtrail_logs_kms_key_id cloudtrail_logs_s3_bucket_name
	configuration dead_letter_target_arn default_slack_channel_id default_slack_hook_url default_sns_topic_arn
	dynamodb_table_name dynamodb_time_to_live events_to_track function_name ignore_rules lambda_build_in_docker
	lambda_logs_retention_in_days lambda_memory_size lambda_recreate_missing_package lambda_timeout_seconds log_level
	push_access_denied_cloudwatch_metrics rule_evaluation_errors_to_slack rules rules_separator
	s3_notification_filter_prefix s3_removed_object_notification slack_app_configuration slack_bot_token
	sns_configuration tags use_default_rules`)

// TestMovingPage: the page has a row for each variable, its example becomes what it says, and its commands are there.
func TestMovingPage(t *testing.T) {
	text, err := os.ReadFile("../../../rules/MOVING.md")
	if err != nil {
		t.Fatal(err)
	}
	page := string(text)
	for _, v := range variables {
		row := slices.ContainsFunc(strings.Split(page, "\n"), func(line string) bool {
			cells := strings.Split(line, "|")
			return len(cells) > 2 && strings.Contains(cells[1], "`"+v+"`")
		})
		if !row {
			t.Errorf("there is no row for %s", v)
		}
	}
	blocks := func(language string) []string {
		var all []string
		for _, part := range strings.Split(page, "```"+language+"\n")[1:] {
			block, _, _ := strings.Cut(part, "```")
			all = append(all, block)
		}
		return all
	}
	commands := 0
	for _, line := range strings.Split(page, "\n") {
		words := strings.Fields(strings.TrimPrefix(line, "    go run ./lambda/trailkeeper "))
		if !strings.HasPrefix(line, "    go run ") {
			continue
		}
		commands++
		if code, _, stderr := trailkeeper("", append(words[:2:2], "--help")...); code != cli.ExitOK {
			t.Errorf("%s: %s", line, stderr)
		}
	}
	if commands < 3 {
		t.Errorf("%d commands", commands)
	}
	code, said, written, out := imported(t, "fivexl", map[string]string{"main.tf": blocks("hcl")[0]})
	if code != cli.ExitOK {
		t.Errorf("%d, %s", code, said)
	}
	for _, block := range blocks("cel") {
		condition := strings.Join(strings.Fields(block), " ")
		if !strings.Contains(strings.Join(strings.Fields(written), " "), condition) {
			t.Errorf("%s\nis not in\n%s", condition, written)
		}
	}
	if code, tested, stderr := trailkeeper("", "rules", "test", "--rules", out); code != cli.ExitOK {
		t.Errorf("%d, %s%s", code, tested, stderr)
	}
}
