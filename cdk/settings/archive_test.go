package settings

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// withArchive are settings with a watch that reads log files.
func withArchive(archive, more string) string {
	return `{` + snsOn + `, "watch": {"enabled": true}, "archive": ` + archive + more + `}`
}

func TestArchive(t *testing.T) {
	s, err := parse(t, withArchive(`{"removals": false, "concurrency": 2, "backtest": true, "backtestConcurrency": 7, "buckets": [
		{"name": "org-logs"},
		{"name": "aws-controltower-logs", "account": "444455556666", "prefix": "o-1a2b3c4d5e/AWSLogs/",
		 "key": "arn:aws:kms:eu-west-1:444455556666:key/11111111-1111-1111-1111-111111111111",
		 "source": "arn:aws:sns:eu-west-1:444455556666:logs"},
		{"name": "old.logs", "key": "alias/logs", "source": "queue"},
		{"name": "more-logs", "key": "mrk-0123456789abcdef0123456789abcdef", "source": "topic"},
		{"name": "org-logs", "prefix": "security/"}
	]}`, ""))
	if err != nil {
		t.Fatal(err)
	}
	const topic = "arn:aws:sns:eu-west-1:444455556666:logs"
	want := Archive{Concurrency: 2, Backtest: true, BacktestConcurrency: 7}
	want.Buckets = []LogBucket{
		{Name: "org-logs"},
		{
			Name:    "aws-controltower-logs",
			Account: "444455556666",
			Prefix:  "o-1a2b3c4d5e/AWSLogs/",
			Key:     "arn:aws:kms:eu-west-1:444455556666:key/11111111-1111-1111-1111-111111111111",
			Source:  topic,
		},
		{Name: "old.logs", Key: "alias/logs", Source: SourceQueue},
		{Name: "more-logs", Key: "mrk-0123456789abcdef0123456789abcdef", Source: SourceTopic},
		{Name: "org-logs", Prefix: "security/"},
	}
	if diff := cmp.Diff(want, s.Archive); diff != "" {
		t.Errorf("archive (-want +got):\n%s", diff)
	}
	if got := s.Archive.Topics(); !cmp.Equal(got, []string{topic}) || !s.ReadsLogFiles() || Defaults().ReadsLogFiles() {
		t.Errorf("topics %v", got)
	}
	if got := s.Archive.By(SourceEventBridge); len(got) != 2 || got[0].LogPrefix() != "AWSLogs/" ||
		got[1].LogPrefix() != "security/" || len(s.Archive.Buckets) != 5 {
		t.Errorf("by EventBridge: %+v", got)
	}
}

