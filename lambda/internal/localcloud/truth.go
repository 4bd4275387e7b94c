package localcloud

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"time"

	"trailkeeper/lambda/config/baseline"
)

// TrailTruth returns the trail as it is now, whatever a read would still show, in the form of a baseline; false: there is none.
func (c *Cloud) TrailTruth(arn string) (baseline.State, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	t, s := c.known(arn)
	if t == nil {
		return baseline.State{}, false
	}
	c.catchUp(t)
	out := s.asBaseline(arn, topicOf(t.Trail, s))
	out.Tags = maps.Clone(s.Tags)
	if len(out.Selectors)+len(out.Advanced) == 0 {
		out.Selectors = []baseline.Selector{{ReadWrite: "All", Management: true}} // as GetEventSelectors shows it
	}
	h := t.health
	out.Delivery = baseline.Delivery{
		Latest: h.files.latest, LatestDigest: h.digests.latest, LatestLogs: h.logs.latest, LatestError: h.files.err,
		LatestDigestError: h.digests.err, LatestLogError: h.logs.err, Started: s.Started, Stopped: s.Stopped,
	}
	return out, true
}

// Write is one call of CloudTrail's API that changes something, or that was meant to.
type Write struct {
	At       time.Time
	Who      string // a user's or role's name
	Function bool   // the function made it
	Op       string
	Trail    string          // the ARN
	Request  json.RawMessage // the parameters as they were sent
	Err      string          // the error's code; empty: it was done
}

// Writes returns the writing calls of everybody, in order.
func (c *Cloud) Writes() []Write {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.writes)
}

func (c *Cloud) noteWrite(cl *call, e Entry) {
	if e.Write {
		c.writes = append(c.writes, Write{
			At: c.time.Now(), Who: e.Who, Function: e.Function, Op: e.Op, Trail: e.Subject, Request: json.RawMessage(strings.TrimSpace(string(cl.body))),
			Err: e.Err,
		})
	}
}
