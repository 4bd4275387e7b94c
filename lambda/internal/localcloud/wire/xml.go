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

// parseXML reads a body of texts and elements in elements, as ofForm takes it.
func parseXML(body []byte) (root string, out *node, err error) {
	dec := xml.NewDecoder(bytes.NewReader(body))
	top := &node{parts: map[string]*node{}}
	open := []*node{top}
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
			if at.parts[t.Name.Local] != nil || len(open) > deepest {
				return "", nil, fmt.Errorf("the element %.100s is one too many", t.Name.Local)
			}
			at.parts[t.Name.Local] = part
			open = append(open, part)
		case xml.EndElement:
			open = open[:len(open)-1]
		case xml.CharData:
			at.text += string(t)
		}
	}
}
