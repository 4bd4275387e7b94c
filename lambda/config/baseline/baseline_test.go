package baseline_test

import (
	"errors"
	"io/fs"
	"os"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"

	"trailkeeper/lambda/config/baseline"
)

const (
	arn  = "arn:aws:cloudtrail:eu-west-1:111122223333:trail/main"
	name = "eu-west-1.111122223333.main.json"
)

func healthy() baseline.Baseline {
	return baseline.Baseline{
		Version: baseline.Version, CapturedAt: time.Date(2026, 10, 1, 12, 0, 0, 0, time.UTC),
		Trail: baseline.State{
			ARN: arn, Logging: true,
			Settings: baseline.Settings{
				S3Bucket: "logs", KMSKeyID: "arn:aws:kms:eu-west-1:111122223333:key/1", MultiRegion: true, GlobalEvents: true, LogValidation: true,
				LogGroupARN: "arn:aws:logs:eu-west-1:111122223333:log-group:x:*", LogRoleARN: "arn:aws:iam::111122223333:role/x",
			},
			Advanced: []baseline.AdvancedSelector{{Fields: []baseline.FieldSelector{{Field: "eventCategory", Equals: []string{"Management"}}}}},
			Insights: []baseline.InsightSelector{{Type: "ApiCallRateInsight", Categories: []string{"Data", "Management"}}},
			Tags:     map[string]string{"a<b>": "c&d"},
		},
	}
}

func format(tb testing.TB, b baseline.Baseline) []byte {
	tb.Helper()
	content, err := baseline.Format(b)
	if err != nil {
		tb.Fatal(err)
	}
	return content
}

