package rules_test

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"

	"trailkeeper/lambda/internal/s3read/s3list"
	"trailkeeper/lambda/internal/s3read/s3test"
	"trailkeeper/lambda/trailkeeper/cli"
	"trailkeeper/lambda/trailkeeper/clitest"
)

// bucket is an S3 of one bucket in eu-central-1, which lists two keys at a time. A value of "DENIED" or "GONE" is an
// object that is listed and cannot be read.
type bucket struct {
	objects map[string]string

	mutex sync.Mutex
	asked []string
}

func (b *bucket) serve(t *testing.T) {
	t.Helper()
	server := httptest.NewServer(b)
	t.Cleanup(server.Close)
	clitest.PointAt(t, server.URL)
}

func (b *bucket) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	name, key, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
	b.mutex.Lock()
	b.asked = append(b.asked, key+r.URL.Query().Get("prefix"))
	b.mutex.Unlock()
	switch object, there := b.objects[key]; {
	case name != "logs":
		refuse(w, http.StatusNotFound, "NoSuchBucket")
	case !strings.Contains(r.Header.Get("Authorization"), "/eu-central-1/s3/"):
		w.Header().Set("x-amz-bucket-region", "eu-central-1")
		refuse(w, http.StatusMovedPermanently, "PermanentRedirect")
	case r.URL.Query().Get("list-type") == "2":
		b.list(w, r)
	case object == "DENIED":
		refuse(w, http.StatusForbidden, "AccessDenied")
	case !there || object == "GONE":
		refuse(w, http.StatusNotFound, "NoSuchKey")
	default:
		fmt.Fprint(w, object)
	}
}

func refuse(w http.ResponseWriter, status int, code string) {
	w.WriteHeader(status)
	fmt.Fprintf(w, "<Error><Code>%s</Code><Message>no</Message></Error>", code)
}

func (b *bucket) list(w http.ResponseWriter, r *http.Request) {
	var all []s3list.Object
	for key, text := range b.objects {
		all = append(all, s3list.Object{Key: key, Size: int64(len(text))})
	}
	s3test.ServeList(w, r, all, 2)
}

func logObject(t *testing.T, records ...string) string {
	t.Helper()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	if _, err := fmt.Fprintf(z, `{"Records":[%s]}`, strings.Join(records, ",")); err != nil || z.Close() != nil {
		t.Fatal(err)
	}
	return b.String()
}

// TestBacktestBucket: objects are read from where the bucket is; those that cannot be read are named, and the rest is
// read.
func TestBacktestBucket(t *testing.T) {
	record := func(name, day string) string {
		return fmt.Sprintf(`{"eventName":%q,"eventSource":"s","eventTime":"%sT12:00:00Z","awsRegion":"eu-west-1",`+
			`"recipientAccountId":"111122223333"}`, name, day)
	}
	key := func(region, day string) string {
		return fmt.Sprintf("AWSLogs/111122223333/CloudTrail/%s/%s/111122223333_CloudTrail_%s_%sT1205Z_x.json.gz",
			region, strings.ReplaceAll(day, "-", "/"), region, strings.ReplaceAll(day, "-", ""))
	}
	b := &bucket{objects: map[string]string{
		key("eu-west-1", "2026-03-02"): logObject(t, record("A", "2026-03-02"), record("B", "2026-03-02")),
		key("eu-west-1", "2026-03-03"): "DENIED",
		key("eu-west-1", "2026-03-04"): "GONE",
		key("eu-west-1", "2026-03-05"): logObject(t, record("A", "2026-03-05")),
		key("us-east-1", "2026-03-02"): logObject(t, record("A", "2026-03-02")),
		"AWSLogs/111122223333/CloudTrail-Digest/eu-west-1/2026/03/02/111122223333_CloudTrail-Digest_eu-west-1_t_" +
			"eu-west-1_20260302T120500Z.json.gz": "DENIED",
	}}
	b.serve(t)
	rules := folder(t, map[string]string{"a.yaml": `{id: a, title: t, severity: low, match: record.eventName == "A"}`})
	run := func(args ...string) (code int, r backtestReport, errs string) {
		args = append([]string{"rules", "backtest", "--json", "--only", "--rules", rules}, args...)
		code, out, errs := trailkeeper("", args...)
		if err := json.Unmarshal([]byte(out), &r); err != nil && code != cli.ExitFailed {
			t.Fatalf("%v in %q, %q", err, out, errs)
		}
		return code, r, errs
	}
	code, r, errs := run("s3://logs/AWSLogs/")
	var reasons []string
	for _, s := range *r.Skipped {
		reasons = append(reasons, s.File[len(s.File)-44:]+": "+s.Reason)
	}
	want := []string{
		"_CloudTrail-Digest_eu-west-1_t_eu-west-1_20260302T120500Z.json.gz: digest",
		"111122223333_CloudTrail_eu-west-1_20260303T1205Z_x.json.gz: " +
			"AccessDenied: the permission s3:GetObject is missing, or a policy denies it",
		"111122223333_CloudTrail_eu-west-1_20260304T1205Z_x.json.gz: " +
			"NoSuchKey: the object is gone: it was there when the bucket was listed",
	}
	for i := range want {
		if i >= len(reasons) || !strings.HasSuffix(want[i], reasons[i]) {
			t.Errorf("skipped %q, want %q", reasons, want)
			break
		}
	}
	if code != cli.ExitUsage || *r.Records != 4 || *r.Files != 6 || *(*r.Rules)["a"].Matches != 3 {
		t.Errorf("exit %d, %q, %d records of %d files", code, errs, *r.Records, *r.Files)
	}
	b.asked = nil
	code, r, errs = run("--region", "eu-west-1", "--until", "2026-03-01T18:00:00Z", "s3://logs")
	if code != cli.ExitOK || *r.Files != 2 || *r.Records != 0 {
		t.Errorf("exit %d, %q, %d records of %d files", code, errs, *r.Records, *r.Files)
	}
	if slices.ContainsFunc(b.asked, func(asked string) bool { return strings.Contains(asked, "us-east-1/") }) {
		t.Errorf("the other Region is listed: %q", b.asked)
	}
	code, _, errs = run("s3://other")
	if code != cli.ExitFailed || errs != "trailkeeper: list s3://other: there is no such bucket; check its name\n" {
		t.Errorf("exit %d, %q", code, errs)
	}
}
