package attacks_test

import (
	"flag"
	"os"
	"slices"
	"strings"
	"testing"

	"trailkeeper/rules/attacks"
	"trailkeeper/rules/guardrail"
)

var update = flag.Bool("update", false, "write the tables anew")

// TestAnswers: each technique of the catalogue has an answer, in its order, and nothing else has one.
func TestAnswers(t *testing.T) {
	var catalogue, answered []string
	for _, technique := range guardrail.Techniques() {
		catalogue = append(catalogue, technique.ID)
	}
	for _, a := range attacks.Answers() {
		answered = append(answered, a.Of)
	}
	if !slices.Equal(catalogue, answered) {
		t.Errorf("the techniques are %q, and the answers %q", catalogue, answered)
	}
}

// TestRows: what somebody sees is played, whatever nobody sees says why, and who undoes something has found it.
func TestRows(t *testing.T) {
	for _, r := range attacks.Rows() {
		switch {
		case !r.Seen() && r.Unseen == "":
			t.Errorf("%s: nobody reports it, and no reason says why", r.ID)
		case r.Unseen != "" && !strings.HasSuffix(r.Unseen, "."):
			t.Errorf("%s: %q is no sentence", r.ID, r.Unseen)
		}
		for _, by := range r.Repaired {
			if !slices.Contains(r.Found, by) {
				t.Errorf("%s: %s undoes what it does not find", r.ID, by)
			}
		}
		if r.Seen() && len(r.Played) == 0 && len(r.Rules)+len(r.Repaired) > 0 && r.Tested == "" {
			t.Errorf("%s: neither a scenario nor a test plays it", r.ID)
		}
		if r.CallsAlone != "" && !slices.Equal(r.Played, []string{"every-call"}) {
			t.Errorf("%s: %q plays it, and its calls alone are said to be played: %s", r.ID, r.Played, r.CallsAlone)
		}
	}
}

// TestGone: whoever is gone reports nothing.
func TestGone(t *testing.T) {
	r := attacks.Row{
		Answer: attacks.Answer{Found: []attacks.Reporter{attacks.Guard, attacks.Warden, attacks.Alarm}},
		Rules:  []attacks.Reporter{attacks.Rule},
	}
	for _, c := range []struct{ got, want []attacks.Reporter }{
		{r.GuardGone(), []attacks.Reporter{attacks.Rule, attacks.Warden, attacks.Alarm}},
		{r.WardenGone(), []attacks.Reporter{attacks.Rule, attacks.Guard, attacks.Alarm}},
		{r.BothGone(), []attacks.Reporter{attacks.Rule, attacks.Alarm}},
	} {
		if !slices.Equal(c.got, c.want) {
			t.Errorf("%q; want %q", c.got, c.want)
		}
	}
}

// TestRules: what EventBridge reports by itself of some calls, on a trail's evidence and on the deployment.
func TestRules(t *testing.T) {
	rule, slack := []attacks.Reporter{attacks.Rule}, []attacks.Reporter{attacks.SlackRule}
	for _, c := range []struct {
		id, action string
		want       []attacks.Reporter
	}{
		{"A1", "cloudtrail:StopLogging", slack},
		{"A21", "cloudtrail:StartLogging", nil}, // the guard alone
		{"A23", "account:EnableRegion", slack},
		{"C1", "s3:PutLifecycleConfiguration", slack},
		{"C4", "s3:PutObject", nil},
		{"D1", "kms:DisableKey", slack},
		{"H7", "kms:DisableKey", rule},
		{"F1", "events:DisableRule", rule},
		{"G1", "lambda:UpdateFunctionCode", rule},
		{"G7", "lambda:InvokeFunction", nil},
		{"E5", "cloudwatch:DeleteAlarms", rule},
		{"H4", "sqs:SendMessage", nil},
		{"J3", "organizations:MoveAccount", append(rule, slack...)},
		{"H8", "", nil},
	} {
		if got := attacks.Rules(guardrail.Technique{ID: c.id}, c.action); !slices.Equal(got, c.want) {
			t.Errorf("%s %s: reported by %q; want %q", c.id, c.action, got, c.want)
		}
	}
}

// TestTools: the techniques of Pacu and Stratus Red Team are made of the catalogue's, and each is there by its name.
func TestTools(t *testing.T) {
	rows := map[string]attacks.Row{}
	for _, r := range attacks.Rows() {
		rows[r.ID] = r
	}
	names := map[string]bool{}
	for _, tool := range attacks.Tools() {
		names[tool.Name] = true
		for _, id := range tool.Rows {
			if rows[id].ID == "" {
				t.Errorf("%s %s: there is no technique %s", tool.Tool, tool.Name, id)
			}
		}
	}
	for _, name := range []string{
		"detection__disruption: disable a trail", "detection__disruption: delete a trail",
		"detection__disruption: minimize a trail", "aws.defense-evasion.cloudtrail-stop",
		"aws.defense-evasion.cloudtrail-delete", "aws.defense-evasion.cloudtrail-event-selectors",
		"aws.defense-evasion.cloudtrail-lifecycle-rule", "aws.defense-evasion.organizations-leave",
		"aws.impact.s3-ransomware-batch-deletion", "aws.persistence.lambda-overwrite-code",
	} {
		if !names[name] {
			t.Errorf("%s is missing", name)
		}
	}
}

// TestPage: the page has the tables that the catalogue, the patterns and the policies make.
func TestPage(t *testing.T) {
	const file = "../ATTACKS.md"
	raw, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	page := string(raw)
	for name, table := range map[string]string{"attacks": attacks.Page(), "tools": attacks.ToolsPage()} {
		begin, end := "<!-- "+name+": written by go test ./rules/attacks -update -->\n", "\n<!-- /"+name+" -->"
		before, rest, found := strings.Cut(page, begin)
		old, after, ended := strings.Cut(rest, end)
		if !found || !ended {
			t.Fatalf("%s has no place for the table of %s", file, name)
		}
		if *update {
			page = before + begin + table + end + after
		} else if old != table {
			t.Errorf("the table of %s is old: run go test ./rules/attacks -update and read the diff", name)
		}
	}
	if *update {
		if err := os.WriteFile(file, []byte(page), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}
