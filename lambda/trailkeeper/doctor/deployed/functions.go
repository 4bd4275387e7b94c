package deployed

import (
	"context"
	"errors"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	awslambda "github.com/aws/aws-sdk-go-v2/service/lambda"

	"trailkeeper/lambda/config"
	"trailkeeper/lambda/internal/sanitize"
)

// Function is a function of the stack, and what its environment tells it.
type Function[T any] struct {
	Name string // empty: the stack has none
	// Err is why the function could not be read; then the rest means nothing.
	Err error
	// State is Lambda's, such as "Active".
	State    string
	Settings T
	// Wrong is what is wrong with the environment; nil: nothing.
	Wrong error
}

// Known reports whether Settings are what the function is told.
func (f Function[T]) Known() bool { return f.Name != "" && f.Err == nil && f.Wrong == nil }

// ErrNoFunction says that the stack has no output FunctionName.
var ErrNoFunction = errors.New("the stack has no output FunctionName; it is not one of Trailkeeper, or its deployment failed")

// wardenID begins the logical ID of the warden's function.
const wardenID = "WardenFunction"

// readFunctions reads the guard and the warden.
func (d *Deployment) readFunctions(ctx context.Context) {
	d.Guard = readFunction(ctx, d.AWS, d.Outputs["FunctionName"], config.FromEnv)
	if d.Guard.Name == "" {
		d.Guard.Err = ErrNoFunction
	}
	for _, r := range d.Of("AWS::Lambda::Function") {
		if strings.HasPrefix(r.ID, wardenID) {
			d.Warden = readFunction(ctx, d.AWS, r.Name, config.WardenFromEnv)
		}
	}
}

func readFunction[T any](
	ctx context.Context, cfg aws.Config, name string, parse func(func(string) string) (T, error),
) Function[T] {
	f := Function[T]{Name: name}
	if name == "" {
		return f
	}
	out, err := awslambda.NewFromConfig(cfg).GetFunctionConfiguration(ctx, &awslambda.GetFunctionConfigurationInput{
		FunctionName: aws.String(name),
	})
	if err != nil {
		f.Err = err
		return f
	}
	f.State = string(out.State)
	env := map[string]string{}
	if out.Environment != nil {
		env = out.Environment.Variables
		if e := out.Environment.Error; e != nil {
			f.Err = errors.New("its environment cannot be decrypted: " + sanitize.Bound(aws.ToString(e.Message), 200))
			return f
		}
	}
	f.Settings, f.Wrong = parse(func(name string) string { return env[name] })
	return f
}
