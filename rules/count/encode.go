package count

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
)

// document is how a window is kept. Marks have, one behind the other: the milliseconds since the one before, times
// four, plus its use (a varint); eight bytes of the ID's hash; and eight of the value's.
type document struct {
	Floor int64  `json:"floor"`
	First int64  `json:"first"`
	Marks []byte `json:"marks"`
}

const (
	hashSize = 8
	// maxEncoded bounds what is decoded: nothing that was encoded is longer.
	maxEncoded = 300_000
	// maxTime is far beyond any year that CloudTrail can write, in milliseconds, and far from where sums overflow.
	maxTime = 1 << 50
)

// MarshalJSON encodes the window.
func (w Window) MarshalJSON() ([]byte, error) {
	d := document{Floor: w.floor}
	if len(w.marks) > 0 {
		d.First = w.marks[0].at
	}
	last := d.First
	for _, m := range w.marks {
		d.Marks = binary.AppendUvarint(d.Marks, uint64(m.at-last)<<2|uint64(m.use))
		last = m.at
		d.Marks = binary.BigEndian.AppendUint64(d.Marks, m.id)
		d.Marks = binary.BigEndian.AppendUint64(d.Marks, m.value)
	}
	text, err := json.Marshal(d)
	if err != nil {
		return nil, fmt.Errorf("encode a window of counted events: %w", err)
	}
	return text, nil
}

var errNoWindow = errors.New("not a window of counted events")

// UnmarshalJSON decodes a window that MarshalJSON has encoded. After an error the window is as it was.
func (w *Window) UnmarshalJSON(text []byte) error {
	if len(text) > maxEncoded {
		return fmt.Errorf("%w: it has %d bytes, more than %d", errNoWindow, len(text), maxEncoded)
	}
	var d document
	if err := json.Unmarshal(text, &d); err != nil {
		return fmt.Errorf("%w: %w", errNoWindow, err)
	}
	read := Window{floor: d.Floor}
	at := d.First
	for rest := d.Marks; len(rest) > 0; {
		step, n := binary.Uvarint(rest)
		if n <= 0 || len(rest) < n+2*hashSize || step > 4*maxTime || use(step&3) >= uses || at > maxTime || at < -maxTime {
			return errNoWindow
		}
		at += int64(step >> 2)
		read.marks = append(read.marks, mark{
			at:    at,
			id:    binary.BigEndian.Uint64(rest[n:]),
			value: binary.BigEndian.Uint64(rest[n+hashSize:]),
			use:   use(step & 3),
		})
		rest = rest[n+2*hashSize:]
	}
	if len(read.marks) > maxMarks || read.floor > maxTime || read.floor < -maxTime {
		return errNoWindow
	}
	read.marks = slices.Clip(read.marks)
	*w = read
	return nil
}
