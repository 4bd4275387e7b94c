package python_test

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"strings"
	"testing"

	"trailkeeper/rules/expression"
	"trailkeeper/rules/translate"
	"trailkeeper/rules/translate/python"
)

// records are what the rules below are evaluated on.
var records = []string{
	`{"eventName":"ConsoleLogin","eventSource":"signin.amazonaws.com","userIdentity":{"type":"IAMUser",` +
		`"arn":"arn:aws:iam::111122223333:user/alice","accountId":"111122223333"},` +
		`"additionalEventData":{"MFAUsed":"No"},"readOnly":false}`,
	`{"eventName":"ConsoleLogin","eventSource":"signin.amazonaws.com","userIdentity":{"type":"AssumedRole",` +
		`"arn":"arn:aws:sts::111122223333:assumed-role/AWSReservedSSO_Admin/alice"}}`,
	`{"eventName":"GetObject","eventSource":"s3.amazonaws.com","errorCode":"AccessDenied",` +
		`"userIdentity":{"type":"AWSAccount","accountId":"ANONYMOUS_PRINCIPAL"},"readOnly":true}`,
	`{"eventName":"RunInstances","eventSource":"ec2.amazonaws.com","errorCode":"Client.UnauthorizedOperation",` +
		`"requestParameters":{"instanceCount":3,"items":[{"id":"i-1"},{"id":"i-2"}]},"sourceIPAddress":"10.1.2.3"}`,
	`{"eventName":"StopLogging","eventSource":"cloudtrail.amazonaws.com","errorCode":"",` +
		`"userIdentity":{"type":"Root"},"additionalEventData":{"MFAUsed":"Yes"}}`,
	`{"eventName":"getThing","eventSource":"GETTHING","requestParameters":{"instanceCount":5},"errorCode":"false"}`,
	`{"eventSource":"x"}`,
	`{}`,
}

