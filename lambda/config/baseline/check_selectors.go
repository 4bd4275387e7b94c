package baseline

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"trailkeeper/events"
)

// The limits of PutEventSelectors (CloudTrail API reference, and "Quotas in AWS CloudTrail").
const (
	maxSelectors = 5
	maxResources = 250
)

// selectors checks what PutEventSelectors sets. A trail without any has CloudTrail's default.
func (c *checker) selectors(t State) {
	c.code = "InvalidEventSelectorsException"
	const basic = "trail.eventSelectors"
	c.want(
		len(t.Selectors) == 0 || len(t.Advanced) == 0,
		"trail.advancedEventSelectors",
		count(len(t.Advanced), "selector"),
		"basic or advanced selectors: a trail has one kind or the other",
	)
	c.want(len(t.Selectors) <= maxSelectors, basic, count(len(t.Selectors), "selector"), "at most 5 selectors")
	resources := 0
	for i, s := range t.Selectors {
		c.basic(fmt.Sprintf("%s[%d]", basic, i), s)
		resources += s.values()
	}
	c.want(resources <= maxResources, basic, count(resources, "data resource"), "at most 250 data resources in all")
	c.advanced(t.Advanced)
}

func (s Selector) values() (n int) {
	for _, r := range s.DataResources {
		n += len(r.Values)
	}
	return n
}

// basic checks one basic event selector (CloudTrail API reference, EventSelector).
func (c *checker) basic(at string, s Selector) {
	c.want(
		slices.Contains([]string{"All", "ReadOnly", "WriteOnly"}, s.ReadWrite),
		at+".readWriteType",
		s.ReadWrite,
		"All, ReadOnly or WriteOnly",
	)
	c.want(
		s.Management || s.values() > 0,
		at,
		"without anything to record",
		"management events in the selector, or data resources with values",
	)
	c.want(
		s.Management || len(s.ExcludeSources) == 0,
		at+".excludeManagementEventSources",
		strings.Join(s.ExcludeSources, ", "),
		"none, where includeManagementEvents is false",
	)
	for i, source := range s.ExcludeSources {
		c.want(isExcludable(source), fmt.Sprintf("%s.excludeManagementEventSources[%d]", at, i), source,
			"kms.amazonaws.com or rdsdata.amazonaws.com: CloudTrail leaves out no other")
	}
	for i, r := range s.DataResources {
		c.dataResource(fmt.Sprintf("%s.dataResources[%d]", at, i), r)
	}
}

// isExcludable reports whether a trail can do without the management events of a source.
func isExcludable(source string) bool {
	return source == "kms.amazonaws.com" || source == "rdsdata.amazonaws.com"
}

// dataResource checks what data events of one type are recorded of: everything by the beginning of its ARNs, or single
// resources (CloudTrail API reference, DataResource). There are no wildcards, and a bucket ends in a slash.
func (c *checker) dataResource(at string, r DataResource) {
	every := func(service string) string {
		return strings.TrimRight(events.Place{Partition: c.of.place().Partition}.ARN(service, ""), ":")
	}
	var ok func(value string) bool
	var want string
	switch r.Type {
	case "AWS::S3::Object":
		all := every("s3")
		ok = func(v string) bool { return v == all || v == all+":::" || c.of.isObjects(v) }
		want = all + " for all buckets, or " + all + ":::BUCKET/ with its slash, and perhaps the beginning of the keys " +
			"behind it"
	case "AWS::Lambda::Function":
		all := every("lambda")
		ok = func(v string) bool { return v == all || c.of.is(v, events.FormFunction) }
		want = all + " for all functions, or the ARN of a function"
	case "AWS::DynamoDB::Table":
		all := every("dynamodb")
		ok = func(v string) bool { return v == all || c.of.is(v, events.FormTable) }
		want = all + " for all tables, or the ARN of a table"
	default:
		c.want(
			false,
			at+".type",
			r.Type,
			"AWS::S3::Object, AWS::Lambda::Function or AWS::DynamoDB::Table; other types need advanced selectors",
		)
		return
	}
	for i, v := range r.Values {
		c.want(ok(v), fmt.Sprintf("%s.values[%d]", at, i), v, want)
	}
}

// isObjects reports whether the value is the ARN of objects: a bucket, a slash, and what may be behind it.
func (o owner) isObjects(value string) bool {
	a, err := events.ParseARN(value)
	bucket, _, slash := strings.Cut(a.Resource, "/")
	inS3 := a == events.ARN{Place: events.Place{Partition: o.place().Partition}, Service: "s3", Resource: a.Resource}
	return err == nil && inS3 && slash && events.ConsistsOf(bucket, letters+capital+digits+"._-")
}

func count(n int, what string) string {
	if n != 1 {
		what += "s"
	}
	return strconv.Itoa(n) + " " + what
}
