package events

import "strings"

// Identity is a record's userIdentity (CloudTrail User Guide, "CloudTrail userIdentity element"). A field that is
// missing, null or of another type is empty.
type Identity struct {
	Type        string // "Root", "IAMUser", "AssumedRole", "IdentityCenterUser", "AWSService", …
	ARN         string // absent for services, Identity Center users and service events
	PrincipalID string
	AccountID   string
	UserName    string
	InvokedBy   string // the service that made the call for the caller
	IssuerARN   string // sessionContext.sessionIssuer.arn: the role behind a session
	IssuerName  string // sessionContext.sessionIssuer.userName
	OnBehalfOf  string // onBehalfOf.userId: the Identity Center user
	MFA         string // sessionContext.attributes.mfaAuthenticated: "true", "false" or empty
	// SourceIdentity is sessionContext.sourceIdentity: who began a chain of roles, as whoever assumed the first one had to
	// say. It stays for the session.
	SourceIdentity string
	AssumedRoot    bool // sessionContext.assumedRoot: a session of sts:AssumeRoot, which another account's principal began
}

// identityOf reads userIdentity. Several values of one field are nobody: a record that names two callers must not be
// taken for one of them.
func identityOf(f fields) Identity {
	session := f.object("sessionContext")
	issuer := session.object("sessionIssuer")
	return Identity{
		Type:           f.single("type"),
		ARN:            f.single("arn"),
		PrincipalID:    f.single("principalId"),
		AccountID:      f.single("accountId"),
		UserName:       f.single("userName"),
		InvokedBy:      f.single("invokedBy"),
		IssuerARN:      issuer.single("arn"),
		IssuerName:     issuer.single("userName"),
		OnBehalfOf:     f.object("onBehalfOf").single("userId"),
		MFA:            session.object("attributes").trueFalse("mfaAuthenticated"),
		SourceIdentity: session.single("sourceIdentity"),
		AssumedRoot:    session.yes("assumedRoot"),
	}
}

// Actor is who made a call, in words.
type Actor struct {
	Name    string // "role Deployer, session alice", "root user of account 111122223333"
	ARN     string // userIdentity.arn; may be empty
	Account string // the account of the caller, which need not be the account of the trail
	Via     string // the service that made the call for the actor, or empty
	Console bool   // the call came from the AWS console
	// Source is the source identity of the session, and Root says that the session is one of sts:AssumeRoot.
	Source string
	Root   bool
	MFA    string // "with MFA", "without MFA", or empty where the record does not say
}

// String renders the actor on one line: the name, then in brackets what is known of the way.
func (a Actor) String() string {
	var ways []string
	if a.Source != "" {
		ways = append(ways, "source identity "+a.Source)
	}
	if a.Root {
		ways = append(ways, "through sts:AssumeRoot")
	}
	if a.Via != "" {
		ways = append(ways, "through "+a.Via)
	}
	if a.Console {
		ways = append(ways, "console")
	}
	if a.MFA != "" {
		ways = append(ways, a.MFA)
	}
	if len(ways) == 0 {
		return a.Name
	}
	return a.Name + " (" + strings.Join(ways, ", ") + ")"
}

// Actor says who made the call the record describes. It never fails: what the record does not say is "unknown caller".
func (r Record) Actor() Actor {
	id := r.Identity
	a := Actor{
		Name:    id.name(),
		ARN:     id.ARN,
		Account: id.AccountID,
		Via:     id.InvokedBy,
		Console: r.FromConsole,
		Source:  id.SourceIdentity,
		Root:    id.AssumedRoot,
	}
	if id.Type == "AWSService" || (id.Type == "" && id.InvokedBy != "") {
		a.Via = "" // the service is the actor
	}
	switch {
	case id.MFA == "true" || strings.EqualFold(r.MFAUsed, "Yes"):
		a.MFA = "with MFA"
	case id.MFA == "false" || strings.EqualFold(r.MFAUsed, "No"):
		a.MFA = "without MFA"
	}
	return a
}

