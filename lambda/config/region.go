package config

import "trailkeeper/events"

// PartitionOf returns the partition that a Region belongs to, such as "aws-cn" of cn-north-1, and false for a name of
// no known form.
func PartitionOf(region string) (string, bool) { return events.PartitionOf(region) }

// The names of package events for what cdk names as well: it imports no package of ours but rules and those below
// config.
type (
	// ARN is an Amazon Resource Name by its parts.
	ARN = events.ARN
	// Place is where a resource is.
	Place = events.Place
	// Form is that of the ARNs of one kind of resource.
	Form = events.Form
)

// The forms of the resources that settings name.
const (
	FormRole     = events.FormRole
	FormKey      = events.FormKey
	FormTopic    = events.FormTopic
	FormQueue    = events.FormQueue
	FormSecret   = events.FormSecret
	FormFunction = events.FormFunction
)

// ParseARN splits an ARN of whatever service, and checks the form of all but the resource.
func ParseARN(s string) (ARN, error) { return events.ParseARN(s) }

// IsARN reports whether a text is meant as an ARN, and not as a name.
func IsARN(s string) bool { return events.IsARN(s) }
