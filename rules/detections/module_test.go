package detections_test

import (
	"io/fs"
	"maps"
	"slices"
	"strings"
	"testing"

	"trailkeeper/events"
	"trailkeeper/rules/detect"
	"trailkeeper/rules/detections"
	"trailkeeper/rules/expression"
)

// module has the default rules of the Terraform module that these rules stand for, as its documentation has them.
var module = map[string]func(text func(path string) string) bool{
	"console-login-without-mfa": func(text func(string) string) bool {
		return text("eventName") == "ConsoleLogin" && text("additionalEventData.MFAUsed") != "Yes" &&
			!strings.Contains(text("userIdentity.arn"), "assumed-role/AWSReservedSSO")
	},
	"refused-calls": func(text func(string) string) bool {
		return strings.HasSuffix(text("errorCode"), "UnauthorizedOperation") ||
			strings.HasPrefix(text("errorCode"), "AccessDenied") && text("userIdentity.accountId") != "ANONYMOUS_PRINCIPAL"
	},
	"root-activity": func(text func(string) string) bool {
		return text("userIdentity.type") == "Root" &&
			!slices.ContainsFunc([]string{"Get", "List", "Describe", "Head"}, func(begin string) bool {
				return strings.HasPrefix(text("eventName"), begin)
			})
	},
	"trail-tampering": func(text func(string) string) bool {
		return text("eventSource") == "cloudtrail.amazonaws.com" &&
			slices.Contains([]string{"StopLogging", "UpdateTrail", "DeleteTrail"}, text("eventName"))
	},
	"own-function-changed": func(text func(string) string) bool {
		name := text("eventName")
		return text("eventSource") == "lambda.amazonaws.com" &&
			text("responseElements.functionName") == "trailkeeper-watch" &&
			(strings.HasPrefix(name, "UpdateFunctionConfiguration") || strings.HasPrefix(name, "UpdateFunctionCode"))
	},
}

// meant are the fixtures on which the decisions differ, and why.
var meant = map[string]string{
	"console-login-without-mfa console-login-failed.json":         "a sign-in that failed is console-login-failed",
	"trail-tampering put-event-selectors-advanced.json":           "selectors can blind a trail",
	"trail-tampering put-event-selectors-blinding.json":           "selectors can blind a trail",
	"trail-tampering put-event-selectors-denied.json":             "selectors can blind a trail",
	"trail-tampering put-event-selectors-omitted.json":            "selectors can blind a trail",
	"trail-tampering put-insight-selectors.json":                  "so can those of Insights",
	"trail-tampering put-insight-selectors-event-data-store.json": "so can those of Insights",
}

// TestAsTheModule: on every fixture the decisions are those of the module's default rules, but for what is meant.
func TestAsTheModule(t *testing.T) {
	set := load(t, detections.Tested())
	differ := map[string]bool{}
	files, err := fs.Glob(events.Fixtures(), "*.json")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		text, err := fs.ReadFile(events.Fixtures(), file)
		if err != nil {
			t.Fatal(err)
		}
		record, err := expression.Parse(text)
		if err != nil {
			continue // a schedule, or another event that is no record
		}
		d := set.Decide(record)
		for id, theirs := range module {
			ours := slices.ContainsFunc(d.Rules, func(r *detect.Rule) bool { return r.ID == id })
			if ours != theirs(func(path string) string { return record.Text(strings.Split(path, ".")...) }) {
				differ[id+" "+file] = true
			}
		}
	}
	for _, place := range slices.Sorted(maps.Keys(differ)) {
		if meant[place] == "" {
			t.Errorf("%s differs", place)
		}
	}
	for place := range meant {
		if !differ[place] {
			t.Errorf("%s does not differ", place)
		}
	}
}
