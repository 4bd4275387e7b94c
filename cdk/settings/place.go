package settings

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
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

// placeOf returns what a Region has. One that is not known counts as one that has everything: it is a commercial one
// nearly always, and what is missing elsewhere CloudFormation says.
func placeOf(region string) Place {
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
		return placeOf(s.Env.Region)
	}
	return placeOf(s.LikelyRegion)
}

// misplaced is what the settings ask for that the stack's Region does not have.
func misplaced(s Settings, unread []string) []error {
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
					"guard notifies Slack, and with sns.enabled EventBridge publishes to the topic by itself",
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

var regionName = regexp.MustCompile(`^([a-z]{2,4}(?:-[a-z]+)?)-([a-z]+)-[0-9]{1,2}$`)

// The words of the names of Regions (AWS General Reference, "AWS service endpoints"). New Regions come with new numbers
// mostly.
var (
	areas = []string{
		"af", "ap", "ca", "cn", "eu", "eusc-de", "il", "me", "mx", "sa", "us", "us-gov", "us-iso", "us-isob", "us-isof",
		"eu-isoe",
	}
	directions = []string{
		"central", "east", "north", "northeast", "northwest", "south", "southeast", "southwest", "west",
	}
)

// validRegion reports whether a name can be that of a Region.
func validRegion(name string) bool {
	m := regionName.FindStringSubmatch(name)
	return m != nil && slices.Contains(areas, m[1]) && slices.Contains(directions, m[2])
}

// regionsNear are names of Regions that somebody may have meant, with the number of the name.
func regionsNear(name string) []string {
	number := strings.TrimLeft(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-_ ")
	if len(number) != 1 {
		number = "1"
	}
	var all []string
	for _, area := range areas {
		for _, direction := range directions {
			all = append(all, area+"-"+direction+"-"+number)
		}
	}
	return all
}

// named is an ARN that a setting gives. What is none is reported by its own setting.
type named struct {
	config.ARN

	key  string
	here bool // it must be in the stack's own Region
}

func name(key, arn string) named {
	a, _ := config.ParseARN(arn)
	return named{ARN: a, key: key}
}

func (n named) inRegion() named {
	n.here = true
	return n
}

// inRegion makes a setting of resources that must be in the stack's own Region: each is used through the Region's
// endpoint, by the function, EventBridge, CloudWatch or CloudFormation.
func inRegion(s setting) setting {
	s = inPartition(s)
	all := s.arns
	s.arns = func(of *Settings) []named {
		found := all(of)
		for i, n := range found {
			found[i] = n.inRegion()
		}
		return found
	}
	return s
}

// inPartition makes a setting of principals and subscribers that may be in any Region of the partition: SNS delivers to
// queues and functions of other Regions.
func inPartition(s setting) setting {
	s.arns = func(all *Settings) (found []named) {
		switch value := s.value(all).(type) {
		case string:
			found = append(found, name(s.key, value))
		case []string:
			for i, arn := range value {
				found = append(found, name(fmt.Sprintf("%s[%d]", s.key, i), arn))
			}
		case map[string]string:
			for _, endpoint := range slices.Sorted(maps.Keys(value)) {
				found = append(found, name(s.key+": "+endpointShape(endpoint), endpoint))
			}
		}
		return found
	}
	return s
}

// arnsOf are the resources that the settings name in the stack's own Region, or the others.
func arnsOf(s Settings, here bool) []named {
	var found []named
	for _, row := range table() {
		if row.arns != nil {
			found = append(found, row.arns(&s)...)
		}
	}
	return slices.DeleteFunc(
		found, func(n named) bool { return n.here != here || n.Account == "" || here && n.Region == "" },
	)
}

// elsewhere are the ARNs that are not where the stack is; where that is not known, those that are not where the first
// one is; and those whose partition is not their Region's, so that they name nothing. The failure queue must be in the
// account as well: the metrics of another account's queue are not here, so that no alarm would report what lies in it.
func elsewhere(s Settings) []error {
	all := arnsOf(s, true)
	if len(all) == 0 {
		return nil
	}
	region, where := s.Place().Region, "env.region"
	switch {
	case region == "":
		region, where = all[0].Region, all[0].key
	case s.Env.Region == "":
		where = "the command line"
	}
	var errs []error
	for _, n := range all {
		if got := n.Region; got != region {
			errs = append(errs, fmt.Errorf("%s is in %s; want %s, the Region of %s", n.key, got, region, where))
		}
		errs = append(errs, torn(n)...)
		if got := n.Account; n.key == "function.failureQueueArn" && s.Env.Account != "" && got != s.Env.Account {
			errs = append(
				errs,
				fmt.Errorf("%s is in account %s; want %s, that of env.account: no alarm can watch the queue of another account",
					n.key, got, s.Env.Account),
			)
		}
	}
	return errs
}

// torn says that the partition of an ARN is not that of its Region, so that it names nothing.
func torn(n named) []error {
	want, known := config.PartitionOf(n.Region)
	if !known || n.Partition == want {
		return nil
	}
	return []error{
		fmt.Errorf("%s is in the partition %s; want %s, that of its Region %s", n.key, n.Partition, want, n.Region),
	}
}

// otherPartition is what is in another partition than the stack, and out of its reach: no policy takes such a
// principal, no credentials hold in such a Region, SNS delivers nothing there, and no event is about such a trail. The
// role that deploys is in the stack's account as well.
func otherPartition(s Settings) []error {
	region := s.Place().Region
	want, known := config.PartitionOf(region)
	if !known {
		return nil
	}
	var errs []error
	for i, r := range s.Sweep.Regions {
		if got, known := config.PartitionOf(r); known && got != want {
			errs = append(
				errs,
				fmt.Errorf(
					"sweep.regions[%d] is %s, in the partition %s; want Regions of %s, that of the stack's Region %s",
					i,
					r,
					got,
					want,
					region,
				),
			)
		}
	}
	for _, n := range arnsOf(s, false) {
		if got := n.Partition; got != want {
			errs = append(
				errs,
				fmt.Errorf("%s is in the partition %s; want %s, that of the stack's Region %s", n.key, got, want, region),
			)
		}
		if n.Partition == want {
			errs = append(errs, torn(n)...)
		}
		if got := n.Account; n.key == "deployRole" && s.Env.Account != "" && got != s.Env.Account {
			errs = append(
				errs,
				fmt.Errorf(
					"deployRole is in account %s; want %s, that of env.account: CloudFormation takes no role of another account",
					got,
					s.Env.Account,
				),
			)
		}
	}
	return errs
}
