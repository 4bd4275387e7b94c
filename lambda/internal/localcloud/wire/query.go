package wire

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"trailkeeper/lambda/internal/localcloud/kernel"
)

// inQuery is the AWS query protocol: a form with the member Action, answered in XML.
var inQuery = protocol{readQuery, writeQuery, refuseQuery}

// node is a part of a form: "A.member.1" is the text of 1 in member in A.
type node struct {
	text  string
	given bool
	parts map[string]*node
	again []*node // in XML, further elements of the same name
}

func (n *node) at(part string) *node {
	if n == nil {
		return nil
	}
	return n.parts[part]
}

// deepest bounds the parts of a form's name; no operation here has more.
const deepest = 12

func readQuery(m *Model, _ *http.Request, cl *kernel.Call) (map[string]any, *kernel.Error) {
	form, err := url.ParseQuery(string(cl.Body))
	cl.Op = form.Get("Action")
	switch {
	case err != nil:
		return nil, kernel.Refuse("MalformedQueryString", "the request is no form")
	case m.Namespace == "":
		return nil, notSimulated("forms are not simulated for %s, to which clients have spoken JSON since 2023; "+
			"take a newer version of this one", cl.Service)
	}
	form.Del("Action")
	form.Del("Version")
	root := &node{}
	for name := range form {
		parts := strings.Split(name, ".")
		if len(parts) > deepest {
			return nil, kernel.Refuse("MalformedQueryString", "the name %.100q has more than %d parts", name, deepest)
		}
		at := root
		for _, part := range parts {
			if at.parts == nil {
				at.parts = map[string]*node{}
			}
			if at.parts[part] == nil {
				at.parts[part] = &node{}
			}
			at = at.parts[part]
		}
		at.text, at.given = form.Get(name), true
	}
	given := map[string]any{}
	input := m.Shapes[m.Operations[cl.Op].Input]
	for name, part := range root.parts {
		given[name] = part.text // what is no parameter is refused by its name
		if input == nil {
			continue
		}
		if member, ok := input.Members[name]; ok {
			given[name] = m.ofForm(m.Shapes[member.Shape], part)
		}
	}
	return given, nil
}

// ofForm reads a part of a form as what the model says it is.
func (m *Model) ofForm(s *Shape, n *node) any {
	switch s.Type {
	case "structure":
		out := map[string]any{}
		for name, part := range n.parts {
			out[name] = part.text
			if member, ok := s.Members[name]; ok {
				out[name] = m.ofForm(m.Shapes[member.Shape], part)
			}
		}
		return out
	case "list":
		out := []any{}
		items := n.at("member")
		for i := 1; items.at(strconv.Itoa(i)) != nil; i++ {
			out = append(out, m.ofForm(m.Shapes[s.Member.Shape], items.at(strconv.Itoa(i))))
		}
		return out
	case "map":
		out := map[string]any{}
		entries := n.at("entry")
		for i := 1; entries.at(strconv.Itoa(i)) != nil; i++ {
			entry := entries.at(strconv.Itoa(i))
			key, value := entry.at(or(s.Key.LocationName, "key")), entry.at(or(s.Value.LocationName, "value"))
			if key != nil && value != nil {
				out[key.text] = m.ofForm(m.Shapes[s.Value.Shape], value)
			}
		}
		return out
	default:
		return scalar(s.Type, n.text)
	}
}

func or(name, otherwise string) string {
	if name == "" {
		return otherwise
	}
	return name
}

// scalar reads a text as a type; one that it is not stays a text, which is refused later.
func scalar(kind, text string) any {
	switch kind {
	case "boolean":
		if b, err := strconv.ParseBool(text); err == nil {
			return b
		}
	case "integer", "long", "double", "float":
		return json.Number(text)
	}
	return text
}

func writeQuery(m *Model, _ *http.Request, cl *kernel.Call, result map[string]any) kernel.Answer {
	var b bytes.Buffer
	op := m.Operations[cl.Op]
	fmt.Fprintf(&b, `<%sResponse xmlns=%q>`, cl.Op, m.Namespace)
	if op.Wrapper != "" {
		m.element(&b, op.Wrapper, m.Shapes[op.Output], result)
	}
	b.WriteString("<ResponseMetadata>")
	text(&b, "RequestId", cl.RequestID)
	fmt.Fprintf(&b, `</ResponseMetadata></%sResponse>`, cl.Op)
	return xmlAnswer(http.StatusOK, b.Bytes())
}

func refuseQuery(m *Model, _ *http.Request, cl *kernel.Call, failed *kernel.Error) kernel.Answer {
	var b bytes.Buffer
	if cl.Service == "ec2" { // its errors have a form of their own
		b.WriteString("<Response><Errors><Error>")
	} else {
		fmt.Fprintf(&b, `<ErrorResponse xmlns=%q><Error><Type>Sender</Type>`, m.Namespace)
	}
	text(&b, "Code", queryCode(failed.Code))
	text(&b, "Message", failed.Message)
	if cl.Service == "ec2" {
		b.WriteString("</Error></Errors>")
		text(&b, "RequestID", cl.RequestID)
		b.WriteString("</Response>")
	} else {
		b.WriteString("</Error>")
		text(&b, "RequestId", cl.RequestID)
		b.WriteString("</ErrorResponse>")
	}
	return xmlAnswer(failed.Status, b.Bytes())
}

// queryCode: the services that speak this protocol have another word ("Common Error Types").
func queryCode(code string) string {
	if code == "ValidationException" {
		return "ValidationError"
	}
	return code
}

func xmlAnswer(status int, body []byte) kernel.Answer {
	return kernel.Answer{Status: status, Header: map[string]string{"Content-Type": "text/xml"}, Body: body}
}

func text(b *bytes.Buffer, name, text string) {
	b.WriteString("<" + name + ">")
	_ = xml.EscapeText(b, []byte(text))
	b.WriteString("</" + name + ">")
}
