package lambda

import "maps"

// Remove deletes the functions of some ARNs, as CloudFormation does with a stack. Runs that have begun go on.
func (s *Functions) Remove(arn func(string) bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	maps.DeleteFunc(s.functions, func(of string, _ *function) bool { return arn(of) })
}
