package events

import (
	"maps"
	"slices"
)

// Remove deletes the rules, connections and API destinations of some ARNs, as CloudFormation does with a stack.
func (s *Bus) Remove(arn func(string) bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.rules = slices.DeleteFunc(slices.Clone(s.rules), func(r *rule) bool { return arn(r.arn) })
	maps.DeleteFunc(s.destinations, func(of string, _ *destination) bool { return arn(of) })
	maps.DeleteFunc(s.connections, func(of string, _ *connection) bool { return arn(of) })
}
