// Command hello is what the watch's start is measured against: a bootstrap of the same runtime library whose handler
// does nothing.
package main

import (
	"context"

	"github.com/aws/aws-lambda-go/lambda"
)

type handler struct{}

// Invoke does nothing.
func (handler) Invoke(context.Context, []byte) ([]byte, error) { return nil, nil }

func main() { lambda.Start(handler{}) }
