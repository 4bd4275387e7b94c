package backtest_test

import (
	"crypto/sha256"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/klauspost/compress/gzip"

	"trailkeeper/lambda/internal/archive"
	"trailkeeper/lambda/internal/backtest"
	"trailkeeper/lambda/internal/logtest"
	"trailkeeper/lambda/internal/resident"
	"trailkeeper/rules/detect"
	"trailkeeper/rules/detections"
)

// quietRecord is like most of a trail: a call of a role that reads, of about 1.3 KB.
const quietRecord = `{"eventVersion":"1.11","userIdentity":{"type":"AssumedRole","principalId":"AROAEXAMPLE:worker",` +
	`"arn":"arn:aws:sts::111122223333:assumed-role/worker/worker","accountId":"111122223333",` +
	`"accessKeyId":"ASIAEXAMPLE","sessionContext":{"sessionIssuer":{"type":"Role","principalId":"AROAEXAMPLE",` +
	`"arn":"arn:aws:iam::111122223333:role/worker","accountId":"111122223333","userName":"worker"},"attributes":` +
	`{"creationDate":"2026-03-02T09:00:00Z","mfaAuthenticated":"false"}}},"eventTime":"%s","eventSource":` +
	`"ec2.amazonaws.com","eventName":"%s","awsRegion":"eu-west-1","sourceIPAddress":"198.51.100.7","userAgent":` +
	`"aws-sdk-go-v2/1.30.3 os/linux lang/go#1.24 md/GOOS#linux","requestParameters":{"instancesSet":{"items":` +
	`[{"instanceId":"i-%x"}]},"filterSet":{},"clientToken":"%x"},"responseElements":null,` +
	`"requestID":"%x","eventID":"%x","readOnly":true,"eventType":"AwsApiCall","managementEvent":true,` +
	`"recipientAccountId":"111122223333","eventCategory":"Management",` +
	`"tlsDetails":{"tlsVersion":"TLSv1.3","cipherSuite":"TLS_AES_128_GCM_SHA256","clientProvidedHostHeader":` +
	`"ec2.eu-west-1.amazonaws.com"}}`

// quietLogs are log files of records, one in a hundred of which a built-in rule matches.
func quietLogs(tb testing.TB, files, records int) (root string, size int) {
	tb.Helper()
	all := map[string]string{}
	for f := range files {
		var lines []string
		for i := range records {
			name := []string{"DescribeInstances", "DescribeVolumes", "GetConsoleOutput", "DescribeTags"}[i%4]
			if i%100 == 99 {
				name = "AuthorizeSecurityGroupIngress"
			}
			id := sha256.Sum256([]byte(fmt.Sprint(f, i)))
			more := sha256.Sum256(id[:])
			at := noon.Add(time.Duration(f*records+i) * time.Second).Format(time.RFC3339)
			lines = append(lines, fmt.Sprintf(quietRecord, at, name, id[:8], more, id[8:24], id[16:]))
		}
		text := logFile(lines...)
		size += len(text)
		all[fmt.Sprintf("%03d.json.gz", f)] = packed(tb, text)
	}
	return archiveOf(tb, all), size
}

// mixedLogs are log files of the calls of many callers, as package logtest makes them. Built-in rules match two in a
// hundred, and as many more have to be decoded to tell.
func mixedLogs(tb testing.TB, files, records int) (root string, size int) {
	tb.Helper()
	all := map[string]string{}
	for f := range files {
		text := string(logtest.AppendFile(nil, f*records, records))
		size += len(text)
		all[fmt.Sprintf("%03d.json.gz", f)] = packed(tb, text)
	}
	return archiveOf(tb, all), size
}

func builtIn(tb testing.TB) *detect.Set {
	tb.Helper()
	set, problems := detect.Load(detect.Options{Stack: "trailkeeper"}, detections.Source())
	if len(problems) > 0 {
		tb.Fatal(problems)
	}
	return set
}

// BenchmarkRun measures the way from gzip to verdicts with the built-in rules on one core, and beside it in the same
// run what unpacking alone costs. Both are in CPU time, so that what else the machine does counts for nothing.
func BenchmarkRun(b *testing.B) {
	for _, one := range []struct {
		name  string
		logs  func(tb testing.TB, files, records int) (string, int)
		shape [2]int
		goal  float64 // of-unpacking
	}{
		{"240MB", mixedLogs, [2]int{120, 1540}, 0.60},
		{"60KB", mixedLogs, [2]int{600, 45}, 0.50},
		{"240MB-of-one-caller", quietLogs, [2]int{120, 1540}, 0.60},
		{"60KB-of-one-caller", quietLogs, [2]int{600, 45}, 0.50},
	} {
		b.Run(one.name, func(b *testing.B) {
			shape := one.shape
			root, size := one.logs(b, shape[0], shape[1])
			set := builtIn(b)
			var unpacking, whole time.Duration
			b.ReportAllocs()
			for b.Loop() {
				start := cpuTime(b)
				unpackAll(b, root)
				middle := cpuTime(b)
				r := run(b, root, backtest.Options{Set: set, Workers: 1})
				unpacking, whole = unpacking+middle-start, whole+cpuTime(b)-middle
				if r.Records != int64(shape[0]*shape[1]) || r.Bytes != int64(size) || len(r.Skipped) > 0 {
					b.Fatalf("%d records, %d bytes, skipped %v", r.Records, r.Bytes, r.Skipped)
				}
			}
			rate := func(d time.Duration) float64 { return float64(size) * float64(b.N) / 1e6 / d.Seconds() }
			b.ReportMetric(rate(whole), "MB/CPU-s")
			b.ReportMetric(rate(unpacking), "unpacked-MB/CPU-s")
			b.ReportMetric(float64(unpacking)/float64(whole), "of-unpacking")
			b.ReportMetric(one.goal, "goal")
		})
	}
}

