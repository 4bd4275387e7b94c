package config

import (
	"net/http"
	"slices"

	"trailkeeper/events"
	"trailkeeper/lambda/config/credential"
)

// The names of the variables of the heartbeat.
const (
	EnvHeartbeatSecret = "TRAILKEEPER_HEARTBEAT_SECRET"
	EnvHeartbeatKey    = "TRAILKEEPER_HEARTBEAT_KEY"
	EnvHeartbeatMethod = "TRAILKEEPER_HEARTBEAT_METHOD"
)

// Heartbeat is where a function finds the URL outside of AWS that it pings after a sweep that saw everything. The URL
// itself stands in the secret alone.
type Heartbeat struct {
	Secret string // name or ARN of the Secrets Manager secret; empty: no heartbeat
	Key    string // JSON key of the secret; empty: no heartbeat
	Method string // GET or POST; empty: GET
}

// Set reports whether there is a heartbeat.
func (h Heartbeat) Set() bool { return h.Secret != "" && h.Key != "" }

// Half is what is wrong where only one of secret and key is there.
func (h Heartbeat) Half() Problems {
	switch {
	case h.Secret == "" && h.Key != "":
		return Problems{{EnvHeartbeatSecret, "", "the secret of " + EnvHeartbeatKey + ", or neither"}}
	case h.Secret != "" && h.Key == "":
		return Problems{{EnvHeartbeatKey, "", "the key in " + EnvHeartbeatSecret + ", or neither"}}
	}
	return nil
}

// HeartbeatMethods are the methods of a ping, that of the default first.
func HeartbeatMethods() []string { return []string{http.MethodGet, http.MethodPost} }

// maxSecretKey is the length of the longest JSON key of the secret that a setting may name.
const maxSecretKey = 64

// ValidSecretKey reports whether s can name a JSON key of the secret: 1 to 64 letters, digits, underscores and hyphens,
// of what looks like no credential.
func ValidSecretKey(s string) bool {
	return s != "" && len(s) <= maxSecretKey && events.ConsistsOf(s, lower+upper+digits+"_-") && !credential.Like(s)
}

// heartbeat are the variables of a function that has one.
func heartbeat[T any](of func(*T) *Heartbeat) []variable[T] {
	return []variable[T]{
		word(EnvHeartbeatSecret, func(g *T) *string { return &of(g).Secret }, orNone(validSecret),
			"the name or ARN of a Secrets Manager secret"),
		word(EnvHeartbeatKey, func(g *T) *string { return &of(g).Key }, orNone(ValidSecretKey),
			"the name of a key of the secret, of 1 to 64 letters, digits, underscores and hyphens"),
		word(EnvHeartbeatMethod, func(g *T) *string { return &of(g).Method },
			orNone(func(s string) bool { return slices.Contains(HeartbeatMethods(), s) }), "GET or POST"),
	}
}
