// Package testalert is the command that sends a test alert through EventBridge to every channel.
// It knows no channel: what arrives there, only a human can tell.
package testalert

import (
	"bufio"
	"cmp"
	"context"
	"crypto/rand"
	"encoding/json"
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
	"trailkeeper/lambda/internal/sanitize"
	"trailkeeper/lambda/trailkeeper/cli"
)

const (
	defaultBus = "default"
	// forAsking bounds the question who the caller is, which the test alert does without.
	forAsking = 5 * time.Second
)

type options struct {
	cli.Operator
	bus, stack string
}

// New makes the command.
func New() *cobra.Command {
	var f options
	cmd := &cobra.Command{
		Use:   "test-alert [flags]",
		Short: "Send a test alert through EventBridge to every channel",
		Long: "Sends a marked event to EventBridge, which takes both ways that a real one takes: straight to Slack,\n" +
			"and through the guard to Slack and SNS. Every message says TEST. The command says what should be\n" +
			"seen; whether it is seen, only you can tell.\n\n" +
			"It needs events:PutEvents on the event bus, and cloudwatch:PutMetricData to count what it sends: an\n" +
			"alarm goes off if less comes through. Run it in the account and the Region of the deployment.",
		Example: "  trailkeeper test-alert --profile security --region eu-west-1",
		Args:    cli.NoArgs,
		RunE:    func(cmd *cobra.Command, _ []string) error { return f.run(cmd) },
	}
	f.Flags(cmd)
	cmd.Flags().StringVar(&f.bus, "bus", defaultBus, "name or ARN of the event bus")
	cmd.Flags().StringVar(&f.stack, "stack", "trailkeeper", "name of the stack")
	return cmd
}

func (f *options) run(cmd *cobra.Command) error {
	named := cli.IsName(f.bus, 1600, "-_:$./") // EventBridge API reference, PutEventsRequestEntry
	if err := cli.Check(
		cli.BadRegion(f.Region),
		cli.Bad(named, "bus", f.bus, "the name or the ARN of an event bus"),
		cli.BadStack(f.stack),
	); err != nil {
		return err
	}
	cfg, err := f.Config(cmd.Context(), 3)
	if err != nil {
		return err
	}
	sent, err := send(cmd.Context(), eventbridge.NewFromConfig(cfg), sts.NewFromConfig(cfg), f.bus)
	if err != nil {
		return cli.Failed(err.Error())
	}
	uncounted := count(cmd.Context(), cloudwatch.NewFromConfig(cfg), f.stack)
	return show(cmd.OutOrStdout(), sent, uncounted, f.stack, f.bus, cfg.Region)
}

// sentAlert is a test alert that EventBridge has taken.
type sentAlert struct{ eventID, by string }

// send puts the event on the bus. Who sends it stands in the event where AWS tells.
func send(ctx context.Context, api *eventbridge.Client, who *sts.Client, bus string) (sentAlert, error) {
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
		Source:       aws.String(events.Source),
		DetailType:   aws.String(events.TestAlert),
		Detail:       aws.String(string(text)),
		EventBusName: aws.String(bus),
	}}})
	doing := "send the test alert to the event bus " + bus
	if err != nil {
		return sentAlert{}, cli.Explain(doing, "events:PutEvents", err, map[string]string{
			"ResourceNotFound": "there is no such event bus in this account and Region",
		})
	}
	if len(out.Entries) != 1 {
		return sentAlert{}, fmt.Errorf("%s: EventBridge answered for %d events; want one", doing, len(out.Entries))
	}
	if e := out.Entries[0]; out.FailedEntryCount > 0 || aws.ToString(e.EventId) == "" {
		return sentAlert{}, fmt.Errorf("%s: EventBridge did not take it: %s; nothing was sent", doing, entryError(e))
	}
	sent.eventID = sanitize.Bound(*out.Entries[0].EventId, 100)
	return sent, nil
}

// count counts one that was sent, for the alarm that compares it with what came through. It returns why it could not,
// or "".
func count(ctx context.Context, api *cloudwatch.Client, stack string) string {
	_, err := api.PutMetricData(ctx, &cloudwatch.PutMetricDataInput{
		Namespace: aws.String(metric.Namespace), MetricData: []cwtypes.MetricDatum{{
			MetricName: aws.String(metric.TestAlertsSent),
			Unit:       cwtypes.StandardUnitCount,
			Value:      aws.Float64(1),
			Dimensions: []cwtypes.Dimension{{Name: aws.String(metric.DimensionStack), Value: aws.String(stack)}},
		}},
	})
	if err == nil {
		return ""
	}
	return cli.Explain("it could not be counted", "cloudwatch:PutMetricData", err, nil).Error()
}

// callerARN is who the credentials belong to, or "": everybody may ask, but an endpoint may not answer.
func callerARN(ctx context.Context, api *sts.Client) string {
	ctx, cancel := context.WithTimeout(ctx, forAsking)
	defer cancel()
	out, err := api.GetCallerIdentity(ctx, &sts.GetCallerIdentityInput{})
	if err != nil {
		return ""
	}
	return sanitize.Bound(aws.ToString(out.Arn), 500)
}

// entryError says why EventBridge refused an event (EventBridge API reference, PutEventsResultEntry).
func entryError(e types.PutEventsResultEntry) string {
	message := strings.TrimRight(sanitize.Bound(aws.ToString(e.ErrorMessage), 300), ". ")
	code := cmp.Or(sanitize.Bound(aws.ToString(e.ErrorCode), 100), "it does not say why")
	return code + cli.Choose(message != "", ": "+message, "")
}

// show says what is to be seen now.
func show(w io.Writer, sent sentAlert, uncounted, stack, bus, region string) error {
	out := bufio.NewWriter(w)
	fmt.Fprintf(out, "EventBridge took the test alert on the event bus %s in %s.\n", bus, region)
	cli.Row(out, "event id", sent.eventID)
	cli.Row(out, "sent by", cmp.Or(sent.by, "unknown: AWS STS did not answer"))
	fmt.Fprint(out, "\nWithin a minute this should be seen:\n")
	cli.Row(out, "Slack", "Two messages that say TEST: one that EventBridge posts itself, and one from the guard. "+
		"If only one arrives, the other path is broken.")
	cli.Row(out, "SNS", "One message that says TEST, to every subscriber whose severity it has: e-mail may be set to "+
		"come only from a higher one up.")
	alarm := "An hour in which one does not get through raises the alarm " + stack + "/test-alert-missing."
	if uncounted != "" {
		alarm = "No alarm watches this one, because " + uncounted + "."
	}
	cli.Row(out, "CloudWatch", "The metric TestAlerts of the namespace Trailkeeper counts 1 once every channel has "+
		"accepted its message. "+alarm)
	fmt.Fprintln(out)
	cli.Paragraph(out, "A channel that the deployment does not use stays silent. If one that it uses does, look for the "+
		"event ID in the guard's log, and into the queues with: trailkeeper redrive --function NAME")
	return cli.Flush(out)
}
