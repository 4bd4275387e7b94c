package iam

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"trailkeeper/events"
	"trailkeeper/lambda/internal/localcloud/kernel"
	"trailkeeper/lambda/internal/localcloud/policy"
)

// managed is a managed policy.
type managed struct {
	arn, account string // no account: AWS's own
	versions     map[int]policy.Document
	standard     int // the version that is in force
}

// mostVersions is how many versions a managed policy may have ("IAM and AWS STS quotas").
const mostVersions = 5

func (m *managed) document() policy.Document { return m.versions[m.standard] }

// name is what follows the path in the ARN.
func (m *managed) name() string { return m.arn[strings.LastIndex(m.arn, "/")+1:] }

func (m *managed) path() string {
	path := strings.TrimPrefix(kernel.ARN(m.arn).Resource, "policy")
	return strings.TrimSuffix(path, m.name())
}

// managedByAWS are those of AWS's own policies that are known here (AWS Managed Policy Reference Guide).
func managedByAWS(partition string) map[string]*managed {
	all := map[string]*managed{}
	for name, statement := range map[string]policy.Statement{
		"AdministratorAccess": {Effect: "Allow", Action: policy.Texts{"*"}},
		"AWSDenyAll":          {Effect: "Deny", Action: policy.Texts{"*"}},
		"service-role/AWSLambdaBasicExecutionRole": {
			Effect: "Allow", Action: policy.Texts{"logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"},
		},
	} {
		statement.Resource = policy.Texts{"*"}
		arn := events.Place{Partition: partition, Account: "aws"}.ARN("iam", "policy/"+name)
		all[arn] = &managed{arn: arn, standard: 1, versions: map[int]policy.Document{
			1: {Version: "2012-10-17", Statement: policy.Statements{statement}},
		}}
	}
	return all
}

// known finds a managed policy. One of AWS's own that is not known here is not simulated.
func (s *Roles) known(arn string) (*managed, *kernel.Error) {
	if m := s.managed[arn]; m != nil {
		return m, nil
	}
	if kernel.ARN(arn).Account == "aws" {
		failed := kernel.Refuse("NotImplemented", "the managed policy %s is not simulated", arn)
		failed.Status = http.StatusNotImplemented
		return nil, failed
	}
	return nil, noEntity("Policy %s was not found.", arn)
}

// ofPolicy answers the calls about a managed policy.
func (s *Roles) ofPolicy(cl *kernel.Call) (any, *kernel.Error) {
	arn := cl.Text("PolicyArn")
	if failed := s.allow(cl, policy.Access{Action: "iam:" + cl.Op, Resource: arn}); failed != nil {
		return nil, failed
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	m, failed := s.known(arn)
	if failed != nil {
		return nil, failed
	}
	if m.account != cl.Who.Account && (m.account != "" || !strings.HasPrefix(cl.Op, "Get")) {
		return nil, noEntity("Policy %s does not exist or is not attachable.", arn)
	}
	switch cl.Op {
	case "GetPolicy":
		return map[string]any{"Policy": s.shownPolicy(m)}, nil
	case "CreatePolicyVersion":
		return s.createVersion(cl, m)
	}
	n, err := strconv.Atoi(strings.TrimPrefix(cl.Text("VersionId"), "v"))
	if _, ok := m.versions[n]; !ok || err != nil {
		return nil, noEntity("Policy %s version %s does not exist or is not attachable.", arn, cl.Text("VersionId"))
	}
	if cl.Op == "SetDefaultPolicyVersion" {
		m.standard = n
		return nil, nil
	}
	version := s.shownVersion(m, n)
	version["Document"] = encoded(m.versions[n])
	return map[string]any{"PolicyVersion": version}, nil
}

func (s *Roles) createVersion(cl *kernel.Call, m *managed) (any, *kernel.Error) {
	d, failed := document(cl.Text("PolicyDocument"), mostManaged)
	if failed != nil {
		return nil, failed
	}
	if len(m.versions) >= mostVersions {
		return nil, limit("A managed policy can have up to %d versions. Before you create a new version, you must delete an "+
			"existing version.", mostVersions)
	}
	n := slices.Max(slices.Collect(maps.Keys(m.versions))) + 1
	m.versions[n] = d
	if cl.Params["SetAsDefault"] == true {
		m.standard = n
	}
	return map[string]any{"PolicyVersion": s.shownVersion(m, n)}, nil
}

func (s *Roles) shownPolicy(m *managed) map[string]any {
	attached, bounds := 0, 0
	for _, r := range s.roles {
		if slices.Contains(r.attached, m.arn) {
			attached++
		}
		if r.boundary == m.arn {
			bounds++
		}
	}
	return map[string]any{
		"PolicyName":                    m.name(),
		"PolicyId":                      "ANPA" + kernel.RoleID(m.arn)[4:],
		"Arn":                           m.arn,
		"Path":                          m.path(),
		"DefaultVersionId":              fmt.Sprintf("v%d", m.standard),
		"AttachmentCount":               attached,
		"PermissionsBoundaryUsageCount": bounds,
		"IsAttachable":                  true,
		"CreateDate":                    s.kernel.Began,
	}
}

func (s *Roles) shownVersion(m *managed, n int) map[string]any {
	return map[string]any{
		"VersionId":        fmt.Sprintf("v%d", n),
		"IsDefaultVersion": n == m.standard,
		"CreateDate":       s.kernel.Began,
	}
}