// BenchmarkResident measures what a process takes of memory that reads one log file of 51 MB: this one, started again.
func BenchmarkResident(b *testing.B) {
	const variable = "BACKTEST_BENCHMARK_ROOT"
	if root := os.Getenv(variable); root != "" {
		run(b, root, backtest.Options{Set: builtIn(b)})
		m, err := resident.Of(0) // what the kernel counts for a child has its parent in it
		if err != nil {
			b.Skip(err)
		}
		fmt.Println("peak", m.Peak)
		return
	}
	root, size := mixedLogs(b, 1, 39_800)
	most := int64(0)
	for b.Loop() {
		again := exec.CommandContext(b.Context(), os.Args[0], "-test.run=^$", "-test.bench=^BenchmarkResident$",
			"-test.benchtime=1x")
		again.Env = append(os.Environ(), variable+"="+root)
		out, err := again.CombinedOutput()
		peak := peakLine.FindSubmatch(out)
		if err != nil || peak == nil {
			b.Fatalf("%v: %s", err, out)
		}
		n, _ := strconv.ParseInt(string(peak[1]), 10, 64)
		most = max(most, n)
	}
	b.ReportMetric(float64(size)/1e6, "log-MB")
	b.ReportMetric(resident.MiB(most), "resident-MiB")
}

var peakLine = regexp.MustCompile(`(?m)^peak (\d+)$`)

// BenchmarkCommand measures the same of the whole command, for which the goal is 32 MiB: what it takes itself, and with
// the pages of its program, which the machine reads again when it needs their place.
func BenchmarkCommand(b *testing.B) {
	root, size := mixedLogs(b, 1, 39_800)
	program := filepath.Join(b.TempDir(), "trailkeeper")
	build := exec.CommandContext(b.Context(), "go", "build", "-trimpath", "-ldflags=-s -w", "-o", program,
		"trailkeeper/lambda/trailkeeper")
	if out, err := build.CombinedOutput(); err != nil {
		b.Fatalf("%v: %s", err, out)
	}
	var most resident.Memory
	for b.Loop() {
		command := exec.CommandContext(b.Context(), program, "rules", "backtest", "--json", root)
		if err := command.Start(); err != nil {
			b.Fatal(err)
		}
		var err error
		ended := make(chan struct{})
		go func() {
			defer close(ended)
			err = command.Wait()
		}()
		m := watched(command.Process.Pid, ended)
		if err != nil {
			b.Fatal(err)
		}
		most.Peak, most.Own, most.File = max(most.Peak, m.Peak), max(most.Own, m.Own), max(most.File, m.File)
	}
	b.ReportMetric(float64(size)/1e6, "log-MB")
	b.ReportMetric(resident.MiB(most.Peak), "resident-MiB")
	b.ReportMetric(resident.MiB(most.Own), "own-MiB")
	b.ReportMetric(resident.MiB(most.File), "program-MiB")
	b.ReportMetric(32, "goal-MiB")
}

// watched is the most memory that a process has until it ends, as far as a look each millisecond shows it.
func watched(pid int, ended <-chan struct{}) (most resident.Memory) {
	for tick := time.NewTicker(time.Millisecond); ; {
		select {
		case <-ended:
			return most
		case <-tick.C:
		}
		if m, err := resident.Of(pid); err == nil {
			most.Peak, most.Own, most.File = max(most.Peak, m.Peak), max(most.Own, m.Own), max(most.File, m.File)
		}
	}
}

// BenchmarkTwoCores measures how much sooner two cores are done than one, for which the goal is 1.9. Both are times of the
// clock, which tell something only where nothing else keeps the machine busy. Beside it is what two cores would reach
// that never wait for each other, by the CPU time that they take.
func BenchmarkTwoCores(b *testing.B) {
	if runtime.NumCPU() < 2 {
		b.Skip("there is one core")
	}
	root, size := mixedLogs(b, 60, 1540)
	set := builtIn(b)
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	var times, cpu [2]time.Duration
	for b.Loop() {
		for i := range times {
			runtime.GOMAXPROCS(i + 1)
			start, used := time.Now(), cpuTime(b)
			run(b, root, backtest.Options{Set: set})
			cpu[i] += cpuTime(b) - used
			if took := time.Since(start); times[i] == 0 || took < times[i] {
				times[i] = took
			}
		}
	}
	b.ReportMetric(float64(times[0])/float64(times[1]), "times-one-core")
	b.ReportMetric(2*float64(cpu[0])/float64(cpu[1]), "times-by-cpu")
	b.ReportMetric(1.9, "goal")
	b.ReportMetric(float64(size)/1e6/times[1].Seconds(), "MB/s")
}

func unpackAll(b *testing.B, root string) {
	b.Helper()
	var z gzip.Reader
	for f := range archive.Local(root, strings.NewReader("")) {
		in, err := f.Open(b.Context())
		if err != nil {
			b.Fatal(err)
		}
		if err := z.Reset(in); err != nil {
			b.Fatal(err)
		}
		if _, err := io.Copy(io.Discard, &z); err != nil {
			b.Fatal(err)
		}
		_ = in.Close()
	}
}

func cpuTime(b *testing.B) time.Duration {
	b.Helper()
	var used syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &used); err != nil {
		b.Fatal(err)
	}
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}
