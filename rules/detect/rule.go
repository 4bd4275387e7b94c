// Package detect applies rules to CloudTrail records: it reads the rule files, checks everything in them at once, and
// says which rules match a record.
//
// It decides nothing about what to do with a match: it counts nothing, remembers nothing, and knows no channel, clock
// or network. What a rule's templates give is as the record has it, bounded but not escaped: what renders it does that.
package detect

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"

	"go.yaml.in/yaml/v3"

	"trailkeeper/rules"
	"trailkeeper/rules/expression"
)

// Problem is what is wrong at one place of a file. Line and Column count from 1. Without a line, File is what stands in
// no file, such as a setting.
type Problem struct {
	File         string
	Line, Column int
	Reason       string
}

func (p Problem) Error() string {
	if p.Line == 0 {
		return p.File + ": " + p.Reason
	}
	return fmt.Sprintf("%s:%d:%d: %s", p.File, p.Line, p.Column, p.Reason)
}

// Rule is one rule as its file has it.
type Rule struct {
	ID          string
	File        string
	BuiltIn     bool
	Description string
	Route       string
	Runbook     string
	References  []string
	Author      string
	License     string
	// Off says why the rule is not applied, and is empty where it is.
	Off string
	// Threshold says how often the rule must match before that is worth a message; nil for every time.
	Threshold *Threshold
	// Pattern is the EventBridge pattern of the rule's file, as JSON, which narrows what is delivered for it; nil where
	// there is none.
	Pattern []byte
	// Accounts is what accounts.yaml says of the rule, by account.
	Accounts []AccountSwitch

	setting        Switch // what the settings say; whether it is on is in Off
	title, summary template
	severity       severity
	match          *expression.Program
	dedupe         []*expression.Program
	dedupeWithin   int
	tests          []ruleTest
}

// Threshold says how often a rule must match before that is worth a message.
type Threshold struct {
	Count  int // matches, or different values of what distinct says
	Within int // seconds

	by       []*expression.Program
	distinct *expression.Program
}

// severities are in order, the lowest first.
var severities = []string{"low", "medium", "high", "critical"}

// severity is a constant or an expression.
type severity struct {
	constant string
	program  *expression.Program
}

var validID = lazy(`^[a-z0-9]+(-[a-z0-9]+)*$`)

// lazy is an expression that is compiled when it is first needed: to read files, and in no function.
func lazy(text string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(text) })
}

const maxID = 80

// ruleKeys are what a rule file may have, and testKeys and expectKeys what stands in its tests.
var (
	ruleKeys = []string{
		"id", "title", "severity", "match", "summary", "description", "enabled", "pattern", "dedupe", "threshold", "route",
		"runbook", "references", "author", "license", "tests",
	}
	testKeys   = []string{"name", "record", "file", "expect"}
	expectKeys = []string{"match", "title", "severity", "dedupe"}
)

// reader reads the files of one set.
type reader struct {
	doc      *document
	language *expression.Language
	missing  []missingList // that expressions of this file ask for
	// parameters are those of accounts that they look at.
	parameters []string
}

// missingList is a list that there is not, and where it is asked for.
type missingList struct {
	name string
	at   Problem
}

func (r *reader) rule(root *yaml.Node) *Rule {
	m := r.doc.mapping(root, "a rule", ruleKeys...)
	m.required("id", "title", "severity", "match")
	rule := &Rule{
		ID:          m.text("id"),
		File:        r.doc.file,
		Description: m.text("description"),
		Route:       m.text("route"),
		Runbook:     m.text("runbook"),
		References:  values(m.texts("references")),
		Author:      m.text("author"),
		License:     m.text("license"),
	}
	checkID(m)
	if !m.flag("enabled", true) {
		rule.Off = "enabled is false"
	}
	rule.match = r.expression(m.values["match"], expression.Condition)
	rule.title, rule.summary = r.template(m, "title"), r.template(m, "summary")
	rule.severity = severityOf(r, m)
	rule.Pattern = readPattern(r.doc, m.values["pattern"])
	readDedupe(r, m.values["dedupe"], rule)
	readThreshold(r, m.values["threshold"], rule)
	readTests(r.doc, m.values["tests"], rule)
	return rule
}

