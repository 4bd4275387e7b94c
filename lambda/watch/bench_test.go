package main

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"testing"
	"time"

	"trailkeeper/lambda/internal/bootstraptest"
	"trailkeeper/lambda/internal/logtest"
	"trailkeeper/lambda/internal/resident"
	"trailkeeper/lambda/internal/runtimeapi"
)

// The benchmarks measure the watch and its baseline in turn, in the same run, and report medians and their ratio: the
// times vary with the machine, the ratio is what the goal is about. Run them with: go test -run '^$' -bench .
// ./lambda/watch

// BenchmarkStart is the time from the start of the process to its first poll of the Runtime API, with the built-in
// rules in the asset, against a bootstrap that does nothing, for which the goal is at most 2.6; and against one that
// links what the watch does.
func BenchmarkStart(b *testing.B) {
	c := newCloud(b)
	env := c.env(b)
	sides := []bootstraptest.Side{
		built.Side(b, "watch", watchPkg),
		built.Side(b, "hello", helloPkg),
		built.Side(b, "bare", barePkg),
	}
	bootstraptest.CompareStarts(b, sides, env)
}

// BenchmarkDecide is the time from a warm function's record that no rule matches to its answer, against a handler that
// does nothing.
func BenchmarkDecide(b *testing.B) {
	c := newCloud(b)
	sides := []bootstraptest.Side{built.Side(b, "watch", watchPkg), built.Side(b, "hello", helloPkg)}
	payload := bootstraptest.Fixture(b, "describe-trails.json")
	invoke := func(s *bootstraptest.Side) time.Duration {
		began := time.Now()
		res, err := s.Process.Invoke(bootstraptest.Soon(b), runtimeapi.Invocation{
			RequestID: "6f0e2f1c-0000-4000-8000-000000000003", Payload: payload,
		})
		if err != nil || res.Error != nil {
			b.Fatal(err, res.Error)
		}
		return time.Since(began)
	}
	for i := range sides {
		sides[i].Process = bootstraptest.Start(b, sides[i].Path, c.env(b))
		for range 20 {
			invoke(&sides[i])
		}
	}
	bootstraptest.Compare(b, sides, invoke)
}

// BenchmarkLargeLog is the memory that the function takes to decide one log file of 51 MB, 780 records of which it
// reports: with the pages of its program, for which the goal is 32 MiB, and without.
func BenchmarkLargeLog(b *testing.B) {
	const records = 39_800
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	if _, err := z.Write(logtest.AppendFile(nil, 0, records)); err != nil {
		b.Fatal(err)
	}
	if err := z.Close(); err != nil {
		b.Fatal(err)
	}
	c := newCloud(b)
	c.log = packed.Bytes()
	path := built.Bootstrap(b, watchPkg, "")
	var most resident.Memory
	for b.Loop() {
		p := bootstraptest.Start(b, path, c.env(b))
		notice := fmt.Sprintf(`{"Records":[{"eventVersion":"2.1","eventSource":"aws:s3","eventName":"ObjectCreated:Put",`+
			`"s3":{"bucket":{"name":"org-logs"},"object":{"key":%q}}}]}`, logtest.Key(0))
		res, err := p.Invoke(bootstraptest.Soon(b), runtimeapi.Invocation{
			RequestID: "6f0e2f1c-0000-4000-8000-000000000004", Payload: []byte(notice),
		})
		if err != nil || res.Error != nil {
			b.Fatalf("%v, %v: %s", err, res.Error, p.Output())
		}
		m, err := resident.Of(p.PID())
		if err != nil {
			b.Skip(err)
		}
		most.Peak, most.Own, most.File = max(most.Peak, m.Peak), max(most.Own, m.Own), max(most.File, m.File)
	}
	b.ReportMetric(float64(len(c.messages))/float64(b.N), "messages")
	b.ReportMetric(resident.MiB(most.Peak), "resident-MiB")
	b.ReportMetric(resident.MiB(most.Own), "own-MiB")
	b.ReportMetric(resident.MiB(most.File), "program-MiB")
	b.ReportMetric(32, "goal-MiB")
}
