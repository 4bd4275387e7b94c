package cloudwatch

import (
	"maps"
	"slices"
	"strings"

	"trailkeeper/lambda/internal/localcloud/kernel"
	"trailkeeper/lambda/internal/localcloud/policy"
	"trailkeeper/lambda/internal/localcloud/wire"
)

// logGroup is a log group of a template.
type logGroup struct {
	retention int // in days; 0: for ever
	key       string
}

// retentions are those that a log group may have, in days (PutRetentionPolicy, retentionInDays).
var retentions = []int{
	1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
}

// answerLogs answers a call of CloudWatch Logs.
func (s *Monitor) answerLogs(cl *kernel.Call) (any, *kernel.Error) {
	place := s.kernel.PlaceOf(cl)
	if cl.Op == "DescribeLogGroups" {
		all := policy.Access{Action: "logs:DescribeLogGroups", Resource: place.ARN("logs", "log-group::log-stream:")}
		if failed := s.kernel.May(cl, all, nil); failed != nil {
			return nil, failed
		}
		return s.describeGroups(cl)
	}
	name := cl.Text("logGroupName")
	arn := place.ARN("logs", "log-group:"+name)
	if failed := s.kernel.May(cl, policy.Access{Action: "logs:" + cl.Op, Resource: arn + ":log-stream:"}, nil); failed != nil {
		return nil, failed
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	g := s.groups[arn]
	if g == nil || s.kernel.Deleted(arn) {
		return nil, kernel.Refuse("ResourceNotFoundException", "The specified log group does not exist.")
	}
	switch cl.Op {
	case "PutRetentionPolicy":
		days, given, failed := cl.Number("retentionInDays", 1, retentions[len(retentions)-1])
		if failed != nil || !given || !slices.Contains(retentions, days) {
			return nil, kernel.Refuse("InvalidParameterException", "%v is no retention of a log group", cl.Params["retentionInDays"])
		}
		g.retention = days
	case "DeleteRetentionPolicy":
		g.retention = 0
	default:
		delete(s.groups, arn)
		delete(s.filters, arn)
		delete(s.subscriptions, arn)
		s.kernel.Delete(arn, true)
	}
	return nil, nil
}

// describeGroups lists those of the call's account and Region.
func (s *Monitor) describeGroups(cl *kernel.Call) (any, *kernel.Error) {
	prefix, part := cl.Text("logGroupNamePrefix"), cl.Text("logGroupNamePattern")
	if prefix != "" && part != "" {
		return nil, kernel.Refuse("InvalidParameterException", "LogGroup name prefix and LogGroup name pattern are mutually exclusive parameters.")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	all := []any{}
	for _, arn := range slices.Sorted(maps.Keys(s.groups)) {
		name := strings.TrimPrefix(kernel.ARN(arn).Resource, "log-group:")
		if kernel.SiteOf(arn) != cl.Site() || s.kernel.Deleted(arn) || !strings.HasPrefix(name, prefix) ||
			!strings.Contains(strings.ToLower(name), strings.ToLower(part)) {
			continue
		}
		out := map[string]any{
			"logGroupName":      name,
			"arn":               arn + ":*",
			"logGroupArn":       arn,
			"creationTime":      s.kernel.Began.UnixMilli(),
			"logGroupClass":     "STANDARD",
			"metricFilterCount": len(s.filters[arn]),
			"storedBytes":       0,
		}
		if g := s.groups[arn]; g.retention > 0 {
			out["retentionInDays"] = g.retention
		}
		if g := s.groups[arn]; g.key != "" {
			out["kmsKeyId"] = g.key
		}
		all = append(all, out)
	}
	return wire.List(cl, "logGroups", all, "nextToken", wire.Paging{
		Limit:   "limit",
		Token:   "nextToken",
		Most:    50,
		Invalid: "InvalidParameterException",
	})
}
