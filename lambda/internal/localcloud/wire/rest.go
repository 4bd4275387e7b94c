package wire

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"trailkeeper/lambda/internal/localcloud/kernel"
)

// REST, where each operation has a path of its own, in JSON and in XML.
var (
	inRESTJSON = protocol{readREST, writeRESTJSON, refuseRESTJSON}
	inRESTXML  = protocol{readREST, writeRESTXML, refuseRESTXML}
)

// Route is where an operation is: "/{Bucket}?policy".
type Route struct {
	Method, URI string
	Status      int
}

// match compares a request with the route: how many of its parts are named by it, and the parameters in the path.
// Negative: it is another one.
func (t Route) match(method string, path []string, query url.Values) (score int, params map[string]any) {
	if t.Method != method {
		return -1, nil
	}
	place, literals, _ := strings.Cut(t.URI, "?")
	parts := parts(place)
	params = map[string]any{}
	for i, part := range parts {
		name, variable := strings.CutPrefix(part, "{")
		name, rest := strings.CutSuffix(strings.TrimSuffix(name, "}"), "+")
		switch {
		case i >= len(path) || i < len(path)-1 && i == len(parts)-1 && !rest:
			return -1, nil
		case rest:
			params[name] = strings.Join(path[i:], "/")
		case variable:
			params[name] = path[i]
		case part != path[i]:
			return -1, nil
		default:
			score += 2
		}
		score++
	}
	if len(parts) == 0 && len(path) > 0 {
		return -1, nil
	}
	for _, literal := range strings.FieldsFunc(literals, func(r rune) bool { return r == '&' }) {
		name, _, _ := strings.Cut(literal, "=")
		if !query.Has(name) {
			return -1, nil
		}
		score++
	}
	return score, params
}

// routed are the operations, of those with the same path first what is played, then what has the shorter name: S3's
// PutObject before UploadPartCopy.
func (m *Model) routed() []string {
	later := func(name string) int {
		if _, played := m.Operations[name]; played {
			return 0
		}
		return len(name)
	}
	return slices.SortedFunc(maps.Keys(m.Routes), func(a, b string) int {
		return cmp.Or(later(a)-later(b), strings.Compare(a, b))
	})
}

func parts(path string) []string {
	return strings.FieldsFunc(path, func(r rune) bool { return r == '/' })
}

// pathOf are the parts of the path; a bucket in the host, as in "logs.localhost", is the first of them.
func pathOf(r *http.Request, service string) ([]string, error) {
	path := parts(r.URL.EscapedPath())
	for i := range path {
		text, err := url.PathUnescape(path[i])
		if err != nil {
			return nil, err
		}
		path[i] = text
	}
	host, _, err := net.SplitHostPort(r.Host)
	if err != nil {
		host = r.Host
	}
	if bucket, ok := strings.CutSuffix(host, ".localhost"); ok && service == "s3" {
		path = append([]string{strings.TrimSuffix(bucket, ".s3")}, path...)
	}
	return path, nil
}

// keyOf is the key of an object, in which slashes may follow each other and stand at the end.
func keyOf(r *http.Request, bucket any) string {
	path := strings.TrimPrefix(r.URL.Path, "/")
	if below, ok := strings.CutPrefix(path, fmt.Sprint(bucket)+"/"); ok {
		return below
	}
	return path // the bucket is in the host
}

