package settings

import (
	"regexp"
	"strings"

	"trailkeeper/lambda/config"
)

// MetricFilters are metric filters on a trail's log group, each with an alarm.
type MetricFilters struct {
	// Rules are IDs of rules, and names of sets of them; see package rules/metricfilter. Empty: there are no filters.
	Rules     []string
	LogGroup  string // name; empty: that of the first trail
	Namespace string // of the metrics
	TopicARN  string // that the alarms notify; empty: the topics of SNS
}

// logGroup follows the CloudWatch Logs API reference, CreateLogGroup.
var logGroup = regexp.MustCompile(`^[A-Za-z0-9._/#-]{1,512}$`)

// LogMetrics is the namespace that AWS Security Hub's guide names for the metrics of the CIS controls.
const LogMetrics = "LogMetrics"

func metricFilterSettings() []setting {
	return []setting{
		list("metricFilters.rules", func(v string) bool { return ruleID.MatchString(v) && len(v) <= maxRuleID },
			`IDs of rules, "cis" or "conditions"`,
			"Make [metric filters and alarms](#metric-filters) on a trail's log group, where compliance asks for them: `cis`, "+
				"`conditions`, or IDs of rules. They need neither the watch nor the rules to be switched on."),
		text("metricFilters.logGroup", "", optional(logGroup.MatchString),
			"the name of a log group, 1 to 512 letters, digits and . _ / # -",
			"Log group of a trail, in the stack's account and Region. Empty: that of `firstTrail.logGroup`."),
		text("metricFilters.namespace", LogMetrics,
			func(v string) bool { return namespace.MatchString(v) && !strings.HasPrefix(v, "AWS/") },
			"1 to 255 letters, digits and . _ / # -, which do not start with AWS/",
			"CloudWatch namespace of their metrics."),
		arnOf("metricFilters.topicArn", config.FormTopic,
			"Topic that their alarms notify, whose policy and key policy must let cloudwatch.amazonaws.com publish. Empty: the "+
				"topic of `sns`."),
	}
}

// filtering is what is set for metric filters that are not made, and what those lack that are.
func filtering(s Settings, p *problems) {
	f := s.MetricFilters
	if len(f.Rules) == 0 {
		p.add(f.LogGroup != "", "metricFilters.rules metricFilters.logGroup",
			"metricFilters.logGroup is %s but metricFilters.rules names none; there is no filter to make", show(f.LogGroup))
		p.add(f.TopicARN != "", "metricFilters.rules metricFilters.topicArn",
			"metricFilters.topicArn is %s but metricFilters.rules names none; there is no alarm to make", show(f.TopicARN))
		return
	}
	own := s.FirstTrail.Enabled && s.FirstTrail.LogGroup
	p.add(f.LogGroup == "" && !own,
		"metricFilters.rules metricFilters.logGroup firstTrail.enabled firstTrail.logGroup",
		"metricFilters.logGroup is empty and firstTrail.logGroup is false; metric filters need a trail's log group")
	p.add(f.TopicARN == "" && !s.SNS.Enabled, "metricFilters.rules metricFilters.topicArn sns.enabled",
		"metricFilters.topicArn is empty and sns.enabled is false; the alarms of the metric filters would notify nobody")
}
