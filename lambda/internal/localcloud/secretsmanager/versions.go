package secretsmanager

import (
	"slices"
	"time"

	"trailkeeper/lambda/internal/localcloud/kernel"
)

// version is one of a secret; only its text is secret.
type version struct {
	id, text string
	stages   []string
	created  time.Time
}

// The staging labels of Secrets Manager.
const (
	current  = "AWSCURRENT"
	previous = "AWSPREVIOUS"
)

// staged is the version with a label; nil: none has it.
func (s *secret) staged(label string) *version {
	for _, v := range s.versions {
		if slices.Contains(v.stages, label) {
			return v
		}
	}
	return nil
}

func (s *secret) version(id string) *version {
	for _, v := range s.versions {
		if v.id == id {
			return v
		}
	}
	return nil
}

// move gives a label to a version. The version that loses AWSCURRENT becomes the previous one ("PutSecretValue").
func (s *secret) move(label string, to *version) {
	from := s.staged(label)
	if from == to {
		return
	}
	if from != nil {
		from.stages = slices.DeleteFunc(from.stages, func(l string) bool { return l == label })
	}
	if to != nil {
		to.stages = append(to.stages, label)
	}
	if label == current && from != nil {
		s.move(previous, from)
	}
}

func (s *Secrets) getSecretValue(cl *kernel.Call, one *secret) (any, *kernel.Error) {
	id, label := cl.Text("VersionId"), cl.Text("VersionStage")
	v := one.staged(current)
	switch {
	case id != "":
		if v = one.version(id); v != nil && label != "" && !slices.Contains(v.stages, label) {
			return nil, invalidRequest("You provided a VersionStage that is not associated to the provided VersionId.")
		}
	case label != "":
		v = one.staged(label)
	}
	if v == nil {
		return nil, kernel.Refuse("ResourceNotFoundException",
			"Secrets Manager can't find the specified secret value for VersionId: %.64s, or staging label: %.256s", id, label)
	}
	return map[string]any{
		"ARN":           one.arn,
		"Name":          one.name,
		"SecretString":  v.text,
		"VersionId":     v.id,
		"VersionStages": v.stages,
		"CreatedDate":   v.created,
	}, nil
}

func (s *Secrets) putSecretValue(cl *kernel.Call, one *secret) (any, *kernel.Error) {
	labels := cl.Texts("VersionStages")
	if len(labels) == 0 {
		labels = []string{current}
	}
	if cl.Params["SecretString"] == nil {
		return nil, invalidRequest("You must provide either SecretString or SecretBinary.")
	}
	v, failed := s.add(cl, one)
	if failed != nil {
		return nil, failed
	}
	for _, label := range labels {
		one.move(label, v)
	}
	return map[string]any{"ARN": one.arn, "Name": one.name, "VersionId": v.id, "VersionStages": v.stages}, nil
}

// add makes a version of the text of a call, whose token is its ID; the same again is the same version.
func (s *Secrets) add(cl *kernel.Call, one *secret) (*version, *kernel.Error) {
	id, text := cl.Text("ClientRequestToken"), cl.Text("SecretString")
	if id == "" {
		id = s.kernel.ID("secret version")
	}
	if old := one.version(id); old != nil {
		if old.text != text {
			return nil, kernel.Refuse("ResourceExistsException",
				"You can't use ClientRequestToken %.64s because that value is already in use for a version of secret %s.", id, one.arn)
		}
		return old, nil
	}
	v := &version{id: id, text: text, created: s.kernel.Now()}
	one.versions, one.changed = append(one.versions, v), s.kernel.Now()
	return v, nil
}

func (s *Secrets) updateSecret(cl *kernel.Call, one *secret) (any, *kernel.Error) {
	out := map[string]any{"ARN": one.arn, "Name": one.name}
	if cl.Params["SecretString"] != nil {
		v, failed := s.add(cl, one)
		if failed != nil {
			return nil, failed
		}
		one.move(current, v)
		out["VersionId"] = v.id
	}
	if about, given := cl.Params["Description"].(string); given {
		one.about = about
	}
	if key, given := cl.Params["KmsKeyId"].(string); given {
		one.key = key
	}
	one.changed = s.kernel.Now()
	return out, nil
}

// updateStage moves a label, which must be taken from the version that has it by name (UpdateSecretVersionStage).
func (s *Secrets) updateStage(cl *kernel.Call, one *secret) (any, *kernel.Error) {
	label, from, to := cl.Text("VersionStage"), cl.Text("RemoveFromVersionId"), cl.Text("MoveToVersionId")
	target, holder := one.version(to), one.staged(label)
	switch {
	case to != "" && target == nil, from != "" && one.version(from) == nil:
		return nil, kernel.Refuse("ResourceNotFoundException", "Secrets Manager can't find the specified secret version.")
	case holder != nil && holder != target && from == "":
		return nil, kernel.Refuse("InvalidParameterException", "The parameter RemoveFromVersionId can't be empty. Staging label "+
			"%s is currently attached to version %s, so you must explicitly reference that version in RemoveFromVersionId.",
			label, holder.id)
	case from != "" && (holder == nil || holder.id != from):
		return nil, kernel.Refuse("InvalidParameterException",
			"The staging label %s isn't currently attached to version %s, so it can't be removed from it.", label, from)
	case to == "" && label == current:
		return nil, kernel.Refuse("InvalidParameterException",
			"You can only move staging label AWSCURRENT to a different secret version. It can't be completely removed.")
	}
	one.move(label, target)
	one.changed = s.kernel.Now()
	return map[string]any{"ARN": one.arn, "Name": one.name}, nil
}
