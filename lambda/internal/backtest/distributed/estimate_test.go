package distributed_test

import (
	"flag"
	"fmt"
	"math"
	"os"
	"strings"
	"testing"

	"trailkeeper/lambda/internal/backtest"
	"trailkeeper/lambda/internal/backtest/distributed"
)

var update = flag.Bool("update", false, "write the tables of ARCHIVE.md anew")

// archiveSize is an archive as the page assumes it.
type archiveSize struct {
	name string
	size float64 // bytes of an object, as it is stored
	// json is how many MB of JSON one core reads in a second of CPU time, as measured: rules/README.md has the same figure.
	json   int
	packed float64 // how many times smaller gzip makes it
}

// rate is how many MB, as they are stored, one core reads in a second of CPU time.
func (a archiveSize) rate() float64 { return math.Round(float64(a.json) / a.packed) }

// What the page computes with. Prices are in US dollars, of us-east-1.
const (
	total     = 100e12 // bytes, as they are stored
	firstByte = 0.030  // seconds from a GetObject to its first byte
	parallel  = 64     // objects that a function reads at once
	memory    = 1.769e3 / 1024
	slower    = 2 // how many times longer a core of Lambda takes than the one that was measured: an assumption
	listPage  = 1000
	steps     = 2 // state transitions of a list, shard or group

	priceGBs        = 0.0000133334
	priceInvoke     = 0.20 / 1e6
	priceTransition = 0.025 / 1e3
	priceGet        = 0.0004 / 1e3
	priceList       = 0.005 / 1e3
	priceDecrypt    = 0.03 / 1e4
)

func sizes() []archiveSize {
	return []archiveSize{
		{"files of 225 KB", 225e3, 620, 8.84},
		{"files of 8.3 KB", 8.3e3, 490, 6.97},
	}
}

// row is a line of the table: what, computed as, and one figure for each archive.
type row struct {
	what, how string
	figure    func(a archiveSize) string
}

func (a archiveSize) objects() float64 { return total / a.size }

func (a archiveSize) shards() float64 {
	s := distributed.DefaultSizes()
	return math.Ceil(total * (1 + float64(s.Each)/a.size) / float64(s.Shard))
}

// seconds is how long the functions run in all: for the CPU, or for the network where that is longer.
func (a archiveSize) seconds() float64 {
	return max(slower*total/(a.rate()*1e6), a.objects()*firstByte/parallel)
}

func (a archiveSize) steps() float64 {
	s := distributed.DefaultSizes()
	return a.shards() + float64(s.Lists) + math.Ceil((a.shards()+float64(s.Lists))/float64(s.Group))
}

func (a archiveSize) costs() []float64 {
	return []float64{
		a.seconds() * memory * priceGBs, a.steps() * priceInvoke, a.steps() * steps * priceTransition,
		a.objects() * priceGet, a.objects() / listPage * priceList,
	}
}

func dollars(v float64) string { return "$" + backtest.Thousands(int64(math.Ceil(v))) }
func whole(v float64) string   { return backtest.Thousands(int64(math.Round(v))) }

func hours(seconds float64) string {
	if seconds < 2*3600 {
		return fmt.Sprintf("%.0f min", seconds/60)
	}
	return fmt.Sprintf("%.1f h", seconds/3600)
}

// rate is how many objects a second so many functions open.
func (a archiveSize) opened(functions float64) float64 { return functions * a.objects() / a.seconds() }

