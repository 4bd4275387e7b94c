package distributed_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"

	"trailkeeper/lambda/config"
	"trailkeeper/lambda/internal/archive"
	"trailkeeper/lambda/internal/backtest"
	"trailkeeper/lambda/internal/backtest/distributed"
	"trailkeeper/lambda/internal/clock"
	"trailkeeper/lambda/internal/s3read/s3list"
	"trailkeeper/lambda/internal/s3read/s3test"
	"trailkeeper/rules/detect"
)

// rulesOf are rules as a function has them in its asset: one of each kind, and an ignore rule that has ended.
func rulesOf(t *testing.T, today string) *detect.Set {
	t.Helper()
	files := fstest.MapFS{}
	for name, text := range map[string]string{
		"login.yaml": `{id: login, title: "{{ record.userIdentity.userName }} signs in", severity: low,
			match: record.eventName == "ConsoleLogin", dedupe: {by: record.userIdentity.userName, within: 1h}}`,
		"often.yaml": `{id: often, title: often, severity: high, match: record.eventName == "ConsoleLogin",
			threshold: {count: 3, within: 10m, by: record.userIdentity.userName}}`,
		"spread.yaml": `{id: spread, title: spread, severity: medium, match: record.eventName == "ConsoleLogin",
			threshold: {count: 2, within: 1h, distinct: record.recipientAccountId}}`,
		"ignore/robot.yaml": `{match: record.userIdentity.userName == "robot", reason: r, owner: o}`,
		"ignore/ended.yaml": `{match: record.userIdentity.userName == "alice", reason: r, owner: o, expires: 2026-06-01}`,
	} {
		files[name] = &fstest.MapFile{Data: []byte(text)}
	}
	set, problems := detect.Load(detect.Options{Today: "2026-05-01"}, detect.Source{Name: "mine", Files: files})
	encoded, err := set.Encode()
	if err != nil || len(problems) > 0 {
		t.Fatal(err, problems)
	}
	if set, err = detect.Decode(encoded); err != nil {
		t.Fatal(err)
	}
	return set.On(today)
}

// store is a bucket in memory.
type store struct {
	mutex   sync.Mutex
	objects map[string][]byte
	classes map[string]string
	full    map[string]int // how often an object cannot be written
}

func (s *store) get(_ context.Context, key string) (io.ReadCloser, error) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	content, ok := s.objects[key]
	if !ok {
		return nil, archive.GetObject.Refused("NoSuchKey", 404, "")
	}
	return io.NopCloser(bytes.NewReader(content)), nil
}

func (s *store) keys(prefix string) (keys []string) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	for _, key := range slices.Sorted(maps.Keys(s.objects)) {
		if strings.HasPrefix(key, prefix) {
			keys = append(keys, key)
		}
	}
	return keys
}

// list has three objects on a page.
func (s *store) list(_ context.Context, ask s3list.Ask) (s3list.Page, error) {
	var all []s3list.Object
	for _, key := range s.keys(ask.Prefix) {
		all = append(all, s3list.Object{Key: key, Size: int64(len(s.objects[key])), Class: s.classes[key]})
	}
	return s3test.List(ask, all, 3), nil
}

func (s *store) bucket(name, prefix string) *archive.Bucket {
	return &archive.Bucket{Name: name, Prefix: prefix, List: s.list, Get: s.get}
}

var noon = time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)

