package detect

import (
	"fmt"
	"io/fs"
	"path"
	"strings"

	"go.yaml.in/yaml/v3"

	"trailkeeper/rules/expression"
)

// ruleTest is one test of a rule file.
type ruleTest struct {
	name         string
	line, column int
	file         string // of the record; empty where the record stands in the test
	record       expression.Record
	match        bool
	want         map[string]string // title, severity and dedupe, where the test says them
}

func readTests(d *document, node *yaml.Node, rule *Rule) {
	if node == nil {
		return
	}
	if node.Kind != yaml.SequenceNode {
		d.report(node, "tests must be a list of objects with the keys %s", strings.Join(testKeys, ", "))
		return
	}
	for _, one := range node.Content {
		m := d.mapping(one, "a test", testKeys...)
		m.required("name", "expect")
		test := ruleTest{
			name:   m.text("name"),
			file:   m.text("file"),
			line:   one.Line,
			column: one.Column,
		}
		if (m.values["record"] == nil) == (test.file == "") {
			d.report(one, "a test has either a record or a file")
			continue
		}
		if of := m.values["record"]; of != nil {
			test.record = recordOf(d, of)
		}
		if m.values["expect"] != nil {
			readExpect(d, m.values["expect"], &test)
		}
		rule.tests = append(rule.tests, test)
	}
}

func recordOf(d *document, node *yaml.Node) expression.Record {
	text, err := asJSON(node)
	if err != nil {
		d.report(node, "the record: %v", err)
		return expression.Record{}
	}
	record, err := expression.ParseFields(text)
	if err != nil {
		d.report(node, "the record is %v", err)
	}
	return record
}

func readExpect(d *document, node *yaml.Node, test *ruleTest) {
	m := d.mapping(node, "expect", expectKeys...)
	m.required("match")
	test.match, test.want = m.flag("match", false), map[string]string{}
	for _, key := range expectKeys[1:] {
		if m.values[key] == nil {
			continue
		}
		if !test.match {
			d.report(m.values[key], "%s is expected of a record that does not match", key)
		}
		test.want[key] = m.text(key)
	}
}

// readFiles reads the records of tests that stand in files, which are named from the rule's own.
func readFiles(d *document, s Source, rule *Rule) {
	folder := path.Dir(strings.TrimPrefix(strings.TrimPrefix(d.file, s.Name), "/"))
	for i := range rule.tests {
		test := &rule.tests[i]
		if test.file == "" {
			continue
		}
		text, err := fs.ReadFile(s.Files, path.Join(folder, test.file))
		if err == nil {
			test.record, err = expression.Parse(text)
		}
		if err != nil {
			d.problems = append(d.problems, Problem{d.file, test.line, test.column, "the record of the test: " + err.Error()})
		}
	}
}

// Result is how one test of a rule ended.
type Result struct {
	Rule, Test string
	Failure    Problem // without a reason where the test passed
}

// Test runs the tests of all rules that have a condition, those that are off included.
func (s *Set) Test() []Result {
	var all []Result
	for _, rule := range s.Rules {
		if rule.match == nil {
			continue
		}
		for _, test := range rule.tests {
			failure := Problem{rule.File, test.line, test.column, test.run(rule)}
			all = append(all, Result{rule.ID, test.name, failure})
		}
	}
	return all
}

// run says why a test fails, and nothing where it passes.
func (t ruleTest) run(rule *Rule) string {
	matches, err := rule.match.Match(t.record)
	switch {
	case err != nil:
		return fmt.Sprintf("test %q: %v", t.name, err)
	case matches != t.match:
		return fmt.Sprintf("test %q: match is %v, want %v", t.name, matches, t.match)
	case !matches:
		return ""
	}
	hit, errs := rule.describe(t.record, Switch{}) // what its file says, whatever the settings and the accounts do
	var wrong []string
	for _, e := range errs {
		wrong = append(wrong, e.Reason)
	}
	for i, got := range []string{hit.Title, hit.Severity, hit.Dedupe} {
		key := expectKeys[1+i]
		if want, there := t.want[key]; there && got != want {
			wrong = append(wrong, fmt.Sprintf("%s is %q, want %q", key, got, want))
		}
	}
	if len(wrong) == 0 {
		return ""
	}
	return fmt.Sprintf("test %q: %s", t.name, strings.Join(wrong, "; "))
}
