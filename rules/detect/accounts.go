package detect

import (
	"encoding/json"
	"io/fs"
	"maps"
	"math"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"trailkeeper/lambda/config/nearest"
	"trailkeeper/rules/expression"
)

// Switch is how a rule is to be other than its file says. What it does not say stays.
type Switch struct {
	Enabled  *bool
	Severity string // low, medium, high or critical
	Route    string
}

// or is the switch with what another says where it says nothing.
func (s Switch) or(other Switch) Switch {
	if s.Enabled == nil {
		s.Enabled = other.Enabled
	}
	if s.Severity == "" {
		s.Severity = other.Severity
	}
	if s.Route == "" {
		s.Route = other.Route
	}
	return s
}

// AccountSwitch is what accounts.yaml says of a rule in one account.
type AccountSwitch struct {
	Account string // 12 digits, or "default" for all that the file does not name
	Name    string // of the account
	Switch
}

// account is an account of accounts.yaml.
type account struct {
	file       string
	name       string
	parameters map[string]any
	switches   map[string]Switch     // by the IDs of rules
	places     map[string]*yaml.Node // of these
}

// accounts are those of accounts.yaml by their IDs.
type accounts map[string]*account

const accountsFile = "accounts.yaml"

var (
	validAccount   = lazy(`^[0-9]{12}$`)
	validParameter = lazy(`^[A-Za-z_][A-Za-z0-9_]*$`)
)

// reserved are the names that no parameter may have: the account's own, and the words of CEL.
var reserved = []string{"name", "true", "false", "null", "in"}

// accountsOf reads accounts.yaml. An account may stand in the file of one source.
func (l *loader) accountsOf(s Source) {
	if _, err := fs.Stat(s.Files, accountsFile); err != nil {
		return
	}
	l.file(s, accountsFile, func(d *document, root *yaml.Node) {
		members(d, root, accountsFile, `12-digit account IDs or "default"`, func(key, value *yaml.Node) {
			l.accounts.read(d, key, value)
		})
	})
}

func (all accounts) read(d *document, key, value *yaml.Node) {
	if key.Value != expression.OtherAccounts && !validAccount().MatchString(key.Value) {
		d.report(key, "%q is no account; a key is a 12-digit ID, or %q", short(key.Value),
			expression.OtherAccounts)
		return
	}
	if first := all[key.Value]; first != nil {
		d.report(key, "the account %s is also in %s; remove one", key.Value, first.file)
		return
	}
	m := d.mapping(value, "an account", "name", "parameters", "rules")
	a := &account{
		file:       d.file,
		name:       m.text("name"),
		parameters: map[string]any{},
		switches:   map[string]Switch{},
		places:     map[string]*yaml.Node{},
	}
	if a.name != "" {
		a.parameters["name"] = a.name
	}
	members(d, m.values["parameters"], "parameters", "names of parameters", func(key, value *yaml.Node) {
		a.parameter(d, key, value)
	})
	members(d, m.values["rules"], "rules", "IDs of rules", func(key, value *yaml.Node) { a.rule(d, key, value) })
	all[key.Value] = a
}

// members visits an object whose keys are not known beforehand.
func members(d *document, node *yaml.Node, what, keys string, visit func(key, value *yaml.Node)) {
	if node == nil {
		return
	}
	if node.Kind != yaml.MappingNode {
		d.report(node, "%s must be an object whose keys are %s", what, keys)
		return
	}
	there := map[string]bool{}
	for i := 0; i+1 < len(node.Content); i += 2 {
		key := node.Content[i]
		if there[key.Value] {
			d.report(key, "the key %q is there twice", short(key.Value))
			continue
		}
		there[key.Value] = true
		visit(key, node.Content[i+1])
	}
}

func (a *account) parameter(d *document, key, of *yaml.Node) {
	if !validParameter().MatchString(key.Value) || slices.Contains(reserved, key.Value) {
		d.report(key, "a parameter cannot be called %q; use a word of letters, digits and \"_\" other than %s",
			short(key.Value), strings.Join(reserved, ", "))
		return
	}
	value, ok := parameterOf(of)
	if !ok {
		d.report(of, "the parameter %s must be a text, a number, true or false, or a list of one kind of these; an "+
			"account ID, or another text of digits, stands in quotes", short(key.Value))
		return
	}
	a.parameters[key.Value] = value
}

// parameterOf is a scalar, or a list of scalars of one kind.
func parameterOf(node *yaml.Node) (any, bool) {
	if node.Kind == yaml.SequenceNode {
		list := []any{}
		for _, one := range node.Content {
			value, ok := scalarOf(one)
			if !ok || kindOf(one) != kindOf(node.Content[0]) {
				return nil, false
			}
			list = append(list, value)
		}
		return list, true
	}
	return scalarOf(node)
}

// scalarOf reads no infinite number, and none that is likely to be a text: an account ID, or digits that begin with 0.
func scalarOf(node *yaml.Node) (any, bool) {
	if node.Kind != yaml.ScalarNode || node.Tag == "!!null" {
		return nil, false
	}
	if digits := strings.Trim(node.Value, "0123456789") == ""; digits && kindOf(node) == "number" &&
		(validAccount().MatchString(node.Value) || len(node.Value) > 1 && node.Value[0] == '0') {
		return nil, false
	}
	value, err := plain(node)
	if f, ok := value.(float64); ok && (math.IsInf(f, 0) || math.IsNaN(f)) {
		return nil, false
	}
	return value, err == nil
}

