package remediate_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/aws/smithy-go"

	"trailkeeper/lambda/internal/remediate"
	trails "trailkeeper/lambda/internal/trail"
)

// TestEveryModelledErrorOfAWriteIsExplained: one plain reason with the next step, and none that speaks of restarting.
func TestEveryModelledErrorOfAWriteIsExplained(t *testing.T) {
	for call, codes := range modelled(
		t, "UpdateTrail", "CreateTrail", "PutEventSelectors", "PutInsightSelectors", "AddTags",
	) {
		for _, code := range append(codes, "AccessDenied", "Throttling") {
			c := newCloud(t, with(everything))
			run := (*cloud).restoreDeclared
			if call == "CreateTrail" {
				c, run = newCloud(t, nil), (*cloud).recreateHealthy
			}
			c.refuse = func(name string, _ int) error {
				if name == call {
					return &smithy.OperationError{ServiceID: "CloudTrail", OperationName: call, Err: refusal(code)}
				}
				return nil
			}
			res := run(c)
			texts := []string{strings.TrimSpace(remediate.Worded(res.Notes) + " " + remediate.Worded(res.Next))}
			for _, l := range res.Left {
				texts = append(texts, remediate.Worded(l.Why))
			}
			texts = slices.DeleteFunc(texts, func(s string) bool { return s == "" })
			passing := slices.Contains([]string{"Throttling", "Conflict", "TrailAlreadyExists"}, code)
			if len(texts) == 0 || res.Retryable != passing {
				t.Errorf("%s %s: retryable %v, %q", call, code, res.Retryable, texts)
			}
			for _, text := range texts {
				if !strings.HasSuffix(text, ".") || strings.ContainsAny(text, "\n\r") || len(text) > 500 ||
					!passing && strings.Count(text, ". ") == 0 ||
					strings.Contains(text, "refused the call with") ||
					strings.Contains(text, "estart logging") ||
					strings.Contains(text, "restart it") {
					t.Errorf("%s %s: %q", call, code, text)
				}
			}
		}
	}
}

func (c *cloud) restoreDeclared() remediate.Result {
	return c.restore(healthy(), trails.Declared)
}

func (c *cloud) recreateHealthy() remediate.Result { return c.recreate(healthy()) }

// TestPassRoleIsNamed: the permission that is missing is iam:PassRole, and not that of the call.
func TestPassRoleIsNamed(t *testing.T) {
	const denied = "User: x is not authorized to perform: iam:PassRole on resource: y "
	for message, says := range map[string]string{
		denied + "because no identity-based policy allows the iam:PassRole action": "may not pass the role",
		denied + "with an explicit deny in a service control policy": "blocked by policy: an explicit deny " +
			"in a service control policy.",
		denied + "because no permissions boundary allows the iam:PassRole action": "blocked by policy: no permissions " +
			"boundary allows it.",
	} {
		c := newCloud(t, with(func(s *trails.State) { s.Settings.LogGroupARN, s.Settings.LogRoleARN = "", "" }))
		c.refuse = func(string, int) error { return code("AccessDeniedException", message) }
		if res := c.restoreDeclared(); len(res.Left) != 2 || !strings.Contains(remediate.Worded(res.Left[0].Why), says) {
			t.Errorf("%s: %+v", message, res.Left)
		}
	}
}
