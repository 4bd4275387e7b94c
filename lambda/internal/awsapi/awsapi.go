// Package awsapi makes calls of AWS's APIs without their SDK clients: what it asks and is answered is JSON objects, as the
// API references have them. The clients of the dozen services that the warden reads would add more than a third to the
// size of the function, which must start fast (see WARDEN.md).
//
// It checks no parameter, reads no page but the one that is asked for, and never retries: see package awscall.
package awsapi

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"

	"trailkeeper/lambda/internal/awsenv"
)

// Call is one call.
type Call struct {
	// Service is the name by which requests to it are signed, such as "events".
	Service string
	// Region is the one that is asked; IAM's calls go to that of its partition.
	Region string
	// Operation is the operation's name, such as "DescribeRule". Lambda and Scheduler have a method and a path instead,
	// such as "GET /schedules/{Name}", whose names are filled in from the input.
	Operation string
	// Input is what is asked, by the names of the API reference. With GET and DELETE what stands in no path is the query.
	Input map[string]any
}

// Caller makes a call and returns the answer as the API reference names it; numbers are float64, and in what IAM, SNS and
// CloudFormation answer everything is text. Lists of theirs may be read with List. The error of a refusal is a
// smithy.APIError, as package awscall reads it.
type Caller func(ctx context.Context, c Call) (map[string]any, error)

// Client makes calls. Its fields are set once; it is safe for concurrent use.
type Client struct {
	HTTP        *http.Client
	Credentials aws.CredentialsProvider
	// Getenv reads the variables by which endpoints are configured (package awsenv).
	Getenv func(string) string
	Now    func() time.Time
}

// maxAnswer bounds what is read of an answer, in bytes: a policy has at most 64 KB, a page of a list a few hundred.
const maxAnswer = 4 << 20

// Call implements Caller.
func (c *Client) Call(ctx context.Context, call Call) (map[string]any, error) {
	s, ok := services[call.Service]
	if !ok {
		return nil, fmt.Errorf("call %s: the service %s is not known here", call.Operation, call.Service)
	}
	base, region, err := s.address(awsenv.EndpointOf(c.Getenv, s.sdkID), call.Service, call.Region)
	if err != nil {
		return nil, fmt.Errorf("call %s %s: %w", call.Service, call.Operation, err)
	}
	req, body, err := s.protocol.request(ctx, s, base, call)
	if err != nil {
		return nil, fmt.Errorf("call %s %s: %w", call.Service, call.Operation, err)
	}
	r, err := c.send(ctx, req, body, call.Service, region)
	if err != nil {
		return nil, fmt.Errorf("call %s %s: %w", call.Service, call.Operation, err)
	}
	if r.status >= http.StatusMultipleChoices {
		return nil, fmt.Errorf("call %s %s: %w", call.Service, call.Operation, r.refusal(s))
	}
	out, err := s.protocol.answer(r.content)
	if err != nil {
		return nil, fmt.Errorf("call %s %s: %w", call.Service, call.Operation, r.unreadable(err))
	}
	return out, nil
}

// reply is what a service answered.
type reply struct {
	status  int
	header  http.Header
	content []byte
}

// send signs and sends a request, and reads its answer.
func (c *Client) send(ctx context.Context, req *http.Request, body []byte, service, region string) (reply, error) {
	keys, err := c.Credentials.Retrieve(ctx)
	if err != nil {
		return reply{}, err
	}
	hash := sha256.Sum256(body)
	if err := v4.NewSigner().SignHTTP(ctx, keys, req, hex.EncodeToString(hash[:]), service, region, c.Now().UTC()); err != nil {
		return reply{}, err
	}
	answer, err := c.HTTP.Do(req)
	if err != nil {
		return reply{}, err
	}
	defer func() { _ = answer.Body.Close() }()
	content, err := io.ReadAll(io.LimitReader(answer.Body, maxAnswer+1))
	if err == nil && len(content) > maxAnswer {
		err = fmt.Errorf("the answer has more than %d bytes", maxAnswer)
	}
	return reply{answer.StatusCode, answer.Header, content}, err
}

// post is a request with a body.
func post(ctx context.Context, method, address, contentType string, body []byte) (*http.Request, error) {
	var reader io.Reader = http.NoBody
	if len(body) > 0 {
		reader = bytes.NewReader(body)
	}
	req, err := http.NewRequestWithContext(ctx, method, address, reader)
	if err != nil {
		return nil, err
	}
	if contentType != "" {
		req.Header.Set("Content-Type", contentType)
	}
	req.Header.Set("Accept-Encoding", "identity")
	return req, nil
}

// List is a list of an answer; what is none, as an empty one of IAM, SNS and CloudFormation, is empty.
func List(v any) []any {
	list, _ := v.([]any)
	return list
}

// Object is an object of an answer; what is none is empty.
func Object(v any) map[string]any {
	object, _ := v.(map[string]any)
	return object
}

// Text is a text of an answer; what is none is "".
func Text(v any) string {
	text, _ := v.(string)
	return text
}

// fill puts the input's texts into a path, and returns what is left of the input.
func fill(path string, input map[string]any) (string, map[string]any, error) {
	left := make(map[string]any, len(input))
	for name, value := range input {
		text, isText := value.(string)
		if place := "{" + name + "}"; isText && text != "" && strings.Contains(path, place) {
			path = strings.ReplaceAll(path, place, escaped(text))
			continue
		}
		left[name] = value
	}
	if strings.Contains(path, "{") {
		return "", nil, fmt.Errorf("the path %s lacks a value", path)
	}
	return path, left, nil
}
