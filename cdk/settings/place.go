package settings

import (
	"fmt"
	"strings"

	"trailkeeper/lambda/config"
)

// Place is what a Region has, as far as a deployment depends on it.
type Place struct {
	Region    string // empty: not known
	Partition string
	// Destinations says that EventBridge has API destinations (EventBridge User Guide, "API destinations", table of
	// Regions).
	Destinations bool
	// Disputed says that it has them, and that the validators of CDK and CloudFormation do not know.
	Disputed bool
	// JSONLogs says that Lambda has the log format JSON, and with it a level below which it drops lines.
	JSONLogs bool
	// Dropped says that Lambda has the metric AsyncEventsDropped.
	Dropped bool
}

// disputed are the Regions whose API destinations are newer than the tools.
var disputed = map[string]bool{
	"ca-west-1":      true,
	"il-central-1":   true,
	"ap-southeast-5": true,
	"ap-southeast-6": true,
	"mx-central-1":   true,
}

// PlaceOf returns what a Region has. One that is not known counts as one that has everything: it is a commercial one
// nearly always, and what is missing elsewhere CloudFormation says.
func PlaceOf(region string) Place {
	partition, known := config.PartitionOf(region)
	if !known {
		partition = "aws"
	}
	commercial := partition == "aws"
	return Place{
		Region:       region,
		Partition:    partition,
		Destinations: commercial && region != "ap-east-2" || partition == "aws-cn",
		Disputed:     disputed[region],
		JSONLogs:     commercial || partition == "aws-cn",
		Dropped:      partition != "aws-cn",
	}
}

// supported reports whether Trailkeeper is meant for the partition.
func (p Place) supported() bool { return !strings.HasPrefix(p.Partition, "aws-iso") }

// Place is what the stack's Region has: that of env.region, or the one that the deployment is likely to go to.
func (s Settings) Place() Place {
	if s.Env.Region != "" {
		return PlaceOf(s.Env.Region)
	}
	return PlaceOf(s.LikelyRegion)
}

// misplaced is what the settings ask for that the stack's Region does not have.
func (s Settings) misplaced(unread []string) []error {
	p := s.Place()
	var errs []error
	if !p.supported() {
		errs = append(
			errs,
			fmt.Errorf(
				"env.region is %s, in the partition %s; Trailkeeper runs in aws, aws-cn, aws-us-gov and aws-eusc: nothing is "+
					"known of what EventBridge and Lambda have in the others",
				show(p.Region),
				p.Partition,
			),
		)
	}
	if p.supported() && s.Path1() && !p.Destinations && !concerns([]string{"slack.eventBridge", "env.region"}, unread) {
		errs = append(
			errs,
			fmt.Errorf(
				"slack.eventBridge is true, and EventBridge has no API destinations in %s; leave it out or set it to false: the "+
					"guard tells Slack, and with sns.enabled EventBridge publishes to the topic by itself",
				p.Region,
			),
		)
	}
	return errs
}

// regionIn is the Region that a settings object asks for, as far as it can be read.
func regionIn(root map[string]any) string {
	env, _ := root["env"].(map[string]any)
	name, _ := env["region"].(string)
	return name
}
