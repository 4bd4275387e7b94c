package main

import (
	"fmt"
	"io"
	"sync"
	"time"
)

// patience is how long a synth may take without a word.
const patience = 3 * time.Second

// progress says what a synth is doing once it takes longer than patience, and each further step from then on.
type progress struct {
	mu    sync.Mutex
	out   io.Writer
	doing string
	late  bool
	over  bool
}

func newProgress(out io.Writer, after func(time.Duration, func()) *time.Timer) *progress {
	p := &progress{out: out}
	after(patience, func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.late = true
		p.say()
	})
	return p
}

func (p *progress) step(doing string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.doing = doing
	p.say()
}

// end keeps whatever is printed afterwards the last word.
func (p *progress) end() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.over = true
}

func (p *progress) say() {
	if p.late && !p.over && p.doing != "" {
		fmt.Fprintf(p.out, "trailkeeper: %s …\n", p.doing)
	}
}
