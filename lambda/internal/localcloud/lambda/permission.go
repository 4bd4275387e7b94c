package lambda

import (
	"encoding/json"
	"net/http"
	"regexp"
	"slices"
	"sync"

	"trailkeeper/events"
	"trailkeeper/lambda/internal/localcloud/kernel"
	"trailkeeper/lambda/internal/localcloud/policy"
)

// permissionSpec is a statement of a function's policy, as the template has it.
type permissionSpec struct {
	Action, FunctionName, Principal, SourceArn, SourceAccount string
}

// permission is a statement of a function's policy with its ID.
type permission struct {
	permissionSpec

	id string
}

// mostPolicy is the limit of a function's policy, in bytes ("Lambda quotas", function resource-based policy).
const mostPolicy = 20 << 10

// lets reports whether the permission is for a service and what it acts for.
func (p permission) lets(d kernel.Delivery) bool {
	return slices.Contains([]string{"lambda:InvokeFunction", "lambda:*", "*"}, p.Action) &&
		(p.Principal == d.By || p.Principal == "*") &&
		(p.SourceArn == "" || policy.Like(d.Source, p.SourceArn)) &&
		(p.SourceAccount == "" || p.SourceAccount == d.Owner())
}

// statement is the permission as Lambda shows it (AWS Lambda Developer Guide, "Using resource-based policies").
func (s *Functions) statement(f *function, p permission) map[string]any {
	condition := map[string]any{}
	if p.SourceArn != "" {
		condition["ArnLike"] = map[string]any{"AWS:SourceArn": p.SourceArn}
	}
	if p.SourceAccount != "" {
		condition["StringEquals"] = map[string]any{"AWS:SourceAccount": p.SourceAccount}
	}
	out := map[string]any{
		"Sid": p.id, "Effect": "Allow", "Action": p.Action, "Resource": f.arn, "Principal": s.principal(p.Principal),
	}
	if len(condition) > 0 {
		out["Condition"] = condition
	}
	return out
}

var accountID = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^\d{12}$`) })

func (s *Functions) principal(name string) any {
	switch {
	case name == "*":
		return name
	case accountID().MatchString(name):
		return map[string]any{"AWS": events.Place{Partition: s.kernel.Partition, Account: name}.ARN("iam", "root")}
	case events.IsARN(name):
		return map[string]any{"AWS": name}
	default:
		return map[string]any{"Service": name}
	}
}

// policyText is the whole policy; empty: there is none.
func (s *Functions) policyText(f *function, permissions []permission) string {
	if len(permissions) == 0 {
		return ""
	}
	var statements []any
	for _, p := range permissions {
		statements = append(statements, s.statement(f, p))
	}
	return text(map[string]any{"Version": "2012-10-17", "Id": "default", "Statement": statements})
}

func text(v any) string {
	content, _ := json.Marshal(v) // texts alone always encode
	return string(content)
}

// getPolicy answers GetPolicy.
func (s *Functions) getPolicy(_ *kernel.Call, f *function) (any, *kernel.Error) {
	content := s.policyText(f, f.now().permissions)
	if content == "" {
		return nil, notFound("The resource you requested does not exist.")
	}
	return map[string]any{"Policy": content, "RevisionId": kernel.UUID("policy", f.arn, content)}, nil
}

// revised refuses a call that names another revision of the policy than the one that is there.
func (s *Functions) revised(cl *kernel.Call, f *function) *kernel.Error {
	content := s.policyText(f, f.now().permissions)
	if want := cl.Text("RevisionId"); want != "" && want != kernel.UUID("policy", f.arn, content) {
		failed := kernel.Refuse("PreconditionFailedException", "The RevisionId provided does not match the latest RevisionId.")
		failed.Status = http.StatusPreconditionFailed
		return failed
	}
	return nil
}

// addPermission answers AddPermission.
func (s *Functions) addPermission(cl *kernel.Call, f *function) (any, *kernel.Error) {
	if failed := s.revised(cl, f); failed != nil {
		return nil, failed
	}
	id, before := cl.Text("StatementId"), f.now().permissions
	if slices.ContainsFunc(before, func(p permission) bool { return p.id == id }) {
		return nil, conflict("The statement id (" + id + ") provided already exists. Please provide a new statement id, or " +
			"remove the existing statement.")
	}
	p := permission{id: id, permissionSpec: permissionSpec{
		Action:        cl.Text("Action"),
		FunctionName:  f.name,
		Principal:     cl.Text("Principal"),
		SourceArn:     cl.Text("SourceArn"),
		SourceAccount: cl.Text("SourceAccount"),
	}}
	after := append(slices.Clone(before), p)
	if len(s.policyText(f, after)) > mostPolicy {
		return nil, kernel.Refuse("PolicyLengthExceededException", "The final policy size is bigger than the limit (20480).")
	}
	s.change(f, func(is *settings) { is.permissions = after })
	return map[string]any{"Statement": text(s.statement(f, p))}, nil
}

// removePermission answers RemovePermission.
func (s *Functions) removePermission(cl *kernel.Call, f *function) (any, *kernel.Error) {
	if failed := s.revised(cl, f); failed != nil {
		return nil, failed
	}
	id, before := cl.Text("StatementId"), f.now().permissions
	after := slices.DeleteFunc(slices.Clone(before), func(p permission) bool { return p.id == id })
	if len(after) == len(before) {
		return nil, notFound("Statement " + id + " is not found in resource policy.")
	}
	s.change(f, func(is *settings) { is.permissions = after })
	return kernel.Answer{Status: http.StatusNoContent}, nil
}