func TestArchiveRefused(t *testing.T) {
	bucket := func(fields string) string { return withArchive(`{"buckets": [{`+fields+`}]}`, "") }
	many := strings.TrimSuffix(strings.Repeat(`{"name": "x"},`, 21), ",")
	for i := range 21 {
		many = strings.Replace(many, `"x"`, `"logs-`+string(rune('a'+i))+`"`, 1)
	}
	for _, tt := range []struct{ text, want string }{
		{bucket(`"name": "org-logs"`), ""},
		{
			bucket(`"name": "org-logs", "source": "eventbridge", "account": "111122223333", "key": "alias/logs"`),
			`archive.buckets[0].key is "alias/logs", and the bucket is of account "111122223333"; want the key's ARN`,
		},
		{bucket(`"name": "org-logs", "account": "111122223333", "key": "alias/aws/s3"`), "a key that AWS manages"},
		{
			withArchive(`{"buckets": [{"name": "org-logs", "account": "111122223333", "key": "alias/logs"}]}`,
				`, "env": {"account": "111122223333", "region": "eu-west-1"}`), "",
		},
		{bucket(`"account": "111122223333"`), `archive.buckets[0].name is ""; want the name of a bucket`},
		{bucket(`"name": "Org-Logs"`), `archive.buckets[0].name is "Org-Logs"; want the name of a bucket: 3 to 63`},
		{bucket(`"name": "s3://org-logs"`), `archive.buckets[0].name is "s3://…"; want the name of a bucket`},
		{bucket(`"name": "arn:aws:s3:::org-logs"`), `want the name of a bucket`},
		{bucket(`"name": "ab"`), `want the name of a bucket`},
		{bucket(`"name": "org..logs"`), `want the name of a bucket`},
		{bucket(`"name": "192.168.5.4"`), `want the name of a bucket`},
		{bucket(`"name": "org-logs-"`), `want the name of a bucket`},
		{bucket(`"name": "org-logs", "account": "1111"`), `archive.buckets[0].account is "1111"; want an account ID`},
		{bucket(`"name": "org-logs", "account": 111122223333`), `archive.buckets[0].account is a number; want an account ID`},
		{bucket(`"name": "org-logs", "prefix": "AWSLogs"`), `archive.buckets[0].prefix is "AWSLogs"; want letters, digits`},
		{bucket(`"name": "org-logs", "prefix": "/AWSLogs/"`), `archive.buckets[0].prefix is`},
		{bucket(`"name": "org-logs", "prefix": "AWSLogs/*/"`), `archive.buckets[0].prefix is`},
		{bucket(`"name": "org-logs", "prefix": "` + strings.Repeat("a", 512) + `/"`), `archive.buckets[0].prefix is`},
		{bucket(`"name": "org-logs", "key": "logs"`), `archive.buckets[0].key is "logs"; want a key's alias`},
		{
			bucket(`"name": "org-logs", "key": "arn:aws:kms:eu-west-1:111122223333:alias/logs"`),
			`alias/logs", the ARN of an alias, which no policy can grant`,
		},
		{bucket(`"name": "org-logs", "source": "eventbrige"`), `source is "eventbrige"; want eventbridge, queue, topic or the ` +
			`ARN of an SNS topic; did you mean "eventbridge"?`},
		{bucket(`"name": "org-logs", "source": "arn:aws:sns:eu-west-1:111122223333:logs.fifo"`), "archive.buckets[0].source is"},
		{bucket(`"nam": "org-logs"`), `archive.buckets[0].nam is no setting (its value is a text of 8 characters); there are ` +
			`name, account, prefix, key, source; did you mean "name"?`},
		{withArchive(`{"bukets": []}`, ""), `trailkeeper.archive.bukets is no setting`},
		{withArchive(`{"buckets": {"name": "org-logs"}}`, ""), "archive.buckets is an object with 1 key; want an array of objects"},
		{withArchive(`{"buckets": ["org-logs"]}`, ""), "archive.buckets[0] is a text of 8 characters; want an object with name,"},
		{
			withArchive(`{"buckets": [{"name": "org-logs"}, {"name": "org-logs"}]}`, ""),
			`archive.buckets[1] is the bucket of archive.buckets[0], and the prefix "AWSLogs/" overlaps with "AWSLogs/"`,
		},
		{
			withArchive(`{"buckets": [{"name": "org-logs"}, {"name": "org-logs", "prefix": "AWSLogs/o-1/"}]}`, ""),
			`the prefix "AWSLogs/o-1/" overlaps with "AWSLogs/"`,
		},
		{
			withArchive(`{"buckets": [{"name": "org-logs"}, {"name": "org-logs", "account": "111122223333", "prefix": "a/"}]}`,
				""), "a bucket has one owner",
		},
		{
			withArchive(`{"buckets": [{"name": "org-logs"}, {"name": "org-logs", "account": "111122223333", "prefix": "a/"}]}`,
				`, "env": {"account": "111122223333", "region": "eu-west-1"}`), "",
		},
		{
			withArchive(`{"buckets": [{"name": "org-logs"}, {"name": "org-logs", "account": "444455556666", "prefix": "a/"}]}`,
				`, "env": {"account": "111122223333", "region": "eu-west-1"}`), "a bucket has one owner",
		},
		{
			withArchive(`{"buckets": [{"name": "org-logs"}, {"name": "org-logs", "account": "111122223333"}]}`,
				`, "env": {"account": "111122223333", "region": "eu-west-1"}`), "overlaps with",
		},
		{withArchive(`{"buckets": [`+many+`]}`, ""), "archive.buckets has 21 buckets; want at most 20"},
		{
			`{` + snsOn + `, "archive": {"buckets": [{"name": "org-logs"}]}}`,
			"archive.buckets has 1 bucket but watch.enabled is false",
		},
		{
			`{` + snsOn + `, "watch": {"enabled": true, "timeout": 59}, "archive": {"buckets": [{"name": "org-logs"}]}}`,
			"watch.timeout is 59; want at least 60 with archive.buckets",
		},
		{`{` + snsOn + `, "watch": {"enabled": true, "timeout": 59}}`, ""},
		{
			`{` + snsOn + `, "watch": {"enabled": true, "memory": 255}, "archive": {"buckets": [{"name": "org-logs"}]}}`,
			"watch.memory is 255; want at least 256 with archive.buckets or archive.logGroups",
		},
		{
			`{` + snsOn + `, "watch": {"enabled": true, "memory": 128}, "archive": {"logGroups": ["trail"]}}`,
			"watch.memory is 128; want at least 256 with archive.buckets or archive.logGroups",
		},
		{`{` + snsOn + `, "watch": {"enabled": true, "memory": 256}, "archive": {"logGroups": ["trail"]}}`, ""},
		{`{` + snsOn + `, "watch": {"enabled": true, "memory": 128}}`, ""},
		{
			`{` + snsOn + `, "watch": {"enabled": true, "reservedConcurrency": 5}, "archive": {"buckets": [{"name": "org-logs"}]}}`,
			"archive.concurrency is 5 and watch.reservedConcurrency 5; want the first lower",
		},
		{`{` + snsOn + `, "watch": {"enabled": true, "reservedConcurrency": 5}}`, ""},
		{withArchive(`{"backtest": true}`, ""), "archive.backtest is true but archive.buckets is empty; want the buckets"},
		{
			`{` + snsOn + `, "archive": {"backtest": true, "buckets": [{"name": "org-logs"}]}}`,
			"archive.buckets has 1 bucket but watch.enabled is false",
		},
		{
			withArchive(`{"backtestConcurrency": 10001}`, ""),
			"archive.backtestConcurrency is 10001; want a whole number from 1 to 10000",
		},
		{withArchive(`{"concurrency": 1}`, ""), "archive.concurrency is 1; want a whole number from 2 to 1000"},
		{
			withArchive(`{"buckets": [{"name": "org-logs", "key": "arn:aws-cn:kms:cn-north-1:111122223333:key/`+
				`11111111-1111-1111-1111-111111111111"}]}`, `, "env": {"account": "111122223333", "region": "eu-west-1"}`),
			"archive.buckets[0].key is in the partition aws-cn; want aws",
		},
		{
			withArchive(`{"buckets": [{"name": "org-logs", "source": "arn:aws:sns:us-east-1:111122223333:logs"}]}`,
				`, "env": {"account": "111122223333", "region": "eu-west-1"}`), "",
		},
	} {
		_, err := parse(t, tt.text)
		switch {
		case tt.want == "" && err != nil:
			t.Errorf("%s: %v", tt.text, err)
		case tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)):
			t.Errorf("%s\n got  %v\n want %s", tt.text, err, tt.want)
		case err != nil && strings.Contains(err.Error(), "\n"):
			t.Errorf("%s: more than one sentence: %v", tt.text, err)
		}
	}
}

