package settings

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"trailkeeper/lambda/config/metric"
	"trailkeeper/lambda/config/nearest"
	"trailkeeper/lambda/config/route"
	"trailkeeper/rules/detect"
)

// Watch is the second function, which applies rules to CloudTrail's records. Times are in seconds, memory in MB.
type Watch struct {
	Enabled             bool
	Rules               map[string]detect.Switch // by the rule's ID
	Lists               map[string][]string      // values of lists that rules use, by the list's name
	BuiltInRules        bool                     // false: those that Rules does not enable are off
	RuleErrors          bool                     // notify of a rule that fails at run time
	Metrics             WatchMetrics
	Memory              int
	Timeout             int
	LogLevel            string
	LogRetentionDays    int
	ReservedConcurrency int // 0: none reserved
	Name                string
	DeadLetterARN       string // further queue or topic to which Lambda itself sends failed events; empty: none
}

// WatchMetrics says what is counted of refused calls.
type WatchMetrics struct {
	RefusedCalls bool
	Namespace    string
}

var (
	// ruleID is what package detect takes as the ID of a rule and as the name of a list.
	ruleID = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)
	// routeName is what package route takes as the name of a route.
	routeName = regexp.MustCompile(`^[a-z0-9-]{1,40}$`)
	// namespace follows the CloudWatch API reference, MetricDatum and PutMetricData; what starts with "AWS/" is AWS's.
	namespace = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._/#-]{0,254}$`)
)

// Bounds of the lists and the switches: both stand in the function's asset.
const (
	maxRuleID     = 80
	maxListValues = 10_000
	maxListValue  = 256
)

func watchSettings() []setting {
	return []setting{
		flag("watch.enabled", false,
			"Deploy the [watch](#the-watch), a second function that applies [rules](../rules/README.md) to CloudTrail's "+
				"records and notifies of what matches."),
		ruleSwitches("watch.rules",
			"Switches of single rules: the rule's ID to an object with `enabled`, `severity` (low, medium, high or "+
				"critical) and `route`, each in place of what the rule's file says."),
		flag("watch.builtInRules", true,
			"Apply the built-in rules that are on by default. Without it, only those that `watch.rules` enables, and your own."),
		namedLists("watch.lists",
			"Lists that rules use: name to array of texts, such as `office-networks`. Each stands for the file "+
				"`lists/NAME.yaml`."),
		flag("watch.ruleErrors", true,
			"Notify of a rule that fails at run time, once an hour for each rule. It is counted in any case."),
		flag("watch.metrics.refusedCalls", true,
			"Count refused calls by account: `TotalAccessDeniedEvents` and, of those, `TotalIgnoredAccessDeniedEvents`. "+
				"CloudWatch charges for two metrics an account."),
		text("watch.metrics.namespace", metric.Namespace,
			func(v string) bool { return namespace.MatchString(v) && !strings.HasPrefix(v, "AWS/") },
			"1 to 255 letters, digits and . _ / # -, which do not start with AWS/",
			"CloudWatch namespace of the metrics of refused calls."),
		text("watch.name", "", optional(function.MatchString), "1 to 64 letters, digits, hyphens and underscores",
			"Name of the watch's function. Empty: CloudFormation makes one."),
		number("watch.memory", 512, 128, 10240, "Memory of the watch in MB; at least 256 where it reads log files or log groups."),
		number("watch.timeout", 60, 30, 900, "Timeout of the watch in seconds; the last 20 are kept for notifications."),
		oneOf("watch.logLevel", "INFO", logLevels, "Least level of the watch's log, in JSON."),
		numberOf("watch.logRetentionDays", 30, isRetention, wantRetention,
			"Days for which the watch's log is kept, as `function.logRetentionDays`."),
		number("watch.reservedConcurrency", 0, 0, 1000,
			"Concurrency reserved for the watch, which is also its limit: a flood of records can take no more of the account's "+
				"from the guard. 0 for none. A new account's quota of 10 leaves no room for any."),
		deadLetterTarget("watch.deadLetterArn",
			"Further dead-letter target of the watch, to which Lambda also sends a failed event."),
	}
}

// byName is an object whose names an operator chooses. Every entry that cannot be read is reported, and the rest is
// taken over.
func byName[T any](s setting, one func(at string, v any) (T, []error)) setting {
	s.nested = true
	s.read = func(all *Settings, v any) error {
		object, ok := v.(map[string]any)
		if !ok {
			return s.mismatch(v)
		}
		values := make(map[string]T, len(object))
		var errs several
		for _, name := range slices.Sorted(maps.Keys(object)) {
			value, problems := one(s.key+"."+showID(name), object[name])
			values[name] = value
			errs = append(errs, problems...)
		}
		*fieldOf[map[string]T](all, s.key) = values
		if len(errs) > 0 {
			return errs
		}
		return nil
	}
	return s
}

