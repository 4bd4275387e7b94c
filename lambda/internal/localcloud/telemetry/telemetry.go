// Package telemetry answers what CloudWatch's Observability Admin says of an account that has never turned telemetry
// evaluation on: it runs not, and has no rules.
package telemetry

import (
	"trailkeeper/lambda/internal/localcloud/kernel"
	"trailkeeper/lambda/internal/localcloud/policy"
	"trailkeeper/lambda/internal/localcloud/wire"
)

// New returns the service.
func New(k *kernel.Kernel) wire.Front {
	front := wire.New(k, "observabilityadmin", func(cl *kernel.Call) (any, *kernel.Error) {
		a := policy.Access{Action: "observabilityadmin:" + cl.Op, Resource: "*"}
		if failed := k.May(cl, a, nil); failed != nil {
			return nil, failed
		}
		if cl.Op == "GetTelemetryEvaluationStatus" {
			return map[string]any{"Status": "NOT_STARTED"}, nil
		}
		return map[string]any{"TelemetryRuleSummaries": []any{}}, nil
	}, wire.Body)
	front.Bounds = true
	return front
}
