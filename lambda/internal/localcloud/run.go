package localcloud

import (
	"context"
	"fmt"
	"time"
)

// mostTasks bounds a run that does not come to rest.
const mostTasks = 200_000

// Run plays what is due, in virtual time, until nothing is left to do.
func (c *Cloud) Run() error {
	for range mostTasks {
		t, ok := c.time.next()
		if !ok {
			return nil
		}
		c.time.reach(t.due)
		c.do(t)
	}
	return fmt.Errorf("the cloud did not come to rest in %d steps", mostTasks)
}

// Serve plays what is due in real time until ctx ends; schedules fire by their rates.
func (c *Cloud) Serve(ctx context.Context) {
	c.mu.Lock()
	c.base = ctx
	c.mu.Unlock()
	if c.opts.RealTime {
		c.startSchedules()
	}
	for {
		wait, ok := c.time.wait()
		if ok && wait <= 0 {
			if t, found := c.time.next(); found {
				c.do(t)
			}
			continue
		}
		if !ok {
			wait = time.Hour
		}
		select {
		case <-ctx.Done():
			return
		case <-c.time.added:
		case <-time.After(wait):
		}
	}
}

func (c *Cloud) do(t task) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.step++
	t.run()
}
