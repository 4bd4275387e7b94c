package localcloud

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/aws/smithy-go/encoding/cbor"
)

// serveCBOR serves what CloudWatch takes and tells of metrics (Smithy RPC v2 CBOR): POST /service/GraniteServiceVersion20100801/operation/GetMetricData.
func (c *Cloud) serveCBOR(r *http.Request, cl *call) answer {
	cl.op = r.URL.Path[strings.LastIndex(r.URL.Path, "/")+1:]
	var result cbor.Value
	request, err := cbor.Decode(cl.body)
	failed := refuse("SerializationException", "the request is no CBOR map")
	if m, ok := request.(cbor.Map); err == nil && ok {
		c.mu.Lock()
		result, failed = cbor.Map{}, nil
		if c.meets(cl, cl.op) {
			result, failed = c.cloudWatch(cl, m)
		}
		c.mu.Unlock()
	}
	a := answer{status: http.StatusOK, header: map[string]string{"Content-Type": "application/cbor", "Smithy-Protocol": "rpc-v2-cbor"}}
	if failed != nil {
		a.status, result = failed.Status, cbor.Map{"__type": cbor.String(failed.Code), "message": cbor.String(failed.Message)}
	}
	a.body = cbor.Encode(result)
	return a
}

// mostQueries is GetMetricData's limit.
const mostQueries = 500

func (c *Cloud) cloudWatch(cl *call, request cbor.Map) (cbor.Value, *awsError) {
	run, ok := metricOps()[cl.op]
	if !ok {
		return nil, refuse("UnknownOperationException", "the operation %s is not part of the local run", cl.op)
	}
	a := access{action: "cloudwatch:" + cl.op, resource: "*"}
	if why, ok := c.authorize(cl.who, a, nil); !ok {
		return nil, c.deniedBy(cl, a, why)
	}
	if f := c.refusal(cl); f != nil {
		return nil, f
	}
	return run(c, request)
}

var metricOps = sync.OnceValue(func() map[string]func(*Cloud, cbor.Map) (cbor.Value, *awsError) {
	return map[string]func(*Cloud, cbor.Map) (cbor.Value, *awsError){
		"GetMetricData": (*Cloud).getMetricData, "ListMetrics": (*Cloud).listMetrics, "PutMetricData": (*Cloud).putMetricData,
	}
})

func (c *Cloud) getMetricData(request cbor.Map) (cbor.Value, *awsError) {
	from, err := cbor.AsTime(request["StartTime"])
	until, err2 := cbor.AsTime(request["EndTime"])
	queries, _ := request["MetricDataQueries"].(cbor.List)
	switch {
	case err != nil || err2 != nil || !from.Before(until):
		return nil, refuse("ValidationError", "StartTime must be before EndTime")
	case len(queries) == 0 || len(queries) > mostQueries:
		return nil, refuse("ValidationError", "%d queries; want 1 to %d", len(queries), mostQueries)
	}
	newest := textOf(request["ScanBy"]) != "TimestampAscending" // the default is descending
	results := cbor.List{}
	for _, q := range queries {
		query, _ := q.(cbor.Map)
		result, failed := c.metricData(query, from, until, newest)
		if failed != nil {
			return nil, failed
		}
		results = append(results, result)
	}
	return cbor.Map{"MetricDataResults": results, "Messages": cbor.List{}}, nil
}

func textOf(v cbor.Value) string {
	s, _ := v.(cbor.String)
	return string(s)
}

// metricData answers one query: a statistic of a metric over periods that begin at multiples of the period.
func (c *Cloud) metricData(query cbor.Map, from, until time.Time, newest bool) (cbor.Value, *awsError) {
	id := textOf(query["Id"])
	spec, ok := query["MetricStat"].(cbor.Map)
	if !ok {
		return nil, refuse("ValidationError", "the query %s has no MetricStat; expressions are not part of the local run", id)
	}
	m, _ := spec["Metric"].(cbor.Map)
	dims := dimsOf(m["Dimensions"])
	seconds, err := cbor.AsInt32(spec["Period"])
	statistic := statisticOf(textOf(spec["Stat"]))
	if err != nil || seconds < 1 || seconds >= 60 && seconds%60 != 0 || statistic == nil {
		return nil, refuse("ValidationError", "the query %s has the period %v and the statistic %s, which is not modelled", id, spec["Period"], textOf(spec["Stat"]))
	}
	period := time.Duration(seconds) * time.Second
	key := keyOf(textOf(m["Namespace"]), textOf(m["MetricName"]), dims)
	times, values := cbor.List{}, cbor.List{}
	for at := from.Truncate(period); at.Before(until) && !at.After(c.time.Now()); at = at.Add(period) {
		if found := c.during(key, at, at.Add(period)); len(found) > 0 {
			times = append(times, &cbor.Tag{ID: 1, Value: cbor.Float64(at.Unix())})
			values = append(values, cbor.Float64(statistic(found)))
		}
	}
	if newest {
		slices.Reverse(times)
		slices.Reverse(values)
	}
	label := textOf(query["Label"])
	if label == "" {
		label = fmt.Sprint(key.name)
	}
	return cbor.Map{
		"Id": cbor.String(id), "Label": cbor.String(label), "Timestamps": times, "Values": values, "StatusCode": cbor.String("Complete"),
	}, nil
}