// translated are rules, with the condition that they become.
var translated = [][2]string{
	{`event["eventName"] == "ConsoleLogin"`, `record.eventName == "ConsoleLogin"`},
	{`"ConsoleLogin" == event["eventName"]`, `record.eventName == "ConsoleLogin"`},
	{`event['eventName'] != 'ConsoleLogin'`, `has(record.eventName) && record.eventName != "ConsoleLogin"`},
	{`event.get("eventName") != "ConsoleLogin"`, `record.eventName != "ConsoleLogin"`},
	{`event.get("errorCode", "none") == "none"`, `!has(record.errorCode) || record.errorCode == "none"`},
	{`event.get("errorCode", "none") != "none"`, `has(record.errorCode) && record.errorCode != "none"`},
	{`not event["eventName"].startswith("Get")`, `has(record.eventName) && !(record.eventName.startsWith("Get"))`},
	{`event.get("errorCode", "").endswith(("Operation"))`, `record.errorCode.endsWith("Operation")`},
	{
		`not event.get("errorCode", "").startswith(("A","C"))`,
		`!(record.errorCode.startsWith("A") || record.errorCode.startsWith("C"))`,
	},
	{`event.get("errorCode").startswith("A")`, `record.errorCode.startsWith("A")`},
	{`not event.get("errorCode").startswith("A")`, `has(record.errorCode) && !(record.errorCode.startsWith("A"))`},
	{`"errorCode" in event`, `has(record.errorCode)`},
	{`"errorCode" not in event`, `!has(record.errorCode)`},
	{`"errorCode" in event.keys()`, `has(record.errorCode)`},
	{`"assumed-role" in event["userIdentity.arn"]`, `record.userIdentity.arn.contains("assumed-role")`},
	{`"assumed-role" not in event.get("userIdentity.arn", "")`, `!(record.userIdentity.arn.contains("assumed-role"))`},
	{`event["eventName"] in ["StopLogging", "ConsoleLogin"]`, `record.eventName in ["StopLogging", "ConsoleLogin"]`},
	{`event["eventName"] in ("StopLogging")`, `"StopLogging".contains(record.eventName)`},
	{
		`event["eventName"] not in {"StopLogging", "DeleteTrail"}`,
		`has(record.eventName) && !(record.eventName in ["StopLogging", "DeleteTrail"])`,
	},
	{`event["eventName"] in ()`, ``},
	{`event["eventName"].lower() == "getthing"`, `record.eventName.lower() == "getthing"`},
	{`event["eventName"].upper() == "GETTHING"`, `record.eventName.lower() == "getthing"`},
	{`event["eventName"].lower() in ["getthing", "StopLogging"]`, `record.eventName.lower() == "getthing"`},
	{`str(event["requestParameters.instanceCount"]) == "3"`, `text(record.requestParameters.instanceCount) == "3"`},
	{`str(event.get("errorCode")) == "None"`, `!has(record.errorCode) || text(record.errorCode) == "None"`},
	{`event["requestParameters.instanceCount"] == 3`, `record.requestParameters.instanceCount == 3`},
	{
		`1 < event["requestParameters.instanceCount"] <= 3`,
		`record.requestParameters.instanceCount > 1 && record.requestParameters.instanceCount <= 3`,
	},
	{
		`event.get("requestParameters.instanceCount", 0) < 4`,
		`!has(record.requestParameters.instanceCount) || record.requestParameters.instanceCount < 4`,
	},
	{`len(event["userIdentity.accountId"]) == 12`, `record.userIdentity.accountId.size() == 12`},
	{`event["userIdentity.accountId"][:4] == "1111"`, `record.userIdentity.accountId.startsWith("1111")`},
	{`event["userIdentity.accountId"][-4:] == "3333"`, `record.userIdentity.accountId.endsWith("3333")`},
	{`event["requestParameters.items.1.id"] == "i-2"`, `record.requestParameters.items[1].id == "i-2"`},
	{`event["readOnly"] == True`, `record.readOnly == true`},
	{`event.get("readOnly") is False`, `record.readOnly == false`},
	{`event.get("errorCode") is None`, `!has(record.errorCode)`},
	{`event["errorCode"] is not None`, `has(record.errorCode)`},
	{`event.get("errorCode") == None`, `!has(record.errorCode)`},
	{`event["eventName"] == event["eventSource"]`, `record.eventName == record.eventSource`},
	{
		`event["eventName"] == "A" or event["errorCode"] == "AccessDenied"`,
		`record.eventName == "A" || (has(record.eventName) && record.errorCode == "AccessDenied")`,
	},
	{
		`event.get("errorCode") == "A" or event["eventName"] == "StopLogging"`,
		`record.errorCode == "A" || record.eventName == "StopLogging"`,
	},
	{
		`not (event["errorCode"] == "AccessDenied" and event["eventName"] == "X")`,
		`(has(record.errorCode) && record.errorCode != "AccessDenied") || (has(record.errorCode) && ` +
			`has(record.eventName) && record.eventName != "X")`,
	},
	{`"errorCode" in event and event["errorCode"] == "AccessDenied"`, `record.errorCode == "AccessDenied"`},
	{`"errorCode" not in event or event["errorCode"] == ""`, `!has(record.errorCode) || record.errorCode == ""`},
	{`event["eventName"] == "Stop" "Logging"`, `record.eventName == "StopLogging"`},
	{`event["eventName"] == "Stop" + 'Logging'`, `record.eventName == "StopLogging"`},
	{
		`True if "errorCode" in event else event["eventName"] == "getThing"`,
		`has(record.errorCode) || (!has(record.errorCode) && record.eventName == "getThing")`,
	},
	{
		`any([event["eventName"] == "StopLogging", event["errorCode"] == ""])`,
		`has(record.eventName) && has(record.errorCode) && (record.eventName == "StopLogging" || record.errorCode == "")`,
	},
	{
		`event.get("errorCode") and event["eventName"] == "GetObject"`,
		`(type(record.errorCode) == string ? record.errorCode != "" : !(text(record.errorCode) in ["false", "0"]) && ` +
			`record.errorCode != null) && record.eventName == "GetObject"`,
	},
	{
		`not event.get("errorCode")`,
		`!((type(record.errorCode) == string ? record.errorCode != "" : !(text(record.errorCode) in ["false", "0"]) && ` +
			`record.errorCode != null))`,
	},
	{"event['eventName'] == 'StopLogging' # the trail", `record.eventName == "StopLogging"`},
	{"(event['eventName']\n == '''StopLogging''')", `record.eventName == "StopLogging"`},
	{`event["eventName"] == r"Stop\Logging"`, `record.eventName == "Stop\\Logging"`},
	{`event["eventName"] == "\x53topL\u006fgging"`, `record.eventName == "StopLogging"`},
	{`event["a b.c-d"] == "x"`, `record["a b"]["c-d"] == "x"`},
	{`True`, `true`},
}

