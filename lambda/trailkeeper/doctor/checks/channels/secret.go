// Package channels is what is asked about who is told: the secret, Slack, EventBridge's API destinations, the topic and the
// heartbeat. It shows no secret, and posts nothing unless it is told to.
package channels

import (
	"context"

	"trailkeeper/lambda/config"
	"trailkeeper/lambda/internal/awscall"
	"trailkeeper/lambda/trailkeeper/doctor/deployed"
	"trailkeeper/lambda/trailkeeper/doctor/verdict"
)

// Secret judges whether the secret can be read, and has the keys that the guard is told to use.
func Secret(ctx context.Context, d *deployed.Deployment) []verdict.Verdict {
	const name = "secret"
	s, g := d.Secret(ctx), d.Guard.Settings
	called := "The secret " + config.Shown(s.Name)
	switch {
	case s.Name == "" && !d.Guard.Known():
		return verdict.Unseen(name, "Whether there is a secret is not known, as the guard's settings are not.",
			"Put right what the guard's line says, and run it again.")
	case s.Name == "":
		return nil
	case s.Err != nil:
		return unread(name, d, s)
	case !s.Form:
		return verdict.Bad(name, called+" is not a JSON object.", `Store {"webhook": "https://…"} as its text.`)
	case !d.Guard.Known():
		return verdict.Unseen(name, called+" is readable; which keys the guard needs of it is not known.",
			"Put right what the guard's line says, and run it again.")
	}
	for _, told := range []string{g.SlackSecret, g.Heartbeat.Secret} {
		if told != "" && told != s.Name {
			return verdict.Bad(name, "The guard is told another secret than the stack has ("+config.Shown(s.Name)+").",
				"Deploy with --revert-drift, and find out who changed the guard's environment (UpdateFunctionConfiguration).")
		}
	}
	if missing := missingOf(s, g); len(missing) > 0 {
		return verdict.Bad(name, called+" has no text under "+verdict.Names(missing)+".", "Add the key to the secret's JSON object.")
	}
	return verdict.Good(name, called+" is readable and has its keys.")
}

// unread says why the secret could not be read.
func unread(name string, d *deployed.Deployment, s deployed.Secret) []verdict.Verdict {
	const anew = "create it anew, and deploy with another secretVersion."
	switch called := "The secret " + config.Shown(s.Name); {
	case awscall.Code(s.Err) == "ResourceNotFound":
		return verdict.Bad(name, called+" is not there, or has no value.", "Find out who deleted it (DeleteSecret); "+anew)
	case awscall.Code(s.Err) == "InvalidRequest":
		return verdict.Bad(name, called+" is scheduled for deletion.", "Restore it, or "+anew+" Find out who deleted it (DeleteSecret).",
			d.AWSCommand("secretsmanager", "restore-secret", "--secret-id", s.Name))
	}
	return verdict.Refused(name, "read the secret "+config.Shown(s.Name), "secretsmanager:GetSecretValue", s.Err, nil)
}

// missingOf are the keys that the guard is told to use and the secret does not have.
func missingOf(s deployed.Secret, g config.Guard) (missing []string) {
	if g.SlackSecret != "" && s.Value.Empty() {
		missing = append(missing, "webhook or bot_token")
	}
	if g.SlackChannel != "" && s.Value.BotToken.Empty() {
		missing = append(missing, "bot_token")
	}
	if g.Heartbeat.Key != "" && s.Value.Other(g.Heartbeat.Key).Empty() {
		missing = append(missing, g.Heartbeat.Key)
	}
	return missing
}

// readSecret is what to do where the secret could not be read.
const readSecret = "Put right what the secret's line says, and run it again."
