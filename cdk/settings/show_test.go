package settings

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"trailkeeper/lambda/config"
	"trailkeeper/lambda/config/credential"
)

// pasted are secrets as they are pasted into the wrong place. Each holds "s3cr3tpart", which no error may.
func pasted() []string {
	return []string{
		"xoxb-" + "1234567890-s3cr3tpart",
		"XOXP-" + "1-s3cr3tpart",
		"xoxe." + "xoxp-1-s3cr3tpart",
		"xapp-" + "1-s3cr3tpart",
		"https://hooks.slack.com/services/" + "T0000/B0000/s3cr3tpart",
		"HTTPS://HOOKS.SLACK.COM/services/" + "T0000/B0000/s3cr3tpart",
		"hooks.slack.com/services/" + "T0000/B0000/s3cr3tpart",
		"https://u:s3cr3tpart@example.com/",
		"https://example.com?k=s3cr3tpart",
		"HTTPS://example.com/s3cr3tpart",
		"events.pagerduty.com/integration/s3cr3tpart/enqueue",
		"ftp://example.com/s3cr3tpart",
		"s3cr3tpart0a1b2c3d4e5f60718293a4",
		"T0ABCDEFG/B0ABCDEFG/" + "s3cr3tpart0a1b2c3d4e5f60",
	}
}

// TestErrorsLeakNoSecret pastes secrets into every place, right and wrong.
func TestErrorsLeakNoSecret(t *testing.T) {
	for _, secret := range pasted() {
		quoted, _ := json.Marshal(secret)
		for _, row := range table() {
			q := string(quoted)
			for _, value := range []string{
				q, `{` + q + `: "https"}`, `{"x": ` + q + `}`, `{` + q + `: 1}`, `[` + q + `]`, `{"x": {"y": ` + q + `}}`,
				`{"text": ` + q + `, "paths": {` + q + `: ` + q + `}}`,
			} {
				if _, err := parse(t, at(row.key, value)); err != nil && leaks(err) {
					t.Errorf("%s: %.8s…: the error holds the secret: %v", row.key, secret, err)
				}
			}
		}
		for _, text := range []string{
			string(quoted), `{` + string(quoted) + `: 1}`, `{"bogus": ` + string(quoted) + `}`,
			`{"slack": ` + string(quoted) + `}`,
			`{"slack": {` + string(quoted) + `: {"a": 1}}}`, `{"bogus": {"secret": ` + string(quoted) + `}}`,
		} {
			if _, err := parse(t, text); err == nil || leaks(err) {
				t.Errorf("%.12s…: no error, or it holds the secret: %v", text, err)
			}
		}
	}
}

// leaks looks for any part of the secret that is long enough to be one.
func leaks(err error) bool { return strings.Contains(strings.ToLower(err.Error()), "s3cr3tp") }

// at is settings with one value.
func at(key, value string) string {
	for _, part := range slices.Backward(strings.Split(key, ".")) {
		value = `{"` + part + `": ` + value + `}`
	}
	return value
}

// TestNoSettingTakesACredential: whatever a text may be, it is no Slack token and no webhook.
func TestNoSettingTakesACredential(t *testing.T) {
	const want = " holds what looks like a Slack token or webhook"
	for _, secret := range pasted() {
		if !credential.Like(secret) {
			continue
		}
		for _, row := range table() {
			s := Defaults()
			var values []any
			switch value := row.value(&s); value.(type) {
			case string, config.Mode:
				values = []any{secret, "a/" + secret}
			case []string:
				values = []any{[]any{"111122223333", secret}}
			case map[string]string:
				values = []any{map[string]any{secret: "x"}, map[string]any{"x": secret}}
			case nil:
				values = []any{map[string]any{"text": secret}}
			}
			for _, value := range values {
				if err := row.read(&s, value); err != nil {
					t.Fatalf("%s does not read a %T: %v", row.key, value, err)
				}
				if err := s.Validate(); err == nil || !strings.Contains(err.Error(), row.key+want) || leaks(err) {
					t.Errorf("%s: a credential is taken, or shown: %v", row.key, err)
				}
			}
		}
	}
	for _, near := range []string{"xo-team", "Slack hooks", "xoxb"} {
		s := Defaults()
		s.SNS.Enabled, s.SNS.DisplayName = true, near
		if err := s.Validate(); err != nil {
			t.Errorf("%q: %v", near, err)
		}
	}
}
