// Package kms has the keys of the templates and their aliases, and answers whether somebody may use one.
// It encrypts nothing, and knows nothing of what is encrypted.
package kms

import (
	"maps"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"trailkeeper/events"
	"trailkeeper/lambda/internal/localcloud/cloudformation"
	"trailkeeper/lambda/internal/localcloud/kernel"
	"trailkeeper/lambda/internal/localcloud/policy"
	"trailkeeper/lambda/internal/localcloud/wire"
)

// Keys are all keys of the cloud.
type Keys struct {
	kernel *kernel.Kernel
	wire.Front

	mu   sync.Mutex
	keys map[string]*key // by ARN, and by the ARNs of aliases
}

type key struct {
	arn         string
	description string
	created     time.Time
	outside     bool // not in a template: assumed to let in who asks
	disabled    bool
	rotates     bool
	doomed      time.Time // when it will be deleted; zero: never
	policies    []policy.Document
}

// New returns KMS without a key.
func New(k *kernel.Kernel) *Keys {
	s := &Keys{kernel: k, keys: map[string]*key{}}
	s.Front = wire.New(k, "kms", s.answer, wire.Body)
	s.Bounds = true
	return s
}

// full is the ARN of a key or an alias, which may be given by its ID or name alone.
func full(partition, region, account, name string) string {
	switch {
	case events.IsARN(name):
		return name
	case !strings.Contains(name, "/"):
		name = "key/" + name
	}
	return events.Place{Partition: partition, Region: region, Account: account}.ARN("kms", name)
}