func TestTranslate(t *testing.T) {
	for _, row := range translated {
		source, want := row[0], row[1]
		e, err := python.Translate(source)
		if err != nil {
			if want != "" {
				t.Errorf("%s: %v", source, err)
			}
			continue
		}
		if got := strings.Join(strings.Fields(translate.CEL(e.Condition)), " "); got != want {
			t.Errorf("%s\n got %s\nwant %s", source, got, want)
		}
	}
}

// TestRefused: what cannot be translated is named.
func TestRefused(t *testing.T) {
	for source, want := range map[string]string{
		``:                           "the end is not expected here",
		`event["eventName"]`:         "gives the value of",
		`event.get("errorCode", "")`: "gives the value of",
		`"errorCode" in event and event["eventName"]`:          "gives the value of",
		`[x for x in event]`:                                   "comprehension",
		`any(x == "a" for x in event)`:                         "comprehension",
		`lambda: True`:                                         "lambda",
		`import os`:                                            `"import" belongs to a statement`,
		`del event`:                                            `"del" belongs to a statement`,
		`x = 1`:                                                `"=" assigns`,
		`(x := 1)`:                                             `":=" assigns`,
		`event["a"] == "x"; True`:                              "semicolon",
		`re.match("a", event["eventName"])`:                    ".match()",
		`__import__("os").system("id")`:                        ".system()",
		`open("/etc/passwd")`:                                  "open()",
		`event["eventName"].encode`:                            "attribute",
		`event["eventName"].split(".") == 1`:                   ".split()",
		`event["eventName"].startswith(["Get"])`:               "TypeError",
		`event["eventName"].startswith("G", 1)`:                "takes a text or a tuple",
		`event["eventName"] == f"{name}"`:                      "f-string",
		`event["eventName"] == b"x"`:                           "no text",
		`event["userIdentity"]["type"] == "Root"`:              "flattened",
		`"requestParameters" in event`:                         "flattened",
		`event[name] == "x"`:                                   "a key of event must be a text",
		`event["n"] + 1 == 4`:                                  "arithmetic",
		`event["n"] % 2 == 0`:                                  `the operator "%"`,
		`event["eventName"] == "x`:                             "no closing quotation mark",
		`event["eventName" == "x"`:                             `"]" is missing before the end`,
		`event["eventName"] == "A"event["eventName"] == "B"`:   "a comma missing",
		`event["eventName"] == "A", event["eventName"] == "B"`: "a comma stands between expressions",
		`event["a"] is "b"`:                                    "is cannot be translated",
		`event["a"] is None`:                                   "never True",
		`event["eventName"].lower() == "StopLogging"`:          "never True",
		`event["readOnly"] == "true"`:                          "True or False",
		`event["readOnly"] in ["true"]`:                        "True or False",
		`event["eventName"] in event["x"]`:                     "must be a text that is written out",
		`event.get("a", {}) == 1`:                              "empty dictionary",
		`event["a"][1:3] == "b"`:                               "slice",
		`incorrect_rule`:                                       `the name "incorrect_rule"`,
		strings.Repeat("(", 200) + "True":                      "nested",
		strings.Repeat("not ", 200) + "True":                   "nested",
		`event["a"] == "` + strings.Repeat("x", 20000) + `" or event["b"] == "c"`: "too long",
		"event[\"a\"] == \"b\x01\" $": `"$" is no Python`,
	} {
		_, err := python.Translate(source)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.80s: %v, want %q", source, err, want)
		}
	}
}