func rows() []row {
	cost := func(i int) func(archiveSize) string {
		return func(a archiveSize) string { return dollars(a.costs()[i]) }
	}
	return []row{
		{"objects", "100 TB ÷ size", func(a archiveSize) string { return whole(a.objects()) }},
		{"shards", "(100 TB + 32 KiB × objects) ÷ 2 GiB", func(a archiveSize) string { return whole(a.shards()) }},
		{
			"seconds of the function", "the larger of 2 × 100 TB ÷ rate and objects × 30 ms ÷ 64",
			func(a archiveSize) string { return whole(a.seconds()) },
		},
		{"**time** at 100 at once", "seconds ÷ 100", func(a archiveSize) string { return hours(a.seconds() / 100) }},
		{"time at 900 at once", "seconds ÷ 900", func(a archiveSize) string { return hours(a.seconds() / 900) }},
		{"Lambda, duration", "seconds × 1.728 GB × $0.0000133334", cost(0)},
		{"Lambda, requests", "(shards + lists + groups) × $0.20 ÷ million", cost(1)},
		{"Step Functions", "(shards + lists + groups) × 2 × $0.025 ÷ 1,000", cost(2)},
		{"S3, GetObject", "objects × $0.0004 ÷ 1,000", cost(3)},
		{"S3, ListObjectsV2", "objects ÷ 1,000 × $0.005 ÷ 1,000", cost(4)},
		{"**cost** without KMS", "the sum", func(a archiveSize) string {
			sum := 0.0
			for _, c := range a.costs() {
				sum += c
			}
			return dollars(sum)
		}},
		{
			"KMS, without bucket keys", "objects × $0.03 ÷ 10,000",
			func(a archiveSize) string { return dollars(a.objects() * priceDecrypt) },
		},
		{"GetObject a second at 100", "objects ÷ seconds × 100", func(a archiveSize) string { return whole(a.opened(100)) }},
		{"prefixes that this takes", "÷ 5,500", func(a archiveSize) string { return whole(math.Ceil(a.opened(100) / 5500)) }},
		{"functions at 10,000 Decrypts a second", "10,000 ÷ objects × seconds", func(a archiveSize) string {
			return whole(1e4 / a.opened(1))
		}},
	}
}

// TestEstimateIsOfOneRun: the page computes with the speed that rules/README.md has.
func TestEstimateIsOfOneRun(t *testing.T) {
	large, small := sizes()[0], sizes()[1]
	for page, lines := range map[string][]string{
		"../../../../rules/README.md": {
			fmt.Sprintf("| 120 files of 2 MB | %d,", large.json), fmt.Sprintf("| 600 files of 60 KB | %d,", small.json),
		},
		"../../../ARCHIVE.md": {
			fmt.Sprintf("%.0f MB of gzip a CPU second of the large files and %.0f of the small", large.rate(), small.rate()),
			fmt.Sprintf("%d and %d MB of JSON a CPU second, of files that gzip makes\n  %.2f and %.2f times smaller", large.json,
				small.json, large.packed, small.packed),
			fmt.Sprintf("reads an archive on one machine: about %.0f MB of gzip a second and core", large.rate()),
		},
	} {
		text, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		for _, line := range lines {
			if !strings.Contains(string(text), line) {
				t.Errorf("%s does not say %q", page, line)
			}
		}
	}
}

// TestEstimate: the page's table is what its formulas give.
func TestEstimate(t *testing.T) {
	const page, from, to = "../../../ARCHIVE.md", "<!-- estimate -->\n", "<!-- /estimate -->"
	var b strings.Builder
	b.WriteString("\n| what | computed as |")
	for _, a := range sizes() {
		b.WriteString(" " + a.name + " |")
	}
	b.WriteString("\n|---|---|" + strings.Repeat("--:|", len(sizes())) + "\n")
	for _, r := range rows() {
		fmt.Fprintf(&b, "| %s | %s |", r.what, r.how)
		for _, a := range sizes() {
			b.WriteString(" " + r.figure(a) + " |")
		}
		b.WriteString("\n")
	}
	b.WriteString("\n")
	text, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	head, rest, ok := strings.Cut(string(text), from)
	table, tail, ok2 := strings.Cut(rest, to)
	if !ok || !ok2 {
		t.Fatal("the page has no place for the table")
	}
	if table == b.String() {
		return
	}
	if !*update {
		t.Fatalf("the table of %s is not what its formulas give; run go test with -update on this package:\n%s", page, b.String())
	}
	if err := os.WriteFile(page, []byte(head+from+b.String()+to+tail), 0o600); err != nil {
		t.Fatal(err)
	}
}
