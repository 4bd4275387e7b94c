package kernel

import (
	"strings"
	"sync"

	"trailkeeper/events"
	"trailkeeper/lambda/internal/localcloud/policy"
)

// Principal is somebody who may call the cloud with an access key. Unless a role of a stack stands behind it, it may do
// everything but what Denied names.
type Principal struct {
	AccessKey string
	Account   string
	UserName  string // an IAM user; with RoleName, the name of the session
	RoleName  string // if set, the caller is a session of this IAM role, which is not in the template
	Path      string // of the user or role, such as "/team/"; empty: "/"
	// Denied maps actions such as "cloudtrail:StopLogging" to AWS's words for why.
	Denied map[string]string
	// Role is set for a function's own credentials.
	Role *Role
}

// Role is a role of a stack.
type Role struct{ Name, ARN, ID, Logical string }

// RoleID has the form of IAM's unique identifiers.
func RoleID(of string) string {
	return "AROA" + uniqueID("role", of)
}

func uniqueID(kind, of string) string {
	return strings.ToUpper(strings.ReplaceAll(UUID(kind, of), "-", ""))[:17]
}

// AccessKey has the form of a role's temporary access key.
func (r *Role) AccessKey() string { return "ASIA" + r.ID[4:20] }

// The accounts' own names in AWS's words for a refusal.
const (
	// NoIdentityPolicy is why a caller without a grant is refused; %s is the action.
	NoIdentityPolicy = "no identity-based policy allows the %s action"
	// DeniedBySCP is how a service control policy refuses.
	DeniedBySCP = "an explicit deny in a service control policy"
)

// ID is the unique identifier that IAM has for the principal, a session's with its name.
func (p Principal) ID() string {
	switch {
	case p.Role != nil:
		return p.Role.ID + ":" + p.Session()
	case p.RoleName != "":
		return RoleID(p.RoleName) + ":" + p.UserName
	default:
		return "AIDA" + uniqueID("user", p.UserName)
	}
}

// Name is how entries call the principal.
func (p Principal) Name() string {
	if p.Role != nil {
		return p.Role.Logical
	}
	if p.UserName == "" {
		return p.RoleName
	}
	return p.UserName
}

// Session is the session name of a function's credentials.
func (p Principal) Session() string {
	if p.Role != nil {
		return p.Role.Name
	}
	return ""
}

// IAMARN is what policies compare: a session's role, not the session.
func (p Principal) IAMARN(partition string) string {
	if p.Role != nil {
		return p.Role.ARN
	}
	kind, name := "user/", p.UserName
	if p.RoleName != "" {
		kind, name = "role/", p.RoleName
	}
	return p.place(partition).ARN("iam", kind+strings.TrimPrefix(p.Path, "/")+name)
}

func (p Principal) place(partition string) events.Place {
	return events.Place{Partition: partition, Account: p.Account}
}

// ARN is what records show.
func (p Principal) ARN(partition string) string {
	if p.Role != nil {
		return p.place(partition).ARN("sts", "assumed-role/"+p.Role.Name+"/"+p.Session())
	}
	if p.RoleName != "" {
		return p.place(partition).ARN("sts", "assumed-role/"+p.RoleName+"/"+p.UserName)
	}
	return p.IAMARN(partition)
}

// Principals are those who may call.
type Principals struct {
	partition, home string

	mu    sync.Mutex
	known map[string]Principal // by access key
}

// AddPrincipal lets somebody call. Whoever calls with a key that was not added is the IAM user "operator" of the home
// account.
func (s *Principals) AddPrincipal(p Principal) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.known[p.AccessKey] = p
}

// Caller is who calls with an access key.
func (s *Principals) Caller(accessKey string) Principal {
	s.mu.Lock()
	defer s.mu.Unlock()
	if p, ok := s.known[accessKey]; ok {
		return p
	}
	return Principal{AccessKey: accessKey, Account: s.home, UserName: "operator"}
}

// NotAuthorized is AWS's wording of a refusal.
func (s *Principals) NotAuthorized(cl *Call, a policy.Access, why string) string {
	text := "User: " + cl.Who.ARN(s.partition) + " is not authorized to perform: " + a.Action
	if a.Resource != "*" {
		text += " on resource: " + a.Resource
	}
	if strings.HasPrefix(why, "an explicit deny") {
		return text + " with " + why
	}
	return text + " because " + why
}
