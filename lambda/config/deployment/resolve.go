package deployment

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"trailkeeper/events"
)

// Deployed is a resource as it was deployed.
type Deployed struct {
	// ID is the logical ID, Name the physical name: what the properties or the record say; empty for what has none.
	ID, Type, Name string
	// ARN is the resource's; empty for what has none.
	ARN string
	// Ref is what Ref gives, such as the URL of a queue; empty for what has no name.
	Ref string
	// Region is where the resource is.
	Region string
	// CodeSHA256 is that of a function's package; empty: not known.
	CodeSHA256 string
	// Properties are those of the template with every reference replaced by its value.
	Properties map[string]any
	// Unresolved says why some of the properties are not known; nil: all are. Such a resource is unknown, never healthy.
	Unresolved error
}

// Resolve gives the resources of a part that are of Types, by logical ID in order, with what the record knows. place is the stack's; its
// Partition, Region and Account are those of the pseudo-parameters. suffix is AWS::URLSuffix, such as "amazonaws.com".
func (d Description) Resolve(part Part, r Record, place events.Place, suffix string) []Deployed {
	s := resolver{of: d, record: r, place: place, suffix: suffix}
	var all []Deployed
	for _, id := range slices.Sorted(maps.Keys(d.Resources)) {
		if r := d.Resources[id]; r.Part == part && slices.Contains(described, r.Type) {
			all = append(all, s.deployed(id))
		}
	}
	return all
}

type resolver struct {
	of     Description
	record Record
	place  events.Place
	suffix string
}

func (s resolver) deployed(id string) Deployed {
	r := s.of.Resources[id]
	out := Deployed{ID: id, Type: r.Type, Region: s.placeOf(r).Region, CodeSHA256: s.record.Code[id]}
	named := hasName(r.Type)
	var errs []error
	if named {
		name, err := s.name(id)
		out.Name, errs = name, append(errs, err)
	}
	value, err := s.value(r.Properties)
	errs = append(errs, err)
	out.Properties, _ = value.(map[string]any)
	if named && out.Name != "" {
		if arn, err := s.attribute(id, "Arn"); err == nil {
			out.ARN = arn
		}
		if ref, err := s.ref(id); err == nil {
			out.Ref = ref
		}
	}
	out.Unresolved = errors.Join(errs...)
	return out
}

// placeOf is where a resource is.
func (s resolver) placeOf(r Resource) events.Place {
	place := s.place
	if r.Region != "" {
		place.Region = r.Region
	}
	return place
}

// noValue stands for AWS::NoValue: the property is left out.
type noValue struct{}

// value replaces what CloudFormation fills in. What cannot be replaced is left out, and the error names it.
func (s resolver) value(v any) (any, error) {
	switch v := v.(type) {
	case []any:
		return s.list(v)
	case map[string]any:
		if name, arg, ok := function(v); ok {
			return s.call(name, arg)
		}
		return s.object(v)
	}
	return v, nil
}

// function reports whether an object is a function of CloudFormation.
func function(v map[string]any) (name string, arg any, ok bool) {
	if len(v) != 1 {
		return "", nil, false
	}
	for name, arg := range v {
		return name, arg, name == "Ref" || strings.HasPrefix(name, "Fn::")
	}
	return "", nil, false
}

func (s resolver) list(v []any) (any, error) {
	out := make([]any, 0, len(v))
	var errs []error
	for _, item := range v {
		value, err := s.value(item)
		errs = append(errs, err)
		if _, none := value.(noValue); !none && err == nil {
			out = append(out, value)
		}
	}
	return out, errors.Join(errs...)
}

func (s resolver) object(v map[string]any) (any, error) {
	out := make(map[string]any, len(v))
	var errs []error
	for _, key := range slices.Sorted(maps.Keys(v)) {
		value, err := s.value(v[key])
		errs = append(errs, err)
		if _, none := value.(noValue); !none && err == nil {
			out[key] = value
		}
	}
	return out, errors.Join(errs...)
}

func (s resolver) call(name string, arg any) (any, error) {
	switch name {
	case "Ref":
		id, _ := arg.(string)
		if id == "AWS::NoValue" {
			return noValue{}, nil
		}
		return s.ref(id)
	case "Fn::GetAtt":
		id, attribute := pair(arg)
		return s.attribute(id, attribute)
	case "Fn::Join":
		return s.join(arg)
	case "Fn::Sub":
		text, ok := arg.(string)
		if !ok {
			return nil, errors.New("Fn::Sub with variables is not known here")
		}
		return s.sub(text)
	}
	return nil, fmt.Errorf("the function %s is not known here", name)
}

func pair(arg any) (id, attribute string) {
	switch arg := arg.(type) {
	case string:
		id, attribute, _ = strings.Cut(arg, ".")
	case []any:
		if len(arg) == 2 {
			id, _ = arg[0].(string)
			attribute, _ = arg[1].(string)
		}
	}
	return id, attribute
}

func (s resolver) join(arg any) (any, error) {
	list, _ := arg.([]any)
	if len(list) != 2 {
		return nil, errors.New("Fn::Join wants a separator and a list")
	}
	separator, _ := list[0].(string)
	value, err := s.value(list[1])
	if err != nil {
		return nil, err
	}
	items, _ := value.([]any)
	texts := make([]string, len(items))
	for i, item := range items {
		texts[i] = text(item)
	}
	return strings.Join(texts, separator), nil
}

// text is a scalar as CloudFormation writes it into a text.
func text(v any) string {
	if s, ok := v.(string); ok {
		return s
	}
	content, err := json.Marshal(v)
	if err != nil {
		return ""
	}
	return string(content)
}

// variable is one of a text of Fn::Sub.
var variable = regexp.MustCompile(`\$\{(!?)([^}]*)\}`)

func (s resolver) sub(of string) (any, error) {
	var errs []error
	out := variable.ReplaceAllStringFunc(of, func(match string) string {
		found := variable.FindStringSubmatch(match)
		if found[1] == "!" {
			return "${" + found[2] + "}"
		}
		id, attribute, has := strings.Cut(found[2], ".")
		value, err := s.ref(id)
		if has {
			value, err = s.attribute(id, attribute)
		}
		errs = append(errs, err)
		return value
	})
	return out, errors.Join(errs...)
}
