package act

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"time"

	"trailkeeper/lambda/internal/simulate/stage"
)

// RecordID is the event ID of the n-th record of a scenario, counted from 1.
func RecordID(n int) string { return fmt.Sprintf("d0d0d0d0-0000-4000-8000-%012d", n) }

// record has a record of CloudTrail arrive as EventBridge delivers it, the n-th of the scenario; what is not given is
// as in a call of the user alice on EC2.
func record(n int, name string, fields map[string]any) Act {
	return func(_ context.Context, s *stage.Stage) error {
		event := EventOf(s, RecordID(n), name, object{
			"eventSource":       "ec2.amazonaws.com",
			"sourceIPAddress":   stage.Office,
			"userAgent":         "aws-cli/2.31.0",
			"userIdentity":      user(s, "alice"),
			"requestParameters": nil,
			"eventCategory":     "Management",
			"readOnly":          false,
		})
		detail, _ := event["detail"].(object)
		maps.Copy(detail, fields)
		source, _ := detail["eventSource"].(string)
		event["source"] = "aws." + source[:len(source)-len(".amazonaws.com")]
		if detail["eventType"] == consoleSignIn {
			event["detail-type"] = "AWS Console Sign In via CloudTrail"
		}
		payload, err := json.Marshal(event)
		if err != nil {
			return err
		}
		s.Cloud.Note("CloudTrail", "records "+name+" (event "+RecordID(n)+")")
		s.Cloud.Deliver(RecordID(n), name, payload)
		return nil
	}
}

// user is the identity of an IAM user.
func user(s *stage.Stage, name string) object {
	return object{
		"type":        "IAMUser",
		"arn":         stage.At("", s.Account).ARN("iam", "user/"+name),
		"accountId":   s.Account,
		"principalId": "AIDA" + name,
		"userName":    name,
	}
}

const consoleSignIn = "AwsConsoleSignIn"

// signsIn is a console sign-in, as it is recorded.
func signsIn(result, mfa string, more map[string]any) map[string]any {
	fields := object{
		"eventSource":         "signin.amazonaws.com",
		"eventType":           consoleSignIn,
		"responseElements":    object{"ConsoleLogin": result},
		"additionalEventData": object{"MFAUsed": mfa, "LoginTo": "https://console.aws.amazon.com/"},
	}
	maps.Copy(fields, more)
	return fields
}

// RootSignsIn is a sign-in of root with MFA, the n-th record.
func RootSignsIn(n int) Act {
	return func(ctx context.Context, s *stage.Stage) error {
		root := object{"type": "Root", "arn": stage.At("", s.Account).ARN("iam", "root"), "accountId": s.Account}
		return record(n, "ConsoleLogin", signsIn("Success", "Yes", object{"userIdentity": root}))(ctx, s)
	}
}

// SignsInWithoutMFA is a sign-in of alice, the n-th record.
func SignsInWithoutMFA(n int) Act { return record(n, "ConsoleLogin", signsIn("Success", "No", nil)) }

// FailsToSignIn is a number of failed sign-ins as alice, some seconds apart.
func FailsToSignIn(times int) Act {
	return repeated(times, func(n int) Act {
		return record(n, "ConsoleLogin", signsIn("Failure", "No", object{"errorMessage": "Failed authentication"}))
	})
}

// IsRefused is a number of refused calls of alice, some seconds apart.
func IsRefused(times int) Act {
	return repeated(times, func(n int) Act {
		return record(n, "RunInstances", object{
			"errorCode":    "Client.UnauthorizedOperation",
			"errorMessage": "You are not authorized to perform this operation.",
		})
	})
}

// CreatesUser is a call of IAM by alice, with a request of its own, the n-th record.
func CreatesUser(n int, request map[string]any) Act {
	return record(n, "CreateUser", object{"eventSource": "iam.amazonaws.com", "requestParameters": request})
}

func repeated(times int, one func(n int) Act) Act {
	const apart = 5 * time.Second
	acts := make([]Act, times)
	for i := range acts {
		acts[i] = one(i + 1)
	}
	return InTurn(apart, slices.Clip(acts)...)
}

// Deploys is an update of the stack with other rules: new environments of the watch have them.
func Deploys(rules stage.Rules) Act {
	return InOrder(note("operator", "deploys the stack with other rules"), func(_ context.Context, s *stage.Stage) error {
		s.Deploy(rules)
		return nil
	})
}
