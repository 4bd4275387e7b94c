package report

import "sync"

// maxProofs bounds what a process remembers of what it has parked.
const maxProofs = 1000

// proofs are the digests of what this process has put into the failure queue. They prove a message where the claims
// could not note that, or where there is none.
type proofs struct {
	mu      sync.Mutex
	digests map[string]bool
}

func (p *proofs) add(digest string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.digests == nil || len(p.digests) >= maxProofs {
		p.digests = make(map[string]bool)
	}
	p.digests[digest] = true
}

func (p *proofs) has(digest string) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return digest != "" && p.digests[digest]
}
