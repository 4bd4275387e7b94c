package baseline_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
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

// healthy has two of everything, with basic selectors; withAdvanced has advanced ones.
func healthy() baseline.Baseline {
	return baseline.Baseline{
		Version: baseline.Version, CapturedAt: time.Date(2026, 10, 1, 12, 0, 0, 0, time.UTC),
		Trail: baseline.State{
			ARN:     arn,
			Logging: true,
			Settings: baseline.Settings{
				S3Bucket:      "logs",
				S3Prefix:      "a/b",
				KMSKeyID:      "arn:aws:kms:us-east-1:444455556666:key/mrk-1234abcd",
				MultiRegion:   true,
				GlobalEvents:  true,
				LogValidation: true,
				SNSTopicARN:   "arn:aws:sns:us-east-1:444455556666:deliveries",
				LogGroupARN:   "arn:aws:logs:eu-west-1:111122223333:log-group:/x/y:*",
				LogRoleARN:    "arn:aws:iam::111122223333:role/service-role/x",
			},
			Selectors: []baseline.Selector{
				{ReadWrite: "ReadOnly", DataResources: []baseline.DataResource{
					{Type: "AWS::S3::Object", Values: []string{"arn:aws:s3:::b.c/prefix", "arn:aws:s3:::logs/"}},
					{Type: "AWS::Lambda::Function", Values: []string{"arn:aws:lambda"}},
				}},
				{ReadWrite: "All", Management: true, ExcludeSources: []string{"kms.amazonaws.com", "rdsdata.amazonaws.com"}},
			},
			Insights: []baseline.InsightSelector{
				{Type: "ApiErrorRateInsight"},
				{Type: "ApiCallRateInsight", Categories: []string{"Data", "Management"}},
			},
			Events: baseline.EventConfiguration{
				MaxEventSize: "Large",
				ContextKeys: []baseline.ContextKey{
					{Type: "TagContext", Equals: []string{"a", "b"}},
					{Type: "RequestContext", Equals: []string{"c"}},
				},
				Aggregations: []baseline.Aggregation{{Category: "Data", Templates: []string{"API_ACTIVITY", "RESOURCE_ACCESS"}}},
			},
			Tags: map[string]string{"a<b>": "c&d", "e": ""},
		},
	}
}

func withAdvanced() baseline.Baseline {
	b := healthy()
	b.Trail.Selectors = nil
	b.Trail.Advanced = []baseline.AdvancedSelector{
		{Name: "writes to the archive", Fields: []baseline.FieldSelector{
			{
				Field:       "resources.ARN",
				StartsWith:  []string{"arn:aws:s3:::logs/"},
				NotEquals:   []string{"arn:aws:s3:::logs/a", "arn:aws:s3:::logs/b"},
				NotEndsWith: []string{"/"},
			},
			{Field: "eventCategory", Equals: []string{"Data"}},
			{Field: "resources.type", Equals: []string{"AWS::S3::Object"}},
			{Field: "readOnly", Equals: []string{"false"}},
			{
				Field:         "eventName",
				StartsWith:    []string{"Put"},
				NotStartsWith: []string{"PutA", "PutB"},
				EndsWith:      []string{"s", "t"},
			},
			{Field: "sessionCredentialFromConsole", NotEquals: []string{"true"}},
			{Field: "userIdentity.arn", NotStartsWith: []string{"arn:aws:sts::111122223333:assumed-role/backup/"}},
		}},
		{Fields: []baseline.FieldSelector{
			{
				Field:  "eventCategory",
				Equals: []string{"Management"},
			},
			{Field: "eventSource", NotEquals: []string{"kms.amazonaws.com", "rdsdata.amazonaws.com"}},
		}},
		{Fields: []baseline.FieldSelector{
			{Field: "eventCategory", Equals: []string{"NetworkActivity"}},
			{Field: "eventSource", Equals: []string{"ec2.amazonaws.com"}},
			{Field: "errorCode", Equals: []string{"VpceAccessDenied"}},
			{Field: "vpcEndpointId", NotEquals: []string{"vpce-1", "vpce-2"}},
		}},
	}
	return b
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
	for _, want := range []baseline.Baseline{healthy(), withAdvanced()} {
		content := format(t, want)
		got, err := baseline.Parse(name, content)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("(-want +got)\n%s", diff)
		}
		if again := format(
			t,
			got,
		); string(again) != string(content) || !strings.Contains(string(content), `"a<b>": "c&d"`) ||
			content[len(content)-1] != '\n' {
			t.Errorf("written again it differs, or does not read well:\n%s", content)
		}
	}
}

