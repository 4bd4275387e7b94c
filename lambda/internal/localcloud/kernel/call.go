package kernel

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
)

// Call is one request to an AWS service.
type Call struct {
	Service string
	Op      string
	Region  string
	Who     Principal
	Body    []byte
	Params  map[string]any // as JSON has them, with times as time.Time
	Source  string
	Agent   string
	// RequestID is what the answer calls the request.
	RequestID string
	// Resources are the ARNs of what the call was about, where the record has them.
	Resources []string
	// Injected is the fault that the call meets; nil: none.
	Injected *Injected
}

// Function reports whether a function makes the call.
func (cl *Call) Function() bool { return cl.Who.Role != nil }

// Site is where the call is made.
func (cl *Call) Site() Site { return Site{cl.Who.Account, cl.Region} }

// Via is the way on which something came.
func (cl *Call) Via() string {
	if cl.Function() {
		return ViaFunction
	}
	return cl.Who.Name()
}

// Text is a parameter; empty: it is absent or no text.
func (cl *Call) Text(name string) string {
	s, _ := cl.Params[name].(string)
	return s
}

// Texts is a parameter that is a list of texts.
func (cl *Call) Texts(name string) []string {
	items, _ := cl.Params[name].([]any)
	var all []string
	for _, v := range items {
		if s, ok := v.(string); ok {
			all = append(all, s)
		}
	}
	return all
}

// Number is a whole number, within its bounds; false: it is absent.
func (cl *Call) Number(name string, low, high int) (int, bool, *Error) {
	v, given := cl.Params[name]
	if !given || v == nil {
		return 0, false, nil
	}
	n, isNumber := v.(json.Number)
	i, err := strconv.Atoi(n.String())
	if !isNumber || err != nil || i < low || i > high {
		return 0, false, Refuse("InvalidParameterValue",
			"Value %v for parameter %s is invalid. Reason: Must be between %d and %d, if provided.", v, name, low, high)
	}
	return i, true, nil
}

// Error is an error as a service answers it.
type Error struct {
	Status   int
	Code     string
	Message  string
	Recorded string         // CloudTrail's errorCode, where it is another word
	With     map[string]any // further members of the answer
}

// Again reports whether it may go well another time: the far end is to blame.
func (e *Error) Again() bool { return e.Status >= http.StatusInternalServerError }

// Error implements error.
func (e *Error) Error() string { return e.Code + ": " + e.Message }

// Refuse is an error of the caller's.
func Refuse(code, format string, args ...any) *Error {
	return &Error{Status: http.StatusBadRequest, Code: code, Message: fmt.Sprintf(format, args...)}
}

// Error is the failure in the form of a service.
func (f *Failure) Error() *Error {
	return &Error{Status: f.Status, Code: f.Code, Message: f.Message}
}

// Answer is what a service sends back.
type Answer struct {
	Status int
	Header map[string]string
	Body   []byte
}
