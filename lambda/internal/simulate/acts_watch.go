package simulate

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	cwtypes "github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge/types"

	"trailkeeper/events"
	"trailkeeper/lambda/config/metric"
	"trailkeeper/lambda/internal/localcloud"
)

const operatorKey = "AKIAOPERATOR00000001"

// sendTestAlert puts a test alert on the bus that the rule for it listens to, as trailkeeper test-alert does.
func sendTestAlert(ctx context.Context, s *stage) error {
	s.cloud.AddPrincipal(localcloud.Principal{AccessKey: operatorKey, Account: s.account, UserName: "operator"})
	api := eventbridge.New(eventbridge.Options{
		Region:       s.region,
		BaseEndpoint: aws.String(s.cloud.Endpoint()),
		Retryer:      aws.NopRetryer{},
		HTTPClient:   loopbackClient(),
		Credentials:  madeUpCredentials(operatorKey),
	})
	for _, bus := range testBuses(s.template) {
		out, err := api.PutEvents(ctx, &eventbridge.PutEventsInput{Entries: []types.PutEventsRequestEntry{{
			Source:       aws.String(events.Source),
			DetailType:   aws.String(events.TestAlert),
			Detail:       aws.String(`{"by":"operator"}`),
			EventBusName: aws.String(bus),
		}}})
		if err != nil {
			return err
		}
		if out.FailedEntryCount > 0 {
			return fmt.Errorf("put the test alert on the bus %s: %s", bus, aws.ToString(out.Entries[0].ErrorMessage))
		}
	}
	cfg := aws.Config{
		Region:       s.region,
		BaseEndpoint: aws.String(s.cloud.Endpoint()),
		HTTPClient:   loopbackClient(),
		Credentials:  madeUpCredentials(operatorKey),
	}
	_, err := cloudwatch.NewFromConfig(cfg).PutMetricData(ctx, &cloudwatch.PutMetricDataInput{
		Namespace: aws.String(metric.Namespace), MetricData: []cwtypes.MetricDatum{{
			MetricName: aws.String(metric.TestAlertsSent),
			Value:      aws.Float64(1),
			Unit:       cwtypes.StandardUnitCount,
			Dimensions: []cwtypes.Dimension{{Name: aws.String(metric.DimensionStack), Value: aws.String(s.stack)}},
		}},
	})
	return err
}

// disableRule has the attacker see to it that no test alert tells.
func disableRule(_ context.Context, s *stage) error {
	s.cloud.Note("mallory", "disables the rule for test alerts")
	if s.cloud.DisableRule("TestRule") == 0 {
		return errors.New("the template has no rule for test alerts")
	}
	return nil
}

// testBuses are the buses that the template's rules for test alerts listen to.
func testBuses(template []byte) []string {
	s, err := structureOf(template)
	if err != nil {
		return nil
	}
	var buses []string
	for _, id := range s.ids("AWS::Events::Rule") {
		p := s.Resources[id].Properties
		var pattern struct {
			DetailType []string `json:"detail-type"`
		}
		if json.Unmarshal(p.EventPattern, &pattern) != nil || !slices.Contains(pattern.DetailType, events.TestAlert) {
			continue
		}
		bus := "default"
		if p.EventBusName != nil && json.Unmarshal(p.EventBusName, &bus) != nil {
			continue // a bus that only AWS can name
		}
		buses = append(buses, bus)
	}
	return buses
}

// disableSchedules has the attacker end the sweeps.
func disableSchedules(_ context.Context, s *stage) error {
	s.cloud.Note("mallory", "disables the schedule")
	s.cloud.DisableSchedules("")
	return nil
}
