// Package wire is how requests are read and answers written, once for each protocol of AWS: JSON 1.0 and 1.1, query,
// REST JSON, and RPC v2 CBOR. It knows no service or operation: what is refused, and in which words, the services say.
package wire

import (
	"net/http"

	"trailkeeper/lambda/internal/localcloud/kernel"
)

// Protocol reads a request into a call, and writes an answer.
type Protocol struct {
	// Decode finds the operation and its parameters.
	Decode func(r *http.Request, cl *kernel.Call) *kernel.Error
	// Encode writes a result, or why there is none. A call that takes no effect has neither.
	Encode func(r *http.Request, cl *kernel.Call, result any, failed *kernel.Error) kernel.Answer
}

// Front is the side of a service that is spoken to.
type Front struct {
	// Shown says that the service itself shows in the timeline what a fault refuses.
	Shown bool

	kernel   *kernel.Kernel
	protocol Protocol
	run      func(*kernel.Call) (any, *kernel.Error)
	about    func(*kernel.Call) string
}

// New returns the front of a service that carries calls out by run. About is what faults know a call by.
func New(
	k *kernel.Kernel, p Protocol, run func(*kernel.Call) (any, *kernel.Error), about func(*kernel.Call) string,
) Front {
	return Front{
		kernel:   k,
		protocol: p,
		run:      run,
		about:    about,
	}
}

// Serve answers one request. A fault that keeps it from taking effect makes the answer later.
func (s Front) Serve(r *http.Request, cl *kernel.Call) kernel.Answer {
	failed := s.protocol.Decode(r, cl)
	var result any
	if failed == nil && s.meets(cl) {
		result, failed = s.run(cl)
	}
	return s.protocol.Encode(r, cl, result, failed)
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
