package ssm

import "maps"

// Remove deletes the parameters of some ARNs, as CloudFormation does with a stack.
func (s *Parameters) Remove(arn func(string) bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	maps.DeleteFunc(s.all, func(of string, _ *parameter) bool { return arn(of) })
}
