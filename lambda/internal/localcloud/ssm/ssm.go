// Package ssm is the Parameter Store of Systems Manager: parameters of the type String, those of the templates and
// those that a call has made.
//
// It plays no hierarchy beyond names, no versions but the latest, and no SecureString.
package ssm

import (
	"regexp"
	"strings"
	"sync"
	"time"

	"trailkeeper/lambda/internal/localcloud/cloudformation"
	"trailkeeper/lambda/internal/localcloud/kernel"
	"trailkeeper/lambda/internal/localcloud/policy"
	"trailkeeper/lambda/internal/localcloud/wire"
)

// Parameters are all parameters of the cloud.
type Parameters struct {
	kernel *kernel.Kernel
	wire.Front

	mu  sync.Mutex
	all map[string]*parameter // by ARN
}

type parameter struct {
	name, arn, kind, tier, value, description, dataType string
	version                                             int
	changed                                             time.Time
}

// New returns the Parameter Store without a parameter.
func New(k *kernel.Kernel) *Parameters {
	s := &Parameters{kernel: k, all: map[string]*parameter{}}
	s.Front = wire.New(k, "ssm", s.answer, wire.Named("Name"))
	s.Bounds = true
	return s
}

// Types are the resource types of the service.
func Types() map[string]cloudformation.Type {
	return map[string]cloudformation.Type{
		"AWS::SSM::Parameter": {
			Name: "Name",
			Attributes: func(_ cloudformation.Place, _, name string) map[string]string {
				return map[string]string{"Ref": name}
			},
		},
	}
}

type parameterSpec struct {
	Name, Type, Value, Description, Tier, DataType string
	Tags                                           cloudformation.Unused
}

// Check refuses values that the service would refuse.
func (s parameterSpec) Check() error {
	tier := s.Tier
	if tier == "" {
		tier = standard
	}
	if err := cloudformation.OneOf("Type", s.Type, "String"); err != nil {
		return err
	}
	if failed := checked(s.Name, s.Value, tier); failed != nil {
		return failed
	}
	return nil
}

// Deploy makes the parameters of a template.
func (s *Parameters) Deploy(st *cloudformation.Stack) {
	s.mu.Lock()
	defer s.mu.Unlock()
	cloudformation.Each(st, "AWS::SSM::Parameter", func(id string, att map[string]string, spec parameterSpec) {
		name := att["Ref"]
		p := &parameter{
			name: name, arn: st.ARN("ssm", "parameter/"+strings.TrimPrefix(name, "/")), kind: spec.Type,
			tier: tierOf(spec.Tier, spec.Value), value: spec.Value, description: spec.Description, dataType: spec.DataType, version: 1, changed: s.kernel.Began,
		}
		s.all[p.arn] = p
		s.kernel.Name(p.arn, cloudformation.ShortID(id))
	})
}

// Value is that of a parameter; empty: there is none.
func (s *Parameters) Value(arn string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if p := s.all[arn]; p != nil {
		return p.value
	}
	return ""
}

// The tiers, and how many bytes a value may have ("Managing parameter tiers").
const (
	standard     = "Standard"
	advanced     = "Advanced"
	mostStandard = 4 << 10
	mostAdvanced = 8 << 10
)

// tierOf is the tier of a value; Intelligent-Tiering takes the cheaper one that fits.
func tierOf(given, value string) string {
	if given == advanced || given == "Intelligent-Tiering" && len(value) > mostStandard {
		return advanced
	}
	return standard
}

// mostName is the longest name, with its path ("PutParameter").
const mostName = 1011

var parameterName = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[a-zA-Z0-9_./-]+$`) })

// checked refuses a name or a value (Systems Manager API reference, PutParameter).
func checked(name, value, tier string) *kernel.Error {
	first, _, _ := strings.Cut(strings.TrimPrefix(strings.ToLower(name), "/"), "/")
	most := mostStandard
	if tier != standard {
		most = mostAdvanced
	}
	switch {
	case len(name) > mostName || !parameterName().MatchString(name) || strings.HasPrefix(first, "aws") || strings.HasPrefix(first, "ssm"):
		return kernel.Refuse("ValidationException", "Parameter name %.200s is not allowed.", name)
	case strings.Contains(name, "/") && !strings.HasPrefix(name, "/"):
		return kernel.Refuse("ValidationException", "Parameter name must be a fully qualified name.")
	case value == "" || len(value) > most:
		return kernel.Refuse("ValidationException", "Value has %d bytes; the tier %s takes 1 to %d.", len(value), tier, most)
	}
	return nil
}

func (s *Parameters) answer(cl *kernel.Call) (any, *kernel.Error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	name := cl.Text("Name")
	arn := name
	if kernel.ARN(name).Service != "ssm" {
		arn = s.kernel.PlaceOf(cl).ARN("ssm", "parameter/"+strings.TrimPrefix(name, "/"))
	}
	if failed := s.kernel.May(cl, policy.Access{Action: "ssm:" + cl.Op, Resource: arn}, nil); failed != nil {
		return nil, failed
	}
	p := s.all[arn]
	if cl.Op == "PutParameter" {
		return s.put(cl, arn, p)
	}
	if p == nil || kernel.SiteOf(arn) != cl.Site() {
		return nil, kernel.Refuse("ParameterNotFound", "Parameter %.200s not found.", name)
	}
	if cl.Op == "DeleteParameter" {
		delete(s.all, arn)
		return map[string]any{}, nil
	}
	return map[string]any{"Parameter": p.shown()}, nil
}

func (p *parameter) shown() map[string]any {
	dataType := p.dataType
	if dataType == "" {
		dataType = "text"
	}
	return map[string]any{
		"Name": p.name, "Type": p.kind, "Value": p.value, "Version": p.version, "ARN": p.arn, "DataType": dataType,
		"LastModifiedDate": p.changed,
	}
}

// put makes a parameter, or with Overwrite replaces one, whose type stays.
func (s *Parameters) put(cl *kernel.Call, arn string, p *parameter) (any, *kernel.Error) {
	kind, value, overwrite := cl.Text("Type"), cl.Text("Value"), cl.Params["Overwrite"] == true
	tier := tierOf(cl.Text("Tier"), value)
	if p != nil && p.tier == advanced {
		tier = advanced // one does not become a standard parameter again
	}
	switch {
	case p != nil && !overwrite:
		return nil, kernel.Refuse("ParameterAlreadyExists",
			"The parameter already exists. To overwrite this value, set the overwrite option in the request to true.")
	case p == nil && kind == "":
		return nil, kernel.Refuse("ValidationException", "A parameter type is required when you create a parameter.")
	case p != nil && kind != "" && kind != p.kind:
		return nil, kernel.Refuse("HierarchyTypeMismatchException", "The parameter %s has the type %s.", p.name, p.kind)
	case p == nil && kind != "String":
		return nil, kernel.Refuse("UnsupportedParameterType", "The type %s is not simulated; the local run knows String", kind)
	}
	if failed := checked(cl.Text("Name"), value, tier); failed != nil {
		return nil, failed
	}
	if p == nil {
		p = &parameter{name: cl.Text("Name"), arn: arn, kind: kind}
		s.all[arn] = p
	}
	if description, given := cl.Params["Description"].(string); given {
		p.description = description
	}
	if dataType := cl.Text("DataType"); dataType != "" {
		p.dataType = dataType
	}
	p.value, p.tier, p.version, p.changed = value, tier, p.version+1, s.kernel.Now()
	return map[string]any{"Version": p.version, "Tier": p.tier}, nil
}
