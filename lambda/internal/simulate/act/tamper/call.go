// Package tamper is the attacks on the deployment itself: on its rules, functions, roles, channels and state, and how the
// parts of it are before and after one. Each is a call of AWS by the attacker. It does not know who undoes it or tells of
// it.
package tamper

import (
	"context"
	"maps"

	"trailkeeper/lambda/internal/awsapi"
	"trailkeeper/lambda/internal/simulate/act"
	"trailkeeper/lambda/internal/simulate/stage"
)

// object is a JSON object.
type object = map[string]any

// attack is one call of AWS by the attacker; see awsapi.Call.
type attack struct {
	service, operation string
	input              object
}

// calls makes the attacker's calls one after the other. Whoever makes them may first look at what there is.
func calls(of func(context.Context, *stage.Stage) ([]attack, error)) act.Act {
	return func(ctx context.Context, s *stage.Stage) error {
		all, err := of(ctx, s)
		for _, one := range all {
			if err == nil {
				_, err = ask(ctx, s, one)
			}
		}
		return err
	}
}

// call makes one call of the attacker's.
func call(service, operation string, input func(*stage.Stage) object) act.Act {
	return calls(func(_ context.Context, s *stage.Stage) ([]attack, error) {
		return []attack{{service, operation, input(s)}}, nil
	})
}

// on makes one call of the attacker's about a resource of the stack, by its logical ID without CDK's hash. Its name is the
// named member of the input, of which more may be given.
func on(member, id, service, operation string, more object) act.Act {
	return call(service, operation, func(s *stage.Stage) object {
		input := object{member: s.NameOf(id)}
		maps.Copy(input, more)
		return input
	})
}

// ask makes a call as the attacker.
func ask(ctx context.Context, s *stage.Stage, a attack) (object, error) {
	return stage.API(s.Cloud, stage.AttackerKey).Call(ctx, awsapi.Call{
		Service: a.service, Region: s.Region, Operation: a.operation, Input: a.input,
	})
}
