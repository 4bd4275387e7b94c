package notify

import (
	"bytes"
	"encoding/json"
)

// RequestText is the record's request as indented JSON with its secrets masked, cleaned and cut to at most most runes; "" where there
// is none. A request that is no JSON is not shown.
func (n Notification) RequestText(most int) string {
	v := n.request()
	if v == nil {
		return ""
	}
	b, err := encode(v, "  ")
	if err != nil {
		return ""
	}
	return Truncate(CleanLines(string(b)), most)
}

// RequestJSON is the record's request as compact JSON with its secrets masked. Where it has more than most bytes, an object in the form
// that CloudTrail itself uses says so instead. Without a request it is null.
func (n Notification) RequestJSON(most int) json.RawMessage {
	b, err := encode(n.request(), "")
	if err != nil {
		return json.RawMessage("null")
	}
	if b = []byte(CleanLines(string(b))); len(b) > most {
		return json.RawMessage(`{"omitted":true,"reason":"too large"}`)
	}
	return b
}

func (n Notification) request() any {
	if len(n.Request) == 0 {
		return nil
	}
	d := json.NewDecoder(bytes.NewReader(n.Request))
	d.UseNumber()
	var v any
	if d.Decode(&v) != nil {
		return nil
	}
	return mask(v)
}

// encode writes v with < > & as they are, and without a line break at the end. Objects are sorted by key.
func encode(v any, indent string) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", indent)
	err := e.Encode(v)
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), err
}
