package guard

import (
	"log/slog"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"trailkeeper/lambda/config"
	"trailkeeper/lambda/config/route"
	"trailkeeper/lambda/internal/clock"
)

// TestEveryDestinationOfARoute gets its message over the wire, and nothing of another route does: the second channel
// with the bot's token, each webhook by its own key of the secret, and topics of one name in two Regions, each in its
// own.
func TestEveryDestinationOfARoute(t *testing.T) {
	const first, second = "arn:aws:sns:eu-west-1:111122223333:security", "arn:aws:sns:us-east-1:111122223333:security"
	both := route.Route{
		Slack:  []string{"C0000000001", "secret:one", "C0000000002", "secret:two"},
		Topics: []string{first, second},
	}
	deletions := route.Route{
		Events: []string{"DeleteTrail"},
		Slack:  []string{"C0000000009", "secret:nine"},
		Topics: []string{first + "9"},
	}
	stops := both
	stops.Events = []string{"UpdateTrail", "StopLogging"}
	for name, test := range map[string]struct {
		routes []route.Route
		want   []string
	}{
		"the second route": {[]route.Route{deletions, stops}, []string{
			"/hooks/one", "/hooks/two", "C0000000001", "C0000000002", "eu-west-1 " + first, "us-east-1 " + second,
		}},
		"no route": {[]route.Route{deletions}, []string{"C0123456789", "eu-west-1 " + config.Example().TopicARN}},
	} {
		f := newFarEnd(t)
		f.answers = map[string]string{
			"GetSecretValue": `{"SecretString":"{\"bot_token\":\"xoxb-example-token\",\"webhook\":\"` + f.URL +
				`/hooks/default\",\"one\":\"` + f.URL + `/hooks/one\",\"two\":\"` + f.URL +
				`/hooks/two\",\"nine\":\"` + f.URL + `/hooks/nine\"}"}`,
			"/hooks/one": "ok",
			"/hooks/two": "ok",
		}
		settings := config.Example()
		settings.Table, settings.Recorded = "", false // which the far end does not play
		h, err := New(Options{
			Getenv: f.env(settings),
			Log:    slog.New(slog.DiscardHandler),
			Clock:  clock.Real(),
			Routes: route.List{Routes: test.routes},
		})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := h.Invoke(t.Context(), payload(t, "stop-logging")); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(test.want, f.reached()); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

var channelOf = regexp.MustCompile(`"channel":"([^"]+)"`)

// reached lists where messages went, sorted: the path of a webhook, a Slack channel, or a Region and a topic.
func (f *farEnd) reached() []string {
	var all []string
	for i, call := range f.seen {
		what, scope, _ := strings.Cut(call, " ")
		form, _ := url.ParseQuery(f.bodies[i])
		switch {
		case strings.HasPrefix(what, "/hooks/"):
			all = append(all, what)
		case what == "/api/chat.postMessage":
			all = append(all, channelOf.FindStringSubmatch(f.bodies[i])[1])
		case what == "Publish":
			all = append(all, strings.TrimSuffix(scope, " sns")+" "+form.Get("TopicArn"))
		}
	}
	slices.Sort(all)
	return all
}
