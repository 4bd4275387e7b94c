package main

import (
	"bufio"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	cwtypes "github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge/types"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/spf13/cobra"

	"trailkeeper/events"
	"trailkeeper/lambda/config/metric"
	"trailkeeper/lambda/internal/notify"
)

const (
	defaultBus = "default"
	// forAsking bounds the question who the caller is, which the test alert does without.
	forAsking = 5 * time.Second
)

type testAlertFlags struct {
	operator
	bus, stack string
}

func newTestAlertCommand() *cobra.Command {
	var f testAlertFlags
	cmd := &cobra.Command{
		Use:   "test-alert [flags]",
		Short: "Send a test alert through EventBridge to every channel",
		Long: "Sends a marked event to EventBridge, which takes both ways that a real one takes: straight to Slack,\n" +
			"and through the guard to Slack and SNS. Every message says TEST. The command says what should be\n" +
			"seen; whether it is seen, only you can tell.\n\n" +
			"It needs events:PutEvents on the event bus, and cloudwatch:PutMetricData to count what it sends: an\n" +
			"alarm goes off if less comes through. Run it in the account and the Region of the deployment.",
		Example: "  trailkeeper test-alert --profile security --region eu-west-1",
		Args:    cobra.NoArgs,
		RunE:    func(cmd *cobra.Command, _ []string) error { return f.run(cmd) },
	}
	f.flags(cmd)
	cmd.Flags().StringVar(&f.bus, "bus", defaultBus, "name or ARN of the event bus")
	cmd.Flags().StringVar(&f.stack, "stack", "trailkeeper", "name of the stack")
	return cmd
}

type putEventsAPI interface {
	PutEvents(context.Context, *eventbridge.PutEventsInput, ...func(*eventbridge.Options)) (*eventbridge.PutEventsOutput, error)
}

type getCallerIdentityAPI interface {
	GetCallerIdentity(context.Context, *sts.GetCallerIdentityInput, ...func(*sts.Options)) (*sts.GetCallerIdentityOutput, error)
}

func (f *testAlertFlags) run(cmd *cobra.Command) error {
	problems := f.problems()
	if f.bus == "" || len(f.bus) > 1600 || strings.ContainsFunc(f.bus, notBusName) {
		problems = append(problems, fmt.Sprintf("--bus is %.200q; want the name or the ARN of an event bus", f.bus))
	}
	if !isStackName(f.stack) {
		problems = append(problems, fmt.Sprintf("--stack is %.60q; want the name of the stack, such as trailkeeper", f.stack))
	}
	if len(problems) > 0 {
		return &exitError{exitUsage, strings.Join(problems, "; ")}
	}
	cfg, err := f.config(cmd.Context(), 3)
	if err != nil {
		return err
	}
	sent, err := sendTestAlert(cmd.Context(), eventbridge.NewFromConfig(cfg), sts.NewFromConfig(cfg), f.bus)
	if err != nil {
		return &exitError{exitFailed, err.Error()}
	}
	uncounted := countTestAlert(cmd.Context(), cloudwatch.NewFromConfig(cfg), f.stack)
	return showTestAlert(cmd.OutOrStdout(), sent, uncounted, f.stack, f.bus, cfg.Region)
}

// notBusName reports whether r can be in no name or ARN of an event bus (EventBridge API reference, PutEventsRequestEntry).
func notBusName(r rune) bool { return notFunctionName(r) && r != '/' }

// sentAlert is a test alert that EventBridge has taken.
type sentAlert struct{ eventID, by string }

