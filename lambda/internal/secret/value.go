package secret

import "log/slog"

// Value is the secret's content. It prints as "[redacted]".
type Value struct {
	Webhook  Key // JSON key "webhook": the URL of a Slack incoming webhook
	BotToken Key // JSON key "bot_token": a Slack bot token
}

// Empty reports whether no key has a text.
func (v Value) Empty() bool { return v.Webhook.Empty() && v.BotToken.Empty() }

// Equal reports whether all texts are the same.
func (v Value) Equal(o Value) bool {
	return v.Webhook.Reveal() == o.Webhook.Reveal() && v.BotToken.Reveal() == o.BotToken.Reveal()
}

// Key is the text of one key. It prints as "[redacted]". The text is behind a pointer because fmt calls no method on an unexported field:
// in one, it shows an address. A Key cannot be compared with ==, which would compare addresses.
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
