// Package wire is how requests are read and answers written, once for each protocol of AWS: JSON 1.0 and 1.1, query, REST JSON, and RPC v2 CBOR.
// It knows no service or operation: what is refused, and in which words, the services say.
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

// Service is one service as it is spoken to.
type Service struct {
	Kernel   *kernel.Kernel
	Protocol Protocol
	// Shown says that the service itself shows in the timeline what a fault refuses.
	Shown bool
	// About is what faults know a call by.
	About func(*kernel.Call) string
	// Run carries a call out.
	Run func(*kernel.Call) (any, *kernel.Error)
}

// Serve answers one request. A fault that keeps it from taking effect makes the answer later.
func (s Service) Serve(r *http.Request, cl *kernel.Call) kernel.Answer {
	failed := s.Protocol.Decode(r, cl)
	var result any
	if failed == nil && s.meets(cl) {
		result, failed = s.Run(cl)
	}
	return s.Protocol.Encode(r, cl, result, failed)
}

// meets asks the faults for a call, and reports whether it is carried out.
func (s Service) meets(cl *kernel.Call) bool {
	cl.Injected = s.Kernel.Pick(kernel.Step{
		Service:  cl.Service,
		Op:       cl.Op,
		By:       cl.Who.Name(),
		About:    s.About(cl),
		Function: cl.Function(),
	})
	if cl.Injected == nil {
		return true
	}
	refused := cl.Injected.Kind == kernel.FaultError
	if !refused || !s.Shown {
		s.Kernel.Shows(cl.Injected, cl.Service, cl.Op)
	}
	return refused || cl.Injected.Effective()
}

// Body is what faults know a call by that has no better word for it.
func Body(cl *kernel.Call) string { return string(cl.Body) }
