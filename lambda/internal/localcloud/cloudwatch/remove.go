package cloudwatch

import "slices"

// Remove deletes the alarms of some ARNs, as CloudFormation does with a stack.
func (s *Monitor) Remove(arn func(string) bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.alarms = slices.DeleteFunc(slices.Clone(s.alarms), func(a *alarm) bool { return arn(a.arn) })
}
