package baseline_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"trailkeeper/lambda/config/baseline"
)

// only wants exactly these problems of a state, each as PATH CODE, in their order.
func only(t *testing.T, what string, s baseline.State, parts []baseline.Part, want ...string) {
	t.Helper()
	var got []string
	for _, p := range baseline.Refused(s, parts...) {
		got = append(got, strings.TrimPrefix(p.Path, "trail.")+" "+strings.TrimSuffix(p.Code, "Exception"))
		if p.Want == "" || len(p.String()) > 1000 {
			t.Errorf("%s: says %s", what, p)
		}
	}
	if !slices.Equal(got, want) {
		t.Errorf("%s: got %q, want %q; %v", what, got, want, baseline.Refused(s, parts...))
	}
}

func TestNames(t *testing.T) {
	for name, valid := range map[string]bool{
		"abc":                    true,
		"ab":                     false,
		strings.Repeat("a", 128): true,
		strings.Repeat("a", 129): false,
		"a.b_c-d":                true,
		"-abc":                   false,
		"abc-":                   false,
		"a..b":                   false,
		"my-_namespace":          false,
		"a b":                    false,
		"a/b":                    false,
		"äbc":                    false,
		"192.168.5.4":            false,
		"192.168.5":              true,
		"1.2.3.400":              true,
		"":                       false,
	} {
		if baseline.ValidName(name) != valid {
			t.Errorf("%q: valid is %v", name, !valid)
		}
	}
}

