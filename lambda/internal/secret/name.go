package secret

import (
	"fmt"
	"strings"

	"trailkeeper/lambda/config/credential"
)

// Named is how messages call the secret with this name or ARN: `secret "trailkeeper/slack"`. Where the settings have
// what looks like a webhook or a token in the place of the name, or what cannot be a name, it is not shown.
func Named(id string) string {
	if !nameable(id) {
		return "the secret (name not shown, as it may be a credential; correct it in the settings)"
	}
	return fmt.Sprintf("secret %.200q", id)
}

// NamedKey is how messages call a JSON key of the secret: `key "webhook_prod"`. What cannot be a key's name in the
// settings, or looks like a webhook or a token, is not shown.
func NamedKey(name string) string {
	if name == "" || len(name) > maxKey || strings.ContainsAny(name, "/+=.@:") || !nameable(name) {
		return "the key (name not shown, as it may be a credential; correct it in the settings)"
	}
	return fmt.Sprintf("key %q", name)
}

// maxKey is the length of the longest JSON key that a route may name.
const maxKey = 64

// nameable reports whether id can be a secret's name or ARN (Secrets Manager API reference, CreateSecret, Name) and
// looks like no credential.
func nameable(id string) bool {
	const special = "/_+=.@:-"
	odd := strings.ContainsFunc(id, func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && !strings.ContainsRune(special, r)
	})
	return !odd && !strings.Contains(id, "://") && !credential.Like(id)
}
