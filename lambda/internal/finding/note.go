package finding

import (
	"fmt"
	"slices"
	"strconv"
	"time"
)

// NoteID names a statement of the catalogue, whose words package message holds. It is a closed set.
type NoteID string

// NoteText is a statement without words of the catalogue: its one value is the text. It is what an earlier version
// kept, or what an error says.
const NoteText NoteID = "text"

// Note is one statement about a finding: what the outcome means here, or what a human does next. Its values are as
// hostile as what they were made of.
type Note struct {
	ID     NoteID   `json:"id"`
	Values []string `json:"values,omitempty"`
}

// Say makes a note. A time.Time and a time.Duration are written as Time and Duration do, an error as its text, and a
// string as it is.
func Say(id NoteID, values ...any) Note {
	n := Note{ID: id}
	for _, v := range values {
		n.Values = append(n.Values, value(v))
	}
	return n
}

// Note adds a statement on what the outcome means here. One of an empty text says nothing.
func (n *Finding) Note(id NoteID, values ...any) { n.Notes = add(n.Notes, Say(id, values...)) }

// Advise adds a statement on what a human must do.
func (n *Finding) Advise(id NoteID, values ...any) { n.Next = add(n.Next, Say(id, values...)) }

func add(all []Note, n Note) []Note {
	if n.ID == NoteText && len(n.Values) == 1 && n.Values[0] == "" {
		return all
	}
	return append(slices.Clip(all), n) // findings are copied, and share their notes
}

func value(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case int:
		return strconv.Itoa(v)
	case time.Time:
		return Time(v)
	case time.Duration:
		return Duration(v)
	case error:
		return v.Error()
	}
	return fmt.Sprint(v)
}

// Duration writes d for people, with as many digits as mean something: "812 ms", "2.1 s", "34 s", "3 min 5 s", "2 h 3
// min".
func Duration(d time.Duration) string {
	itoa := func(d, unit time.Duration) string { return strconv.FormatInt(int64(d/unit), 10) }
	switch {
	case d < time.Millisecond:
		return "under 1 ms"
	case d < time.Second-time.Millisecond/2:
		return itoa(d.Round(time.Millisecond), time.Millisecond) + " ms"
	case d < 10*time.Second-50*time.Millisecond:
		return strconv.FormatFloat(d.Seconds(), 'f', 1, 64) + " s"
	case d.Round(time.Second) < time.Minute:
		return itoa(d.Round(time.Second), time.Second) + " s"
	case d.Round(time.Second) < time.Hour:
		d = d.Round(time.Second)
		return itoa(d, time.Minute) + " min" + rest(itoa(d%time.Minute, time.Second), " s")
	default:
		d = d.Round(time.Minute)
		return itoa(d, time.Hour) + " h" + rest(itoa(d%time.Hour, time.Minute), " min")
	}
}

func rest(n, unit string) string {
	if n == "0" {
		return ""
	}
	return " " + n + unit
}

// Time writes a time for people, in UTC; the zero time is "".
func Time(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format("2006-01-02 15:04:05 UTC")
}
