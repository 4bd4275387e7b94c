package checks

import (
	"context"
	"strings"

	"trailkeeper/lambda/config"
	"trailkeeper/lambda/trailkeeper/doctor/deployed"
	"trailkeeper/lambda/trailkeeper/doctor/verdict"
)

// secret judges whether the secret can be read, and has the keys that the guard is told to use.
func secret(ctx context.Context, d *deployed.Deployment) []verdict.Verdict {
	const name = "secret"
	s := d.Secret(ctx)
	switch {
	case s.Name == "":
		return nil
	case s.Err != nil:
		v := verdict.Refused(name, "read the secret "+config.Shown(s.Name), "secretsmanager:GetSecretValue", s.Err, map[string]string{
			"ResourceNotFound": notThere, "InvalidRequest": "it is scheduled for deletion",
		})
		if strings.Contains(v.Says, notThere) || strings.Contains(v.Says, "scheduled for deletion") {
			v.Status, v.Do = verdict.Error, "Restore it, or create it anew, and deploy with another secretVersion."
			v.Fix = []string{verdict.Command("aws", "secretsmanager", "restore-secret", "--secret-id", s.Name)}
		}
		return one(v)
	case !s.Form:
		return one(verdict.Bad(name, "The secret "+config.Shown(s.Name)+" is not a JSON object.",
			`Store {"webhook": "https://…"} as its text.`))
	}
	var missing []string
	g := d.Guard.Settings
	if g.SlackSecret != "" && s.Value.Empty() {
		missing = append(missing, "webhook or bot_token")
	}
	if g.SlackChannel != "" && s.Value.BotToken.Empty() {
		missing = append(missing, "bot_token")
	}
	if g.Heartbeat.Key != "" && s.Value.Other(g.Heartbeat.Key).Empty() {
		missing = append(missing, g.Heartbeat.Key)
	}
	if len(missing) > 0 {
		return one(verdict.Bad(name, "The secret "+config.Shown(s.Name)+" has no text under "+names(missing)+".",
			"Add the key to the secret's JSON object."))
	}
	return one(verdict.Good(name, "The secret "+config.Shown(s.Name)+" is readable and has its keys."))
}

const notThere = "there is no such secret"
