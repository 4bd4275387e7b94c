package expression

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"cel.dev/cel-go/common/types/ref"

	"trailkeeper/events/plain"
)

// errNoRecord is for JSON that is no CloudTrail record.
var errNoRecord = errors.New(
	"not a CloudTrail record: it has neither eventName and eventSource nor an eventType of AWS",
)

// errTooMany is for a text that would take much more memory than its length says.
var errTooMany = fmt.Errorf("of more than %d values, the most that are decoded", plain.MaxValues)

// Record is one CloudTrail record as expressions see it.
type Record struct {
	fields map[string]any
	value  ref.Val // fields, as expressions see them
	head   head
}

// Parse reads a record, bare or in the envelope of EventBridge.
func Parse(text []byte) (Record, error) {
	return parse(new(decoder), text)
}

// Reader parses one record after the other, and uses again what it made of the one before. Its zero value is ready.
type Reader struct{ decoder decoder }

// Parse is the function of that name. The record is valid until the next call; the texts that are taken of it stay.
func (r *Reader) Parse(text []byte) (Record, error) {
	r.decoder.spare.reuse()
	return parse(&r.decoder, text)
}

func parse(d *decoder, text []byte) (Record, error) {
	fields, err := objectIn(d, text)
	if err != nil {
		return Record{}, err
	}
	if detail, ok := fields["detail"].(map[string]any); ok && fields["eventName"] == nil {
		fields = detail
	}
	if !isRecord(fields) {
		return Record{}, errNoRecord
	}
	return of(fields), nil
}

// ParseFields reads a bare object of which nothing else is asked: the part of a record that a test needs.
func ParseFields(text []byte) (Record, error) {
	fields, err := objectIn(new(decoder), text)
	if err != nil {
		return Record{}, err
	}
	return of(fields), nil
}

func of(fields map[string]any) Record {
	return Record{fields, adapter{}.NativeToValue(fields), headOf(fields)}
}

// objectIn decodes an object, less what is null in it.
func objectIn(d *decoder, text []byte) (map[string]any, error) {
	if plain.HasTooMany(text) {
		return nil, errTooMany
	}
	if fields := d.decode(text); fields != nil {
		return fields, nil
	}
	return slowly(text)
}

// slowly is objectIn for every text.
func slowly(text []byte) (map[string]any, error) {
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	var value any
	if err := decoder.Decode(&value); err != nil {
		return nil, fmt.Errorf("not JSON: %w", err)
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("not JSON: there is more after the first value")
	}
	fields, ok := value.(map[string]any)
	if !ok {
		return nil, errors.New("not a record: it is no JSON object")
	}
	withoutNulls(fields)
	return fields, nil
}

func isRecord(fields map[string]any) bool {
	text := func(name string) string { s, _ := fields[name].(string); return s }
	return text("eventName") != "" && text("eventSource") != "" || strings.HasPrefix(text("eventType"), "Aws")
}

// withoutNulls takes out what is null: it is the same as missing.
func withoutNulls(value any) {
	switch v := value.(type) {
	case map[string]any:
		for name, inner := range v {
			if inner == nil {
				delete(v, name)
				continue
			}
			withoutNulls(inner)
		}
	case []any:
		for _, inner := range v {
			withoutNulls(inner)
		}
	}
}

// Text is the text at a path of the record, and empty where there is none.
func (r Record) Text(path ...string) string {
	var value any = r.fields
	for _, name := range path {
		fields, _ := value.(map[string]any)
		value = fields[name]
	}
	s, _ := value.(string)
	return s
}

// String is the record as JSON, its names in order.
func (r Record) String() string {
	text, err := json.Marshal(r.fields)
	if err != nil {
		return fmt.Sprint(r.fields) // what was decoded from JSON can be encoded
	}
	return string(text)
}
