package detect

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"trailkeeper/lambda/config/nearest"
	"trailkeeper/rules/expression"
)

// maxFile bounds a YAML file, in bytes.
const maxFile = 1 << 20

// document is one YAML file as it is read: what is wrong in it is collected, and all of it is reported.
type document struct {
	file     string
	text     string
	problems []Problem
	// mayBeEmpty says that a file of nothing but comments is none.
	mayBeEmpty bool
}

func (d *document) report(at *yaml.Node, format string, args ...any) {
	d.problems = append(d.problems, Problem{d.file, max(1, at.Line), max(1, at.Column), fmt.Sprintf(format, args...)})
}

// root parses the file. It is nil where that is impossible, where there is more than one document, and of a file that
// may be empty and is.
func (d *document) root() *yaml.Node {
	start := &yaml.Node{Line: 1, Column: 1}
	if len(d.text) > maxFile {
		d.report(start, "the file has %d bytes; at most %d are read", len(d.text), maxFile)
		return nil
	}
	var node yaml.Node
	decoder := yaml.NewDecoder(strings.NewReader(d.text))
	err := decoder.Decode(&node)
	if d.mayBeEmpty && (errors.Is(err, io.EOF) || err == nil && node.Content[0].Tag == "!!null") {
		return nil
	}
	if errors.Is(err, io.EOF) {
		d.report(start, "the file is empty")
		return nil
	}
	if err != nil {
		d.report(atLineOf(err), "not YAML: %s", strings.TrimPrefix(err.Error(), "yaml: "))
		return nil
	}
	if decoder.Decode(&yaml.Node{}) == nil {
		d.report(start, "the file has more than one document; write one file for each")
		return nil
	}
	return node.Content[0]
}

func atLineOf(err error) *yaml.Node {
	_, rest, _ := strings.Cut(err.Error(), "line ")
	digits, _, _ := strings.Cut(rest, ":")
	line, _ := strconv.Atoi(digits)
	return &yaml.Node{Line: line, Column: 1}
}

// mapping is an object of the file, of which every key is known.
type mapping struct {
	in     *document
	node   *yaml.Node
	values map[string]*yaml.Node
}

func (d *document) mapping(node *yaml.Node, what string, known ...string) mapping {
	m := mapping{d, node, map[string]*yaml.Node{}}
	if node.Kind != yaml.MappingNode {
		d.report(node, "%s must be an object with the keys %s", what, strings.Join(known, ", "))
		return m
	}
	for i := 0; i+1 < len(node.Content); i += 2 {
		key, value := node.Content[i], node.Content[i+1]
		switch {
		case !slices.Contains(known, key.Value):
			d.report(key, "%s has no key %q%s", what, short(key.Value), nearest.Mean(key.Value, known))
		case m.values[key.Value] != nil:
			d.report(key, "the key %q is there twice", key.Value)
		case value.Tag != "!!null":
			m.values[key.Value] = value
		}
	}
	return m
}

func (m mapping) required(keys ...string) {
	if m.node.Kind != yaml.MappingNode {
		return
	}
	for _, key := range keys {
		if m.values[key] == nil {
			m.in.report(m.node, "%s is missing", key)
		}
	}
}

// text is the text of a key, and empty where there is none.
func (m mapping) text(key string) string {
	node := m.values[key]
	if node == nil {
		return ""
	}
	if node.Kind != yaml.ScalarNode {
		m.in.report(node, "%s must be a text", key)
		return ""
	}
	return strings.TrimSpace(node.Value)
}

func (m mapping) flag(key string, otherwise bool) bool {
	node := m.values[key]
	if node == nil {
		return otherwise
	}
	if node.Tag != "!!bool" {
		m.in.report(node, "%s must be true or false", key)
		return otherwise
	}
	return strings.EqualFold(node.Value, "true")
}

// texts are the texts of a list, each with its place. One text stands for a list of it.
func (m mapping) texts(key string) []*yaml.Node {
	node := m.values[key]
	if node == nil {
		return nil
	}
	return m.in.scalars(node, key)
}

func (d *document) scalars(node *yaml.Node, what string) []*yaml.Node {
	if node.Kind == yaml.ScalarNode {
		return []*yaml.Node{node}
	}
	if node.Kind != yaml.SequenceNode {
		d.report(node, "%s must be a list of texts", what)
		return nil
	}
	var all []*yaml.Node
	for _, one := range node.Content {
		if one.Kind != yaml.ScalarNode || one.Tag == "!!null" {
			d.report(one, "%s must be a list of texts", what)
			continue
		}
		all = append(all, one)
	}
	return all
}

func values(nodes []*yaml.Node) []string {
	var all []string
	for _, n := range nodes {
		all = append(all, n.Value)
	}
	return all
}

