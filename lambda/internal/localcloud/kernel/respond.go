package kernel

import (
	"net/http"
	"strconv"
	"time"

	"trailkeeper/lambda/internal/clock"
	"trailkeeper/lambda/internal/localcloud/vtime"
)

// respond sends an answer as the fault lets it through.
func (d *Door) respond(w http.ResponseWriter, r *http.Request, a Answer, i *Injected) {
	if i != nil {
		switch i.Kind {
		case FaultLost, FaultDropped:
			panic(http.ErrAbortHandler) // closes the connection
		case FaultSlow:
			d.wait(w, r, i.Delay)
		case FaultTimeout:
			d.wait(w, r, vtime.Never)
			a = Answer{Status: http.StatusGatewayTimeout}
		case FaultGarbage:
			a = i.Garbage()
		}
		if i.Kind == FaultError && i.RetryAfter > 0 {
			w.Header().Set("Retry-After", strconv.Itoa(int(i.RetryAfter/time.Second)))
		}
	}
	for name, value := range a.Header {
		w.Header().Set(name, value)
	}
	w.WriteHeader(a.Status)
	_, _ = w.Write(a.Body)
}

// Garbage is an answer that no client of the service understands.
func (i *Injected) Garbage() Answer {
	status := i.Status
	if status == 0 {
		status = http.StatusOK
	}
	return Answer{Status: status, Header: map[string]string{"Content-Type": "text/html"}, Body: []byte(garbage)}
}

// wait tells a function's request how long its answer takes, and lets anybody else wait.
func (d *Door) wait(w http.ResponseWriter, r *http.Request, after time.Duration) {
	if r.Header.Get(vtime.FunctionHeader) != "" {
		w.Header().Set(vtime.HoldHeader, after.String())
		return
	}
	err := r.Context().Err()
	if d.Kernel.Real() {
		err = clock.Real().Sleep(r.Context(), after)
	} else if after < vtime.Never {
		d.Kernel.Pass(after)
	}
	if after >= vtime.Never || err != nil {
		panic(http.ErrAbortHandler)
	}
}
