package localcloud

import (
	"slices"
	"strings"
	"sync"
	"time"
)

// dim is a dimension of a metric.
type dim struct{ name, value string }

// metricKey names a metric: namespace, name, and dimensions in order.
type metricKey struct{ namespace, name, dims string }

type datapoint struct {
	at    time.Time
	value float64
}

func keyOf(namespace, name string, dims []dim) metricKey {
	parts := make([]string, len(dims))
	for i, d := range dims {
		parts[i] = d.name + "=" + d.value
	}
	slices.Sort(parts)
	return metricKey{namespace, name, strings.Join(parts, ",")}
}

// measure adds a data point to a metric and has the alarms on it look at the end of their period.
func (c *Cloud) measure(namespace, name string, value float64, dims ...dim) {
	key := keyOf(namespace, name, dims)
	now := c.time.Now()
	c.metrics[key] = append(c.metrics[key], datapoint{now, value})
	for _, a := range c.stack.alarms {
		if a.key() == key {
			c.watch(a)
		}
	}
}

// produced are the metrics that the cloud makes; an alarm on any other is refused. SNS's own never fires here, because
// subscribers take every message.
var produced = sync.OnceValue(func() map[string][]string {
	return map[string][]string{
		"AWS/Events": {"FailedInvocations", "InvocationsFailedToBeSentToDlq", "InvocationsSentToDlq"},
		"AWS/Lambda": {"Invocations", "Errors", "Throttles", "DestinationDeliveryFailures", "AsyncEventsDropped", "DeadLetterErrors"},
		"AWS/Scheduler": {
			"InvocationAttemptCount", "TargetErrorCount", "InvocationDroppedCount", "InvocationsSentToDeadLetterCount",
			"InvocationsFailedToBeSentToDeadLetterCount",
		},
		"AWS/SQS": {"ApproximateNumberOfMessagesVisible", "NumberOfMessagesSent"},
		"AWS/SNS": {"NumberOfNotificationsFailed", "NumberOfNotificationsFilteredOut-InvalidAttributes"},
	}
})
