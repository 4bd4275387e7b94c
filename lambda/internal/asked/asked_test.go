package asked_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"trailkeeper/events"
	"trailkeeper/lambda/internal/asked"
	"trailkeeper/lambda/internal/trail"
)

var main = events.Trail{
	Partition: "aws-cn",
	Region:    "cn-north-1",
	Account:   "111122223333",
	Name:      "main",
}

const (
	key      = "arn:aws-cn:kms:cn-north-1:111122223333:key/11111111-2222-3333-4444-555555555555"
	otherKey = "arn:aws-cn:kms:cn-north-1:111122223333:key/66666666-2222-3333-4444-555555555555"
	group    = "arn:aws-cn:logs:cn-north-1:111122223333:log-group:trail:*"
	topic    = "arn:aws-cn:sns:cn-north-1:111122223333:topic"
)

func record(t *testing.T, call, request, response string) events.Record {
	t.Helper()
	ev, err := events.Parse(
		fmt.Appendf(
			nil,
			`{"eventName":%q,"eventSource":"cloudtrail.amazonaws.com","requestParameters":%s,"responseElements":%s}`,
			call,
			request,
			response,
		),
	)
	if err != nil {
		t.Fatal(err)
	}
	return ev.Record
}

// TestOf reads each call's request as reading the trail would show it, and nothing that the request does not say.
func TestOf(t *testing.T) {
	settings := func(s trail.Settings) trail.State { return trail.State{Settings: s} }
	for name, tt := range map[string]struct {
		call, request, response string
		want                    trail.State
		fields                  []trail.Field
	}{
		"stop":  {"StopLogging", `{"name":"main"}`, `null`, trail.State{}, []trail.Field{trail.FieldLogging}},
		"start": {"StartLogging", `{"name":"main"}`, `null`, trail.State{Logging: true}, []trail.Field{trail.FieldLogging}},
		"settings": {
			"UpdateTrail", `{"name":"main","s3BucketName":"new","s3KeyPrefix":"",
				"kmsKeyId":"11111111-2222-3333-4444-555555555555","snsTopicName":"topic",
			"cloudWatchLogsLogGroupArn":"arn:aws-cn:logs:cn-north-1:111122223333:log-group:trail",
			"cloudWatchLogsRoleArn":"role","enableLogFileValidation":"false",
			"isOrganizationTrail":true,"isMultiRegionTrail":null}`, `null`,
			settings(trail.Settings{
				S3Bucket:     "new",
				KMSKeyID:     key,
				SNSTopicARN:  topic,
				LogGroupARN:  group,
				LogRoleARN:   "role",
				Organization: true,
			}),
			[]trail.Field{
				trail.FieldS3Bucket, trail.FieldS3Prefix, trail.FieldKMSKey, trail.FieldSNSTopic, trail.FieldLogGroup,
				trail.FieldLogRole,
				trail.FieldLogValidation, trail.FieldOrganization,
			},
		},
		"ARNs stay": {
			"UpdateTrail", `{"kmsKeyId":"` + otherKey + `","snsTopicName":"` + topic + `","cloudWatchLogsLogGroupArn":"` +
				group + `"}`, `{"kmsKeyId":"` + key + `"}`,
			settings(trail.Settings{KMSKeyID: otherKey, SNSTopicARN: topic, LogGroupARN: group}),
			[]trail.Field{trail.FieldKMSKey, trail.FieldSNSTopic, trail.FieldLogGroup},
		},
		"all removed": {
			"UpdateTrail", `{"kmsKeyId":"","snsTopicName":"","cloudWatchLogsLogGroupArn":"","cloudWatchLogsRoleArn":""}`, `null`,
			trail.State{},
			[]trail.Field{trail.FieldKMSKey, trail.FieldSNSTopic, trail.FieldLogGroup, trail.FieldLogRole},
		},
		"one Region alone": {
			"UpdateTrail",
			`{"isMultiRegionTrail":false}`,
			`null`,
			trail.State{},
			[]trail.Field{trail.FieldMultiRegion, trail.FieldGlobalEvents},
		},
		"all Regions": {
			"UpdateTrail", `{"isMultiRegionTrail":true}`, `null`, settings(
				trail.Settings{MultiRegion: true, GlobalEvents: true},
			),
			[]trail.Field{trail.FieldMultiRegion, trail.FieldGlobalEvents},
		},
		"an alias, answered": {
			"UpdateTrail", `{"kmsKeyId":"alias/logs"}`, `{"kmsKeyId":"` + key + `"}`, settings(trail.Settings{KMSKeyID: key}),
			[]trail.Field{trail.FieldKMSKey},
		},
		"an alias, unanswered": {"UpdateTrail", `{"kmsKeyId":"alias/logs"}`, `null`, trail.State{}, nil},
		"an alias for an alias": {
			"UpdateTrail", `{"kmsKeyId":"alias/logs"}`, `{"kmsKeyId":"alias/logs"}`, trail.State{}, nil,
		},
		"an alias's ARN, answered": {
			"UpdateTrail", `{"kmsKeyId":"arn:aws-cn:kms:cn-north-1:111122223333:alias/logs"}`, `{"kmsKeyId":"` + key + `"}`,
			settings(trail.Settings{KMSKeyID: key}),
			[]trail.Field{trail.FieldKMSKey},
		},
		"basic selectors": {
			"PutEventSelectors", `{"trailName":"main","eventSelectors":[{},{"readWriteType":"WriteOnly",
				"includeManagementEvents":false,
			"excludeManagementEventSources":["rdsdata.amazonaws.com","kms.amazonaws.com"],
				"dataResources":[{"type":"b","values":["2","1"]},{"type":"a","values":["x"]}]}]}`, `null`,
			trail.State{Selectors: []trail.Selector{{ReadWrite: "All", Management: true}, {
				ReadWrite: "WriteOnly", ExcludeSources: []string{"kms.amazonaws.com", "rdsdata.amazonaws.com"},
				DataResources: []trail.DataResource{{Type: "a", Values: []string{"x"}}, {Type: "b", Values: []string{"1", "2"}}},
			}}},
			[]trail.Field{trail.FieldSelectors},
		},
		"advanced selectors": {
			"PutEventSelectors", `{"advancedEventSelectors":[{"name":"n","fieldSelectors":[{"field":"f","equals":["2","1"],
				"notEquals":["3"],"startsWith":["4"],
			"notStartsWith":["5"],"endsWith":["6"],"notEndsWith":["7"]},{"field":"g","equals":["8"]}]},
				{"fieldSelectors":[{"field":"h"}]}]}`, `null`,
			trail.State{Advanced: []trail.AdvancedSelector{
				{Name: "n", Fields: []trail.FieldSelector{
					{
						Field:         "f",
						Equals:        []string{"1", "2"},
						NotEquals:     []string{"3"},
						StartsWith:    []string{"4"},
						NotStartsWith: []string{"5"},
						EndsWith:      []string{"6"},
						NotEndsWith:   []string{"7"},
					},
					{Field: "g", Equals: []string{"8"}},
				}},
				{Fields: []trail.FieldSelector{{Field: "h"}}},
			}},
			[]trail.Field{trail.FieldSelectors},
		},
		"no selectors": {"PutEventSelectors", `{"trailName":"main"}`, `null`, trail.State{}, nil},
		"insights": {
			"PutInsightSelectors",
			`{"insightSelectors":[{"insightType":"B"},{"insightType":"A","eventCategories":["2","1"]}]}`, `null`,
			trail.State{Insights: []trail.InsightSelector{{Type: "A", Categories: []string{"1", "2"}}, {Type: "B"}}},
			[]trail.Field{trail.FieldInsights},
		},
		"insights off": {
			"PutInsightSelectors", `{"insightSelectors":[]}`, `null`, trail.State{}, []trail.Field{trail.FieldInsights},
		},
		"aggregation": {
			"PutEventConfiguration", `{"aggregationConfigurations":[{"eventCategory":"Data","templates":["b","a"]}]}`, `null`,
			trail.State{
				Events: trail.EventConfiguration{
					Aggregations: []trail.Aggregation{{Category: "Data", Templates: []string{"a", "b"}}},
				},
			},
			[]trail.Field{trail.FieldEvents},
		},
		"tags": {
			"AddTags",
			`{"tagsList":[{"key":"a","value":"1"},{"key":"b"}]}`,
			`null`,
			trail.State{Tags: map[string]string{"a": "1", "b": ""}},
			[]trail.Field{trail.FieldTags},
		},
	} {
		got, err := asked.Of(record(t, tt.call, tt.request, tt.response), main)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		tt.want.ARN = main.ARN()
		if diff := cmp.Diff(asked.Request{EventName: tt.call, State: tt.want, Fields: tt.fields}, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

// TestUnshown: what the record does not show is not guessed.
func TestUnshown(t *testing.T) {
	for request, omitted := range map[string]bool{
		`null`:                           false,
		`"x"`:                            false,
		`[]`:                             false,
		`{"isMultiRegionTrail":"maybe"}`: false,
		`{"s3BucketName":{}}`:            false,
		`{"omitted":true,"reason":"requestParameters too large"}`: true,
	} {
		got, err := asked.Of(record(t, "UpdateTrail", request, `null`), main)
		if err == nil || len(got.Fields) > 0 || errors.Is(err, asked.ErrOmitted) != omitted {
			t.Errorf("%s: %+v, %v", request, got, err)
		}
	}
	if got, err := asked.Of(
		record(t, "DeleteTrail", `null`, `null`),
		main,
	); err != nil || !got.Deleted ||
		len(got.Fields) > 0 {
		t.Errorf("a deletion: %+v, %v", got, err)
	}
}

func state(change func(*trail.State)) trail.State {
	s := trail.State{
		ARN:       main.ARN(),
		Logging:   true,
		Selectors: []trail.Selector{{ReadWrite: "All", Management: true}},
		Settings: trail.Settings{
			S3Bucket:      "old",
			LogValidation: true,
			MultiRegion:   true,
			GlobalEvents:  true,
		},
		Tags: map[string]string{"owner": "security", "tier": "1"},
	}
	if change != nil {
		change(&s)
	}
	return s
}

// TestExcuse: a call excuses exactly the values that it asked for, each for itself.
func TestExcuse(t *testing.T) {
	const moved = `{"s3BucketName":"new","enableLogFileValidation":false}`
	for name, tt := range map[string]struct {
		call, request string
		now           func(*trail.State)
		left          []trail.Field
	}{
		"as asked": {"UpdateTrail", moved, func(s *trail.State) {
			s.Settings.S3Bucket = "new"
			s.Settings.LogValidation = false
		}, nil},
		"one of them": {"UpdateTrail", moved, func(s *trail.State) { s.Settings.S3Bucket = "new" }, nil},
		"another value": {
			"UpdateTrail", moved, func(s *trail.State) { s.Settings.S3Bucket = "new-evil" }, []trail.Field{trail.FieldS3Bucket},
		},
		"another field too": {"UpdateTrail", moved, func(s *trail.State) {
			s.Settings.S3Bucket = "new"
			s.Settings.S3Prefix = "evil"
		}, []trail.Field{trail.FieldS3Prefix}},
		"stopped as well": {"UpdateTrail", moved, func(s *trail.State) {
			s.Settings.S3Bucket = "new"
			s.Logging = false
		}, []trail.Field{trail.FieldLogging}},
		"a stop": {"StopLogging", `{}`, func(s *trail.State) { s.Logging = false }, nil},
		"a stop, and more": {"StopLogging", `{}`, func(s *trail.State) {
			s.Logging = false
			s.Settings.LogValidation = false
		}, []trail.Field{trail.FieldLogValidation}},
		"selectors": {
			"PutEventSelectors", `{"eventSelectors":[{"excludeManagementEventSources":["kms.amazonaws.com"]}]}`,
			func(s *trail.State) { s.Selectors[0].ExcludeSources = []string{"kms.amazonaws.com"} }, nil,
		},
		"selectors that lose more": {
			"PutEventSelectors", `{"eventSelectors":[{"excludeManagementEventSources":["kms.amazonaws.com"]}]}`,
			func(s *trail.State) {
				s.Selectors[0].ExcludeSources, s.Selectors[0].ReadWrite = []string{"kms.amazonaws.com"}, "ReadOnly"
			},
			[]trail.Field{trail.FieldSelectors},
		},
		"a tag removed": {
			"RemoveTags", `{"tagsList":[{"key":"tier"}]}`, func(s *trail.State) { delete(s.Tags, "tier") }, nil,
		},
		"two tags removed": {
			"RemoveTags", `{"tagsList":[{"key":"tier"}]}`, func(s *trail.State) { s.Tags = nil }, []trail.Field{trail.FieldTags},
		},
		"a tag changed": {
			"AddTags", `{"tagsList":[{"key":"tier","value":"2"}]}`, func(s *trail.State) { s.Tags["tier"] = "2" }, nil,
		},
		"a tag's other value": {
			"AddTags", `{"tagsList":[{"key":"tier","value":"2"}]}`, func(s *trail.State) { s.Tags["tier"] = "3" },
			[]trail.Field{trail.FieldTags},
		},
	} {
		r, err := asked.Of(record(t, tt.call, tt.request, `null`), main)
		if err != nil {
			t.Fatal(err)
		}
		baseline := state(nil)
		var left []trail.Field
		for _, c := range trail.Weakened(trail.Diff(r.Excuse(baseline, state(tt.now)), state(tt.now))) {
			if !slices.Contains(left, c.Field) {
				left = append(left, c.Field)
			}
		}
		if !slices.Equal(left, tt.left) {
			t.Errorf("%s: %v is left; want %v", name, left, tt.left)
		}
		if diff := cmp.Diff(state(nil), baseline); diff != "" {
			t.Errorf("%s: the baseline was changed:\n%s", name, diff)
		}
	}
	r, _ := asked.Of(record(t, "RemoveTags", `{"tagsList":[{"key":"tier"}]}`, `null`), main)
	gone := trail.Weakened(
		trail.Diff(
			r.Excuse(state(nil), state(func(s *trail.State) { s.Tags = nil })), state(func(s *trail.State) { s.Tags = nil }),
		),
	)
	if len(gone) != 1 || gone[0].Before != "owner=security" {
		t.Errorf("of two tags that are gone, one was asked for: %+v is left", gone)
	}
}

// TestWeakens: a call is judged by what it asked for, whatever is left of it.
func TestWeakens(t *testing.T) {
	for name, tt := range map[string]struct {
		call, request string
		want          []trail.Field
	}{
		"bucket":          {"UpdateTrail", `{"s3BucketName":"evil"}`, []trail.Field{trail.FieldS3Bucket}},
		"the same bucket": {"UpdateTrail", `{"s3BucketName":"old"}`, nil},
		"blind": {
			"PutEventSelectors", `{"eventSelectors":[{"includeManagementEvents":false}]}`, []trail.Field{trail.FieldSelectors},
		},
		"the same":          {"PutEventSelectors", `{"eventSelectors":[{"readWriteType":"All"}]}`, nil},
		"stop":              {"StopLogging", `{}`, []trail.Field{trail.FieldLogging}},
		"tag":               {"RemoveTags", `{"tagsList":[{"key":"tier"}]}`, []trail.Field{trail.FieldTags}},
		"a tag of no trail": {"RemoveTags", `{"tagsList":[{"key":"x"}]}`, nil},
	} {
		r, err := asked.Of(record(t, tt.call, tt.request, `null`), main)
		if err != nil {
			t.Fatal(err)
		}
		var got []trail.Field
		for _, c := range r.Weakens(state(nil)) {
			if !slices.Contains(got, c.Field) {
				got = append(got, c.Field)
			}
		}
		if !slices.Equal(got, tt.want) {
			t.Errorf("%s: %v; want %v", name, got, tt.want)
		}
	}
}

// TestEverySettingCanBeAskedFor: each of the table's settings is read from a request by the name that the API has for
// it.
func TestEverySettingCanBeAskedFor(t *testing.T) {
	home := events.Trail{
		Partition: "aws",
		Region:    "eu-west-1",
		Account:   "111122223333",
		Name:      "main",
	}
	for _, m := range trail.Members(&trail.Settings{}) {
		value := `"arn:aws:x:eu-west-1:111122223333:y"`
		if m.Flag != nil {
			value = "true"
		}
		name := strings.ToLower(m.Name[:1]) + m.Name[1:]
		ev, err := events.Parse(
			[]byte(
				`{"eventName":"UpdateTrail","eventSource":"cloudtrail.amazonaws.com","requestParameters":{"` + name + `":` +
					value + `}}`,
			),
		)
		if err != nil {
			t.Fatal(err)
		}
		r, err := asked.Of(ev.Record, home)
		if err != nil || !slices.Contains(r.Fields, m.Field) || r.State.Settings == (trail.Settings{}) {
			t.Errorf("%s: %+v, %v", name, r, err)
		}
		if len(trail.Diff(trail.State{}, r.State, m.Field)) != 1 {
			t.Errorf("%s: the value is not in its place: %+v", name, r.State.Settings)
		}
	}
}
