package backtest_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"trailkeeper/lambda/internal/archive"
	"trailkeeper/lambda/internal/backtest"
	"trailkeeper/rules/detect"
)

const timed = `"eventTime":"2026-03-02T12:00:00Z"}`

// odd are records that are written as nobody writes them, or say what they say twice.
var odd = []string{
	`{"eventName":"X","eventSource":"s",` + timed,
	`{"eventName":"ConsoleLogin","eventSource":"s",` + timed,
	`{"eventName":"consolelogin","eventSource":"s",` + timed,
	`{"eventName":"ConsoleLogin","eventSource":"s",` + timed,
	`{"eventName":"X","eventName":"ConsoleLogin","eventSource":"s",` + timed,
	`{"eventName":"X","\u0065ventName":"ConsoleLogin","eventSource":"s",` + timed,
	`{"eventName":"X","eventSource":"s","errorCode":"AccessDenied",` + timed,
	`{"eventName":"X","eventSource":"s","errorCode":"",` + timed,
	`{"eventName":"X","eventSource":"s","errorCode":null,` + timed,
	`{"eventName":"X","eventSource":"s","errorCode":"AccessDenied","errorCode":null,` + timed,
	`{"eventName":"X","eventSource":"s","errorCode":["AccessDenied"],` + timed,
	`{"eventName":"X","eventSource":"s","userIdentity":{"type":"Root"},` + timed,
	`{"eventName":"X","eventSource":"s","userIdentity":{"type":"Role","type":"Root"},` + timed,
	`{"eventName":"X","eventSource":"s","userIdentity":{"type":"Role","t\u0079pe":"Root"},` + timed,
	`{"eventName":"X","eventSource":"s","userIdentity":{"type":"Role"},"userIdentity":{"type":"Root"},` + timed,
	`{"eventName":"X","eventSource":"s","userIdentity":{"type":"Ro\u006ft"},` + timed,
	`{"eventName":"X","eventSource":"s","userIdentity":{"a":{"type":"Root"},"type":"Role"},` + timed,
	`{"eventName":"X","eventSource":"s","userIdentity":{"a":{"type":"Role"},"type":"Root"},` + timed,
	`{"eventName":"X","eventSource":"s","userIdentity":{"a":[{"type":"Root"}]},` + timed,
	`{"eventName":"X","eventSource":"s","userIdentity":[{"type":"Root"}],` + timed,
	`{"eventName":"X","eventSource":"s","userIdentity":"Root",` + timed,
	`{"eventName":"X","eventSource":"s","userIdentity":{"type":7},` + timed,
	`{"eventName":"X","eventSource":"s","userIdentity":{"type":null},` + timed,
	`{"eventName":"X","eventSource":"s","userIdentity":{"type":""},` + timed,
	`{"eventName":"X","eventSource":"s","eventTime":"2026-02-30T12:00:00Z"}`,
	`{"eventName":"X","eventSource":"s","eventTime":"2026-03-02T24:00:00Z"}`,
	`{"eventName":"X","eventSource":"s","eventTime":"2026-03-02T12:00:60Z"}`,
	`{"eventName":"X","eventSource":"s","eventTime":"2026-03-02T12:00:00+01:00"}`,
	`{"eventName":"X","eventSource":"s","eventTime":"2026-03-02T12:00:00.5Z"}`,
	`{"eventName":"X","eventSource":"s","eventTime":"2026-03-02 12:00:00"}`,
	`{"eventName":"X","eventSource":"s","eventTime":"0000-01-01T00:00:00Z"}`,
	`{"eventName":"X","eventSource":"s","eventTime":7}`,
	`{"eventName":"X","eventSource":"s"}`,
	`{"eventName":"X","eventSource":"s","eventTime":"x",` + timed,
	`{"eventName":"X","eventSource":"s","recipientAccountId":"444455556666",` + timed,
	`{"eventName":"X","eventSource":"s","recipientAccountId":444455556666,` + timed,
	`{"eventName":"X","eventSource":"s","awsRegion":"eu-west-\u0031",` + timed,
	`{"eventName":"X","eventSource":"s","awsRegion":null,` + timed,
	`{"eventName":"` + strings.Repeat("x", 200) + `","eventSource":"s",` + timed,
	`{"eventName":"é","eventSource":"s",` + timed,
	`{"eventName":"X","eventSource":"s","detail":{"eventName":"ConsoleLogin","eventSource":"s"}}`,
	`{"detail-type":"AWS API Call via CloudTrail","source":"aws.s","detail":` +
		`{"eventName":"ConsoleLogin","eventSource":"s"}}`,
}

// same compares a run that passes over what no rule concerns with one that decodes every record.
func same(t *testing.T, set *detect.Set, file string, filter archive.Filter) {
	t.Helper()
	report := func(o backtest.Options) string {
		o.Set, o.Files, o.Filter, o.Workers = set, archive.Local(file, nil), filter, 1
		r, err := backtest.Run(context.Background(), o)
		if err != nil {
			t.Fatal(err)
		}
		return encoded(t, r)
	}
	if diff := cmp.Diff(report(backtest.Thorough(backtest.Options{})), report(backtest.Options{})); diff != "" {
		t.Error(diff)
	}
}

func filters() []archive.Filter {
	return []archive.Filter{
		{},
		{Since: noon, Until: noon.Add(time.Hour)},
		{Accounts: []string{"111122223333", "444455556666"}, Regions: []string{"eu-west-1"}},
	}
}

func TestPassedOver(t *testing.T) {
	root := t.TempDir()
	sets := map[string]*detect.Set{"the test's": rulesOf(t), "built-in": builtIn(t)}
	for i, record := range odd {
		file := filepath.Join(root, fmt.Sprint(i, ".json"))
		if err := os.WriteFile(file, []byte(logFile(record)), 0o600); err != nil {
			t.Fatal(err)
		}
		for name, set := range sets {
			for _, filter := range filters() {
				t.Run(fmt.Sprint(name, " ", i), func(t *testing.T) { same(t, set, file, filter) })
			}
		}
	}
	same(t, sets["built-in"], busy(t, 7), archive.Filter{})
	same(t, sets["built-in"], "../../../events/testdata", archive.Filter{})
}

// FuzzPassedOver: a record is decided as the full decoder would, whatever records stand around it.
func FuzzPassedOver(f *testing.F) {
	for _, record := range odd {
		f.Add(record)
	}
	quiet := fmt.Sprintf(quietRecord, "2026-03-02T12:00:00Z", "CreateUser", 1, 2, 3, 4)
	f.Add(quiet)
	f.Add(strings.Replace(quiet, `"type":"AssumedRole"`, `"type":"Root"`, 1))
	f.Add(strings.Replace(quiet, `"filterSet":{}`, `"filterSet":{]`, 1))
	set := rulesOf(f)
	file := filepath.Join(f.TempDir(), "a.json")
	f.Fuzz(func(t *testing.T, record string) {
		if err := os.WriteFile(file, []byte(logFile(record, quiet, odd[0], record, quiet)), 0o600); err != nil {
			t.Fatal(err)
		}
		for _, filter := range filters() {
			same(t, set, file, filter)
		}
	})
}