// TestLogGroups: names alone, of logs that a trail may write.
func TestLogGroups(t *testing.T) {
	s, err := parse(t, withArchive(`{"logGroups": ["trail", "/aws/cloudtrail/b#1"]}`, ""))
	if err != nil || !s.SubscribesLogs() || s.ReadsLogFiles() ||
		!cmp.Equal(s.Archive.LogGroupNames(), []string{"/aws/cloudtrail/b#1", "trail"}) {
		t.Errorf("%v, %v", s.Archive, err)
	}
	many := `"g0"`
	for i := 1; i <= 20; i++ {
		many += fmt.Sprintf(`, "g%d"`, i)
	}
	for want, text := range map[string]string{
		"archive.logGroups has 1 log group but watch.enabled is false": `{` + snsOn + `, "archive": {"logGroups": ["trail"]}}`,
		"archive.logGroups has 21 log groups; want at most 20":         withArchive(`{"logGroups": [`+many+`]}`, ""),
		`archive.logGroups[0] is "a b"; want the name of a log group`:  withArchive(`{"logGroups": ["a b"]}`, ""),
		`archive.logGroups[1] is "t", as archive.logGroups[0] is`:      withArchive(`{"logGroups": ["t", "t"]}`, ""),
		"want the name alone: CloudWatch Logs invokes only functions of the log group's own account and Region": withArchive(
			`{"logGroups": ["arn:aws:logs:eu-west-1:111122223333:log-group:trail:*"]}`, ""),
		`is "/aws/lambda/f", the log of a function; want that of a trail`: withArchive(`{"logGroups": ["/aws/lambda/f"]}`, ""),
	} {
		if _, err := parse(t, text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v; want %s", err, want)
		}
	}
}
