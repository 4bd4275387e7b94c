package distributed_test

import (
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"trailkeeper/lambda/internal/backtest/distributed"
)

// TestFileTime: a file of a shard that takes more than three minutes is named in the report, with what was read of it.
func TestFileTime(t *testing.T) {
	const key = "AWSLogs/slow.json.gz"
	record := `{"eventID":"id-1","eventName":"ConsoleLogin","eventTime":"2026-03-02T12:00:00Z","awsRegion":"eu-west-1",` +
		`"eventSource":"signin.amazonaws.com","recipientAccountId":"111122223333"}`
	slow := packed(t, `{"Records":[`+record+strings.Repeat(" ", 8<<20)+`]}`)
	for name, tt := range map[string]struct {
		tick time.Duration // that each look at the time takes
		want string
	}{
		"slow": {time.Minute, ": it takes too long: more than 3m0s; the rest is not read"},
		"fast": {time.Millisecond, ""},
	} {
		logs := &store{objects: map[string][]byte{key: slow}}
		c := newCloud(t, logs, distributed.Request{Archive: "s3://logs/AWSLogs/"})
		var looks atomic.Int64
		c.Clock.Now = func() time.Time { return noon.Add(time.Duration(looks.Add(1)) * tt.tick) }
		r := c.run(nil)
		var got []string
		for _, skip := range r.Skipped {
			got = append(got, skip.File+": "+skip.Reason)
		}
		whole := tt.want == "" && len(got) == 0
		named := tt.want != "" && len(got) == 1 && strings.HasPrefix(got[0], "s3://logs/"+key+": ") && strings.HasSuffix(got[0], tt.want)
		if !whole && !named || r.Rules["login"].Matches != 1 || looks.Load() < 4 {
			t.Errorf("%s: %q, %d matches, %d looks at the time", name, got, r.Rules["login"].Matches, looks.Load())
		}
	}
}
