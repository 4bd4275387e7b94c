package fivexl_test

import (
	"encoding/json"
	"io/fs"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"trailkeeper/events"
	"trailkeeper/rules/expression"
	"trailkeeper/rules/translate"
	"trailkeeper/rules/translate/fivexl"
)

// configuration has the nine rules that the module's documentation describes, in the words of a user of it.
const configuration = `
locals {
  separator = "|"
  function  = "fivexl-cloudtrail-to-slack"
  trail     = "event['eventSource'] == 'cloudtrail.amazonaws.com' and event['eventName'] =="
  itself    = <<-EOT
    event["eventSource"] == "lambda.amazonaws.com"
    and "responseElements.functionName" in event
    and event["responseElements.functionName"] == "${local.function}"
  EOT
  mine = [
    "event['eventName'] == 'ConsoleLogin' and event.get('additionalEventData.MFAUsed', '') != 'Yes' and ` +
	`'assumed-role/AWSReservedSSO' not in event.get('userIdentity.arn', '')",
    "event.get('errorCode', '').endswith(('UnauthorizedOperation'))",
    "event.get('errorCode', '').startswith(('AccessDenied')) and ` +
	`(event.get('userIdentity.accountId', '') != 'ANONYMOUS_PRINCIPAL')",
    "event.get('userIdentity.type', '') == 'Root' and ` +
	`not event['eventName'].startswith(('Get', 'List', 'Describe', 'Head'))",
    "${local.trail} 'StopLogging'",
    "${local.trail} 'UpdateTrail'",
    "${local.trail} 'DeleteTrail'",
    "${local.itself} and event['eventName'].startswith(('UpdateFunctionConfiguration'))",
    "${local.itself} and event['eventName'].startswith(('UpdateFunctionCode'))",
  ]
}
module "cloudtrail_to_slack" {
  rules           = join(local.separator, local.mine)
  rules_separator = local.separator
}
`

// documented is what the documentation says of the nine rules, over the flattened event.
var documented = []func(event map[string]string) bool{
	func(e map[string]string) bool {
		return e["eventName"] == "ConsoleLogin" && e["additionalEventData.MFAUsed"] != "Yes" &&
			!strings.Contains(e["userIdentity.arn"], "assumed-role/AWSReservedSSO")
	},
	func(e map[string]string) bool { return strings.HasSuffix(e["errorCode"], "UnauthorizedOperation") },
	func(e map[string]string) bool {
		return strings.HasPrefix(e["errorCode"], "AccessDenied") && e["userIdentity.accountId"] != "ANONYMOUS_PRINCIPAL"
	},
	func(e map[string]string) bool {
		reads := func(begin string) bool { return strings.HasPrefix(e["eventName"], begin) }
		return e["userIdentity.type"] == "Root" && e["eventName"] != "" &&
			!slices.ContainsFunc([]string{"Get", "List", "Describe", "Head"}, reads)
	},
	trail("StopLogging"), trail("UpdateTrail"), trail("DeleteTrail"),
	itself("UpdateFunctionConfiguration"), itself("UpdateFunctionCode"),
}

func trail(name string) func(map[string]string) bool {
	return func(e map[string]string) bool {
		return e["eventSource"] == "cloudtrail.amazonaws.com" && e["eventName"] == name
	}
}

func itself(begin string) func(map[string]string) bool {
	return func(e map[string]string) bool {
		return e["eventSource"] == "lambda.amazonaws.com" && strings.HasPrefix(e["eventName"], begin) &&
			e["responseElements.functionName"] == "fivexl-cloudtrail-to-slack"
	}
}

// flat adds the texts in a value, each under its path.
func flat(into map[string]string, at string, value any) {
	switch v := value.(type) {
	case map[string]any:
		for name, inner := range v {
			flat(into, at+"."+name, inner)
		}
	case []any:
		for i, inner := range v {
			flat(into, at+"."+strconv.Itoa(i), inner)
		}
	case string:
		into[strings.TrimPrefix(at, ".")] = v
	}
}

