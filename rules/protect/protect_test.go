package protect_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"strings"
	"testing"

	"trailkeeper/rules"
	"trailkeeper/rules/protect"
)

// TestEveryCall: each call about the deployment is matched by one rule, whoever makes it, and by the deployer's if it is
// the deployer; about something else, or in another account, by none.
func TestEveryCall(t *testing.T) {
	all := rulesOf(t, whole())
	issuers := map[string]protect.Kind{
		"": protect.Alert, "arn:aws:iam::111122223333:role/admin": protect.Alert, deployer: protect.Deploy,
		deployer + "2": protect.Alert,
	}
	for _, c := range protect.Seen() {
		own, foreign := valuesOf(c)
		if c.Field == "" {
			own = []string{""}
		} else if len(own) == 0 || len(foreign) == 0 {
			t.Errorf("%s %s: the test has no values for %s", c.Source, c.Event, c.Field)
		}
		event := c.Event
		if c.Source == "lambda.amazonaws.com" {
			event += "20150331v2"
		}
		one := record{source: c.Source, event: event, field: c.Field}
		for i, value := range own {
			for issuer, kind := range issuers {
				if i > 0 && kind == protect.Alert && issuer != "" {
					continue
				}
				r := one
				r.value, r.issuer = value, issuer
				found := matching(t, all, r.JSON(t))
				if len(found) != 1 || found[0].Kind != kind {
					t.Errorf("%s of %q by %q: matched by %d rules", event, value, issuer, len(found))
				}
				if r.account = "999999999999"; i > 0 {
					continue
				}
				if n := len(matching(t, all, r.JSON(t))); n > 0 {
					t.Errorf("%s of %q in another account: matched by %d rules", event, value, n)
				}
			}
		}
		for _, value := range foreign {
			r := one
			r.value = value
			if found := matching(t, all, r.JSON(t)); len(found) > 0 {
				t.Errorf("%s of %q: matched by %s", event, value, found[0].Name)
			}
		}
	}
}

// TestVersionedNames: Lambda's calls as CloudTrail names them (Lambda Developer Guide, "Logging AWS Lambda API calls using
// AWS CloudTrail"), and calls that change nothing.
func TestVersionedNames(t *testing.T) {
	all := rulesOf(t, whole())
	for event, want := range map[string]int{
		"UpdateFunctionCode20150331v2": 1, "UpdateFunctionConfiguration20150331v2": 1, "PutFunctionConcurrency20171031": 1,
		"RemovePermission20150331v2": 1, "RemovePermission20150331": 1, "AddPermission20150331v2": 1,
		"DeleteFunction20150331": 1, "DeleteFunctionConcurrency20171031": 1, "UpdateAlias20150331": 1,
		"PutFunctionEventInvokeConfig": 1, "UpdateFunctionEventInvokeConfig": 1, "DeleteFunctionEventInvokeConfig": 1,
		"PutRuntimeManagementConfig": 1, "CreateFunctionUrlConfig": 1, "GetFunction20150331v2": 0, "Invoke": 0,
	} {
		r := record{source: "lambda.amazonaws.com", event: event, field: "functionName", value: "keeper-guard"}
		if found := matching(t, all, r.JSON(t)); len(found) != want {
			t.Errorf("%s: matched by %d rules; want %d", event, len(found), want)
		}
	}
	r := record{source: "wafv2.amazonaws.com", event: "DeleteRule", field: "name", value: "keeper"}
	if found := matching(t, all, r.JSON(t)); len(found) > 0 {
		t.Errorf("DeleteRule of AWS WAF: matched by %s", found[0].Name)
	}
}

// TestWithoutDeployer: a deployment is then an alert, and nothing has a second rule.
func TestWithoutDeployer(t *testing.T) {
	d := whole()
	d.Deployer = ""
	all := rulesOf(t, d)
	r := record{source: "events.amazonaws.com", event: "DisableRule", field: "name", value: "keeper-x", issuer: deployer}
	if found := matching(t, all, r.JSON(t)); len(found) != 1 || found[0].Kind != protect.Alert {
		t.Errorf("matched by %d rules", len(found))
	}
	kinds := map[protect.Kind]int{}
	for _, r := range rulesOf(t, whole()) {
		kinds[r.Kind]++
	}
	if kinds[protect.Alert] != kinds[protect.Deploy] || len(all) != kinds[protect.Alert]+kinds[protect.Attempt] {
		t.Errorf("%d rules without a deployer, and with one %v", len(all), kinds)
	}
}

