package act

import (
	"context"
	"encoding/json"
	"maps"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"

	"trailkeeper/lambda/config"
	"trailkeeper/lambda/internal/simulate/stage"
)

// object is a JSON object.
type object = map[string]any

// EventOf is the event of a call, as EventBridge delivers what CloudTrail reports; more is put into the record.
func EventOf(s *stage.Stage, id, call string, more object) object {
	now := s.Cloud.Now().UTC().Format(time.RFC3339)
	detail := object{
		"eventVersion":       "1.08",
		"eventSource":        "cloudtrail.amazonaws.com",
		"eventName":          call,
		"eventType":          "AwsApiCall",
		"awsRegion":          s.Region,
		"eventTime":          now,
		"eventID":            id,
		"recipientAccountId": s.Account,
		"requestParameters":  object{"name": stage.TrailName},
	}
	maps.Copy(detail, more)
	return object{
		"version":     "0",
		"id":          id,
		"source":      "aws.cloudtrail",
		"detail-type": "AWS API Call via CloudTrail",
		"account":     s.Account,
		"region":      s.Region,
		"time":        now,
		"resources":   []string{},
		"detail":      detail,
	}
}

// Forge puts an event on the bus as PutEvents does: the source cannot start with "aws.".
func Forge(_ context.Context, s *stage.Stage) error {
	const id = "f0f0f0f0-0000-4000-8000-000000000002"
	event := EventOf(s, id, "StopLogging", object{"userIdentity": object{
		"type":      "Root",
		"arn":       stage.At("", s.Account).ARN("iam", "root"),
		"accountId": s.Account,
	}})
	event["source"] = "custom.forged"
	payload, err := json.Marshal(event)
	if err != nil {
		return err
	}
	s.Cloud.Note("mallory", "puts an event on the bus that looks like CloudTrail's StopLogging")
	s.Cloud.Deliver(id, "StopLogging", payload)
	return nil
}

// invokeForged invokes every function with a record of a call that the approved role never made, as anybody can who has
// lambda:InvokeFunction.
func invokeForged(call string, request object) Act {
	return func(ctx context.Context, s *stage.Stage) error {
		issuer := object{
			"type":      "Role",
			"arn":       stage.At("", s.Account).ARN("iam", "role/"+deployRole),
			"accountId": s.Account,
			"userName":  deployRole,
		}
		payload, err := json.Marshal(EventOf(s, "f0f0f0f0-0000-4000-8000-000000000004", call, object{
			"requestParameters": request,
			"userIdentity": object{
				"type":           "AssumedRole",
				"arn":            stage.At("", s.Account).ARN("sts", "assumed-role/"+deployRole+"/ci"),
				"accountId":      s.Account,
				"sessionContext": object{"sessionIssuer": issuer},
			},
		}))
		if err != nil {
			return err
		}
		functions := lambda.NewFromConfig(stage.Config(s.Cloud, s.Region, stage.AttackerKey))
		for _, f := range s.Cloud.Deployment().Functions {
			if f.Environment[config.EnvResults] != "" {
				continue // it takes no event: Step Functions asks for its steps, and whatever else it is given fails
			}
			_, err := functions.Invoke(ctx, &lambda.InvokeInput{
				FunctionName:   aws.String(f.Name),
				InvocationType: types.InvocationTypeEvent,
				Payload:        payload,
			})
			if err != nil {
				return err
			}
		}
		return s.Cloud.Settle()
	}
}
