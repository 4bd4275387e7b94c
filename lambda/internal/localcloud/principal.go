package localcloud

import (
	"fmt"
	"slices"
	"strings"
)

// Principal is somebody who may call the cloud with an access key. Unless a role of the stack stands behind it, it may do everything but
// what Denied names.
type Principal struct {
	AccessKey string
	Account   string
	UserName  string // an IAM user; with RoleName, the name of the session
	RoleName  string // if set, the caller is a session of this IAM role, which is not in the template
	Path      string // of the user or role, such as "/team/"; empty: "/"
	// Denied maps actions such as "cloudtrail:StopLogging" to AWS's words for why.
	Denied map[string]string

	role *role // set for a function's own credentials
}

// The accounts' own names in AWS's words for a refusal.
const (
	// NoIdentityPolicy is why a caller without a grant is refused; %s is the action.
	NoIdentityPolicy = "no identity-based policy allows the %s action"
	// DeniedBySCP is how a service control policy refuses.
	DeniedBySCP = "an explicit deny in a service control policy"
)

// AddPrincipal lets somebody call. Whoever calls with a key that was not added is the IAM user "operator" of the stack's account.
func (c *Cloud) AddPrincipal(p Principal) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.principals[p.AccessKey] = p
}

func (c *Cloud) principal(accessKey string) Principal {
	if p, ok := c.principals[accessKey]; ok {
		return p
	}
	for _, r := range c.stack.roles {
		if accessKey == r.accessKey() {
			return Principal{AccessKey: accessKey, Account: c.opts.Account, role: r}
		}
	}
	return Principal{AccessKey: accessKey, Account: c.opts.Account, UserName: "operator"}
}

// accessKey has the form of a role's temporary access key.
func (r *role) accessKey() string { return "ASIA" + r.roleID[4:20] }

func (p Principal) name() string {
	if p.role != nil {
		return shortID(p.role.id)
	}
	if p.UserName == "" {
		return p.RoleName
	}
	return p.UserName
}

// iamARN is what policies compare: a session's role, not the session.
func (p Principal) iamARN(partition string) string {
	if p.role != nil {
		return p.role.arn
	}
	kind, name := "user/", p.UserName
	if p.RoleName != "" {
		kind, name = "role/", p.RoleName
	}
	return "arn:" + partition + ":iam::" + p.Account + ":" + kind + strings.TrimPrefix(p.Path, "/") + name
}

// arn is what records show.
func (p Principal) arn(partition, session string) string {
	if p.role != nil {
		return "arn:" + partition + ":sts::" + p.Account + ":assumed-role/" + p.role.name + "/" + session
	}
	if p.RoleName != "" {
		return "arn:" + partition + ":sts::" + p.Account + ":assumed-role/" + p.RoleName + "/" + p.UserName
	}
	return p.iamARN(partition)
}

// authorize asks IAM whether the principal may; resource holds the resource's own policies, if it has any. The text is why not.
func (c *Cloud) authorize(p Principal, a access, resource []policyDocument) (string, bool) {
	if why, ok := p.Denied[a.action]; ok {
		return why, false
	}
	a.who, a.organization = p.iamARN(c.opts.Partition), c.organizationOf(a.owner())
	if p.role == nil {
		if ask(resource, a, true, c.opts.Account) == denied {
			return "an explicit deny in a resource-based policy", false
		}
		return "", true
	}
	own, theirs := ask(p.role.policies, a, false, c.opts.Account), ask(resource, a, true, c.opts.Account)
	switch {
	case own == denied:
		return "an explicit deny in an identity-based policy", false
	case theirs == denied:
		return "an explicit deny in a resource-based policy", false
	case own == allowed, theirs == allowed && direct(resource, a):
		return "", true
	default:
		return fmt.Sprintf(NoIdentityPolicy, a.action), false
	}
}

// organizationOf is the ID of the organization that an account is in; empty: none.
func (c *Cloud) organizationOf(account string) string {
	if account == c.opts.Account || c.administers(account) || slices.Contains(c.opts.Members, account) {
		return c.opts.OrganizationID
	}
	return ""
}

// authorizeKey asks a KMS key for all that writing and reading needs.
func (c *Cloud) authorizeKey(p Principal, name string, context map[string]string) (string, bool) {
	return c.authorizeKeyFor(p, name, context, "kms:GenerateDataKey", "kms:Decrypt")
}

