package localcloud

import (
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge/types"
)

// afterTampering is what a stop of the trail leads to: what the function was given, what Slack took and what the dead-letter
// queue holds, after EventBridge was tampered with.
func afterTampering(t *testing.T, tamper func(t *testing.T, c *Cloud, bus *eventbridge.Client, rule *string)) (function, slack, dead int, payload string) {
	t.Helper()
	c := newCloud(t, nil)
	addTrail(t, c, TrailSeed{ARN: mainTrail, Logging: true})
	arn := c.ARNOf("Stop")
	tamper(t, c, eventbridge.NewFromConfig(awsConfig(c, region, "operator")), aws.String(arn[strings.LastIndexByte(arn, '/')+1:]))
	if err := stopMain(t, c); err != nil {
		t.Fatal(err)
	}
	run(t, c)
	for _, m := range c.Queued()["Dead"] {
		payload = m.Attributes["ERROR_MESSAGE"]
	}
	return len(of(c, KindInvoked)), len(of(c, KindSlack)), len(c.Queued()["Dead"]), payload
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// TestTamperingWithEventBridge: each call has the effect that an attacker wants.
func TestTamperingWithEventBridge(t *testing.T) {
	name := func(c *Cloud, id string) *string {
		arn := c.ARNOf(id)
		return aws.String(arn[strings.LastIndexByte(arn, '/')+1:])
	}
	for what, test := range map[string]struct {
		tamper                func(t *testing.T, c *Cloud, bus *eventbridge.Client, rule *string)
		function, slack, dead int
		payload               string
	}{
		"nothing": {func(*testing.T, *Cloud, *eventbridge.Client, *string) {}, 1, 1, 0, ""},
		"a pattern that matches nothing": {func(t *testing.T, _ *Cloud, bus *eventbridge.Client, rule *string) {
			t.Helper()
			_, err := bus.PutRule(t.Context(), &eventbridge.PutRuleInput{Name: rule, EventPattern: aws.String(`{"source":["x"]}`)})
			must(t, err)
		}, 0, 0, 0, ""},
		"a target removed": {func(t *testing.T, _ *Cloud, bus *eventbridge.Client, rule *string) {
			t.Helper()
			_, err := bus.RemoveTargets(t.Context(), &eventbridge.RemoveTargetsInput{Rule: rule, Ids: []string{"Guard"}})
			must(t, err)
		}, 0, 1, 0, ""},
		"a rule deleted": {func(t *testing.T, _ *Cloud, bus *eventbridge.Client, rule *string) {
			t.Helper()
			_, err := bus.DeleteRule(t.Context(), &eventbridge.DeleteRuleInput{Name: rule})
			if code(err) != "ValidationException" {
				t.Errorf("a rule with targets: %v", err)
			}
			_, err = bus.RemoveTargets(t.Context(), &eventbridge.RemoveTargetsInput{Rule: rule, Ids: []string{"Guard", "Slack"}})
			must(t, err)
			_, err = bus.DeleteRule(t.Context(), &eventbridge.DeleteRuleInput{Name: rule})
			must(t, err)
		}, 0, 0, 0, ""},
		"a connection deauthorized": {func(t *testing.T, c *Cloud, bus *eventbridge.Client, _ *string) {
			t.Helper()
			_, err := bus.DeauthorizeConnection(t.Context(), &eventbridge.DeauthorizeConnectionInput{Name: name(c, "Connection")})
			must(t, err)
		}, 1, 0, 1, "the connection of the API destination is not authorized"},
		"a connection deleted": {func(t *testing.T, c *Cloud, bus *eventbridge.Client, _ *string) {
			t.Helper()
			_, err := bus.DeleteConnection(t.Context(), &eventbridge.DeleteConnectionInput{Name: name(c, "Connection")})
			must(t, err)
		}, 1, 0, 1, "the connection of the API destination is not authorized"},
		"a connection authorized again": {func(t *testing.T, c *Cloud, bus *eventbridge.Client, _ *string) {
			t.Helper()
			_, err := bus.DeauthorizeConnection(t.Context(), &eventbridge.DeauthorizeConnectionInput{Name: name(c, "Connection")})
			must(t, err)
			_, err = bus.UpdateConnection(t.Context(), &eventbridge.UpdateConnectionInput{
				Name: name(c, "Connection"),
				AuthParameters: &types.UpdateConnectionAuthRequestParameters{
					ApiKeyAuthParameters: &types.UpdateConnectionApiKeyAuthRequestParameters{
						ApiKeyName: aws.String("X-App"), ApiKeyValue: aws.String("eventbridge"),
					},
				},
			})
			must(t, err)
		}, 1, 1, 0, ""},
		"an API destination repointed": {func(t *testing.T, c *Cloud, bus *eventbridge.Client, _ *string) {
			t.Helper()
			_, err := bus.UpdateApiDestination(t.Context(), &eventbridge.UpdateApiDestinationInput{
				Name: name(c, "Slack"), InvocationEndpoint: aws.String("https://hooks.slack.com/services/T0/B0/foreign"),
			})
			must(t, err)
		}, 1, 1, 1, "the endpoint answered 404"}, // a post that Slack refuses
		"an API destination deleted": {func(t *testing.T, c *Cloud, bus *eventbridge.Client, _ *string) {
			t.Helper()
			_, err := bus.DeleteApiDestination(t.Context(), &eventbridge.DeleteApiDestinationInput{Name: name(c, "Slack")})
			must(t, err)
		}, 1, 0, 1, ""},
	} {
		function, slack, dead, payload := afterTampering(t, test.tamper)
		if function != test.function || slack != test.slack || dead != test.dead || !strings.Contains(payload, test.payload) {
			t.Errorf("%s: %d invocations, %d messages, %d dead letters, %q", what, function, slack, dead, payload)
		}
	}
}

// TestPoisonedTarget: a constant takes the place of the event.
func TestPoisonedTarget(t *testing.T) {
	for what, test := range map[string]struct {
		target types.Target
		want   string
	}{
		"a constant": {types.Target{Input: aws.String(`{"a":1}`)}, `{"a":1}`},
		"a path":     {types.Target{InputPath: aws.String("$.detail.eventName")}, `"StopLogging"`},
	} {
		c := newCloud(t, nil)
		addTrail(t, c, TrailSeed{ARN: mainTrail, Logging: true})
		bus, arn := eventbridge.NewFromConfig(awsConfig(c, region, "operator")), c.ARNOf("Copy")
		test.target.Id, test.target.Arn = aws.String("Queue"), aws.String(c.ARNOf("Copies"))
		_, err := bus.PutTargets(t.Context(), &eventbridge.PutTargetsInput{
			Rule: aws.String(arn[strings.LastIndexByte(arn, '/')+1:]), Targets: []types.Target{test.target},
		})
		must(t, err)
		must(t, stopMain(t, c))
		run(t, c)
		if got := c.Queued()["Copies"]; len(got) == 0 || got[len(got)-1].Body != test.want {
			t.Errorf("%s: %v", what, got)
		}
	}
}

// TestWrongTargets are refused as EventBridge does.
func TestWrongTargets(t *testing.T) {
	c := newCloud(t, nil)
	bus, arn := eventbridge.NewFromConfig(awsConfig(c, region, "operator")), c.ARNOf("Stop")
	rule := aws.String(arn[strings.LastIndexByte(arn, '/')+1:])
	queue := aws.String(c.ARNOf("Failures"))
	var six []types.Target
	for _, id := range []string{"a", "b", "c", "d", "e", "f"} {
		six = append(six, types.Target{Id: aws.String(id), Arn: queue})
	}
	for what, test := range map[string]struct {
		targets []types.Target
		want    string
	}{
		"too many":    {six, "LimitExceededException"},
		"two inputs":  {[]types.Target{{Id: aws.String("a"), Arn: queue, Input: aws.String("{}"), InputPath: aws.String("$")}}, "ValidationException"},
		"no JSON":     {[]types.Target{{Id: aws.String("a"), Arn: queue, Input: aws.String("x")}}, "ValidationException"},
		"no template": {[]types.Target{{Id: aws.String("a"), Arn: queue, InputTransformer: &types.InputTransformer{InputTemplate: aws.String("<x>")}}}, "ValidationException"},
	} {
		_, err := bus.PutTargets(t.Context(), &eventbridge.PutTargetsInput{Rule: rule, Targets: test.targets})
		if code(err) != test.want {
			t.Errorf("%s: %v", what, err)
		}
	}
}

// TestOwnEventsOfEventBridge: a connection that is deauthorized is told on the bus, and so are the API destinations with
// it; the records show no key.
func TestOwnEventsOfEventBridge(t *testing.T) {
	c := newCloud(t, nil)
	addTrail(t, c, TrailSeed{ARN: mainTrail, Logging: true})
	bus, arn := eventbridge.NewFromConfig(awsConfig(c, region, "operator")), c.ARNOf("Connection")
	name := aws.String(arn[strings.LastIndexByte(arn, '/')+1:])
	_, err := bus.DeauthorizeConnection(t.Context(), &eventbridge.DeauthorizeConnectionInput{Name: name})
	must(t, err)
	_, err = bus.UpdateConnection(t.Context(), &eventbridge.UpdateConnectionInput{
		Name: name,
		AuthParameters: &types.UpdateConnectionAuthRequestParameters{
			ApiKeyAuthParameters: &types.UpdateConnectionApiKeyAuthRequestParameters{ApiKeyValue: aws.String("hidden-value")},
		},
	})
	must(t, err)
	run(t, c)
	var all strings.Builder
	for _, m := range c.Queued()["Copies"] {
		all.WriteString(m.Body)
	}
	for _, want := range []string{
		`"detail-type":"Connection Deauthorized"`, `"detail-type":"API Destination Deactivated"`, `"ConnectionName":"` + *name,
		`"eventName":"DeauthorizeConnection"`, "HIDDEN_DUE_TO_SECURITY_REASONS",
	} {
		if !strings.Contains(all.String(), want) {
			t.Errorf("no %s in %s", want, all.String())
		}
	}
	if strings.Contains(all.String(), "hidden-value") {
		t.Error("a record shows the key")
	}
}
