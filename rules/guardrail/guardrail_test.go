package guardrail_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"trailkeeper/rules/guardrail"
)

// TestPolicies: the policies as they are read in review, one statement of a policy on a line.
func TestPolicies(t *testing.T) {
	golden(t, "scp.golden", lines(small().SCP()))
	golden(t, "rcp.golden", lines(small().RCP()))
}

func lines(p guardrail.Policy) string {
	return strings.NewReplacer(`},{"Effect"`, "},\n{\"Effect\"", `,"Resource"`, ",\n  \"Resource\"", `,"Condition"`,
		",\n  \"Condition\"").Replace(p.Text()) + "\n"
}

// TestForm: what AWS Organizations takes (User Guide, "SCP syntax", "RCP syntax").
func TestForm(t *testing.T) {
	for name, p := range map[string]guardrail.Policy{"SCP": small().SCP(), "RCP": small().RCP()} {
		if got := p.Text(); !json.Valid([]byte(got)) || strings.ContainsAny(got, " \n\t") || len(got) > guardrail.MaxSize {
			t.Errorf("the %s is no JSON, has white space, or has %d characters", name, len(got))
		}
		if p.Version != "2012-10-17" || len(p.Statement) == 0 {
			t.Errorf("the %s has version %q and %d statements", name, p.Version, len(p.Statement))
		}
		for _, s := range p.Statement {
			if s.Effect != "Deny" || (s.Principal == "*") != (name == "RCP") || len(s.Condition) == 0 {
				t.Errorf("a statement of the %s has effect %s, principal %q and conditions %v", name, s.Effect, s.Principal, s.Condition)
			}
			if !slices.IsSorted(s.Resource) || slices.Contains(s.Resource, "") {
				t.Errorf("the resources %v are not in order, or one is empty", s.Resource)
			}
			for _, a := range s.Action {
				if service, rest, ok := strings.Cut(a, ":"); !ok || rest == "" || strings.ContainsAny(service, "*?") ||
					strings.Contains(strings.TrimSuffix(rest, "*"), "*") {
					t.Errorf("%s is no action, or has a wildcard inside, which not every partition takes", a)
				}
			}
		}
	}
	nowhere := small()
	nowhere.Organization = ""
	for name, d := range map[string]guardrail.Deployment{
		"without an organization": nowhere, "with nothing to protect": {Organization: "o-a1b2c3d4e5"},
	} {
		if got := len(d.RCP().Statement); got != 0 {
			t.Errorf("%s the RCP has %d statements; want none", name, got)
		}
	}
}

// TestNames: what has a name of its own is protected by it, and what begins with the stack's name by that alone.
func TestNames(t *testing.T) {
	d := small()
	before := d.SCP().Text()
	d.Function, d.Bus, d.TopicNames = "trailkeeper-guard", "trailkeeper", []string{"trailkeeper-alerts"}
	if got := d.SCP().Text(); got != before {
		t.Errorf("names that begin with the stack's change the policy:\n%s\n%s", before, got)
	}
	d.Function, d.Bus, d.TopicNames, d.LogGroups = "guard", "security", []string{"alerts"}, []string{"CloudTrail/management"}
	d.Secret, d.Topics, d.Queues = "slack", []string{"arn:aws:sns:eu-west-1:111122223333:old"}, []string{"arn:aws:sqs:eu-west-1:111122223333:old"}
	got := d.SCP().Text()
	for _, want := range []string{
		"arn:*:lambda:*:*:function:guard", "arn:*:lambda:*:*:function:guard:*", "arn:*:events:*:*:event-bus/security",
		"arn:*:sns:*:*:alerts", "arn:*:logs:*:*:log-group:CloudTrail/management:*", "arn:*:secretsmanager:*:*:secret:slack-??????",
		d.Topics[0], d.Queues[0],
	} {
		if !strings.Contains(got, `"`+want+`"`) {
			t.Errorf("nothing protects %s", want)
		}
	}
	d.Secret = "arn:aws:secretsmanager:eu-west-1:111122223333:secret:slack-AbCdEf"
	if got := d.SCP().Text(); !strings.Contains(got, d.Secret) || strings.Contains(got, "??????") {
		t.Error("the secret's ARN is not what protects it")
	}
}

// many is a deployment with n baselines.
func many(n int) guardrail.Deployment {
	d := small()
	d.Trails = nil
	for i := range n {
		d.Trails = append(d.Trails, guardrail.Trail{
			Bucket:   fmt.Sprintf("example-trail-logs-%03d", i),
			Key:      fmt.Sprintf("arn:aws:kms:eu-west-1:444455556666:key/1234abcd-12ab-34cd-56ef-%012d", i),
			LogGroup: fmt.Sprintf("arn:aws:logs:eu-west-1:111122223333:log-group:management-events-%d:*", i),
		})
	}
	return d
}

// tampering are the actions of the SCP's statement about what is protected, those of one service.
func tampering(d guardrail.Deployment, service string) (all []string) {
	for _, action := range d.SCP().Statement[1].Action {
		if strings.HasPrefix(action, service+":") {
			all = append(all, action)
		}
	}
	return all
}

