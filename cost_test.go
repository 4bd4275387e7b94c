package trailkeeper_test

import (
	"fmt"
	"os"
	"strings"
	"testing"
)

// Prices of us-east-1 in dollars, as the public pages of the services had them in 2024 to 2026.
const (
	million      = 1e6
	lambdaCall   = 0.20 / million
	lambdaSecond = 0.0000133334 * 0.5 // on arm64, with 512 MB
	sqsRequest   = 0.40 / million
	s3Get        = 0.40 / million
	kmsDecrypt   = 3.00 / million
	tableWrite   = 0.625 / million
	forwarded    = 1.00 / million // by EventBridge, from another account
	ingestedGB   = 0.50           // by CloudWatch Logs
)

// What is taken for granted beside them.
const (
	delivered   = 0.05   // of the records, by the patterns of the rules that are on
	recordTime  = 0.020  // seconds of the watch for a record of EventBridge
	fileTime    = 0.030  // and for a log file
	recordGB    = 1.5e-6 // of JSON
	filesAMonth = 8640   // of an account and Region: one every five minutes
	batchSize   = 10     // notifications a run
	pollsAMonth = 648000 // five pollers of Lambda that wait 20 s each
)

// sources are what a month costs by each source, with computed as; of files there are the same for few and many
// records, as long as accounts and Regions are the same.
var sources = []struct {
	what, how string
	cost      func(records, files float64) float64
}{
	{
		"EventBridge, record by record", "5 % of the records are delivered × ($0.20 ÷ million + 20 ms × 0.5 GB × $0.0000133334)",
		func(records, _ float64) float64 { return records * delivered * (lambdaCall + recordTime*lambdaSecond) },
	},
	{
		"the same, forwarded from other accounts", "besides, delivered records × $1.00 ÷ million, which the others pay",
		func(records, _ float64) float64 {
			return records * delivered * (lambdaCall + recordTime*lambdaSecond + forwarded)
		},
	},
	{
		"log files", "files × (GetObject $0.40 + SQS 1.2 × $0.40 + a write of the table $0.625 + a tenth of a run $0.02 + " +
			"30 ms × 0.5 GB $0.20) ÷ million, and 648,000 polls × $0.40 ÷ million",
		func(_, files float64) float64 {
			perFile := s3Get + (1+2.0/batchSize)*sqsRequest + tableWrite + lambdaCall/batchSize + fileTime*lambdaSecond
			return files*perFile + pollsAMonth*sqsRequest
		},
	},
	{
		"KMS for log files, without a bucket key", "files × $3.00 ÷ million",
		func(_, files float64) float64 { return files * kmsDecrypt },
	},
	{
		"a log group", "records × 1.5 KB × $0.50 a GB of ingestion; the subscription is free",
		func(records, _ float64) float64 { return records * recordGB * ingestedGB },
	},
}

// TestReadmeCostOfSources: the table of what a source costs is what its formulas give.
func TestReadmeCostOfSources(t *testing.T) {
	const from, to = "<!-- sources: generated, see cost_test.go -->\n", "<!-- /sources -->"
	before, rest, ok := strings.Cut(read(t, appPage), from)
	got, after, ok2 := strings.Cut(rest, to)
	if !ok || !ok2 {
		t.Fatal(appPage, "has no markers for the table")
	}
	small, large := 10*filesAMonth, 200*filesAMonth
	want := fmt.Sprintf("\n| source | computed as | 1 million records, %s files | 100 million records, %s files |\n|---|---|--:|--:|\n",
		thousands(small), thousands(large))
	for _, s := range sources {
		want += fmt.Sprintf("| %s | %s | $%.2f | $%.2f |\n", s.what, s.how, s.cost(million, float64(small)),
			s.cost(100*million, float64(large)))
	}
	want += "\n"
	if *update {
		if err := os.WriteFile(appPage, []byte(before+from+want+to+after), 0o644); err != nil {
			t.Fatal(err)
		}
	} else if got != want {
		t.Errorf("the table of %s is old: go test . -update", appPage)
	}
}

func thousands(n int) string {
	text := fmt.Sprint(n)
	for i := len(text) - 3; i > 0; i -= 3 {
		text = text[:i] + "," + text[i:]
	}
	return text
}