// authorizeKeyFor asks a KMS key, whose own policy must let the caller in: by name, or by leaving it to the account.
func (c *Cloud) authorizeKeyFor(p Principal, name string, context map[string]string, actions ...string) (string, bool) {
	if name == "" {
		return "", true
	}
	k := c.stack.keys[name]
	if k == nil || !k.enabled {
		return "KMSDisabledException", false
	}
	if k.outside {
		return "", true
	}
	for _, action := range actions {
		a := access{who: p.iamARN(c.opts.Partition), action: action, resource: k.arn, context: context}
		if ask(k.policies, a, true, c.opts.Account) != allowed {
			return "KMSAccessDeniedException", false
		}
		if _, ok := c.authorize(p, a, nil); !ok && !direct(k.policies, a) {
			return "KMSAccessDeniedException", false
		}
	}
	return "", true
}

// serviceMay asks the policies of a resource whether a service may act on it.
func (c *Cloud) serviceMay(service, action, resource string, policies []policyDocument, context map[string]string) bool {
	a := access{who: service, action: action, resource: resource, context: context}
	return ask(policies, a, true, c.opts.Account) == allowed
}

// serviceMayUseKey asks the same of a key.
func (c *Cloud) serviceMayUseKey(service, name string, context map[string]string) bool {
	if name == "" {
		return true
	}
	k := c.stack.keys[name]
	if k == nil || !k.enabled || k.outside {
		return k != nil && k.enabled
	}
	return c.serviceMay(service, "kms:GenerateDataKey", k.arn, k.policies, context) &&
		c.serviceMay(service, "kms:Decrypt", k.arn, k.policies, context)
}

// serviceMayPublish asks a topic and its key.
func (c *Cloud) serviceMayPublish(service string, t *topic, context map[string]string) bool {
	return t.outside || c.serviceMay(service, "sns:Publish", t.arn, t.policies, context) && c.serviceMayUseKey(service, t.key, context)
}

// notAuthorized is AWS's wording of a refusal.
func (c *Cloud) notAuthorized(cl *call, action, resource, why string) string {
	text := "User: " + cl.who.arn(c.opts.Partition, cl.session()) + " is not authorized to perform: " + action
	if resource != "*" {
		text += " on resource: " + resource
	}
	if strings.HasPrefix(why, "an explicit deny") {
		return text + " with " + why
	}
	return text + " because " + why
}

// forOrganizations reports whether any of the role's statements grants something that only organization trails need.
func (r *role) forOrganizations() bool {
	for _, d := range r.policies {
		for _, s := range d.Statement {
			for _, action := range s.Action {
				if s.Effect == "Allow" && (strings.HasPrefix(action, "organizations:") || action == "iam:GetRole") {
					return true
				}
			}
		}
	}
	return false
}

// forOthers reports whether one of the role's statements is about trails of accounts besides its own.
func (r *role) forOthers(account string) bool {
	other := func(a string) bool { return a != account }
	for _, d := range r.policies {
		for _, s := range d.Statement {
			for _, key := range []string{"aws:ResourceAccount", "aws:ResourceOrgID"} {
				if slices.ContainsFunc(s.Condition["StringEquals"][key], other) {
					return true
				}
			}
		}
	}
	return false
}

// source is what a service tells STS of the resource for which it assumes a role. A key that AWS does not document for the service is absent, so
// that a trust policy that asks for it lets nobody in.
type source map[string]string

// sourceOf is a resource's ARN and account, as EventBridge ("Cross-service confused deputy prevention") and Scheduler document them.
func sourceOf(arn, account string) source {
	return source{"aws:SourceArn": arn, "aws:SourceAccount": account}
}

// trusts reports whether a service may assume the role: a Deny wins, and every condition must be met.
func (r *role) trusts(service string, of source, account string) bool {
	a := access{who: service, action: "sts:AssumeRole", context: of}
	trusted := false
	for _, s := range r.trust.Statement {
		if !s.Principal.covers(a, account) || !matchAny(s.Action, a.action, true) || !s.conditionsMet(a) {
			continue
		}
		if s.Effect == "Deny" {
			return false
		}
		trusted = true
	}
	return trusted
}
