package iam

import (
	"net/http"
	"net/url"
	"strings"

	"trailkeeper/lambda/internal/localcloud/kernel"
	"trailkeeper/lambda/internal/localcloud/policy"
)

// Limits of policies ("IAM and AWS STS quotas"), in characters without white space: a role's trust policy, all its inline
// policies together, and a managed policy; and how many managed policies a role may have.
const (
	mostTrust    = 2048
	mostInline   = 10240
	mostManaged  = 6144
	mostAttached = 10
)

// region is where IAM is signed for and recorded ("Regional endpoints", IAM).
func region(partition string) string {
	switch partition {
	case "aws-cn":
		return "cn-north-1"
	case "aws-us-gov":
		return "us-gov-west-1"
	default:
		return "us-east-1"
	}
}

// Serve implements the service. A call is made, and recorded, in IAM's Region, whichever one it is signed for: clients that
// are given an endpoint sign for their own.
func (s *Roles) Serve(r *http.Request, cl *kernel.Call) kernel.Answer {
	cl.Region = region(s.kernel.Partition)
	return s.Front.Serve(r, cl)
}

// answer answers one call.
func (s *Roles) answer(cl *kernel.Call) (any, *kernel.Error) {
	if cl.Text("RoleName") == "" {
		return s.ofPolicy(cl)
	}
	return s.ofRole(cl)
}

// allow asks the evaluator, and the faults.
func (s *Roles) allow(cl *kernel.Call, a policy.Access) *kernel.Error {
	if failed := s.kernel.Allow(cl, a, nil); failed != nil {
		failed.Status, failed.Code, failed.Recorded = http.StatusForbidden, "AccessDenied", "AccessDenied"
		return failed
	}
	return s.kernel.Refusal(cl)
}

func noEntity(format string, args ...any) *kernel.Error {
	failed := kernel.Refuse("NoSuchEntity", format, args...)
	failed.Status = http.StatusNotFound
	return failed
}

func limit(format string, args ...any) *kernel.Error {
	failed := kernel.Refuse("LimitExceeded", format, args...)
	failed.Status = http.StatusConflict
	return failed
}

// document reads a policy that a call brings. What the evaluation does not model is refused.
func document(text string, most int) (policy.Document, *kernel.Error) {
	d, err := policy.Parse([]byte(text))
	if err == nil {
		err = d.Check()
	}
	if err != nil {
		return d, kernel.Refuse("MalformedPolicyDocument", "Syntax errors in policy, or it is not modelled: %s", err)
	}
	if length(text) > most {
		return d, limit("Maximum policy size of %d bytes exceeded", most)
	}
	return d, nil
}

// length is that of a policy as IAM counts it: without white space.
func length(text string) int {
	return len(strings.Map(func(r rune) rune {
		if strings.ContainsRune(" \t\r\n", r) {
			return -1
		}
		return r
	}, text))
}

// encoded is a policy as IAM answers it: percent-encoded after RFC 3986.
func encoded(d policy.Document) string {
	return strings.ReplaceAll(url.QueryEscape(d.Text()), "+", "%20")
}
