package finding

import (
	"fmt"
	"slices"
	"strconv"
	"time"

	"trailkeeper/lambda/internal/sanitize"
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

// maxValues is how many values a note may have; a note of the catalogue has far fewer.
const maxValues = 16

func bounded(notes []Note, limit int) []Note {
	var all []Note
	for _, n := range notes[:min(len(notes), maxEntries)] {
		kept := Note{ID: NoteID(sanitize.Truncate(string(n.ID), MaxName))}
		for _, v := range n.Values[:min(len(n.Values), maxValues)] {
			kept.Values = append(kept.Values, sanitize.Truncate(v, limit))
		}
		all = append(all, kept)
	}
	return all
}
