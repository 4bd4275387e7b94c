package logtest_test

import (
	"bytes"
	"compress/gzip"
	"testing"

	"trailkeeper/events"
	"trailkeeper/lambda/internal/archive/layout"
	"trailkeeper/lambda/internal/logtest"
)

// TestRecords: each is CloudTrail's, there are no two of one ID, and they are as long, and pack as well, as
// those of real log files (1.26 KB, 8.6 to 9.4 to one).
func TestRecords(t *testing.T) {
	ids := map[string]bool{}
	const n = 2000
	for i := range n {
		text := logtest.Append(nil, i)
		ev, err := events.ParseLogged(text, events.Log{})
		if err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		ids[ev.Record.EventID] = true
	}
	if len(ids) != n {
		t.Errorf("%d IDs of %d records", len(ids), n)
	}
	file := logtest.AppendFile(nil, 0, n)
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	if _, err := z.Write(file); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	if length, ratio := len(file)/n, float64(len(file))/float64(packed.Len()); length < 1200 || length > 1400 ||
		ratio < 8 || ratio > 10 {
		t.Errorf("records of %d bytes, packed %.1f to one", length, ratio)
	}
	if key := layout.Of(logtest.Key(86_400)); key.Kind != layout.Logs || key.Region != "eu-west-1" || key.From.Day() != 3 {
		t.Errorf("%+v", key)
	}
}
