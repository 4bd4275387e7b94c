// Package deployment is what a function knows of the deployment that it belongs to: the resources of the template, with
// their properties, which lie in the function's asset, out of the reach of whoever can only change what is deployed; and
// a record of what CloudFormation gave them, their names, which lies in a parameter of Systems Manager.
//
// It reads no asset and no parameter, and knows no AWS client. It trusts the record for nothing but names.
package deployment

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"

	"trailkeeper/lambda/config/file"
)

// FileName is the file of the description in the functions' asset.
const FileName = "deployment.json"

// Part is a part of the deployment, by who checks it.
type Part string

// The parts.
const (
	// PartGuard is everything but the warden's own resources; the warden checks it.
	PartGuard Part = "guard"
	// PartWarden is what makes the warden; the guard's sweep checks it.
	PartWarden Part = "warden"
)

// Description is what is deployed, as the template says it.
type Description struct {
	// Stack is the stack's name: the prefix of every physical name.
	Stack string `json:"stack"`
	// Resources are those that are checked, by logical ID.
	Resources map[string]Resource `json:"resources"`
}

// Resource is a resource of the template.
type Resource struct {
	// Type is CloudFormation's, such as "AWS::Events::Rule".
	Type string `json:"type"`
	Part Part   `json:"part"`
	// Region is that of the resource where it is not the stack's.
	Region string `json:"region,omitempty"`
	// Properties are those of the template. What CloudFormation fills in (Ref, Fn::GetAtt, Fn::Join, Fn::Sub) is as it
	// stands there; see Description.Resolve.
	Properties map[string]any `json:"properties,omitempty"`
}

// Parse reads a description. The error says what is wrong with it first.
func Parse(content []byte) (Description, error) {
	var d Description
	if err := strict(content, &d); err != nil {
		return Description{}, err
	}
	for _, id := range slices.Sorted(maps.Keys(d.Resources)) {
		if r := d.Resources[id]; r.Part != PartGuard && r.Part != PartWarden {
			return Description{}, fmt.Errorf("the part of %s is %q; want %s or %s", id, r.Part, PartGuard, PartWarden)
		}
	}
	return d, nil
}

// Own is the description in a function's asset, with its Digest.
type Own struct {
	Description

	Digest string
}

// ParseOwn reads the content of FileName. The error says what is wrong with it first.
func ParseOwn(content []byte) (Own, error) {
	d, err := Parse(content)
	return Own{d, Digest(content)}, err
}

// Format writes a description; the same description is always the same bytes.
func Format(d Description) ([]byte, error) {
	return file.Format(d)
}

// Digest is the SHA-256 of a file's content, in hexadecimal.
func Digest(content []byte) string {
	sum := sha256.Sum256(content)
	return hex.EncodeToString(sum[:])
}

// ParameterName is the name of the parameter that holds the record of a stack. It begins with the stack's name, as every
// physical name does.
func ParameterName(stack string) string { return stack + "-deployment" }

// WardenStack is the name of the stack of a warden in another Region.
func WardenStack(stack string) string { return stack + "-warden" }

// Record is what is known only once the stack is deployed: the value of the parameter.
type Record struct {
	// Description is the Digest of the description that the deployment was made of. Where it differs from that of the
	// function's own, a deployment is under way, or somebody has changed one of the two.
	Description string `json:"description"`
	// Names are the physical names, by logical ID, of the resources whose properties give them none: what Ref gives, and
	// of a queue its QueueName. An entry "ID.Arn" is an ARN that cannot be made of the name (connections, API destinations).
	Names map[string]string `json:"names"`
	// Code are the SHA-256 of the functions' packages, in Base64, by logical ID, as Lambda gives them (CodeSha256 of
	// GetFunctionConfiguration).
	Code map[string]string `json:"code"`
	// SecretVersion is the version of the secret that the settings declare; empty: they declare none.
	SecretVersion string `json:"secretVersion,omitempty"`
}

// ParseRecord reads the value of the parameter. The error says what is wrong with it first.
func ParseRecord(content []byte) (Record, error) {
	var r Record
	if err := strict(content, &r); err != nil {
		return Record{}, err
	}
	return r, nil
}

// strict reads one JSON value, all of whose keys are known.
func strict(content []byte, into any) error {
	d := json.NewDecoder(bytes.NewReader(content))
	d.DisallowUnknownFields()
	if err := d.Decode(into); err != nil {
		return err
	}
	if _, err := d.Token(); err != io.EOF { //nolint:errorlint // Token returns it as it is
		return errors.New("something follows the JSON")
	}
	return nil
}

// Line is the value of the parameter, on one line.
func (r Record) Line() string { return file.Line(r) }
