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
		payload, err := json.Marshal(recordEvent(s, n, name, fields))
		if err != nil {
			return err
		}
		s.Cloud.NoteCall("CloudTrail", name, RecordID(n), "records "+name+" (event "+RecordID(n)+")")
		s.Cloud.Deliver(RecordID(n), name, payload)
		return nil
	}
}

// recordEvent is the event around the n-th record of a scenario.
func recordEvent(s *stage.Stage, n int, name string, fields map[string]any) object {
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
	return event
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
		return record(n, "ConsoleLogin", rootSignIn(s))(ctx, s)
	}
}

func rootSignIn(s *stage.Stage) map[string]any {
	root := object{"type": "Root", "arn": stage.At("", s.Account).ARN("iam", "root"), "accountId": s.Account}
	return signsIn("Success", "Yes", object{"userIdentity": root})
}

// RootSignIn is what metric filters look at of a sign-in of root.
const RootSignIn = `{"eventName":"ConsoleLogin","eventType":"AwsConsoleSignIn","userIdentity":{"type":"Root"}}`

// untilLogged is how long after a call CloudTrail writes its record to the log group of a trail ("How CloudTrail works":
// within an average of about five minutes).
const untilLogged = 5 * time.Minute

// RootSignsInLogged is RootSignsIn, of which the record is also written to the log groups that have metric filters.
func RootSignsInLogged(n int) Act {
	return InOrder(RootSignsIn(n), settle, pass(untilLogged), func(_ context.Context, s *stage.Stage) error {
		text, err := json.Marshal(recordEvent(s, n, "ConsoleLogin", rootSignIn(s))["detail"])
		if err != nil {
			return err
		}
		written := ""
		for _, f := range s.Cloud.Deployment().Filters {
			if f.Group != written {
				written = f.Group
				s.Cloud.Note("CloudTrail", "writes the record to the trail's log group")
				s.Cloud.LogEvents(f.Group, "stream", string(text))
			}
		}
		return nil
	}, Run)
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
