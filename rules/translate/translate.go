// Package translate writes rules of other systems as rule files, with tests made of what they ask for.
//
// It has what the translators share: what a condition is, how it is written, and the files. It knows no syntax but that
// of the rules, and no network, clock or disk: what it writes is a set of files, which its caller puts somewhere.
package translate

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Place is a line of a source file, which counts from 1.
type Place struct {
	File string
	Line int
}

func (p Place) String() string { return p.File + ":" + strconv.Itoa(p.Line) }

// Note is what there is to say of a place.
type Note struct {
	Place
	Text string
}

func (n Note) Error() string { return n.Place.String() + ": " + n.Text }

// Source is a file to translate. Name is what it is called by in notes and in the files that are written.
type Source struct{ Name, Text string }

// Rule is a rule in the words of the rule files. All but Title, Match and Place may be missing; without a severity it
// is medium.
type Rule struct {
	Place

	ID          string // made of the title where it is missing
	Title       string
	Severity    string
	Description string
	Match       Condition
	Silent      bool // the rule is off
	Threshold   *Threshold
	Dedupe      *Dedupe
	References  []string
	Author      string
	License     string
}

// Threshold says how often a rule must match. Within is a time such as 10m; By and Distinct are fields.
type Threshold struct {
	Count    int
	Within   string
	By       []Path
	Distinct *Path
}

// Dedupe says which records are one matter. Within is a time such as 10m.
type Dedupe struct {
	By     []Path
	Within string
}

// Ignore is a rule for records that nobody is notified of.
type Ignore struct {
	Place

	ID     string
	Reason string
	Match  Condition
}

// Set is what sources say.
type Set struct {
	Rules   []Rule
	Ignores []Ignore
	Events  []string // names of events to track
	Lists   []List

	// Refused is what could not be translated, and Remarks what was and should be looked at.
	Refused, Remarks []Note
}

// List is a named list that rules ask for. Its values are not known: it is written without any.
type List struct {
	Place

	Name string
}

// Refuse notes what could not be translated.
func (s *Set) Refuse(at Place, format string, args ...any) {
	s.Refused = append(s.Refused, Note{at, fmt.Sprintf(format, args...)})
}

// Remark notes what should be looked at.
func (s *Set) Remark(at Place, format string, args ...any) {
	s.Remarks = append(s.Remarks, Note{at, fmt.Sprintf(format, args...)})
}

const maxID = 72

// Slug is an ID made of a title: lower-case words joined by "-", and empty where the title has none.
func Slug(title string) string {
	words := strings.FieldsFunc(strings.ToLower(title), func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < '0' || r > '9')
	})
	id := ""
	for _, w := range words {
		if len(id)+1+len(w) > maxID {
			break
		}
		id = strings.TrimPrefix(id+"-"+w, "-")
	}
	return id
}

// Excerpt is a text of a source on one line, as long as a message can have it.
func Excerpt(text string) string {
	const limit = 160
	runes := []rune(strings.Join(strings.Fields(text), " "))
	if len(runes) > limit {
		return string(runes[:limit-1]) + "…"
	}
	return string(runes)
}

// name gives every rule and ignore rule an ID that no other has, and no taken one is.
func (s *Set) name(taken []string) {
	rules := newNames(taken)
	for i := range s.Rules {
		r := &s.Rules[i]
		if r.ID == "" {
			r.ID = Slug(r.Title)
		}
		r.ID = rules.unique(r.ID, "rule")
	}
	ignores := newNames(nil)
	for i := range s.Ignores {
		s.Ignores[i].ID = ignores.unique(s.Ignores[i].ID, "ignore")
	}
	slices.Sort(s.Events)
	s.Events = slices.Compact(s.Events)
}

type names map[string]bool

func newNames(taken []string) names {
	n := names{}
	for _, one := range taken {
		n[one] = true
	}
	return n
}

// unique is the name, with a number where it is taken.
func (n names) unique(name, otherwise string) string {
	if name == "" {
		name = otherwise
	}
	id := name
	for i := 2; n[id]; i++ {
		id = name + "-" + strconv.Itoa(i)
	}
	n[id] = true
	return id
}
