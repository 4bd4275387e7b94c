package deployment

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"trailkeeper/events"
)

var place = events.Place{Partition: "aws", Region: "eu-west-1", Account: "111122223333"}

func example() Description {
	return Description{Stack: "trailkeeper", Resources: map[string]Resource{
		"Role":  {Type: "AWS::IAM::Role", Part: PartGuard, Properties: map[string]any{"Path": "/trailkeeper/"}},
		"Queue": {Type: "AWS::SQS::Queue", Part: PartGuard},
		"Topic": {Type: "AWS::SNS::Topic", Part: PartGuard},
		"Key":   {Type: "AWS::KMS::Key", Part: PartGuard},
		"Log":   {Type: "AWS::Logs::LogGroup", Part: PartGuard},
		"Destination": {Type: "AWS::Events::ApiDestination", Part: PartGuard, Properties: map[string]any{
			"Name": "trailkeeper-slack",
		}},
		"Rule": {Type: "AWS::Events::Rule", Part: PartGuard, Properties: map[string]any{
			"Name":         "trailkeeper-change",
			"EventBusName": map[string]any{"Fn::Join": []any{"-", []any{map[string]any{"Ref": "AWS::StackName"}, "bus"}}},
			"Targets": []any{
				map[string]any{"Arn": map[string]any{"Fn::GetAtt": []any{"Function", "Arn"}}},
				map[string]any{"Arn": map[string]any{"Fn::GetAtt": "Destination.Arn"}, "Input": map[string]any{"Ref": "AWS::NoValue"}},
			},
		}},
		"Function": {Type: "AWS::Lambda::Function", Part: PartGuard, Properties: map[string]any{
			"Role": map[string]any{"Fn::GetAtt": []any{"Role", "Arn"}},
			"Code": map[string]any{"S3Bucket": map[string]any{"Fn::Sub": "assets-${AWS::AccountId}-${Role.Arn}-${!x}"}},
			"Environment": map[string]any{
				"QUEUE": map[string]any{"Ref": "Queue"},
				"TOPIC": map[string]any{"Ref": "Topic"},
				"NAME":  map[string]any{"Fn::GetAtt": []any{"Topic", "TopicName"}},
				"KEY":   map[string]any{"Fn::GetAtt": []any{"Key", "Arn"}},
				"LOG":   map[string]any{"Fn::GetAtt": []any{"Log", "Arn"}},
				"RULE":  map[string]any{"Fn::GetAtt": []any{"Rule", "Arn"}},
			},
		}},
		"Warden": {Type: "AWS::Lambda::Function", Part: PartWarden, Region: "eu-central-1", Properties: map[string]any{
			"FunctionName": "trailkeeper-warden",
		}},
	}}
}

func record() Record {
	return Record{
		Names: map[string]string{
			"Role":            "trailkeeper-Role-1",
			"Queue":           "trailkeeper-Queue-2",
			"Topic":           "arn:aws:sns:eu-west-1:111122223333:trailkeeper-Topic-3",
			"Key":             "1234abcd-12ab-34cd-56ef-1234567890ab",
			"Log":             "trailkeeper-Log-4",
			"Function":        "trailkeeper-Function-5",
			"Destination.Arn": "arn:aws:events:eu-west-1:111122223333:api-destination/trailkeeper-slack/6",
		},
		Code: map[string]string{"Function": "c2hh"},
	}
}

