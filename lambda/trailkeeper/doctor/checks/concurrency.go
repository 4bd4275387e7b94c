package checks

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	awslambda "github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"

	"trailkeeper/lambda/trailkeeper/doctor/deployed"
	"trailkeeper/lambda/trailkeeper/doctor/verdict"
)

// leastUnreserved is what the functions need together while several trails are attacked. A new account has a quota of 10
// (Lambda Developer Guide, "Lambda quotas").
const leastUnreserved = 20

// concurrency judges whether guard and warden can run at all, and whether the account leaves them room.
func concurrency(ctx context.Context, d *deployed.Deployment) []verdict.Verdict {
	const name = "concurrency"
	api := awslambda.NewFromConfig(d.AWS)
	reserved := false
	for _, f := range [][2]string{{"guard", d.Guard.Name}, {"warden", d.Warden.Name}} {
		who, function := f[0], f[1]
		if function == "" {
			continue
		}
		own, err := api.GetFunctionConcurrency(ctx, &awslambda.GetFunctionConcurrencyInput{FunctionName: aws.String(function)})
		if isCode(err, "ResourceNotFound") {
			continue // the check of the function says so
		}
		if err != nil {
			return one(verdict.Refused(name, "read the "+who+"'s reserved concurrency", "lambda:GetFunctionConcurrency", err, nil))
		}
		if own.ReservedConcurrentExecutions != nil && *own.ReservedConcurrentExecutions == 0 {
			return one(verdict.Bad(name, "The "+who+"'s reserved concurrency is 0: it never runs.",
				"Remove it, and find out who set it (PutFunctionConcurrency).",
				verdict.Command("aws", "lambda", "delete-function-concurrency", "--function-name", function)))
		}
		reserved = reserved || who == "guard" && own.ReservedConcurrentExecutions != nil
	}
	account, err := api.GetAccountSettings(ctx, &awslambda.GetAccountSettingsInput{})
	if err != nil {
		return one(verdict.Refused(name, "read the account's concurrency", "lambda:GetAccountSettings", err, nil))
	}
	return one(room(name, account.AccountLimit, reserved))
}

// room judges what the account leaves to the guard, which may have runs reserved.
func room(name string, limit *types.AccountLimit, reserved bool) verdict.Verdict {
	if limit == nil {
		return verdict.Unseen(name, "Lambda does not say what concurrency the account has.", "Run it again.")
	}
	all, left := limit.ConcurrentExecutions, aws.ToInt32(limit.UnreservedConcurrentExecutions)
	switch {
	case reserved:
		return verdict.Good(name, "Concurrent runs are reserved for the guard.")
	case left < leastUnreserved:
		return verdict.Warn(name,
			fmt.Sprintf("Of the account's %d concurrent runs %d are unreserved: another function can use them up.", all, left),
			"Ask for a higher quota of concurrent executions, then set function.reservedConcurrency and deploy.",
			verdict.Command("aws", "service-quotas", "request-service-quota-increase", "--service-code", "lambda",
				"--quota-code", "L-B99A9384", "--desired-value", "1000"))
	}
	return verdict.Good(name, fmt.Sprintf("Of the account's %d concurrent runs %d are unreserved.", all, left))
}
