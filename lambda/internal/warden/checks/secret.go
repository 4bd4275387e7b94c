package checks

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"maps"
	"net/url"
	"slices"
	"strings"
	"time"

	"trailkeeper/lambda/config"
	"trailkeeper/lambda/config/deployment"
	"trailkeeper/lambda/internal/awsapi"
	"trailkeeper/lambda/internal/awsenv"
	"trailkeeper/lambda/internal/secret"
	"trailkeeper/lambda/internal/state"
	"trailkeeper/lambda/internal/warden/check"
	"trailkeeper/lambda/internal/warden/compare"
)

// SecretType is the type of the deployment's secret, which no template makes: see Secrets.
const SecretType = "AWS::SecretsManager::Secret"

// Secrets are the secrets that the resources use, as resources of SecretType by which they are checked: those of the
// functions' variables, and of the dynamic references of API destinations. Their property Keys are the keys of the
// secret that are compared, and Hosts the hosts that its webhook may be at.
func Secrets(all []deployment.Deployed) []deployment.Deployed {
	found := map[string]deployment.Deployed{}
	add := func(of deployment.Deployed, name, key, host string) {
		id := of.Region + " " + name
		one, ok := found[id]
		if !ok {
			logical := "Secret"
			if len(found) > 0 {
				logical += " " + compare.Digest(id)
			}
			one = deployment.Deployed{ID: logical, Type: SecretType, Name: name, Region: of.Region, Properties: map[string]any{
				"Keys": []any{secret.KeyWebhook, "bot_token"}, "Hosts": []any{"hooks.slack.com", "hooks.slack-gov.com"},
			}}
		}
		for property, value := range map[string]string{"Keys": key, "Hosts": host} {
			if list := awsapi.List(one.Properties[property]); value != "" && !slices.Contains(list, any(value)) {
				one.Properties[property] = append(list, value)
			}
		}
		found[id] = one
	}
	for _, of := range all {
		variables := awsapi.Object(compare.At(of.Properties, "Environment.Variables"))
		if name := awsapi.Text(variables[config.EnvSlackSecret]); name != "" {
			add(of, name, "", hostOf(awsapi.Text(variables[config.EnvSlackAPI])))
		}
		if ref, ok := parseReference(awsapi.Text(of.Properties["InvocationEndpoint"])); ok {
			add(of, ref.secret, ref.key, "")
		}
	}
	return slices.Collect(values(found))
}

// values are those of a map in the order of its keys.
func values[V any](m map[string]V) func(func(V) bool) {
	return func(yield func(V) bool) {
		for _, key := range slices.Sorted(maps.Keys(m)) {
			if !yield(m[key]) {
				return
			}
		}
	}
}

func hostOf(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	return u.Host
}

// secrets checks the secret: that it is there, is not to be deleted, has the version that was declared or the one that
// the first check after the deployment saw, and sends messages to Slack. A webhook that is somebody else's may answer
// "ok", so that every message would count as delivered. Nothing is put back, and no text of it is shown.
type secrets struct{ values *secretValues }

func (c secrets) check(ctx context.Context, of deployment.Deployed) ([]check.Difference, error) {
	out, err := c.values.ask(ctx, of, "secretsmanager", "DescribeSecret", map[string]any{"SecretId": of.Name})
	if missing(err) {
		gone := check.Difference{Field: check.MissingField, Want: secret.Named(of.Name), Got: "none"}
		gone.Next = "Make it again with every key, and deploy with its version in secretVersion."
		return []check.Difference{gone}, nil
	}
	if err != nil {
		return nil, err
	}
	if at := out["DeletedDate"]; at != nil {
		return []check.Difference{{
			Field: "DeletedDate", Want: "none", Got: moment(at),
			Next: "aws secretsmanager restore-secret --secret-id " + compare.Word(of.Name),
		}}, nil
	}
	now, err := c.values.get(ctx, of, of.Name)
	if spoiled(err) {
		return []check.Difference{{Field: "SecretString", Want: "a JSON object", Got: "none", Next: changedSecret}}, nil
	}
	if err != nil {
		return nil, err
	}
	found := c.foreignWebhook(of, now)
	if declared := c.values.Record.SecretVersion; declared != "" {
		return append(found, differ("VersionId", declared, now.version, back(of, declared, now.version))...), nil
	}
	more, err := c.compareKnown(ctx, of, now)
	return append(found, more...), err
}

