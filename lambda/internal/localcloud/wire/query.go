package wire

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"

	"trailkeeper/lambda/internal/localcloud/kernel"
)

// Query is the AWS query protocol: a form with the member Action, answered in XML of a namespace. A result is a map of
// texts.
func Query(namespace string) Protocol {
	return Protocol{
		Decode: decodeQuery,
		Encode: func(_ *http.Request, cl *kernel.Call, result any, failed *kernel.Error) kernel.Answer {
			return encodeQuery(namespace, cl.Op, result, failed)
		},
	}
}

func decodeQuery(_ *http.Request, cl *kernel.Call) *kernel.Error {
	form, err := url.ParseQuery(string(cl.Body))
	cl.Op = form.Get("Action")
	cl.Params = make(map[string]any, len(form))
	for name := range form {
		cl.Params[name] = form.Get(name)
	}
	if err != nil {
		return kernel.Refuse("MalformedQueryString", "the request is no form")
	}
	return nil
}

func encodeQuery(namespace, op string, result any, failed *kernel.Error) kernel.Answer {
	a := kernel.Answer{Status: http.StatusOK, Header: map[string]string{"Content-Type": "text/xml"}}
	var b bytes.Buffer
	if failed != nil {
		a.Status = failed.Status
		fmt.Fprintf(&b, `<ErrorResponse xmlns=%q><Error><Type>Sender</Type>`, namespace)
		element(&b, "Code", failed.Code)
		element(&b, "Message", failed.Message)
		b.WriteString(`</Error></ErrorResponse>`)
	} else {
		fmt.Fprintf(&b, `<%[1]sResponse xmlns=%[2]q><%[1]sResult>`, op, namespace)
		members, _ := result.(map[string]string)
		for _, name := range slices.Sorted(maps.Keys(members)) {
			element(&b, name, members[name])
		}
		fmt.Fprintf(&b, `</%[1]sResult></%[1]sResponse>`, op)
	}
	a.Body = b.Bytes()
	return a
}

func element(b *bytes.Buffer, name, text string) {
	b.WriteString("<" + name + ">")
	_ = xml.EscapeText(b, []byte(text))
	b.WriteString("</" + name + ">")
}
