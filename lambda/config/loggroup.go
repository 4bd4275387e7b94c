package config

import (
	"fmt"
	"strings"

	"trailkeeper/events"
)

// LogGroup is a log group of CloudWatch Logs whose events are CloudTrail's records.
type LogGroup struct {
	Owner string // the account that it is in
	Name  string
}

// maxLogGroup and what ValidLogGroup takes are of the CloudWatch Logs API reference, CreateLogGroup.
const maxLogGroup = 512

// ValidLogGroup reports whether a text can be the name of a log group.
func ValidLogGroup(s string) bool {
	return s != "" && len(s) <= maxLogGroup && events.ConsistsOf(s, lower+upper+digits+"_-/.#")
}

// ParseLogGroup reads OWNER:GROUP.
func ParseLogGroup(text string) (LogGroup, error) {
	owner, name, _ := strings.Cut(text, ":")
	if !ValidAccount(owner) || !ValidLogGroup(name) {
		return LogGroup{}, fmt.Errorf("%.200q is no log group; want OWNER:GROUP, such as 111122223333:CloudTrail/logs", text)
	}
	return LogGroup{owner, name}, nil
}

// String is what ParseLogGroup reads back.
func (g LogGroup) String() string { return g.Owner + ":" + g.Name }

// SubscribedLogGroups are the LogGroups, parsed; what WatchFromEnv refuses is not among them.
func (w Watch) SubscribedLogGroups() []LogGroup {
	var all []LogGroup
	for _, text := range w.LogGroups {
		if g, err := ParseLogGroup(text); err == nil {
			all = append(all, g)
		}
	}
	return all
}

func validLogGroup(s string) bool {
	_, err := ParseLogGroup(s)
	return err == nil
}
