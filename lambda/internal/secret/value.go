package secret

import (
	"encoding/json"
	"log/slog"
	"strings"
)

// The JSON keys that every deployment may use. A route names further ones, each with the URL of an incoming webhook.
const (
	KeyWebhook  = "webhook"
	keyBotToken = "bot_token"
)

// Value is the secret's content. It prints as "[redacted]".
type Value struct {
	Webhook  Key // under KeyWebhook: the URL of a Slack incoming webhook
	BotToken Key // under keyBotToken: a Slack bot token
	// others has the other texts as a JSON object, sorted. It is a Key because a JSON key, too, can be a credential that
	// somebody put in the wrong place.
	others Key
}

// NewValue returns the value with these texts by their JSON keys. Blanks around a text are not part of it, and an empty
// one counts as missing.
func NewValue(texts map[string]string) Value {
	var v Value
	others := map[string]string{}
	for name, text := range texts {
		switch text = strings.TrimSpace(text); {
		case name == KeyWebhook:
			v.Webhook = NewKey(text)
		case name == keyBotToken:
			v.BotToken = NewKey(text)
		case text != "":
			others[name] = text
		}
	}
	if object, err := json.Marshal(others); err == nil && len(others) > 0 {
		v.others = NewKey(string(object))
	}
	return v
}

// Other is the text under any JSON key, KeyWebhook and keyBotToken included; it is empty where there is none.
func (v Value) Other(name string) Key {
	switch name {
	case KeyWebhook:
		return v.Webhook
	case keyBotToken:
		return v.BotToken
	}
	var others map[string]string
	if v.others.Empty() || json.Unmarshal([]byte(v.others.Reveal()), &others) != nil {
		return Key{}
	}
	return NewKey(others[name])
}

// Empty reports whether neither KeyWebhook nor keyBotToken has a text.
func (v Value) Empty() bool { return v.Webhook.Empty() && v.BotToken.Empty() }

// Equal reports whether all texts are the same, also those of other keys.
func (v Value) Equal(o Value) bool {
	return v.Webhook.equal(o.Webhook) && v.BotToken.equal(o.BotToken) && v.others.equal(o.others)
}

// Key is the text of one key. It prints as "[redacted]". The text is behind a pointer because fmt calls no method on an
// unexported field: in one, it shows an address. A Key cannot be compared with ==, which would compare addresses.
type Key struct {
	_    [0]func()
	text *string
}

// NewKey returns the key with this text.
func NewKey(text string) Key {
	if text == "" {
		return Key{}
	}
	return Key{text: &text}
}

// Reveal is the text: the credential itself, never to be printed.
func (k Key) Reveal() string {
	if k.text == nil {
		return ""
	}
	return *k.text
}

// Empty reports whether there is no text.
func (k Key) Empty() bool { return k.text == nil }

func (k Key) equal(o Key) bool { return k.Reveal() == o.Reveal() }

const redacted = "[redacted]"

// String hides the value.
func (Value) String() string { return redacted }

// GoString hides the value.
func (Value) GoString() string { return redacted }

// LogValue hides the value.
func (Value) LogValue() slog.Value { return slog.StringValue(redacted) }

// MarshalJSON hides the value.
func (Value) MarshalJSON() ([]byte, error) { return []byte(`"` + redacted + `"`), nil }

// String hides the text.
func (Key) String() string { return redacted }

// GoString hides the text.
func (Key) GoString() string { return redacted }

// LogValue hides the text.
func (Key) LogValue() slog.Value { return slog.StringValue(redacted) }

// MarshalJSON hides the text.
func (Key) MarshalJSON() ([]byte, error) { return []byte(`"` + redacted + `"`), nil }