func readREST(m *Model, r *http.Request, cl *kernel.Call) (map[string]any, *kernel.Error) {
	cl.Op = r.Method + " " + r.URL.Path
	query := r.URL.Query()
	path, err := pathOf(r, cl.Service)
	if err != nil {
		return nil, kernel.Refuse("InvalidURI", "the path cannot be read")
	}
	best, given := -1, map[string]any{}
	for _, name := range m.routed() {
		if score, params := m.Routes[name].match(r.Method, path, query); score > best {
			cl.Op, best, given = name, score, params
		}
	}
	if cl.Service == "s3" && cl.Op == "PutObject" && r.Header.Get("X-Amz-Copy-Source") != "" {
		cl.Op = "CopyObject"
	}
	input := m.Shapes[m.Operations[cl.Op].Input]
	if input == nil {
		return given, nil
	}
	if given["Key"] != nil && cl.Service == "s3" {
		given["Key"] = keyOf(r, given["Bucket"])
	}
	_, literals, _ := strings.Cut(m.Routes[cl.Op].URI, "?")
	for literal := range strings.SplitSeq(literals, "&") {
		name, _, _ := strings.Cut(literal, "=")
		query.Del(name)
	}
	query.Del("x-id") // an SDK's note of the operation
	for name, member := range input.Members {
		kind := m.Shapes[member.Shape].Type
		switch {
		case member.Location == "querystring" && query.Has(member.LocationName):
			given[name] = scalar(kind, query.Get(member.LocationName))
			query.Del(member.LocationName)
		case member.Location == "header" && r.Header.Get(member.LocationName) != "":
			given[name] = scalar(kind, r.Header.Get(member.LocationName))
		}
	}
	for name := range query {
		given[name] = query.Get(name) // is refused
	}
	return given, m.payload(input, cl.Body, given)
}

// payload reads the body into what is asked.
func (m *Model) payload(input *Shape, body []byte, given map[string]any) *kernel.Error {
	of := m.Shapes[input.Members[input.Payload].Shape]
	switch {
	case len(body) == 0:
	case of == nil:
		members, failed := object(body)
		if failed != nil {
			return failed
		}
		for name, v := range members {
			given[name] = v
		}
	case of.Type == "structure":
		root, tree, err := parseXML(body)
		if err != nil || root != or(input.Members[input.Payload].LocationName, input.Payload) {
			return kernel.Refuse("MalformedXML",
				"The XML you provided was not well-formed or did not validate against our published schema")
		}
		given[input.Payload] = m.ofXML(of, tree)
	default:
		given[input.Payload] = string(body)
	}
	return nil
}

func writeRESTJSON(m *Model, _ *http.Request, cl *kernel.Call, result map[string]any) kernel.Answer {
	return jsonAnswer(m.Routes[cl.Op].Status, "application/json", result)
}

func refuseRESTJSON(_ *Model, _ *http.Request, _ *kernel.Call, failed *kernel.Error) kernel.Answer {
	body, _ := json.Marshal(map[string]string{"Message": failed.Message, "Type": "User"}) // texts always encode
	header := map[string]string{"Content-Type": "application/json", "X-Amzn-Errortype": failed.Code}
	return kernel.Answer{Status: failed.Status, Body: body, Header: header}
}

// roots are the elements of answers that are not called as their shape is (Amazon S3 API Reference).
var roots = map[string]string{"ListObjectsV2Output": "ListBucketResult"}

func writeRESTXML(m *Model, _ *http.Request, cl *kernel.Call, result map[string]any) kernel.Answer {
	op := m.Operations[cl.Op]
	a := xmlAnswer(m.Routes[cl.Op].Status, nil)
	var b bytes.Buffer
	output := m.Shapes[op.Output]
	for name, v := range result {
		if member := output.Members[name]; member.Location == "header" {
			a.Header[member.LocationName] = fmt.Sprint(v)
			delete(result, name)
		}
	}
	if len(result) > 0 {
		root := or(roots[op.Output], op.Output)
		fmt.Fprintf(&b, `<%s xmlns=%q>`, root, m.Namespace)
		m.members(&b, output, result)
		fmt.Fprintf(&b, `</%s>`, root)
	}
	a.Body = b.Bytes()
	return a
}

func refuseRESTXML(_ *Model, _ *http.Request, cl *kernel.Call, failed *kernel.Error) kernel.Answer {
	var b bytes.Buffer
	b.WriteString("<Error>")
	text(&b, "Code", failed.Code)
	text(&b, "Message", failed.Message)
	text(&b, "RequestId", cl.RequestID)
	b.WriteString("</Error>")
	return xmlAnswer(failed.Status, b.Bytes())
}
