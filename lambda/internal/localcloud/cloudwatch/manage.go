package cloudwatch

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"sync"

	"trailkeeper/lambda/internal/localcloud/exact"
	"trailkeeper/lambda/internal/localcloud/kernel"
	"trailkeeper/lambda/internal/localcloud/policy"
	"trailkeeper/lambda/internal/localcloud/wire"
)

// mostAlarms is how many alarms one call names or is answered (DescribeAlarms, DeleteAlarms).
const mostAlarms = 100

// alarmOps are the operations on alarms.
var alarmOps = sync.OnceValue(func() map[string]func(*Monitor, *kernel.Call) (any, *kernel.Error) {
	return map[string]func(*Monitor, *kernel.Call) (any, *kernel.Error){
		"DescribeAlarms":      (*Monitor).describeAlarms,
		"EnableAlarmActions":  (*Monitor).switchActions,
		"DisableAlarmActions": (*Monitor).switchActions,
		"DeleteAlarms":        (*Monitor).deleteAlarms,
		"SetAlarmState":       (*Monitor).setAlarmState,
		"PutMetricAlarm":      (*Monitor).putMetricAlarm,
	}
})

// manage answers an operation on alarms, of which the caller must be allowed each that it names.
func (s *Monitor) manage(cl *kernel.Call) (any, *kernel.Error) {
	names := cl.Texts("AlarmNames")
	if name := cl.Text("AlarmName"); name != "" {
		names = append(names, name)
	}
	asked := names
	if len(asked) == 0 {
		asked = []string{"*"}
	}
	for _, name := range asked {
		a := policy.Access{Action: "cloudwatch:" + cl.Op, Resource: s.kernel.PlaceOf(cl).ARN("cloudwatch", "alarm:"+name)}
		if failed := s.kernel.Allow(cl, a, nil); failed != nil {
			return nil, failed
		}
	}
	if failed := s.kernel.Refusal(cl); failed != nil {
		return nil, failed
	}
	if len(names) > mostAlarms || len(names) == 0 && cl.Op != "DescribeAlarms" {
		return nil, kernel.Refuse("ValidationError", "%d alarm names; want 1 to %d", len(names), mostAlarms)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return alarmOps()[cl.Op](s, cl)
}

// alarm finds one of the call's account and Region; nil: there is none.
func (s *Monitor) alarm(cl *kernel.Call, name string) *alarm {
	for _, a := range s.alarms {
		if a.name == name && kernel.SiteOf(a.arn) == cl.Site() {
			return a
		}
	}
	return nil
}

func (s *Monitor) describeAlarms(cl *kernel.Call) (any, *kernel.Error) {
	names, prefix, kinds := cl.Texts("AlarmNames"), cl.Text("AlarmNamePrefix"), cl.Texts("AlarmTypes")
	most, given, failed := cl.Number("MaxRecords", 1, mostAlarms)
	switch {
	case failed != nil:
		return nil, kernel.Refuse("ValidationError", "%s", failed.Message)
	case len(names) > 0 && prefix != "":
		return nil, kernel.Refuse("ValidationError", "AlarmNames and AlarmNamePrefix cannot both be given")
	case !given:
		most = 50
	}
	all := []any{}
	for _, a := range slices.SortedFunc(slices.Values(s.alarms), func(a, b *alarm) int { return strings.Compare(a.name, b.name) }) {
		if kernel.SiteOf(a.arn) == cl.Site() && (len(names) == 0 || slices.Contains(names, a.name)) &&
			strings.HasPrefix(a.name, prefix) && (len(kinds) == 0 || slices.Contains(kinds, "MetricAlarm")) &&
			(cl.Text("StateValue") == "" || cl.Text("StateValue") == a.state) {
			all = append(all, s.shown(a))
		}
	}
	return wire.List(cl, "MetricAlarms", all, "NextToken", wire.Paging{
		Limit: "MaxRecords", Token: "NextToken", Most: most, Invalid: "InvalidNextToken",
	})
}

// shown is an alarm as DescribeAlarms has it.
func (s *Monitor) shown(a *alarm) map[string]any {
	out := map[string]any{
		"AlarmName": a.name, "AlarmArn": a.arn, "AlarmDescription": a.AlarmDescription, "StateValue": a.state,
		"ActionsEnabled": a.ActionsEnabled == nil || *a.ActionsEnabled,
		"AlarmActions":   a.AlarmActions, "OKActions": a.OKActions, "InsufficientDataActions": []string{},
		"EvaluationPeriods": a.EvaluationPeriods, "Threshold": a.Threshold, "ComparisonOperator": a.ComparisonOperator,
		"TreatMissingData": a.TreatMissingData, "Dimensions": dimensions(a.Dimensions),
	}
	if a.MetricName != "" {
		out["MetricName"], out["Namespace"], out["Statistic"], out["Period"] = a.MetricName, a.Namespace, a.Statistic, a.Period
	}
	if a.DatapointsToAlarm > 0 {
		out["DatapointsToAlarm"] = a.DatapointsToAlarm
	}
	queries := []any{}
	for _, q := range a.Metrics {
		queries = append(queries, q.shown())
	}
	if len(queries) > 0 {
		out["Metrics"] = queries
	}
	maps.DeleteFunc(out, func(_ string, v any) bool { return v == "" })
	return out
}

func dimensions(of []dimensionSpec) []any {
	all := []any{}
	for _, d := range of {
		all = append(all, map[string]any{"Name": d.Name, "Value": d.Value})
	}
	return all
}

func (q metricQuerySpec) shown() map[string]any {
	out := map[string]any{"Id": q.Id, "ReturnData": q.ReturnData == nil || *q.ReturnData}
	if q.Expression != "" {
		out["Expression"] = q.Expression
	}
	if q.Label != "" {
		out["Label"] = q.Label
	}
	if m := q.MetricStat; m != nil {
		out["MetricStat"] = map[string]any{"Period": m.Period, "Stat": m.Stat, "Metric": map[string]any{
			"Namespace": m.Metric.Namespace, "MetricName": m.Metric.MetricName, "Dimensions": dimensions(m.Metric.Dimensions),
		}}
	}
	return out
}

// switchActions enables or disables the actions of alarms; names of none are passed over.
func (s *Monitor) switchActions(cl *kernel.Call) (any, *kernel.Error) {
	on := cl.Op == "EnableAlarmActions"
	for _, name := range cl.Texts("AlarmNames") {
		if a := s.alarm(cl, name); a != nil {
			a.ActionsEnabled = &on
		}
	}
	return nil, nil
}

// deleteAlarms deletes those that there are, and says whether one was not there.
func (s *Monitor) deleteAlarms(cl *kernel.Call) (any, *kernel.Error) {
	var unknown []string
	for _, name := range cl.Texts("AlarmNames") {
		a := s.alarm(cl, name)
		if a == nil {
			unknown = append(unknown, name)
			continue
		}
		a.gone = true
		s.alarms = slices.DeleteFunc(s.alarms, func(other *alarm) bool { return other == a })
	}
	if len(unknown) > 0 {
		return nil, kernel.Refuse("ResourceNotFound", "Unknown alarms: %.500q", unknown)
	}
	return nil, nil
}

// setAlarmState sets the state until the alarm is evaluated again, which an alarm that the metric keeps up is soon.
func (s *Monitor) setAlarmState(cl *kernel.Call) (any, *kernel.Error) {
	a, state := s.alarm(cl, cl.Text("AlarmName")), cl.Text("StateValue")
	switch {
	case a == nil:
		return nil, kernel.Refuse("ResourceNotFound", "the alarm %.255s does not exist", cl.Text("AlarmName"))
	case !slices.Contains([]string{"OK", "ALARM", "INSUFFICIENT_DATA"}, state) || cl.Text("StateReason") == "":
		return nil, kernel.Refuse("ValidationError", "StateValue is %.40q; want OK, ALARM or INSUFFICIENT_DATA, and a StateReason", state)
	}
	if previous := a.state; previous != state {
		a.state = state
		s.kernel.After(0, func() { s.turn(a, previous, state) })
	}
	s.watch(a)
	return nil, nil
}

// putMetricAlarm makes an alarm, or replaces all of one but its state.
func (s *Monitor) putMetricAlarm(cl *kernel.Call) (any, *kernel.Error) {
	var spec alarmSpec
	raw, err := json.Marshal(cl.Params)
	if err == nil {
		err = exact.Decode(raw, &spec)
	}
	if err == nil {
		err = spec.Check()
	}
	name := cl.Text("AlarmName")
	made := &alarm{
		alarmSpec: spec, id: name, name: name, arn: s.kernel.PlaceOf(cl).ARN("cloudwatch", "alarm:"+name),
		state: "INSUFFICIENT_DATA",
	}
	if err == nil {
		err = made.read()
	}
	if err != nil {
		return nil, kernel.Refuse("ValidationError", "%s", err)
	}
	if old := s.alarm(cl, name); old != nil {
		old.alarmSpec, old.stats, old.formula = made.alarmSpec, made.stats, made.formula
		return nil, nil
	}
	s.alarms = append(s.alarms, made)
	return nil, nil
}
