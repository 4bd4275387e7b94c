// Package request shows the request of a record with its secrets masked.
//
// It knows no finding and escapes nothing for any format; what the request asks for is nothing to it.
package request

import (
	"bytes"
	"encoding/json"

	"trailkeeper/lambda/internal/sanitize"
)

// Text is a request as indented JSON with its secrets masked, cleaned and cut to at most limit runes;
// "" where there is none. A request that is no JSON is not shown.
func Text(raw json.RawMessage, limit int) string {
	v := decode(raw)
	if v == nil {
		return ""
	}
	b, err := encode(v, "  ")
	if err != nil {
		return ""
	}
	return sanitize.Truncate(sanitize.CleanLines(string(b)), limit)
}

// JSON is a request as compact JSON with its secrets masked. Where it has more than limit bytes, an
// object in the form that CloudTrail itself uses says so instead. Without a request it is null.
func JSON(raw json.RawMessage, limit int) json.RawMessage {
	b, err := encode(decode(raw), "")
	if err != nil {
		return json.RawMessage("null")
	}
	if b = []byte(sanitize.CleanLines(string(b))); len(b) > limit {
		return json.RawMessage(`{"omitted":true,"reason":"too large"}`)
	}
	return b
}

func decode(raw json.RawMessage) any {
	if len(raw) == 0 {
		return nil
	}
	d := json.NewDecoder(bytes.NewReader(raw))
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
