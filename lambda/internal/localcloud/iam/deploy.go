package iam

import (
	"cmp"
	"errors"
	"fmt"
	"strings"

	"trailkeeper/lambda/internal/localcloud/cloudformation"
	"trailkeeper/lambda/internal/localcloud/kernel"
	"trailkeeper/lambda/internal/localcloud/policy"
)

// Types are the resource types of the service.
func Types() map[string]cloudformation.Type {
	return map[string]cloudformation.Type{
		"AWS::IAM::Role": {
			Name:       "RoleName",
			Qualifier:  "Path",
			Qualified:  func(path, name string) string { return strings.TrimPrefix(path, "/") + name },
			Attributes: roleAttributes,
		},
		"AWS::IAM::Policy": {Attributes: cloudformation.RefToName},
		"AWS::IAM::ManagedPolicy": {
			Name:      "ManagedPolicyName",
			Qualifier: "Path",
			Qualified: func(path, name string) string { return strings.TrimPrefix(path, "/") + name },
			Attributes: func(p cloudformation.Place, _, name string) map[string]string {
				arn := p.Global().ARN("iam", "policy/"+name)
				return map[string]string{"Ref": arn, "PolicyArn": arn}
			},
		},
	}
}

// roleAttributes gets the name with the path before it: "path/role".
func roleAttributes(p cloudformation.Place, _, name string) map[string]string {
	return map[string]string{
		"Ref":    name[strings.LastIndex(name, "/")+1:],
		"Arn":    p.Global().ARN("iam", "role/"+name),
		"RoleId": kernel.RoleID(p.Account + "/" + name),
	}
}

type roleSpec struct {
	RoleName                              string
	AssumeRolePolicyDocument              policy.Document
	ManagedPolicyArns                     []string
	Policies                              []inlinePolicy
	Description, Tags, MaxSessionDuration cloudformation.Unused
	// The ARN of a managed policy, which the template does not hold.
	PermissionsBoundary string
	Path                string
}

type inlinePolicy struct {
	PolicyName     string
	PolicyDocument policy.Document
}

type policySpec struct {
	PolicyName     string
	PolicyDocument policy.Document
	Roles          []string
}

type managedPolicySpec struct {
	ManagedPolicyName, Path string
	PolicyDocument          policy.Document
	Roles                   []string
	Description             cloudformation.Unused
}

// Deploy makes the roles of a template.
func (s *Roles) Deploy(st *cloudformation.Stack) {
	s.mu.Lock()
	defer s.mu.Unlock()
	byName := map[string]*role{}
	cloudformation.Each(st, "AWS::IAM::Role", func(id string, att map[string]string, spec roleSpec) {
		r := &role{
			account:  st.Account,
			path:     cmp.Or(spec.Path, "/"),
			trust:    spec.AssumeRolePolicyDocument,
			inline:   map[string]policy.Document{},
			attached: spec.ManagedPolicyArns,
			boundary: spec.PermissionsBoundary,
		}
		r.Role = kernel.Role{
			Name:    att["Ref"],
			ARN:     att["Arn"],
			ID:      att["RoleId"],
			Logical: cloudformation.ShortID(id),
		}
		st.Fail(id, spec.AssumeRolePolicyDocument.Check())
		boundary(st, id, spec.PermissionsBoundary)
		for _, p := range spec.Policies {
			st.Fail(id, p.PolicyDocument.Check())
			r.inline[p.PolicyName] = p.PolicyDocument
		}
		for _, arn := range spec.ManagedPolicyArns {
			if !strings.HasSuffix(arn, ":policy/service-role/AWSLambdaBasicExecutionRole") { // logs only
				st.Fail(id, fmt.Errorf("the managed policy %s is not modelled", arn))
			}
		}
		s.roles[r.ARN], byName[r.Name] = r, r
		s.kernel.Name(r.ARN, r.Logical)
		s.kernel.AddPrincipal(kernel.Principal{AccessKey: r.AccessKey(), Account: r.account, Role: &r.Role})
	})
	attach := func(id string, d policy.Document, roles []string, to func(*role)) {
		st.Fail(id, d.Check())
		for _, name := range roles {
			if r, ok := byName[name]; ok {
				to(r)
			} else {
				st.Missing(id, "role", name)
			}
		}
	}
	cloudformation.Each(st, "AWS::IAM::Policy", func(id string, _ map[string]string, spec policySpec) {
		attach(id, spec.PolicyDocument, spec.Roles, func(r *role) { r.inline[spec.PolicyName] = spec.PolicyDocument })
	})
	cloudformation.Each(st, "AWS::IAM::ManagedPolicy", func(id string, att map[string]string, spec managedPolicySpec) {
		arn := att["Ref"]
		s.managed[arn] = &managed{arn: arn, account: st.Account, standard: 1, versions: map[int]policy.Document{1: spec.PolicyDocument}}
		attach(id, spec.PolicyDocument, spec.Roles, func(r *role) { r.attached = append(r.attached, arn) })
	})
	st.Holds("role", func(arn string, _ bool) bool { return s.Role(arn) != nil })
}

// boundary takes a permissions boundary for granted, unless it is known to forbid everything.
func boundary(st *cloudformation.Stack, id, arn string) {
	switch {
	case arn == "":
	case strings.HasSuffix(arn, ":iam::aws:policy/AWSDenyAll"):
		st.Fail(id, errors.New("the boundary AWSDenyAll forbids everything that the role does"))
	default:
		st.Assume("the boundary " + arn + ", which is not in the template, allows what its roles do")
	}
}
