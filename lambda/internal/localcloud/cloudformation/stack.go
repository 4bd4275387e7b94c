package cloudformation

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"trailkeeper/events"
	"trailkeeper/lambda/internal/localcloud/exact"
)

// Place is where a template is deployed.
type Place struct {
	events.Place

	Name string // the stack's
}

// URLSuffix is a partition's DNS suffix.
func URLSuffix(partition string) string {
	switch partition {
	case "aws-cn":
		return "amazonaws.com.cn"
	case "aws-iso":
		return "c2s.ic.gov"
	case "aws-iso-b":
		return "sc2s.sgov.gov"
	default:
		return "amazonaws.com"
	}
}

// Names reports whether a text is the ARN of a resource of a service in the partition.
func (p Place) Names(arn, service string) bool {
	a, err := events.ParseARN(arn)
	return err == nil && a.Partition == p.Partition && a.Service == service
}

// Type says how a type of resource is named and referred to.
type Type struct {
	Name  string // the property that names a resource; empty: none does
	Lower bool   // generated names have small letters
	// Qualifier is a property that Qualified puts before the name; empty: none.
	Qualifier string
	Qualified func(qualifier, name string) string
	// Attributes returns what Ref and Fn::GetAtt give (CloudFormation Template Reference, "Return values" of each type).
	Attributes func(p Place, id, name string) map[string]string
}

// RefToName are the attributes of a type that has none but its name.
func RefToName(_ Place, _, name string) map[string]string { return map[string]string{"Ref": name} }

// Stack is a template at its place, from which services take their resources.
type Stack struct {
	Place
	raw         []byte // the template
	resources   map[string]resource
	outputs     map[string]any
	types       map[string]Type
	secrets     map[string]string // name to SecretString
	pinned      map[string]string // versions of secrets that are named
	busy        map[string]bool   // resources whose name is being made, to find circles
	errs        []error
	failed      map[string]bool // names and ARNs of resources that are refused themselves
	holders     map[string]Holder
	assumptions []string
}

// Holder says whether there is a resource of a name or ARN. With assume, one that is given by an ARN and not in the
// template is taken for granted.
type Holder func(name string, assume bool) bool

// Read reads a template. The error names everything in it that no type of resource stands for.
func Read(raw []byte, at Place, secrets map[string]string, types map[string]Type) (*Stack, error) {
	s := &Stack{
		Place:     at,
		raw:       raw,
		resources: map[string]resource{},
		types:     types,
		secrets:   secrets,
		pinned:    map[string]string{},
		busy:      map[string]bool{},
		failed:    map[string]bool{},
		holders:   map[string]Holder{},
	}
	return s, s.read(raw)
}

// checked is a specification that knows which values are refused.
type checked interface{ Check() error }

// Each decodes every resource of a type and hands it on with its attributes. The service refuses by Fail and Missing.
func Each[T any](s *Stack, resourceType string, use func(id string, att map[string]string, spec T)) {
	for _, id := range s.ids(resourceType) {
		var spec T
		name, err := s.name(s.resources[id])
		if err != nil {
			err = fmt.Errorf("%s (%s): %w", id, resourceType, err)
		} else {
			err = s.decode(id, &spec)
		}
		attributes := s.types[resourceType].Attributes(s.Place, id, name)
		if err != nil {
			for _, value := range attributes {
				s.failed[value] = true
			}
			s.errs = append(s.errs, err)
			continue
		}
		if c, ok := any(spec).(checked); ok {
			s.Fail(id, c.Check())
		}
		use(id, attributes, spec)
	}
}

// decode evaluates a resource's properties and reads them strictly into spec.
func (s *Stack) decode(id string, spec any) error {
	r := s.resources[id]
	value, err := s.eval(r.properties)
	if err != nil {
		return fmt.Errorf("%s (%s): %w", id, r.kind, err)
	}
	if err := exact.Convert(value, spec); err != nil {
		return fmt.Errorf("%s (%s): %w; the local run does not model it", id, r.kind, err)
	}
	return nil
}

// Fail refuses a resource, unless err is nil.
func (s *Stack) Fail(id string, err error) {
	if err != nil {
		s.errs = append(s.errs, fmt.Errorf("%s: %w", id, err))
	}
}

// Refuse says that what has this name or ARN is refused, so that nobody finds it missing.
func (s *Stack) Refuse(name string) { s.failed[name] = true }

// Missing says that something is not in the template, unless it is and was refused already.
func (s *Stack) Missing(id, what, name string) {
	if !s.failed[name] {
		s.Fail(id, fmt.Errorf("the %s %s is not in the template", what, name))
	}
}

// Refused says whether Missing would say nothing of a name, because it is refused already.
func (s *Stack) Refused(name string) bool { return s.failed[name] }

// Holds has a service say which resources of a kind there are.
func (s *Stack) Holds(kind string, has Holder) { s.holders[kind] = has }

// Has asks for a resource.
func (s *Stack) Has(kind, name string, assume bool) bool { return s.holders[kind](name, assume) }

// Wants refuses a resource that uses another which is not there.
func (s *Stack) Wants(id, kind, name string) {
	if !s.Has(kind, name, true) {
		s.Missing(id, kind, name)
	}
}

// Assume takes something for granted that the template uses and does not hold.
func (s *Stack) Assume(sentence string) {
	if !slices.Contains(s.assumptions, sentence) {
		s.assumptions = append(s.assumptions, sentence)
	}
}

// Assumptions are the sentences about what is taken for granted, in order.
func (s *Stack) Assumptions() []string { return slices.Sorted(slices.Values(s.assumptions)) }

// Err is everything that was refused, in order.
func (s *Stack) Err() error {
	slices.SortFunc(s.errs, func(x, y error) int { return strings.Compare(x.Error(), y.Error()) })
	return errors.Join(s.errs...)
}