func TestSettings(t *testing.T) {
	only(t, "healthy", healthy().Trail, nil)
	only(t, "healthy, advanced", withAdvanced().Trail, nil)
	const (
		bucket, prefix, key = "settings.s3BucketName InvalidS3BucketName", "settings.s3KeyPrefix InvalidS3Prefix",
			"settings.kmsKeyId InvalidKmsKeyId"
		topic       = "settings.snsTopicArn InvalidSnsTopicName"
		group, role = "settings.cloudWatchLogsLogGroupArn " +
			"InvalidCloudWatchLogsLogGroupArn", "settings.cloudWatchLogsRoleArn InvalidCloudWatchLogsRoleArn"
		global = "settings.includeGlobalServiceEvents InvalidParameterCombination"
	)
	long := strings.Repeat
	for _, tt := range []struct {
		field func(*baseline.Settings) *string
		good  []string
		bad   []string
		want  string
	}{
		{
			func(s *baseline.Settings) *string { return &s.S3Bucket },
			[]string{"abc", long("a", 63), "a.b-c.1", "1.2.3", "1.2.3.400"},
			[]string{
				"", "ab", long("a", 64), "My_Bucket", "Bucket", "a_b", "-ab", "ab-", "a..b", "a.-b", "a-.b", ".ab", "ab.",
				"192.168.5.4", "a/b", "a b", "äöü",
			},
			bucket,
		},
		{
			func(s *baseline.Settings) *string { return &s.S3Prefix },
			[]string{"", long("a", 200), long("ä", 200), "a/b"},
			[]string{long("a", 201)},
			prefix,
		},
		{
			func(s *baseline.Settings) *string { return &s.KMSKeyID },
			[]string{
				"", "arn:aws:kms:eu-west-1:111122223333:key/1",
				"arn:aws:kms:us-east-1:444455556666:key/mrk-1234abcd12ab34cd56ef1234567890ab",
			},
			[]string{
				"alias/x", "1234abcd-12ab-34cd-56ef-1234567890ab", "arn:aws:kms:eu-west-1:111122223333:alias/trail",
				"arn:aws:kms:eu-west-1:111122223333:key/",
				"arn:aws:kms:eu-west-1:111122223333:key/a/b", "arn:aws:kms:eu-west-1:11112222333:key/1",
				"arn:aws:kms::111122223333:key/1", "arn:aws-cn:kms:cn-north-1:111122223333:key/1",
				"arn:aws:kms:cn-north-1:111122223333:key/1", "arn:aws:kms:Europe:111122223333:key/1",
				"arn:aws:sns:eu-west-1:111122223333:key/1", "ARN:aws:kms:eu-west-1:111122223333:key/1",
			},
			key,
		},
		{
			func(s *baseline.Settings) *string { return &s.SNSTopicARN },
			[]string{
				"", "arn:aws:sns:us-east-1:444455556666:a_b-C",
				"arn:aws:sns:us-east-1:444455556666:" + long("a", 256-len("arn:aws:sns:us-east-1:444455556666:")),
			},
			[]string{
				"topic", "arn:aws:sns:us-east-1:444455556666:a:b", "arn:aws:sns:us-east-1:444455556666:" + long(
					"a", 257-len("arn:aws:sns:us-east-1:444455556666:"),
				),
				"arn:aws-us-gov:sns:us-gov-west-1:444455556666:a", "arn:aws:sqs:us-east-1:444455556666:a",
				"arn:aws:sns:us-east-1:x:a",
			},
			topic,
		},
		{
			func(s *baseline.Settings) *string { return &s.LogGroupARN },
			[]string{
				"arn:aws:logs:eu-west-1:111122223333:log-group:" + long("a", 512) + ":*",
				"arn:aws:logs:eu-west-1:111122223333:log-group:a.b/c#d_e-1:*",
			},
			[]string{
				"arn:aws:logs:eu-west-1:111122223333:log-group:ct", "arn:aws:logs:eu-west-1:111122223333:log-group:ct:",
				"arn:aws:logs:eu-west-1:111122223333:log-group::*",
				"arn:aws:logs:eu-west-1:111122223333:log-group:" + long("a", 513) + ":*",
				"arn:aws:logs:us-east-1:111122223333:log-group:ct:*", "ct",
				"arn:aws:logs:eu-west-1:444455556666:log-group:ct:*", "arn:aws-cn:logs:eu-west-1:111122223333:log-group:ct:*",
				"arn:aws:logs:eu-west-1:111122223333:log-group:ct:log-stream:x",
			},
			group,
		},
		{
			func(s *baseline.Settings) *string { return &s.LogRoleARN },
			[]string{
				"arn:aws:iam::111122223333:role/a", "arn:aws:iam::111122223333:role/a/b/c+=,.@_-",
				"arn:aws:iam::111122223333:role/longer/" + strings.Repeat("a", 64),
			},
			[]string{
				"a", "arn:aws:iam::111122223333:user/a", "arn:aws:iam::111122223333:role/", "arn:aws:iam::111122223333:role/a/",
				"arn:aws:iam:eu-west-1:111122223333:role/a",
				"arn:aws:iam::444455556666:role/a", "arn:aws-us-gov:iam::111122223333:role/a", "arn:aws:iam::111122223333:role/a " +
					"b", "arn:aws:iam::role/a",
				"arn:aws:iam::111122223333:role/" + strings.Repeat("a", 65),
				"arn:aws:iam::111122223333:role/longer/" + strings.Repeat("a", 65),
			},
			role,
		},
	} {
		for _, v := range tt.good {
			s := healthy().Trail
			*tt.field(&s.Settings) = v
			only(t, v, s, nil)
		}
		for _, v := range tt.bad {
			s := healthy().Trail
			*tt.field(&s.Settings) = v
			only(t, v, s, nil, tt.want)
		}
	}
	for name, tt := range map[string]struct {
		change func(*baseline.State)
		want   []string
	}{
		"role alone":       {func(s *baseline.State) { s.Settings.LogGroupARN = "" }, []string{group}},
		"log group alone":  {func(s *baseline.State) { s.Settings.LogRoleARN = "" }, []string{role}},
		"neither":          {func(s *baseline.State) { s.Settings.LogRoleARN, s.Settings.LogGroupARN = "", "" }, nil},
		"no global events": {func(s *baseline.State) { s.Settings.GlobalEvents = false }, []string{global}},
		"one Region":       {func(s *baseline.State) { s.Settings.GlobalEvents, s.Settings.MultiRegion = false, false }, nil},
		"an organization's, delivered elsewhere": {func(s *baseline.State) {
			s.Settings.Organization, s.Settings.LogRoleARN = true, "arn:aws:iam::444455556666:role/a"
			s.Settings.LogGroupARN = "arn:aws:logs:eu-west-1:444455556666:log-group:ct:*"
		}, nil},
		"all of China": {func(s *baseline.State) {
			s.ARN = "arn:aws-cn:cloudtrail:cn-north-1:111122223333:trail/main"
			s.Settings = baseline.Settings{
				S3Bucket:    "logs",
				KMSKeyID:    "arn:aws-cn:kms:cn-north-1:111122223333:key/1",
				SNSTopicARN: "arn:aws-cn:sns:cn-northwest-1:111122223333:x",
				LogGroupARN: "arn:aws-cn:logs:cn-north-1:111122223333:log-group:x:*",
				LogRoleARN:  "arn:aws-cn:iam::111122223333:role/x",
			}
			s.Selectors[0].DataResources = []baseline.DataResource{
				{Type: "AWS::S3::Object", Values: []string{"arn:aws-cn:s3", "arn:aws-cn:s3:::x/"}},
			}
		}, nil},
		"data events of another partition": {func(s *baseline.State) {
			s.Selectors[0].DataResources[0].Values[1] = "arn:aws-cn:s3:::x/"
		}, []string{"eventSelectors[0].dataResources[0].values[1] InvalidEventSelectors"}},
	} {
		s := healthy().Trail
		tt.change(&s)
		only(t, name, s, nil, tt.want...)
	}
}