func packed(t *testing.T, text string) []byte {
	t.Helper()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	if _, err := z.Write([]byte(text)); err != nil || z.Close() != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// archiveOf is an archive of 12 days of two accounts, with all that lies in one besides, and what attackers leave there.
func archiveOf(t *testing.T) *store {
	t.Helper()
	s := &store{objects: map[string][]byte{}, classes: map[string]string{}}
	for n := range 96 {
		at := noon.Add(time.Duration(n/8) * 24 * time.Hour).Add(time.Duration(n%8) * 2 * time.Minute)
		account := []string{"111122223333", "444455556666"}[n%2]
		var records []string
		for i, user := range []string{"alice", "bob", "robot"} {
			records = append(records, fmt.Sprintf(`{"eventID":"id-%d","eventName":%q,"eventTime":%q,"awsRegion":"eu-west-1",`+
				`"eventSource":"signin.amazonaws.com","recipientAccountId":%q,"userIdentity":{"type":"IAMUser","userName":%q}}`,
				(n*3+i)/2, []string{"ConsoleLogin", "Other"}[(n/3)%2], at.Format(time.RFC3339), account, user))
		}
		key := fmt.Sprintf("AWSLogs/%s/CloudTrail/eu-west-1/%s/%s_CloudTrail_eu-west-1_%s_%d.json.gz", account,
			at.Format("2006/01/02"), account, at.Format("20060102T1504Z"), n)
		s.objects[key] = packed(t, `{"Records":[`+strings.Join(records, ",")+`]}`)
		if n%30 == 7 {
			s.objects[key] = s.objects[key][:60] // it breaks off
		}
		if n == 50 {
			s.classes[key] = "DEEP_ARCHIVE"
		}
	}
	for key, text := range map[string]string{
		"AWSLogs/111122223333/CloudTrail-Digest/eu-west-1/2026/03/02/111122223333_CloudTrail-Digest_eu-west-1_t_" +
			"eu-west-1_20260302T091500Z.json.gz": `{}`,
		"AWSLogs/111122223333/Config/eu-west-1/2026/3/1/x.json.gz":                      `{}`,
		"AWSLogs/\"}],\"Next\":\"Pwn\",\"x\":[{\"${Function} $.a States.Format('{}')\n": `{"Records":[]}`,
		"AWSLogs/odd key +%2B é\u2028 .json":                                            `{"Records":[{"eventName":"ConsoleLogin"}]}`,
		"AWSLogs/":                                                                      "",
	} {
		s.objects[key] = []byte(text)
	}
	return s
}

// cloud is a handler over an archive and an empty bucket of results.
type cloud struct {
	*distributed.Handler
	t       *testing.T
	asked   distributed.Request
	results *store
	keys    []string // of archives, which no step may be given or give
	said    []string // every payload and answer
}

func newCloud(t *testing.T, logs *store, asked distributed.Request) *cloud {
	t.Helper()
	c := &cloud{t: t, asked: asked, results: &store{objects: map[string][]byte{}, full: map[string]int{}}, keys: logs.keys("")}
	c.Handler = &distributed.Handler{
		Rules:    rulesOf(t, "2026-05-01"),
		Archives: []config.LogBucket{{Owner: "111122223333", Name: "logs", Prefix: "AWSLogs/"}},
		Open:     func(in config.LogBucket, prefix string) *archive.Bucket { return logs.bucket(in.Name, prefix) },
		Results: distributed.Results{
			Name: "results",
			Get:  c.results.get,
			Put: func(_ context.Context, key string, content []byte) error {
				c.results.mutex.Lock()
				defer c.results.mutex.Unlock()
				if c.results.full[key]--; c.results.full[key] >= 0 {
					return errors.New("no space")
				}
				c.results.objects[key] = content
				return nil
			},
			List: func(_ context.Context, prefix string) ([]string, error) { return c.results.keys(prefix), nil },
		},
		Log:   slog.New(slog.DiscardHandler),
		Clock: clock.Real(),
		Sizes: distributed.Sizes{Shard: 3000, Each: 100, Lists: 2, Group: 3},
	}
	return c
}

// do carries out one step.
func (c *cloud) do(step, item string, failed map[string]string) ([]byte, error) {
	c.t.Helper()
	in := map[string]any{"step": step, "run": "run-1", "started": "2026-07-01T23:59:59.5Z", "asked": c.asked}
	if item != "" {
		in["item"] = item
	}
	if failed != nil {
		in["failed"] = failed
	}
	payload, err := json.Marshal(in)
	if err != nil {
		c.t.Fatal(err)
	}
	answer, err := c.Invoke(c.t.Context(), payload)
	c.said = append(c.said, string(payload), string(answer))
	return answer, err
}

// run does what the state machine does. A step that fails is given up, unless lost says that this fails as well.
func (c *cloud) run(lost func(item string) bool) *backtest.Report {
	c.t.Helper()
	var places distributed.Places
	c.must("plan", "", &places)
	for _, each := range []struct{ step, prefix string }{{"list", places.Lists}, {"read", places.Shards}} {
		for _, item := range c.results.keys(each.prefix) {
			_, err := c.do(each.step, item, nil)
			if err == nil || lost != nil && lost(item) {
				continue
			}
			cause, _ := json.Marshal(map[string]string{"errorMessage": err.Error(), "errorType": "wrapError"})
			if _, err := c.do(each.step, item, map[string]string{"Error": "wrapError", "Cause": string(cause)}); err != nil {
				c.t.Fatal(err)
			}
		}
	}
	c.must("gather", "", nil)
	for _, item := range c.results.keys(places.Groups) {
		c.must("merge", item, nil)
	}
	var at distributed.Place
	c.must("report", "", &at)
	r, err := distributed.ReadReport(bytes.NewReader(c.results.objects[at.Key]))
	if err != nil || at.Bucket != "results" {
		c.t.Fatal(err, at)
	}
	for _, said := range c.said {
		for _, key := range c.keys {
			if key != "AWSLogs/" && strings.Contains(said, key) {
				c.t.Errorf("a key of the archive goes through the state machine: %s", said)
			}
		}
	}
	return r
}

func (c *cloud) must(step, item string, into any) {
	c.t.Helper()
	answer, err := c.do(step, item, nil)
	if err == nil && into != nil {
		err = json.Unmarshal(answer, into)
	}
	if err != nil {
		c.t.Fatal(step, err)
	}
}

func encoded(t *testing.T, r *backtest.Report) string {
	t.Helper()
	text, err := json.MarshalIndent(r, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// TestSameAsOneRun: the report of many shards is, byte for byte, that of one run over the archive.
func TestSameAsOneRun(t *testing.T) {
	for name, tt := range map[string]struct {
		prefix string
		filter archive.Filter
	}{
		"all":              {"AWSLogs/", archive.Filter{}},
		"days":             {"AWSLogs/", archive.Filter{Since: noon.AddDate(0, 0, 3), Until: noon.AddDate(0, 0, 6).Add(1)}},
		"one account":      {"AWSLogs/444455556666/", archive.Filter{}},
		"account, Region":  {"AWSLogs/", archive.Filter{Accounts: []string{"444455556666"}, Regions: []string{"eu-west-1"}}},
		"another Region":   {"AWSLogs/", archive.Filter{Regions: []string{"us-east-1"}}},
		"nothing below it": {"AWSLogs/999999999999/", archive.Filter{}},
	} {
		t.Run(name, func(t *testing.T) {
			logs := archiveOf(t)
			want, err := backtest.Run(t.Context(), backtest.Options{
				Set:    rulesOf(t, "2026-07-01"),
				Files:  logs.bucket("logs", tt.prefix).Files(t.Context(), tt.filter),
				Filter: tt.filter,
			})
			if err != nil {
				t.Fatal(err)
			}
			c := newCloud(t, logs, distributed.NewRequest("s3://logs/"+tt.prefix, tt.filter))
			got := c.run(nil)
			if diff := cmp.Diff(encoded(t, want), encoded(t, got)); diff != "" {
				t.Errorf("(-one run +shards)\n%s", diff)
			}
			if n := len(c.results.keys("runs/run-1/shards/")); name == "all" && (n < 8 || want.Faults < 4 || want.Digests != 1 ||
				want.Rules["often"].Findings == 0 || want.Rules["spread"].Findings == 0) {
				t.Errorf("it says little: %d shards, %d faults, %+v", n, want.Faults, want.Rules)
			}
		})
	}
}

// TestShardsAreOfEqualBytes: but for the last of a list, none is less than half full.
func TestShardsAreOfEqualBytes(t *testing.T) {
	logs := archiveOf(t)
	c := newCloud(t, logs, distributed.Request{Archive: "s3://logs/AWSLogs/"})
	c.run(nil)
	shards := c.results.keys("runs/run-1/shards/")
	for i, key := range shards[:len(shards)-1] {
		sum := int64(0)
		for _, f := range c.files(key) {
			sum += f.Size + c.Sizes.Each
		}
		list, _, _ := strings.Cut(strings.TrimPrefix(key, "runs/run-1/shards/"), "-")
		last := !strings.Contains(shards[i+1], "/"+list+"-")
		if sum > c.Sizes.Shard || sum < c.Sizes.Shard/2 && !last {
			t.Errorf("%s has %d bytes", key, sum)
		}
	}
}

type file struct {
	Key  string `json:"k"`
	Size int64  `json:"s"`
}

// files are those of a shard.
func (c *cloud) files(key string) (all []file) {
	c.t.Helper()
	z, err := gzip.NewReader(bytes.NewReader(c.results.objects[key]))
	if err != nil {
		c.t.Fatal(err)
	}
	for decoder := json.NewDecoder(z); decoder.More(); {
		var f file
		if err := decoder.Decode(&f); err != nil {
			c.t.Fatal(err)
		}
		all = append(all, f)
	}
	return all
}

// TestFailedShard: of a shard that cannot be read, every file is in the report, with the reason; and also where nothing
// could be said of it in time.
func TestFailedShard(t *testing.T) {
	const bad = "runs/run-1/shards/00001-00002.json.gz"
	for name, tt := range map[string]struct {
		lost   bool
		reason string
	}{
		"given up": {false, "not read, because the shard 00001-00002 failed: wrapError: write s3://results/runs/run-1/" +
			"reports/shards-00001-00002.json.gz: no space"},
		"lost": {true, "not read, because the shard 00001-00002 failed: it has left no report; its child execution says why"},
	} {
		t.Run(name, func(t *testing.T) {
			logs := archiveOf(t)
			asked := distributed.Request{Archive: "s3://logs/AWSLogs/"}
			whole := newCloud(t, logs, asked).run(nil)
			c := newCloud(t, logs, asked)
			c.Sizes.Lists = 1
			c.results.full["runs/run-1/reports/shards-00001-00002.json.gz"] = 1
			got := c.run(func(item string) bool { return tt.lost && item == bad })
			missing := c.files(bad)
			var want []backtest.Skip
			for _, f := range missing {
				want = append(want, backtest.Skip{File: "s3://logs/" + f.Key, Reason: tt.reason})
			}
			named := slices.DeleteFunc(slices.Clone(got.Skipped), func(s backtest.Skip) bool {
				return !strings.Contains(s.Reason, "the shard 00001-00002 failed")
			})
			if diff := cmp.Diff(want, named); diff != "" || len(missing) < 3 {
				t.Errorf("of %d files (-want +got)\n%s", len(missing), diff)
			}
			if got.Files != whole.Files || got.Records >= whole.Records || got.Faults < whole.Faults+2 {
				t.Errorf("%d files, %d records, %d faults; of the whole %d, %d, %d", got.Files, got.Records, got.Faults,
					whole.Files, whole.Records, whole.Faults)
			}
		})
	}
}

// TestListAgain: a list that fails and is carried out again leaves no shard of the first try behind.
func TestListAgain(t *testing.T) {
	logs := archiveOf(t)
	c := newCloud(t, logs, distributed.Request{Archive: "s3://logs/AWSLogs/"})
	c.Sizes.Lists = 1
	var places distributed.Places
	c.must("plan", "", &places)
	c.must("list", c.results.keys(places.Lists)[0], nil)
	before := len(c.results.keys(places.Shards))
	for _, key := range logs.keys("AWSLogs/111122223333/CloudTrail/")[5:] {
		delete(logs.objects, key)
	}
	c.keys = logs.keys("")
	want, err := backtest.Run(t.Context(), backtest.Options{
		Set: rulesOf(t, "2026-07-01"), Files: logs.bucket("logs", "AWSLogs/").Files(t.Context(), archive.Filter{}),
	})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(encoded(t, want), encoded(t, c.run(nil))); diff != "" || before < 4 {
		t.Errorf("after %d shards (-want +got)\n%s", before, diff)
	}
}

// TestLostList: prefixes that could not be listed are named.
func TestLostList(t *testing.T) {
	logs := archiveOf(t)
	c := newCloud(t, logs, distributed.Request{Archive: "s3://logs/AWSLogs/"})
	c.Sizes.Lists = 1
	c.results.full["runs/run-1/shards/00001-00001.json.gz"] = 1
	r := c.run(nil)
	if !slices.ContainsFunc(r.Skipped, func(s backtest.Skip) bool {
		return s.File == "s3://logs/AWSLogs/111122223333/CloudTrail/eu-west-1/2026/03/" &&
			strings.HasPrefix(s.Reason, "not listed to the end, because the list 00001 failed: wrapError: write s3://results/")
	}) {
		t.Errorf("%+v", r.Skipped)
	}
}

// TestWrongRequests: what can never be carried out is refused in a sentence, and with an error that is not tried again.
func TestWrongRequests(t *testing.T) {
	for name, tt := range map[string]struct {
		payload string
		want    string
	}{
		"no JSON":       {`x`, "the payload was not sent by the state machine"},
		"no step":       {`{"step":"x","run":"r","started":"2026-07-01T00:00:00Z","asked":{"archive":"s3://logs/AWSLogs/"}}`, `"x" is no step`},
		"no run":        {`{"step":"plan","run":"../x"}`, `"../x" is no name of an execution`},
		"no start":      {`{"step":"plan","run":"r","started":"today"}`, `the execution's start is "today"`},
		"no time":       {`{"step":"plan","run":"r","started":"2026-07-01T00:00:00Z","asked":{"archive":"s3://logs/AWSLogs/","since":"x"}}`, `"x" is no time`},
		"no bucket":     {`{"step":"plan","run":"r","started":"2026-07-01T00:00:00Z","asked":{"archive":"logs"}}`, `"logs" names no bucket`},
		"another one":   {`{"step":"plan","run":"r","started":"2026-07-01T00:00:00Z","asked":{"archive":"s3://other/AWSLogs/"}}`, "s3://other/AWSLogs/ is below none of the buckets that the setting archive.buckets names: s3://logs/AWSLogs/"},
		"above it":      {`{"step":"plan","run":"r","started":"2026-07-01T00:00:00Z","asked":{"archive":"s3://logs/"}}`, "s3://logs/ is below none of"},
		"another run":   {`{"step":"read","item":"runs/other/shards/1.json.gz","run":"r","started":"2026-07-01T00:00:00Z","asked":{"archive":"s3://logs/AWSLogs/"}}`, "is no object of the run in runs/r/shards/"},
		"no key":        {`{"step":"list","item":"","run":"r","started":"2026-07-01T00:00:00Z","asked":{"archive":"s3://logs/AWSLogs/"}}`, "is no object of the run in runs/r/lists/"},
		"a failed plan": {`{"step":"plan","failed":{},"run":"r","started":"2026-07-01T00:00:00Z","asked":{"archive":"s3://logs/AWSLogs/"}}`, `"plan" is no step`},
	} {
		c := newCloud(t, archiveOf(t), distributed.Request{})
		_, err := c.Invoke(t.Context(), []byte(tt.payload))
		if _, ok := errors.AsType[*distributed.RequestError](err); !ok || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: %v, want %s", name, err, tt.want)
		}
		if len(c.results.objects) > 0 {
			t.Errorf("%s: it wrote %q", name, c.results.keys(""))
		}
	}
}
