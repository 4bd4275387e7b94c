package scheduler

import "slices"

// Remove deletes the schedules of some ARNs, as CloudFormation does with a stack: what was due does not fire any more.
func (s *Schedules) Remove(arn func(string) bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.schedules = slices.DeleteFunc(slices.Clone(s.schedules), func(of *schedule) bool {
		if arn(of.arn) {
			of.enabled = false
		}
		return arn(of.arn)
	})
}
