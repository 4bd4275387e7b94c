package redrive

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"trailkeeper/events"
	"trailkeeper/lambda/internal/redrive/queues"
	"trailkeeper/lambda/trailkeeper/cli"
	"trailkeeper/lambda/trailkeeper/clitest"
)

var trailkeeper = clitest.Command(New)

const invokePath = "/2015-03-31/functions/guard/invocations"

// TestRedriveStory shows what an operator sees.
func TestRedriveStory(t *testing.T) {
	at := time.Date(2026, 3, 10, 12, 0, 0, 0, time.UTC)
	var story strings.Builder
	for _, part := range []struct {
		title  string
		answer any
	}{
		{"a guard without queues", queues.Report{}},
		{"nothing waits", queues.Report{Queues: []queues.QueueReport{{Name: "GuardFailures"}, {Name: "GuardDeadLetters"}}}},
		{"all is well again", queues.Report{Queues: []queues.QueueReport{
			{
				Name:    "GuardFailures",
				Read:    4,
				Sent:    2,
				Handled: 1,
				Settled: 1,
			}, {Name: "GuardDeadLetters", Read: 1, Handled: 1},
		}}},
		{"some is left", queues.Report{Queues: []queues.QueueReport{
			{
				Name:    "GuardFailures",
				Read:    100,
				Sent:    80,
				Handled: 10,
				More:    true,
				Left: []queues.Left{
					{
						Channel: "slack",
						Reason:  "Slack answered 403: the webhook was revoked; put a new one into secret \"trailkeeper/slack\"",
						Count:   1,
						Oldest:  at,
					},
					{
						Channel: "slack",
						Reason:  "it waits behind an older one that slack did not take",
						Count:   8,
						Oldest:  at.Add(time.Minute),
					},
					{
						Channel: "guard",
						Reason:  "the guard could not read the payload in it; a message said so",
						Count:   1,
						Oldest:  at,
					},
				},
			},
			{
				Name:    "SlackDeadLetters",
				Refused: "the function's role may not read the queue; grant it sqs:ReceiveMessage by deploying again",
			},
			{Name: "odd\x1b[31m\nname", Read: 1, Left: []queues.Left{{Reason: "odd\x1b[31m\u202etext\nin lines", Count: 1}}},
		}}},
		{"some is laid aside", queues.Report{Queues: []queues.QueueReport{
			{
				Name:    "GuardDeadLetters",
				Read:    121,
				Handled: 1,
				Aside:   []queues.Left{{Reason: `there is no Region "xx-nowhere-1"`, Count: 120, Oldest: at}},
			},
			{Name: "LastQueue", Read: 1, Left: []queues.Left{{Reason: "it is no JSON object", Count: 1, Oldest: at}}},
		}}},
		{
			"the function fails",
			`{"errorMessage":"2026-03-10T12:00:00Z 8f5d Task timed out after 90.00 seconds","errorType":"Sandbox.Timedout"}`,
		},
		{"another function, or an old guard", "null"},
	} {
		fmt.Fprintf(&story, "== %s\n\n", part.title)
		var payload map[string]any
		clitest.Answers{invokePath: func(in map[string]any) (int, any) {
			payload = in
			return http.StatusOK, part.answer
		}}.Serve(t)
		code, out, errs := trailkeeper("", "redrive", "--function", "guard")
		fmt.Fprintf(&story, "%s%s[exit %d]\n\n", out, errs, code)
		raw, err := json.Marshal(payload)
		if err != nil {
			t.Fatal(err)
		}
		if ev, err := events.Parse(raw); err != nil || ev.Kind != events.KindRedrive || ev.ID == "" || ev.Time == "" {
			t.Errorf("%s: the guard is asked with %s, %v", part.title, raw, err)
		}
	}
	clitest.Golden(t, "story.golden", story.String())
	clitest.Narrow(t, story.String(), cli.Columns, "trailkeeper: ")
	if strings.ContainsAny(story.String(), "\x1b\u202e") {
		t.Error("what the guard says can steer a terminal")
	}
}

func TestRedriveRefused(t *testing.T) {
	for name, test := range map[string]struct {
		answer func(map[string]any) (int, any)
		want   string
	}{
		"denied": {
			clitest.Refuse("AccessDeniedException",
				"User: x is not authorized to perform: lambda:InvokeFunction on resource: y."),
			"ask guard: the permission lambda:InvokeFunction is missing, or a policy denies it (User: x is not authorized " +
				"to perform: lambda:InvokeFunction on resource: y)",
		},
		"no function": {
			clitest.Refuse("ResourceNotFoundException", "Function not found"),
			"there is no such function in this account and Region; the stack's output FunctionName has its name",
		},
		"busy":              {clitest.Refuse("TooManyRequestsException", "Rate Exceeded."), "the function is busy"},
		"no JSON":           {clitest.Say("<html>"), "guard gave no report"},
		"something else":    {clitest.Say(clitest.Object{"hello": 1}), "guard gave no report"},
		"fails without why": {clitest.Say(`{"errorMessage":""}`), "guard failed: it does not say why; see its log"},
	} {
		t.Run(name, func(t *testing.T) {
			asked := clitest.Answers{invokePath: test.answer}.Serve(t)
			code, out, errs := trailkeeper("", "redrive", "--function", "guard")
			if code != cli.ExitUsage || out != "" || !strings.Contains(errs, test.want) {
				t.Errorf("exit %d, stdout %q, stderr %q; want %q", code, out, errs, test.want)
			}
			if len(*asked) != 1 {
				t.Errorf("asked %d times", len(*asked))
			}
		})
	}
	for _, function := range []string{"", "a b", "guard/../x", strings.Repeat("x", 171)} {
		if code, _, errs := trailkeeper("", "redrive", "--function", function); code != cli.ExitUsage ||
			!strings.Contains(errs, "--function is") {
			t.Errorf("%q: exit %d, %q", function, code, errs)
		}
	}
}

func TestHelp(t *testing.T) { clitest.Help(t, trailkeeper, "help.golden", "redrive", "--help") }

// TestLoopback: the loopback cloud answers as AWS does.
func TestLoopback(t *testing.T) {
	clitest.NewLoopback(t, New).Want(cli.ExitUsage, "redrive --function nope",
		"ask nope: there is no such function in this account and Region")
}
