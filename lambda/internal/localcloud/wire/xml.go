package wire

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"time"
)

// element writes a value as XML.
func (m *Model) element(b *bytes.Buffer, name string, s *Shape, v any) {
	switch v := v.(type) {
	case map[string]any:
		b.WriteString("<" + name + ">")
		if s.Type == "map" {
			m.entries(b, s, v)
		} else {
			m.members(b, s, v)
		}
		b.WriteString("</" + name + ">")
	case []any:
		b.WriteString("<" + name + ">")
		for _, item := range v {
			m.element(b, or(s.Member.LocationName, "member"), m.Shapes[s.Member.Shape], item)
		}
		b.WriteString("</" + name + ">")
	case time.Time:
		text(b, name, v.UTC().Format("2006-01-02T15:04:05.000Z"))
	default:
		text(b, name, fmt.Sprint(v))
	}
}

func (m *Model) members(b *bytes.Buffer, s *Shape, v map[string]any) {
	for _, name := range slices.Sorted(maps.Keys(v)) {
		member := s.Members[name]
		of := m.Shapes[member.Shape]
		if items, ok := v[name].([]any); ok && (of.Flattened || member.Flattened) {
			for _, item := range items {
				m.element(b, m.tag(name, member), m.Shapes[of.Member.Shape], item)
			}
			continue
		}
		m.element(b, or(member.LocationName, name), m.Shapes[member.Shape], v[name])
	}
}

func (m *Model) entries(b *bytes.Buffer, s *Shape, v map[string]any) {
	for _, key := range slices.Sorted(maps.Keys(v)) {
		b.WriteString("<entry>")
		text(b, or(s.Key.LocationName, "key"), key)
		m.element(b, or(s.Value.LocationName, "value"), m.Shapes[s.Value.Shape], v[key])
		b.WriteString("</entry>")
	}
}

// tag is what a member is called in XML; each item of a flattened list has it.
func (m *Model) tag(name string, member Member) string {
	of := m.Shapes[member.Shape]
	if of.Type == "list" && (of.Flattened || member.Flattened) {
		return or(member.LocationName, or(of.Member.LocationName, name))
	}
	return or(member.LocationName, name)
}

// ofXML is a value as its elements say. What the model does not have is a text, which is refused later.
func (m *Model) ofXML(s *Shape, n *node) any {
	switch s.Type {
	case "structure":
		out := map[string]any{}
		for tag, part := range n.parts {
			out[tag] = part.text
			for name, member := range s.Members {
				if m.tag(name, member) == tag {
					delete(out, tag)
					out[name] = m.memberOfXML(member, part)
				}
			}
		}
		return out
	case "list":
		return m.itemsOfXML(s, n.at(or(s.Member.LocationName, "member")))
	default:
		return scalar(s.Type, n.text)
	}
}

func (m *Model) memberOfXML(member Member, part *node) any {
	of := m.Shapes[member.Shape]
	if of.Type == "list" && (of.Flattened || member.Flattened) {
		return m.itemsOfXML(of, part)
	}
	if len(part.again) > 0 {
		return []any{} // given twice, which no single value is
	}
	return m.ofXML(of, part)
}

func (m *Model) itemsOfXML(list *Shape, first *node) any {
	out := []any{}
	if first == nil {
		return out
	}
	for _, item := range append([]*node{first}, first.again...) {
		out = append(out, m.ofXML(m.Shapes[list.Member.Shape], item))
	}
	return out
}

// mostElements bounds a body: a notification configuration has 100 entries at most.
const mostElements = 10_000

// parseXML reads a body of texts and elements in elements, as ofXML takes it.
func parseXML(body []byte) (root string, out *node, err error) {
	dec := xml.NewDecoder(bytes.NewReader(body))
	top := &node{parts: map[string]*node{}}
	open, n := []*node{top}, 0
	for {
		token, err := dec.Token()
		switch {
		case errors.Is(err, io.EOF):
			return root, top.parts[root], nil
		case err != nil:
			return "", nil, err
		}
		at := open[len(open)-1]
		switch t := token.(type) {
		case xml.StartElement:
			part := &node{given: true, parts: map[string]*node{}}
			if root == "" {
				root = t.Name.Local
			}
			if n++; n > mostElements || len(open) > deepest {
				return "", nil, fmt.Errorf("the element %.100s is one too many", t.Name.Local)
			}
			if first := at.parts[t.Name.Local]; first != nil {
				first.again = append(first.again, part)
			} else {
				at.parts[t.Name.Local] = part
			}
			open = append(open, part)
		case xml.EndElement:
			open = open[:len(open)-1]
		case xml.CharData:
			at.text += string(t)
		}
	}
}