func TestResolve(t *testing.T) {
	got := map[string]Deployed{}
	for _, d := range example().Resolve(PartGuard, record(), place, "amazonaws.com") {
		if d.Unresolved != nil {
			t.Errorf("%s: %v", d.ID, d.Unresolved)
		}
		got[d.ID] = d
	}
	want := Deployed{
		ID: "Function", Type: "AWS::Lambda::Function", Name: "trailkeeper-Function-5", Ref: "trailkeeper-Function-5", Region: "eu-west-1", CodeSHA256: "c2hh",
		ARN: "arn:aws:lambda:eu-west-1:111122223333:function:trailkeeper-Function-5",
		Properties: map[string]any{
			"Role": "arn:aws:iam::111122223333:role/trailkeeper/trailkeeper-Role-1",
			"Code": map[string]any{
				"S3Bucket": "assets-111122223333-arn:aws:iam::111122223333:role/trailkeeper/trailkeeper-Role-1-${x}",
			},
			"Environment": map[string]any{
				"QUEUE": "https://sqs.eu-west-1.amazonaws.com/111122223333/trailkeeper-Queue-2",
				"TOPIC": "arn:aws:sns:eu-west-1:111122223333:trailkeeper-Topic-3",
				"NAME":  "trailkeeper-Topic-3",
				"KEY":   "arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab",
				"LOG":   "arn:aws:logs:eu-west-1:111122223333:log-group:trailkeeper-Log-4:*",
				"RULE":  "arn:aws:events:eu-west-1:111122223333:rule/trailkeeper-bus/trailkeeper-change",
			},
		},
	}
	if diff := cmp.Diff(want, got["Function"]); diff != "" {
		t.Error(diff)
	}
	targets := []any{
		map[string]any{"Arn": want.ARN},
		map[string]any{"Arn": "arn:aws:events:eu-west-1:111122223333:api-destination/trailkeeper-slack/6"},
	}
	if diff := cmp.Diff(targets, got["Rule"].Properties["Targets"]); diff != "" {
		t.Error(diff)
	}
	if _, ok := got["Warden"]; ok {
		t.Error("the guard's part has the warden")
	}
	other := example().Resolve(PartWarden, Record{}, place, "amazonaws.com")
	if len(other) != 1 || other[0].ARN != "arn:aws:lambda:eu-central-1:111122223333:function:trailkeeper-warden" {
		t.Errorf("%+v", other)
	}
}

// TestUnresolved: what the record does not know is said, wherever it stands, and is not taken for absent.
func TestUnresolved(t *testing.T) {
	for missing, depending := range map[string][]string{
		"Role": {"Function", "Role"}, "Queue": {"Function", "Queue"}, "Destination.Arn": {"Rule"}, "Function": {"Function", "Rule"},
	} {
		r := record()
		delete(r.Names, missing)
		var got []string
		for _, d := range example().Resolve(PartGuard, r, place, "amazonaws.com") {
			if d.Unresolved == nil {
				continue
			}
			got = append(got, d.ID)
			if logical, _, _ := strings.Cut(missing, "."); !strings.Contains(strings.ReplaceAll(d.Unresolved.Error(), "ApiDestination", logical), logical) {
				t.Errorf("%s: %v does not name %s", d.ID, d.Unresolved, missing)
			}
		}
		if diff := cmp.Diff(depending, got); diff != "" {
			t.Errorf("without %s: %s", missing, diff)
		}
	}
}