// number is a whole number from least to most.
func (m mapping) number(key string, least, most, otherwise int) int {
	node := m.values[key]
	if node == nil {
		return otherwise
	}
	n, err := strconv.Atoi(node.Value)
	if err != nil || n < least || n > most {
		m.in.report(node, "%s is %q; it must be a whole number from %d to %d", key, short(node.Value), least, most)
		return otherwise
	}
	return n
}

var units = map[byte]int{
	's': 1,
	'm': 60,
	'h': 3600,
	'd': 86400,
}

// maxWithin is the longest time that anything is counted in.
const maxWithin = 7 * 86400

// within is a time such as 10m, in seconds.
func (m mapping) within(otherwise int) int {
	node := m.values["within"]
	if node == nil {
		return otherwise
	}
	text := node.Value
	if text != "" {
		n, err := strconv.Atoi(text[:len(text)-1])
		if unit := units[text[len(text)-1]]; err == nil && n > 0 && n <= maxWithin && unit > 0 && n*unit <= maxWithin {
			return n * unit
		}
	}
	m.in.report(node, "within is %q; it must be a time from 1s to 7d, such as 90s, 10m, 2h or 1d", short(text))
	return otherwise
}

// asJSON is a value of the file as JSON. A time stays the text that it is.
func asJSON(node *yaml.Node) ([]byte, error) {
	value, err := plain(node)
	if err != nil {
		return nil, err
	}
	return json.Marshal(value)
}

func plain(node *yaml.Node) (any, error) {
	switch node.Kind {
	case yaml.MappingNode:
		object := map[string]any{}
		for i := 0; i+1 < len(node.Content); i += 2 {
			value, err := plain(node.Content[i+1])
			if err != nil {
				return nil, err
			}
			object[node.Content[i].Value] = value
		}
		return object, nil
	case yaml.SequenceNode:
		list := []any{}
		for _, one := range node.Content {
			value, err := plain(one)
			if err != nil {
				return nil, err
			}
			list = append(list, value)
		}
		return list, nil
	case yaml.AliasNode:
		return nil, errors.New("an alias is not allowed; write the value out")
	}
	var value any
	if node.Tag == "!!timestamp" || node.Tag == "!!binary" {
		return node.Value, nil
	}
	err := node.Decode(&value)
	return value, err
}

// short bounds what an error quotes.
func short(s string) string { return expression.Cut(s, 60) }

// reportIn reports what is wrong at a byte of a scalar's value.
func (d *document) reportIn(node *yaml.Node, offset int, reason string) {
	at := d.place(node, offset)
	at.Reason = reason
	d.name(at)
}

// name takes a problem of the file.
func (d *document) name(p Problem) { d.problems = append(d.problems, p) }

// place is where a byte of a scalar's value is written, as a problem without a reason.
func (d *document) place(node *yaml.Node, offset int) Problem {
	p := d.start(node)
	p.follow(node.Value, offset)
	return Problem{File: d.file, Line: p.line, Column: p.column}
}

// position is a place in the text of a file, of which rest is left.
type position struct {
	rest         string
	line, column int
}

// start is where the text of a scalar begins: behind the line with its key where it is a block.
func (d *document) start(node *yaml.Node) position {
	lines := strings.SplitAfter(d.text, "\n")
	if node.Line < 1 || node.Line > len(lines) {
		return position{line: max(1, node.Line), column: max(1, node.Column)}
	}
	if node.Style&(yaml.LiteralStyle|yaml.FoldedStyle) != 0 {
		return position{strings.Join(lines[node.Line:], ""), node.Line + 1, 1}
	}
	rest := strings.Join(lines[node.Line-1:], "")
	return position{rest[min(node.Column-1, len(rest)):], node.Line, node.Column}
}

// follow goes to where a byte of a value is written. White space aside, which a block and a folded text change, what
// is written is the value in its order.
func (p *position) follow(value string, offset int) {
	offset = min(offset, len(value))
	for i := range offset {
		if !isSpace(value[i]) {
			p.find(value[i])
			p.step()
		}
	}
	if offset < len(value) && !isSpace(value[offset]) {
		p.find(value[offset])
	}
}

func (p *position) find(b byte) {
	for p.rest != "" && p.rest[0] != b {
		p.step()
	}
}

func (p *position) step() {
	if p.rest == "" {
		return
	}
	switch b := p.rest[0]; {
	case b == '\n':
		p.line, p.column = p.line+1, 1
	case b&0xC0 != 0x80: // no later byte of a character
		p.column++
	}
	p.rest = p.rest[1:]
}

func isSpace(b byte) bool { return b == ' ' || b == '\n' || b == '\t' || b == '\r' }
