package tamper

import (
	"context"
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"trailkeeper/lambda/internal/awsapi"
	"trailkeeper/lambda/internal/simulate/act"
	"trailkeeper/lambda/internal/simulate/stage"
)

// Read is how something of the deployment is, as AWS answers.
type Read = func(context.Context, *stage.Stage) (any, error)

// Keeping remembers how some parts of the deployment are before something is done, so that a check can say whether they
// are so again. What they are called comes before each.
func Keeping(parts map[string]Read, do act.Act) act.Act {
	return func(ctx context.Context, s *stage.Stage) error {
		for _, name := range slices.Sorted(maps.Keys(parts)) {
			read := func() (string, error) { // when the act is long over
				v, err := parts[name](context.Background(), s)
				raw, unwritten := json.Marshal(v)
				if err != nil {
					return "", err
				}
				return string(raw), unwritten
			}
			before, err := read()
			if err != nil {
				return err
			}
			s.Kept = append(s.Kept, stage.Kept{Name: name, Before: before, Now: read})
		}
		return do(ctx, s)
	}
}

// RuleRead is a rule of the stack with its targets.
func RuleRead(rule string) Read {
	return func(ctx context.Context, s *stage.Stage) (any, error) {
		out, err := ask(ctx, s, attack{"events", "DescribeRule", object{"Name": ruleOf(s, rule)}})
		if err != nil {
			return nil, err
		}
		all, err := targets(ctx, s, rule)
		slices.SortFunc(all, func(a, b object) int {
			return strings.Compare(awsapi.Text(a["Id"]), awsapi.Text(b["Id"]))
		})
		return []any{out["State"], decoded(out["EventPattern"]), all}, err
	}
}

// ConcurrencyRead is what concurrency is reserved for a function.
func ConcurrencyRead(id string) Read {
	return func(ctx context.Context, s *stage.Stage) (any, error) {
		const path = "GET /2019-09-30/functions/{FunctionName}/concurrency"
		out, err := ask(ctx, s, attack{"lambda", path, object{"FunctionName": s.NameOf(id)}})
		return out["ReservedConcurrentExecutions"], err
	}
}

// InvokersRead is who may invoke a function: the statements of its policy, without their IDs.
func InvokersRead(id string) Read {
	return func(ctx context.Context, s *stage.Stage) (any, error) {
		const path = "GET /2015-03-31/functions/{FunctionName}/policy"
		out, err := ask(ctx, s, attack{"lambda", path, object{"FunctionName": s.NameOf(id)}})
		if err != nil {
			return nil, err
		}
		var policy struct{ Statement []object }
		err = json.Unmarshal([]byte(awsapi.Text(out["Policy"])), &policy)
		var all []string
		for _, st := range policy.Statement {
			delete(st, "Sid")
			raw, _ := json.Marshal(st) // what was decoded encodes
			all = append(all, string(raw))
		}
		slices.Sort(all)
		return all, err
	}
}

// ScheduleRead is a schedule of the stack.
func ScheduleRead(name string) Read {
	return func(ctx context.Context, s *stage.Stage) (any, error) {
		out, err := ask(ctx, s, attack{"scheduler", "GET /schedules/{Name}", object{"Name": ruleOf(s, name)}})
		return []any{out["ScheduleExpression"], out["State"], out["Target"]}, err
	}
}

// QueueRead is the policy of a queue.
func QueueRead(id string) Read {
	return func(ctx context.Context, s *stage.Stage) (any, error) {
		url, err := ask(ctx, s, attack{"sqs", "GetQueueUrl", object{"QueueName": s.NameOf(id)}})
		if err != nil {
			return nil, err
		}
		out, err := ask(ctx, s, attack{"sqs", "GetQueueAttributes", object{
			"QueueUrl": url["QueueUrl"], "AttributeNames": []any{"Policy"},
		}})
		return decoded(awsapi.Object(out["Attributes"])["Policy"]), err
	}
}

// TableRead is the policy of the state table.
func TableRead() Read {
	return func(ctx context.Context, s *stage.Stage) (any, error) {
		out, err := ask(ctx, s, attack{"dynamodb", "GetResourcePolicy", object{"ResourceArn": s.Cloud.ARNOf("StateTable")}})
		return decoded(out["Policy"]), err
	}
}

// decoded is JSON in a text, so that its spaces and the order of its members do not count.
func decoded(text any) (v any) {
	if json.Unmarshal([]byte(awsapi.Text(text)), &v) != nil {
		return text
	}
	return v
}
