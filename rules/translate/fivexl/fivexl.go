// Package fivexl translates what the Terraform module fivexl/cloudtrail-to-slack is given: rules and ignore rules,
// which are Python expressions, and the names of events to track.
//
// They come as Terraform, as Python, or as bare text. The package knows what the module makes of its arguments, and
// nothing of how it is deployed.
package fivexl

import (
	"encoding/json"
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"

	"trailkeeper/rules/translate"
	"trailkeeper/rules/translate/python"
	"trailkeeper/rules/translate/terraform"
)

// role is what a text is for.
type role string

const (
	rules   role = "rules"
	ignores role = "ignore_rules"
	events  role = "events_to_track"
	between role = "rules_separator"
)

// importer collects what the sources say.
type importer struct {
	set       *translate.Set
	separator string // of bare text, and of Terraform that names none
	counts    map[role]int
}

// Translate translates sources. The separator stands between the rules of a text that is one; it is a comma where it is
// empty.
func Translate(sources []translate.Source, separator string) *translate.Set {
	if separator == "" {
		separator = ","
	}
	i := &importer{
		set:       &translate.Set{},
		separator: separator,
		counts:    map[role]int{},
	}
	var configuration []translate.Source
	for _, s := range sources {
		switch kindOf(s) {
		case "terraform":
			configuration = append(configuration, s)
		case "json":
			i.variables(s)
		case "python":
			i.python(s)
		default:
			i.text(s)
		}
	}
	if len(configuration) > 0 {
		i.terraform(terraform.Read(configuration))
	}
	if len(i.set.Rules)+len(i.set.Ignores)+len(i.set.Events)+len(i.set.Refused) == 0 && len(sources) > 0 {
		i.set.Refuse(translate.Place{File: sources[0].Name, Line: 1},
			"there is nothing to translate: no rules, ignore_rules or events_to_track")
	}
	return i.set
}

var (
	isTerraform = regexp.MustCompile(
		`(?m)^\s*(?:(?:ignore_|cloudtrail_)?rules|events_to_track|rules_separator|locals?)\s*=|` +
			`^\s*(?:module\s+"[^"\n]*"|locals?)\s*\{`)
	isPython = regexp.MustCompile(`(?m)^\s*(?:[A-Za-z_]*(?:rules|events)[A-Za-z_]*\s*(?::[^=\n]*)?\+?=\s*[\[(]|` +
		`[A-Za-z_]*rules[A-Za-z_]*\.(?:append|extend)\()`)
)

// kindOf goes by the name of a file, and where that says nothing by what stands in it.
func kindOf(s translate.Source) string {
	switch name := strings.ToLower(s.Name); {
	case strings.HasSuffix(name, ".tf") || strings.HasSuffix(name, ".tfvars") || strings.HasSuffix(name, ".hcl"):
		return "terraform"
	case strings.HasSuffix(name, ".json"):
		return "json"
	case strings.HasSuffix(name, ".py"):
		return "python"
	case regexp.MustCompile(`(?m)^\s*[a-z_]*rules[a-z_]*\.(?:append|extend)\(`).MatchString(s.Text):
		return "python"
	case isTerraform.MatchString(s.Text):
		return "terraform"
	case isPython.MatchString(s.Text) || strings.HasPrefix(strings.TrimSpace(s.Text), "["):
		return "python"
	}
	return "text"
}

// terraform takes the arguments of modules, the values of variables, and locals that none of those has used.
func (i *importer) terraform(c *terraform.Config) {
	i.set.Refused = append(i.set.Refused, c.Problems...)
	for _, at := range c.Joined {
		i.set.Remark(at, "this text follows another without a comma: Terraform refuses that, and Python makes one text of "+
			"them; here they are joined, and if they are two rules, a comma is missing")
	}
	for _, b := range c.Blocks {
		if ours(b) {
			i.block(b)
		}
	}
	names := []string{string(rules), string(ignores), string(events)}
	for _, name := range c.Unused(names...) {
		v, at, err := c.Local(name)
		i.value(role(name), v, at, err, i.separator)
	}
}

