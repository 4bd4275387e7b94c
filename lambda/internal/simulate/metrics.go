package simulate

import "trailkeeper/lambda/internal/localcloud"

// Metrics returns the metrics of the cloud on which the scenario was played, in its virtual time; none when it was not
// played.
func (r Result) Metrics() []localcloud.Metric {
	if r.cloud == nil {
		return nil
	}
	return r.cloud.Metrics()
}
