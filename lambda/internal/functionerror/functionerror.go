// Package functionerror reads why an invocation of a Lambda function failed, from what Lambda answers for the function.
//
// It invokes nothing, and cleans and shortens nothing: whoever shows a message does (package sanitize).
package functionerror

import (
	"encoding/json"
	"strings"
)

// Message is what a function that failed says, without the period at its end; empty: nothing. The payload is the answer
// to Invoke, or the cause that Step Functions gives of a Lambda task: a JSON object with errorMessage and errorType (AWS
// Lambda Developer Guide, "AWS Lambda function errors in Go"). What is no such object says nothing.
func Message(payload []byte) string {
	var failed struct {
		Message string `json:"errorMessage"`
	}
	if json.Unmarshal(payload, &failed) != nil {
		return ""
	}
	return strings.TrimRight(failed.Message, ". ")
}
