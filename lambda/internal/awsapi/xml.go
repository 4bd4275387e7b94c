package awsapi

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"strings"
)

// maxDepth bounds how deep the elements of an answer lie in each other; AWS's have less than ten.
const maxDepth = 40

// node is an element that is being read.
type node struct {
	name     string
	text     strings.Builder
	children map[string]any
	list     []any // of the children named "member" or "entry"
	named    string
}

// xmlAnswer reads an answer of the query protocol: XXXResponse with XXXResult in it. A list is made of elements "member",
// a map of elements "entry" with "key" and "value".
func xmlAnswer(content []byte) (map[string]any, error) {
	v, err := xmlValue(content)
	if err != nil {
		return nil, err
	}
	response := Object(v)
	for name, value := range response {
		if strings.HasSuffix(name, "Result") {
			if Object(value) == nil {
				return map[string]any{}, nil
			}
			return Object(value), nil
		}
	}
	return response, nil
}

// xmlValue is what the outermost element has.
func xmlValue(content []byte) (any, error) {
	d := xml.NewDecoder(bytes.NewReader(content))
	var open []*node
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return nil, io.ErrUnexpectedEOF
		}
		if err != nil {
			return nil, err
		}
		switch t := token.(type) {
		case xml.StartElement:
			if len(open) == maxDepth {
				return nil, errors.New("the answer's elements lie too deep")
			}
			open = append(open, &node{name: t.Name.Local})
		case xml.CharData:
			if len(open) > 0 {
				open[len(open)-1].text.Write(t)
			}
		case xml.EndElement:
			done := open[len(open)-1]
			open = open[:len(open)-1]
			if len(open) == 0 {
				return done.value(), nil
			}
			open[len(open)-1].add(done)
		}
	}
}

func (n *node) add(child *node) {
	if child.name == "member" || child.name == "entry" {
		n.list, n.named = append(n.list, child.value()), child.name
		return
	}
	if n.children == nil {
		n.children = map[string]any{}
	}
	n.children[child.name] = child.value()
}

func (n *node) value() any {
	switch {
	case n.named == "entry":
		out := map[string]any{}
		for _, e := range n.list {
			out[Text(Object(e)["key"])] = Object(e)["value"]
		}
		return out
	case n.list != nil:
		return n.list
	case n.children != nil:
		return n.children
	}
	return n.text.String()
}