func ruleSwitches(key, doc string) setting {
	type t = detect.Switch
	fields := []field[t]{
		{"enabled", "true or false", func(s *t, v any) bool {
			on, ok := v.(bool)
			s.Enabled = &on
			return ok
		}},
		texted("severity", "low, medium, high or critical", func(s *t) *string { return &s.Severity }),
		texted("route", "the name of a route", func(s *t) *string { return &s.Route }),
	}
	s := setting{key: key, doc: doc, want: "an object of rule ID: object"}
	s = of(s, func(switches *map[string]t) []error {
		var errs []error
		for _, id := range slices.Sorted(maps.Keys(*switches)) {
			errs = append(errs, checkSwitch(key+"."+showID(id), id, (*switches)[id])...)
		}
		return errs
	})
	return byName(s, func(at string, v any) (t, []error) {
		var one t
		return one, readObject(&one, at, v, fields)
	})
}

func checkSwitch(at, id string, s detect.Switch) []error {
	var errs []error
	if !ruleID.MatchString(id) || len(id) > maxRuleID {
		const want = "want lower-case words with hyphens, such as root-activity"
		errs = append(errs, fmt.Errorf("%s is no ID of a rule; %s", at, want))
	}
	if all := route.Severities(); s.Severity != "" && !slices.Contains(all, s.Severity) {
		errs = append(errs, fmt.Errorf("%s.severity is %s; want low, medium, high or critical%s",
			at, show(s.Severity), nearest.Mean(s.Severity, all)))
	}
	if s.Route != "" && !routeName.MatchString(s.Route) {
		const want = "the name of one of routes: lower-case letters, digits and hyphens"
		errs = append(errs, fmt.Errorf("%s.route is %s; want %s", at, show(s.Route), want))
	}
	return errs
}

func namedLists(key, doc string) setting {
	s := of(setting{key: key, doc: doc, want: "an object of name: array of texts"},
		func(lists *map[string][]string) []error {
			var errs []error
			for _, name := range slices.Sorted(maps.Keys(*lists)) {
				errs = append(errs, checkList(key+"."+showID(name), name, (*lists)[name])...)
			}
			return errs
		})
	return byName(s, func(at string, v any) ([]string, []error) {
		values, ok := textsIn(v)
		if !ok {
			return nil, []error{misread{fmt.Errorf("%s is %s; want an array of texts", at, shape(v)), at}}
		}
		return values, nil
	})
}

func checkList(at, name string, values []string) []error {
	var errs []error
	if !ruleID.MatchString(name) || len(name) > maxRuleID {
		const want = "want lower-case words with hyphens, such as office-networks"
		errs = append(errs, fmt.Errorf("%s is no name of a list; %s", at, want))
	}
	if len(values) > maxListValues {
		errs = append(errs, fmt.Errorf("%s has %s; want at most %d", at, count(len(values), "value"), maxListValues))
		return errs
	}
	for i, v := range values {
		if v == "" || len(v) > maxListValue {
			errs = append(errs, fmt.Errorf("%s[%d] has %s; want 1 to %d", at, i, count(len(v), "character"), maxListValue))
		}
	}
	return errs
}

// showID renders the ID of a rule or the name of a list, which may have digits, and anything else as showName does.
func showID(id string) string {
	if ruleID.MatchString(id) && len(id) <= maxRuleID && redact(id) == id {
		return id
	}
	return showName(id)
}

// RouteNames are the names of the routes that have one.
func RouteNames(s Settings) []string {
	var names []string
	for _, r := range s.Routes {
		if r.Name != "" {
			names = append(names, r.Name)
		}
	}
	return names
}

// watching is what is set for a watch that is not deployed, and what one lacks.
func watching(s Settings, p *problems) {
	p.add(s.Watch.Enabled && !s.Table.Enabled, "watch.enabled table.enabled",
		"watch.enabled is true but table.enabled is false; the watch remembers in a table what it counted and reported")
	p.add(s.Watch.Name != "" && s.Watch.Name == s.Function.Name, "watch.name function.name",
		"watch.name and function.name are both %s; want two names for two functions", show(s.Watch.Name))
	p.add(!s.Watch.Enabled && len(s.Watch.Rules) > 0, "watch.enabled watch.rules",
		"watch.rules has %s but watch.enabled is false; no function applies a rule", count(len(s.Watch.Rules), "rule"))
	names := RouteNames(s)
	for _, id := range slices.Sorted(maps.Keys(s.Watch.Rules)) {
		to := s.Watch.Rules[id].Route
		p.add(routeName.MatchString(to) && !slices.Contains(names, to), "watch.rules routes",
			"watch.rules.%s.route is %s, and no route has that name%s", showID(id), show(to), nearest.Mean(to, names))
	}
	p.add(!s.Watch.Enabled && len(s.MetricFilters.Rules) == 0 && len(s.Watch.Lists) > 0,
		"watch.enabled watch.lists metricFilters.rules",
		"watch.lists has %s but watch.enabled is false; no function uses a list", count(len(s.Watch.Lists), "list"))
}
