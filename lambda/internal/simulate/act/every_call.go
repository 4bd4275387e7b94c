package act

import (
	"context"
	"time"

	"trailkeeper/lambda/internal/simulate/stage"
	"trailkeeper/rules/evidence"
	evidencecalls "trailkeeper/rules/evidence/calls"
	"trailkeeper/rules/guardrail"
	"trailkeeper/rules/protect"
)

// EveryCall has a record arrive of every call of the catalogue that a rule of the deployment's own protection is for,
// each on something of the deployment, by the attacker, in the catalogue's order. Calls on organization policies are left
// out where the stack attaches none.
func EveryCall(ctx context.Context, s *stage.Stage) error {
	var all []Act
	seen := map[string]bool{}
	d := deployed(s)
	for _, t := range guardrail.Techniques() {
		for _, c := range t.Calls {
			sample, found := protect.SampleOf(d, c.Action)
			if !found || seen[c.Action] {
				continue
			}
			seen[c.Action] = true
			detail := sample.Detail()
			detail["userIdentity"] = user(s, "mallory")
			all = append(all, record(len(all)+1, sample.Event, detail))
		}
	}
	return InTurn(2*time.Second, all...)(ctx, s)
}

// EveryEvidenceCall has a record arrive of every call on the evidence of trails, on what a baseline names, by the attacker.
func EveryEvidenceCall(names evidence.Names) Act {
	return func(ctx context.Context, s *stage.Stage) error {
		var all []Act
		for _, c := range evidencecalls.All() {
			if detail, found := evidence.SampleOf(names, c); found {
				detail["userIdentity"] = user(s, "mallory")
				all = append(all, record(len(all)+1, c.Event, detail))
			}
		}
		return InTurn(2*time.Second, all...)(ctx, s)
	}
}

// deployed is what the deployment's protection knows of it.
func deployed(s *stage.Stage) protect.Deployment {
	place := stage.At(s.Region, s.Account)
	return protect.Deployment{
		Stack:     s.Stack,
		Partition: place.Partition,
		Region:    place.Region,
		Account:   place.Account,
		Tables:    []string{s.NameOf("StateTable")},
		Keys:      []string{s.Cloud.ARNOf("NotificationsKey")},
		Secret:    s.Stack,
		Policies:  s.Cloud.PoliciesOfOrganization(),
	}
}
