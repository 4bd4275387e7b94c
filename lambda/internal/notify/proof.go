package notify

import "sync"

// mostProofs bounds what a process remembers of what it has parked.
const mostProofs = 1000

// proofs are the digests of what this process has put into the failure queue. They prove a message where the ledger could not note that, or where
// there is none.
type proofs struct {
	mu      sync.Mutex
	digests map[string]bool
}

func (p *proofs) add(digest string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.digests == nil || len(p.digests) >= mostProofs {
		p.digests = make(map[string]bool)
	}
	p.digests[digest] = true
}

func (p *proofs) has(digest string) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return digest != "" && p.digests[digest]
}
