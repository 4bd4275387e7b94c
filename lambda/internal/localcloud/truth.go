package localcloud

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"time"

	"trailkeeper/lambda/config/baseline"
)

// TrailTruth returns the trail as it is now, whatever a read would still show, in the form of a baseline; false: there is none.
func (c *Cloud) TrailTruth(arn string) (baseline.State, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	t, s := c.known(arn)
	if t == nil {
		return baseline.State{}, false
	}
	c.catchUp(t)
	text := func(name string) string {
		v, _ := s.Settings[name].(string)
		return v
	}
	out := baseline.State{
		ARN: arn, Logging: s.Logging,
		Settings: baseline.Settings{
			S3Bucket: text("S3BucketName"), S3Prefix: text("S3KeyPrefix"), KMSKeyID: text("KmsKeyId"), SNSTopicARN: topicOf(t.Trail, s),
			LogGroupARN: text("CloudWatchLogsLogGroupArn"), LogRoleARN: text("CloudWatchLogsRoleArn"), MultiRegion: s.on("IsMultiRegionTrail"),
			GlobalEvents: s.on("IncludeGlobalServiceEvents"), LogValidation: s.on("EnableLogFileValidation"), Organization: s.on("IsOrganizationTrail"),
		},
		Tags: maps.Clone(s.Tags),
	}
	selectorsOf(&out, s)
	h := t.health
	out.Delivery = baseline.Delivery{
		Latest: h.files.latest, LatestDigest: h.digests.latest, LatestLogs: h.logs.latest, LatestError: h.files.err,
		LatestDigestError: h.digests.err, LatestLogError: h.logs.err, Started: s.Started, Stopped: s.Stopped,
	}
	return out, true
}

// selectorsOf reads selectors, Insights and the event configuration; what a trail holds was checked when it came.
func selectorsOf(out *baseline.State, s trailState) {
	basic, _ := typed[basicSelector](s.Selectors)
	for _, b := range basic {
		mode := b.ReadWriteType
		if mode == "" {
			mode = "All"
		}
		sel := baseline.Selector{ReadWrite: mode, Management: b.management(), ExcludeSources: b.ExcludeManagementEventSources}
		for _, d := range b.DataResources {
			sel.DataResources = append(sel.DataResources, baseline.DataResource(d))
		}
		out.Selectors = append(out.Selectors, sel)
	}
	advanced, _ := typed[advancedSelector](s.Advanced)
	for _, a := range advanced {
		sel := baseline.AdvancedSelector{Name: a.Name}
		for _, f := range a.FieldSelectors {
			sel.Fields = append(sel.Fields, baseline.FieldSelector(f))
		}
		out.Advanced = append(out.Advanced, sel)
	}
	if len(basic)+len(advanced) == 0 {
		out.Selectors = []baseline.Selector{{ReadWrite: "All", Management: true}} // as GetEventSelectors shows it
	}
	insights, _ := typed[insightSelector](s.Insights)
	for _, i := range insights {
		out.Insights = append(out.Insights, baseline.InsightSelector{Type: i.InsightType, Categories: i.EventCategories})
	}
	aggregations, _ := typed[aggregation](s.Aggregations)
	for _, a := range aggregations {
		out.Events.Aggregations = append(out.Events.Aggregations, baseline.Aggregation{Category: a.EventCategory, Templates: a.Templates})
	}
}

// Write is one call of CloudTrail's API that changes something, or that was meant to.
type Write struct {
	At       time.Time
	Who      string // a user's or role's name
	Function bool   // the function made it
	Op       string
	Trail    string          // the ARN
	Request  json.RawMessage // the parameters as they were sent
	Err      string          // the error's code; empty: it was done
}

// Writes returns the writing calls of everybody, in order.
func (c *Cloud) Writes() []Write {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.writes)
}

func (c *Cloud) noteWrite(cl *call, e Entry) {
	if e.Write {
		c.writes = append(c.writes, Write{
			At: c.time.Now(), Who: e.Who, Function: e.Function, Op: e.Op, Trail: e.Subject, Request: json.RawMessage(strings.TrimSpace(string(cl.body))),
			Err: e.Err,
		})
	}
}