// near are records that the nine rules match, or nearly do.
var near = []string{
	`{"eventName":"ConsoleLogin","eventSource":"signin.amazonaws.com","additionalEventData":{"MFAUsed":"Yes"}}`,
	`{"eventName":"ConsoleLogin","eventSource":"signin.amazonaws.com",` +
		`"userIdentity":{"arn":"arn:aws:sts::111122223333:assumed-role/AWSReservedSSO_A/b"}}`,
	`{"eventName":"RunInstances","eventSource":"ec2.amazonaws.com","errorCode":"Client.UnauthorizedOperation"}`,
	`{"eventName":"GetObject","eventSource":"s3.amazonaws.com","errorCode":"AccessDenied",` +
		`"userIdentity":{"accountId":"ANONYMOUS_PRINCIPAL"}}`,
	`{"eventName":"GetObject","eventSource":"s3.amazonaws.com","errorCode":"AccessDeniedException","userIdentity":null}`,
	`{"eventName":"GetBucketAcl","eventSource":"s3.amazonaws.com","userIdentity":{"type":"Root"}}`,
	`{"eventName":"CreateBucket","eventSource":"s3.amazonaws.com","userIdentity":{"type":"Root"}}`,
	`{"eventName":"UpdateFunctionCode20150331v2","eventSource":"lambda.amazonaws.com",` +
		`"responseElements":{"functionName":"fivexl-cloudtrail-to-slack"}}`,
	`{"eventName":"UpdateFunctionConfiguration20150331v2","eventSource":"lambda.amazonaws.com",` +
		`"responseElements":{"functionName":"fivexl-cloudtrail-to-slack"}}`,
	`{"eventName":"UpdateFunctionCode20150331v2","eventSource":"lambda.amazonaws.com",` +
		`"responseElements":{"functionName":"another"}}`,
	`{"eventName":"UpdateFunctionCode20150331v2","eventSource":"lambda.amazonaws.com","responseElements":null}`,
	`{"eventName":"DeleteTrail","eventSource":"cloudtrail.amazonaws.com","errorCode":"AccessDenied"}`,
	`{"eventName":"UpdateTrail","eventSource":"cloudtrail.amazonaws.com"}`,
	`{"eventName":"UpdateTrail","eventSource":"other.amazonaws.com"}`,
}

// recordsIn are the records of a folder's files: bare, in an envelope, or in a log file.
func recordsIn(t *testing.T, files fs.FS) []json.RawMessage {
	t.Helper()
	names, err := fs.Glob(files, "*.json")
	if err != nil {
		t.Fatal(err)
	}
	var all []json.RawMessage
	for _, name := range names {
		text, err := fs.ReadFile(files, name)
		if err != nil {
			t.Fatal(err)
		}
		var of struct {
			Records []json.RawMessage
			Detail  json.RawMessage
		}
		if json.Unmarshal(text, &of) != nil {
			continue
		}
		switch {
		case len(of.Records) > 0:
			all = append(all, of.Records...)
		case of.Detail != nil:
			all = append(all, of.Detail)
		default:
			all = append(all, text)
		}
	}
	return all
}

// TestDefaultRules: the nine rules, imported, decide as their documentation says on every record there is.
func TestDefaultRules(t *testing.T) {
	set := fivexl.Translate([]translate.Source{{Name: "main.tf", Text: configuration}}, "")
	if len(set.Rules) != len(documented) || len(set.Refused)+len(set.Remarks) > 0 {
		t.Fatalf("%d rules, %v, %v", len(set.Rules), set.Refused, set.Remarks)
	}
	records := recordsIn(t, events.Fixtures())
	if more := "/work/shared/events"; folderIsThere(more) {
		records = append(records, recordsIn(t, os.DirFS(more))...)
	}
	for _, record := range near {
		records = append(records, json.RawMessage(record))
	}
	matched := make([]int, len(documented))
	for i, rule := range set.Rules {
		program, _, problems := expression.New(nil, "", "").Compile(translate.CEL(rule.Match), expression.Condition)
		if program == nil {
			t.Fatal(problems)
		}
		for _, text := range records {
			record, err := expression.Parse(text)
			if err != nil {
				continue // a schedule, or another event that is no record
			}
			var value any
			if err := json.Unmarshal(text, &value); err != nil {
				t.Fatal(err)
			}
			event := map[string]string{}
			flat(event, "", value)
			got, err := program.Match(record)
			if want := documented[i](event); got != want || err != nil {
				t.Errorf("rule %d on %.300s: %v, %v; want %v", i+1, text, got, err, want)
			} else if got {
				matched[i]++
			}
		}
	}
	if slices.Contains(matched, 0) {
		t.Errorf("a rule matched nothing: %v", matched)
	}
}

func folderIsThere(name string) bool {
	info, err := os.Stat(name)
	return err == nil && info.IsDir()
}
