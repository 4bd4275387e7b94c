package cloudformation

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"regexp"
	"slices"
	"strings"
	"sync"

	"trailkeeper/lambda/internal/memo"
)

// resource is one resource of a template, before its functions are evaluated.
type resource struct {
	id         string
	kind       string
	properties map[string]any
	retained   bool // when the stack is deleted
}

// unplayed names the parameters, rules and conditions that a template may have: CDK's check of its bootstrap stack, the
// marker of its version reporting, and the app's refusal of the example's address. None of it makes a resource that
// does anything, and a template that is only played need not pass the checks.
var unplayed = []string{
	"BootstrapVersion",
	"CheckBootstrapVersion",
	"CDKMetadataAvailable",
	"ExampleAddress",
	"ExampleAddressReplaced",
}

const metadataType = "AWS::CDK::Metadata"

// looksOnly are resources that nothing acts on: what they refer to need not be there for a run to be played.
// A state machine is started by an operator alone, and Step Functions cannot be called here.
var looksOnly = []string{
	metadataType, "AWS::CloudWatch::Dashboard", "AWS::StepFunctions::StateMachine",
}

// document is a template's text as JSON. Nobody changes it: what a stack makes of its parts is new.
type document struct {
	sections map[string]any
	err      error
}

// documents are the last that were decoded: clouds are made of the same template again and again.
var documents = memo.New[[sha256.Size]byte, document](16)

func decodeDocument(raw []byte) (d document) {
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.UseNumber()
	if err := dec.Decode(&d.sections); err != nil {
		return document{err: fmt.Errorf("template: %w", err)}
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return document{err: errors.New("template: text follows the JSON object; want nothing after it")}
	}
	return d
}

// read reads a template. The error names everything in it that the local run does not model, in order.
func (s *Stack) read(raw []byte) error {
	doc := documents.Of(sha256.Sum256(raw), func() document { return decodeDocument(raw) })
	if doc.err != nil {
		return doc.err
	}
	sections := doc.sections
	var errs []error
	for _, name := range slices.Sorted(maps.Keys(sections)) {
		switch name {
		case "AWSTemplateFormatVersion", "Description", "Metadata":
		case "Outputs":
			s.outputs, _ = sections[name].(map[string]any)
		case "Parameters", "Rules", "Conditions":
			errs = append(errs, onlyUnplayed(name, sections[name])...)
		case "Resources":
			errs = append(errs, s.readResources(sections[name])...)
			errs = append(errs, dangling(sections[name])...)
		default:
			errs = append(errs, fmt.Errorf("%s: this section is not modelled", name))
		}
	}
	if len(s.resources) == 0 && len(errs) == 0 {
		errs = append(errs, errors.New("no Resources; want a synthesized CloudFormation template"))
	}
	if len(errs) > 0 {
		return fmt.Errorf("template: %w", errors.Join(errs...))
	}
	return nil
}

func onlyUnplayed(section string, v any) []error {
	object, ok := v.(map[string]any)
	if !ok {
		return []error{fmt.Errorf("%s: want an object", section)}
	}
	var errs []error
	for _, name := range slices.Sorted(maps.Keys(object)) {
		if !slices.Contains(unplayed, name) {
			errs = append(errs, fmt.Errorf("%s.%s: not modelled", section, name))
		}
	}
	return errs
}

func (s *Stack) readResources(v any) []error {
	object, ok := v.(map[string]any)
	if !ok {
		return []error{errors.New("the section Resources is no object")}
	}
	var errs []error
	for _, id := range slices.Sorted(maps.Keys(object)) {
		fields, ok := object[id].(map[string]any)
		if !ok {
			errs = append(errs, fmt.Errorf("%s: want an object", id))
			continue
		}
		if !logicalID().MatchString(id) {
			errs = append(errs, fmt.Errorf("the logical ID %q; want letters and digits only", id))
		}
		r := resource{id: id}
		r.kind, _ = fields["Type"].(string)
		if slices.Contains(looksOnly, r.kind) {
			continue
		}
		r.properties, _ = fields["Properties"].(map[string]any)
		r.retained = strings.HasPrefix(fmt.Sprint(fields["DeletionPolicy"]), "Retain")
		if _, known := s.types[r.kind]; !known {
			errs = append(errs, fmt.Errorf("%s: the resource type %s is not modelled", id, r.kind))
			continue
		}
		for _, key := range slices.Sorted(maps.Keys(fields)) {
			if !slices.Contains([]string{"Type", "Properties", "DependsOn", "Metadata", "DeletionPolicy", "UpdateReplacePolicy"},
				key) {
				errs = append(errs, fmt.Errorf("%s.%s: not modelled", id, key))
			}
		}
		s.resources[id] = r
	}
	return errs
}

var logicalID = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[A-Za-z0-9]{1,255}$`) })

// dangling refuses a DependsOn that names no resource.
func dangling(v any) []error {
	object, _ := v.(map[string]any)
	var errs []error
	for _, id := range slices.Sorted(maps.Keys(object)) {
		fields, _ := object[id].(map[string]any)
		given, ok := fields["DependsOn"]
		if !ok {
			continue
		}
		names, isList := given.([]any)
		if !isList {
			names = []any{given}
		}
		for _, name := range names {
			text, _ := name.(string)
			if _, ok := object[text]; !ok || text == id {
				errs = append(errs, fmt.Errorf("%s.DependsOn: %v is no other resource of the template", id, name))
			}
		}
	}
	return errs
}

// ids returns the logical IDs of a type, in order.
func (s *Stack) ids(resourceType string) []string {
	var ids []string
	for id, r := range s.resources {
		if r.kind == resourceType {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	return ids
}

// ShortID takes the hash off a logical ID that CDK made: "GuardFunction3F2A1B0C" is GuardFunction.
func ShortID(id string) string {
	if len(id) > 8 {
		if tail := id[len(id)-8:]; strings.Trim(tail, "0123456789ABCDEF") == "" {
			return id[:len(id)-8]
		}
	}
	return id
}
