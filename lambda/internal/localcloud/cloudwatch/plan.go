package cloudwatch

import (
	"slices"
	"time"
)

// Plan puts on the list what is looked at by itself until end: the alarms that silence raises.
func (s *Monitor) Plan(end time.Time) {
	now := s.kernel.Now()
	for _, a := range s.lookers() {
		every := a.period()
		for at := now.Add(-settleTime).Truncate(every).Add(every); !at.Add(settleTime).After(end); at = at.Add(every) {
			s.kernel.At(at.Add(settleTime), func() { s.evaluate(a, at) })
		}
	}
}

// Start has those alarms looked at for ever, as time passes.
func (s *Monitor) Start() {
	now := s.kernel.Now()
	for _, a := range s.lookers() {
		s.look(a, now.Truncate(a.period()).Add(a.period()))
	}
}

// look evaluates an alarm at the end of a period, and of each one after it.
func (s *Monitor) look(a *alarm, end time.Time) {
	s.kernel.At(end.Add(settleTime), func() {
		s.evaluate(a, end)
		s.look(a, end.Add(a.period()))
	})
}

// lookers are the alarms that silence raises, which must be looked at when nothing happens.
func (s *Monitor) lookers() []*alarm {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.DeleteFunc(slices.Clone(s.alarms), func(a *alarm) bool { return !a.bySilence() })
}
