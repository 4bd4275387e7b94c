package replay

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"io"
	"strings"
	"syscall"
	"testing"
	"time"

	"trailkeeper/events/read"
	"trailkeeper/lambda/internal/assess"
)

// quietLog is a log file in gzip of records that no rule concerns, each of about 1.2 KB and with IDs of its own.
func quietLog(tb testing.TB, records int) (packed []byte, size int) {
	tb.Helper()
	one := strings.ReplaceAll(record(tb, "describe-trails.json"), "cloudtrail.amazonaws.com", "ec2.amazonaws.com")
	var b strings.Builder
	b.WriteString(`{"Records":[`)
	for i := range records {
		if i > 0 {
			b.WriteByte(',')
		}
		id := sha256.Sum256([]byte{byte(i), byte(i >> 8)})
		b.WriteString(strings.Replace(one, `"eventID":"`, fmt.Sprintf(`"requestID":"%x","eventID":"`, id), 1))
	}
	b.WriteString(`]}`)
	packed, err := io.ReadAll(zipped(tb, b.String()))
	if err != nil {
		tb.Fatal(err)
	}
	return packed, b.Len()
}

// BenchmarkQuietLog measures a log file of records that no rule concerns, and beside it in the same run the same with
// each record decoded and asked about, which is what it costs without looking at the name first. Both are in CPU time,
// so that what else the machine does counts for nothing.
func BenchmarkQuietLog(b *testing.B) {
	const records = 20_000
	packed, size := quietLog(b, records)
	count := func(decision func(read.Record, error) assess.Decision) time.Duration {
		start, ignored := cpuTime(b), 0
		for record, err := range read.All(bytes.NewReader(packed)) {
			if decision(record, err) == assess.Ignored {
				ignored++
			}
		}
		if ignored != records {
			b.Fatalf("%d ignored, want %d", ignored, records)
		}
		return cpuTime(b) - start
	}
	decoded := count(func(r read.Record, err error) assess.Decision {
		return Options{Scope: restart}.result(r, err).Decision
	})
	var quick time.Duration
	b.ReportAllocs()
	for b.Loop() {
		start := cpuTime(b)
		for r := range Read(read.All(bytes.NewReader(packed)), Options{Scope: restart}) {
			if r.Decision != assess.Ignored {
				b.Fatal(r.Decision)
			}
		}
		quick += cpuTime(b) - start
	}
	quick /= time.Duration(b.N)
	b.ReportMetric(float64(size)/1e6/quick.Seconds(), "MB/CPU-s")
	b.ReportMetric(float64(size)/1e6/decoded.Seconds(), "decoded-MB/CPU-s")
	b.ReportMetric(float64(decoded)/float64(quick), "times-decoded")
}

func cpuTime(b *testing.B) time.Duration {
	var used syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &used); err != nil {
		b.Fatal(err)
	}
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}
