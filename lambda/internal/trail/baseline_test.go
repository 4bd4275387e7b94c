package trail

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"trailkeeper/lambda/config/baseline"
	"trailkeeper/lambda/internal/trail/coverage"
)

const homeARN = "arn:aws:cloudtrail:eu-west-1:111122223333:trail/management-events"

func TestFloor(t *testing.T) {
	healthy := State{
		ARN:      homeARN,
		Logging:  true,
		Settings: Settings{S3Bucket: "logs", LogValidation: true, LogGroupARN: "arn"},
	}
	selectors := func(all ...AdvancedSelector) func(*State) { return func(s *State) { s.Advanced = all } }
	field := func(name string, values ...string) FieldSelector { return FieldSelector{Field: name, Equals: values} }
	managementOnly := field("eventCategory", "Management")
	for name, tt := range map[string]struct {
		change func(*State)
		want   string
	}{
		"healthy": {func(*State) {}, ""},
		"stopped": {func(s *State) { s.Logging = false }, "It does not log."},
		"log files": {func(s *State) { s.Delivery.LatestError = "NoSuchBucket" }, "Its log files cannot be delivered: " +
			"NoSuchBucket."},
		"digests": {func(s *State) { s.Delivery.LatestDigestError = "AccessDenied" }, "Its digests cannot be delivered: " +
			"AccessDenied."},
		"digests that are off": {func(s *State) {
			s.Delivery.LatestDigestError = "AccessDenied"
			s.Settings.LogValidation = false
		}, ""},
		"CloudWatch": {func(s *State) { s.Delivery.LatestLogError = "x" }, "Its events cannot be delivered to " +
			"CloudWatch Logs: x."},
		"CloudWatch that is off": {func(s *State) { s.Delivery.LatestLogError, s.Settings.LogGroupARN = "x", "" }, ""},
		"read events only": {
			func(s *State) { s.Selectors = []Selector{{ReadWrite: "ReadOnly", Management: true}} },
			"It records no write management events.",
		},
		"without KMS": {func(s *State) {
			s.Selectors = []Selector{{Management: true, ExcludeSources: []string{"kms.amazonaws.com"}}}
		}, ""},
		"no management events": {
			selectors(AdvancedSelector{Fields: []FieldSelector{field("eventCategory", "Data")}}),
			"It records no write management events.",
		},
		"write only": {
			selectors(AdvancedSelector{Fields: []FieldSelector{managementOnly, field("readOnly", "false")}}), "",
		},
		"one source left out": {
			selectors(
				AdvancedSelector{
					Fields: []FieldSelector{managementOnly, {Field: "eventSource", NotEquals: []string{"iam.amazonaws.com"}}},
				},
			),
			"It does not record write management events of iam.amazonaws.com.",
		},
		"unseen parts say little": {
			func(s *State) { *s = State{Unseen: map[Part]string{PartLogging: "x", PartSelectors: "x"}} }, "",
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := healthy
			tt.change(&s)
			got := strings.Join(Floor(s), " ")
			if tt.want == "" && got != "" || !strings.Contains(got, tt.want) {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

// fullFile is a baseline with everything that a file can hold.
func fullFile(tb testing.TB) []byte {
	tb.Helper()
	content, err := os.ReadFile(filepath.Join("testdata", baseline.FileName(homeARN)))
	if err != nil {
		tb.Fatal(err)
	}
	return content
}

// The file is what Format writes, so that a review shows only what changed.
func TestBaselineRoundTrip(t *testing.T) {
	b, err := baseline.Parse(baseline.FileName(homeARN), fullFile(t))
	if err != nil {
		t.Fatal(err)
	}
	again, err := baseline.Format(b)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(fullFile(t)), string(again)); diff != "" {
		t.Errorf("-file +formatted:\n%s", diff)
	}
	if b.CapturedAt != time.Date(2026, 10, 1, 12, 0, 0, 0, time.UTC) || Diff(b.Trail, b.Trail) != nil ||
		len(Floor(b.Trail)) > 0 {
		t.Errorf("captured at %v, changes %v, floor %v", b.CapturedAt, Diff(b.Trail, b.Trail), Floor(b.Trail))
	}
}

// FuzzParseBaseline checks that what Parse takes, Format writes in a form that Parse takes for the same, and that
// nothing is taken that has no file of its own.
func FuzzParseBaseline(f *testing.F) {
	name := baseline.FileName(homeARN)
	full := fullFile(f)
	f.Add(full)
	for old, changed := range map[string]string{
		`"version": 1`:      `"version": 2`,
		`"logging": true`:   `"logging": "yes"`,
		`"s3BucketName"`:    `"S3BUCKETNAME"`,
		"management-events": "other",
		`"eventCategory"`:   `"readOnly"`,
		"\n}\n":             "\n}{}\n",
	} {
		f.Add(bytes.Replace(full, []byte(old), []byte(changed), 1))
	}
	f.Fuzz(func(t *testing.T, content []byte) {
		b, err := baseline.Parse(name, content)
		if err != nil {
			if !strings.HasPrefix(err.Error(), name+": ") {
				t.Errorf("the error does not name the file: %v", err)
			}
			return
		}
		if b.Trail.ARN != homeARN {
			t.Errorf("%s is taken for a baseline of %s", name, b.Trail.ARN)
		}
		formatted, err := baseline.Format(b)
		if err != nil {
			t.Fatal(err)
		}
		again, err := baseline.Parse(name, formatted)
		if err != nil {
			t.Fatalf("Parse refuses what Format wrote: %v\n%s", err, formatted)
		}
		twice, err := baseline.Format(again)
		if err != nil || !bytes.Equal(formatted, twice) {
			t.Errorf("formatted again it differs: %v\n%s\n%s", err, formatted, twice)
		}
		_ = coverage.Records(b.Trail)
		if changes := Diff(b.Trail, again.Trail); len(changes) > 0 {
			t.Errorf("the file says %v", changes)
		}
	})
}
