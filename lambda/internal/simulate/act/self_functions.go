package act

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/lambda"

	"trailkeeper/lambda/internal/simulate/stage"
)

// onFunction is something that the attacker does to a function, by its logical ID without CDK's hash.
func onFunction(id string, do func(context.Context, *lambda.Client, *string) error) Act {
	return func(ctx context.Context, s *stage.Stage) error {
		arn := s.Cloud.ARNOf(id)
		if arn == "" {
			return fmt.Errorf("the template has no function %s", id)
		}
		return do(ctx, lambda.NewFromConfig(attacker(s)), aws.String(nameIn(arn)))
	}
}

// Starves leaves a function no concurrency.
func Starves(id string) Act {
	return onFunction(id, func(ctx context.Context, c *lambda.Client, name *string) error {
		_, err := c.PutFunctionConcurrency(ctx, &lambda.PutFunctionConcurrencyInput{
			FunctionName: name, ReservedConcurrentExecutions: aws.Int32(0),
		})
		return err
	})
}

// ReplacesCode gives a function another program.
func ReplacesCode(id string) Act {
	return onFunction(id, func(ctx context.Context, c *lambda.Client, name *string) error {
		_, err := c.UpdateFunctionCode(ctx, &lambda.UpdateFunctionCodeInput{FunctionName: name, ZipFile: []byte("another program")})
		return err
	})
}

// Reconfigures takes time from a function.
func Reconfigures(id string) Act {
	return onFunction(id, func(ctx context.Context, c *lambda.Client, name *string) error {
		_, err := c.UpdateFunctionConfiguration(ctx, &lambda.UpdateFunctionConfigurationInput{
			FunctionName: name, Timeout: aws.Int32(1),
		})
		return err
	})
}

// DropsEvents has Lambda drop what a function failed on, after a minute.
func DropsEvents(id string) Act {
	return onFunction(id, func(ctx context.Context, c *lambda.Client, name *string) error {
		_, err := c.PutFunctionEventInvokeConfig(ctx, &lambda.PutFunctionEventInvokeConfigInput{
			FunctionName: name, MaximumRetryAttempts: aws.Int32(0), MaximumEventAgeInSeconds: aws.Int32(60),
		})
		return err
	})
}

// RevokesInvoke takes every permission to invoke a function away.
func RevokesInvoke(id string) Act {
	return onFunction(id, func(ctx context.Context, c *lambda.Client, name *string) error {
		out, err := c.GetPolicy(ctx, &lambda.GetPolicyInput{FunctionName: name})
		if err != nil {
			return err
		}
		var policy struct{ Statement []struct{ Sid string } }
		if err := json.Unmarshal([]byte(aws.ToString(out.Policy)), &policy); err != nil {
			return fmt.Errorf("the policy of %s: %w", *name, err)
		}
		for _, st := range policy.Statement {
			in := &lambda.RemovePermissionInput{FunctionName: name, StatementId: aws.String(st.Sid)}
			if _, err := c.RemovePermission(ctx, in); err != nil {
				return err
			}
		}
		return nil
	})
}

// DeletesFunction deletes a function.
func DeletesFunction(id string) Act {
	return onFunction(id, func(ctx context.Context, c *lambda.Client, name *string) error {
		_, err := c.DeleteFunction(ctx, &lambda.DeleteFunctionInput{FunctionName: name})
		return err
	})
}