// sendTestAlert puts the event on the bus. Who sends it stands in the event where AWS tells.
func sendTestAlert(ctx context.Context, api putEventsAPI, who getCallerIdentityAPI, bus string) (sentAlert, error) {
	sent := sentAlert{by: callerARN(ctx, who)}
	detail := map[string]string{"id": rand.Text()}
	if sent.by != "" {
		detail["by"] = sent.by
	}
	text, err := json.Marshal(detail)
	if err != nil {
		return sentAlert{}, err
	}
	out, err := api.PutEvents(ctx, &eventbridge.PutEventsInput{Entries: []types.PutEventsRequestEntry{{
		Source: aws.String(events.Source), DetailType: aws.String(events.TestAlert), Detail: aws.String(string(text)), EventBusName: aws.String(bus),
	}}})
	doing := "send the test alert to the event bus " + bus
	if err != nil {
		return sentAlert{}, errors.New(refused(doing, "events:PutEvents", err, map[string]string{
			"ResourceNotFound": "there is no such event bus in this account and Region",
		}))
	}
	if len(out.Entries) != 1 {
		return sentAlert{}, fmt.Errorf("%s: EventBridge answered for %d events; want one", doing, len(out.Entries))
	}
	if e := out.Entries[0]; out.FailedEntryCount > 0 || aws.ToString(e.EventId) == "" {
		return sentAlert{}, fmt.Errorf("%s: EventBridge did not take it: %s; nothing was sent", doing, entryError(e))
	}
	sent.eventID = notify.Bound(*out.Entries[0].EventId, 100)
	return sent, nil
}

type putMetricDataAPI interface {
	PutMetricData(context.Context, *cloudwatch.PutMetricDataInput, ...func(*cloudwatch.Options)) (*cloudwatch.PutMetricDataOutput, error)
}

// countTestAlert counts one that was sent, for the alarm that compares it with what came through. It returns why it could not, or "".
func countTestAlert(ctx context.Context, api putMetricDataAPI, stack string) string {
	_, err := api.PutMetricData(ctx, &cloudwatch.PutMetricDataInput{
		Namespace: aws.String(metric.Namespace), MetricData: []cwtypes.MetricDatum{{
			MetricName: aws.String(metric.TestAlertsSent), Unit: cwtypes.StandardUnitCount, Value: aws.Float64(1),
			Dimensions: []cwtypes.Dimension{{Name: aws.String(metric.DimensionStack), Value: aws.String(stack)}},
		}},
	})
	if err == nil {
		return ""
	}
	return refused("it could not be counted", "cloudwatch:PutMetricData", err, nil)
}

// callerARN is who the credentials belong to, or "": everybody may ask, but an endpoint may not answer.
func callerARN(ctx context.Context, api getCallerIdentityAPI) string {
	ctx, cancel := context.WithTimeout(ctx, forAsking)
	defer cancel()
	out, err := api.GetCallerIdentity(ctx, &sts.GetCallerIdentityInput{})
	if err != nil {
		return ""
	}
	return notify.Bound(aws.ToString(out.Arn), 500)
}

// entryError says why EventBridge refused an event (EventBridge API reference, PutEventsResultEntry).
func entryError(e types.PutEventsResultEntry) string {
	code, message := notify.Bound(aws.ToString(e.ErrorCode), 100), strings.TrimRight(notify.Bound(aws.ToString(e.ErrorMessage), 300), ". ")
	if code == "" {
		code = "it does not say why"
	}
	return code + yes(message != "", ": "+message, "")
}

// showTestAlert says what is to be seen now.
func showTestAlert(w io.Writer, sent sentAlert, uncounted, stack, bus, region string) error {
	out := bufio.NewWriter(w)
	fmt.Fprintf(out, "EventBridge took the test alert on the event bus %s in %s.\n", bus, region)
	row(out, "event id", sent.eventID)
	row(out, "sent by", orElse(sent.by, "AWS did not tell who you are"))
	fmt.Fprint(out, "\nWithin a minute this should be seen:\n")
	row(out, "Slack", "Two messages that say TEST: one that EventBridge posts itself, and one of the guard. If only one comes, that other way is broken.")
	row(out, "SNS", "One message that says TEST, to every subscriber whose severity it has: e-mail may be set to come only from a higher one up.")
	alarm := "An hour in which one does not get through raises the alarm " + stack + "/test-alert-missing."
	if uncounted != "" {
		alarm = "No alarm watches this one, because " + uncounted + "."
	}
	row(out, "CloudWatch", "The metric TestAlerts of the namespace Trailkeeper counts 1 once every channel has taken its message. "+alarm)
	fmt.Fprint(out, "\nA channel that the deployment does not use stays silent. If one that it uses does, look for the\n"+
		"event id in the guard's log, and into the queues with: trailkeeper redrive --function NAME\n")
	if err := out.Flush(); err != nil {
		return fmt.Errorf("write the output: %w", err)
	}
	return nil
}
