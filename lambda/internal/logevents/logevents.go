// Package logevents reads what a subscription of CloudWatch Logs sends to a function: log events of one log stream,
// packed with gzip and in base64 (CloudWatch Logs User Guide, "Real-time processing of log data with subscriptions").
//
// It reads what the batch says of itself, and none of the log events: those are for package events/read. What it reads
// is a hint: whoever may invoke the function can write it, so that everything is bounded and nothing is believed.
package logevents

import (
	"bytes"
	"cmp"
	"compress/gzip"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// ErrOther says that a payload is nothing that a subscription sends.
var ErrOther = errors.New("nothing that a subscription of CloudWatch Logs sends")

const (
	// MaxText bounds a batch, in bytes after unpacking. An asynchronous invocation takes 1 MB of base64 (AWS Lambda
	// Developer Guide, "Lambda quotas"), which a text of records packs into some 20 MB.
	MaxText = 64 << 20
	// maxValue bounds one value, in bytes: a log event has 1 MB at most (CloudWatch Logs User Guide, "CloudWatch Logs
	// quotas"), of which each byte may be escaped.
	maxValue = 8 << 20
	maxDepth = 32
	maxName  = 512 // of a log group and of a log stream (CloudWatch Logs API reference, CreateLogStream)
)

// Batch is what one payload holds.
type Batch struct {
	Owner  string // the account of the log group
	Group  string
	Stream string
	// Control says that CloudWatch Logs only asks whether the function can be reached; there is no record in it.
	Control bool
	// Packed is the whole text, as it was packed with gzip.
	Packed []byte
}

// The types of messages.
const (
	dataMessage    = "DATA_MESSAGE"
	controlMessage = "CONTROL_MESSAGE"
)

// Is reports whether a payload is of the form that a subscription sends, whatever is in it.
func Is(payload []byte) bool {
	_, is := data(payload)
	return is
}

// Read reads a payload. The error wraps ErrOther where it is not of that form.
func Read(payload []byte) (Batch, error) {
	encoded, is := data(payload)
	if !is {
		return Batch{}, ErrOther
	}
	packed, err := base64.StdEncoding.DecodeString(encoded)
	if err != nil {
		return Batch{}, fmt.Errorf("awslogs.data is not base64: %w", err)
	}
	unpacked, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		return Batch{}, fmt.Errorf("awslogs.data is not packed with gzip: %w", err)
	}
	b := Batch{Packed: packed}
	kind, err := b.head(unpacked)
	switch {
	case err != nil:
		return Batch{}, fmt.Errorf("awslogs.data: %w", err)
	case kind == controlMessage:
		b.Control = true
	case kind != dataMessage:
		return Batch{}, fmt.Errorf("awslogs.data has the messageType %.40q; want %s or %s", kind, dataMessage, controlMessage)
	case b.Owner == "" || b.Group == "":
		return Batch{}, errors.New("awslogs.data has not both owner and logGroup")
	}
	return b, nil
}

func data(payload []byte) (encoded string, is bool) {
	var p struct {
		Logs *struct {
			Data *string `json:"data"`
		} `json:"awslogs"`
	}
	if json.Unmarshal(payload, &p) != nil || p.Logs == nil || p.Logs.Data == nil {
		return "", false
	}
	return *p.Logs.Data, true
}

// head reads the members beside the log events, which AWS writes before these, and skips what stands between.
func (b *Batch) head(text io.Reader) (kind string, err error) {
	in := &bounded{in: text, all: MaxText, left: maxValue}
	d := json.NewDecoder(in)
	if t, err := d.Token(); err != nil || t != json.Delim('{') {
		return "", cmp.Or(err, errors.New("it is no JSON object"))
	}
	fields := map[string]*string{"messageType": &kind, "owner": &b.Owner, "logGroup": &b.Group, "logStream": &b.Stream}
	for len(fields) > 0 && d.More() {
		key, err := d.Token()
		if err != nil {
			return "", err
		}
		name, _ := key.(string)
		value, err := skip(d, in)
		if err != nil {
			return "", err
		}
		if field := fields[name]; field != nil {
			if *field, _ = value.(string); len(*field) > maxName {
				return "", fmt.Errorf("its %s has %d bytes; want at most %d", name, len(*field), maxName)
			}
			delete(fields, name)
		}
	}
	return kind, nil
}

// skip reads one value, of which at most one part is in memory, and returns what it is if it has no parts.
func skip(d *json.Decoder, in *bounded) (json.Token, error) {
	for depth := 0; ; {
		in.left = maxValue
		t, err := d.Token()
		if err != nil {
			return nil, err
		}
		switch t {
		case json.Delim('{'), json.Delim('['):
			depth++
		case json.Delim('}'), json.Delim(']'):
			depth--
		}
		if depth > maxDepth {
			return nil, fmt.Errorf("its values are nested more than %d deep", maxDepth)
		}
		if depth == 0 {
			return t, nil
		}
	}
}

// bounded ends with an error where the whole or a value is too long.
type bounded struct {
	in   io.Reader
	all  int64 // bytes that the whole may still have
	left int64 // and the value
}

func (b *bounded) Read(p []byte) (n int, err error) {
	if b.left <= 0 {
		return 0, fmt.Errorf("a value in it has more than %d MiB", maxValue>>20)
	}
	p = p[:min(int64(len(p)), b.left)]
	// The decoder goes over blanks once more after each read: it is given as much as it has room for.
	for n < len(p) && err == nil {
		more := 0
		more, err = b.in.Read(p[n:])
		n += more
	}
	b.left -= int64(n)
	if b.all -= int64(n); b.all < 0 {
		return 0, fmt.Errorf("it unpacks to more than %d MiB", MaxText>>20)
	}
	return n, err
}
