package localcloud

import (
	"errors"
	"net/http"
	"strconv"
	"time"

	"trailkeeper/lambda/internal/clock"
)

// answer is what a service sends back.
type answer struct {
	status int
	header map[string]string
	body   []byte
}

const (
	// loopbackHeader marks a request of a function, which waits for a slow answer by the cloud's clock; holdHeader tells it for how long.
	loopbackHeader = "Trailkeeper-Loopback"
	holdHeader     = "Trailkeeper-Hold"
)

// respond sends an answer as the fault lets it through.
func (c *Cloud) respond(w http.ResponseWriter, r *http.Request, a answer, i *Injected) {
	if i != nil {
		switch i.Kind {
		case FaultLost, FaultDropped:
			panic(http.ErrAbortHandler) // closes the connection
		case FaultSlow:
			c.wait(w, r, i.Delay)
		case FaultTimeout:
			c.wait(w, r, never)
			a = answer{status: http.StatusGatewayTimeout}
		case FaultGarbage:
			a = i.garbage()
		}
		if i.Kind == FaultError && i.RetryAfter > 0 {
			w.Header().Set("Retry-After", strconv.Itoa(int(i.RetryAfter/time.Second)))
		}
	}
	for name, value := range a.header {
		w.Header().Set(name, value)
	}
	w.WriteHeader(a.status)
	_, _ = w.Write(a.body)
}

func (i *Injected) garbage() answer {
	status := i.Status
	if status == 0 {
		status = http.StatusOK
	}
	return answer{status: status, header: map[string]string{"Content-Type": "text/html"}, body: []byte(garbage)}
}

// wait tells a function's request how long its answer takes, and lets anybody else wait.
func (c *Cloud) wait(w http.ResponseWriter, r *http.Request, d time.Duration) {
	if r.Header.Get(loopbackHeader) != "" {
		w.Header().Set(holdHeader, d.String())
		return
	}
	err := r.Context().Err()
	if c.opts.RealTime {
		err = clock.Real().Sleep(r.Context(), d)
	} else if d < never {
		c.time.pass(d)
	}
	if d >= never || err != nil {
		panic(http.ErrAbortHandler)
	}
}

// errLate is what comes of a request that was made after the run had been stopped, or after its time.
var errLate = errors.New("the request was made when its time was over")
