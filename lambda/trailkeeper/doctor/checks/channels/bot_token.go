package channels

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"trailkeeper/lambda/trailkeeper/doctor/deployed"
	"trailkeeper/lambda/trailkeeper/doctor/verdict"
)

// BotToken judges whether Slack knows the bot token, by auth.test, which posts nothing. The token goes to Slack alone,
// and to an emulator of AWS on this machine, whatever the function's environment says.
func BotToken(ctx context.Context, d *deployed.Deployment) []verdict.Verdict {
	const name = "bot token"
	s, g := d.Secret(ctx), d.Guard.Settings
	switch {
	case s.Name == "", d.Guard.Known() && (g.SlackSecret == "" || g.SlackChannel == ""):
		return nil
	case !s.Readable() && !d.Guard.Known():
		return nil // whether it is used is not known, and the lines of guard and secret say why
	case !s.Readable():
		return verdict.Unseen(name, "Whether Slack knows the bot token is not known, as the secret could not be read.", readSecret)
	case s.Value.BotToken.Empty():
		return nil
	case !d.Guard.Known():
		return verdict.Unseen(name, "Whether the guard uses the bot token is not known, as its settings are not.",
			"Put right what the guard's line says, and run it again.")
	case !asked(d, g.SlackAPI):
		return verdict.Warn(name, "The guard's Web API is not Slack's, and was not asked: the bot token goes nowhere else.",
			"If slack.api is not meant so, deploy with --revert-drift, and find out who changed the guard's environment "+
				"(UpdateFunctionConfiguration); the token is then known to others: replace it.")
	}
	return token(ctx, d, name, g.SlackAPI+"auth.test", s.Value.BotToken.Reveal())
}

// asked reports whether a Web API may be sent the token: it is Slack's, or the emulator's on this machine.
func asked(d *deployed.Deployment, api string) bool {
	if slices.Contains(slackAPIs, api) {
		return true
	}
	u, err := url.Parse(api)
	return err == nil && d.Emulator != "" && u.Host == d.Emulator && u.User == nil
}

// token judges what auth.test says of a bot token.
func token(ctx context.Context, d *deployed.Deployment, name, address, token string) []verdict.Verdict {
	status, answer, why := post(ctx, d.HTTP, address, token, "{}")
	if why != "" {
		return verdict.Unseen(name, "Slack could not be asked about the bot token: "+why+".", "Check the network, and run it again.")
	}
	var result struct {
		OK    bool   `json:"ok"`
		Error string `json:"error"`
	}
	switch err := json.Unmarshal(answer, &result); {
	case status != http.StatusOK || err != nil:
		return verdict.Unseen(name, "Slack answered "+strconv.Itoa(status)+" about the bot token.", "Run it again in a minute.")
	case !result.OK:
		return verdict.Bad(name, "Slack refuses the bot token: "+plainName(result.Error)+".",
			"Reinstall the app, and store its bot token in the secret.")
	}
	return verdict.Good(name, "Slack knows the bot token (auth.test).")
}