// Principal is the IAM role or user that made the call: the role behind a session, and nothing of the session's own,
// which anybody who may assume the role can choose. It is empty for any other caller.
func (r Record) Principal() string {
	if r.Identity.IssuerARN == "" && r.Identity.Type == "IAMUser" {
		return r.Identity.ARN
	}
	return r.Identity.IssuerARN
}

// Caller is who made the call, without anything that a caller may choose for each one.
func (r Record) Caller() string {
	id := r.Identity
	arn := id.ARN
	if a, err := ParseARN(arn); err == nil {
		arn = a.WithoutSession().String()
	}
	who, _, _ := strings.Cut(id.PrincipalID, ":")
	return firstOf(id.IssuerARN, arn, who, id.InvokedBy, id.AccountID)
}

// name renders the identity by its type (the types of the userIdentity element).
func (i Identity) name() string {
	switch i.Type {
	case "Root":
		return "root user" + suffix(" of account ", i.AccountID)
	case "IAMUser":
		return join("user", firstOf(i.UserName, afterSlash(i.ARN), i.PrincipalID))
	case "AssumedRole":
		return i.assumedRole()
	case "Role":
		return join("role", firstOf(i.UserName, afterSlash(i.ARN), i.PrincipalID))
	case "IdentityCenterUser":
		return join("Identity Center user", firstOf(i.OnBehalfOf, i.UserName, i.PrincipalID))
	case "FederatedUser":
		return join("federated user", firstOf(i.UserName, afterSlash(i.ARN), i.PrincipalID)) + suffix(" of ", i.IssuerName)
	case "SAMLUser":
		return join("SAML user", firstOf(i.UserName, i.PrincipalID))
	case "WebIdentityUser":
		return join("web identity user", firstOf(i.UserName, i.PrincipalID))
	case "Directory":
		return join("directory user", firstOf(i.UserName, i.PrincipalID))
	case "AWSService":
		return join("AWS service", i.InvokedBy)
	case "AWSAccount":
		return join("account", firstOf(i.AccountID, i.PrincipalID))
	case "", "Unknown":
		if i.ARN == "" && i.InvokedBy != "" {
			return "AWS service " + i.InvokedBy
		}
		return firstOf(i.ARN, i.PrincipalID, i.UserName, "unknown caller")
	default:
		return join(i.Type, firstOf(i.UserName, i.ARN, i.PrincipalID))
	}
}

// assumedRole names the role and the session. A role that IAM Identity Center made (AWSReservedSSO_<set>_<hash>) is the
// session of one of its users.
func (i Identity) assumedRole() string {
	role, session := i.IssuerName, ""
	if a, err := ParseARN(i.ARN); err == nil {
		var name string
		name, session = a.Session()
		role = firstOf(role, name)
	}
	if session == "" {
		_, session, _ = strings.Cut(i.PrincipalID, ":")
	}
	if set, ok := strings.CutPrefix(role, "AWSReservedSSO_"); ok && session != "" {
		if at := strings.LastIndex(set, "_"); at > 0 {
			set = set[:at]
		}
		return "Identity Center user " + session + ", permission set " + set
	}
	return join("role", firstOf(role, afterSlash(i.IssuerARN), i.ARN, i.PrincipalID)) + suffix(", session ", session)
}

func firstOf(values ...string) string {
	for _, v := range values {
		if v != "" {
			return v
		}
	}
	return ""
}

func join(what, who string) string {
	if who == "" {
		return what + " (unnamed)"
	}
	return what + " " + who
}

func suffix(sep, s string) string {
	if s == "" {
		return ""
	}
	return sep + s
}

// afterSlash returns what follows the last slash.
func afterSlash(s string) string {
	if at := strings.LastIndexByte(s, '/'); at >= 0 {
		return s[at+1:]
	}
	return ""
}
