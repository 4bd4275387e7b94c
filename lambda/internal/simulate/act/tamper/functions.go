package tamper

import (
	"context"
	"encoding/json"
	"fmt"

	"trailkeeper/lambda/internal/awsapi"
	"trailkeeper/lambda/internal/simulate/act"
	"trailkeeper/lambda/internal/simulate/stage"
)

// onFunction is a call about a function, by its logical ID without CDK's hash.
func onFunction(id, operation string, more object) act.Act {
	return on("FunctionName", id, "lambda", operation, more)
}

// Starves leaves a function no concurrency.
func Starves(id string) act.Act {
	const path = "PUT /2017-10-31/functions/{FunctionName}/concurrency"
	return onFunction(id, path, object{"ReservedConcurrentExecutions": 0})
}

// ReplacesCode gives a function another program.
func ReplacesCode(id string) act.Act {
	const zip = "UEsFBgAAAAAAAAAAAAAAAAAAAAAAAA==" // an empty one
	return onFunction(id, "PUT /2015-03-31/functions/{FunctionName}/code", object{"ZipFile": zip})
}

// Reconfigures leaves a function one second.
func Reconfigures(id string) act.Act {
	return onFunction(id, "PUT /2015-03-31/functions/{FunctionName}/configuration", object{"Timeout": 1})
}

// DropsEvents has Lambda drop what a function failed on, after a minute.
func DropsEvents(id string) act.Act {
	const path = "PUT /2019-09-25/functions/{FunctionName}/event-invoke-config"
	return onFunction(id, path, object{"MaximumRetryAttempts": 0, "MaximumEventAgeInSeconds": 60})
}

// DeletesFunction deletes a function.
func DeletesFunction(id string) act.Act {
	return onFunction(id, "DELETE /2015-03-31/functions/{FunctionName}", nil)
}

// RevokesInvoke takes every permission to invoke a function away.
func RevokesInvoke(id string) act.Act {
	const path = "/2015-03-31/functions/{FunctionName}/policy"
	return calls(func(ctx context.Context, s *stage.Stage) (all []attack, err error) {
		name := s.NameOf(id)
		out, err := ask(ctx, s, attack{"lambda", "GET " + path, object{"FunctionName": name}})
		if err != nil {
			return nil, err
		}
		var policy struct{ Statement []struct{ Sid string } }
		if err := json.Unmarshal([]byte(awsapi.Text(out["Policy"])), &policy); err != nil {
			return nil, fmt.Errorf("the policy of %s: %w", name, err)
		}
		for _, st := range policy.Statement {
			input := object{"FunctionName": name, "StatementId": st.Sid}
			all = append(all, attack{"lambda", "DELETE " + path + "/{StatementId}", input})
		}
		return all, nil
	})
}

// DeletesLog deletes the log group with a logical ID, which its name goes on with behind the stack's.
func DeletesLog(id string) act.Act {
	return calls(func(ctx context.Context, s *stage.Stage) (all []attack, err error) {
		out, err := ask(ctx, s, attack{"logs", "DescribeLogGroups", object{"logGroupNamePrefix": s.Stack + "-" + id}})
		for _, g := range awsapi.List(out["logGroups"]) {
			all = append(all, attack{"logs", "DeleteLogGroup", object{"logGroupName": awsapi.Object(g)["logGroupName"]}})
		}
		return all, err
	})
}
