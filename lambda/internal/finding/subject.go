package finding

import (
	"strings"

	"trailkeeper/events"
)

// TypeTrail is the Type of a trail.
const TypeTrail = "AWS::CloudTrail::Trail"

// Subject is what a finding is about: a resource, or an account and Region where it is about none. The names of its
// JSON are those that parked messages have always had.
type Subject struct {
	Type      string `json:"subject_type,omitempty"` // as CloudFormation names it
	ARN       string `json:"trail_arn,omitempty"`
	Name      string `json:"trail_name,omitempty"`
	Account   string `json:"account,omitempty"`
	Region    string `json:"region,omitempty"`
	Partition string `json:"partition,omitempty"`
}

// SubjectOf is the resource with an ARN, as far as that says what it is. It reports false where the text is no ARN.
func SubjectOf(text string) (Subject, bool) {
	a, err := events.ParseARN(text)
	if err != nil {
		return Subject{}, false
	}
	return Subject{
		ARN:       text,
		Name:      a.Resource[strings.LastIndexAny(a.Resource, "/:")+1:],
		Account:   a.Account,
		Region:    a.Region,
		Partition: a.Partition,
	}, true
}
