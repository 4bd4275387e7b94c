package deployed

import (
	"context"
	"errors"

	"github.com/aws/aws-sdk-go-v2/aws"
	awslambda "github.com/aws/aws-sdk-go-v2/service/lambda"

	"trailkeeper/lambda/config"
	"trailkeeper/lambda/internal/sanitize"
)

// Guard is the guard's function and what its environment tells it.
type Guard struct {
	Function string
	// Err is why the function could not be read; then the settings mean nothing.
	Err error
	// State is Lambda's, such as "Active".
	State    string
	Settings config.Guard
	// Wrong is what is wrong with the environment; nil: nothing.
	Wrong error
}

// ErrNoFunction says that the stack has no output FunctionName.
var ErrNoFunction = errors.New("the stack has no output FunctionName; it is not one of Trailkeeper, or its deployment failed")

func readGuard(ctx context.Context, cfg aws.Config, name string) Guard {
	g := Guard{Function: name}
	if name == "" {
		g.Err = ErrNoFunction
		return g
	}
	out, err := awslambda.NewFromConfig(cfg).GetFunctionConfiguration(ctx, &awslambda.GetFunctionConfigurationInput{
		FunctionName: aws.String(name),
	})
	if err != nil {
		g.Err = err
		return g
	}
	g.State = string(out.State)
	env := map[string]string{}
	if out.Environment != nil {
		env = out.Environment.Variables
		if e := out.Environment.Error; e != nil {
			g.Err = errors.New("its environment cannot be decrypted: " + sanitize.Bound(aws.ToString(e.Message), 200))
			return g
		}
	}
	g.Settings, g.Wrong = config.FromEnv(func(name string) string { return env[name] })
	return g
}
