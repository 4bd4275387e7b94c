package guard

import (
	"log/slog"
	"strings"
	"testing"

	"trailkeeper/lambda/config"
	"trailkeeper/lambda/internal/clock"
	"trailkeeper/lambda/internal/finding"
	"trailkeeper/lambda/internal/finding/findingtest"
	"trailkeeper/lambda/internal/report"
	"trailkeeper/lambda/internal/report/channels"
)

// TestBrokenChannelsShowNoSecret: a channel whose settings have a credential in the place of a name says so without it,
// on every way that its error takes.
func TestBrokenChannelsShowNoSecret(t *testing.T) {
	const secret = "HUNTER2HUNTER2HUNTER2"
	kinds := map[string]string{
		config.EnvSlackSecret:  finding.ChannelSlack,
		config.EnvSlackChannel: finding.ChannelSlack,
		config.EnvSlackAPI:     finding.ChannelSlack,
		config.EnvTopicARN:     finding.ChannelSNS,
		config.EnvFailureQueue: "",
	}
	for variable, channel := range kinds {
		for _, value := range []string{
			"xoxb-1-" + secret, " XOXB-1-" + secret, "xapp-1-" + secret, "https://hooks.slack.com/services/T0/B0/" + secret,
			"relay.example/services/T0ABCDEFG/B0ABCDEFG/" + secret,
		} {
			env := config.Example().Env()
			env[variable] = value
			h, err := New(
				Options{Getenv: func(k string) string { return env[k] }, Log: slog.New(slog.DiscardHandler), Clock: clock.Real()},
			)
			if err != nil {
				if strings.Contains(err.Error(), secret) {
					t.Errorf("%s = %s: %v", variable, value, err)
				}
				continue
			}
			wrong := channels.Broken{Destination: channel, Problems: h.problems.About(variable)}
			delivered := wrong.Notify(t.Context(), findingtest.Stopped())
			_, parked := wrong.Park(t.Context(), report.Parked{})
			for _, err := range []error{delivered, parked} {
				if err == nil || !strings.HasPrefix(err.Error(), "wrong settings: "+variable+" is ") ||
					strings.Contains(err.Error(), secret) {
					t.Errorf("%s = %s: %v", variable, value, err)
				}
			}
			if strings.ContainsAny(delivered.Error(), "\n") || wrong.Name() != channel {
				t.Errorf("%s: %q of %q", variable, delivered, wrong.Name())
			}
		}
	}
}