// TestEveryKeyCounts takes each key that a file always has out of a full file, one at a time: none of them has a value
// that nobody has written.
func TestEveryKeyCounts(t *testing.T) {
	optional := []string{
		"s3KeyPrefix",
		"kmsKeyId",
		"snsTopicArn",
		"cloudWatchLogsLogGroupArn",
		"cloudWatchLogsRoleArn",
		"eventSelectors",
		"advancedEventSelectors",
		"insightSelectors",
		"eventConfiguration",
		"tags",
		"excludeManagementEventSources",
		"dataResources",
		"values",
		"name",
		"notEquals",
		"startsWith",
		"notStartsWith",
		"endsWith",
		"notEndsWith",
		"eventCategories",
		"maxEventSize",
		"contextKeySelectors",
		"aggregationConfigurations",
		"a<b>",
		"e",
	}
	met := map[string]int{}
	var without func(v any, whole func() []byte)
	without = func(v any, whole func() []byte) {
		switch v := v.(type) {
		case map[string]any:
			for key, value := range v {
				delete(v, key)
				_, err := baseline.Parse(name, whole())
				v[key] = value
				required := !slices.Contains(optional, key) && (key != "equals" || v["field"] == nil)
				if met[key]++; required && (err == nil || !strings.Contains(err.Error(), key+" is missing; want ")) {
					t.Errorf("without %s: %v", key, err)
				}
				without(value, whole)
			}
		case []any:
			for _, value := range v {
				without(value, whole)
			}
		}
	}
	for _, b := range []baseline.Baseline{healthy(), withAdvanced()} {
		var all any
		if err := json.Unmarshal(format(t, b), &all); err != nil {
			t.Fatal(err)
		}
		without(all, func() []byte {
			content, err := json.Marshal(all)
			if err != nil {
				t.Fatal(err)
			}
			return content
		})
	}
	if met["logging"] != 2 || met["readWriteType"] != 2 || met["fieldSelectors"] != 3 || met["field"] != 13 {
		t.Errorf("the files do not hold what was meant: %v", met)
	}
}

func TestParseNamesFileAndField(t *testing.T) {
	change := func(do func(*baseline.Baseline)) []byte {
		b := healthy()
		do(&b)
		return format(t, b)
	}
	swap := func(old, changed string) []byte {
		return []byte(strings.Replace(string(format(t, healthy())), old, changed, 1))
	}
	for _, tt := range []struct {
		content []byte
		want    string
	}{
		{[]byte(`{`), "no baseline: unexpected EOF"},
		{[]byte(`{"versions":1}`), `no baseline: unknown field "versions"; remove it`},
		{append(format(t, healthy()), '{', '}'), "no baseline: there is more behind"},
		{swap(`"version": 1`, `"version": "1"`), `no baseline: version is "1"; want a whole number`},
		{swap(`"logging": true`, `"logging": "true"`), `no baseline: trail.logging is "true"; want true or false`},
		{
			swap(`"logging": true`, `"Logging": true`),
			`no baseline: trail.Logging: unknown field "Logging"; capitals count: write "logging"`,
		},
		{swap(`"logging": true`, `"logging": true, "logging": false`), "no baseline: trail.logging is there twice; keep one"},
		{
			swap(`"kmsKeyId"`, `"kmsKeyID"`),
			`trail.settings.kmsKeyID: unknown field "kmsKeyID"; capitals count: write "kmsKeyId"`,
		},
		{swap(`"isMultiRegionTrail": true`, `"isMultiRegionTrail": null`), "trail.settings.isMultiRegionTrail is null; " +
			"want true or false"},
		{change(func(b *baseline.Baseline) { b.Version = 2 }), `version is "2"; want 1`},
		{change(func(b *baseline.Baseline) { b.CapturedAt = time.Time{} }), "capturedAt"},
		{change(func(b *baseline.Baseline) { b.Trail.ARN = "main" }), `trail.arn is "main"; want the ARN of a trail`},
		{change(func(b *baseline.Baseline) { b.Trail.ARN += "x" }), "whose file is named eu-west-1.111122223333.mainx.json"},
		{change(func(b *baseline.Baseline) { b.Trail.ARN += "-" }), "no two of these last side by side or at an end"},
		{
			change(func(b *baseline.Baseline) { b.Trail.ARN = strings.Replace(arn, "arn:aws:", "arn:aws-cn:", 1) }),
			"want partition aws, which the Region eu-west-1 is of",
		},
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
	_, err = baseline.Parse(name, []byte(strings.Replace(string(swap(`"logging": true,`, "")), `"logs"`, `"Logs"`, 1)))
	if err == nil || strings.Count(err.Error(), "\n") != 1 || !strings.Contains(err.Error(), "trail.logging is missing") ||
		!strings.Contains(err.Error(), `s3BucketName is "Logs"`) {
		t.Errorf("%v; want what is left out and what CloudTrail refuses, one on a line", err)
	}
}

func TestFolder(t *testing.T) {
	folder := fstest.MapFS{
		name:         {Data: format(t, healthy())},
		"README.md":  {Data: []byte("text")},
		"old/x.json": {Data: []byte("{}")},
		"bad.json":   {Data: []byte("{}")},
		"worse.json": {Data: []byte("[]")},
		strings.TrimSuffix(name, "json") + "JSON": {Data: format(t, healthy())},
	}
	files, err := baseline.ReadAll(folder)
	if len(files) != 1 || files[0].Name != name || err == nil {
		t.Errorf("%d files, %v; want one, and what is wrong with each other", len(files), err)
	}
	for _, want := range []string{
		"bad.json: ", "worse.json: ", "JSON: trail.arn is " + arn + ", whose file is named " + name,
	} {
		if !strings.Contains(fmt.Sprint(err), want) {
			t.Errorf("%v; want %s", err, want)
		}
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
	if _, err := baseline.Read(
		folder,
		arn,
	); err == nil || errors.Is(err, fs.ErrNotExist) ||
		!strings.Contains(err.Error(), "want at most") {
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