func TestBasicSelectors(t *testing.T) {
	const code = " InvalidEventSelectors"
	objects := func(values ...string) baseline.Selector {
		return baseline.Selector{
			ReadWrite:     "All",
			DataResources: []baseline.DataResource{{Type: "AWS::S3::Object", Values: values}},
		}
	}
	of := func(kind string, values ...string) baseline.Selector {
		s := objects(values...)
		s.DataResources[0].Type = kind
		return s
	}
	all := baseline.Selector{ReadWrite: "All", Management: true}
	buckets := func(n int) (list []string) {
		for i := range n {
			list = append(list, fmt.Sprintf("arn:aws:s3:::b%d/", i))
		}
		return list
	}
	at := func(path string) []string { return []string{"eventSelectors" + path + code} }
	for name, tt := range map[string]struct {
		selectors []baseline.Selector
		want      []string
	}{
		"none":          {nil, nil},
		"five":          {slices.Repeat([]baseline.Selector{all}, 5), nil},
		"six":           {slices.Repeat([]baseline.Selector{all}, 6), at("")},
		"250 resources": {[]baseline.Selector{objects(buckets(125)...), objects(buckets(125)...)}, nil},
		"251 resources": {[]baseline.Selector{objects(buckets(125)...), objects(buckets(126)...)}, at("")},
		"a word of the console": {
			[]baseline.Selector{all, {ReadWrite: "Write-only", Management: true}}, at("[1].readWriteType"),
		},
		"another spelling": {
			[]baseline.Selector{{ReadWrite: "all", Management: true}}, at("[0].readWriteType"),
		},
		"no word":             {[]baseline.Selector{{Management: true}}, at("[0].readWriteType")},
		"nothing to record":   {[]baseline.Selector{all, {ReadWrite: "All"}}, at("[1]")},
		"no values to record": {[]baseline.Selector{all, objects()}, at("[1]")},
		"management events and no values": {
			[]baseline.Selector{{ReadWrite: "All", Management: true, DataResources: objects().DataResources}}, nil,
		},
		"IAM left out": {
			[]baseline.Selector{
				{ReadWrite: "All", Management: true, ExcludeSources: []string{"kms.amazonaws.com", "iam.amazonaws.com"}},
			},
			at("[0].excludeManagementEventSources[1]"),
		},
		"left out of nothing": {
			[]baseline.Selector{
				{
					ReadWrite:      "All",
					ExcludeSources: []string{"kms.amazonaws.com"},
					DataResources:  objects(buckets(1)...).DataResources,
				},
			},
			at("[0].excludeManagementEventSources"),
		},
		"all of everything": {
			[]baseline.Selector{
				objects("arn:aws:s3", "arn:aws:s3:::"), of("AWS::Lambda::Function", "arn:aws:lambda"),
				of("AWS::DynamoDB::Table", "arn:aws:dynamodb"),
			},
			nil,
		},
		"one of each": {
			[]baseline.Selector{
				of("AWS::Lambda::Function", "arn:aws:lambda:eu-west-1:111122223333:function:a"),
				of("AWS::DynamoDB::Table", "arn:aws:dynamodb:eu-west-1:111122223333:table/a.b"),
			},
			nil,
		},
		"another type": {
			[]baseline.Selector{all, of("AWS::SNS::Topic", "arn:aws:sns:eu-west-1:111122223333:x")},
			at("[1].dataResources[0].type"),
		},
		"a type's spelling": {[]baseline.Selector{of("AWS::S3::object", "arn:aws:s3")}, at("[0].dataResources[0].type")},
		"no slash": {
			[]baseline.Selector{objects("arn:aws:s3:::a/", "arn:aws:s3:::b")}, at("[0].dataResources[0].values[1]"),
		},
		"a wildcard":           {[]baseline.Selector{objects("arn:aws:s3:::*")}, at("[0].dataResources[0].values[0]")},
		"a wildcard and slash": {[]baseline.Selector{objects("arn:aws:s3:::logs-*/")}, at("[0].dataResources[0].values[0]")},
		"a bucket's name":      {[]baseline.Selector{objects("logs")}, at("[0].dataResources[0].values[0]")},
		"all functions": {
			[]baseline.Selector{of("AWS::Lambda::Function", "arn:aws:lambda:*")}, at("[0].dataResources[0].values[0]"),
		},
		"functions of a kind": {
			[]baseline.Selector{of("AWS::Lambda::Function", "arn:aws:lambda:eu-west-1:111122223333:function:a*")},
			at("[0].dataResources[0].values[0]"),
		},
		"objects as functions": {
			[]baseline.Selector{of("AWS::Lambda::Function", "arn:aws:s3")}, at("[0].dataResources[0].values[0]"),
		},
		"a table's stream": {
			[]baseline.Selector{of("AWS::DynamoDB::Table", "arn:aws:dynamodb:eu-west-1:111122223333:table/a/stream/b")},
			at("[0].dataResources[0].values[0]"),
		},
	} {
		s := baseline.State{ARN: arn, Selectors: tt.selectors}
		only(t, name, s, []baseline.Part{baseline.PartSelectors}, tt.want...)
	}
	both := withAdvanced().Trail
	both.Selectors = []baseline.Selector{all}
	only(t, "both kinds", both, []baseline.Part{baseline.PartSelectors}, "advancedEventSelectors"+code)
}

