package awsapi

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
)

// protocol is how a service is spoken to.
type protocol struct {
	request func(ctx context.Context, s service, base string, c Call) (*http.Request, []byte, error)
	answer  func(content []byte) (map[string]any, error)
	said    func(r reply) (code, message string) // of a refusal
}

// The protocols (Smithy, "AWS protocols").
var (
	inJSON  = protocol{jsonRequest, jsonAnswer, saidInJSON}
	inREST  = protocol{restRequest, jsonAnswer, saidInJSON}
	inQuery = protocol{queryRequest, xmlAnswer, saidInXML}
)

func jsonRequest(ctx context.Context, s service, base string, c Call) (*http.Request, []byte, error) {
	body, err := bodyOf(c.Input)
	if err != nil {
		return nil, nil, err
	}
	req, err := post(ctx, http.MethodPost, base+"/", "application/x-amz-json-"+s.version, body)
	if err != nil {
		return nil, nil, err
	}
	req.Header.Set("X-Amz-Target", s.target+"."+c.Operation)
	return req, body, nil
}

func bodyOf(input map[string]any) ([]byte, error) {
	if input == nil {
		return []byte("{}"), nil
	}
	return json.Marshal(input)
}

func restRequest(ctx context.Context, _ service, base string, c Call) (*http.Request, []byte, error) {
	method, path, _ := strings.Cut(c.Operation, " ")
	path, left, err := fill(path, c.Input)
	if err != nil {
		return nil, nil, err
	}
	if method == http.MethodGet || method == http.MethodDelete {
		query := url.Values{}
		for name, value := range left {
			query.Set(name, scalar(value))
		}
		address := base + path
		if len(query) > 0 {
			address += "?" + strings.ReplaceAll(query.Encode(), "+", "%20")
		}
		req, err := post(ctx, method, address, "", nil)
		return req, nil, err
	}
	body, err := bodyOf(left)
	if err != nil {
		return nil, nil, err
	}
	req, err := post(ctx, method, base+path, "application/json", body)
	return req, body, err
}

func jsonAnswer(content []byte) (map[string]any, error) {
	out := map[string]any{}
	if len(content) == 0 {
		return out, nil
	}
	err := json.Unmarshal(content, &out)
	if err == nil && out == nil {
		err = errors.New("the answer is null")
	}
	return out, err
}

func queryRequest(ctx context.Context, s service, base string, c Call) (*http.Request, []byte, error) {
	form := url.Values{"Action": {c.Operation}, "Version": {s.version}}
	if err := flatten(form, "", c.Input); err != nil {
		return nil, nil, err
	}
	body := []byte(form.Encode())
	req, err := post(ctx, http.MethodPost, base+"/", "application/x-www-form-urlencoded; charset=utf-8", body)
	return req, body, err
}

// flatten writes an input as the query protocol has it: lists as NAME.member.1.
func flatten(form url.Values, name string, v any) error {
	switch v := v.(type) {
	case map[string]any:
		for key, value := range v {
			if name != "" {
				key = name + "." + key
			}
			if err := flatten(form, key, value); err != nil {
				return err
			}
		}
	case []any:
		for i, value := range v {
			if err := flatten(form, name+".member."+strconv.Itoa(i+1), value); err != nil {
				return err
			}
		}
	case string, bool, int, float64:
		form.Set(name, scalar(v))
	default:
		return fmt.Errorf("the input %s has no form in a query", name)
	}
	return nil
}

func scalar(v any) string {
	if s, ok := v.(string); ok {
		return s
	}
	return fmt.Sprint(v)
}

// escaped is a text as it stands in a path: each byte but letters, digits and "-._~".
func escaped(text string) string {
	return strings.ReplaceAll(url.QueryEscape(text), "+", "%20")
}
