package distributed

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"path"
	"strings"

	"trailkeeper/lambda/internal/backtest"
)

// Results is the bucket of results. Its errors say in a sentence what S3 refused; calls that may succeed a moment later
// were made again.
type Results struct {
	Name string
	Get  func(ctx context.Context, key string) (io.ReadCloser, error)
	Put  func(ctx context.Context, key string, content []byte) error
	// List gives all keys that begin with a prefix, in order.
	List func(ctx context.Context, prefix string) ([]string, error)
}

// The folders of a run.
const (
	lists   = "lists"   // prefixes of the archive, by list
	shards  = "shards"  // files of the archive, by shard
	reports = "reports" // of lists and shards
	groups  = "groups"  // keys of reports
	merged  = "merged"  // reports of groups
)

// folder is the prefix of a run's folder.
func (s *step) folder(name string) string { return "runs/" + s.Run + "/" + name + "/" }

// key is that of an object of the run.
func (s *step) key(folder, id string) string { return s.folder(folder) + id + ".json.gz" }

// idIn is the ID in the key of an object in one of the run's folders.
func (s *step) idIn(folder, key string) (string, error) {
	id := strings.TrimSuffix(path.Base(key), ".json.gz")
	if key != s.key(folder, id) {
		return "", &RequestError{fmt.Errorf("%.200q is no object of the run in %s", key, s.folder(folder))}
	}
	return id, nil
}

// reportOf is the key of the report of a list or a shard.
func (s *step) reportOf(folder, id string) string { return s.key(reports, folder+"-"+id) }

// maxObject bounds an object of a run after unpacking: the report of a whole archive has at most some 10 MB a rule.
const maxObject = 2 << 30

// write writes values, one JSON text behind the other.
func write[T any](ctx context.Context, r Results, key string, values ...T) error {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	encoder := json.NewEncoder(z)
	encoder.SetEscapeHTML(false)
	for i := range values {
		if err := encoder.Encode(&values[i]); err != nil {
			return fmt.Errorf("encode %s: %w", key, err)
		}
	}
	if err := z.Close(); err != nil {
		return fmt.Errorf("pack %s: %w", key, err)
	}
	if err := r.Put(ctx, key, b.Bytes()); err != nil {
		return fmt.Errorf("write s3://%s/%s: %w", r.Name, key, err)
	}
	return nil
}

// read reads what write wrote.
func read[T any](ctx context.Context, r Results, key string) ([]T, error) {
	body, err := r.Get(ctx, key)
	if err != nil {
		return nil, fmt.Errorf("read s3://%s/%s: %w", r.Name, key, err)
	}
	defer func() { _ = body.Close() }()
	z, err := gzip.NewReader(body)
	if err != nil {
		return nil, fmt.Errorf("unpack s3://%s/%s: %w", r.Name, key, err)
	}
	var all []T
	decoder := json.NewDecoder(io.LimitReader(z, maxObject))
	for decoder.More() {
		var one T
		if err := decoder.Decode(&one); err != nil {
			return nil, fmt.Errorf("decode s3://%s/%s: %w", r.Name, key, err)
		}
		all = append(all, one)
	}
	return all, nil
}

// ReadReport reads the report that a run has written.
func ReadReport(from io.Reader) (*backtest.Report, error) {
	z, err := gzip.NewReader(from)
	if err != nil {
		return nil, fmt.Errorf("unpack the report: %w", err)
	}
	var r backtest.Report
	if err := json.NewDecoder(io.LimitReader(z, maxObject)).Decode(&r); err != nil {
		return nil, fmt.Errorf("decode the report: %w", err)
	}
	return &r, nil
}
