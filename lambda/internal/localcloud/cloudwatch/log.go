package cloudwatch

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"trailkeeper/lambda/internal/localcloud/kernel"
)

// Limits of the embedded metric format ("Specification: Embedded metric format", and PutMetricData for the times).
const (
	mostDimensions       = 30
	mostDirectiveMetrics = 100
	mostMetricValues     = 100
	oldestMetric         = 14 * 24 * time.Hour
	newestMetric         = 2 * time.Hour
)

// embedded is a line in the embedded metric format, before its targets are looked up.
type embedded struct {
	Timestamp         *int64
	CloudWatchMetrics []struct {
		Namespace  string
		Dimensions [][]string
		Metrics    []struct {
			Name, Unit        string
			StorageResolution int
		}
	}
}

// Receive takes a line of a log group, has the group's metric filters count it, and takes the metrics out of it, if it
// has some. A line that breaks the format has none, and the timeline says so.
func (s *Monitor) Receive(d kernel.Delivery) *kernel.Error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.kernel.Deleted(d.To) || d.Probe && s.groups[d.To] == nil && !s.kernel.Made(d.To) {
		return kernel.Refuse(kernel.NoResource, "the log group %s does not exist", d.To)
	}
	if !d.Probe {
		s.count(d.To, d.Body)
	}
	var root map[string]json.RawMessage
	if d.Probe || !bytes.Contains(d.Body, []byte(`"_aws"`)) || json.Unmarshal(d.Body, &root) != nil ||
		root["_aws"] == nil {
		return nil
	}
	var e embedded
	err := json.Unmarshal(root["_aws"], &e)
	if err == nil {
		err = s.take(kernel.SiteOf(d.To), root, e)
	}
	if err != nil {
		s.kernel.Note(
			kernel.Entry{Kind: kernel.KindNote, Who: "CloudWatch", Text: "takes no metric of a line of the log: " + err.Error()},
		)
	}
	return nil
}

// point is one value of one metric with one set of dimensions.
type point struct {
	namespace, name, unit string
	dims                  []kernel.Dim
	value                 float64
}

// take checks the whole line before it adds anything.
func (s *Monitor) take(site kernel.Site, root map[string]json.RawMessage, e embedded) error {
	if e.Timestamp == nil {
		return errors.New("_aws has no Timestamp")
	}
	at, now := time.UnixMilli(*e.Timestamp).UTC(), s.kernel.Now()
	if at.Before(now.Add(-oldestMetric)) || at.After(now.Add(newestMetric)) {
		return fmt.Errorf("the time %s is more than two weeks ago or more than two hours ahead", at.Format(time.RFC3339))
	}
	var points []point
	for _, d := range e.CloudWatchMetrics {
		if d.Namespace == "" || len(d.Metrics) > mostDirectiveMetrics {
			return fmt.Errorf("a directive has the namespace %q and %d metrics; want one, and at most %d", d.Namespace,
				len(d.Metrics), mostDirectiveMetrics)
		}
		for _, set := range d.Dimensions {
			dims, err := dimensionsOf(root, set)
			if err != nil {
				return err
			}
			for _, m := range d.Metrics {
				values, err := valuesOf(root, m.Name)
				if err != nil {
					return err
				}
				for _, v := range values {
					points = append(points, point{d.Namespace, m.Name, m.Unit, dims, v})
				}
			}
		}
	}
	for _, p := range points {
		s.add(keyOf(site, p.namespace, p.name, p.dims), p.dims, p.unit, datapoint{at: at, value: p.value})
	}
	return nil
}

// dimensionsOf looks up the values of a set of dimensions.
func dimensionsOf(root map[string]json.RawMessage, set []string) ([]kernel.Dim, error) {
	if len(set) > mostDimensions {
		return nil, fmt.Errorf("%d dimensions; want at most %d", len(set), mostDimensions)
	}
	dims := make([]kernel.Dim, 0, len(set))
	for _, name := range set {
		var value string
		if json.Unmarshal(root[name], &value) != nil || value == "" {
			return nil, fmt.Errorf("the dimension %s has no text at the root", name)
		}
		dims = append(dims, kernel.Dim{Name: name, Value: value})
	}
	return dims, nil
}

// valuesOf looks up a number or a list of numbers.
func valuesOf(root map[string]json.RawMessage, name string) ([]float64, error) {
	var one float64
	if json.Unmarshal(root[name], &one) == nil && root[name] != nil {
		return []float64{one}, nil
	}
	var many []float64
	if json.Unmarshal(root[name], &many) != nil || len(many) == 0 || len(many) > mostMetricValues {
		return nil, fmt.Errorf("the metric %s has no number at the root", name)
	}
	return many, nil
}
