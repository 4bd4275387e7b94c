package checks

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	awslambda "github.com/aws/aws-sdk-go-v2/service/lambda"

	"trailkeeper/lambda/trailkeeper/doctor/deployed"
	"trailkeeper/lambda/trailkeeper/doctor/verdict"
)

// leastUnreserved is what the functions need together while several trails are attacked. A new account has a quota of 10
// (Lambda Developer Guide, "Lambda quotas").
const leastUnreserved = 20

// concurrency judges whether the guard can run at all, and whether the account leaves it room.
func concurrency(ctx context.Context, d *deployed.Deployment) []verdict.Verdict {
	const name = "concurrency"
	if d.Guard.Function == "" {
		return nil
	}
	api := awslambda.NewFromConfig(d.AWS)
	own, err := api.GetFunctionConcurrency(ctx, &awslambda.GetFunctionConcurrencyInput{FunctionName: aws.String(d.Guard.Function)})
	if err != nil {
		return one(verdict.Refused(name, "read the guard's reserved concurrency", "lambda:GetFunctionConcurrency", err, nil))
	}
	reserved := own.ReservedConcurrentExecutions
	if reserved != nil && *reserved == 0 {
		return one(verdict.Bad(name, "The guard's reserved concurrency is 0: it never runs.",
			"Remove it, and find out who set it (PutFunctionConcurrency).",
			verdict.Command("aws", "lambda", "delete-function-concurrency", "--function-name", d.Guard.Function)))
	}
	account, err := api.GetAccountSettings(ctx, &awslambda.GetAccountSettingsInput{})
	if err != nil || account.AccountLimit == nil {
		return one(verdict.Refused(name, "read the account's concurrency", "lambda:GetAccountSettings", err, nil))
	}
	limit, left := account.AccountLimit.ConcurrentExecutions, aws.ToInt32(account.AccountLimit.UnreservedConcurrentExecutions)
	switch {
	case reserved != nil:
		return one(verdict.Good(name, fmt.Sprintf("%d concurrent runs are reserved for the guard.", *reserved)))
	case left < leastUnreserved:
		return one(verdict.Warn(name,
			fmt.Sprintf("Of the account's %d concurrent runs %d are unreserved: another function can use them up.", limit, left),
			"Ask for a higher quota of concurrent executions, then set function.reservedConcurrency and deploy.",
			verdict.Command("aws", "service-quotas", "request-service-quota-increase", "--service-code", "lambda",
				"--quota-code", "L-B99A9384", "--desired-value", "1000")))
	}
	return one(verdict.Good(name, fmt.Sprintf("Of the account's %d concurrent runs %d are unreserved.", limit, left)))
}
