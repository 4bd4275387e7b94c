package repeats

import "time"

// counter is what is noted of one thing that may happen again.
type counter struct {
	Since  time.Time `json:"since,omitzero"`   // when the window began
	Event  string    `json:"event,omitempty"`  // the one that began it
	Spent  int64     `json:"spent,omitempty"`  // how many were delivered within it, of those that Beyond bounds
	Count  int64     `json:"count,omitempty"`  // of all that were counted, ever
	Summed int64     `json:"summed,omitempty"` // of those that summaries have delivered
	Again  time.Time `json:"again,omitzero"`   // when the first happened that no summary has delivered
	Last   string    `json:"last,omitempty"`   // the text of the last
}

// within reports whether a window that began is not over. A time to come is forged, and begins none.
func (c *counter) within(now time.Time, window time.Duration) bool {
	return !c.Since.IsZero() && c.Since.After(now.Add(-window)) && !c.Since.After(now)
}

func (c *counter) repeated(event, text string, now time.Time, window time.Duration) (repeat, changed bool) {
	switch {
	case !c.within(now, window):
		c.Since, c.Event = now, event
		return false, true
	case c.Event == event:
		return false, false
	}
	c.add(text, now)
	return true, true
}

func (c *counter) beyond(text string, now time.Time, window time.Duration, limit int64) bool {
	switch {
	case c.spent(now, window, limit):
		c.add(text, now)
		return true
	case !c.within(now, window):
		c.Since, c.Spent = now, 0
	}
	c.Spent++
	return false
}

// spent reports whether as many were delivered within the window as may be.
func (c *counter) spent(now time.Time, window time.Duration, limit int64) bool {
	return c.within(now, window) && c.Spent >= limit
}

// add counts one. A number that cannot have been counted is forged, and counts as none.
func (c *counter) add(text string, now time.Time) {
	if c.Last = text; c.Again.IsZero() {
		c.Again = now
	}
	if c.Count < 0 || c.Count > 1<<53 {
		c.Count = 0
	}
	c.Count++
}

func (c *counter) repeat(key string) Repeat {
	r := Repeat{
		Key:       key,
		Since:     c.Again,
		Delivered: c.Since,
		Count:     c.Count - c.Summed,
		Text:      c.Last,
		All:       c.Count,
	}
	if r.Since.IsZero() {
		r.Since = r.Delivered
	}
	if r.Count < 0 || c.Summed < 0 {
		r.Count = r.All // nothing here says that more was summed up than there was
	}
	return r
}

// sum notes that a summary has delivered all of these, unless another has as much, or more.
func (c *counter) sum(all int64, now time.Time) bool {
	if c.Summed >= all && c.Summed <= c.Count {
		return false
	}
	c.Since, c.Summed, c.Again = now, all, time.Time{}
	return true
}