func TestAdvancedSelectors(t *testing.T) {
	const code = " InvalidEventSelectors"
	is := func(field string, values ...string) baseline.FieldSelector {
		return baseline.FieldSelector{Field: field, Equals: values}
	}
	not := func(field string, values ...string) baseline.FieldSelector {
		return baseline.FieldSelector{Field: field, NotEquals: values}
	}
	starts := func(field string, values ...string) baseline.FieldSelector {
		return baseline.FieldSelector{Field: field, StartsWith: values}
	}
	list := func(all ...baseline.FieldSelector) []baseline.FieldSelector { return all }
	management := is("eventCategory", "Management")
	data := func(more ...baseline.FieldSelector) []baseline.FieldSelector {
		return append(list(is("eventCategory", "Data"), is("resources.type", "AWS::S3::Object")), more...)
	}
	network := func(more ...baseline.FieldSelector) []baseline.FieldSelector {
		return append(list(is("eventCategory", "NetworkActivity"), is("eventSource", "kms.amazonaws.com")), more...)
	}
	const here = "advancedEventSelectors[1].fieldSelectors"
	at := func(paths ...string) (all []string) {
		for _, p := range paths {
			all = append(all, here+p+code)
		}
		return all
	}
	for name, tt := range map[string]struct {
		fields []baseline.FieldSelector
		want   []string
	}{
		"management":                  {list(management), nil},
		"reads":                       {list(management, is("readOnly", "true")), nil},
		"no KMS":                      {list(management, not("eventSource", "kms.amazonaws.com")), nil},
		"a misspelt category":         {list(is("eventCategory", "Managements")), at("")},
		"a category in small letters": {list(is("eventCategory", "management")), at("")},
		"a category of a data store":  {list(is("eventCategory", "Insight")), at("")},
		"no category":                 {list(is("readOnly", "true")), at("")},
		"two categories":              {list(is("eventCategory", "Management", "Data")), at("")},
		"a category that is not":      {list(not("eventCategory", "Data")), at("")},
		"a category that is, and is not": {
			list(baseline.FieldSelector{Field: "eventCategory", Equals: []string{"Management"}, NotEquals: []string{"Data"}}),
			at("[0].notEquals", "[0]"),
		},
		"no field at all":         {nil, at("")},
		"management, by name":     {list(management, not("eventName", "StopLogging")), at("[1].field")},
		"management, by caller":   {list(management, not("userIdentity.arn", "x")), at("[1].field")},
		"management, by resource": {list(management, is("resources.type", "AWS::S3::Object")), at("[1].field")},
		"management, by type":     {list(management, is("eventType", "AwsApiCall")), at("[1].field")},
		"IAM left out": {
			list(management, not("eventSource", "kms.amazonaws.com", "iam.amazonaws.com")), at("[1].notEquals[1]"),
		},
		"one source only":  {list(management, is("eventSource", "kms.amazonaws.com")), at("[1].equals")},
		"not reads":        {list(management, not("readOnly", "true")), at("[1].notEquals")},
		"perhaps reads":    {list(management, is("readOnly", "True")), at("[1].equals[0]")},
		"reads and writes": {list(management, is("readOnly", "true", "false")), at("[1]")},
		"a field twice": {
			list(management, is("readOnly", "true"), is("readOnly", "false")), at("[2].field"),
		},
		"a field without a value": {list(management, baseline.FieldSelector{Field: "readOnly"}), at("[1]")},
		"an operator without a value": {
			list(management, baseline.FieldSelector{Field: "eventSource", NotEquals: []string{}}), at("[1]", "[1].notEquals"),
		},
		"no field's name":     {list(management, is("", "x")), at("[1].field")},
		"a field's spelling":  {list(management, is("ReadOnly", "true")), at("[1].field")},
		"data":                {data(), nil},
		"data without a type": {list(is("eventCategory", "Data")), at("")},
		"data of two types": {
			list(is("eventCategory", "Data"), is("resources.type", "AWS::S3::Object", "AWS::Lambda::Function")), at("[1]"),
		},
		"data of no such type": {
			list(is("eventCategory", "Data"), is("resources.type", "S3")), at("[1].equals[0]"),
		},
		"data of a type's spelling": {
			list(is("eventCategory", "Data"), is("resources.type", "AWS::S3::object")), at("[1].equals[0]"),
		},
		"data of a type in small": {
			list(is("eventCategory", "Data"), is("resources.type", "aws::s3::object")), at("[1].equals[0]"),
		},
		"data of a new type": {
			list(is("eventCategory", "Data"), is("resources.type", "AWS::NewService::Thing2")), nil,
		},
		"data, not of a type": {
			list(is("eventCategory", "Data"), not("resources.type", "AWS::S3::Object")), at("[1].notEquals"),
		},
		"data by everything": {
			data(
				is("readOnly", "true"), starts("eventName", "Get", "Head"), not("eventSource", "x"), is("eventType", "AwsApiCall"),
				is("userIdentity.arn", "a"), is("sessionCredentialFromConsole", "true"),
			),
			nil,
		},
		"data, from the console perhaps": {data(is("sessionCredentialFromConsole", "maybe")), at("[2].equals[0]")},
		"data, starting at the console":  {data(starts("sessionCredentialFromConsole", "true")), at("[2].startsWith")},
		"data by an error":               {data(is("errorCode", "AccessDenied")), at("[2].field")},
		"objects":                        {data(is("resources.ARN", "arn:aws:s3:::a/", "arn:aws:s3:::a/b/")), nil},
		"a bucket without a slash": {
			data(is("resources.ARN", "arn:aws:s3:::a/", "arn:aws:s3:::b")), at("[2].equals[1]"),
		},
		"not a bucket without a slash": {data(not("resources.ARN", "arn:aws:s3:::b")), at("[2].notEquals[0]")},
		"what starts as a bucket":      {data(starts("resources.ARN", "arn:aws:s3:::b")), nil},
		"what starts elsewhere":        {data(starts("resources.ARN", "arn:aws-cn:s3:::b/")), at("[2].startsWith[0]")},
		"a function as an object": {
			data(is("resources.ARN", "arn:aws:lambda:eu-west-1:111122223333:function:a")), at("[2].equals[0]"),
		},
		"a function": {
			list(
				is("eventCategory", "Data"), is("resources.type", "AWS::Lambda::Function"),
				is("resources.ARN", "arn:aws:lambda:eu-west-1:111122223333:function:a"),
			),
			nil,
		},
		"a topic": {
			list(
				is("eventCategory", "Data"), is("resources.type", "AWS::SNS::Topic"),
				is("resources.ARN", "arn:aws:sns:eu-west-1:111122223333:a"),
			),
			nil,
		},
		"a topic's name": {
			list(is("eventCategory", "Data"), is("resources.type", "AWS::SNS::Topic"), is("resources.ARN", "a")),
			at("[2].equals[0]"),
		},
		"a value of 2048": {data(is("eventName", strings.Repeat("a", 2048))), nil},
		"a value of 2049": {data(is("eventName", "a", strings.Repeat("a", 2049))), at("[2].equals[1]")},
		"an empty value":  {data(is("eventName", "a", "")), at("[2].equals[1]")},
		"network": {
			network(not("eventName", "Decrypt"), is("errorCode", "VpceAccessDenied"), starts("vpcEndpointId", "vpce-")), nil,
		},
		"network of no source": {list(is("eventCategory", "NetworkActivity")), at("")},
		"network of two sources": {
			list(is("eventCategory", "NetworkActivity"), is("eventSource", "kms.amazonaws.com", "s3.amazonaws.com")), at("[1]"),
		},
		"network, not of a source": {
			list(is("eventCategory", "NetworkActivity"), not("eventSource", "kms.amazonaws.com")), at("[1].notEquals"),
		},
		"network, another error": {network(is("errorCode", "AccessDenied")), at("[2].equals[0]")},
		"network, not an error":  {network(not("errorCode", "VpceAccessDenied")), at("[2].notEquals")},
		"network by caller":      {network(is("userIdentity.arn", "a")), at("[2].field")},
		"network by reads":       {network(is("readOnly", "true")), at("[2].field")},
	} {
		s := baseline.State{
			ARN:      arn,
			Advanced: []baseline.AdvancedSelector{{Name: "first", Fields: list(management)}, {Fields: tt.fields}},
		}
		only(t, name, s, []baseline.Part{baseline.PartSelectors}, tt.want...)
	}
	for n, want := range map[int][]string{1000: nil, 1001: {"advancedEventSelectors[0].name" + code}} {
		s := baseline.State{
			ARN:      arn,
			Advanced: []baseline.AdvancedSelector{{Name: strings.Repeat("ä", n), Fields: list(management)}},
		}
		only(t, "a name", s, []baseline.Part{baseline.PartSelectors}, want...)
	}
	for n, want := range map[int][]string{
		250: nil, 251: {"advancedEventSelectors" + code},
	} { // 250 twice, with the two that say what they are of
		half := func(n int) baseline.AdvancedSelector {
			return baseline.AdvancedSelector{Fields: data(starts("eventName", slices.Repeat([]string{"a"}, n-2)...))}
		}
		s := baseline.State{ARN: arn, Advanced: []baseline.AdvancedSelector{half(250), half(n)}}
		only(t, "values", s, []baseline.Part{baseline.PartSelectors}, want...)
	}
}

