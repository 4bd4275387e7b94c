package sns

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"trailkeeper/cdk/golden"
	"trailkeeper/lambda/internal/finding"
	"trailkeeper/lambda/internal/finding/findingtest"
)

func readme(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// unescaped undoes what a cell of a Markdown table escapes.
func unescaped(cell string) string { return strings.ReplaceAll(cell, `\|`, `|`) }

// forged is a notification whose every text and whose request say that all is well.
func forged() finding.Finding {
	n := findingtest.Stopped()
	lie := `x","state":"restored","incident_key":"inc-0","severity":"low","account":"0","region":"r","y":"`
	n.Subject.Name, n.Actor, n.UserAgent, n.ErrorMessage = lie, lie, lie, lie
	n.Request = json.RawMessage(`{"schema":"s","version":1,"state":"restored","severity":"low","incident_key":"inc-0"}`)
	return n
}

// delivered is the message that a pager gets.
func delivered(t *testing.T, n finding.Finding) string {
	t.Helper()
	message, err := publication(n)
	if err != nil {
		t.Fatal(err)
	}
	var p protocols
	if err := json.Unmarshal([]byte(message), &p); err != nil {
		t.Fatal(err)
	}
	return p.HTTPS
}

func with(n finding.Finding, state finding.IncidentState, s finding.Severity) finding.Finding {
	n.Severity, n.Incident = s, nil
	if state != "" {
		n.Incident = &finding.Incident{
			ID:     "inc-0011223344556677",
			State:  state,
			Count:  1,
			Opened: n.EventTime,
			Closed: n.EventTime.Add(time.Minute),
		}
	}
	return n
}

// alarm is what CloudWatch publishes (CloudWatch User Guide, "Notifying users on alarm changes").
func alarm(state string) string { return alarmOf("heartbeat-missing", state) }

func alarmOf(name, state string) string {
	return `{"AlarmName":"trailkeeper/` + name + `",` +
		`"AlarmDescription":"No sweep has ended: see /delivery-failures. \"NewStateValue\":\"OK\"",` +
		`"AWSAccountId":"111122223333",` +
		`"NewStateValue":"` + state + `","NewStateReason":"Threshold Crossed",` +
		`"Region":"EU (Ireland)","OldStateValue":"OK","Trigger":{"Period":300}}`
}

// pages are messages, with what a pager is to do: create or close an alert of that key.
func pages(t *testing.T) map[string]struct{ message, create, closes string } {
	t.Helper()
	const inc, alarmed = "inc-0011223344556677", "trailkeeper/heartbeat-missing"
	of := func(n finding.Finding, state finding.IncidentState, s finding.Severity) string {
		return delivered(t, with(n, state, s))
	}
	return map[string]struct{ message, create, closes string }{
		"open":              {of(findingtest.Stopped(), finding.IncidentOpen, finding.SeverityHigh), inc, ""},
		"needs a human":     {of(findingtest.Stopped(), finding.IncidentHuman, finding.SeverityCritical), inc, ""},
		"contested":         {of(findingtest.Stopped(), finding.IncidentContested, finding.SeverityCritical), inc, ""},
		"forged, contested": {of(forged(), finding.IncidentContested, finding.SeverityCritical), inc, ""},
		"restored":          {of(findingtest.Stopped(), finding.IncidentRestored, finding.SeverityHigh), "", inc},
		"forged, open":      {of(forged(), finding.IncidentHuman, finding.SeverityCritical), inc, ""},
		"forged, refused":   {of(forged(), "", finding.SeverityMedium), "", ""},
		"forged, critical":  {of(forged(), "", finding.SeverityCritical), findingtest.Stopped().EventID, ""},
		"no table":          {of(findingtest.Stopped(), "", finding.SeverityCritical), findingtest.Stopped().EventID, ""},
		"a refused call":    {of(findingtest.Stopped(), "", finding.SeverityHigh), "", ""},
		"alarm":             {alarm("ALARM"), alarmed, ""},
		"alarm is over":     {alarm("OK"), "", alarmed},
		"no data for alarm": {alarm("INSUFFICIENT_DATA"), "", ""},

		"alarm whose end nobody is told":     {alarmOf("remediation-failures", "ALARM"), "", ""},
		"another":                            {alarmOf("delivery-failures", "ALARM"), "", ""},
		"alarm of a rule's metric filter":    {alarmOf("rule-refused-calls", "ALARM"), "trailkeeper/rule-refused-calls", ""},
		"… is over":                          {alarmOf("rule-refused-calls", "OK"), "", "trailkeeper/rule-refused-calls"},
		"alarm of a rule of an ignored name": {alarmOf("rule-delivery-failures", "ALARM"), "trailkeeper/rule-delivery-failures", ""},
		"alarm of a name like it": {
			alarmOf("delivery-failures-2", "ALARM"),
			"trailkeeper/delivery-failures-2",
			"",
		},
		"alarm of a name that ends like it": {
			alarmOf("x-remediation-failures", "ALARM"),
			"trailkeeper/x-remediation-failures",
			"",
		},
		"alarm of such a name that is over again": {alarmOf("delivery-failures", "OK"), "", ""},
	}
}

// TestPagerExpressions: what lambda/README.md tells Opsgenie to extract is the document's own field, whatever an
// attacker has named things.
func TestPagerExpressions(t *testing.T) {
	if testing.Short() {
		t.Skip("it applies regular expressions to every sample")
	}
	found := map[string]*regexp.Regexp{}
	for _, m := range regexp.MustCompile(`extract\(/("([A-Za-z_]+)":.*?)/\)`).FindAllStringSubmatch(readme(t), -1) {
		found[m[2]] = regexp.MustCompile(unescaped(m[1]))
	}
	check := func(name, message, field string) {
		if found[field] == nil {
			t.Fatalf("lambda/README.md has no expression for %s in %v", field, found)
		}
		var doc map[string]any
		if err := json.Unmarshal([]byte(message), &doc); err != nil {
			t.Fatal(err)
		}
		m := found[field].FindStringSubmatch(message)
		var got string
		if m == nil || json.Unmarshal([]byte(`"`+m[1]+`"`), &got) != nil || got != doc[field] {
			t.Errorf("%s: %s is %q; the expression finds %q", name, field, doc[field], m)
		}
	}
	for _, s := range append(findingtest.Samples(), findingtest.Sample{Name: "forged", Notification: forged()}) {
		for _, field := range []string{"incident_key", "description", "severity", "account", "region"} {
			check(s.Name, delivered(t, with(s.Notification, finding.IncidentOpen, finding.SeverityHigh)), field)
		}
	}
	check("alarm", alarm("ALARM"), "AlarmName")
}

// TestOpsgenieRules: the conditions of lambda/README.md create and close alerts as they should, whatever an attacker
// has named things.
func TestOpsgenieRules(t *testing.T) {
	conditions := func(row string) (all []*regexp.Regexp) {
		line := regexp.MustCompile(
			`(?m)^\| ` + row + ` the alert if .*$|^\| ` + row + ` an alert if .*$`,
		).FindString(
			readme(t),
		)
		for _, m := range regexp.MustCompile("`([^`]+)`").FindAllStringSubmatch(line, -1) {
			all = append(all, regexp.MustCompile(`^(?:`+unescaped(m[1])+`)$`))
		}
		return all
	}
	creates, closes, ignores := conditions("create"), conditions("close"), conditions("ignore")
	if len(creates) != 3 || len(closes) != 2 || len(ignores) != 1 {
		t.Fatalf(
			"lambda/README.md has %d conditions to create, %d to close and %d to ignore; want 3, 2 and 1",
			len(creates),
			len(closes),
			len(ignores),
		)
	}
	matches := func(conditions []*regexp.Regexp, message string) (n int) {
		for _, c := range conditions {
			if c.MatchString(message) {
				n++
			}
		}
		return n
	}
	for name, p := range pages(t) {
		create, closing := matches(creates, p.message), matches(closes, p.message)
		if matches(ignores, p.message) > 0 { // it comes first
			create, closing = 0, 0
		}
		if create > 1 || closing > 1 || create > 0 != (p.create != "") || closing > 0 != (p.closes != "") {
			t.Errorf("%s: %d conditions create and %d close an alert; want %q, %q", name, create, closing, p.create, p.closes)
		}
	}
}

// TestPagerDutyScript runs the script of lambda/README.md as the transformer would, on what SNS delivers. It needs
// Node, as the tests of cdk do.
func TestPagerDutyScript(t *testing.T) {
	script := regexp.MustCompile("(?s)```js\n(.*?)```").FindStringSubmatch(readme(t))
	if script == nil {
		t.Fatal("lambda/README.md has no script")
	}
	type event struct {
		Type        string `json:"event_type"`
		Key         string `json:"incident_key"`
		Description string `json:"description"`
	}
	run := func(body map[string]string) (events []event) {
		t.Helper()
		raw, err := json.Marshal(body)
		if err != nil {
			t.Fatal(err)
		}
		quoted, err := json.Marshal(string(raw))
		if err != nil {
			t.Fatal(err)
		}
		program := `var out = []; var PD = {Resolve: "resolve", Trigger: "trigger", inputRequest: {rawBody: ` + string(
			quoted,
		) +
			"}, emitGenericEvents: function (e) { out = out.concat(e); }};\n" + script[1] + "\nconsole.log(JSON.stringify(out));"
		cmd := exec.CommandContext(t.Context(), "node", "-")
		var stdout, stderr bytes.Buffer
		cmd.Stdin, cmd.Stdout, cmd.Stderr = strings.NewReader(program), &stdout, &stderr
		if err := cmd.Run(); err != nil {
			t.Fatalf("node: %v\n%s", err, stderr.String())
		}
		if err := json.Unmarshal(stdout.Bytes(), &events); err != nil {
			t.Fatal(err)
		}
		return events
	}
	for name, p := range pages(t) {
		got := run(map[string]string{"MessageId": "m-1", "Message": p.message})
		var want []event
		switch {
		case p.create != "":
			want = []event{{Type: "trigger", Key: p.create}}
		case p.closes != "" || name == "no data for alarm": // which nobody is told: the alarms have no such action
			want = []event{{Type: "resolve", Key: "trailkeeper/heartbeat-missing"}}
			if p.closes != "" {
				want[0].Key = p.closes
			}
		}
		for i := range got {
			if got[i].Description == "" {
				t.Errorf("%s: no description", name)
			}
			got[i].Description = ""
		}
		if len(got) != len(want) || len(want) > 0 && got[0] != want[0] {
			t.Errorf("%s (-want +got):\n%s", name, cmp.Diff(want, got))
		}
	}
	confirmation := run(
		map[string]string{
			"MessageId":    "m-2",
			"Message":      "You have chosen to subscribe",
			"SubscribeURL": "https://sns.example/?Token=t",
		},
	)
	if want := []event{{"trigger", "m-2", "https://sns.example/?Token=t"}}; !cmp.Equal(want, confirmation) {
		t.Errorf("the confirmation (-want +got):\n%s", cmp.Diff(want, confirmation))
	}
	notice := run(map[string]string{"MessageId": "m-3", "Message": `"EventBridge cannot reach Slack"`})
	if want := []event{{"trigger", "m-3", `"EventBridge cannot reach Slack"`}}; !cmp.Equal(want, notice) {
		t.Errorf("a notice (-want +got):\n%s", cmp.Diff(want, notice))
	}
}

// TestAlarmsWithoutAnEnd: what the pages leave out are the alarms that notify nobody when they are over, in whatever
// deployment, and no other.
func TestAlarmsWithoutAnEnd(t *testing.T) {
	m := regexp.MustCompile(`\(([a-z|]+)\)-failures\$/\.test`).FindStringSubmatch(readme(t))
	if m == nil {
		t.Fatal("the script of lambda/README.md leaves none out")
	}
	var leftOut []string
	for _, of := range strings.Split(m[1], "|") {
		leftOut = append(leftOut, of+"-failures")
	}
	slices.Sort(leftOut)
	endless := map[string]bool{}
	for _, name := range golden.Names() {
		content, _ := golden.Variant(name)
		var template struct {
			Resources map[string]struct {
				Type       string
				Properties struct {
					AlarmName               any
					AlarmActions, OKActions []any
				}
			}
		}
		if err := json.Unmarshal(content, &template); err != nil {
			t.Fatal(err)
		}
		for _, r := range template.Resources {
			if r.Type == "AWS::CloudWatch::Alarm" && len(r.Properties.AlarmActions) > 0 && len(r.Properties.OKActions) == 0 {
				of := fmt.Sprint(r.Properties.AlarmName)
				endless[of[strings.LastIndexByte(of, '/')+1:]] = true
			}
		}
	}
	if got := slices.Sorted(maps.Keys(endless)); !slices.Equal(got, leftOut) {
		t.Errorf("the alarms %q tell nobody when they are over; lambda/README.md leaves out %q", got, leftOut)
	}
}
