package trailkeeper_test

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"trailkeeper/cdk/settings"
)

// movingPage maps each variable of the other module to ours.
const movingPage = "rules/MOVING.md"

// moduleVariables are those of fivexl/cloudtrail-to-slack ("Inputs" in its README).
var moduleVariables = strings.Fields(`
	aws_sns_topic_subscriptions cloudtrail_logs_kms_key_id cloudtrail_logs_s3_bucket_name configuration
	dead_letter_target_arn default_slack_channel_id default_slack_hook_url default_sns_topic_arn dynamodb_table_name
	dynamodb_time_to_live events_to_track function_name ignore_rules lambda_build_in_docker
	lambda_logs_retention_in_days lambda_memory_size lambda_recreate_missing_package lambda_timeout_seconds log_level
	push_access_denied_cloudwatch_metrics rule_evaluation_errors_to_slack rules rules_separator
	s3_notification_filter_prefix s3_removed_object_notification slack_app_configuration slack_bot_token
	sns_configuration tags use_default_rules`)

var quoted = regexp.MustCompile("`([^`\n]+)`")

// TestMovingHasEveryVariable: each variable of the module has one row, and every setting that a row or the text around
// it names exists.
func TestMovingHasEveryVariable(t *testing.T) {
	page := fenced.ReplaceAllString(read(t, movingPage), "")
	_, table, found := strings.Cut(page, "\n## The settings\n")
	table, _, _ = strings.Cut(table, "\n## ")
	if !found {
		t.Fatalf("%s has no section of the settings", movingPage)
	}
	known := settingNames()
	var rows []string
	for line := range strings.Lines(table) {
		cells := strings.SplitN(line, "|", 4)
		if len(cells) < 4 || !strings.Contains(cells[1], "`") {
			continue
		}
		for _, m := range quoted.FindAllStringSubmatch(cells[1], -1) {
			rows = append(rows, m[1])
		}
		if named := settingsIn(cells[2]); len(named) == 0 && !strings.Contains(cells[2], "files in") &&
			!regexp.MustCompile(`none:|not needed:|dedupe:`).MatchString(cells[2]) {
			t.Errorf("%s names neither a setting nor a reason: %s", movingPage, line)
		}
	}
	slices.Sort(rows)
	if !slices.Equal(rows, moduleVariables) {
		t.Errorf("%s has rows for\n%v; want each once of\n%v", movingPage, rows, moduleVariables)
	}
	for _, name := range settingsIn(page) {
		if !slices.Contains(known, name) {
			t.Errorf("%s names the setting %s, which there is not", movingPage, name)
		}
	}
	if strings.Contains(page, "not yet") {
		t.Errorf("%s promises what there is not", movingPage)
	}
}

// settingsIn are the settings that a text names, by their form: a group of the settings, and what is in it, or a
// setting without a group.
func settingsIn(text string) []string {
	groups, alone := map[string]bool{}, map[string]bool{}
	for _, name := range settingNames() {
		if group, _, grouped := strings.Cut(name, "."); grouped {
			groups[group] = true
		} else {
			alone[name] = true
		}
	}
	var named []string
	for _, m := range quoted.FindAllStringSubmatch(text, -1) {
		name, _, _ := strings.Cut(m[1], ":")
		group, rest, grouped := strings.Cut(name, ".")
		if grouped && groups[group] && regexp.MustCompile(`^[a-zA-Z.]+$`).MatchString(rest) || alone[name] {
			named = append(named, name)
		}
	}
	return named
}

func settingNames() []string {
	var names []string
	for _, m := range regexp.MustCompile("(?m)^\\| `([^`]+)`").FindAllStringSubmatch(settings.Markdown(), -1) {
		names = append(names, m[1])
	}
	return names
}
