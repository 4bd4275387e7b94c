package request_test

import (
	"encoding/json"
	"testing"

	"trailkeeper/lambda/internal/message/request"
)

// TestText: sorted, masked and bounded, or nothing.
func TestText(t *testing.T) {
	raw := json.RawMessage(`{"z":1,"a":{"clientToken":"t","AccessKeyId":"AKIA","list":[{"Password":"p","keep":"k<>&"}]},` +
		`"n":12345678901234567}`)
	want := `{"a":{"AccessKeyId":"***","clientToken":"***","list":[{"Password":"***","keep":"k<>&"}]},` +
		`"n":12345678901234567,"z":1}`
	if got := string(request.JSON(raw, 1000)); got != want {
		t.Errorf("request.JSON:\n got %s\nwant %s", got, want)
	}
	if got := string(request.JSON(raw, 10)); got != `{"omitted":true,"reason":"too large"}` {
		t.Errorf("request.JSON of a large request = %s", got)
	}
	for _, c := range []struct{ in, want string }{
		{"", ""}, {"not json", ""}, {`"a\u202eb"`, `"ab"`}, {`{"a":1}`, "{\n  \"a\": 1\n}"}, {"null", ""},
	} {
		if got := request.Text(json.RawMessage(c.in), 100); got != c.want {
			t.Errorf("request.Text of %q = %q, want %q", c.in, got, c.want)
		}
	}
}

// TestMasks hides what a key names a secret or looks like one, and nothing near it.
func TestMasks(t *testing.T) {
	const hook = "https://hooks.slack.com/services/T0/B0/x"
	for _, c := range []struct{ in, want string }{
		{`{"api_key":"S"}`, `{"api_key":"***"}`},
		{`{"access_key":"S"}`, `{"access_key":"***"}`},
		{`{"X-Api-Key":"S"}`, `{"X-Api-Key":"***"}`},
		{
			`{"dbPwd":["S",{"a":"S"}],"PASS_PHRASE":1,"webHook":{"url":"S"}}`,
			`{"PASS_PHRASE":"***","dbPwd":"***","webHook":"***"}`,
		},
		{
			`{"tagsList":[{"key":"slack-webhook","value":"S"},{"Key":"env","Value":"prod"}]}`,
			`{"tagsList":[{"key":"slack-webhook","value":"***"},{"Key":"env","Value":"prod"}]}`,
		},
		{
			`[{"name":"DB_PASSWORD","value":"S"},{"ParameterKey":"ApiKey","ParameterValue":"S","UsePreviousValue":"S"}]`,
			`[{"name":"DB_PASSWORD","value":"***"},{"ParameterKey":"ApiKey","ParameterValue":"***","UsePreviousValue":"***"}]`,
		},
		{
			`{"a":["xoxb-1-S","see ` + hook + `",{"b":"XOXP-S"}],"xoxb-S":"S"}`,
			`{"***":"***","a":["***","***",{"b":"***"}]}`,
		},
		{`"` + hook + `"`, `"***"`},
		// near misses
		{
			`{"name":"token-trail","isMultiRegionTrail":false,"s3BucketName":"secrets"}`,
			`{"isMultiRegionTrail":false,"name":"token-trail","s3BucketName":"secrets"}`,
		},
		{
			`{"key":"env","value":"xoxo","kmsKeyId":"alias/k","values":[1]}`,
			`{"key":"env","kmsKeyId":"alias/k","value":"xoxo","values":[1]}`,
		},
	} {
		if got := string(request.JSON(json.RawMessage(c.in), 1000)); got != c.want {
			t.Errorf("request.JSON of %s\n got %s\nwant %s", c.in, got, c.want)
		}
	}
}
