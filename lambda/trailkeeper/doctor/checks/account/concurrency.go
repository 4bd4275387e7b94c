// Package account is what is asked about what is around a deployment: the concurrency that the account leaves to it, the
// organization, its guardrail and delegated administrators, CloudTrail Lake, and telemetry rules. No guard restores these.
package account

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	awslambda "github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"

	"trailkeeper/lambda/internal/awscall"
	"trailkeeper/lambda/trailkeeper/doctor/deployed"
	"trailkeeper/lambda/trailkeeper/doctor/verdict"
)

// leastUnreserved is what the functions need together while several trails are attacked. A new account has a quota of 10
// (Lambda Developer Guide, "Lambda quotas").
const leastUnreserved = 20

// Concurrency judges whether guard, warden and watch can run at all, and whether the account leaves them room.
func Concurrency(ctx context.Context, d *deployed.Deployment) []verdict.Verdict {
	const name = "concurrency"
	api := awslambda.NewFromConfig(d.AWS)
	reserved := false
	for _, f := range [][2]string{{"guard", d.Guard.Name}, {"warden", d.Warden.Name}, {"watch", d.Outputs["WatchFunctionName"]}} {
		who, function := f[0], f[1]
		if function == "" {
			continue
		}
		own, err := api.GetFunctionConcurrency(ctx, &awslambda.GetFunctionConcurrencyInput{FunctionName: aws.String(function)})
		switch {
		case awscall.Code(err) == "ResourceNotFound" && who != "watch":
			continue // the check of the function says so
		case awscall.Code(err) == "ResourceNotFound":
			return verdict.Bad(name, "The watch's function "+function+" is gone.", "Deploy with --revert-drift, and find out who deleted it (DeleteFunction).")
		case err != nil:
			return verdict.Refused(name, "read the "+who+"'s reserved concurrency", "lambda:GetFunctionConcurrency", err, nil)
		case own.ReservedConcurrentExecutions != nil && *own.ReservedConcurrentExecutions == 0:
			return verdict.Bad(name, "The "+who+"'s reserved concurrency is 0: it never runs.",
				"Remove it, and find out who set it (PutFunctionConcurrency).",
				d.AWSCommand("lambda", "delete-function-concurrency", "--function-name", function))
		}
		reserved = reserved || who == "guard" && own.ReservedConcurrentExecutions != nil
	}
	account, err := api.GetAccountSettings(ctx, &awslambda.GetAccountSettingsInput{})
	if err != nil {
		return verdict.Refused(name, "read the account's concurrency", "lambda:GetAccountSettings", err, nil)
	}
	return room(name, d, account.AccountLimit, reserved)
}

// room judges what the account leaves to the guard, which may have runs reserved.
func room(name string, d *deployed.Deployment, limit *types.AccountLimit, reserved bool) []verdict.Verdict {
	switch {
	case reserved:
		return verdict.Good(name, "Concurrent runs are reserved for the guard.")
	case limit == nil || limit.UnreservedConcurrentExecutions == nil:
		return verdict.Unseen(name, "Lambda does not say what concurrency the account has.", "Run it again.")
	}
	all, left := limit.ConcurrentExecutions, *limit.UnreservedConcurrentExecutions
	if left < leastUnreserved {
		return verdict.Warn(name,
			fmt.Sprintf("Of the account's %d concurrent runs %d are unreserved: another function can use them up.", all, left),
			"Ask for a higher quota of concurrent executions, then set function.reservedConcurrency and deploy.",
			d.AWSCommand("service-quotas", "request-service-quota-increase", "--service-code", "lambda",
				"--quota-code", "L-B99A9384", "--desired-value", "1000"))
	}
	return verdict.Good(name, fmt.Sprintf("Of the account's %d concurrent runs %d are unreserved.", all, left))
}
