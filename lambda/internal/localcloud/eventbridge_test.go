package localcloud

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"

	"trailkeeper/events"
	"trailkeeper/lambda/internal/localcloud/kernel"
)

func stopMain(t *testing.T, c *Cloud) error {
	t.Helper()
	_, err := trails(c, region).StopLogging(t.Context(), &cloudtrail.StopLoggingInput{Name: aws.String("main")})
	return err
}

// copies are the events that rule Copy put into its queue.
func copies(t *testing.T, c *Cloud) []events.Event {
	t.Helper()
	var found []events.Event
	for _, m := range c.Queued()["Copies"] {
		ev, err := events.Parse([]byte(m.Body))
		if err != nil {
			continue // an alarm
		}
		found = append(found, ev)
	}
	return found
}

func TestRecordOfACall(t *testing.T) {
	c := newCloud(t, nil)
	addTrail(t, c, TrailSeed{ARN: mainTrail, Logging: true})
	if err := stopMain(t, c); err != nil {
		t.Fatal(err)
	}
	run(t, c)
	found := copies(t, c)
	if len(found) != 1 {
		t.Fatalf("%d events", len(found))
	}
	ev, rec := found[0], found[0].Record
	trail, err := ev.Trail()
	if err != nil || trail.ARN() != mainTrail {
		t.Errorf("trail %v, %v", trail, err)
	}
	if ev.Source != "aws.cloudtrail" || ev.DetailType != "AWS API Call via CloudTrail" || ev.Account != account ||
		ev.Region != region {
		t.Errorf("envelope %+v", ev)
	}
	if rec.Refused() || !rec.IsCall() || rec.EventName != "StopLogging" || rec.RequestParameters.Text("name") != "main" {
		t.Errorf("record %+v", rec)
	}
	if got := rec.Actor().String(); got != "user operator" {
		t.Errorf("actor %s", got)
	}
	if at, ok := rec.Time(); !ok || at.Before(Start) {
		t.Errorf("time %v", at)
	}
}

func TestRecordOfARefusal(t *testing.T) {
	c := newCloud(t, nil)
	addTrail(t, c, TrailSeed{ARN: mainTrail, Logging: true})
	c.AddPrincipal(Principal{
		AccessKey: "operator",
		Account:   account,
		UserName:  "intern",
		Denied:    map[string]string{"cloudtrail:StopLogging": DeniedBySCP},
	})
	err := stopMain(t, c)
	const want = "User: arn:aws:iam::111122223333:user/intern is not authorized to perform: cloudtrail:StopLogging on " +
		"resource: " + mainTrail +
		" with an explicit deny in a service control policy"
	if err == nil || !strings.Contains(err.Error(), "AccessDeniedException: "+want) {
		t.Errorf("got %v", err)
	}
	run(t, c)
	rec := copies(t, c)[0].Record
	if rec.ErrorCode != "AccessDenied" || rec.ErrorMessage != want || rec.RequestParameters.JSON() != nil {
		t.Errorf("record %+v", rec)
	}
	if !c.Logging(mainTrail) {
		t.Error("a refused call stopped the trail")
	}
}

// EventBridge is fed by trails: where none logs write events before or after a call, nothing arrives.
func TestWithoutATrailNothingArrives(t *testing.T) {
	for name, tt := range map[string]struct {
		seed []TrailSeed
		want int
	}{
		"the stopped trail itself": {[]TrailSeed{{ARN: mainTrail, Logging: true}}, 1},
		"no trail logs":            {[]TrailSeed{{ARN: mainTrail}}, 0},
		"another trail logs":       {[]TrailSeed{{ARN: mainTrail}, {ARN: mainTrail + "2", Logging: true}}, 1},
		"one elsewhere": {[]TrailSeed{
			{ARN: mainTrail},
			{ARN: "arn:aws:cloudtrail:us-east-1:111122223333:trail/far", Logging: true},
		}, 0},
		"a multi-Region one": {[]TrailSeed{
			{ARN: mainTrail},
			{ARN: "arn:aws:cloudtrail:us-east-1:111122223333:trail/far", Logging: true, MultiRegion: true},
		}, 1},
	} {
		t.Run(name, func(t *testing.T) {
			c := newCloud(t, nil)
			for _, seed := range tt.seed {
				addTrail(t, c, seed)
			}
			if err := stopMain(t, c); err != nil {
				t.Fatal(err)
			}
			run(t, c)
			if got := len(copies(t, c)); got != tt.want {
				t.Errorf("%d events, want %d", got, tt.want)
			}
		})
	}
}

