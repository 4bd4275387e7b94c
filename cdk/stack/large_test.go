package stack_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/google/go-cmp/cmp"

	"trailkeeper/cdk/limits"
	"trailkeeper/cdk/settings"
	"trailkeeper/cdk/stack"
	"trailkeeper/lambda/config/baseline"
	"trailkeeper/lambda/config/route"
)

// accountIDs are n accounts, the stack's own of the tests not among them.
func accountIDs(n int) []string {
	all := make([]string, n)
	for i := range all {
		all[i] = fmt.Sprintf("2%011d", i)
	}
	return all
}

// sizedSynth synthesizes and checks the template, as the app does.
func sizedSynth(t *testing.T, app awscdk.App, s settings.Settings, declared []baseline.Baseline) (template, error) {
	t.Helper()
	p := props(t, s)
	p.Baselines = declared
	made, _, err := stack.NewStack(app, p)
	if err != nil {
		t.Fatalf("NewStack: %v", err)
	}
	tpl := templateOf(t, made)
	return tpl, limits.Check(tpl, s.StackName)
}

// TestAccounts: whatever the number of accounts, the guard may act on exactly their trails, and its policies fit.
func TestAccounts(t *testing.T) {
	for _, n := range []int{2, 301, 1000} {
		s := variant(t, "default")
		s.Accounts = accountIDs(n)
		app := newAppWithout(t, validates)
		if n == 1000 { // what fewer accounts make is like it
			app = newApp(t)
		}
		tpl, err := sizedSynth(t, app, s, nil)
		if err != nil {
			t.Errorf("%d accounts: %v", n, err)
		}
		var want []string
		for _, account := range s.Accounts {
			want = append(want, "cloudtrail:StartLogging on arn:aws:cloudtrail:*:"+account+":trail/*")
		}
		got := slices.DeleteFunc(
			grants(t, tpl, "GuardRole"),
			func(g string) bool { return !strings.Contains(g, "StartLogging") },
		)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%d accounts: StartLogging (-want +got):\n%.2000s", n, diff)
		}
		checkFurther(t, tpl)
	}
}

// checkFurther: what the guard's policies do not hold is there before the function runs, and below the path that the
// deployment may write to.
func checkFurther(t *testing.T, tpl template) {
	t.Helper()
	for id, p := range tpl.resources("AWS::IAM::ManagedPolicy") {
		if p["Path"] != "/trailkeeper/" || text(p["Roles"]) == "null" {
			t.Errorf("%s is below %v, of the roles %s", id, p["Path"], text(p["Roles"]))
		}
		for name, r := range object(tpl["Resources"]) {
			if object(r)["Type"] != "AWS::Lambda::Function" || !strings.Contains(text(p["Roles"]), name[:len("Guard")]) {
				continue // the other function
			}
			if !slices.Contains(list(object(r)["DependsOn"]), any(id)) {
				t.Errorf("%s does not wait for %s", name, id)
			}
		}
	}
}

// TestOrganizationID: the organization stands for the accounts, in one condition.
func TestOrganizationID(t *testing.T) {
	s := variant(t, "default")
	s.Accounts, s.OrganizationID = accountIDs(1200), "o-a1b2c3d4e5"
	tpl, err := sizedSynth(t, newApp(t), s, nil)
	if err != nil {
		t.Error(err)
	}
	_, role := tpl.only(t, "AWS::IAM::Role", "GuardRole")
	got := at(plain(role), "Policies.0.PolicyDocument.Statement.Sid=Trails")
	want := map[string]any{
		"Sid":       "Trails",
		"Effect":    "Allow",
		"Action":    at(got, "Action"),
		"Resource":  "arn:aws:cloudtrail:*:*:trail/*",
		"Condition": map[string]any{"StringEquals": map[string]any{"aws:ResourceOrgID": []any{"o-a1b2c3d4e5"}}},
	}
	if diff := cmp.Diff(any(want), got); diff != "" || len(tpl.resources("AWS::IAM::ManagedPolicy")) > 0 {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestLarge: a thousand accounts, two hundred routes with topics of their own and sixty declared trails deploy.
func TestLarge(t *testing.T) {
	s := variant(t, "everything")
	s.Accounts, s.Mode, s.Overrides, s.Approvals = accountIDs(1000), "recreate", nil, nil
	s.Routes, s.SNS.RouteKeyARNs, s.Sweep.Regions = nil, nil, []string{"eu-west-1", "us-east-1"}
	var want []string
	for i := range 200 {
		topic := fmt.Sprintf("arn:aws:sns:eu-west-1:111122223333:trailkeeper-of-the-team-number-%d", i)
		s.Routes = append(
			s.Routes,
			route.Route{Accounts: s.Accounts[i : i+1], Topics: []string{topic}, Slack: []string{fmt.Sprintf("C%010d", i)}},
		)
		s.SNS.RouteKeyARNs = append(
			s.SNS.RouteKeyARNs,
			fmt.Sprintf("arn:aws:kms:eu-west-1:111122223333:key/44444444-4444-4444-4444-%012d", i),
		)
		want = append(want, "sns:Publish on "+topic)
	}
	var declared []baseline.Baseline
	for i := range 60 {
		var b baseline.Baseline
		b.Trail.ARN = fmt.Sprintf("arn:aws:cloudtrail:eu-west-1:%s:trail/management-events-of-account-%d", s.Accounts[i], i)
		declared = append(declared, b)
	}
	tpl, err := sizedSynth(t, newApp(t), s, declared)
	if err != nil {
		t.Error(err)
	}
	got := grants(t, tpl, "GuardRole")
	slices.Sort(want)
	published := slices.DeleteFunc(
		slices.Clone(got),
		func(g string) bool { return !strings.HasPrefix(g, "sns:Publish on arn:") },
	)
	if diff := cmp.Diff(want, published); diff != "" {
		t.Errorf("topics (-want +got):\n%s", diff)
	}
	for _, b := range declared {
		if !slices.Contains(got, "cloudtrail:CreateTrail on "+b.Trail.ARN) {
			t.Errorf("no grant to create %s", b.Trail.ARN)
		}
	}
	checkFurther(t, tpl)
}

// TestTooLarge: what does not fit is named with what to do.
func TestTooLarge(t *testing.T) {
	accounts := variant(t, "default")
	accounts.Accounts = accountIDs(4200)
	secret := variant(t, "everything")
	secret.Slack.API = "https://slack.example.com/" + strings.Repeat("a", 4096) + "/"
	for name, tt := range map[string]struct {
		settings settings.Settings
		want     []string
	}{
		"accounts": {accounts, []string{"GuardRole", "managed policies; AWS takes 10", "organizationId stands for all " +
			"accounts"}},
		"API": {secret, []string{"GuardFunction", "bytes of environment; AWS takes 4096", "shorten slack.api"}},
	} {
		_, err := sizedSynth(t, newAppWithout(t, validates), tt.settings, nil)
		for _, want := range tt.want {
			if err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("%s: %v; want it to say %q", name, err, want)
			}
		}
	}
}
