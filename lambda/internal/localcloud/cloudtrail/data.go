package cloudtrail

import (
	"slices"
	"strconv"
	"strings"

	"trailkeeper/events"
	"trailkeeper/lambda/internal/localcloud/kernel"
	"trailkeeper/lambda/internal/localcloud/wire"
)

// objects is the type of resource of data events about objects.
const objects = "AWS::S3::Object"

// RecordData implements kernel.Trails: a call about an object of S3 is recorded where a trail records it, and is in no
// event history. What a selector asks of fields that are not known here is taken to be not met.
func (s *Trails) RecordData(cl *kernel.Call, failed *kernel.Error) string {
	if cl.Service != "s3" || cl.Text("Key") == "" {
		return ""
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	arn := events.Place{Partition: s.kernel.Partition}.ARN("s3", cl.Text("Bucket")+"/"+cl.Text("Key"))
	for _, t := range s.trails {
		state := t.state()
		here := t.Region == cl.Region || state.on("IsMultiRegionTrail")
		if here && state.Logging && !state.Deleted && mayKnow(cl.Who.Account, t, state) && state.recordsObject(cl.Op, arn) {
			event := s.history.Data(s.kernel, cl, failed)
			s.kernel.Publish(event)
			return event.ID
		}
	}
	return ""
}

// recordsObject reports whether the trail's selectors take a call about an object ("Logging data events").
func (s trailState) recordsObject(op, arn string) bool {
	reads := wire.Reads(op)
	basic, _ := typed[basicSelector](s.Selectors)
	for _, b := range basic {
		if b.readWrite() == "ReadOnly" && !reads || b.readWrite() == "WriteOnly" && reads {
			continue
		}
		for _, d := range b.DataResources {
			if d.Type == objects && slices.ContainsFunc(d.Values, func(v string) bool { return strings.HasPrefix(arn, v) }) {
				return true
			}
		}
	}
	advanced, _ := typed[advancedSelector](s.Advanced)
	fields := map[string]string{
		"eventCategory": "Data", "resources.type": objects, "resources.ARN": arn, "eventName": op, "readOnly": strconv.FormatBool(reads),
	}
	return slices.ContainsFunc(advanced, func(a advancedSelector) bool {
		data := false
		for _, f := range a.FieldSelectors {
			value, known := fields[f.Field]
			if !known || !f.meets(value) {
				return false
			}
			data = data || f.Field == "eventCategory"
		}
		return data
	})
}

// meets reports whether a value fulfils a condition; see baseline.FieldSelector.
func (f fieldSelector) meets(value string) bool {
	any := func(list []string, is func(string, string) bool) bool {
		return slices.ContainsFunc(list, func(v string) bool { return is(value, v) })
	}
	same := func(a, b string) bool { return a == b }
	wanted := len(f.Equals)+len(f.StartsWith)+len(f.EndsWith) > 0
	if any(f.NotEquals, same) || any(f.NotStartsWith, strings.HasPrefix) || any(f.NotEndsWith, strings.HasSuffix) {
		return false
	}
	return !wanted || any(f.Equals, same) || any(f.StartsWith, strings.HasPrefix) || any(f.EndsWith, strings.HasSuffix)
}
