package detect

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"maps"
	"slices"
	"strings"

	"trailkeeper/rules/detect/wire"
	"trailkeeper/rules/expression"
)

// Encoded rules are a line that names them and the version of their form, a checksum of what follows (CRC-32, IEEE, big
// endian), and the form.
const (
	formName    = "trailkeeper rules "
	formVersion = "1"
	formStart   = formName + formVersion + "\n"
	sumSize     = 4
)

// Encode is the set as a function takes it in its asset: with expressions that are checked, and without the rules'
// tests and what was to warn of. The same rules give the same bytes.
func (s *Set) Encode() ([]byte, error) {
	f, err := wire.Write(func(f *wire.Form) { (&form{w: f}).set(s) })
	if err != nil {
		return nil, fmt.Errorf("the rules cannot be encoded: %w", err)
	}
	head := binary.BigEndian.AppendUint32([]byte(formStart), crc32.ChecksumIEEE(f))
	return append(head, f...), nil
}

// Decode is the set that was encoded; it decides, describes and explains as that does. It parses and checks no
// expression, and decodes one when a record first needs it. The checksum finds what was damaged; what was forged is not
// looked for, so that only the deployment's own asset may be given. Its ignore rules are those of the day that the set
// was loaded for; Set.On gives those of another.
func Decode(encoded []byte) (*Set, error) {
	line, rest, _ := strings.Cut(string(encoded[:min(len(encoded), len(formStart)+20)]), "\n")
	version, named := strings.CutPrefix(line, formName)
	switch {
	case !named || rest == "":
		return nil, errors.New("the function's rules are not in encoded form; deploy the function again")
	case version != formVersion:
		return nil, fmt.Errorf("the encoded rules have form %q, and this program reads form %s; deploy both together",
			short(version), formVersion)
	case len(encoded) < len(formStart)+sumSize:
		return nil, errors.New("the encoded rules are cut off; deploy the function again")
	}
	sum, document := encoded[len(formStart):len(formStart)+sumSize], encoded[len(formStart)+sumSize:]
	if binary.BigEndian.Uint32(sum) != crc32.ChecksumIEEE(document) {
		return nil, errors.New("the encoded rules are damaged: their checksum is wrong; deploy the function again")
	}
	s := &Set{}
	if err := wire.Read(document, func(f *wire.Form) { (&form{w: f}).set(s) }); err != nil {
		return nil, fmt.Errorf("the encoded rules are damaged: %w; deploy the function again", err)
	}
	return s.indexed(), nil
}

// form describes a set, for writing and for reading.
type form struct {
	w        *wire.Form
	language *expression.Language
}

func (f *form) set(s *Set) {
	f.lists(s)
	f.w.Text(&s.today)
	wire.List(f.w, &s.Rules, func(r **Rule) { wire.Value(f.w, r, f.rule) })
	wire.List(f.w, &s.Ignores, func(i **Ignore) { wire.Value(f.w, i, f.ignore) })
}

// lists are the named lists and the accounts' parameters, and on reading what expressions are planned with.
func (f *form) lists(s *Set) {
	names := slices.Sorted(maps.Keys(s.lists))
	if f.w.Texts(&names); f.w.Reading() {
		s.lists = map[string][]string{}
	}
	for _, name := range names {
		values := s.lists[name]
		if f.w.Texts(&values); f.w.Reading() {
			s.lists[name] = values
		}
	}
	if f.w.Text(&s.parameters); f.w.Reading() {
		f.language = expression.New(s.lists, "", s.parameters)
	}
}

func (f *form) rule(r *Rule) {
	for _, text := range []*string{
		&r.ID, &r.File, &r.Description, &r.Route, &r.Runbook, &r.Author, &r.License, &r.Off,
		&r.severity.constant,
	} {
		f.w.Text(text)
	}
	f.w.Flag(&r.BuiltIn)
	f.w.Texts(&r.References)
	f.template(&r.title)
	f.template(&r.summary)
	f.program(&r.severity.program)
	f.program(&r.match)
	f.programs(&r.dedupe)
	f.w.Number(&r.dedupeWithin)
	wire.Maybe(f.w, &r.Threshold, func(t *Threshold) {
		f.w.Number(&t.Count)
		f.w.Number(&t.Within)
		f.programs(&t.by)
		f.program(&t.distinct)
	})
	f.accounts(r)
	if f.w.Reading() && r.On() && r.match == nil {
		f.w.Fail(fmt.Errorf("the rule %s has no condition", short(r.ID)))
	}
}

// accounts are what is said of a rule outside of its file.
func (f *form) accounts(r *Rule) {
	f.w.Text(&r.setting.Severity)
	f.w.Text(&r.setting.Route)
	wire.List(f.w, &r.Accounts, func(s *AccountSwitch) {
		f.w.Text(&s.Account)
		f.w.Text(&s.Name)
		f.w.Text(&s.Severity)
		f.w.Text(&s.Route)
		wire.Maybe(f.w, &s.Enabled, f.w.Flag)
	})
}

func (f *form) ignore(i *Ignore) {
	for _, text := range []*string{&i.ID, &i.File, &i.Reason, &i.Owner, &i.Expires} {
		f.w.Text(text)
	}
	f.program(&i.match)
	if f.w.Reading() && i.match == nil {
		f.w.Fail(fmt.Errorf("the ignore rule %s has no condition", short(i.ID)))
	}
}

func (f *form) template(t *template) {
	wire.List(f.w, (*[]part)(t), func(p *part) {
		f.w.Text(&p.text)
		f.program(&p.program)
	})
}

func (f *form) programs(list *[]*expression.Program) { wire.List(f.w, list, f.program) }

// program is an expression, or none.
func (f *form) program(p **expression.Program) {
	there := *p != nil
	if f.w.Flag(&there); !there {
		return
	}
	var keys expression.Keys
	var checked string
	if !f.w.Reading() {
		text, err := (*p).Encode()
		if err != nil {
			f.w.Fail(err)
		}
		keys, checked = slices.Clone((*p).Keys), text
	}
	wire.List(f.w, (*[]expression.Key)(&keys), f.key)
	if f.w.Text(&checked); f.w.Reading() {
		*p = f.language.Decode(checked, keys)
	}
}

func (f *form) key(k *expression.Key) {
	field := int(k.Field)
	f.w.Number(&field)
	if f.w.Text(&k.Value); field >= int(expression.Fields) {
		f.w.Fail(fmt.Errorf("there is no key %d", field))
		return
	}
	k.Field = expression.Field(field)
}