// TestNames: each is there once, short enough behind a stack's name of 20 characters (EventBridge API reference, PutRule:
// 64).
func TestNames(t *testing.T) {
	const longest = 64 - len("-12345678") - 21
	seen := map[string]bool{}
	for _, r := range rulesOf(t, whole()) {
		if seen[r.Name] || len(r.Name) > longest || r.Description == "" {
			t.Errorf("%s is there twice, has %d characters or no description", r.Name, len(r.Name))
		}
		seen[r.Name] = true
	}
}

// TestLongest: with every text as long as it may be, and many resources, every pattern is one that EventBridge admits.
func TestLongest(t *testing.T) {
	d := whole()
	d.Stack = strings.Repeat("s", 20)
	d.Partition, d.Region, d.Account = "${Partition}", "${Region}", "${Account}"
	d.Deployer = "arn:${Partition}:iam::${Account}:role/cdk-" + strings.Repeat("q", 10) + "-cfn-exec-role-${Account}-${Region}"
	d.Tables, d.Keys = []string{"${Table}", "${Other}"}, []string{"${Key}", "${Second}", "${Third}"}
	d.Policies = []string{"${Policy}", "${Next}"}
	d.Topics, d.Accounts = nil, nil
	for i := range 30 {
		d.Topics = append(d.Topics, fmt.Sprintf("arn:aws:sns:eu-west-1:111122223333:%0250d", i))
		d.Queues = append(d.Queues, fmt.Sprintf("arn:aws:sqs:eu-west-1:444455556666:%080d", i))
	}
	for i := range 200 {
		d.Accounts = append(d.Accounts, fmt.Sprintf("%012d", i))
	}
	longest := strings.NewReplacer("${Partition}", "aws-us-gov", "${Region}", "ap-southeast-7", "${Account}", "111122223333",
		"${Table}", strings.Repeat("t", 256), "${Other}", strings.Repeat("u", 256), "${Key}", strings.Repeat("k", 256),
		"${Second}", strings.Repeat("l", 256), "${Third}", strings.Repeat("m", 256), "${Policy}", strings.Repeat("p", 256),
		"${Next}", strings.Repeat("n", 256))
	d.Longest = func(raw []byte) []byte { return []byte(longest.Replace(string(raw))) }
	all := rulesOf(t, d)
	if n := len(rulesOf(t, whole())); len(all) <= n {
		t.Errorf("%d rules; want more than %d, some of them split", len(all), n)
	}
	d.Deployer = strings.Repeat("x", 2000)
	if _, err := protect.Rules(d); err == nil || !strings.Contains(err.Error(), "rule protect-") {
		t.Errorf("a deployer of 2,000 characters: %v", err)
	}
}

// TestTexts: with every value as odd as AWS admits it, what is said is JSON of SNS and of Slack, and says who called what
// on which resource.
func TestTexts(t *testing.T) {
	odd := "a_Z0+=,.@-"
	for _, r := range rulesOf(t, whole()) {
		w := rules.Wording{Text: r.Text, Paths: r.Paths}
		for path := range maps.Values(r.Paths) {
			if strings.HasSuffix(path, ".arn") || strings.Contains(path, "errorMessage") || strings.Contains(path, "userAgent") {
				t.Errorf("%s says %s, which callers choose", r.Name, path)
			}
		}
		event := record{
			source: "iam.amazonaws.com", event: "DeleteRole", field: "roleName", value: odd,
			issuer: "arn:aws:iam::1:role/" + odd,
		}.JSON(t)
		for _, form := range []rules.Transformer{w.Transformer("C0123"), {Template: `"` + r.Text + `"`, Paths: r.Paths}} {
			got, err := form.Render(event, rules.Reserved{})
			if err != nil || !json.Valid(got) || !strings.Contains(string(got), "DeleteRole") || !strings.Contains(string(got), odd) {
				t.Errorf("%s: %v: %s", r.Name, err, got)
			}
		}
	}
}
