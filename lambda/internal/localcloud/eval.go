package localcloud

import (
	"crypto/sha256"
	"encoding/base32"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// place is where the template is deployed.
type place struct {
	Account   string
	Region    string
	Partition string
	Stack     string
}

func (p place) urlSuffix() string {
	switch p.Partition {
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

func (p place) arn(service, rest string) string {
	return "arn:" + p.Partition + ":" + service + ":" + p.Region + ":" + p.Account + ":" + rest
}

// evaluator evaluates the functions of a template: Ref, Fn::GetAtt, Fn::Join, Fn::Sub, pseudo-parameters and dynamic references to
// Secrets Manager. Anything else is an error that names it.
type evaluator struct {
	template
	place
	secrets map[string]string // name to SecretString
	busy    map[string]bool   // resources whose name is being made, to find circles
}

// noValue stands for AWS::NoValue: the property is left out.
type noValue struct{}

func (e *evaluator) eval(v any) (any, error) {
	switch v := v.(type) {
	case string:
		return e.dynamic(v)
	case []any:
		return e.list(v)
	case map[string]any:
		if len(v) == 1 {
			for name, arg := range v {
				if name == "Ref" || strings.HasPrefix(name, "Fn::") {
					return e.function(name, arg)
				}
			}
		}
		return e.object(v)
	default:
		return v, nil
	}
}

func (e *evaluator) list(v []any) (any, error) {
	out := make([]any, 0, len(v))
	var errs []error
	for _, item := range v {
		value, err := e.eval(item)
		if err != nil {
			errs = append(errs, err)
			continue
		}
		if _, none := value.(noValue); !none {
			out = append(out, value)
		}
	}
	return out, errors.Join(errs...)
}

func (e *evaluator) object(v map[string]any) (any, error) {
	out := make(map[string]any, len(v))
	var errs []error
	for _, key := range slices.Sorted(maps.Keys(v)) {
		value, err := e.eval(v[key])
		if err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", key, err))
			continue
		}
		if _, none := value.(noValue); !none {
			out[key] = value
		}
	}
	return out, errors.Join(errs...)
}

func (e *evaluator) function(name string, arg any) (any, error) {
	switch name {
	case "Ref":
		id, _ := arg.(string)
		return e.ref(id)
	case "Fn::GetAtt":
		return e.getAtt(arg)
	case "Fn::Join":
		return e.join(arg)
	case "Fn::Sub":
		return e.sub(arg)
	default:
		return nil, fmt.Errorf("the function %s is not modelled", name)
	}
}

func (e *evaluator) ref(id string) (any, error) {
	switch id {
	case "AWS::AccountId":
		return e.Account, nil
	case "AWS::Region":
		return e.Region, nil
	case "AWS::Partition":
		return e.Partition, nil
	case "AWS::URLSuffix":
		return e.urlSuffix(), nil
	case "AWS::StackName":
		return e.Stack, nil
	case "AWS::StackId":
		return e.arn("cloudformation", "stack/"+e.Stack+"/"+uuidOf("stack", e.Stack)), nil
	case "AWS::NoValue":
		return noValue{}, nil
	}
	return e.attribute(id, "Ref")
}

func (e *evaluator) getAtt(arg any) (any, error) {
	var id, att string
	switch arg := arg.(type) {
	case string:
		id, att, _ = strings.Cut(arg, ".")
	case []any:
		if len(arg) == 2 {
			id, _ = arg[0].(string)
			att, _ = arg[1].(string)
		}
	}
	if id == "" || att == "" {
		return nil, errors.New("Fn::GetAtt: want a resource and an attribute")
	}
	return e.attribute(id, att)
}

// attribute returns what Ref or Fn::GetAtt gives for a resource.
func (e *evaluator) attribute(id, att string) (any, error) {
	r, ok := e.resources[id]
	if !ok {
		return nil, fmt.Errorf("%s refers to %s, which is not in the template", att, id)
	}
	name, err := e.name(r)
	if err != nil {
		return nil, err
	}
	value, ok := resourceTypes()[r.Type].attributes(e.place, id, name)[att]
	if !ok {
		return nil, fmt.Errorf("%s of %s (%s) is not modelled", att, id, r.Type)
	}
	return value, nil
}

// name gives the physical name: the one in the properties, or one that is made as CloudFormation makes it. The name of a schedule has its
// group before it; that of a rule, its bus where it is another than the default one; that of a role, its path.
func (e *evaluator) name(r resource) (string, error) {
	name, err := e.named(r, resourceTypes()[r.Type].nameProperty)
	if err != nil {
		return "", err
	}
	if name == "" {
		name = generatedName(e.Stack, r.ID)
		if r.Type == "AWS::S3::Bucket" {
			name = strings.ToLower(name)
		}
	}
	if r.Type == "AWS::Scheduler::Schedule" {
		group, err := e.named(r, "GroupName")
		if group == "" {
			group = "default"
		}
		return group + "/" + name, err
	}
	if r.Type == "AWS::Events::Rule" {
		bus, err := e.named(r, "EventBusName")
		if err != nil {
			return "", err
		}
		if bus != "" && bus != defaultBus {
			name = bus + "/" + name
		}
	}
	if r.Type == "AWS::IAM::Role" {
		path, err := e.named(r, "Path")
		return strings.TrimPrefix(path, "/") + name, err
	}
	return name, nil
}

// named evaluates the property that gives a name, which may be absent.
func (e *evaluator) named(r resource, property string) (string, error) {
	given, ok := r.Properties[property]
	if !ok {
		return "", nil
	}
	if e.busy[r.ID] {
		return "", fmt.Errorf("the name of %s depends on itself", r.ID)
	}
	e.busy[r.ID] = true
	defer delete(e.busy, r.ID)
	v, err := e.eval(given)
	if err != nil {
		return "", err
	}
	name, ok := v.(string)
	if !ok || name == "" {
		return "", fmt.Errorf("the name of %s is no text", r.ID)
	}
	return name, nil
}

// generatedName has the form of CloudFormation's names: stack, logical ID and twelve random characters, which are always the same here.
func generatedName(stack, id string) string {
	sum := sha256.Sum256([]byte(stack + "/" + id))
	return stack + "-" + id + "-" + base32.StdEncoding.EncodeToString(sum[:])[:12]
}

// text is a scalar as CloudFormation writes it into a text.
func text(v any) (string, bool) {
	switch v := v.(type) {
	case string:
		return v, true
	case json.Number:
		return v.String(), true
	case bool:
		return fmt.Sprint(v), true
	default:
		return "", false
	}
}

// uuidOf makes a UUID of texts, always the same.
func uuidOf(parts ...string) string {
	sum := sha256.Sum256([]byte(strings.Join(parts, "\x00")))
	s := hex.EncodeToString(sum[:16])
	return s[:8] + "-" + s[8:12] + "-4" + s[13:16] + "-8" + s[17:20] + "-" + s[20:]
}
