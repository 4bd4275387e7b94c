package awsapi

import (
	"cmp"
	"encoding/json"
	"net/http"
	"strings"

	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// refusal is an answer's error, as the SDK's clients give it.
func (r reply) refusal(s service) error {
	code, message := s.protocol.said(r)
	fault := smithy.FaultClient
	if r.status >= http.StatusInternalServerError {
		fault = smithy.FaultServer
	}
	if code == "" {
		return r.unreadable(nil)
	}
	return r.with(&smithy.GenericAPIError{Code: code, Message: message, Fault: fault})
}

// unreadable says that an answer is none of the service's.
func (r reply) unreadable(err error) error { return r.with(&smithy.DeserializationError{Err: err}) }

func (r reply) with(err error) error {
	answer := &http.Response{StatusCode: r.status, Header: r.header}
	return &smithyhttp.ResponseError{Response: &smithyhttp.Response{Response: answer}, Err: err}
}

// saidInXML is the code and the message of a refusal in the query protocol.
func saidInXML(r reply) (code, message string) {
	v, err := xmlValue(r.content)
	if err != nil {
		return "", ""
	}
	e := Object(Object(v)["Error"])
	return Text(e["Code"]), Text(e["Message"])
}

// saidInJSON is the code and the message of a refusal in JSON: the code may have a namespace before it, and an address
// behind it (Smithy, "AWS JSON 1.1 protocol", "Operation error serialization").
func saidInJSON(r reply) (code, message string) {
	var body struct {
		Type    string `json:"__type"`
		Code    string `json:"code"`
		Message string `json:"message"`
	}
	_ = json.Unmarshal(r.content, &body) // what was read says enough, or nothing does
	code, _, _ = strings.Cut(cmp.Or(r.header.Get("X-Amzn-Errortype"), body.Type, body.Code), ":")
	return code[strings.LastIndexByte(code, '#')+1:], body.Message
}
