package channels_test

import (
	"fmt"
	"maps"
	"strings"
	"testing"

	"trailkeeper/lambda/config"
	"trailkeeper/lambda/trailkeeper/clitest"
	"trailkeeper/lambda/trailkeeper/doctor/checks/channels"
	"trailkeeper/lambda/trailkeeper/doctor/deployed"
	"trailkeeper/lambda/trailkeeper/doctor/verdict"
)

// TestDestinations: API destinations must be active and post to the secret's webhook, or to Slack's own Web API.
func TestDestinations(t *testing.T) {
	at := func(state, endpoint string) clitest.Answer {
		return clitest.Say(object{"ApiDestinationState": state, "InvocationEndpoint": endpoint})
	}
	connection := func(state string) clitest.Answer { return clitest.Say(object{"ConnectionState": state}) }
	const chat, connect, describe = "chat.postMessage", "DescribeConnection", "DescribeApiDestination"
	evil := func(d *deployed.Deployment) { d.Guard.Settings.SlackAPI = "https://evil.example/api/" }
	refuse := clitest.Refuse
	for name, test := range map[string]struct {
		answers answers
		change  func(*deployed.Deployment)
		status  verdict.Status
		says    string
	}{
		"the webhook":                {nil, nil, verdict.OK, "1 API destinations are active and post"},
		"Slack's Web API":            {answers{describe: at("ACTIVE", config.DefaultSlackAPI+chat)}, unknownGuard, verdict.OK, "are active and post"},
		"a government's":             {answers{describe: at("ACTIVE", "https://slack-gov.com/api/"+chat)}, nil, verdict.OK, "are active and post"},
		"elsewhere":                  {answers{describe: at("ACTIVE", hook+"x")}, nil, verdict.Error, "post elsewhere than the secret says: slack."},
		"nowhere":                    {answers{describe: at("ACTIVE", "")}, nil, verdict.Error, "post elsewhere"},
		"where the environment says": {answers{describe: at("ACTIVE", "https://evil.example/api/"+chat)}, evil, verdict.Warning, "which is not Slack's: slack."},
		"without a token": {answers{
			"GetSecretValue": clitest.Say(object{"SecretString": `{"webhook":"` + hook + `"}`}), describe: at("ACTIVE", config.DefaultSlackAPI+chat),
		}, unknownGuard, verdict.Error, "post elsewhere"},
		"not active":           {answers{describe: at("INACTIVE", hook)}, nil, verdict.Error, "are not active: slack."},
		"gone":                 {answers{describe: refuse("ResourceNotFoundException", "x")}, nil, verdict.Error, "The API destination slack is gone"},
		"refused":              {answers{describe: refuse("AccessDeniedException", "x")}, nil, verdict.Unknown, "events:DescribeApiDestination"},
		"an unreadable secret": {answers{"GetSecretValue": refuse("AccessDeniedException", "x")}, nil, verdict.Unknown, "is not known"},
		"not active, unreadable": {
			answers{"GetSecretValue": refuse("AccessDeniedException", "x"), describe: at("INACTIVE", hook)}, nil, verdict.Error, "are not active",
		},
		"deauthorized":         {answers{connect: connection("DEAUTHORIZED")}, nil, verdict.Error, "The connection bearer is DEAUTHORIZED"},
		"no state":             {answers{connect: connection("")}, nil, verdict.Error, "The connection bearer is"},
		"a connection gone":    {answers{connect: refuse("ResourceNotFoundException", "x")}, nil, verdict.Error, "The connection bearer is gone"},
		"a connection refused": {answers{connect: refuse("AccessDeniedException", "x")}, nil, verdict.Unknown, "events:DescribeConnection"},
		"none":                 {nil, func(d *deployed.Deployment) { d.Resources = nil }, "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			all := secretOf(whole)
			all[connect], all[describe] = connection("AUTHORIZED"), at("ACTIVE", hook)
			maps.Copy(all, test.answers)
			d := deployment(t, all, func(d *deployed.Deployment) {
				d.Resources = []deployed.Resource{
					{ID: "Connection", Name: "bearer", Type: "AWS::Events::Connection"},
					{ID: "Destination", Name: "slack", Type: "AWS::Events::ApiDestination"},
				}
				if test.change != nil {
					test.change(d)
				}
			})
			want(t, channels.Destinations(t.Context(), d), test.status, test.says)
		})
	}
}

// TestHeartbeat: the URL of the guard and of the warden, which are judged one by one.
func TestHeartbeat(t *testing.T) {
	const key = "heartbeat"
	set := config.Heartbeat{Secret: "trailkeeper", Key: key, Method: "GET"}
	both := func(d *deployed.Deployment) {
		d.Warden.Name, d.Guard.Settings.Heartbeat, d.Warden.Settings.Heartbeat = "warden", set, set
	}
	for name, test := range map[string]struct {
		secret        answers
		change        func(*deployed.Deployment)
		guard, warden verdict.Status // empty: no verdict
	}{
		"both":                    {secretOf(whole), both, verdict.OK, verdict.OK},
		"the guard alone":         {secretOf(whole), func(d *deployed.Deployment) { d.Guard.Settings.Heartbeat = set }, verdict.OK, ""},
		"the warden has no text":  {secretOf(whole), func(d *deployed.Deployment) { both(d); d.Warden.Settings.Heartbeat.Key = "none" }, verdict.OK, verdict.Error},
		"the warden's is another": {secretOf(whole), func(d *deployed.Deployment) { both(d); d.Warden.Settings.Heartbeat.Secret = "evil" }, verdict.OK, verdict.Error},
		"the guard's is another":  {secretOf(whole), func(d *deployed.Deployment) { both(d); d.Guard.Settings.Heartbeat.Secret = "evil" }, verdict.Error, verdict.OK},
		"no https":                {secretOf(`{"heartbeat":"http://made-up"}`), both, verdict.Error, verdict.Error},
		"unreadable":              {answers{"GetSecretValue": clitest.Refuse("AccessDeniedException", "x")}, both, verdict.Unknown, verdict.Unknown},
		"none":                    {answers{}, nil, verdict.Warning, ""},
		"unknown":                 {answers{}, unknownGuard, verdict.Unknown, ""},
	} {
		t.Run(name, func(t *testing.T) {
			got := channels.Heartbeat(t.Context(), deployment(t, test.secret, test.change))
			is := map[string]verdict.Status{}
			for _, v := range got {
				is[v.Check] = v.Status
			}
			if is["heartbeat"] != test.guard || is["warden's beat"] != test.warden {
				t.Errorf("%+v; want %s and %q", got, test.guard, test.warden)
			}
			if strings.Contains(fmt.Sprintf("%+v", got), "made-up") {
				t.Errorf("a secret is shown: %+v", got)
			}
		})
	}
}
