package iam

import (
	"maps"
	"net/http"
	"slices"
	"strings"

	"trailkeeper/lambda/internal/localcloud/kernel"
	"trailkeeper/lambda/internal/localcloud/policy"
	"trailkeeper/lambda/internal/localcloud/wire"
)

// named is the role that a call names, in the caller's account; its ARN also where there is none.
func (s *Roles) named(cl *kernel.Call) (*role, string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, r := range s.roles {
		if r.account == cl.Who.Account && strings.EqualFold(r.Name, cl.Text("RoleName")) {
			return r, r.ARN
		}
	}
	return nil, s.kernel.PlaceOf(cl).Global().ARN("iam", "role/"+cl.Text("RoleName"))
}

// ofRole answers the calls about a role.
func (s *Roles) ofRole(cl *kernel.Call) (any, *kernel.Error) {
	r, arn := s.named(cl)
	a := policy.Access{Action: "iam:" + cl.Op, Resource: arn, Context: map[string]string{}}
	if p := cl.Text("PolicyArn"); p != "" {
		a.Context["iam:PolicyARN"] = p
	}
	boundary := cl.Text("PermissionsBoundary")
	if boundary == "" && r != nil {
		boundary = r.boundary
	}
	if boundary != "" {
		a.Context["iam:PermissionsBoundary"] = boundary
	}
	if failed := s.allow(cl, a); failed != nil {
		return nil, failed
	}
	if r == nil {
		return nil, noEntity("The role with name %s cannot be found.", cl.Text("RoleName"))
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return map[string]func(*kernel.Call, *role) (any, *kernel.Error){
		"GetRole":                       s.getRole,
		"ListRolePolicies":              s.listInline,
		"GetRolePolicy":                 s.getInline,
		"PutRolePolicy":                 s.putInline,
		"DeleteRolePolicy":              s.deleteInline,
		"ListAttachedRolePolicies":      s.listAttached,
		"AttachRolePolicy":              s.attach,
		"DetachRolePolicy":              s.detach,
		"PutRolePermissionsBoundary":    s.bound,
		"DeleteRolePermissionsBoundary": s.unbound,
		"UpdateAssumeRolePolicy":        s.trusts,
		"DeleteRole":                    s.deleteRole,
	}[cl.Op](cl, r)
}

func (s *Roles) getRole(_ *kernel.Call, r *role) (any, *kernel.Error) {
	out := map[string]any{
		"Path":                     r.path,
		"RoleName":                 r.Name,
		"RoleId":                   r.ID,
		"Arn":                      r.ARN,
		"CreateDate":               s.kernel.Began,
		"MaxSessionDuration":       3600,
		"AssumeRolePolicyDocument": encoded(r.trust),
	}
	if r.boundary != "" {
		out["PermissionsBoundary"] = map[string]any{
			"PermissionsBoundaryType": "PermissionsBoundaryPolicy", "PermissionsBoundaryArn": r.boundary,
		}
	}
	return map[string]any{"Role": out}, nil
}

// paged answers a list as IAM does.
func paged(cl *kernel.Call, member string, all []any) (any, *kernel.Error) {
	page, next, failed := wire.Page(cl, all, wire.Paging{
		Limit:   "MaxItems",
		Token:   "Marker",
		Most:    100,
		Invalid: "InvalidInput",
	})
	if failed != nil {
		return nil, failed
	}
	out := map[string]any{member: page, "IsTruncated": next != ""}
	if next != "" {
		out["Marker"] = next
	}
	return out, nil
}

func (*Roles) listInline(cl *kernel.Call, r *role) (any, *kernel.Error) {
	all := []any{}
	for _, name := range slices.Sorted(maps.Keys(r.inline)) {
		all = append(all, name)
	}
	return paged(cl, "PolicyNames", all)
}

func (*Roles) getInline(cl *kernel.Call, r *role) (any, *kernel.Error) {
	name := cl.Text("PolicyName")
	d, ok := r.inline[name]
	if !ok {
		return nil, noEntity("The role policy with name %s cannot be found.", name)
	}
	return map[string]any{"RoleName": r.Name, "PolicyName": name, "PolicyDocument": encoded(d)}, nil
}

func (*Roles) putInline(cl *kernel.Call, r *role) (any, *kernel.Error) {
	name := cl.Text("PolicyName")
	d, failed := document(cl.Text("PolicyDocument"), mostInline)
	if failed != nil {
		return nil, failed
	}
	sum := length(d.Text())
	for other, d := range r.inline {
		if other != name {
			sum += length(d.Text())
		}
	}
	if sum > mostInline {
		return nil, limit("Maximum policy size of %d bytes exceeded for role %s", mostInline, r.Name)
	}
	r.inline[name] = d
	return nil, nil
}

func (*Roles) deleteInline(cl *kernel.Call, r *role) (any, *kernel.Error) {
	name := cl.Text("PolicyName")
	if _, ok := r.inline[name]; !ok {
		return nil, noEntity("The role policy with name %s cannot be found.", name)
	}
	delete(r.inline, name)
	return nil, nil
}

func (*Roles) listAttached(cl *kernel.Call, r *role) (any, *kernel.Error) {
	all := []any{}
	for _, arn := range r.attached {
		m := managed{arn: arn}
		if strings.HasPrefix(m.path(), cl.Text("PathPrefix")) {
			all = append(all, map[string]any{"PolicyName": m.name(), "PolicyArn": arn})
		}
	}
	return paged(cl, "AttachedPolicies", all)
}

func (s *Roles) attach(cl *kernel.Call, r *role) (any, *kernel.Error) {
	m, failed := s.attachable(cl, cl.Text("PolicyArn"))
	switch {
	case failed != nil:
		return nil, failed
	case slices.Contains(r.attached, m.arn):
		return nil, nil
	case len(r.attached) >= mostAttached:
		return nil, limit("Cannot exceed quota for PoliciesPerRole: %d", mostAttached)
	}
	r.attached = append(slices.Clone(r.attached), m.arn)
	return nil, nil
}

// attachable is a managed policy of the account or of AWS.
func (s *Roles) attachable(cl *kernel.Call, arn string) (*managed, *kernel.Error) {
	m, failed := s.known(arn)
	if failed == nil && m.account != "" && m.account != cl.Who.Account {
		return nil, noEntity("Policy %s does not exist or is not attachable.", arn)
	}
	return m, failed
}

func (*Roles) detach(cl *kernel.Call, r *role) (any, *kernel.Error) {
	arn := cl.Text("PolicyArn")
	if !slices.Contains(r.attached, arn) {
		return nil, noEntity("Policy %s was not found.", arn)
	}
	r.attached = slices.DeleteFunc(slices.Clone(r.attached), func(other string) bool { return other == arn })
	return nil, nil
}

func (s *Roles) bound(cl *kernel.Call, r *role) (any, *kernel.Error) {
	m, failed := s.attachable(cl, cl.Text("PermissionsBoundary"))
	if failed != nil {
		return nil, failed
	}
	r.boundary = m.arn
	return nil, nil
}

func (*Roles) unbound(_ *kernel.Call, r *role) (any, *kernel.Error) {
	if r.boundary == "" {
		return nil, noEntity("Role %s does not have a permissions boundary", r.Name)
	}
	r.boundary = ""
	return nil, nil
}

func (*Roles) trusts(cl *kernel.Call, r *role) (any, *kernel.Error) {
	d, failed := document(cl.Text("PolicyDocument"), mostTrust)
	if failed != nil {
		return nil, failed
	}
	for _, s := range d.Statement {
		if len(s.Principal) == 0 || len(s.Resource) > 0 {
			return nil, kernel.Refuse("MalformedPolicyDocument", "Has prohibited field Resource, or lacks Principal")
		}
	}
	r.trust = d
	return nil, nil
}

func (s *Roles) deleteRole(_ *kernel.Call, r *role) (any, *kernel.Error) {
	what := ""
	switch {
	case len(r.attached) > 0:
		what = "Cannot delete entity, must detach all policies first."
	case len(r.inline) > 0:
		what = "Cannot delete entity, must delete policies first."
	default:
		delete(s.roles, r.ARN)
		s.kernel.Delete(r.ARN, true)
		return nil, nil
	}
	failed := kernel.Refuse("DeleteConflict", "%s", what)
	failed.Status = http.StatusConflict
	return nil, failed
}
