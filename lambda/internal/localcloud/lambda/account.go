package lambda

import (
	"trailkeeper/lambda/internal/localcloud/kernel"
	"trailkeeper/lambda/internal/localcloud/policy"
)

// The sizes of code that an account may have, in bytes ("Lambda quotas"), and as GetAccountSettings has them.
const (
	allCode      = 75 << 30
	unzippedCode = 250 << 20
	zippedCode   = 50 << 20
)

// getAccountSettings answers GetAccountSettings for the call's account and Region. The code takes no room.
func (s *Functions) getAccountSettings(cl *kernel.Call) (any, *kernel.Error) {
	if failed := s.allow(cl, policy.Access{Action: "lambda:GetAccountSettings", Resource: "*"}); failed != nil {
		return nil, failed
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	n, reserved := 0, 0
	for _, f := range s.functions {
		if kernel.SiteOf(f.arn) != cl.Site() {
			continue
		}
		n++
		if r := f.now().spec.ReservedConcurrentExecutions; r != nil {
			reserved += *r
		}
	}
	return map[string]any{
		"AccountLimit": map[string]any{
			"ConcurrentExecutions":           accountConcurrency,
			"UnreservedConcurrentExecutions": accountConcurrency - reserved,
			"TotalCodeSize":                  allCode,
			"CodeSizeUnzipped":               unzippedCode,
			"CodeSizeZipped":                 zippedCode,
		},
		"AccountUsage": map[string]any{"FunctionCount": n, "TotalCodeSize": 0},
	}, nil
}