func checkID(m mapping) {
	if id := m.text("id"); m.values["id"] != nil && (len(id) > maxID || !validID().MatchString(id)) {
		m.in.report(m.values["id"], "the id is %q; it must be lower-case words joined by \"-\", at most %d characters",
			short(id), maxID)
	}
}

// expression compiles the text of a node. What is wrong in it is reported where it stands in the file.
func (r *reader) expression(node *yaml.Node, kind expression.Kind) *expression.Program {
	if node == nil {
		return nil
	}
	if node.Kind != yaml.ScalarNode {
		r.doc.report(node, "an expression must be a text")
		return nil
	}
	return r.compiled(node, node.Value, 0, kind)
}

// compiled is the program of a piece of a node's text, which begins at a byte of it.
func (r *reader) compiled(node *yaml.Node, source string, from int, kind expression.Kind) *expression.Program {
	program, missing, problems := r.language.Compile(source, kind)
	for _, p := range problems {
		r.doc.reportIn(node, from+offsetOf(source, p.Line, p.Column), p.Reason)
	}
	for _, list := range missing {
		at := r.doc.place(node, from+offsetOf(source, list.Line, list.Column))
		r.missing = append(r.missing, missingList{list.Name, at})
	}
	if program != nil {
		r.parameters = append(r.parameters, program.Parameters()...)
	}
	return program
}

// offsetOf is the byte at a line and a column, which counts characters.
func offsetOf(text string, line, column int) int {
	offset := 0
	for ; line > 1; line-- {
		end := strings.IndexByte(text[offset:], '\n')
		if end < 0 {
			return len(text)
		}
		offset += end + 1
	}
	for i := range text[offset:] {
		if column--; column == 0 {
			return offset + i
		}
	}
	return len(text)
}

func severityOf(r *reader, m mapping) severity {
	word := m.text("severity")
	switch {
	case word == "" || slices.Contains(severities, word):
		return severity{constant: word}
	case validID().MatchString(word):
		r.doc.report(m.values["severity"], "the severity is %q; it must be low, medium, high, critical or an expression",
			short(word))
		return severity{}
	}
	return severity{program: r.expression(m.values["severity"], expression.Text)}
}

func readPattern(d *document, node *yaml.Node) []byte {
	if node == nil {
		return nil
	}
	text, err := asJSON(node)
	if node.Kind == yaml.ScalarNode {
		text = []byte(node.Value)
	}
	if err == nil {
		_, err = rules.ParsePattern(text)
	}
	if err != nil {
		d.report(node, "the pattern is none of EventBridge: %v", err)
		return nil
	}
	return text
}

// expressions are the values of a key, which is one expression or a list of them.
func (r *reader) expressions(m mapping, key string) []*expression.Program {
	var all []*expression.Program
	for _, node := range m.texts(key) {
		all = append(all, r.expression(node, expression.Value))
	}
	return all
}

const hour = 3600

func readDedupe(r *reader, node *yaml.Node, rule *Rule) {
	if node == nil {
		return
	}
	m := r.doc.mapping(node, "dedupe", "by", "within")
	m.required("by")
	rule.dedupe, rule.dedupeWithin = r.expressions(m, "by"), m.within(hour)
}

func readThreshold(r *reader, node *yaml.Node, rule *Rule) {
	if node == nil {
		return
	}
	m := r.doc.mapping(node, "threshold", "count", "within", "by", "distinct")
	m.required("count", "within")
	rule.Threshold = &Threshold{
		Count:    m.number("count", 2, 10_000, 2),
		Within:   m.within(hour),
		by:       r.expressions(m, "by"),
		distinct: r.expression(m.values["distinct"], expression.Value),
	}
}