// An API destination is tried again after 401, 407, 409, 429, 5xx and timeouts, and never after another 4xx.
func TestAPIDestinationRetries(t *testing.T) {
	for status, tries := range map[int]int{
		0:   4,
		401: 4,
		407: 4,
		409: 4,
		429: 4,
		500: 4,
		503: 4,
		400: 1,
		403: 1,
		404: 1,
		410: 1,
	} {
		t.Run(fmt.Sprint(status), func(t *testing.T) {
			asked := 0
			c := newCloud(t, nil, func(o *Options) {
				o.Fault = func(p FaultPoint) *Failure {
					if p.Service != "slack" {
						return nil
					}
					asked++
					return &Failure{Status: status, Code: "down"}
				}
			})
			addTrail(t, c, TrailSeed{ARN: mainTrail, Logging: true})
			if err := stopMain(t, c); err != nil {
				t.Fatal(err)
			}
			run(t, c)
			if asked != tries {
				t.Errorf("tried %d times, want %d", asked, tries)
			}
			dead := c.Queued()["Dead"]
			if len(dead) != 1 {
				t.Fatalf("%d dead letters", len(dead))
			}
			got := dead[0].Attributes
			if got["RETRY_ATTEMPTS"] != fmt.Sprint(tries-1) || got["ERROR_CODE"] == "" ||
				!strings.HasPrefix(got["TARGET_ARN"], "arn:aws:events:eu-west-1:111122223333:api-destination/") {
				t.Errorf("attributes %v", got)
			}
			if exhausted := got["EXHAUSTED_RETRY_CONDITION"]; (exhausted == "MaximumRetryAttempts") != (tries > 1) {
				t.Errorf("exhausted %q", exhausted)
			}
		})
	}
}

func TestSlackAnswersAsSlackDoes(t *testing.T) {
	c := newCloud(t, nil)
	long := strings.Repeat("x", 3001)
	for name, tt := range map[string]struct {
		path, token, body string
		status            int
		want              string
	}{
		"webhook":         {"/services/T0/B0/hook", "", `{"text":"x"}`, http.StatusOK, "ok"},
		"another webhook": {"/services/T0/B0/other", "", `{"text":"x"}`, http.StatusNotFound, "no_service"},
		"no JSON":         {"/services/T0/B0/hook", "", `{"text":"x`, http.StatusBadRequest, "invalid_payload"},
		"no text":         {"/services/T0/B0/hook", "", `{}`, http.StatusBadRequest, "no_text"},
		"long section": {
			"/services/T0/B0/hook", "", `{"blocks":[{"type":"section","text":{"text":"` + long + `"}}]}`,
			http.StatusBadRequest, "invalid_blocks",
		},
		"bot": {"/api/chat.postMessage", "xoxb-1", `{"channel":"C0","text":"x"}`, http.StatusOK, `"ok":true`},
		"wrong token": {
			"/api/chat.postMessage", "xoxb-2", `{"channel":"C0","text":"x"}`, http.StatusOK,
			`"error":"invalid_auth"`,
		},
		"no channel": {"/api/chat.postMessage", "xoxb-1", `{"text":"x"}`, http.StatusOK, `"error":"channel_not_found"`},
		"unknown method": {
			"/api/chat.delete", "xoxb-1", `{"channel":"C0","text":"x"}`, http.StatusOK,
			`"error":"unknown_method"`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			header := http.Header{"Authorization": {"Bearer " + tt.token}}
			request := kernel.Post{
				Method: http.MethodPost,
				Host:   "hooks.slack.com",
				Path:   tt.path,
				Header: header,
				Body:   []byte(tt.body),
			}
			got, _ := c.Take(request)
			if got.Status != tt.status || !strings.Contains(string(got.Body), tt.want) {
				t.Errorf("got %d %s", got.Status, got.Body)
			}
		})
	}
}

