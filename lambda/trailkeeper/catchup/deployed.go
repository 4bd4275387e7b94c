package catchup

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	awslambda "github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"

	"trailkeeper/lambda/config"
	"trailkeeper/lambda/internal/archive"
	"trailkeeper/lambda/internal/archive/s3client"
	"trailkeeper/lambda/internal/clock"
	"trailkeeper/lambda/internal/functionerror"
	"trailkeeper/lambda/internal/objects"
	"trailkeeper/lambda/internal/sanitize"
	"trailkeeper/lambda/internal/state"
	"trailkeeper/lambda/internal/state/decided"
	"trailkeeper/lambda/trailkeeper/cli"
)

// deployed is the watch as it is deployed.
type deployed struct {
	function string
	api      *awslambda.Client
	table    string
	noted    *decided.Objects
	buckets  []*archive.Bucket
}

// find asks the function which buckets it reads and where it remembers, and opens those of the buckets that are wanted.
func find(ctx context.Context, cfg aws.Config, function string, wanted []string) (*deployed, error) {
	d := &deployed{function: function, api: awslambda.NewFromConfig(cfg)}
	w, err := d.settings(ctx)
	if err != nil {
		return nil, err
	}
	d.table = w.Table
	if d.table == "" {
		return nil, fmt.Errorf("%s has no state table, so that nothing is known of what it decided; deploy it with one", function)
	}
	client := dynamodb.NewFromConfig(cfg, func(o *dynamodb.Options) { o.Retryer = aws.NopRetryer{} })
	d.noted = decided.New(&state.Store{Client: client, Table: d.table, Clock: clock.Real()}, clock.Real())
	all := w.LogFileBuckets()
	var names []string
	for _, b := range all {
		names = append(names, b.Name)
	}
	var errs []error
	for _, name := range wanted {
		if !slices.Contains(names, name) {
			errs = append(errs, fmt.Errorf("--bucket is %.80q; %s reads %s", name, function, strings.Join(names, ", ")))
		}
	}
	for _, b := range all {
		if len(wanted) > 0 && !slices.Contains(wanted, b.Name) {
			continue
		}
		name := "s3://" + b.Name + "/" + b.Prefix
		bucket, err := s3client.Open(ctx, cfg, name)
		if err != nil {
			errs = append(errs, cli.Explain("list "+name, "s3:ListBucket", err, map[string]string{
				"NoSuchBucket": "there is no such bucket; the watch reads it by its settings",
			}))
		}
		d.buckets = append(d.buckets, bucket)
	}
	return d, errors.Join(errs...)
}

// settings are those of the function, from its environment.
func (d *deployed) settings(ctx context.Context) (config.Watch, error) {
	out, err := d.api.GetFunctionConfiguration(ctx, &awslambda.GetFunctionConfigurationInput{
		FunctionName: aws.String(d.function),
	})
	if err != nil {
		return config.Watch{}, cli.Explain("ask for the settings of "+d.function, "lambda:GetFunctionConfiguration", err,
			map[string]string{"ResourceNotFound": noFunction})
	}
	env := map[string]string{}
	if out.Environment != nil {
		env = out.Environment.Variables
		if e := out.Environment.Error; e != nil {
			return config.Watch{}, fmt.Errorf("the settings of %s cannot be read: %s; the permission kms:Decrypt on the key "+
				"of its environment may be missing", d.function, sanitize.Bound(aws.ToString(e.Message), 200))
		}
	}
	w, _ := config.WatchFromEnv(func(name string) string { return env[name] }) // what is wrong elsewhere is none of ours
	if len(w.LogFileBuckets()) == 0 {
		return w, fmt.Errorf("%s reads no log files (%s is empty); check that it is the watch, the stack's output "+
			"WatchFunctionName, and that its settings name buckets", d.function, config.EnvLogBuckets)
	}
	return w, nil
}

const noFunction = "there is no such function in this account and Region; the stack's output WatchFunctionName has its name"

// has reports whether the table says that a file was decided.
func (d *deployed) has(ctx context.Context, o decided.Object) (bool, error) {
	is, err := d.noted.Has(ctx, o)
	if e, ok := errors.AsType[*state.Error](err); ok {
		err = cli.Explain("read the table "+d.table, "dynamodb:GetItem", e.Err, map[string]string{
			"ResourceNotFound": "there is no such table in this account and Region; deploy the stack again",
		})
	}
	return is, err
}

// errFunction is about a run of the function that ended without an answer. Another run may do better.
var errFunction = errors.New("the function failed")

// decide has the function decide some files, and returns what it says of each.
func (d *deployed) decide(ctx context.Context, files []objects.Object) ([]objects.Answer, error) {
	out, err := d.api.Invoke(ctx, &awslambda.InvokeInput{
		FunctionName:   aws.String(d.function),
		InvocationType: types.InvocationTypeRequestResponse,
		Payload:        objects.Asked{Objects: files}.Payload(),
	})
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	if err != nil {
		return nil, cli.Explain("ask "+d.function, "lambda:InvokeFunction", err, map[string]string{
			"ResourceNotFound": noFunction,
			"TooManyRequests":  "the function is busy, or the account's concurrency is used up; run it again, with --parallel 1",
		})
	}
	if out.FunctionError != nil {
		why := cmp.Or(functionerror.Message(out.Payload), "it does not say why; see its log")
		return nil, fmt.Errorf("%w: %s", errFunction, sanitize.Bound(why, 300))
	}
	var got objects.Answers
	if err := json.Unmarshal(out.Payload, &got); err != nil || len(got.Objects) != len(files) {
		return nil, fmt.Errorf("%s gave no answer about the files; check that it is as new as this command, and deploy "+
			"again if it is not", d.function)
	}
	return got.Objects, nil
}
