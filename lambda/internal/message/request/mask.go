package request

import (
	"strings"

	"trailkeeper/lambda/config/credential"
)

// masked stands for a value that must not be shown.
const masked = "***"

// mask returns v, decoded JSON, without its secrets: the values of keys that name a secret, the value that stands
// beside such a name, as in a list of tags, and any text that looks like one of Slack's credentials. The requests of
// CloudTrail's own calls have none but by somebody's mistake.
func mask(v any) any {
	switch v := v.(type) {
	case map[string]any:
		return maskObject(v)
	case []any:
		for i := range v {
			v[i] = mask(v[i])
		}
	case string:
		if credential.Like(v) {
			return masked
		}
	}
	return v
}

func maskObject(object map[string]any) map[string]any {
	named := namesSecret(object)
	shown := make(map[string]any, len(object))
	for key, value := range object {
		switch {
		case credential.Like(key):
			key, value = masked, masked
		case secretive(key), named && strings.Contains(plainKey(key), "value"):
			value = masked
		default:
			value = mask(value)
		}
		shown[key] = value
	}
	return shown
}

// namesSecret reports whether the object is a pair whose name is that of a secret, such as {"key": "api_key", "value":
// …}, {"name": "DB_PASSWORD", "value": …} or {"parameterKey": "Secret", "parameterValue": …}.
func namesSecret(object map[string]any) bool {
	for key, value := range object {
		name, ok := value.(string)
		if key = plainKey(key); ok && (strings.HasSuffix(key, "key") || strings.HasSuffix(key, "name")) && secretive(name) {
			return true
		}
	}
	return false
}

func secretive(key string) bool {
	key = plainKey(key)
	for _, word := range []string{
		"password",
		"passwd",
		"passphrase",
		"pwd",
		"secret",
		"token",
		"accesskey",
		"credential",
		"privatekey",
		"apikey",
		"authorization",
		"webhook",
	} {
		if strings.Contains(key, word) {
			return true
		}
	}
	return false
}

// plainKey is a key without what tells its spellings apart: "X-Api_Key" is "xapikey".
func plainKey(key string) string {
	return strings.Map(func(r rune) rune {
		if r == '_' || r == '-' || r == '.' || r == ' ' {
			return -1
		}
		return r
	}, strings.ToLower(key))
}
