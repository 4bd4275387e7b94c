package lambda

import (
	"net/http"

	"trailkeeper/lambda/internal/localcloud/kernel"
)

// Lambda's default quota of concurrent executions, and what must stay for functions without a reserve ("Lambda quotas").
const (
	accountConcurrency = 1000
	leastUnreserved    = 100
)

// getConcurrency answers GetFunctionConcurrency.
func (*Functions) getConcurrency(_ *kernel.Call, f *function) (any, *kernel.Error) {
	if n := f.now().spec.ReservedConcurrentExecutions; n != nil {
		return map[string]any{"ReservedConcurrentExecutions": *n}, nil
	}
	return nil, nil
}

// putConcurrency answers PutFunctionConcurrency.
func (s *Functions) putConcurrency(cl *kernel.Call, f *function) (any, *kernel.Error) {
	n, _, failed := cl.Number("ReservedConcurrentExecutions", 0, accountConcurrency-leastUnreserved-s.reserved(f))
	if failed != nil {
		return nil, invalid("Specified ReservedConcurrentExecutions for function decreases account's " +
			"UnreservedConcurrentExecution below its minimum value of [100].")
	}
	s.change(f, func(is *settings) { is.spec.ReservedConcurrentExecutions = &n })
	return map[string]any{"ReservedConcurrentExecutions": n}, nil
}

// reserved is what the other functions of the account and Region have.
func (s *Functions) reserved(f *function) int {
	sum := 0
	for _, other := range s.functions {
		if n := other.now().spec.ReservedConcurrentExecutions; n != nil && other != f &&
			kernel.SiteOf(other.arn) == kernel.SiteOf(f.arn) {
			sum += *n
		}
	}
	return sum
}

// deleteConcurrency answers DeleteFunctionConcurrency.
func (s *Functions) deleteConcurrency(_ *kernel.Call, f *function) (any, *kernel.Error) {
	s.change(f, func(is *settings) { is.spec.ReservedConcurrentExecutions = nil })
	return kernel.Answer{Status: http.StatusNoContent}, nil
}
