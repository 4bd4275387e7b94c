package localcloud

import (
	"context"
	"fmt"
	"sync"
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
		c.play(t)
	}
	return fmt.Errorf("the cloud did not come to rest in %d steps", mostTasks)
}

// Settle is Run for what acts: it stops when nothing is left but to look at alarms and queues, which Run or the next Settle does at their time. A run in
// several acts settles in between, so that the minutes until an alarm's period ends do not pass.
func (c *Cloud) Settle() error {
	for range mostTasks {
		if !c.time.acts() {
			return nil
		}
		if t, ok := c.time.next(); ok {
			c.play(t)
		}
	}
	return fmt.Errorf("the cloud did not come to rest in %d steps", mostTasks)
}

// play does a task at its time, and side by side with it the runs of functions that are due at that time, if they are to be.
func (c *Cloud) play(t task) {
	c.time.reach(t.due)
	if !t.invokes || !c.abreast() {
		c.do(t)
		return
	}
	group := []task{t}
	for {
		other, ok := c.time.nextRun(t.due)
		if !ok {
			break
		}
		group = append(group, other)
	}
	c.mu.Lock()
	c.step++
	c.mu.Unlock()
	var running sync.WaitGroup
	for _, t := range group {
		running.Go(func() {
			c.mu.Lock()
			defer c.mu.Unlock()
			t.run()
		})
	}
	running.Wait()
}

// Concurrent has runs of functions that are due at the same time go on side by side, each in an environment of its own, as Lambda does; otherwise one
// happens after the other. Their order is not the same from run to run.
func (c *Cloud) Concurrent(on bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.concurrent = on
}

func (c *Cloud) abreast() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.concurrent
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
