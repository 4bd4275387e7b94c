package main

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/jsii-runtime-go"

	"trailkeeper/cdk/settings"
	"trailkeeper/lambda/config"
	"trailkeeper/lambda/config/nearest"
	"trailkeeper/lambda/config/route"
	"trailkeeper/rules/delivery"
	"trailkeeper/rules/detect"
	"trailkeeper/rules/detections"
	"trailkeeper/rules/metricfilter"
)

// rulesFolder has what an operator adds to the built-in rules: accounts, lists, ignore rules and events, and below
// custom rules as well.
const rulesFolder = "rules"

// watchRules are the rules that the watch applies, and what else is made of rules.
type watchRules struct {
	set      *detect.Set
	encoded  []byte // for the watch's asset; the same on every day
	patterns []delivery.Pattern
	filters  []metricfilter.Filter // of a trail's log group
	refused  []metricfilter.Refusal
}

// readRules reads the rules below the folder of cdk.json and runs their tests. The error lists all that is wrong in
// them, each with its file, line and column.
func readRules(root fs.FS, s settings.Settings, now time.Time) (watchRules, error) {
	options := detect.Options{
		Lists: s.Watch.Lists,
		Stack: s.StackName,
		Today: now.UTC().Format(time.DateOnly),
	}
	options.Switches = switches(s)
	for id, one := range options.Switches { // settings names a wrong severity
		if !slices.Contains(route.Severities(), one.Severity) {
			one.Severity = ""
			options.Switches[id] = one
		}
	}
	set, problems := detect.Load(options, sources(root)...)
	errs := make([]error, 0, len(problems))
	for _, p := range problems {
		errs = append(errs, p)
	}
	if s.Watch.Enabled {
		errs = append(errs, withoutRoute(set, settings.RouteNames(s))...)
	}
	for _, r := range detections.Test(set) {
		if r.Failure.Reason != "" {
			errs = append(errs, r.Failure)
		}
	}
	if len(errs) > 0 {
		return watchRules{}, errors.Join(errs...)
	}
	read := watchRules{set: set}
	var noPatterns, notEncoded, noFilters error
	if s.Watch.Enabled {
		read.patterns, noPatterns = delivery.Patterns(set)
		read.encoded, notEncoded = set.On("").Encode() // the watch knows the day itself
	}
	read.filters, read.refused, noFilters = filters(set, s.MetricFilters.Rules)
	return read, errors.Join(noPatterns, notEncoded, noFilters)
}

// switches are those of the settings, which switch the built-in rules off where the settings want none.
func switches(s settings.Settings) map[string]detect.Switch {
	all := maps.Clone(s.Watch.Rules)
	if s.Watch.BuiltInRules {
		return all
	}
	if all == nil {
		all = map[string]detect.Switch{}
	}
	off := false
	builtIn, _ := detect.Load(detections.Tested(), detections.Source()) // what is wrong in them, readRules says
	for _, r := range builtIn.Rules {
		if one := all[r.ID]; one.Enabled == nil {
			one.Enabled = &off
			all[r.ID] = one
		}
	}
	return all
}

// sources are the built-in rules, the folder that has them with what the operator sets beside them, and the operator's
// own rules.
func sources(root fs.FS) []detect.Source {
	all := []detect.Source{detections.Source()}
	for _, folder := range []string{rulesFolder, path.Join(rulesFolder, "custom")} {
		if files, err := fs.Sub(root, folder); err == nil {
			if _, err := fs.Stat(files, "."); err == nil {
				all = append(all, detect.Source{Name: folder, Files: files})
			}
		}
	}
	return all
}

// withoutRoute names the rules whose route the settings do not have: what they report would go elsewhere.
func withoutRoute(set *detect.Set, names []string) []error {
	var errs []error
	for _, r := range set.Rules {
		routes := []string{r.Route}
		for _, a := range r.Accounts {
			routes = append(routes, a.Route)
		}
		for _, to := range slices.Compact(slices.Sorted(slices.Values(routes))) {
			if to != "" && !slices.Contains(names, to) {
				errs = append(errs, fmt.Errorf(
					"%s: the rule %s has the route %.100q, and the setting routes has none of that name%s",
					r.File, r.ID, to, nearest.Mean(to, names)))
			}
		}
	}
	return errs
}

// warnRules says at synth what is not as it should be in the rules, and which of them lack records. It stops nothing.
func warnRules(stack awscdk.Stack, r watchRules, from delivery.Sources) {
	if r.set == nil {
		return
	}
	for i, text := range append(warnings(r.set), gaps(r.set, from)...) {
		awscdk.Annotations_Of(stack).AddWarningV2(jsii.String(fmt.Sprintf("trailkeeper:rule-%d", i)), jsii.String(text))
	}
}

func warnings(set *detect.Set) []string {
	var all []string
	for _, w := range set.Warnings {
		all = append(all, w.Error())
	}
	return all
}

// gaps says of the records that do not arrive what to switch on, and which rules wait for them.
func gaps(set *detect.Set, from delivery.Sources) []string {
	var reasons []string
	rules := map[string][]string{}
	for _, g := range delivery.Gaps(set, from) {
		if rules[g.Reason] == nil {
			reasons = append(reasons, g.Reason)
		}
		rules[g.Reason] = append(rules[g.Reason], g.Rule)
	}
	all := make([]string, len(reasons))
	for i, reason := range reasons {
		all[i] = fmt.Sprintf("%s: %s", strings.Join(rules[reason], ", "), reason)
	}
	return all
}

// globalRegions are where the global services of a partition record their calls (CloudTrail User Guide, "About global
// service events").
var globalRegions = map[string]string{"aws": "us-east-1", "aws-us-gov": "us-gov-west-1", "aws-cn": "cn-north-1"}

// sourcesOf is what the watch gets: the events of the stack's Region, of which trails log those that read as well, as
// they do unless somebody has chosen otherwise. A Region that is not known is taken for the right one.
func sourcesOf(s settings.Settings, account string) delivery.Sources {
	region := s.Place().Region
	partition, _ := config.PartitionOf(region)
	global := globalRegions[partition]
	return delivery.Sources{
		Account:       cmp.Or(s.Env.Account, account),
		OtherAccounts: len(s.Accounts) > 1,
		Regions:       []string{cmp.Or(region, global)},
		GlobalRegion:  global,
		ReadEvents:    true,
		Insights:      s.FirstTrail.Insights,
		LogFiles:      s.ReadsLogFiles() || len(s.Archive.LogGroups) > 0,
	}
}