// A function that fails runs again after one and then two minutes; its event ends in the on-failure queue as a
// documented record.
func TestFunctionRetriesAndDestination(t *testing.T) {
	var runs []time.Duration
	c := newCloud(t, func(_ context.Context, env FunctionEnv, _ []byte) error {
		runs = append(runs, env.Clock.Now().Sub(Start).Round(time.Second))
		return errors.New("no luck")
	})
	addTrail(t, c, TrailSeed{ARN: mainTrail, Logging: true})
	if err := stopMain(t, c); err != nil {
		t.Fatal(err)
	}
	run(t, c)
	if len(runs) != 3 || runs[1]-runs[0] != time.Minute || runs[2]-runs[1] != 2*time.Minute {
		t.Errorf("ran at %v", runs)
	}
	messages := c.Queued()["Failures"]
	if len(messages) != 1 {
		t.Fatalf("%d messages in the queue", len(messages))
	}
	var record struct {
		Version        string
		RequestContext struct {
			Condition              string
			ApproximateInvokeCount int
			FunctionArn            string
		}
		RequestPayload  json.RawMessage
		ResponseContext struct{ FunctionError string }
		ResponsePayload struct{ ErrorMessage string }
	}
	if err := json.Unmarshal([]byte(messages[0].Body), &record); err != nil {
		t.Fatal(err)
	}
	if record.RequestContext.Condition != "RetriesExhausted" || record.RequestContext.ApproximateInvokeCount != 3 ||
		!strings.HasSuffix(record.RequestContext.FunctionArn, ":$LATEST") ||
		record.ResponsePayload.ErrorMessage != "no luck" {
		t.Errorf("record %+v", record)
	}
	if ev, err := events.Parse(record.RequestPayload); err != nil || ev.Record.EventName != "StopLogging" {
		t.Errorf("payload %v, %v", ev.Record.EventName, err)
	}
	if states := alarmStates(c, "app/errors"); strings.Join(states, " ") != "ALARM OK ALARM OK" &&
		strings.Join(states, " ") != "ALARM OK" {
		t.Errorf("alarm went %v", states)
	}
}

func alarmStates(c *Cloud, name string) []string {
	var states []string
	for _, e := range of(c, KindAlarm) {
		if e.Subject == name {
			states = append(states, e.Text)
		}
	}
	return states
}

func TestFunctionTimesOut(t *testing.T) {
	c := newCloud(t, func(ctx context.Context, env FunctionEnv, _ []byte) error { return env.Clock.Sleep(ctx, time.Hour) })
	addTrail(t, c, TrailSeed{ARN: mainTrail, Logging: true})
	if err := stopMain(t, c); err != nil {
		t.Fatal(err)
	}
	run(t, c)
	for _, e := range of(c, KindInvoked) {
		if e.Err != "task timed out after 1m0s" {
			t.Errorf("run ended with %q", e.Err)
		}
	}
}

// The alarm on the dead-letter queue stays, tells the topic once, and is an event on the bus.
func TestAlarmOnAQueue(t *testing.T) {
	c := newCloud(t, nil, func(o *Options) {
		o.Fault = func(p FaultPoint) *Failure {
			if p.Service == "slack" {
				return &Failure{Status: http.StatusGone, Code: "channel_is_archived"}
			}
			return nil
		}
	})
	addTrail(t, c, TrailSeed{ARN: mainTrail, Logging: true})
	if err := stopMain(t, c); err != nil {
		t.Fatal(err)
	}
	run(t, c)
	if got := alarmStates(c, "app/dead"); len(got) != 1 || got[0] != "ALARM" {
		t.Errorf("states %v", got)
	}
	told := of(c, KindSNS)
	if len(told) != 1 || told[0].Err != "" || told[0].Subject != `ALARM: "app/dead"` || told[0].Recipients != 1 {
		t.Errorf("told %+v", told)
	}
	found := false
	for _, m := range c.Queued()["Copies"] {
		found = found || strings.Contains(m.Body, `"CloudWatch Alarm State Change"`) &&
			strings.Contains(m.Body, `"alarmName":"app/dead"`)
	}
	if !found {
		t.Error("the alarm's change is not on the bus")
	}
}
