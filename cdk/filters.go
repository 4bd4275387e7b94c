package main

import (
	"errors"
	"fmt"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/jsii-runtime-go"

	"trailkeeper/cdk/settings"
	"trailkeeper/rules/detect"
	"trailkeeper/rules/metricfilter"
)

// filters are the metric filters of the rules that the settings name, and the rules that have none. It is an error if a
// name is no rule, or if no rule has a filter.
func filters(set *detect.Set, names []string) ([]metricfilter.Filter, []metricfilter.Refusal, error) {
	made, refused, err := metricfilter.Plan(set, names)
	if err == nil && len(made) == 0 && len(names) > 0 {
		err = fmt.Errorf("no rule has a metric filter: %s", strings.Join(reasons(refused), "; "))
	}
	if err == nil {
		return made, refused, nil
	}
	var errs []error
	for line := range strings.SplitSeq(err.Error(), "\n") {
		errs = append(errs, fmt.Errorf("%s.metricFilters.rules: %s", settings.ContextKey, line))
	}
	return nil, nil, errors.Join(errs...)
}

// maxRefusals bounds the warnings about rules without a filter; one more names the rest.
const maxRefusals = 10

// reasons says of each rule why it has no filter; of the last ones only that they have none.
func reasons(refused []metricfilter.Refusal) []string {
	var all, rest []string
	for _, r := range refused {
		if len(all) < maxRefusals {
			all = append(all, fmt.Sprintf("%s has no metric filter: %s", r.Rule, r.Reason))
		} else {
			rest = append(rest, r.Rule)
		}
	}
	if len(rest) > 0 {
		all = append(all, fmt.Sprintf("%s have no metric filter either", strings.Join(rest, ", ")))
	}
	return all
}

// warnFilters says at synth which rules that the settings name have no filter, and why. It stops nothing.
func warnFilters(stack awscdk.Stack, refused []metricfilter.Refusal) {
	for i, text := range reasons(refused) {
		awscdk.Annotations_Of(stack).AddWarningV2(jsii.String(fmt.Sprintf("trailkeeper:metric-filter-%d", i)), jsii.String(text))
	}
}