// TestSplit: what does not fit into one policy is in several, each within the limit, and nothing is left out: beside each
// resource stand all actions of its service, and in a further policy no others.
func TestSplit(t *testing.T) {
	for _, c := range []struct{ trails, policies int }{{0, 1}, {1, 1}, {2, 2}, {4, 2}, {20, 3}} {
		d := many(c.trails)
		parts := d.SCPs()
		if len(parts) != c.policies {
			t.Errorf("%d baselines take %d policies; want %d", c.trails, len(parts), c.policies)
		}
		beside := map[string]guardrail.Texts{} // by resource
		for i, p := range parts {
			if n := len(p.Text()); n > guardrail.MaxSize {
				t.Errorf("with %d baselines a policy has %d characters", c.trails, n)
			}
			for _, s := range p.Statement {
				for _, a := range s.Action {
					if service, _, _ := strings.Cut(a, ":"); i > 0 && !slices.ContainsFunc(s.Resource, func(arn string) bool {
						return strings.HasPrefix(arn, "arn:*:"+service+":") || strings.HasPrefix(arn, "arn:aws:"+service+":")
					}) {
						t.Errorf("with %d baselines %s stands in policy %d beside no resource of %s", c.trails, a, i, service)
					}
				}
				for _, r := range s.Resource {
					beside[r] = append(beside[r], s.Action...)
				}
			}
		}
		for _, trail := range d.Trails {
			for _, arn := range []string{"arn:*:s3:::" + trail.Bucket, trail.Key, trail.LogGroup} {
				denied := tampering(d, strings.Split(arn, ":")[2])
				if len(denied) == 0 {
					t.Fatalf("the SCP has no action for %s", arn)
				}
				for _, action := range denied {
					if !slices.Contains(beside[arn], action) {
						t.Errorf("with %d baselines nothing protects %s from %s", c.trails, arn, action)
					}
				}
			}
		}
	}
}

// TestProblems: what cannot be attached is said in one sentence each.
func TestProblems(t *testing.T) {
	without := func(change func(*guardrail.Deployment)) guardrail.Deployment {
		d := small()
		change(&d)
		return d
	}
	var glass []string
	for i := range 40 {
		glass = append(glass, fmt.Sprintf("arn:aws:iam::111122223333:role/BreakGlass%d", i))
	}
	for _, c := range []struct {
		name string
		d    guardrail.Deployment
		rcp  bool
		want string // in the first problem; empty: there is none
	}{
		{"good", small(), true, ""},
		{"no deploy role", without(func(d *guardrail.Deployment) { d.Qualifier = "" }), false, "lock out the deployment"},
		{"a deploy role of its own", without(func(d *guardrail.Deployment) {
			d.Qualifier, d.DeployRoles = "", []string{"arn:aws:iam::111122223333:role/ci"}
		}), false, ""},
		{"too many break-glass roles", without(func(d *guardrail.Deployment) { d.BreakGlass = glass }), false, "want at most 5120"},
		{"too many baselines", many(60), false, "a target has room for 4"},
		{"no organization", without(func(d *guardrail.Deployment) { d.Organization = "" }), true, "the organization's ID"},
		{"no organization, and no RCP", without(func(d *guardrail.Deployment) { d.Organization = "" }), false, ""},
		{"too much for the RCP", many(20), true, "the guardrail's resource control policy has"},
	} {
		errs := c.d.Problems(c.rcp)
		if c.want == "" && len(errs) > 0 || c.want != "" && (len(errs) != 1 || !strings.Contains(errs[0].Error(), c.want)) {
			t.Errorf("%s: %v; want one with %q", c.name, errs, c.want)
		}
	}
}

// TestLocksOut: a role that deploys is exempt from every statement, in every policy.
func TestLocksOut(t *testing.T) {
	for principal, want := range map[string]bool{
		"arn:aws:iam::111122223333:role/cdk-trailkpr-cfn-exec-role-111122223333-eu-west-1": false,
		"arn:aws:iam::111122223333:role/cdk-trailkpr-deploy-role-111122223333-us-east-1":   false,
		"arn:aws-cn:iam::111122223333:role/cdk-trailkpr-deploy-role-111122223333-cn-north": false,
		"arn:aws:iam::111122223333:role/BreakGlass":                                        false,
		"arn:aws:iam::111122223333:role/BreakGlass2":                                       true,
		"arn:aws:iam::444455556666:role/cdk-trailkpr-deploy-role-444455556666-eu-west-1":   true,
		"arn:aws:iam::111122223333:role/cdk-hnb659fds-deploy-role-111122223333-eu-west-1":  true,
		// exempt from repairs alone
		"arn:aws:iam::111122223333:role/trailkeeper/trailkeeper-GuardRole87F67C2B-1A2B3C": true,
		// may not take an account out of the organization
		"arn:aws:iam::111122223333:role/AWSControlTowerExecution": true,
		"arn:aws:iam::111122223333:root":                          true,
	} {
		for i, p := range many(20).SCPs() {
			if got := p.LocksOut(principal); got != want && (i == 0 || !want) {
				t.Errorf("policy %d locks out %s: %t; want %t", i, principal, got, want)
			}
		}
	}
}

func TestLike(t *testing.T) {
	for _, c := range []struct {
		s, pattern string
		want       bool
	}{
		{"", "", true},
		{"", "*", true},
		{"a", "", false},
		{"abc", "a*c", true},
		{"abcbd", "a*b?", true},
		{"abcbdd", "a*b?", false},
		{"abc", "a?c", true},
		{"ac", "a?c", false},
		{"a*c", "a*c", true},
		{strings.Repeat("a", 5000), strings.Repeat("*a", 20) + "b", false},
	} {
		if got := guardrail.Like(c.s, c.pattern); got != c.want {
			t.Errorf("%.20q like %.20q: %t; want %t", c.s, c.pattern, got, c.want)
		}
	}
}