// ours reports whether a block can be the module, or the values of its variables. Other modules have rules, too.
func ours(b terraform.Block) bool {
	if b.Type != "module" {
		return b.Type == ""
	}
	if b.Has("events_to_track") || b.Has("ignore_rules") || b.Has("rules_separator") || !b.Has("source") {
		return true
	}
	source, err := b.Value("source")
	return err != nil || strings.Contains(source.String(), "cloudtrail") ||
		strings.Contains(strings.Join(b.Labels, " "), "cloudtrail")
}

func (i *importer) block(b terraform.Block) {
	separator := i.separator
	if b.Has(string(between)) {
		v, err := b.Value(string(between))
		if err != nil {
			i.set.Refuse(b.At(string(between)), "rules_separator: %v", err)
		} else if text := v.String(); text != "" {
			separator = text
		}
	}
	for _, r := range []role{rules, ignores, events} {
		if b.Has(string(r)) {
			v, err := b.Value(string(r))
			i.value(r, v, b.At(string(r)), err, separator)
		}
	}
}

// value takes a text that is separated, or a list of texts of which each is one.
func (i *importer) value(r role, v terraform.Value, at translate.Place, err error, separator string) {
	if err != nil {
		i.set.Refuse(at, "%s: %v", r, err)
		return
	}
	if !v.IsList {
		i.separated(r, v.Pieces, separator)
		return
	}
	for _, one := range v.List {
		switch {
		case one.IsList:
			i.value(r, one, at, nil, separator)
		case r == events:
			i.separated(r, one.Pieces, separator)
		default:
			i.one(r, piecesOf(one.Pieces, "", true)[0])
		}
	}
}

// separated takes the rules or events of a text.
func (i *importer) separated(r role, pieces []terraform.Piece, separator string) {
	if r == events {
		for _, p := range piecesOf(pieces, ",", true) {
			i.one(r, p)
		}
		return
	}
	for _, p := range piecesOf(pieces, separator, false) {
		parts := apart(p, separator)
		if len(parts) > 1 {
			i.set.Remark(p.Place, "several rules stand here without a %s between them; each is taken for itself",
				separatorName(separator))
		}
		for _, part := range parts {
			i.one(r, part)
		}
	}
}

func separatorName(separator string) string {
	if separator == "," {
		return "comma"
	}
	return "separator"
}

// apart are the rules of a text that is none itself, where its lines or its parts between commas are rules.
func apart(p terraform.Piece, separator string) []terraform.Piece {
	if _, err := python.Translate(p.Text); err == nil || strings.TrimSpace(p.Text) == "" {
		return []terraform.Piece{p}
	}
	lines := piecesOf([]terraform.Piece{p}, "\n", true)
	lines = slices.DeleteFunc(lines, func(l terraform.Piece) bool { return strings.TrimSpace(l.Text) == "" })
	if !slices.ContainsFunc(lines, unsound) {
		return lines
	}
	commas := piecesOf([]terraform.Piece{p}, ",", true)
	if separator == "," && slices.ContainsFunc(commas, sound) {
		return commas
	}
	return []terraform.Piece{p}
}

func sound(p terraform.Piece) bool {
	_, err := python.Translate(strings.TrimSpace(p.Text))
	return err == nil
}

func unsound(p terraform.Piece) bool { return !sound(p) }