// UseKey implements kernel.Services.
func (s *Keys) UseKey(u kernel.KeyUse) (string, *kernel.Error) {
	if u.Key == "" {
		return "", nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	k := s.keys[full(s.kernel.Partition, u.Region, u.Account, u.Key)]
	if u.Who == nil && u.Service == "" {
		return s.resolve(u, k), nil
	}
	actions := u.Actions
	if len(actions) == 0 {
		actions = []string{"kms:GenerateDataKey", "kms:Decrypt"}
	}
	switch {
	case s.kernel.Deleted(u.Key), k != nil && s.kernel.Deleted(k.arn),
		k == nil && (!u.Assumed || !s.kernel.Made(u.Key)):
		return u.Key, kernel.Refuse(kernel.KeyNotFound, "the key %s does not exist", u.Key)
	case k == nil:
		return u.Key, nil
	case k.disabled, !k.doomed.IsZero():
		return k.arn, kernel.Refuse(kernel.KeyDisabled, "the key %s is disabled", k.arn)
	case k.outside:
		return k.arn, nil
	}
	for _, action := range actions {
		if !s.allows(k, u, action) {
			return k.arn, kernel.Refuse(kernel.KeyDenied, "the key %s does not allow %s", k.arn, action)
		}
	}
	return k.arn, nil
}

// withAliases adds the names of the key's aliases to a request's context; a key without any has no such value.
func (s *Keys) withAliases(k *key, context map[string]string) map[string]string {
	var aliases []string
	for name, of := range s.keys {
		if _, alias, found := strings.Cut(name, ":alias/"); found && of == k {
			aliases = append(aliases, "alias/"+alias)
		}
	}
	if len(aliases) == 0 {
		return context
	}
	slices.Sort(aliases)
	all := maps.Clone(context)
	if all == nil {
		all = map[string]string{}
	}
	all["kms:ResourceAliases"] = policy.Values(aliases)
	return all
}

// allows asks the key's own policy, which must let the caller in: by name, or by leaving it to the account.
func (s *Keys) allows(k *key, u kernel.KeyUse, action string) bool {
	a := policy.Access{
		Who:      u.Service,
		Action:   action,
		Resource: k.arn,
		Context:  s.withAliases(k, u.Context),
	}
	if u.Who != nil {
		a.Who = u.Who.IAMARN(s.kernel.Partition)
	}
	if policy.OfResource(k.policies, a, kernel.ARN(k.arn).Account) != policy.Allowed {
		return false
	}
	if u.Who == nil {
		return true
	}
	_, ok := s.kernel.Authorize(*u.Who, a, nil)
	return ok || policy.Direct(k.policies, a)
}

// resolve gives the ARN of a key: CloudTrail keeps and shows nothing else (CreateTrail, KmsKeyId). An alias that no
// template holds has a key of its own. What names no key is left as it is.
func (s *Keys) resolve(u kernel.KeyUse, k *key) string {
	switch alias := full(s.kernel.Partition, u.Region, u.Account, u.Key); {
	case strings.Contains(u.Key, ":key/"), strings.HasPrefix(u.Key, "key/"):
		return u.Key
	case k != nil:
		return k.arn
	case aliasARN().MatchString(alias):
		return alias[:strings.Index(alias, "alias/")] + "key/" + kernel.UUID("key", alias)
	case !strings.ContainsAny(u.Key, ":/"):
		return alias
	default:
		return u.Key
	}
}

// aliasARN goes by the names that KMS takes (CreateAlias API reference).
var aliasARN = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^arn:[a-z-]+:kms:[a-z0-9-]+:[0-9]{12}:alias/[a-zA-Z0-9/_-]{1,250}$`)
})

// known is a key by its ARN; one that no template holds is made.
func (s *Keys) known(arn string) *key {
	k, ok := s.keys[arn]
	if !ok {
		k = &key{arn: arn, created: s.kernel.Began, outside: true}
		s.keys[arn] = k
	}
	return k
}

// Disable disables a key, by its ARN, or enables it again.
func (s *Keys) Disable(arn string, disabled bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.known(arn).disabled = disabled
}

// State is the state of a key, by its ARN.
func (s *Keys) State(arn string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.known(arn).state()
}

// Types are the resource types of the service.
func Types() map[string]cloudformation.Type {
	return map[string]cloudformation.Type{
		"AWS::KMS::Key": {Attributes: func(p cloudformation.Place, id, _ string) map[string]string {
			key := kernel.UUID("key", id)
			return map[string]string{"Ref": key, "KeyId": key, "Arn": p.ARN("kms", "key/"+key)}
		}},
		"AWS::KMS::Alias": {Name: "AliasName", Attributes: cloudformation.RefToName},
	}
}

type keySpec struct {
	KeyPolicy                                  policy.Document
	Enabled                                    *bool
	EnableKeyRotation                          *bool
	PendingWindowInDays, Tags                  cloudformation.Unused
	Description, KeyUsage                      string
	KeySpec, RotationPeriodInDays, MultiRegion cloudformation.Unused
}

// Check refuses values that the service would refuse.
func (s keySpec) Check() error {
	if err := s.KeyPolicy.Check(); err != nil || s.KeyUsage == "" {
		return err
	}
	return cloudformation.OneOf("KeyUsage", s.KeyUsage, "ENCRYPT_DECRYPT")
}

type aliasSpec struct{ AliasName, TargetKeyId string } //nolint:revive // CloudFormation's names

// Deploy makes the keys and aliases of a template.
func (s *Keys) Deploy(st *cloudformation.Stack) {
	s.mu.Lock()
	defer s.mu.Unlock()
	cloudformation.Each(st, "AWS::KMS::Key", func(id string, att map[string]string, spec keySpec) {
		off := spec.Enabled != nil && !*spec.Enabled
		s.keys[att["Arn"]] = &key{
			arn:         att["Arn"],
			description: spec.Description,
			created:     s.kernel.Began,
			disabled:    off,
			rotates:     spec.EnableKeyRotation != nil && *spec.EnableKeyRotation,
			policies:    []policy.Document{spec.KeyPolicy},
		}
		s.kernel.Name(att["Arn"], cloudformation.ShortID(id))
	})
	here := func(name string) string { return full(st.Partition, st.Region, st.Account, name) }
	cloudformation.Each(st, "AWS::KMS::Alias", func(id string, _ map[string]string, spec aliasSpec) {
		if k, ok := s.keys[here(spec.TargetKeyId)]; ok {
			s.keys[here(spec.AliasName)] = k
			return
		}
		st.Missing(id, "key", spec.TargetKeyId)
		st.Refuse(spec.AliasName)
	})
	st.Holds("key", func(name string, assume bool) bool {
		s.mu.Lock()
		defer s.mu.Unlock()
		if s.keys[here(name)] != nil || name == "" {
			return true
		}
		if !assume || !st.Names(name, "kms") {
			return false
		}
		s.known(name)
		st.Assume("the key " + name + ", which is not in the template, lets in every service and role that uses it")
		return true
	})
}
