// Package policy evaluates IAM policy documents: what one says of a caller, an action and a resource. It refuses what
// it does not model. It knows no account, role or resource, keeps no state, and asks nobody: who has which policy is
// the callers' to know.
package policy

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"reflect"

	"trailkeeper/lambda/internal/localcloud/exact"
)

// Parse reads a policy that a call brings.
func Parse(text []byte) (Document, error) {
	var d Document
	if err := exact.Decode(text, &d); err != nil {
		return d, err
	}
	if len(d.Statement) == 0 {
		return d, errors.New("the policy has no Statement")
	}
	if d.Version != "2012-10-17" && d.Version != "2008-10-17" && d.Version != "" {
		return d, fmt.Errorf("the policy has the Version %.40q", d.Version)
	}
	return d, nil
}

// Text is the policy as IAM shows it.
func (d Document) Text() string {
	var statements []any
	for _, s := range d.Statement {
		statements = append(statements, given(map[string]any{
			"Sid":       s.Sid,
			"Effect":    s.Effect,
			"Principal": s.Principal,
			"Action":    s.Action,
			"Resource":  s.Resource,
			"Condition": s.Condition,
		}))
	}
	text, _ := json.Marshal(given(map[string]any{"Version": d.Version, "Id": d.ID, "Statement": statements}))
	return string(text) // texts always encode
}

// given leaves out what is empty.
func given(members map[string]any) map[string]any {
	maps.DeleteFunc(members, func(_ string, v any) bool { return reflect.ValueOf(v).Len() == 0 })
	return members
}

// Document is an IAM policy (IAM User Guide, "IAM JSON policy elements").
type Document struct {
	Version   string
	ID        string `json:"Id"`
	Statement Statements
}

// Statements are those of a document.
type Statements []Statement

// UnmarshalJSON accepts one statement or a list.
func (s *Statements) UnmarshalJSON(b []byte) error { return oneOrMany(b, (*[]Statement)(s)) }

// Statement is one of them.
type Statement struct {
	Sid       string
	Effect    string
	Principal Principals
	Action    Texts
	Resource  Texts
	Condition map[string]map[string]Texts
}

// Texts is an element that holds one text or several.
type Texts []string

// UnmarshalJSON accepts one value or a list; booleans and numbers are texts.
func (t *Texts) UnmarshalJSON(b []byte) error {
	var values []any
	if err := oneOrMany(b, &values); err != nil {
		return err
	}
	for _, v := range values {
		*t = append(*t, fmt.Sprint(v))
	}
	return nil
}

// Principals maps "AWS", "Service" and so on to whom; "*" is everybody.
type Principals map[string]Texts

// UnmarshalJSON accepts "*" and an object.
func (p *Principals) UnmarshalJSON(b []byte) error {
	if string(b) == `"*"` {
		*p = Principals{"AWS": {"*"}}
		return nil
	}
	var m map[string]Texts
	if err := json.Unmarshal(b, &m); err != nil {
		return err
	}
	*p = m
	return nil
}

func oneOrMany[T any](b []byte, out *[]T) error {
	if string(b) == "null" {
		return nil
	}
	if len(b) > 0 && b[0] == '[' {
		return exact.Decode(b, out)
	}
	var one T
	if err := exact.Decode(b, &one); err != nil {
		return err
	}
	*out = []T{one}
	return nil
}

// Check refuses what the evaluation does not model.
func (d Document) Check() error {
	var errs []error
	for i, s := range d.Statement {
		if s.Effect != "Allow" && s.Effect != "Deny" {
			errs = append(errs, fmt.Errorf("statement %d: Effect %q", i, s.Effect))
		}
		for op := range s.Condition {
			if compare, _, _ := operator(op); compare == nil && op != null {
				errs = append(errs, fmt.Errorf("statement %d: the condition operator %s is not modelled", i, op))
			}
		}
	}
	return errors.Join(errs...)
}
