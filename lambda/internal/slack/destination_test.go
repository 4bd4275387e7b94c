package slack

import (
	"fmt"
	"strings"
	"testing"

	"trailkeeper/lambda/internal/finding/findingtest"
	"trailkeeper/lambda/internal/secret"
)

func TestDestinations(t *testing.T) {
	for _, c := range []struct {
		name    string
		o       Options // Destination, Channel and Webhook count
		keys    map[string]string
		called  string // the path that was posted to
		err     string
		printed string
	}{
		{
			"slack",
			Options{Channel: "C1"},
			map[string]string{"bot_token": token},
			"/api/chat.postMessage", "",
			`Slack channel "C1" with secret "s"`,
		},
		{
			"slack",
			Options{Channel: "C1"},
			map[string]string{"webhook": "/services/1"},
			"/services/1", "",
			`Slack channel "C1" with secret "s"`,
		},
		{
			"slack",
			Options{Destination: "slack", Channel: "C1"},
			map[string]string{"webhook": "/services/1"},
			"/services/1",
			"", `Slack channel "C1" with secret "s"`,
		},
		{
			"slack:C2",
			Options{Destination: "slack:C2", Channel: "C2"},
			map[string]string{"bot_token": token, "webhook": "/services/1"},
			"/api/chat.postMessage", "",
			`Slack channel "C2" with secret "s"`,
		},
		{
			"slack:C2",
			Options{Destination: "slack:C2", Channel: "C2"},
			map[string]string{"webhook": "/services/1"},
			"",
			`secret "s" has no key "bot_token", which Slack C2 needs; add it, or route to an incoming webhook`,
			`Slack channel "C2" with secret "s"`,
		},
		{
			"slack:secret:prod",
			Options{Destination: "slack:secret:prod", Webhook: "prod"},
			map[string]string{"bot_token": token, "webhook": "/services/1", "prod": "/services/2"},
			"/services/2", "", `Slack webhook of key "prod" in secret "s"`,
		},
		{
			"slack:secret:prod",
			Options{Destination: "slack:secret:prod", Webhook: "prod", Channel: "C1"},
			map[string]string{"bot_token": token, "prod": "/services/2"},
			"/services/2", "", `Slack webhook of key "prod" in secret "s"`,
		},
		{
			"slack:secret:webhook",
			Options{Destination: "slack:secret:webhook", Webhook: "webhook"},
			map[string]string{"webhook": "/services/1"},
			"/services/1", "", `Slack webhook of key "webhook" in secret "s"`,
		},
		{
			"slack:secret:prod",
			Options{Destination: "slack:secret:prod", Webhook: "prod"},
			map[string]string{"webhook": "/services/1"},
			"",
			`secret "s" has no text under key "prod"; store the incoming webhook's URL there`,
			`Slack webhook of key "prod" in secret "s"`,
		},
		{
			"slack:secret:bot_token",
			Options{Destination: "slack:secret:bot_token", Webhook: "bot_token"},
			map[string]string{"bot_token": token},
			"",
			`the key "bot_token" of secret "s" is not an https URL; store the incoming webhook's URL`,
			`Slack webhook of key "bot_token" in secret "s"`,
		},
		{
			"slack:x",
			Options{Destination: "slack:x", Webhook: "https://hooks.slack.com/services/" + hookKey},
			map[string]string{"webhook": "/services/1"},
			"",
			`secret "s" has no text under the key (name not shown`,
			`Slack webhook of the key (name not shown, as it may be a credential; correct it in the settings) in secret "s"`,
		},
	} {
		s := serve(t, answer{status: 200, body: "ok"})
		if strings.Contains(c.called, "/api/") {
			s.answers[0].body = `{"ok":true,"ts":"1.2"}`
		}
		for k, v := range c.keys {
			if strings.HasPrefix(v, "/") {
				c.keys[k] = s.URL + v
			}
		}
		c.o.HTTPClient, c.o.Secret, c.o.SecretName, c.o.API, c.o.Clock = s.Client(), &secrets{
			values: []secret.Value{secret.NewValue(c.keys)},
		}, "s", s.URL+"/api/", (&fakeClock{}).clock()
		n := New(c.o)
		err := n.Notify(t.Context(), findingtest.Stopped())
		noLeak(t, c.name, err)
		if got := fmt.Sprint(
			err,
		); c.err == "" && err != nil || !strings.HasPrefix(got, c.err) && c.err != "" ||
			n.Name() != c.name {
			t.Errorf("%s (%q): error %q, want %q", c.name, n.Name(), got, c.err)
		}
		if c.called == "" && s.posts() != 0 || c.called != "" && (s.posts() != 1 || s.seen[0].URL.Path != c.called) {
			t.Errorf("%s: %d posts, want one to %q", c.name, s.posts(), c.called)
		}
		if got := fmt.Sprintf("%+v", n); got != c.printed {
			t.Errorf("%s prints as %s, want %s", c.name, got, c.printed)
		}
	}
}
