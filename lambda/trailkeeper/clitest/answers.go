package clitest

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"strings"
	"testing"

	"github.com/aws/smithy-go/encoding/cbor"
)

// Answer is what an AWS says to one request. A text is the body as it is.
type Answer func(in Object) (status int, answer any)

// Object is one of JSON.
type Object = map[string]any

// Answers are what an AWS says, by operation; of Lambda's Invoke by the path.
type Answers map[string]Answer

// Say answers always the same.
func Say(answer any) Answer { return func(Object) (int, any) { return http.StatusOK, answer } }

// Refuse answers with an error's code and message.
func Refuse(code, message string) Answer {
	return func(Object) (int, any) { return http.StatusBadRequest, refusal{code, message} }
}

// refusal is an error of a JSON protocol.
type refusal struct {
	Type    string `json:"__type"`
	Message string `json:"message,omitempty"`
}

// Serve starts that AWS, and points the SDK at it as an operator's environment would.
func (a Answers) Serve(t *testing.T) (asked *[]string) {
	t.Helper()
	asked = new([]string)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		name, in := operation(r, body)
		*asked = append(*asked, name)
		answer := a[name]
		if answer == nil {
			t.Errorf("%s was asked", name)
			answer = Refuse("UnknownOperationException", "")
		}
		status, out := answer(in)
		if r.Header.Get("Smithy-Protocol") != "" {
			answerCBOR(w, status, out)
			return
		}
		answerText(t, w, status, out)
	}))
	t.Cleanup(server.Close)
	PointAt(t, server.URL)
	return asked
}

// PointAt points the SDK at an AWS's endpoint, with an operator's environment in eu-west-1, until the test ends.
func PointAt(t *testing.T, endpoint string) {
	t.Helper()
	for name, value := range map[string]string{
		"AWS_ENDPOINT_URL":            endpoint,
		"AWS_REGION":                  "eu-west-1",
		"AWS_ACCESS_KEY_ID":           "operator",
		"AWS_SECRET_ACCESS_KEY":       "local",
		"AWS_CONFIG_FILE":             os.DevNull,
		"AWS_SHARED_CREDENTIALS_FILE": os.DevNull,
		"AWS_EC2_METADATA_DISABLED":   "true",
		"AWS_PROFILE":                 "",
	} {
		t.Setenv(name, value)
	}
}

// operation names what a request asks: by the header of the JSON protocol, the form of the query protocol, or the path.
func operation(r *http.Request, body []byte) (name string, in Object) {
	_ = json.Unmarshal(body, &in)
	if _, name, ok := strings.Cut(r.Header.Get("X-Amz-Target"), "."); ok {
		return name, in
	}
	if form, err := url.ParseQuery(string(body)); err == nil && form.Get("Action") != "" {
		return form.Get("Action"), in
	}
	if _, name, ok := strings.Cut(r.URL.Path, "/operation/"); ok {
		return name, Object{"cbor": body}
	}
	return r.URL.EscapedPath(), in
}

func answerText(t *testing.T, w http.ResponseWriter, status int, out any) {
	if code, ok := out.(refusal); ok {
		w.Header().Set("X-Amzn-Errortype", code.Type)
	}
	text, ok := out.(string)
	if strings.HasPrefix(text, `{"errorMessage"`) {
		w.Header().Set("X-Amz-Function-Error", "Unhandled")
	}
	w.WriteHeader(status)
	if ok {
		fmt.Fprint(w, text)
	} else if err := json.NewEncoder(w).Encode(out); err != nil {
		t.Error(err)
	}
}

// answerCBOR answers as CloudWatch does: with nothing, or with a refusal.
func answerCBOR(w http.ResponseWriter, status int, out any) {
	w.Header().Set("Smithy-Protocol", "rpc-v2-cbor")
	w.Header().Set("Content-Type", "application/cbor")
	body := cbor.Map{}
	if code, ok := out.(refusal); ok {
		body["__type"], body["message"] = cbor.String(code.Type), cbor.String(code.Message)
	}
	w.WriteHeader(status)
	_, _ = w.Write(cbor.Encode(body))
}
