// Package wire is how requests are read, checked and answers written, once for each protocol of AWS: JSON 1.0 and 1.1,
// query, REST JSON, REST XML, and RPC v2 CBOR. What an operation may be asked and may answer it takes from AWS's own
// service models. It knows no service: what a call does, and whom it lets do it, the services say.
package wire

import (
	"maps"
	"net/http"
	"slices"
	"strings"

	"trailkeeper/lambda/internal/localcloud/kernel"
)

// protocol reads a request into an operation and what it is asked, and writes an answer.
type protocol struct {
	read   func(m *Model, r *http.Request, cl *kernel.Call) (map[string]any, *kernel.Error)
	write  func(m *Model, r *http.Request, cl *kernel.Call, result map[string]any) kernel.Answer
	refuse func(m *Model, r *http.Request, cl *kernel.Call, failed *kernel.Error) kernel.Answer
}

// protocolOf is the one that a request speaks: most services know several.
func protocolOf(m *Model, r *http.Request, service string) protocol {
	switch {
	case slices.Contains(xmlServices, service):
		return inRESTXML
	case len(m.Routes) > 0:
		return inRESTJSON
	case r.Header.Get("X-Amz-Target") != "":
		return inJSON
	case r.Header.Get("Smithy-Protocol") == "rpc-v2-cbor":
		return inCBOR
	case strings.HasPrefix(r.Header.Get("Content-Type"), "application/x-www-form-urlencoded"):
		return inQuery
	default:
		return inRESTJSON
	}
}

// xmlServices are those of AWS that speak REST XML.
var xmlServices = []string{"s3", "cloudfront", "route53"}

// Front is the side of a service that is spoken to.
type Front struct {
	// Shown says that the service itself shows in the timeline what a fault refuses.
	Shown bool
	// Bounds has everything refused that the service's model forbids. Otherwise the service checks by itself, with codes
	// of its own, and only what the model does not know is refused here.
	Bounds bool

	kernel *kernel.Kernel
	model  *Model
	run    func(*kernel.Call) (any, *kernel.Error)
	about  func(*kernel.Call) string
}

// New returns the front of a service, by its name in signatures, that carries calls out by run. About is what faults
// know a call by.
func New(
	k *kernel.Kernel, service string, run func(*kernel.Call) (any, *kernel.Error), about func(*kernel.Call) string,
) Front {
	return Front{
		kernel: k,
		model:  Models()[service],
		run:    run,
		about:  about,
	}
}

// Serve answers one request, and has it recorded. A fault that keeps it from taking effect makes the answer later.
func (s Front) Serve(r *http.Request, cl *kernel.Call) kernel.Answer {
	p := protocolOf(s.model, r, cl.Service)
	failed := s.read(p, r, cl)
	if failed != nil {
		return p.refuse(s.model, r, cl, failed)
	}
	var result any
	if s.meets(cl) {
		result, failed = s.carryOut(cl)
	}
	if failed != nil {
		return p.refuse(s.model, r, cl, failed)
	}
	if a, whole := result.(kernel.Answer); whole {
		return a
	}
	fitted, err := s.model.fitted(cl.Op, result)
	if err != nil {
		return p.refuse(s.model, r, cl, &kernel.Error{
			Status:  http.StatusInternalServerError,
			Code:    "InternalFailure",
			Message: "the local run has answered what the service's model has not: " + err.Error(),
		})
	}
	return p.write(s.model, r, cl, fitted)
}

// carryOut runs the call. CloudTrail, which records its own calls, is told of it; of one about data alone, in case a
// trail records it.
func (s Front) carryOut(cl *kernel.Call) (any, *kernel.Error) {
	switch {
	case cl.Service == "cloudtrail":
		return s.run(cl)
	case s.model.Operations[cl.Op].Data:
		result, failed := s.run(cl)
		if id := s.kernel.RecordData(cl, failed); id != "" && !Reads(cl.Op) {
			s.show(cl, id, failed)
		}
		return result, failed
	}
	changes := !Reads(cl.Op)
	if changes {
		s.kernel.CatchUp()
	}
	result, failed := s.run(cl)
	id := s.kernel.Record(cl, failed)
	if changes {
		s.show(cl, id, failed)
	}
	return result, failed
}

// show puts a call into the timeline.
func (s Front) show(cl *kernel.Call, id string, failed *kernel.Error) {
	e := kernel.Entry{
		Kind:     kernel.KindNote,
		Who:      cl.Who.Name(),
		Function: cl.Function(),
		Op:       cl.Op,
		EventID:  id,
		Text:     "calls " + cl.Service + " " + cl.Op,
	}
	if failed != nil {
		e.Err = failed.Code
		e.Text += ": refused, " + failed.Code
	}
	s.kernel.Note(e)
}

// read finds the operation and reads what it is asked.
func (s Front) read(p protocol, r *http.Request, cl *kernel.Call) *kernel.Error {
	given, failed := p.read(s.model, r, cl)
	if failed != nil {
		return failed
	}
	if _, played := s.model.Operations[cl.Op]; !played {
		asked := cl.Op
		cl.Op = "Unknown"
		return notSimulated("%.100q of %s is not simulated; the local run knows %s", asked, cl.Service,
			strings.Join(s.model.Played(), ", "))
	}
	cl.Params, failed = s.model.Read(cl.Op, given, s.Bounds)
	return failed
}

// notSimulated is the refusal of what AWS knows and the local run does not. No client tries it again.
func notSimulated(format string, args ...any) *kernel.Error {
	failed := kernel.Refuse("NotImplemented", format, args...)
	failed.Status = http.StatusNotImplemented
	return failed
}

// Refuse refuses a request to a service in the protocol that it speaks; nil: because the service is not there.
func Refuse(r *http.Request, cl *kernel.Call, failed *kernel.Error) kernel.Answer {
	m := Models()[cl.Service]
	if m == nil {
		m = &Model{Namespace: "http://" + cl.Service + ".amazonaws.com/doc/"}
	}
	if failed == nil {
		failed = notSimulated("the service %s is not simulated; the local run serves %s", cl.Service,
			strings.Join(slices.Sorted(maps.Keys(Models())), ", "))
	}
	p := protocolOf(m, r, cl.Service)
	return p.refuse(m, r, cl, failed)
}

// meets asks the faults for a call, and reports whether it is carried out.
func (s Front) meets(cl *kernel.Call) bool {
	cl.Injected = s.kernel.Pick(kernel.Step{
		Service:  cl.Service,
		Op:       cl.Op,
		By:       cl.Who.Name(),
		About:    s.about(cl),
		Function: cl.Function(),
	})
	if cl.Injected == nil {
		return true
	}
	refused := cl.Injected.Kind == kernel.FaultError
	if !refused || !s.Shown {
		s.kernel.Shows(cl.Injected, cl.Service, cl.Op)
	}
	return refused || cl.Injected.Effective()
}

// Body is what faults know a call by that has no better word for it.
func Body(cl *kernel.Call) string { return string(cl.Body) }

// Named is what faults know a call by that is about what a parameter names.
func Named(parameter string) func(*kernel.Call) string {
	return func(cl *kernel.Call) string { return cl.Text(parameter) }
}
