package localcloud

import (
	"github.com/aws/smithy-go/encoding/cbor"
)

// mostPut is PutMetricData's limit.
const mostPut = 1000

// putMetricData takes single values as of now, all of a request or none.
func (c *Cloud) putMetricData(request cbor.Map) (cbor.Value, *awsError) {
	namespace := textOf(request["Namespace"])
	data, _ := request["MetricData"].(cbor.List)
	if namespace == "" || len(data) == 0 || len(data) > mostPut {
		return nil, refuse("InvalidParameterValue", "the namespace is %q and there are %d values; want one, and 1 to %d", namespace, len(data), mostPut)
	}
	var points []point
	for _, v := range data {
		m, _ := v.(cbor.Map)
		value, err := cbor.AsFloat64(m["Value"])
		p := point{namespace: namespace, name: textOf(m["MetricName"]), unit: textOf(m["Unit"]), dims: dimsOf(m["Dimensions"]), value: value}
		if err != nil || p.name == "" || m["Timestamp"] != nil || len(p.dims) > mostDimensions {
			return nil, refuse("InvalidParameterValue", "the metric %q has no single value of now, which is all that is modelled", p.name)
		}
		points = append(points, p)
	}
	for _, p := range points {
		c.addPoint(keyOf(p.namespace, p.name, p.dims), p.dims, p.unit, datapoint{at: c.time.Now(), value: p.value})
	}
	return cbor.Map{}, nil
}

// dimsOf reads the dimensions of a request.
func dimsOf(v cbor.Value) []dim {
	dims := []dim{}
	given, _ := v.(cbor.List)
	for _, v := range given {
		d, _ := v.(cbor.Map)
		dims = append(dims, dim{textOf(d["Name"]), textOf(d["Value"])})
	}
	return dims
}
