package settings

import (
	"fmt"
	"slices"
	"strings"

	"trailkeeper/lambda/config"
)

// maxLogGroups bounds the function's resource policy, in which each has a statement: it has 20 KB at most (AWS Lambda
// Developer Guide, "Lambda quotas").
const maxLogGroups = 20

const wantLogGroup = "the name of a log group: 1 to 512 letters, digits and . _ / # -"

// logGroups are the log groups that are subscribed to.
func logGroups(key, doc string) setting {
	s := list(key, config.ValidLogGroup, wantLogGroup, doc)
	plain := s.check
	s.check = func(all *Settings) []error {
		var errs []error
		for i, name := range all.Archive.LogGroups {
			at := fmt.Sprintf("%s[%d]", key, i)
			switch {
			case config.IsARN(name):
				errs = append(errs, fmt.Errorf("%s is %s; want the name alone: CloudWatch Logs invokes only functions of the log "+
					"group's own account and Region, which must be the stack's", at, show(name)))
			case strings.HasPrefix(name, "/aws/lambda/"):
				errs = append(errs, fmt.Errorf("%s is %s, the log of a function; want that of a trail", at, show(name)))
			}
		}
		if len(errs) > 0 {
			return errs
		}
		return plain(all)
	}
	return s
}

// subscribing is what is set for log groups that no function reads.
func subscribing(s Settings, p *problems) {
	n := len(s.Archive.LogGroups)
	p.add(n > 0 && !s.Watch.Enabled, "archive.logGroups watch.enabled",
		"archive.logGroups has %s but watch.enabled is false; no function reads log groups", count(n, "log group"))
	p.add(n > maxLogGroups, "archive.logGroups",
		"archive.logGroups has %s; want at most %d, or several stacks", count(n, "log group"), maxLogGroups)
}

// SubscribesLogs reports whether the watch gets the events of log groups.
func (s Settings) SubscribesLogs() bool { return s.Watch.Enabled && len(s.Archive.LogGroups) > 0 }

// LogGroupNames are the log groups, in the order of their names: another order is no other deployment.
func (a Archive) LogGroupNames() []string { return slices.Sorted(slices.Values(a.LogGroups)) }
