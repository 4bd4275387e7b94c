package cloudwatch

import (
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"trailkeeper/lambda/internal/localcloud/cloudformation"
	"trailkeeper/lambda/internal/localcloud/kernel"
	"trailkeeper/rules/filterpattern"
)

// filter is a metric filter of a log group.
type filter struct {
	pattern *filterpattern.Pattern
	key     metricKey
	unit    string
	value   float64
}

type filterSpec struct {
	FilterName, FilterPattern, LogGroupName string
	MetricTransformations                   []transformationSpec
}

type transformationSpec struct{ MetricName, MetricNamespace, MetricValue, Unit string }

// The texts that CloudWatch Logs takes (CloudWatch Logs API reference, PutMetricFilter and MetricTransformation).
var (
	filterName = regexp.MustCompile(`^[^:*]{1,512}$`)
	groupName  = regexp.MustCompile(`^[A-Za-z0-9._/#-]{1,512}$`)
	metricName = regexp.MustCompile(`^[^:*$]{1,255}$`)
	units      = []string{
		"", "Seconds", "Microseconds", "Milliseconds", "Bytes", "Kilobytes", "Megabytes", "Gigabytes", "Terabytes", "Bits",
		"Kilobits", "Megabits", "Gigabits", "Terabits", "Percent", "Count", "Bytes/Second", "Kilobytes/Second",
		"Megabytes/Second", "Gigabytes/Second", "Terabytes/Second", "Bits/Second", "Kilobits/Second", "Megabits/Second",
		"Gigabits/Second", "Terabits/Second", "Count/Second", "None",
	}
)

// Check refuses what CloudWatch Logs refuses, and values that are taken out of events, which are not modelled.
func (s filterSpec) Check() error {
	wants := func(what, value string, of *regexp.Regexp) error {
		if of.MatchString(value) {
			return nil
		}
		return fmt.Errorf("property %s is %.80q; want %s", what, value, of)
	}
	errs := []error{
		wants("FilterName", s.FilterName, filterName),
		wants("LogGroupName", s.LogGroupName, groupName),
	}
	p, err := filterpattern.Parse(s.FilterPattern)
	if err == nil {
		err = p.Check()
	}
	errs = append(errs, err)
	if len(s.MetricTransformations) != 1 {
		return errors.Join(append(errs,
			fmt.Errorf("property MetricTransformations has %d elements; want one", len(s.MetricTransformations)))...)
	}
	m := s.MetricTransformations[0]
	if _, err := strconv.ParseFloat(m.MetricValue, 64); err != nil {
		errs = append(errs, fmt.Errorf("property MetricValue is %.80q; want a number", m.MetricValue))
	}
	if strings.HasPrefix(m.MetricNamespace, "AWS/") {
		errs = append(errs, fmt.Errorf("property MetricNamespace is %q, which is AWS's", m.MetricNamespace))
	}
	return errors.Join(append(
		errs,
		wants("MetricName", m.MetricName, metricName),
		wants("MetricNamespace", m.MetricNamespace, metricName),
		cloudformation.OneOf("Unit", m.Unit, units...),
	)...)
}

// deployFilters makes the metric filters of a template.
func (s *Monitor) deployFilters(st *cloudformation.Stack) {
	cloudformation.Each(st, "AWS::Logs::MetricFilter", func(id string, _ map[string]string, spec filterSpec) {
		pattern, err := filterpattern.Parse(spec.FilterPattern)
		if err != nil || len(spec.MetricTransformations) != 1 {
			return // Check has refused it
		}
		group := st.ARN("logs", "log-group:"+spec.LogGroupName)
		if s.groups[group] == nil {
			if !s.kernel.Made(group) {
				st.Missing(id, "log group", spec.LogGroupName)
				return
			}
			st.Assume("the log group " + spec.LogGroupName + ", which is not in the template, exists, and a trail writes to it")
			s.groups[group] = &logGroup{}
		}
		m := spec.MetricTransformations[0]
		value, _ := strconv.ParseFloat(m.MetricValue, 64) // Check has refused anything else
		s.filters[group] = append(s.filters[group], filter{
			pattern: pattern,
			key:     keyOf(kernel.SiteOf(group), m.MetricNamespace, m.MetricName, nil),
			unit:    m.Unit,
			value:   value,
		})
		st.Fail(id, s.full(spec.LogGroupName, s.filters[group]))
	})
}

// full refuses the filters of a log group beyond its quotas.
func (s *Monitor) full(group string, filters []filter) error {
	expressions := 0
	for _, f := range filters {
		if f.pattern.Regexps() > 0 {
			expressions++
		}
	}
	if len(filters) > filterpattern.MaxFilters {
		return fmt.Errorf("the log group %s has more than %d metric filters", group, filterpattern.MaxFilters)
	}
	if expressions > filterpattern.MaxRegexpPatterns {
		return fmt.Errorf("the log group %s has more than %d filter patterns with a regular expression", group,
			filterpattern.MaxRegexpPatterns)
	}
	return nil
}

// Filter is a metric filter of a log group, which goes by its ARN without ":*" at its end.
type Filter struct{ Group, Pattern string }

// Filters are all metric filters, in the order of their groups.
func (s *Monitor) Filters() []Filter {
	s.mu.Lock()
	defer s.mu.Unlock()
	var all []Filter
	for _, group := range slices.Sorted(maps.Keys(s.filters)) {
		for _, f := range s.filters[group] {
			all = append(all, Filter{group, f.pattern.String()})
		}
	}
	return all
}

// count has the filters of a log group count an event.
func (s *Monitor) count(group string, text []byte) {
	filters := s.filters[group]
	if len(filters) == 0 {
		return
	}
	event := filterpattern.Read(text)
	for _, f := range slices.Clone(filters) {
		if f.pattern.Matches(event) {
			s.add(f.key, nil, f.unit, datapoint{at: s.kernel.Now(), value: f.value})
		}
	}
}
