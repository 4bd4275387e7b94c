package localcloud

import (
	"maps"
	"slices"
	"strconv"

	"github.com/aws/smithy-go/encoding/cbor"
)

// mostListed is how many metrics ListMetrics gives in one answer.
const mostListed = 500

// listMetrics names the metrics that have data: those of a namespace, a name and some dimensions, where the request has them.
func (c *Cloud) listMetrics(request cbor.Map) (cbor.Value, *awsError) {
	namespace, name := textOf(request["Namespace"]), textOf(request["MetricName"])
	wanted, _ := request["Dimensions"].(cbor.List)
	var keys []metricKey
	for _, k := range slices.SortedFunc(maps.Keys(c.metrics), metricKey.compare) {
		if (namespace == "" || k.namespace == namespace) && (name == "" || k.name == name) && hasDimensions(c.metrics[k].dims, wanted) {
			keys = append(keys, k)
		}
	}
	from := 0
	if token := textOf(request["NextToken"]); token != "" {
		var err error
		if from, err = strconv.Atoi(token); err != nil || from < 0 || from > len(keys) {
			return nil, refuse("InvalidParameterValue", "the NextToken is none of this cloud's")
		}
	}
	out := cbor.Map{}
	until := len(keys)
	if until-from > mostListed {
		until = from + mostListed
		out["NextToken"] = cbor.String(strconv.Itoa(until))
	}
	listed := cbor.List{}
	for _, k := range keys[from:until] {
		dims := cbor.List{}
		for _, d := range c.metrics[k].dims {
			dims = append(dims, cbor.Map{"Name": cbor.String(d.name), "Value": cbor.String(d.value)})
		}
		listed = append(listed, cbor.Map{"Namespace": cbor.String(k.namespace), "MetricName": cbor.String(k.name), "Dimensions": dims})
	}
	out["Metrics"] = listed
	return out, nil
}

// hasDimensions: a filter without a value fits every value.
func hasDimensions(dims []dim, wanted cbor.List) bool {
	for _, v := range wanted {
		filter, _ := v.(cbor.Map)
		name, value := textOf(filter["Name"]), textOf(filter["Value"])
		if !slices.ContainsFunc(dims, func(d dim) bool { return d.name == name && (value == "" || d.value == value) }) {
			return false
		}
	}
	return true
}
