package checks_test

import (
	"strings"
	"testing"

	"trailkeeper/lambda/config/deployment"
)

const (
	listMappings    = "GET /2015-03-31/event-source-mappings"
	getInvokeConfig = "GET /2019-09-25/functions/{FunctionName}/event-invoke-config"
)

func TestMapping(t *testing.T) {
	of := deployment.Deployed{ID: "Mapping", Type: "AWS::Lambda::EventSourceMapping", Properties: object(t, `{
		"EventSourceArn": "arn:aws:sqs:eu-west-1:111122223333:q", "FunctionName": "trailkeeper-watch", "BatchSize": 10,
		"FunctionResponseTypes": ["ReportBatchItemFailures"], "MaximumBatchingWindowInSeconds": 10,
		"ScalingConfig": {"MaximumConcurrency": 4}}`)}
	there := func() map[string]any {
		return object(t, `{"UUID": "1234abcd-12ab-34cd-56ef-1234567890ab", "State": "Enabled", "BatchSize": 10,
			"EventSourceArn": "arn:aws:sqs:eu-west-1:111122223333:q", "FunctionResponseTypes": ["ReportBatchItemFailures"],
			"MaximumBatchingWindowInSeconds": 10, "ScalingConfig": {"MaximumConcurrency": 4}, "FilterCriteria": {}}`)
	}
	is := func(name string, value any) func() []any {
		return func() []any {
			got := there()
			got[name] = value
			return []any{got}
		}
	}
	const update = " [aws lambda update-event-source-mapping --uuid 1234abcd-12ab-34cd-56ef-1234567890ab --enabled]"
	for name, test := range map[string]struct {
		mappings func() []any
		want     string
	}{
		"as deployed":   {is("State", "Enabled"), ""},
		"being enabled": {is("State", "Enabling"), ""},
		"disabled":      {is("State", "Disabled"), "State: Enabled -> Disabled" + update},
		"disabling":     {is("State", "Disabling"), "State: Enabled -> Disabling" + update},
		"no state":      {is("State", nil), "State: Enabled -> none" + update},
		"smaller":       {is("BatchSize", float64(1)), "BatchSize: 10 -> 1"},
		"all or nothing": {
			is("FunctionResponseTypes", []any{}), `FunctionResponseTypes: ["ReportBatchItemFailures"] -> []`,
		},
		"filtered": {
			is("FilterCriteria", map[string]any{"Filters": []any{map[string]any{"Pattern": `{"a":["nothing"]}`}}}),
			`FilterCriteria.Filters: none -> [{"Pattern":"{\"a\":[\"nothing\"]}"}]`,
		},
		"slower": {is("ScalingConfig", nil), "ScalingConfig.MaximumConcurrency: 4 -> none"},
		"gone": {
			func() []any { return nil },
			"resource: the event source mapping arn:aws:sqs:eu-west-1:111122223333:q of trailkeeper-watch -> none",
		},
		"being deleted": {
			is("State", "Deleting"),
			"resource: the event source mapping arn:aws:sqs:eu-west-1:111122223333:q of trailkeeper-watch -> none",
		},
	} {
		s := &service{answers: map[string]any{listMappings: map[string]any{"EventSourceMappings": test.mappings()}}}
		found, err := s.check(t, of)
		if err != nil || text(found) != test.want {
			t.Errorf("%s: %v %s", name, err, text(found))
		}
	}
	s := &service{answers: map[string]any{listMappings: map[string]any{"NextMarker": "more"}}}
	if found, err := s.check(t, of); err == nil || len(found) > 0 || len(s.asked) != 10 {
		t.Errorf("a list without an end: %v %s", err, text(found))
	}
	s = &service{answers: map[string]any{listMappings: refused("AccessDeniedException")}}
	if _, err := s.check(t, of); err == nil {
		t.Error("a list that cannot be read is no error")
	}
}

func TestInvokeConfig(t *testing.T) {
	of := deployment.Deployed{ID: "Config", Type: "AWS::Lambda::EventInvokeConfig", Properties: object(t, `{
		"FunctionName": "trailkeeper-guard", "Qualifier": "$LATEST", "MaximumRetryAttempts": 1, "MaximumEventAgeInSeconds": 3600,
		"DestinationConfig": {"OnFailure": {"Destination": "arn:aws:sqs:eu-west-1:111122223333:q"}}}`)}
	const next = " [aws lambda put-function-event-invoke-config --function-name trailkeeper-guard --maximum-retry-attempts 1 " +
		"--maximum-event-age-in-seconds 3600 --destination-config OnFailure={Destination=arn:aws:sqs:eu-west-1:111122223333:q}]"
	there := `{"MaximumRetryAttempts": 1, "MaximumEventAgeInSeconds": 3600, "DestinationConfig":
		{"OnFailure": {"Destination": "arn:aws:sqs:eu-west-1:111122223333:q"}, "OnSuccess": {}}}`
	for name, test := range map[string]struct {
		answer any
		want   string
	}{
		"as deployed": {object(t, there), ""},
		"no retries": {
			object(t, strings.Replace(there, `"MaximumRetryAttempts": 1`, `"MaximumRetryAttempts": 0`, 1)),
			"MaximumRetryAttempts: 1 -> 0" + next,
		},
		"elsewhere": {
			object(t, strings.Replace(there, `:q"`, `:q2"`, 1)), "DestinationConfig.OnFailure.Destination: " +
				"arn:aws:sqs:eu-west-1:111122223333:q -> arn:aws:sqs:eu-west-1:111122223333:q2" + next,
		},
		"a listener": {
			object(t, strings.Replace(there, `"OnSuccess": {}`, `"OnSuccess": {"Destination": "x"}`, 1)),
			"DestinationConfig.OnSuccess.Destination: none -> x" + next,
		},
		"deleted": {
			refused("ResourceNotFoundException"), "MaximumRetryAttempts: 1 -> 2" + next + "\n" +
				"MaximumEventAgeInSeconds: 3600 -> 21600" + next + "\n" +
				"DestinationConfig.OnFailure.Destination: arn:aws:sqs:eu-west-1:111122223333:q -> none" + next,
		},
	} {
		s := &service{answers: map[string]any{getInvokeConfig: test.answer}}
		if found, err := s.check(t, of); err != nil || text(found) != test.want {
			t.Errorf("%s: %v %s", name, err, text(found))
		}
	}
	s := &service{answers: map[string]any{getInvokeConfig: refused("AccessDeniedException")}}
	if found, err := s.check(t, of); err == nil || len(found) > 0 {
		t.Errorf("%v %s", err, text(found))
	}
}
