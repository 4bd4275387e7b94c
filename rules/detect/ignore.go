package detect

import (
	"time"

	"go.yaml.in/yaml/v3"

	"trailkeeper/rules/expression"
)

// Ignore is a rule for records that nobody is notified of.
type Ignore struct {
	ID, File string
	Reason   string
	Owner    string
	Expires  string // YYYY-MM-DD, the last day that it counts; empty for always

	match *expression.Program
}

// expired reports whether the rule counts no longer on a day.
func (i *Ignore) expired(today string) bool { return i.Expires != "" && i.Expires < today }

// On is the set as it is on a day, YYYY-MM-DD, which an ignore rule that ended before it is no part of. The two share
// everything else, so that this costs little.
func (s *Set) On(today string) *Set {
	on := *s
	on.today, on.ignores = today, index{}
	for i, ignore := range s.Ignores {
		if !ignore.expired(today) {
			on.ignores.add(i, ignore.match)
		}
	}
	return &on
}

// ignore reads an ignore rule. Without an id it has the file's name.
func (l *loader) ignore(language *expression.Language, d *document, root *yaml.Node) {
	r := &reader{doc: d, language: language}
	m := d.mapping(root, "an ignore rule", "id", "match", "reason", "owner", "expires", "description")
	m.required("match", "reason", "owner")
	i := &Ignore{
		ID:      m.text("id"),
		File:    d.file,
		Reason:  m.text("reason"),
		Owner:   m.text("owner"),
		Expires: m.text("expires"),
		match:   r.expression(m.values["match"], expression.Condition),
	}
	checkID(m)
	if i.ID == "" {
		i.ID = base(d.file)
	}
	if _, err := time.Parse(time.DateOnly, i.Expires); i.Expires != "" && err != nil {
		d.report(m.values["expires"], "expires is %q; it must be a date such as 2027-01-31", short(i.Expires))
	}
	if !l.admitted(r, root, "ignore", i.ID, r.doc.name) {
		return
	}
	if i.expired(l.options.Today) {
		l.set.Warnings = append(l.set.Warnings, Problem{d.file, 1, 1, "the ignore rule " + i.ID + " of " + short(i.Owner) +
			" expired on " + i.Expires + " and no longer counts; remove it or renew it"})
	}
	l.set.Ignores = append(l.set.Ignores, i)
}
