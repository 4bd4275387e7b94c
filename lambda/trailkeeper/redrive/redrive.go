// Package redrive is the command that asks the guard to empty its queues now, and shows what it says.
// It knows no queue: it calls one function, and judges only whether something is left.
package redrive

import (
	"cmp"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awslambda "github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"
	"github.com/spf13/cobra"

	"trailkeeper/events"
	"trailkeeper/lambda/internal/functionerror"
	"trailkeeper/lambda/internal/redrive/queues"
	"trailkeeper/lambda/internal/sanitize"
	"trailkeeper/lambda/trailkeeper/cli"
)

type options struct {
	cli.Operator
	function string
}

// New makes the command.
func New() *cobra.Command {
	var f options
	cmd := &cobra.Command{
		Use:   "redrive --function NAME [flags]",
		Short: "Redrive the queues now",
		Long: "Asks the guard to empty its queues now, as it does in every sweep: it sends the messages that Slack\n" +
			"or SNS did not take, and handles the events that did not reach it or that it failed on. What lies in\n" +
			"the last queue is tried once more. Nothing is dropped: what cannot be sent or handled stays in its\n" +
			"queue, or goes to the last one if it never can be, and is shown with the reason.\n\n" +
			"The function's name is the stack's output FunctionName. It needs lambda:InvokeFunction on it.\n\n" +
			"It exits with 1 if something is left in a queue or a queue could not be read, and with 2 if the\n" +
			"guard could not be asked.",
		Example: "  trailkeeper redrive --function trailkeeper-GuardFunction --profile security",
		Args:    cli.NoArgs,
		RunE:    func(cmd *cobra.Command, _ []string) error { return f.run(cmd) },
	}
	f.Flags(cmd)
	cmd.Flags().StringVar(&f.function, "function", "", "name or ARN of the guard's function")
	return cmd
}

func (f *options) run(cmd *cobra.Command) error {
	named := cli.IsName(f.function, 170, "-_:$.") // Lambda API reference, Invoke
	if err := cli.Check(cli.BadRegion(f.Region), cli.Bad(named, "function", f.function,
		"the name or the ARN of the guard's function, the stack's output FunctionName")); err != nil {
		return err
	}
	cfg, err := f.Config(cmd.Context(), 1) // asked twice, the guard would work twice
	if err != nil {
		return err
	}
	report, err := ask(cmd.Context(), awslambda.NewFromConfig(cfg), f.function, time.Now())
	if err != nil {
		return cli.Usage(err.Error())
	}
	if err := show(cmd.OutOrStdout(), report); err != nil {
		return err
	}
	if remains(report) {
		return cli.Failed("") // all is said
	}
	return nil
}

// ask has the guard empty its queues, and returns what it says.
func ask(ctx context.Context, api *awslambda.Client, function string, now time.Time) (queues.Report, error) {
	payload, err := json.Marshal(map[string]any{
		"version":     "0",
		"id":          rand.Text(),
		"source":      events.Source,
		"detail-type": events.Redrive,
		"time":        now.UTC().Format(time.RFC3339),
		"detail":      map[string]any{},
	})
	if err != nil {
		return queues.Report{}, err
	}
	out, err := api.Invoke(ctx, &awslambda.InvokeInput{
		FunctionName: aws.String(function), InvocationType: types.InvocationTypeRequestResponse, Payload: payload,
	})
	if err != nil {
		return queues.Report{}, cli.Explain("ask "+function, "lambda:InvokeFunction", err, map[string]string{
			"ResourceNotFound": "there is no such function in this account and Region; " +
				"the stack's output FunctionName has its name",
			"TooManyRequests": "the function is busy, or the account's concurrency is used up; try again in a minute",
		})
	}
	if out.FunctionError != nil {
		why := cmp.Or(functionerror.Message(out.Payload), "it does not say why")
		return queues.Report{}, fmt.Errorf("%s failed: %s; see its log. What it had not done is still in the queues",
			function, sanitize.Bound(why, 400))
	}
	if out.StatusCode != http.StatusOK && out.StatusCode != 0 {
		return queues.Report{}, fmt.Errorf("%s answered with status %d; want 200", function, out.StatusCode)
	}
	return parse(function, out.Payload)
}

// parse reads the guard's answer.
func parse(function string, payload []byte) (queues.Report, error) {
	var known struct {
		Queues json.RawMessage `json:"queues"` // null where the guard has no queue
	}
	var report queues.Report
	err := errors.Join(json.Unmarshal(payload, &known), json.Unmarshal(payload, &report))
	if err != nil || known.Queues == nil {
		return queues.Report{}, fmt.Errorf("%s gave no report; check that it is the guard and as new as this command, "+
			"and deploy again if it is not", function)
	}
	return report, nil
}

// remains reports whether a queue holds, or may hold, something still.
func remains(r queues.Report) bool {
	for _, q := range r.Queues {
		if q.More {
			return true
		}
	}
	return r.Refused() || r.Remaining() > 0 || r.Aside() > 0
}
