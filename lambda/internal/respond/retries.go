package respond

import (
	"sync"

	"trailkeeper/lambda/internal/finding"
)

// Retries knows who handles an event again after a failure. It is safe for concurrent use and must not be copied.
//
// It counts the failed runs of the events that this execution environment saw. Another environment starts anew, so that
// "gave up" is said by the last run only where it is sure; the failure queue's alarm says it in any case.
type Retries struct {
	// Async is how often Lambda runs a failed invocation again.
	Async int

	mu   sync.Mutex
	runs map[string]int
}

// maxRemembered bounds the memory; an event is retried for minutes, and thousands do not fail in that time.
const maxRemembered = 1000

// count adds a failed run of the request and returns how many there were. Invocations without an ID are not
// distinguished, so each is a first.
func (r *Retries) count(request string) int {
	if request == "" {
		return 1
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.runs == nil || len(r.runs) >= maxRemembered {
		r.runs = make(map[string]int)
	}
	r.runs[request]++
	return r.runs[request]
}

// last counts a run that failed, and reports whether Lambda does not run the event again.
func (r *Retries) last(req Request) (failed int, last bool) {
	failed = r.count(req.ID)
	return failed, failed > r.Async && !req.FromQueue
}

// again says who handles the event again after a failure.
func (r *Retries) again(req Request) finding.Note {
	if req.FromQueue {
		return finding.Say(finding.NoteStaysQueued)
	}
	return finding.Say(finding.NoteRunsAgain, r.Async)
}