// matches evaluates the translation of a rule.
func matches(tb testing.TB, condition translate.Condition, record string) bool {
	tb.Helper()
	language := expression.New(nil, "", "")
	program, _, problems := language.Compile(translate.CEL(condition), expression.Condition)
	if len(problems) > 0 {
		tb.Fatalf("%s: %v", translate.CEL(condition), problems)
	}
	r, err := expression.ParseFields([]byte(record))
	if err != nil {
		tb.Fatal(err)
	}
	is, err := program.Match(r)
	return is && err == nil
}

// judge evaluates rules on records as the other module does: a flattened event, and what is True.
const judge = `
import json, sys
def flat(x, name, out):
    if isinstance(x, dict):
        for k in x: flat(x[k], name + k + ".", out)
    elif isinstance(x, list):
        for i, v in enumerate(x): flat(v, name + str(i) + ".", out)
    else: out[name[:-1]] = x
    return out
work = json.load(sys.stdin)
events = [flat(json.loads(r), "", {}) for r in work["records"]]
def verdict(rule, event):
    try: return eval(rule, {}, {"event": event}) is True
    except Exception: return False
print(json.dumps([[verdict(r, e) for e in events] for r in work["rules"]]))
`

// TestAsPython: the translation matches the records for which Python says True, and no others. In CI, which installs
// Python, it is a failure if there is none.
func TestAsPython(t *testing.T) {
	path, err := exec.LookPath("python3")
	switch {
	case err == nil:
	case os.Getenv("CI") != "":
		t.Fatal("python3 is not installed, and CI is set")
	default:
		t.Skip("python3 is not installed")
	}
	var rules []string
	var conditions []translate.Condition
	for _, row := range translated {
		source := row[0]
		if e, err := python.Translate(source); err == nil {
			rules, conditions = append(rules, source), append(conditions, e.Condition)
		}
	}
	work, err := json.Marshal(map[string][]string{"rules": rules, "records": records})
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(path, "-W", "ignore", "-c", judge)
	cmd.Stdin = bytes.NewReader(work)
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	var verdicts [][]bool
	if err := json.Unmarshal(out, &verdicts); err != nil {
		t.Fatal(err)
	}
	for i, rule := range rules {
		for j, record := range records {
			if got := matches(t, conditions[i], record); got != verdicts[i][j] {
				t.Errorf("%s\non %s\nmatches %v, Python says %v", rule, record, got, verdicts[i][j])
			}
		}
	}
}

// TestTests: what is translated has tests that match and tests that do not, and they are as the rule says.
func TestTests(t *testing.T) {
	for _, row := range translated {
		source := row[0]
		e, err := python.Translate(source)
		if err != nil {
			continue
		}
		count := map[bool]int{}
		for _, test := range translate.Tests(e.Condition) {
			count[test.Match]++
			record, err := json.Marshal(test.Record)
			if err != nil {
				t.Fatal(err)
			}
			if got := matches(t, e.Condition, string(record)); got != test.Match {
				t.Errorf("%s\non %s: %v, want %v", source, record, got, test.Match)
			}
		}
		if count[true] == 0 || count[false] == 0 && source != "True" {
			t.Errorf("%s: %d tests match, %d do not", source, count[true], count[false])
		}
	}
}

func FuzzTranslate(f *testing.F) {
	for _, row := range translated {
		source := row[0]
		f.Add(source)
	}
	f.Fuzz(func(t *testing.T, source string) {
		e, err := python.Translate(source)
		if (err == nil) != (e.Condition != nil && e.Condition != translate.Constant(false)) {
			t.Fatalf("%q: %v, %v", source, e.Condition, err)
		}
		if err != nil || len(source) > 4000 {
			return
		}
		for _, test := range translate.Tests(e.Condition) {
			if record, err := json.Marshal(test.Record); err != nil || len(record) == 0 {
				t.Errorf("%q: %v", source, err)
			}
		}
	})
}
