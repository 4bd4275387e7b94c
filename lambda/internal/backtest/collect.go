package backtest

import (
	"runtime/debug"
	"sync"
)

const (
	// manyFiles is from how many files on time counts more than memory.
	manyFiles = 8
	// relaxedPercent is how much garbage there may be then, of what is in use: some 6 MB with the built-in rules. What is in
	// use is walked a quarter as often as the runtime does by itself, which saves an eighth of the whole time.
	relaxedPercent = 400
)

// collection is how often garbage is collected while a run lasts. That is the process's, so that of several runs at once
// the last to end has its say.
type collection struct {
	mu      sync.Mutex
	before  int
	relaxed bool
	over    bool
}

// relax has it collected less often, unless somebody wants that already.
func (c *collection) relax() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.relaxed || c.over {
		return
	}
	c.before = debug.SetGCPercent(relaxedPercent)
	if c.before < 0 || c.before > relaxedPercent {
		debug.SetGCPercent(c.before)
		return
	}
	c.relaxed = true
}

// restore ends that.
func (c *collection) restore() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.over = true; c.relaxed {
		debug.SetGCPercent(c.before)
	}
}