func TestRoundTrip(t *testing.T) {
	content := format(t, healthy())
	got, err := baseline.Parse(name, content)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(healthy(), got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	if again := format(t, got); string(again) != string(content) || !strings.Contains(string(content), `"a<b>": "c&d"`) || content[len(content)-1] != '\n' {
		t.Errorf("written again it differs, or does not read well:\n%s", content)
	}
}

func TestParseNamesFileAndField(t *testing.T) {
	change := func(do func(*baseline.Baseline)) []byte {
		b := healthy()
		do(&b)
		return format(t, b)
	}
	for _, tt := range []struct {
		content []byte
		want    string
	}{
		{[]byte(`{`), "no baseline: unexpected EOF"},
		{[]byte(`{"versions":1}`), `no baseline: unknown field "versions"`},
		{append(format(t, healthy()), '{', '}'), "there is more behind"},
		{[]byte(`{"version":"1"}`), "no baseline: cannot unmarshal string"},
		{change(func(b *baseline.Baseline) { b.Version = 2 }), `version is "2"; want 1`},
		{change(func(b *baseline.Baseline) { b.CapturedAt = time.Time{} }), "capturedAt"},
		{change(func(b *baseline.Baseline) { b.Trail.ARN = "main" }), `trail.arn is "main"`},
		{change(func(b *baseline.Baseline) { b.Trail.ARN += "x" }), "whose file is named eu-west-1.111122223333.mainx.json"},
		{change(func(b *baseline.Baseline) { b.Trail.Settings.S3Bucket = "" }), `trail.settings.s3BucketName is ""`},
		{change(func(b *baseline.Baseline) { b.Trail.Settings.S3Prefix = strings.Repeat("x", 201) }), "trail.settings.s3KeyPrefix"},
		{change(func(b *baseline.Baseline) { b.Trail.Settings.KMSKeyID = "alias/x" }), `trail.settings.kmsKeyId is "alias/x"; want an ARN of kms`},
		{change(func(b *baseline.Baseline) { b.Trail.Settings.SNSTopicARN = arn }), "trail.settings.snsTopicArn"},
		{change(func(b *baseline.Baseline) { b.Trail.Settings.LogRoleARN = "" }), "a log group and a role, or neither"},
		{change(func(b *baseline.Baseline) { b.Trail.Settings.GlobalEvents = false }), `includeGlobalServiceEvents is "false"; want true`},
		{change(func(b *baseline.Baseline) {
			b.Trail.Selectors = []baseline.Selector{{ReadWrite: "All", Management: true}}
		}), "basic or advanced"},
		{change(func(b *baseline.Baseline) {
			b.Trail.Advanced, b.Trail.Selectors = nil, []baseline.Selector{{ReadWrite: "All"}}
		}), "want management events in one selector, or data resources"},
		{change(func(b *baseline.Baseline) {
			b.Trail.Advanced, b.Trail.Selectors = nil, []baseline.Selector{{ReadWrite: "Write", Management: true}}
		}), `trail.eventSelectors[0].readWriteType is "Write"`},
		{change(func(b *baseline.Baseline) { b.Trail.Advanced, b.Trail.Selectors = nil, make([]baseline.Selector, 6) }), "at most 5 selectors"},
		{change(func(b *baseline.Baseline) { b.Trail.Advanced[0].Fields[0].Field = "readOnly" }), "eventCategory with equals"},
		{change(func(b *baseline.Baseline) { b.Trail.Advanced[0].Fields[0].Equals = nil }), "an operator with a value"},
		{change(func(b *baseline.Baseline) { b.Trail.Advanced[0].Fields[0].NotEquals = make([]string, 501) }), "at most 500 values"},
		{change(func(b *baseline.Baseline) { b.Trail.Insights[0].Type = "x" }), `trail.insightSelectors[0].insightType is "x"`},
		{change(func(b *baseline.Baseline) { b.Trail.Insights[0].Categories[0] = "x" }), `eventCategories is "x"`},
	} {
		_, err := baseline.Parse(name, tt.content)
		if err == nil || !strings.Contains(err.Error(), tt.want) || !strings.HasPrefix(err.Error(), name+": ") {
			t.Errorf("%v; want the file's name and %q", err, tt.want)
		}
	}
	_, err := baseline.Parse(name, change(func(b *baseline.Baseline) { b.Version, b.Trail.Settings.S3Bucket = 0, "" }))
	if err == nil || strings.Count(err.Error(), "\n") != 1 {
		t.Errorf("%v; want both problems, one on a line", err)
	}
}

func TestFolder(t *testing.T) {
	folder := fstest.MapFS{
		name: {Data: format(t, healthy())}, "README.md": {Data: []byte("text")}, "old/x.json": {Data: []byte("{}")},
		"bad.json": {Data: []byte("{}")}, "worse.json": {Data: []byte("[]")},
	}
	files, err := baseline.ReadAll(folder)
	if len(files) != 1 || files[0].Name != name || err == nil || !strings.Contains(err.Error(), "bad.json: ") || !strings.Contains(err.Error(), "worse.json: ") {
		t.Errorf("%d files, %v; want one, and what is wrong with each other", len(files), err)
	}
	if files, err := baseline.ReadAll(os.DirFS(t.TempDir() + "/none")); files != nil || err != nil {
		t.Errorf("a folder that does not exist: %v, %v", files, err)
	}
	if b, err := baseline.Read(folder, arn); err != nil || b.Trail.ARN != arn {
		t.Errorf("%+v, %v", b, err)
	}
	for _, missing := range []string{arn + "2", "nonsense", "arn:aws:cloudtrail:eu-west-1:111122223333:trail/../../bad"} {
		if _, err := baseline.Read(folder, missing); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s: %v; want that there is none", missing, err)
		}
	}
	folder[name].Data = make([]byte, 2<<20+1)
	if _, err := baseline.Read(folder, arn); err == nil || errors.Is(err, fs.ErrNotExist) || !strings.Contains(err.Error(), "want at most") {
		t.Errorf("a huge file: %v", err)
	}
}

func FuzzParse(f *testing.F) {
	f.Add(format(f, healthy()))
	f.Add([]byte(`{"version":1,"trail":{"eventSelectors":[{}]}}`))
	f.Fuzz(func(t *testing.T, content []byte) {
		b, err := baseline.Parse(name, content)
		if err != nil {
			if !strings.HasPrefix(err.Error(), name) {
				t.Errorf("the error does not name the file: %v", err)
			}
			return
		}
		again, err := baseline.Parse(name, format(t, b))
		if err != nil {
			t.Fatalf("what was accepted is refused when it is written again: %v", err)
		}
		if diff := cmp.Diff(b, again); diff != "" {
			t.Errorf("(-first +again)\n%s", diff)
		}
	})
}