// kindOf is the kind of a scalar: whole numbers and others are numbers, and times are texts.
func kindOf(node *yaml.Node) string {
	switch node.Tag {
	case "!!int", "!!float":
		return "number"
	case "!!bool":
		return "truth"
	}
	return "text"
}

func (a *account) rule(d *document, key, of *yaml.Node) {
	m := d.mapping(of, "a rule of an account", "enabled", "severity", "route")
	s := Switch{Severity: m.text("severity"), Route: m.text("route")}
	if m.values["enabled"] != nil {
		enabled := m.flag("enabled", true)
		s.Enabled = &enabled
	}
	if wrong := s.wrong(); wrong != "" {
		d.report(m.values["severity"], "%s", wrong)
		return
	}
	a.switches[key.Value], a.places[key.Value] = s, key
}

// wrong says what is wrong in a switch.
func (s Switch) wrong() string {
	if s.Severity == "" || slices.Contains(severities, s.Severity) {
		return ""
	}
	return "the severity is \"" + short(s.Severity) + "\"; it must be low, medium, high or critical"
}

// parameters are those of all accounts as the language takes them.
func (all accounts) parameters() (string, error) {
	if len(all) == 0 {
		return "", nil
	}
	fields := map[string]map[string]any{}
	for id, a := range all {
		fields[id] = a.parameters
	}
	text, err := json.Marshal(fields)
	return string(text), err
}

// unknown are those of the parameters that a rule looks at which no account has: such a one is missing everywhere.
func (all accounts) unknown(r *reader) []Problem {
	names := map[string]bool{}
	for _, a := range all {
		for name := range a.parameters {
			names[name] = true
		}
	}
	var warnings []Problem
	for _, name := range slices.Compact(slices.Sorted(slices.Values(r.parameters))) {
		if !names[name] {
			warnings = append(warnings, Problem{r.doc.file, 1, 1, "no account has the parameter \"" + short(name) + "\"" +
				nearest.Mean(name, slices.Sorted(maps.Keys(names))) + "; set it in accounts.yaml, or it is missing everywhere"})
		}
	}
	return warnings
}

// switches gives each rule what the settings and the accounts say of it.
func (l *loader) switches() {
	for _, id := range slices.Sorted(maps.Keys(l.options.Switches)) {
		s, at := l.options.Switches[id], Problem{File: "watch.rules." + short(id)}
		rule := l.switched(id, at)
		if at.Reason = s.wrong(); at.Reason != "" {
			l.problems = append(l.problems, at)
		} else if rule != nil {
			rule.set(s, l.options.All)
		}
	}
	for _, id := range slices.Sorted(maps.Keys(l.accounts)) {
		a := l.accounts[id]
		for _, ruleID := range slices.Sorted(maps.Keys(a.switches)) {
			at := a.places[ruleID]
			if rule := l.switched(ruleID, Problem{a.file, at.Line, at.Column, ""}); rule != nil {
				rule.setIn(AccountSwitch{id, a.name, a.switches[ruleID]}, l.options.All)
			}
		}
	}
}

// switched is the rule of an ID that is switched somewhere. One that there is not is a problem, or worth a warning
// where the built-in rules are left out; one that is wrong is neither.
func (l *loader) switched(id string, at Problem) *Rule {
	if i := slices.IndexFunc(l.set.Rules, func(r *Rule) bool { return r.ID == id }); i >= 0 {
		return l.set.Rules[i]
	}
	var ids []string
	for place := range l.places {
		if known, ok := strings.CutPrefix(place, "rule "); ok {
			ids = append(ids, known)
		}
	}
	if slices.Contains(ids, id) {
		return nil
	}
	at.Reason = "there is no rule \"" + short(id) + "\"" + nearest.Mean(id, slices.Sorted(slices.Values(ids)))
	if l.withBuiltIn {
		l.problems = append(l.problems, at)
	} else {
		l.set.Warnings = append(l.set.Warnings, at)
	}
	return nil
}

// set is what the settings say of the rule, of all accounts.
func (r *Rule) set(s Switch, all bool) {
	r.setting = Switch{Severity: s.Severity, Route: s.Route}
	switch {
	case s.Enabled == nil || all || r.match == nil:
	case *s.Enabled:
		r.Off = ""
	default:
		r.Off = "the settings switch it off"
	}
}

// setIn is what accounts.yaml says of the rule in an account.
func (r *Rule) setIn(s AccountSwitch, all bool) {
	if all || r.match == nil {
		s.Enabled = nil
	}
	r.Accounts = append(r.Accounts, s)
}

// in is what is said of the rule where a record is from: by its account, else by all that accounts.yaml does not name,
// else by the settings.
func (r *Rule) in(record expression.Record) Switch {
	if len(r.Accounts) == 0 {
		return r.setting
	}
	said := r.setting
	for _, account := range []string{expression.OtherAccounts, record.Text("recipientAccountId")} {
		i, there := slices.BinarySearchFunc(r.Accounts, account, func(s AccountSwitch, id string) int {
			return strings.Compare(s.Account, id)
		})
		if there {
			said = r.Accounts[i].or(said)
		}
	}
	return said
}

// on reports whether the rule is applied to a record.
func (r *Rule) on(record expression.Record) bool {
	if len(r.Accounts) > 0 {
		if s := r.in(record); s.Enabled != nil {
			return *s.Enabled
		}
	}
	return r.Off == ""
}

// On reports whether the rule is applied to the records of any account.
func (r *Rule) On() bool {
	return r.Off == "" || slices.ContainsFunc(r.Accounts, func(s AccountSwitch) bool {
		return s.Enabled != nil && *s.Enabled
	})
}