// moment is a time of an answer, which is in seconds since 1970.
func moment(v any) string {
	seconds, ok := v.(float64)
	if !ok || seconds < 0 || seconds > 1<<40 {
		return compare.Show(v)
	}
	return time.Unix(int64(seconds), 0).UTC().Format(time.RFC3339)
}

// foreignWebhook is the difference of a webhook that is not at Slack.
func (c secrets) foreignWebhook(of deployment.Deployed, now secretValue) []check.Difference {
	webhook := now.value.Webhook
	if webhook.Empty() {
		return nil
	}
	u, err := url.Parse(webhook.Reveal())
	hosts := awsapi.List(of.Properties["Hosts"])
	if err == nil && (u.Scheme == "https" && slices.Contains(hosts, any(strings.ToLower(u.Host))) || c.values.Local && loopback(u)) {
		return nil
	}
	return []check.Difference{{
		Field: "Webhook.Host", Want: compare.Show(hosts), Got: "another host (" + compare.Digest(webhook.Reveal()) + ")",
		Next: "Whoever is at the webhook's address gets every message.",
	}}
}

// IsLocal reports whether the endpoint that an environment has for Secrets Manager is on this machine: see Tools.Local.
func IsLocal(getenv func(string) string) bool {
	u, err := url.Parse(awsenv.EndpointOf(getenv, "Secrets Manager").URL)
	return err == nil && loopback(u)
}

// loopback reports whether an address is one of the local run.
func loopback(u *url.URL) bool {
	return slices.Contains([]string{"127.0.0.1", "localhost", "::1"}, u.Hostname())
}

// changedSecret is what a person does about a secret that changed.
const changedSecret = "If somebody has changed the secret for a good reason, set secretVersion in the settings and deploy; " +
	"otherwise give AWSCURRENT back to the earlier version."

// back is the command that makes an earlier version the current one again.
func back(of deployment.Deployed, earlier, now string) string {
	return "aws secretsmanager update-secret-version-stage --secret-id " + compare.Word(of.Name) + " --version-stage AWSCURRENT" +
		" --remove-from-version-id " + compare.Word(now) + " --move-to-version-id " + compare.Word(earlier)
}

// seen is what is remembered of a secret: its version, and the SHA-256 of its keys.
type seen struct {
	Deployment string            `json:"deployment"` // the digest of its description
	Version    string            `json:"version"`
	Keys       map[string]string `json:"keys"`
	At         time.Time         `json:"at"`
}

// compareKnown compares a secret with what the first check after the deployment saw. Without a state table nothing is
// known of it.
func (c secrets) compareKnown(ctx context.Context, of deployment.Deployed, now secretValue) ([]check.Difference, error) {
	t := c.values.Tools
	if t.Documents == nil || t.Record.Description == "" {
		return nil, nil
	}
	documents := state.Of[seen]{Documents: t.Documents, Kind: "secret", Clock: t.Clock}
	fresh := seen{Deployment: t.Record.Description, Version: now.version, Keys: map[string]string{}, At: documents.Now()}
	for _, v := range awsapi.List(of.Properties["Keys"]) {
		key := awsapi.Text(v)
		fresh.Keys[key] = sumOf(now.value.Other(key))
	}
	var before seen
	err := documents.Change(ctx, "remember the version of the secret", compare.Digest(of.Region+" "+of.Name),
		func(e *state.Entry[seen]) bool {
			if before = e.Value; before.Deployment == fresh.Deployment {
				return false
			}
			before, e.Value = fresh, fresh
			return true
		})
	if err != nil {
		return nil, err
	}
	found := differ("VersionId", before.Version, fresh.Version, back(of, before.Version, fresh.Version))
	for _, key := range slices.Sorted(maps.Keys(fresh.Keys)) {
		found = append(found, differ("SecretString."+key, before.Keys[key], fresh.Keys[key], changedSecret)...)
	}
	return found, nil
}

// sumOf is the SHA-256 of a key's text; empty: the secret has no such key.
func sumOf(k secret.Key) string {
	if k.Empty() {
		return ""
	}
	sum := sha256.Sum256([]byte(k.Reveal()))
	return hex.EncodeToString(sum[:])
}

// differ is the difference of two texts that may be shown, of SHA-256 sums the beginnings.
func differ(field, want, got, next string) []check.Difference {
	if want == got {
		return nil
	}
	show := func(s string) string {
		if len(s) == 2*sha256.Size {
			return "sha256:" + s[:12]
		}
		return compare.Show(cmp.Or(s, "none"))
	}
	return []check.Difference{{Field: field, Want: show(want), Got: show(got), Next: next}}
}
