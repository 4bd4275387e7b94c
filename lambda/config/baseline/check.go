package baseline

import (
	"fmt"
	"strconv"

	"trailkeeper/events"
)

// Problem is something that CloudTrail would not take.
type Problem struct {
	Path  string // where it stands in a baseline's file, such as "trail.settings.kmsKeyId"
	Value string
	Want  string
	Code  string // by which the CloudTrail API refuses it
}

// String is one sentence: the field, its value, and what is wanted.
func (p Problem) String() string {
	return fmt.Sprintf("%s is %.200q; want %s", p.Path, p.Value, p.Want)
}

// Refused lists what CloudTrail would not take of these parts of a trail; without any, of all of them. It goes by the
// CloudTrail API reference, the service's model and "Quotas in AWS CloudTrail", and by the user guide where these say
// nothing; whether a bucket, key, topic, role or log group is there and lets CloudTrail in cannot be seen from here. It
// does not judge: a trail that records next to nothing is fine.
//
// A file that it finds wrong fails the synth, and the loopback cloud refuses by it, so that what one takes the other
// does.
func Refused(s State, parts ...Part) []Problem {
	c := &checker{}
	c.of.home, _ = events.ParseTrailARN(s.ARN) // without a home, what must agree with it is not checked
	if len(parts) == 0 {
		parts = []Part{PartSettings, PartSelectors, PartInsights, PartEvents, PartTags}
	}
	for _, part := range parts {
		switch part {
		case PartSettings:
			c.settings(s.Settings)
		case PartSelectors:
			c.selectors(s)
		case PartInsights:
			c.insights(s)
		case PartEvents:
			c.events(s.Events)
		case PartTags:
			c.tags(s.Tags)
		case PartLogging: // CloudTrail takes both
		}
	}
	return c.found
}

// checker gathers problems. Those below refuses by the code are refused by CloudTrail with it.
type checker struct {
	of    owner
	code  string
	found []Problem
}

// owner is the trail, by which an ARN that it names is of a form and a partition; the zero trail is any.
type owner struct{ home events.Trail }

func (c *checker) want(ok bool, path, value, want string) {
	if !ok {
		c.found = append(c.found, Problem{path, value, want, c.code})
	}
}

// file lists what is wrong with a baseline: what CloudTrail would refuse, and what makes no baseline.
func (b Baseline) problems() []Problem {
	c := &checker{code: "InvalidTrailNameException"}
	c.want(b.Version == Version, "version", strconv.Itoa(b.Version), strconv.Itoa(Version))
	c.want(!b.CapturedAt.IsZero(), "capturedAt", "", "the time of the capture, such as 2026-10-01T12:00:00Z")
	home, err := events.ParseTrailARN(b.Trail.ARN)
	c.want(err == nil, "trail.arn", b.Trail.ARN, "the ARN of a trail")
	c.want(
		err != nil || ValidName(home.Name),
		"trail.arn",
		b.Trail.ARN,
		"a name of 3 to 128 letters, digits, periods, underscores or dashes, no two of these last side by side or at an "+
			"end, and no IP address",
	)
	partition, known := events.PartitionOf(home.Region)
	c.want(
		err != nil || !known || partition == home.Partition,
		"trail.arn",
		b.Trail.ARN,
		"partition "+partition+", which the Region "+home.Region+" is of",
	)
	c.evidence(b)
	return append(c.found, Refused(b.Trail)...)
}