// TestNames: what Ref and Fn::GetAtt give of names that the template has, and of what is made of other names.
func TestNames(t *testing.T) {
	ref := func(id string) any { return map[string]any{"Ref": id} }
	arn := func(id string) any { return map[string]any{"Fn::GetAtt": []any{id, "Arn"}} }
	d := Description{Stack: "trailkeeper", Resources: map[string]Resource{
		"Bus":      {Type: "AWS::Events::EventBus", Properties: map[string]any{"Name": "own"}},
		"OnBus":    {Type: "AWS::Events::Rule", Properties: map[string]any{"Name": "a", "EventBusName": ref("Bus")}},
		"OnUsual":  {Type: "AWS::Events::Rule", Properties: map[string]any{"Name": "b", "EventBusName": "default"}},
		"On":       {Type: "AWS::Events::Rule", Properties: map[string]any{"Name": "c"}},
		"Schedule": {Type: "AWS::Scheduler::Schedule", Properties: map[string]any{"Name": "s"}},
		"InGroup":  {Type: "AWS::Scheduler::Schedule", Properties: map[string]any{"Name": "s", "GroupName": "g"}},
		"Role":     {Type: "AWS::IAM::Role", Properties: map[string]any{"RoleName": map[string]any{"Fn::Sub": "r-${AWS::Region}"}}},
		"Bucket":   {Type: "AWS::S3::Bucket", Properties: map[string]any{"BucketName": "b"}},
		"Unnamed":  {Type: "AWS::S3::Bucket"},
		"Log":      {Type: "AWS::Logs::LogGroup", Properties: map[string]any{"LogGroupName": "l"}},
		"Broken":   {Type: "AWS::SQS::Queue", Properties: map[string]any{"QueueName": ref("Absent")}},
		"Rest": {Type: "AWS::SNS::Topic", Part: PartGuard, Properties: map[string]any{"TopicName": "t", "All": []any{
			ref("OnBus"), ref("OnUsual"), ref("On"), arn("OnBus"), arn("OnUsual"), arn("On"), arn("Schedule"), arn("InGroup"), arn("Role"),
			arn("Bucket"), arn("Log"),
			map[string]any{"Fn::Join": []any{"/", []any{ref("Bucket"), 5.0, ref("AWS::NoValue"), true}}},
		}}},
	}}
	const here = "eu-west-1:111122223333:"
	want := []any{
		"own|a", "b", "c", "arn:aws:events:" + here + "rule/own/a", "arn:aws:events:" + here + "rule/b", "arn:aws:events:" + here + "rule/c",
		"arn:aws:scheduler:" + here + "schedule/default/s", "arn:aws:scheduler:" + here + "schedule/g/s",
		"arn:aws:iam::111122223333:role/r-eu-west-1", "arn:aws:s3:::b", "arn:aws:logs:" + here + "log-group:l:*", "b/5/true",
	}
	got := d.Resolve(PartGuard, Record{}, place, "amazonaws.com")
	if diff := cmp.Diff(want, got[0].Properties["All"]); diff != "" || got[0].Unresolved != nil {
		t.Errorf("%v %s", got[0].Unresolved, diff)
	}
	for _, bad := range []any{
		arn("Unnamed"), arn("Absent"), ref("Absent"), ref("Broken"),
		map[string]any{"Fn::Join": []any{"", []any{ref("Unnamed")}}},
		map[string]any{"Fn::Sub": "${Unnamed}"},
		map[string]any{"Fn::Sub": "${Bucket.Website}"},
		map[string]any{"Fn::Select": []any{"0", "a"}},
		[]any{"a", ref("Unnamed")},
		map[string]any{"a": "b", "c": []any{ref("Unnamed")}},
	} {
		d.Resources["Rest"].Properties["All"] = bad
		if got := d.Resolve(PartGuard, Record{}, place, "amazonaws.com"); got[0].Unresolved == nil {
			t.Errorf("%v: %v", bad, got[0].Properties)
		}
	}
	delete(d.Resources["Rest"].Properties, "All")
	delete(d.Resources["Rest"].Properties, "TopicName")
	if got := d.Resolve(PartGuard, Record{}, place, "amazonaws.com"); got[0].Unresolved == nil || got[0].ARN != "" || got[0].Ref != "" {
		t.Errorf("a topic without a name: %+v", got[0])
	}
}

func TestRoundTrip(t *testing.T) {
	content, err := Format(example())
	if err != nil {
		t.Fatal(err)
	}
	back, err := Parse(content)
	if err != nil || !cmp.Equal(back, example()) {
		t.Errorf("%v %s", err, cmp.Diff(back, example()))
	}
	r, err := ParseRecord([]byte(record().Line()))
	if err != nil || !cmp.Equal(r, record()) {
		t.Errorf("%v %s", err, cmp.Diff(r, record()))
	}
	for _, bad := range []string{`{`, `{"stack":"x","resources":{"A":{"type":"t","part":"other"}}}`, `{"stack":"x","resources":{},"more":1}`} {
		if _, err := Parse([]byte(bad)); err == nil {
			t.Errorf("%s is no error", bad)
		}
	}
}
