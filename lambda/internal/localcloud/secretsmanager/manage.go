package secretsmanager

import (
	"time"

	"trailkeeper/lambda/internal/localcloud/kernel"
	"trailkeeper/lambda/internal/localcloud/policy"
)

func (s *Secrets) describeSecret(_ *kernel.Call, one *secret) (any, *kernel.Error) {
	stages := map[string]any{}
	for _, v := range one.versions {
		if len(v.stages) > 0 { // a version without a label is deprecated, and not shown (DescribeSecret)
			stages[v.id] = v.stages
		}
	}
	out := map[string]any{
		"ARN": one.arn, "Name": one.name, "VersionIdsToStages": stages,
		"CreatedDate": s.kernel.Began, "LastChangedDate": one.changed,
	}
	if one.about != "" {
		out["Description"] = one.about
	}
	if one.key != "" {
		out["KmsKeyId"] = one.key
	}
	if !one.deleted.IsZero() {
		out["DeletedDate"] = one.deleted
	}
	return out, nil
}

// defaultWindow is how many days a deleted secret can be restored (DeleteSecret).
const defaultWindow = 30

// deleteSecret schedules the deletion of a secret, or deletes it at once where that is asked for.
func (s *Secrets) deleteSecret(cl *kernel.Call, one *secret) (any, *kernel.Error) {
	forced := cl.Params["ForceDeleteWithoutRecovery"] == true
	days, given, failed := cl.Number("RecoveryWindowInDays", 7, 30)
	switch {
	case failed != nil:
		return nil, kernel.Refuse("InvalidParameterException",
			"The RecoveryWindowInDays value must be between 7 and 30 days (inclusive).")
	case forced && given:
		return nil, kernel.Refuse("InvalidParameterException",
			"You can't use ForceDeleteWithoutRecovery in conjunction with RecoveryWindowInDays.")
	case !one.deleted.IsZero() && !forced:
		return nil, invalidRequest("You can't perform this operation on the secret because it was already scheduled for deletion.")
	case !given:
		days = defaultWindow
	}
	one.deleted, one.gone = s.kernel.Now(), forced
	if !forced {
		one.deleted = one.deleted.Add(time.Duration(days) * 24 * time.Hour)
	}
	return map[string]any{"ARN": one.arn, "Name": one.name, "DeletionDate": one.deleted}, nil
}

func (s *Secrets) restoreSecret(_ *kernel.Call, one *secret) (any, *kernel.Error) {
	one.deleted = time.Time{}
	return map[string]any{"ARN": one.arn, "Name": one.name}, nil
}

func (s *Secrets) getResourcePolicy(_ *kernel.Call, one *secret) (any, *kernel.Error) {
	out := map[string]any{"ARN": one.arn, "Name": one.name}
	if len(one.policies) > 0 {
		out["ResourcePolicy"] = one.policies[0].Text()
	}
	return out, nil
}

func (s *Secrets) putResourcePolicy(cl *kernel.Call, one *secret) (any, *kernel.Error) {
	given, err := policy.Parse([]byte(cl.Text("ResourcePolicy")))
	if err == nil {
		err = given.Check()
	}
	if err != nil {
		return nil, kernel.Refuse("MalformedPolicyDocumentException", "This resource policy contains a syntax error: %s", err)
	}
	if cl.Params["BlockPublicPolicy"] == true && public(given) {
		return nil, kernel.Refuse("PublicPolicyException",
			"You can't attach a resource policy that allows broad access to the secret.")
	}
	one.policies = []policy.Document{given}
	return map[string]any{"ARN": one.arn, "Name": one.name}, nil
}

// public reports whether a statement allows everybody without a condition.
func public(d policy.Document) bool {
	for _, of := range d.Statement {
		for _, who := range of.Principal["AWS"] {
			if of.Effect == "Allow" && who == "*" && len(of.Condition) == 0 {
				return true
			}
		}
	}
	return false
}

func (s *Secrets) deleteResourcePolicy(_ *kernel.Call, one *secret) (any, *kernel.Error) {
	one.policies = nil
	return map[string]any{"ARN": one.arn, "Name": one.name}, nil
}
