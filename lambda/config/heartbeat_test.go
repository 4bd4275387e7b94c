package config

import (
	"strings"
	"testing"
)

func TestValidSecretKey(t *testing.T) {
	for key, want := range map[string]bool{
		"heartbeat":             true,
		"Heart_beat-2":          true,
		strings.Repeat("k", 64): true,
		"":                      false,
		strings.Repeat("k", 65): false,
		"a b":                   false,
		"a.b":                   false,
		"https://hc.example/x":  false,
		"xoxb-1-2":              false,
		"é":                     false,
	} {
		if got := ValidSecretKey(key); got != want {
			t.Errorf("%q: %v", key, got)
		}
	}
}

// TestHalfAHeartbeat: a secret without a key, or a key without a secret, is named, and either both or neither is not.
func TestHalfAHeartbeat(t *testing.T) {
	for h, want := range map[Heartbeat]string{
		{}:                        "",
		{Secret: "s", Key: "k"}:   "",
		{Secret: "s"}:             EnvHeartbeatKey + ` is ""; want the key in ` + EnvHeartbeatSecret,
		{Key: "k"}:                EnvHeartbeatSecret + ` is ""; want the secret of ` + EnvHeartbeatKey,
		{Key: "k", Method: "GET"}: EnvHeartbeatSecret + ` is ""`,
	} {
		if got := h.Half().Error(); !strings.HasPrefix(got, want) || (got == "") != (want == "") ||
			h.Set() != (h.Secret != "" && h.Key != "") {
			t.Errorf("%+v: %q", h, got)
		}
	}
}

// TestHeartbeatHidesACredential: a URL in the place of a name is not shown.
func TestHeartbeatHidesACredential(t *testing.T) {
	env := Example().Env()
	for _, name := range []string{EnvHeartbeatSecret, EnvHeartbeatKey} {
		_, err := FromEnv(func(k string) string {
			if k == name {
				return "https://hc.example/SECRETKEY"
			}
			return env[k]
		})
		if err == nil || !strings.Contains(err.Error(), name) || strings.Contains(err.Error(), "SECRETKEY") {
			t.Errorf("%s: %v", name, err)
		}
	}
}