func TestInsightsEventsAndTags(t *testing.T) {
	tags := func(n int) map[string]string {
		all := map[string]string{}
		for i := range n {
			all[fmt.Sprint("key", i)] = "v"
		}
		return all
	}
	insights := func(all ...baseline.InsightSelector) func(*baseline.State) {
		return func(s *baseline.State) { s.Insights = all }
	}
	const insight, event, tag = " InvalidInsightSelectors", " InvalidParameter", " InvalidTagParameter"
	rate := baseline.InsightSelector{Type: "ApiCallRateInsight"}
	errs := baseline.InsightSelector{Type: "ApiErrorRateInsight"}
	for name, tt := range map[string]struct {
		change func(*baseline.State)
		want   []string
	}{
		"both":      {insights(rate, errs), nil},
		"none":      {insights(), nil},
		"one twice": {insights(errs, rate, rate), []string{"insightSelectors[2].insightType" + insight}},
		"unknown": {
			insights(rate, baseline.InsightSelector{Type: "x"}), []string{"insightSelectors[1].insightType" + insight},
		},
		"unknown category": {
			insights(rate, baseline.InsightSelector{Type: "ApiErrorRateInsight", Categories: []string{"Data", "data"}}),
			[]string{"insightSelectors[1].eventCategories[1]" + insight},
		},
		"a category twice": {
			insights(baseline.InsightSelector{Type: "ApiErrorRateInsight", Categories: []string{"Data", "Data"}}),
			[]string{"insightSelectors[0].eventCategories[1]" + insight},
		},
		"of data, without": {
			func(s *baseline.State) { s.Selectors = s.Selectors[1:] }, []string{"insightSelectors[1]" + insight},
		},
		"of writes, without": {
			func(s *baseline.State) { s.Selectors[1].ReadWrite = "ReadOnly" }, []string{"insightSelectors[1]" + insight},
		},
		"of errors, of reads": {func(s *baseline.State) {
			s.Selectors[1].ReadWrite = "ReadOnly"
			s.Insights = s.Insights[:1]
		}, nil},
		"of management, none": {func(s *baseline.State) {
			s.Selectors = s.Selectors[:1]
			s.Insights = s.Insights[:1]
		}, []string{"insightSelectors[0]" + insight}},
		"by default": {func(s *baseline.State) {
			s.Selectors = nil
			s.Insights = []baseline.InsightSelector{rate, errs}
		}, nil},
		"a size": {
			func(s *baseline.State) { s.Events = baseline.EventConfiguration{MaxEventSize: "Huge"} },
			[]string{"eventConfiguration.maxEventSize" + event},
		},
		"keys need Large": {
			func(s *baseline.State) { s.Events.MaxEventSize = "Standard" }, []string{"eventConfiguration.maxEventSize" + event},
		},
		"a key type twice": {
			func(s *baseline.State) { s.Events.ContextKeys[1].Type = "TagContext" },
			[]string{"eventConfiguration.contextKeySelectors[1].type" + event},
		},
		"a key type": {
			func(s *baseline.State) { s.Events.ContextKeys[1].Type = "x" },
			[]string{"eventConfiguration.contextKeySelectors[1].type" + event},
		},
		"50 keys": {
			func(s *baseline.State) { s.Events.ContextKeys[1].Equals = slices.Repeat([]string{"a"}, 50) }, nil,
		},
		"51 keys": {
			func(s *baseline.State) { s.Events.ContextKeys[1].Equals = slices.Repeat([]string{"a"}, 51) },
			[]string{"eventConfiguration.contextKeySelectors[1].equals" + event},
		},
		"no keys": {
			func(s *baseline.State) { s.Events.ContextKeys[1].Equals = nil },
			[]string{"eventConfiguration.contextKeySelectors[1].equals" + event},
		},
		"a key of 128": {
			func(s *baseline.State) { s.Events.ContextKeys[0].Equals[1] = strings.Repeat("a", 128) }, nil,
		},
		"a key of 129": {
			func(s *baseline.State) { s.Events.ContextKeys[0].Equals[1] = strings.Repeat("a", 129) },
			[]string{"eventConfiguration.contextKeySelectors[0].equals[1]" + event},
		},
		"two aggregations": {
			func(s *baseline.State) { s.Events.Aggregations = slices.Repeat(s.Events.Aggregations, 2) },
			[]string{"eventConfiguration.aggregationConfigurations" + event},
		},
		"of management": {
			func(s *baseline.State) { s.Events.Aggregations[0].Category = "Management" },
			[]string{"eventConfiguration.aggregationConfigurations[0].eventCategory" + event},
		},
		"no template": {
			func(s *baseline.State) { s.Events.Aggregations[0].Templates = nil },
			[]string{"eventConfiguration.aggregationConfigurations[0].templates" + event},
		},
		"an unknown template": {
			func(s *baseline.State) { s.Events.Aggregations[0].Templates[1] = "x" },
			[]string{"eventConfiguration.aggregationConfigurations[0].templates[1]" + event},
		},
		"a template twice": {
			func(s *baseline.State) { s.Events.Aggregations[0].Templates[1] = "API_ACTIVITY" },
			[]string{"eventConfiguration.aggregationConfigurations[0].templates[1]" + event},
		},
		"50 tags":   {func(s *baseline.State) { s.Tags = tags(50) }, nil},
		"51 tags":   {func(s *baseline.State) { s.Tags = tags(51) }, []string{"tags TagsLimitExceeded"}},
		"long tags": {func(s *baseline.State) { s.Tags[strings.Repeat("ä", 128)] = strings.Repeat("ä", 256) }, nil},
		"a long key": {
			func(s *baseline.State) { s.Tags = map[string]string{"a": "b", strings.Repeat("k", 129): ""} },
			[]string{`tags["` + strings.Repeat("k", 129) + `"]` + tag},
		},
		"a long value": {func(s *baseline.State) { s.Tags["a"] = strings.Repeat("v", 257) }, []string{`tags["a"]` + tag}},
		"no key":       {func(s *baseline.State) { s.Tags[""] = "v" }, []string{`tags[""]` + tag}},
		"AWS's own":    {func(s *baseline.State) { s.Tags["AWS:x"] = "v" }, []string{`tags["AWS:x"]` + tag}},
	} {
		s := healthy().Trail
		tt.change(&s)
		only(t, name, s, nil, tt.want...)
	}
}

// TestCapturedBefore: the files that the version before captured of trails as CloudTrail shows them are baselines as
// they are.
func TestCapturedBefore(t *testing.T) {
	files, err := filepath.Glob("../../../*/*/testdata/baselines/*.json")
	more, moreErr := filepath.Glob("../../internal/trail/testdata/*.*.json")
	if files = append(files, more...); err != nil || moreErr != nil || len(files) < 2 {
		t.Fatal(files, err, moreErr)
	}
	for _, path := range files {
		content, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := baseline.Parse(filepath.Base(path), content); err != nil {
			t.Error(err)
		}
	}
}