// one takes one rule or one name of an event.
func (i *importer) one(r role, p terraform.Piece) {
	text := strings.TrimSpace(p.Text)
	if text == "" {
		return
	}
	if r == events {
		i.event(text, p.Place)
		return
	}
	i.counts[r]++
	e, err := python.Translate(text)
	for _, first := range e.Joined {
		i.set.Remark(p.Place, "the text %.60q is followed by another without a comma, and Python makes one text of them; "+
			"if they are two, a comma is missing", first)
	}
	if err != nil {
		i.set.Refuse(p.Place, "%v: %s", err, translate.Excerpt(text))
		return
	}
	if r == ignores {
		i.set.Ignores = append(i.set.Ignores, translate.Ignore{
			Place:  p.Place,
			ID:     fmt.Sprintf("fivexl-ignore-%d", i.counts[r]),
			Reason: "imported: " + translate.Excerpt(text),
			Match:  e.Condition,
		})
		return
	}
	i.set.Rules = append(i.set.Rules, translate.Rule{
		Place:       p.Place,
		ID:          fmt.Sprintf("fivexl-rule-%d", i.counts[r]),
		Title:       "{{ record.eventName }} by {{ record.userIdentity.arn }}",
		Description: "Imported: " + text,
		Match:       e.Condition,
		Dedupe: &translate.Dedupe{ // as the module's threads are
			By:     []translate.Path{translate.Dotted("userIdentity.arn"), translate.Dotted("eventName")},
			Within: "15m",
		},
	})
}

var validEvent = regexp.MustCompile(`^[A-Za-z0-9._:-]{1,128}$`)

func (i *importer) event(text string, at translate.Place) {
	name := strings.Join(strings.Fields(text), "") // the module takes spaces out
	if !validEvent.MatchString(name) {
		i.set.Refuse(at, "%.60q is no name of an event", name)
		return
	}
	i.set.Events = append(i.set.Events, name)
}

// text takes bare text: names of events, or rules with the separator between them. Those of a file that is named for it
// are ignore rules.
func (i *importer) text(s translate.Source) {
	pieces := []terraform.Piece{{Text: s.Text, Place: translate.Place{File: s.Name, Line: 1}}}
	r := rules
	if strings.Contains(strings.ToLower(path.Base(s.Name)), "ignore") {
		r = ignores
	}
	names := piecesOf(linesApart(pieces), ",", true)
	if !slices.ContainsFunc(names, func(p terraform.Piece) bool {
		name := strings.TrimSpace(p.Text)
		return name != "" && !validEvent.MatchString(name)
	}) {
		for _, p := range names {
			i.one(events, p)
		}
		return
	}
	i.separated(r, withoutComments(pieces), i.separator)
}

// variables takes the values of variables in JSON.
func (i *importer) variables(s translate.Source) {
	at := translate.Place{File: s.Name, Line: 1}
	var all map[string]json.RawMessage
	if strings.HasPrefix(strings.TrimSpace(s.Text), "[") {
		i.python(s)
		return
	}
	if err := json.Unmarshal([]byte(s.Text), &all); err != nil {
		i.set.Refuse(at, "not JSON: %v", err)
		return
	}
	separator := i.separator
	if text := textsIn(all[string(between)]); len(text) == 1 && text[0] != "" {
		separator = text[0]
	}
	for _, r := range []role{rules, ignores, events} {
		key := strings.Index(s.Text, `"`+string(r)+`"`)
		at.Line = 1 + strings.Count(s.Text[:max(0, key)], "\n")
		texts := textsIn(all[string(r)])
		isList := strings.HasPrefix(strings.TrimSpace(string(all[string(r)])), "[")
		v := terraform.Value{IsList: isList}
		for _, t := range texts {
			piece := []terraform.Piece{{Text: t, Place: at}}
			v.Pieces = piece
			v.List = append(v.List, terraform.Value{Pieces: piece})
		}
		if len(texts) > 0 {
			i.value(r, v, at, nil, separator)
		}
	}
}

func textsIn(raw json.RawMessage) []string {
	var one string
	var many []string
	if json.Unmarshal(raw, &one) == nil && raw != nil {
		return []string{one}
	}
	_ = json.Unmarshal(raw, &many) // what is neither is no rule
	return many
}
