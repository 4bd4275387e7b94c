package structure

import (
	"crypto/sha256"
	"encoding/json"
	"maps"
	"regexp"
	"slices"
	"sync"

	"trailkeeper/lambda/config"
	"trailkeeper/lambda/internal/memo"
)

// The made-up contents of the deployment's secret. Slack's host leads to loopback here, as every host does.
const (
	webhook  = "https://hooks.slack.com/services/T00LOCAL00/B00LOCAL00/made-up-webhook-secret"
	botToken = "xoxb-made-up-bot-token-secret" //nolint:gosec // made up
	endpoint = "https://pager.example.com/integration/made-up-endpoint-secret"
	pinged   = "https://heartbeat.example.com/ping/made-up-heartbeat-secret"
)

// Leaks are what must never leave the function as text.
var Leaks = []string{"made-up-webhook-secret", "made-up-bot-token-secret", "made-up-endpoint-secret", "made-up-heartbeat-secret"}

var reference = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`\{\{resolve:secretsmanager:([^{}"]+?):SecretString:([A-Za-z0-9_-]+):`)
})

// Secrets makes up every secret that the template refers to, and the one that its function reads.
func Secrets(template []byte) map[string]string {
	keys := map[string]map[string]string{}
	add := func(name, key, value string) {
		if keys[name] == nil {
			keys[name] = map[string]string{"webhook": webhook, "bot_token": botToken}
		}
		if _, known := keys[name][key]; key != "" && !known {
			keys[name][key] = value
		}
	}
	for _, m := range reference().FindAllSubmatch(template, -1) {
		add(string(m[1]), string(m[2]), endpoint)
	}
	for _, env := range environments(template) {
		if name := env[config.EnvSlackSecret]; name != "" {
			add(name, "", "")
		}
		if key := env[config.EnvHeartbeatKey]; key != "" {
			add(env[config.EnvHeartbeatSecret], key, pinged+"-"+key)
		}
	}
	secrets := make(map[string]string, len(keys))
	for name, object := range keys {
		raw, err := json.Marshal(object)
		if err != nil {
			continue // texts always encode
		}
		secrets[name] = string(raw)
	}
	return secrets
}

// environment is what the template's functions get, as far as it is literal.
func environment(template []byte) map[string]string {
	all := map[string]string{}
	for _, env := range environments(template) {
		maps.Copy(all, env)
	}
	return all
}

var environmentsOf = memo.New[[sha256.Size]byte, []map[string]string](mostTemplates)

// environments is what each of the template's functions gets, as far as it is literal; kept as Of keeps the template.
func environments(template []byte) []map[string]string {
	return environmentsOf.Of(sha256.Sum256(template), func() []map[string]string { return readEnvironments(template) })
}

func readEnvironments(template []byte) []map[string]string {
	var t struct {
		Resources map[string]struct {
			Properties struct {
				Environment struct{ Variables map[string]any }
			}
		}
	}
	if json.Unmarshal(template, &t) != nil {
		return nil // localcloud says what is wrong with it
	}
	var all []map[string]string
	for _, id := range slices.Sorted(maps.Keys(t.Resources)) {
		env := map[string]string{}
		for name, value := range t.Resources[id].Properties.Environment.Variables {
			if text, ok := value.(string); ok {
				env[name] = text
			}
		}
		all = append(all, env)
	}
	return all
}
