// Package secretsmanager has the secrets that a run was given, with their versions and policies: each account and Region
// has its own of every name. It knows no rotation and no key, and nothing of what a secret is for.
package secretsmanager

import (
	"strings"
	"sync"
	"time"

	"trailkeeper/events"
	"trailkeeper/lambda/internal/localcloud/kernel"
	"trailkeeper/lambda/internal/localcloud/policy"
	"trailkeeper/lambda/internal/localcloud/wire"
)

// Secrets are those that a run was given; others do not exist.
type Secrets struct {
	kernel *kernel.Kernel
	wire.Front
	texts map[string]string // by name, as the run was given them

	mu    sync.Mutex
	known map[string]*secret // by ARN; one that nobody has asked for is as it was given
}

type secret struct {
	name, arn, about, key string
	versions              []*version // the newest last
	policies              []policy.Document
	changed               time.Time
	deleted               time.Time // when it is scheduled to go; zero: it is not
	gone                  bool
}

// New returns Secrets Manager with secrets by their names, in every account and Region.
func New(k *kernel.Kernel, texts map[string]string) *Secrets {
	s := &Secrets{kernel: k, texts: texts, known: map[string]*secret{}}
	s.Front = wire.New(k, "secretsmanager", s.answer, wire.Body)
	s.Bounds = true
	return s
}

var ops = sync.OnceValue(func() map[string]func(*Secrets, *kernel.Call, *secret) (any, *kernel.Error) {
	return map[string]func(*Secrets, *kernel.Call, *secret) (any, *kernel.Error){
		"GetSecretValue":           (*Secrets).getSecretValue,
		"DescribeSecret":           (*Secrets).describeSecret,
		"PutSecretValue":           (*Secrets).putSecretValue,
		"UpdateSecret":             (*Secrets).updateSecret,
		"UpdateSecretVersionStage": (*Secrets).updateStage,
		"DeleteSecret":             (*Secrets).deleteSecret,
		"RestoreSecret":            (*Secrets).restoreSecret,
		"GetResourcePolicy":        (*Secrets).getResourcePolicy,
		"PutResourcePolicy":        (*Secrets).putResourcePolicy,
		"DeleteResourcePolicy":     (*Secrets).deleteResourcePolicy,
	}
})

// whileDeleted are the operations that a secret takes that is scheduled for deletion.
var whileDeleted = map[string]bool{
	"DescribeSecret": true, "DeleteSecret": true, "RestoreSecret": true, "GetResourcePolicy": true,
}

// answer answers one call.
func (s *Secrets) answer(cl *kernel.Call) (any, *kernel.Error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	name, arn := s.named(cl)
	one := s.at(name, arn)
	if failed := s.admits(cl, arn, one); failed != nil {
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
	switch {
	case one == nil:
		return nil, kernel.Refuse("ResourceNotFoundException", "Secrets Manager can't find the specified secret.")
	case !one.deleted.IsZero() && !whileDeleted[cl.Op]:
		return nil, invalidRequest("You can't perform this operation on the secret because it was marked for deletion.")
	}
	return ops()[cl.Op](s, cl, one)
}

// admits asks IAM and the secret's policy. Another account needs the policy, and never gets to the value: the key that
// AWS makes for Secrets Manager serves no other account ("Access secrets from a different account").
func (s *Secrets) admits(cl *kernel.Call, arn string, one *secret) *kernel.Error {
	a := policy.Access{Action: "secretsmanager:" + cl.Op, Resource: arn}
	var policies []policy.Document
	if one != nil {
		policies = one.policies
	}
	owner := kernel.ARN(arn).Account
	if failed := s.kernel.Allow(cl, a, policies); failed != nil || owner == cl.Who.Account {
		return failed
	}
	a.Who = cl.Who.IAMARN(s.kernel.Partition)
	if policy.OfResource(policies, a, owner) != policy.Allowed {
		return kernel.Refuse("AccessDeniedException", "%s",
			s.kernel.NotAuthorized(cl, a, "no resource-based policy allows the "+a.Action+" action"))
	}
	if strings.HasSuffix(cl.Op, "SecretValue") || cl.Params["SecretString"] != nil {
		return kernel.Refuse("AccessDeniedException", "Access to KMS is not allowed")
	}
	return nil
}

// at is the secret of an ARN; nil: there is none.
func (s *Secrets) at(name, arn string) *secret {
	if one := s.known[arn]; one != nil {
		if one.gone {
			return nil
		}
		return one
	}
	text, ok := s.texts[name]
	if !ok {
		return nil
	}
	first := &version{id: kernel.UUID("secret", name), text: text, stages: []string{current}, created: s.kernel.Began}
	s.known[arn] = &secret{name: name, arn: arn, versions: []*version{first}, changed: s.kernel.Began}
	return s.known[arn]
}

// named takes a name, an ARN, or an ARN without its six random characters. A secret may be known by its ARN.
func (s *Secrets) named(cl *kernel.Call) (name, arn string) {
	id := cl.Text("SecretId")
	if _, known := s.texts[id]; known && events.IsARN(id) {
		return id, id
	}
	prefix := s.kernel.PlaceOf(cl).ARN("secretsmanager", "secret:")
	if at := kernel.ARN(id); at.Service == "secretsmanager" && at.Region == cl.Region {
		prefix = at.ARN("secretsmanager", "secret:")
	}
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

// Texts are the current texts of the secrets of an account and Region, by their names.
func (s *Secrets) Texts(place events.Place) map[string]string {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := map[string]string{}
	for name := range s.texts {
		if one := s.at(name, arnOf(place, name)); one != nil && one.deleted.IsZero() {
			all[name] = one.staged(current).text
		}
	}
	return all
}

// Pin gives the versions of secrets the IDs by which a template names them: a run has the current version of a secret
// alone, so that what a template pins is taken to be that. One that a call has changed keeps its versions.
func (s *Secrets) Pin(place events.Place, versions map[string]string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for name, id := range versions {
		if one := s.at(name, arnOf(place, name)); one != nil && len(one.versions) == 1 {
			one.versions[0].id = id
		}
	}
}

func arnOf(place events.Place, name string) string {
	if events.IsARN(name) {
		return name
	}
	return place.ARN("secretsmanager", "secret:"+name+"-"+secretSuffix)
}

func invalidRequest(why string) *kernel.Error {
	return kernel.Refuse("InvalidRequestException", "%s", why)
}
