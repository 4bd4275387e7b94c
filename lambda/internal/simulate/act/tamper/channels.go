package tamper

import (
	"context"
	"strings"

	"trailkeeper/lambda/internal/awsapi"
	"trailkeeper/lambda/internal/simulate/act"
	"trailkeeper/lambda/internal/simulate/stage"
)

// ReplacesSecret puts a webhook of the attacker's into the stack's secret.
func ReplacesSecret() act.Act {
	return call("secretsmanager", "PutSecretValue", func(s *stage.Stage) object {
		const webhook = "https://hooks.slack.com/services/T0MALLORY/B0MALLORY/foreign"
		return object{"SecretId": s.Stack, "SecretString": `{"webhook":"` + webhook + `"}`}
	})
}

// DisablesAlarms takes the actions of every alarm of the stack away.
func DisablesAlarms() act.Act {
	return calls(func(ctx context.Context, s *stage.Stage) ([]attack, error) {
		out, err := ask(ctx, s, attack{"monitoring", "DescribeAlarms", object{"AlarmNamePrefix": s.Stack}})
		var names []any
		for _, a := range awsapi.List(out["MetricAlarms"]) {
			names = append(names, awsapi.Object(a)["AlarmName"])
		}
		return []attack{{"monitoring", "DisableAlarmActions", object{"AlarmNames": names}}}, err
	})
}

// DisablesOwnKey disables the key of the stack's topic and queues.
func DisablesOwnKey() act.Act {
	return call("kms", "DisableKey", func(s *stage.Stage) object {
		return object{"KeyId": s.Cloud.ARNOf("NotificationsKey")}
	})
}

// DeletesOwnKey schedules the deletion of that key.
func DeletesOwnKey() act.Act {
	return call("kms", "ScheduleKeyDeletion", func(s *stage.Stage) object {
		return object{"KeyId": s.Cloud.ARNOf("NotificationsKey"), "PendingWindowInDays": 7}
	})
}

// DeletesParameter deletes the parameter that says what was deployed.
func DeletesParameter() act.Act {
	return call("ssm", "DeleteParameter", func(s *stage.Stage) object { return object{"Name": s.Stack + "-deployment"} })
}

// RewritesParameter has the parameter that says what was deployed name another function in a function's place, as
// CloudFormation might have named it.
func RewritesParameter(id string) act.Act {
	return calls(func(ctx context.Context, s *stage.Stage) ([]attack, error) {
		name, was := s.Stack+"-deployment", s.NameOf(id)
		out, err := ask(ctx, s, attack{"ssm", "GetParameter", object{"Name": name}})
		decoy := was[:strings.LastIndexByte(was, '-')+1] + "DECOYDECOY00"
		value := strings.ReplaceAll(awsapi.Text(awsapi.Object(out["Parameter"])["Value"]), was, decoy)
		return []attack{{"ssm", "PutParameter", object{"Name": name, "Value": value, "Overwrite": true}}}, err
	})
}
