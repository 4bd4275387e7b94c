package detect

import "trailkeeper/rules/expression"

// Records are those of the rules' own tests.
func (s *Set) Records() []expression.Record {
	var all []expression.Record
	for _, rule := range s.Rules {
		for _, test := range rule.tests {
			all = append(all, test.record)
		}
	}
	return all
}
