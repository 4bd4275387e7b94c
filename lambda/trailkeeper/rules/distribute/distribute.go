// Package distribute has a deployment backtest an archive: it starts the state machine that the setting
// archive.backtest makes, shows how far it is, waits for it and fetches its report.
//
// It applies no rule and reads no log file. An execution goes on without it.
package distribute

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/aws/aws-sdk-go-v2/service/sfn/types"

	"trailkeeper/events"
	"trailkeeper/lambda/internal/backtest"
	"trailkeeper/lambda/internal/backtest/distributed"
	"trailkeeper/lambda/internal/functionerror"
	"trailkeeper/lambda/internal/sanitize"
	"trailkeeper/lambda/trailkeeper/cli"
)

type executionAPI interface {
	StartExecution(context.Context, *sfn.StartExecutionInput, ...func(*sfn.Options)) (*sfn.StartExecutionOutput, error)
	DescribeExecution(
		context.Context, *sfn.DescribeExecutionInput, ...func(*sfn.Options),
	) (*sfn.DescribeExecutionOutput, error)
}

type mapRunAPI interface {
	ListMapRuns(context.Context, *sfn.ListMapRunsInput, ...func(*sfn.Options)) (*sfn.ListMapRunsOutput, error)
	DescribeMapRun(context.Context, *sfn.DescribeMapRunInput, ...func(*sfn.Options)) (*sfn.DescribeMapRunOutput, error)
}

// API is what is asked of Step Functions.
type API interface {
	executionAPI
	mapRunAPI
}

// Options are what is needed to wait for an execution.
type Options struct {
	API API
	// Open opens an object of the bucket of results.
	Open func(ctx context.Context, bucket, key string) (io.ReadCloser, error)
	Now  func() time.Time
	// Sleep waits, or returns the error of ctx.
	Sleep  func(ctx context.Context, d time.Duration) error
	Stderr io.Writer
	Live   bool // Stderr is a terminal, on which a line may be replaced
}

// StateMachine is the ARN of a deployment's state machine, from that of whoever is signed in (AWS STS API reference,
// GetCallerIdentity). Its name is written by cdk/backtest.
func StateMachine(caller, region, stack string) (string, error) {
	who, err := events.ParseARN(caller)
	if err != nil {
		return "", fmt.Errorf("find the account: %w", err)
	}
	place := events.Place{Partition: who.Partition, Region: region, Account: who.Account}
	return place.ARN("states", "stateMachine:"+stack+"-Backtest"), nil
}

// IsExecution reports whether a text can be the ARN of an execution, and gives the Region in it.
func IsExecution(text string) (region string, ok bool) {
	arn, err := events.ParseARN(text)
	parts := strings.Split(arn.Resource, ":")
	if err != nil || len(parts) != 3 || arn.Service != "states" || parts[0] != "execution" || arn.Region == "" {
		return "", false
	}
	return arn.Region, cli.IsName(parts[1], 80, "-_") && cli.IsName(parts[2], 80, "-_")
}

// Start starts an execution, and returns its ARN.
func Start(ctx context.Context, api executionAPI, machine, name string, asked distributed.Request) (string, error) {
	input, err := json.Marshal(asked)
	if err != nil {
		return "", fmt.Errorf("encode the request: %w", err)
	}
	out, err := api.StartExecution(ctx, &sfn.StartExecutionInput{
		StateMachineArn: aws.String(machine), Name: aws.String(name), Input: aws.String(string(input)),
	})
	if err != nil {
		return "", cli.Explain("start "+machine, "states:StartExecution", err, map[string]string{
			"StateMachineDoesNotExist": "there is no such state machine; deploy with the setting archive.backtest, or name " +
				"the stack with --stack and its account and Region with --profile",
		})
	}
	return aws.ToString(out.ExecutionArn), nil
}

// firstWait and longestWait bound how long Wait waits from one look to the next.
const firstWait, longestWait = time.Second, 10 * time.Second

// Wait shows how far an execution is until it ends, and fetches its report. If ctx ends before, the error is that of
// ctx, and the execution goes on.
func Wait(ctx context.Context, o Options, execution string) (*backtest.Report, error) {
	p := &progress{Options: o, execution: execution}
	defer p.clear()
	for wait := firstWait; ; wait = min(2*wait, longestWait) {
		out, err := o.API.DescribeExecution(ctx, &sfn.DescribeExecutionInput{ExecutionArn: aws.String(execution)})
		if ctx.Err() != nil {
			return nil, ctx.Err() //nolint:wrapcheck // the caller's own
		}
		if err != nil {
			return nil, cli.Explain("look at "+execution, "states:DescribeExecution", err, map[string]string{
				"ExecutionDoesNotExist": "there is no such execution; Step Functions keeps one for 90 days",
			})
		}
		if out.Status != types.ExecutionStatusRunning && out.Status != types.ExecutionStatusPendingRedrive {
			p.clear()
			return fetch(ctx, o, out)
		}
		p.show(ctx)
		if o.Sleep(ctx, wait) != nil {
			return nil, ctx.Err() //nolint:wrapcheck // the caller's own
		}
	}
}

// fetch reads the report of an execution that has ended.
func fetch(ctx context.Context, o Options, out *sfn.DescribeExecutionOutput) (*backtest.Report, error) {
	if out.Status != types.ExecutionStatusSucceeded {
		return nil, ended(out)
	}
	var at distributed.Place
	if err := json.Unmarshal([]byte(aws.ToString(out.Output)), &at); err != nil || at.Bucket == "" || at.Key == "" {
		return nil, fmt.Errorf("the execution succeeded, and its output names no report: %.200q; is it one of "+
			"trailkeeper's state machine?", aws.ToString(out.Output))
	}
	place := sanitize.Bound("s3://"+at.Bucket+"/"+at.Key, 300)
	in, err := o.Open(ctx, at.Bucket, at.Key)
	if err != nil {
		return nil, fmt.Errorf("read the report %s: %w; it expires after 90 days", place, err)
	}
	defer in.Close() //nolint:errcheck // it was only read
	r, err := distributed.ReadReport(in)
	if err != nil {
		return nil, fmt.Errorf("read the report %s: %w", place, err)
	}
	return r, nil
}

// ended says why an execution has no report.
func ended(out *sfn.DescribeExecutionOutput) error {
	how := map[types.ExecutionStatus]string{
		types.ExecutionStatusAborted:  "was stopped",
		types.ExecutionStatusTimedOut: "took too long",
	}[out.Status]
	if how == "" {
		how = "failed"
	}
	why := aws.ToString(out.Cause)
	why = cmp.Or(functionerror.Message([]byte(why)), why)
	text := "the execution " + how
	if name := aws.ToString(out.Error); name != "" && name != "RequestError" {
		text += " with " + sanitize.Bound(name, 100)
	}
	if why != "" {
		text += ": " + sanitize.Bound(why, 500)
	}
	return errors.New(text + ". Nothing is reported")
}
