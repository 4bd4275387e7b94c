package account

import (
	"context"
	"fmt"

	"trailkeeper/lambda/internal/awscall"
	"trailkeeper/lambda/trailkeeper/doctor/deployed"
	"trailkeeper/lambda/trailkeeper/doctor/verdict"
)

// guardrailName is the check's.
const guardrailName = "guardrail"

// found is what was found of the guardrail's policies, by their names.
type found struct {
	gone, bare, changed []string
	bound               map[string]bool // the targets
}

// Guardrail judges whether the policies of the guardrail that the stack has made are there, say what its template says,
// and are attached where it says. Without such policies it looks for others by their names: those it cannot vouch for.
func Guardrail(ctx context.Context, d *deployed.Deployment) []verdict.Verdict {
	ids := made(d)
	if len(ids) == 0 {
		return named(ctx, d)
	}
	wanted, err := declared(ctx, d)
	if err != nil {
		return verdict.Refused(guardrailName, "read the stack's template", "cloudformation:GetTemplate", err, nil)
	}
	f := found{bound: map[string]bool{}}
	for _, id := range ids {
		if refused := f.look(ctx, d, id, wanted); refused != nil {
			return refused
		}
	}
	switch {
	case len(f.gone) > 0:
		return verdict.Bad(guardrailName, "Policies of the guardrail are gone: "+verdict.Names(f.gone)+".",
			"Deploy with --revert-drift, and find out who deleted them (DeletePolicy).")
	case len(f.bare) > 0:
		return verdict.Bad(guardrailName, "Policies of the guardrail are not attached to what the stack says: "+verdict.Names(f.bare)+".",
			"Attach them, and find out who detached them (DetachPolicy).")
	case len(f.changed) > 0:
		return verdict.Bad(guardrailName, "Policies of the guardrail do not say what the stack's template says: "+verdict.Names(f.changed)+".",
			"Deploy with --revert-drift, and find out who changed them (UpdatePolicy).")
	}
	return verdict.Good(guardrailName, fmt.Sprintf("The guardrail's policies (%d) are as deployed, and attached to %s; they never bind the "+
		"management account.", len(ids), targets(len(f.bound))))
}

func targets(n int) string {
	if n == 1 {
		return "1 target"
	}
	return fmt.Sprintf("%d targets", n)
}

// look compares one policy with what the template says of it.
func (f *found) look(ctx context.Context, d *deployed.Deployment, id string, wanted []declaredPolicy) []verdict.Verdict {
	p, err := describe(ctx, d, id)
	switch code := awscall.Code(err); {
	case code == "PolicyNotFound":
		f.gone = append(f.gone, id)
		return nil
	case err != nil:
		return refused("describe the policy "+id, "organizations:DescribePolicy", err)
	}
	at, more, err := attachedTo(ctx, d, id)
	if err != nil {
		return refused("list the targets of "+p.name, "organizations:ListTargetsForPolicy", err)
	}
	want, known := wantedOf(wanted, p)
	if !known || !sameDocument(want.content, p.content) {
		f.changed = append(f.changed, p.name)
	}
	if bare := len(at) == 0 || !more && !within(want.targets, at); bare {
		f.bare = append(f.bare, p.name)
	}
	for _, target := range at {
		f.bound[target] = true
	}
	return nil
}

// refused is verdict.Refused of a call of AWS Organizations.
func refused(doing, permission string, err error) []verdict.Verdict {
	return verdict.Refused(guardrailName, doing, permission, err, map[string]string{
		"AccessDenied": "only the management account and delegated administrators for policies may do this, with " + permission,
	})
}
