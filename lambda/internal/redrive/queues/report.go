package queues

import "time"

// maxReason bounds a reason, in characters.
const maxReason = 300

// Report is what became of the queues, in their order. Its JSON form is the function's answer to the operator.
type Report struct {
	Queues []QueueReport `json:"queues"`
}

// QueueReport is what became of one queue.
type QueueReport struct {
	Name    string `json:"name"`
	Read    int    `json:"read"`              // messages that were received
	Sent    int    `json:"sent"`              // notifications that their destination has taken now
	Handled int    `json:"handled"`           // events that the guard has handled now
	Settled int    `json:"settled,omitempty"` // failed sweeps and redrives, which need nothing any more
	Left    []Left `json:"left,omitempty"`
	Aside   []Left `json:"aside,omitempty"`   // what went to the last queue
	Refused string `json:"refused,omitempty"` // why the queue could not be read
	More    bool   `json:"more,omitempty"`    // there may be more than one run takes
}

// Left is what stays in a queue, or went to the last one, for one reason.
type Left struct {
	Channel string `json:"channel,omitempty"` // the destination of notifications
	// Reason is a sentence without its full stop, on one line. It may hold what a far end said: escape it before it is
	// shown.
	Reason string    `json:"reason"`
	Count  int       `json:"count"`
	Oldest time.Time `json:"oldest,omitzero"` // when the oldest of them was parked
}

// Redriven is how many messages were sent or handled.
func (r Report) Redriven() int {
	n := 0
	for _, q := range r.Queues {
		n += q.Sent + q.Handled
	}
	return n
}

// Aside is how many messages went to the last queue.
func (r Report) Aside() int {
	n := 0
	for _, q := range r.Queues {
		for _, l := range q.Aside {
			n += l.Count
		}
	}
	return n
}

// Remaining is how many of the messages that were read stay in their queues.
func (r Report) Remaining() int {
	n := 0
	for _, q := range r.Queues {
		for _, l := range q.Left {
			n += l.Count
		}
	}
	return n
}

// Refused reports whether a queue could not be read.
func (r Report) Refused() bool {
	for _, q := range r.Queues {
		if q.Refused != "" {
			return true
		}
	}
	return false
}

func (q *QueueReport) count(k kind) {
	switch k {
	case parked:
		q.Sent++
	case settled:
		q.Settled++
	default:
		q.Handled++
	}
}

// leave counts a message that stays.
func (q *QueueReport) leave(m message, why string) { q.Left = noted(q.Left, m, why) }

// noted counts a message under its reason.
func noted(all []Left, m message, why string) []Left {
	for i := range all {
		if l := &all[i]; l.Channel == m.channel && l.Reason == why {
			l.Count++
			if m.at.Before(l.Oldest) {
				l.Oldest = m.at
			}
			return all
		}
	}
	return append(all, Left{
		Channel: m.channel,
		Reason:  why,
		Count:   1,
		Oldest:  m.at,
	})
}
