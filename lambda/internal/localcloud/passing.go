package localcloud

import (
	"fmt"
	"time"
)

// RunFor plays what is due for a time, as it passes in a deployment: the schedules fire by their rates and times, and alarms that missing data
// raises are looked at. A rate counts from the beginning of the run. What is due later stays for Run or the next RunFor.
func (c *Cloud) RunFor(d time.Duration) error {
	c.mu.Lock()
	c.passing++
	end := c.time.Now().Add(d)
	c.plan(end)
	c.mu.Unlock()
	defer func() {
		c.mu.Lock()
		c.passing--
		c.mu.Unlock()
	}()
	for range mostTasks {
		t, ok := c.time.nextUntil(end)
		if !ok {
			c.time.reach(end)
			return nil
		}
		c.play(t)
	}
	return fmt.Errorf("the cloud did not come to rest in %d steps", mostTasks)
}

// plan puts on the list what happens by itself until `end`. The cloud is locked.
func (c *Cloud) plan(end time.Time) {
	now := c.time.Now()
	for _, s := range c.stack.schedules {
		for at := s.after(c.start, now); !at.After(end) && !at.IsZero(); at = s.after(c.start, at) {
			c.time.at(at, func() {
				if s.enabled {
					c.fire(s, at)
				}
			})
		}
	}
	for _, a := range c.lookers() {
		for at := now.Add(-settleTime).Truncate(a.period()).Add(a.period()); !at.Add(settleTime).After(end); at = at.Add(a.period()) {
			c.time.at(at.Add(settleTime), func() { c.evaluate(a, at) })
		}
	}
}

// lookers are the alarms that silence raises, which must be looked at when nothing happens.
func (c *Cloud) lookers() []*alarm {
	var all []*alarm
	for _, a := range c.stack.alarms {
		if a.bySilence() {
			all = append(all, a)
		}
	}
	return all
}

// after is the first firing after a time; the zero time: there is none within a year.
func (s *schedule) after(start, t time.Time) time.Time {
	if s.cron == nil {
		passed := t.Sub(start)
		return start.Add(passed.Truncate(s.every) + s.every)
	}
	const year = 366 * 24 * time.Hour
	for at := t.Truncate(time.Minute).Add(time.Minute); at.Sub(t) < year; at = at.Add(time.Minute) {
		if s.cron.at(at) {
			return at
		}
	}
	return time.Time{}
}

// FireSchedule has one schedule fire now, by its logical ID without CDK's hash or by its name; it reports false where there is none that is enabled. Run
// plays it.
func (c *Cloud) FireSchedule(name string) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, s := range c.stack.schedules {
		if s.enabled && s.called(name) {
			c.fire(s, c.time.Now())
			return true
		}
	}
	return false
}

// DisableSchedules disables the schedules of that logical ID or name, or all where it is empty, and returns how many; EnableSchedules undoes it. A
// schedule that is deleted behaves the same.
func (c *Cloud) DisableSchedules(name string) int { return c.setSchedules(name, false) }

// EnableSchedules undoes DisableSchedules.
func (c *Cloud) EnableSchedules(name string) int { return c.setSchedules(name, true) }

func (c *Cloud) setSchedules(name string, enabled bool) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	n := 0
	for _, s := range c.stack.schedules {
		if name == "" || s.called(name) {
			s.enabled = enabled
			n++
		}
	}
	return n
}

func (s *schedule) called(name string) bool {
	return name == s.name || name == shortID(s.id) || name == s.id
}

// DisableRule disables the EventBridge rules of that logical ID without CDK's hash, or of that name, and returns how many.
func (c *Cloud) DisableRule(name string) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	n := 0
	for _, r := range c.stack.rules {
		if name == r.name || name == shortID(r.id) {
			r.enabled = false
			n++
		}
	}
	return n
}
