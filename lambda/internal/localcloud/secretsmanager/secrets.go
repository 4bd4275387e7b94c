// Package secretsmanager answers GetSecretValue for the secrets that a run was given.
// It knows no rotation or version, and nothing of what a secret is for.
package secretsmanager

import (
	"strings"

	"trailkeeper/events"
	"trailkeeper/lambda/internal/localcloud/kernel"
	"trailkeeper/lambda/internal/localcloud/policy"
	"trailkeeper/lambda/internal/localcloud/wire"
)

// Secrets are those that a run was given; others do not exist.
type Secrets struct {
	kernel *kernel.Kernel
	wire.Front
	texts map[string]string // by name
}

// New returns Secrets Manager with secrets by their names, in every account and Region.
func New(k *kernel.Kernel, texts map[string]string) *Secrets {
	s := &Secrets{kernel: k, texts: texts}
	s.Front = wire.New(k, "secretsmanager", s.answer, wire.Body)
	return s
}

// answer answers GetSecretValue.
func (s *Secrets) answer(cl *kernel.Call) (any, *kernel.Error) {
	if cl.Op != "GetSecretValue" {
		return nil, kernel.Refuse("UnknownOperationException", "the operation %s is not part of the local run", cl.Op)
	}
	name, arn := s.named(cl)
	if failed := s.kernel.Allow(cl, policy.Access{Action: "secretsmanager:GetSecretValue", Resource: arn},
		nil); failed != nil {
		s.kernel.Note(kernel.Entry{
			Kind:     kernel.KindCall,
			Who:      cl.Who.Name(),
			Function: cl.Function(),
			Op:       cl.Op,
			Subject:  name,
			Err:      failed.Code,
			Text:     failed.Message,
		})
		return nil, failed
	}
	if failed := s.kernel.Refusal(cl); failed != nil {
		return nil, failed
	}
	value, ok := s.texts[name]
	if !ok {
		return nil, kernel.Refuse("ResourceNotFoundException", "Secrets Manager can't find the specified secret.")
	}
	return map[string]any{
		"ARN":           arn,
		"Name":          name,
		"SecretString":  value,
		"VersionId":     kernel.UUID("secret", name),
		"VersionStages": []string{"AWSCURRENT"},
		"CreatedDate":   s.kernel.Began,
	}, nil
}

// named takes a name, an ARN, or an ARN without its six random characters. A secret may be known by its ARN.
func (s *Secrets) named(cl *kernel.Call) (name, arn string) {
	id := cl.Text("SecretId")
	if _, known := s.texts[id]; known && events.IsARN(id) {
		return id, id
	}
	prefix := s.kernel.PlaceOf(cl).ARN("secretsmanager", "secret:")
	name = strings.TrimPrefix(id, prefix)
	if at := len(name) - 7; name != id && at > 0 && name[at] == '-' {
		if _, whole := s.texts[name]; !whole {
			name = name[:at]
		}
	}
	return name, prefix + name + "-" + secretSuffix
}

// secretSuffix stands for the six random characters of a secret's ARN.
const secretSuffix = "a1B2c3"
