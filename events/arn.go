package events

import (
	"fmt"
	"strings"
)

// Place is where a resource is. One that is in no Region, as IAM's are, or of no account, as a bucket's ARN says, has
// none.
type Place struct {
	Partition string // "aws", "aws-cn", "aws-us-gov", …
	Region    string
	Account   string
}

// ARN is that of a resource of a service in the place.
func (p Place) ARN(service, resource string) string {
	return "arn:" + p.Partition + ":" + service + ":" + p.Region + ":" + p.Account + ":" + resource
}

// Global is the place without its Region.
func (p Place) Global() Place {
	p.Region = ""
	return p
}

// ARN is an Amazon Resource Name by its parts (IAM User Guide, "Identify AWS resources with Amazon Resource Names").
type ARN struct {
	Place

	Service  string
	Resource string
}

// IsARN reports whether a text is meant as an ARN, and not as a name.
func IsARN(s string) bool { return strings.HasPrefix(s, "arn:") }

// ParseARN splits an ARN, of whatever service, and checks the form of all but the resource, which is not empty.
func ParseARN(s string) (ARN, error) {
	const fields = 6
	p := strings.SplitN(s, ":", fields)
	if len(p) == fields && p[0] == "arn" && isPartition(p[1]) && ConsistsOf(p[2], lower+digits+"-") && p[5] != "" &&
		(p[3] == "" || isRegion(p[3])) && (p[4] == "" || p[4] == "aws" || IsAccount(p[4])) {
		return ARN{Place{p[1], p[3], p[4]}, p[2], p[5]}, nil
	}
	return ARN{}, fmt.Errorf("%.200q is no ARN (want arn:PARTITION:SERVICE:REGION:ACCOUNT:RESOURCE)", s)
}

// ARNPrefix splits the beginning of an ARN, as selectors name many resources by one, behind the partition; ok says that
// it goes so far.
func ARNPrefix(s string) (partition, rest string, ok bool) {
	rest, ok = strings.CutPrefix(s, "arn:")
	partition, rest, whole := strings.Cut(rest, ":")
	return partition, rest, ok && whole
}

// String is the ARN as AWS writes it, and "" for the zero ARN.
func (a ARN) String() string {
	if a == (ARN{}) {
		return ""
	}
	return a.ARN(a.Service, a.Resource)
}

// Session is the role of a session's ARN, without the path, and the name that the session was given; empty: it is that
// of no session (IAM User Guide, "IAM identifiers").
func (a ARN) Session() (role, name string) {
	session, ok := strings.CutPrefix(a.Resource, "assumed-role/")
	if !ok || a.Service != "sts" {
		return "", ""
	}
	role, name, _ = strings.Cut(session, "/")
	return role, name
}

// WithoutSession leaves out what a caller may choose for each session: the name of a role's session, and that of a
// federated user.
func (a ARN) WithoutSession() ARN {
	const federated = "federated-user/"
	if role, _ := a.Session(); role != "" {
		a.Resource = "assumed-role/" + role
	} else if a.Service == "sts" && strings.HasPrefix(a.Resource, federated) {
		a.Resource = federated
	}
	return a
}

// Form is what the ARNs of one kind of resource look like.
type Form int

// The forms.
const (
	formTrail    Form = iota // CreateTrail
	FormRole                 // CreateRole: the name is that of the role, with its path
	FormUser                 // CreateUser, with its path
	FormKey                  // a KMS key by its ID, never an alias
	FormTopic                // a standard topic of SNS
	FormQueue                // a standard queue of SQS
	FormLogGroup             // a log group with the ":*" that DescribeTrails shows behind it
	FormTable                // CreateTable of DynamoDB
	FormSecret               // a secret of Secrets Manager, with the six characters that follow its name
	FormFunction             // a Lambda function, with or without a version or alias
)

// forms are those of the API references; a resource begins with kind. Those of IAM have no Region, and all others have
// one.
var forms = [...]struct {
	service, kind string
	isName        func(string) bool
}{
	formTrail:    {"cloudtrail", "trail/", isTrailName},
	FormRole:     {"iam", "role/", isIAMName},
	FormUser:     {"iam", "user/", isIAMName},
	FormKey:      {"kms", "key/", func(s string) bool { return ConsistsOf(s, lower+upper+digits+"-") }},
	FormTopic:    {"sns", "", func(s string) bool { return len(s) <= 256 && ConsistsOf(s, lower+upper+digits+"_-") }},
	FormQueue:    {"sqs", "", func(s string) bool { return len(s) <= 80 && ConsistsOf(s, lower+upper+digits+"_-") }},
	FormLogGroup: {"logs", "log-group:", isLogGroup},
	FormTable: {
		"dynamodb",
		"table/",
		func(s string) bool { return len(s) <= 255 && ConsistsOf(s, lower+upper+digits+"_.-") },
	},
	FormSecret:   {"secretsmanager", "secret:", isSecret},
	FormFunction: {"lambda", "function:", isFunction},
}

// Name is what the resource is called, such as "management-events" of "trail/management-events", and false for an ARN
// of another form.
func (a ARN) Name(f Form) (string, bool) {
	form := forms[f]
	name, ok := strings.CutPrefix(a.Resource, form.kind)
	if !ok || a.Service != form.service || (a.Region == "") != (form.service == "iam") || !IsAccount(a.Account) ||
		!form.isName(name) {
		return "", false
	}
	return name, true
}

// Parse parses an ARN that has to be of the form.
func (f Form) Parse(s string) (a ARN, ok bool) {
	a, err := ParseARN(s)
	if _, ok := a.Name(f); err != nil || !ok {
		return ARN{}, false
	}
	return a, true
}

// Matches reports whether a text is an ARN of the form.
func (f Form) Matches(s string) bool {
	_, ok := f.Parse(s)
	return ok
}

// isIAMName takes a path of any printable characters, and a name of at most 64 (IAM API reference, CreateRole and
// CreateUser).
func isIAMName(s string) bool {
	name := s[strings.LastIndexByte(s, '/')+1:]
	path := s[:len(s)-len(name)]
	printable := !strings.ContainsFunc(path, func(r rune) bool { return r < '!' || r > '~' })
	return printable && path != "/" && len(name) <= 64 && ConsistsOf(name, lower+upper+digits+"_+=,.@-")
}

func isLogGroup(s string) bool {
	name, ok := strings.CutSuffix(s, ":*")
	return ok && len(name) <= 512 && ConsistsOf(name, lower+upper+digits+"_-/.#")
}

func isSecret(s string) bool {
	const suffix = len("-AbCdEf")
	at := len(s) - suffix
	return at > 0 && s[at] == '-' && ConsistsOf(s[at+1:], lower+upper+digits) &&
		ConsistsOf(s[:at], lower+upper+digits+"/_+=.@-")
}

func isFunction(s string) bool {
	name, qualifier, qualified := strings.Cut(s, ":")
	return len(name) <= 64 && ConsistsOf(name, lower+upper+digits+"_-") &&
		(!qualified || ConsistsOf(qualifier, lower+upper+digits+"$_-"))
}
