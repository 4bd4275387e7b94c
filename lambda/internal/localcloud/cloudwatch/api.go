package cloudwatch

import (
	"cmp"
	"encoding/json"
	"maps"
	"slices"
	"time"

	"trailkeeper/lambda/internal/localcloud/kernel"
	"trailkeeper/lambda/internal/localcloud/policy"
	"trailkeeper/lambda/internal/localcloud/wire"
)

// Limits of the operations (CloudWatch API reference).
const (
	mostQueries = 500  // of GetMetricData
	mostListed  = 500  // of ListMetrics, in one answer
	mostPut     = 1000 // of PutMetricData
)

// answer answers what CloudWatch takes and tells of metrics.
func (s *Monitor) answer(cl *kernel.Call) (any, *kernel.Error) {
	if alarmOps()[cl.Op] != nil {
		return s.manage(cl)
	}
	run, ok := map[string]func(*kernel.Call) (any, *kernel.Error){
		"GetMetricData": s.getMetricData, "ListMetrics": s.listMetrics, "PutMetricData": s.putMetricData,
	}[cl.Op]
	if !ok {
		return nil, kernel.Refuse("UnknownOperationException", "the operation %s is not part of the local run", cl.Op)
	}
	if failed := s.kernel.May(cl, policy.Access{Action: "cloudwatch:" + cl.Op, Resource: "*"}, nil); failed != nil {
		return nil, failed
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return run(cl)
}

func (s *Monitor) getMetricData(cl *kernel.Call) (any, *kernel.Error) {
	from, given := cl.Params["StartTime"].(time.Time)
	until, also := cl.Params["EndTime"].(time.Time)
	queries, _ := cl.Params["MetricDataQueries"].([]any)
	switch {
	case !given || !also || !from.Before(until):
		return nil, kernel.Refuse("ValidationError", "StartTime must be before EndTime")
	case len(queries) == 0 || len(queries) > mostQueries:
		return nil, kernel.Refuse("ValidationError", "%d queries; want 1 to %d", len(queries), mostQueries)
	}
	newest := cl.Text("ScanBy") != "TimestampAscending" // the default is descending
	results := []any{}
	for _, q := range queries {
		query, _ := q.(map[string]any)
		result, failed := s.metricData(cl.Site(), query, from, until, newest)
		if failed != nil {
			return nil, failed
		}
		results = append(results, result)
	}
	return map[string]any{"MetricDataResults": results, "Messages": []any{}}, nil
}

func textOf(v any) string {
	s, _ := v.(string)
	return s
}

func numberOf(v any) (float64, bool) {
	n, _ := v.(json.Number)
	f, err := n.Float64()
	return f, err == nil
}

// metricData answers one query: a statistic of a metric over periods that begin at multiples of the period.
func (s *Monitor) metricData(
	in kernel.Site, query map[string]any, from, until time.Time, newest bool,
) (any, *kernel.Error) {
	id := textOf(query["Id"])
	spec, ok := query["MetricStat"].(map[string]any)
	if !ok {
		return nil, kernel.Refuse("ValidationError",
			"the query %s has no MetricStat; expressions are not part of the local run", id)
	}
	m, _ := spec["Metric"].(map[string]any)
	seconds, _ := numberOf(spec["Period"])
	statistic := statisticOf(textOf(spec["Stat"]))
	if seconds < 1 || seconds >= 60 && int(seconds)%60 != 0 || statistic == nil {
		return nil, kernel.Refuse("ValidationError",
			"the query %s has the period %v and the statistic %s, which is not modelled", id, spec["Period"],
			textOf(spec["Stat"]))
	}
	period := time.Duration(seconds) * time.Second
	key := keyOf(in, textOf(m["Namespace"]), textOf(m["MetricName"]), dimsOf(m["Dimensions"]))
	times, values := []any{}, []any{}
	for at := from.Truncate(period); at.Before(until) && !at.After(s.kernel.Now()); at = at.Add(period) {
		if found := s.during(key, at, at.Add(period)); len(found) > 0 {
			times = append(times, at)
			values = append(values, statistic(found))
		}
	}
	if newest {
		slices.Reverse(times)
		slices.Reverse(values)
	}
	label := cmp.Or(textOf(query["Label"]), key.name)
	return map[string]any{
		"Id":         id,
		"Label":      label,
		"Timestamps": times,
		"Values":     values,
		"StatusCode": "Complete",
	}, nil
}

// listMetrics names the metrics that have data: those of a namespace, a name and some dimensions, where the request has
// them.
func (s *Monitor) listMetrics(cl *kernel.Call) (any, *kernel.Error) {
	namespace, name := cl.Text("Namespace"), cl.Text("MetricName")
	wanted, _ := cl.Params["Dimensions"].([]any)
	var keys []metricKey
	for _, k := range slices.SortedFunc(maps.Keys(s.series), metricKey.compare) {
		if k.site == cl.Site() && (namespace == "" || k.namespace == namespace) && (name == "" || k.name == name) &&
			hasDimensions(s.series[k].dims, wanted) {
			keys = append(keys, k)
		}
	}
	listed := []any{}
	for _, k := range keys {
		dims := []any{}
		for _, d := range s.series[k].dims {
			dims = append(dims, map[string]any{"Name": d.Name, "Value": d.Value})
		}
		listed = append(listed, map[string]any{"Namespace": k.namespace, "MetricName": k.name, "Dimensions": dims})
	}
	return wire.List(cl, "Metrics", listed, "NextToken", wire.Paging{
		Token:   "NextToken",
		Most:    mostListed,
		Invalid: "InvalidParameterValue",
	})
}

// hasDimensions: a filter without a value fits every value.
func hasDimensions(dims []kernel.Dim, wanted []any) bool {
	for _, v := range wanted {
		filter, _ := v.(map[string]any)
		name, value := textOf(filter["Name"]), textOf(filter["Value"])
		if !slices.ContainsFunc(dims,
			func(d kernel.Dim) bool { return d.Name == name && (value == "" || d.Value == value) }) {
			return false
		}
	}
	return true
}

// putMetricData takes single values as of now, all of a request or none.
func (s *Monitor) putMetricData(cl *kernel.Call) (any, *kernel.Error) {
	namespace := cl.Text("Namespace")
	data, _ := cl.Params["MetricData"].([]any)
	if namespace == "" || len(data) == 0 || len(data) > mostPut {
		return nil, kernel.Refuse("InvalidParameterValue",
			"the namespace is %q and there are %d values; want one, and 1 to %d", namespace, len(data), mostPut)
	}
	var points []point
	for _, v := range data {
		m, _ := v.(map[string]any)
		value, ok := numberOf(m["Value"])
		p := point{
			namespace: namespace,
			name:      textOf(m["MetricName"]),
			unit:      textOf(m["Unit"]),
			dims:      dimsOf(m["Dimensions"]),
			value:     value,
		}
		if !ok || p.name == "" || m["Timestamp"] != nil || len(p.dims) > mostDimensions {
			return nil, kernel.Refuse("InvalidParameterValue",
				"the metric %q has no single value of now, which is all that is modelled", p.name)
		}
		points = append(points, p)
	}
	for _, p := range points {
		s.add(keyOf(cl.Site(), p.namespace, p.name, p.dims), p.dims, p.unit, datapoint{at: s.kernel.Now(), value: p.value})
	}
	return map[string]any{}, nil
}

// dimsOf reads the dimensions of a request.
func dimsOf(v any) []kernel.Dim {
	dims := []kernel.Dim{}
	given, _ := v.([]any)
	for _, v := range given {
		d, _ := v.(map[string]any)
		dims = append(dims, kernel.Dim{Name: textOf(d["Name"]), Value: textOf(d["Value"])})
	}
	return dims
}
