package localcloud

import (
	"context"
	"fmt"
	"sync"
	"time"

	"trailkeeper/lambda/internal/localcloud/vtime"
)

// mostTasks bounds a run that does not come to rest.
const mostTasks = 200_000

// Run plays what is due, in virtual time, until nothing is left to do.
func (c *Cloud) Run() error {
	for range mostTasks {
		t, ok := c.kernel.Next()
		if !ok {
			return nil
		}
		c.play(t)
	}
	return fmt.Errorf("the cloud did not come to rest in %d steps", mostTasks)
}

// Settle is Run for what acts: it stops when nothing is left but to look at alarms and queues, which Run or the next
// Settle does at their time. A run in several acts settles in between, so that the minutes until an alarm's period ends
// do not pass.
func (c *Cloud) Settle() error {
	for range mostTasks {
		if !c.kernel.Acts() {
			return nil
		}
		if t, ok := c.kernel.Next(); ok {
			c.play(t)
		}
	}
	return fmt.Errorf("the cloud did not come to rest in %d steps", mostTasks)
}

// play does a task at its time, and side by side with it the runs of functions that are due at that time, if they are
// to be.
func (c *Cloud) play(t vtime.Task) {
	c.kernel.Reach(t.Due)
	if !t.Invokes || !c.abreast() {
		c.do(t)
		return
	}
	group := []vtime.Task{t}
	for {
		other, ok := c.kernel.NextRun(t.Due)
		if !ok {
			break
		}
		group = append(group, other)
	}
	c.kernel.Step()
	var running sync.WaitGroup
	for _, t := range group {
		running.Go(t.Run)
	}
	running.Wait()
}

// do does one task, as a step of its own.
func (c *Cloud) do(t vtime.Task) {
	c.kernel.Step()
	t.Run()
}

// RunFor plays what is due for a time, as it passes in a deployment: the schedules fire by their rates and times, and
// alarms that missing data raises are looked at. A rate counts from the beginning of the run. What is due later stays
// for Run or the next RunFor.
func (c *Cloud) RunFor(d time.Duration) error {
	defer c.kernel.Span()()
	end := c.kernel.Now().Add(d)
	c.Schedules.Plan(end)
	c.Monitor.Plan(end)
	for range mostTasks {
		t, ok := c.kernel.NextUntil(end)
		if !ok {
			c.kernel.Reach(end)
			return nil
		}
		c.play(t)
	}
	return fmt.Errorf("the cloud did not come to rest in %d steps", mostTasks)
}

// Concurrent has runs of functions that are due at the same time go on side by side, each in an environment of its own,
// as Lambda does; otherwise one happens after the other. Their order is not the same from run to run.
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
	c.Until(ctx)
	if c.options.RealTime {
		defer c.kernel.Span()()
		c.start.Do(func() {
			c.Schedules.Start()
			c.Monitor.Start()
		})
	}
	for {
		wait, ok := c.kernel.Wait()
		if ok && wait <= 0 {
			if t, found := c.kernel.Next(); found {
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
		case <-c.kernel.Added():
		case <-time.After(wait):
		}
	}
}
