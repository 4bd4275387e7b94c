package notify_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"trailkeeper/lambda/internal/goldentest"
	"trailkeeper/lambda/internal/notify"
	"trailkeeper/lambda/internal/notify/notifytest"
)

var update = flag.Bool("update", false, "write the golden files")

// TestHeadlines shows every headline, summary and outcome on one page.
func TestHeadlines(t *testing.T) {
	var b strings.Builder
	for _, s := range notifytest.Samples() {
		n := s.Notification
		what, now := n.Summary()
		fmt.Fprintf(&b, "%s\n  headline  %s\n  summary   %s%s\n  outcome   %s\n", s.Name, n.Headline(), what, now, n.OutcomeText())
		if got := utf8.RuneCountInString(n.Headline()); got > 147 || got == 0 {
			t.Errorf("%s: headline has %d runes", s.Name, got)
		}
	}
	goldentest.Compare(t, "testdata/headlines.txt", b.String(), *update)
}

// TestHeadlineEveryPair checks that no outcome of no call claims what the outcome denies.
func TestHeadlineEveryPair(t *testing.T) {
	outcomes := []notify.Outcome{
		notify.OutcomeRestored, notify.OutcomeAccepted, notify.OutcomeAlreadyLogging, notify.OutcomeAttempt, notify.OutcomeNotified,
		notify.OutcomeRetrying, notify.OutcomeCannotRestore, notify.OutcomeGaveUp, notify.OutcomeNotOurs,
	}
	var b strings.Builder
	for _, call := range []string{
		"StopLogging", "DeleteTrail", "UpdateTrail", "PutEventSelectors", "PutInsightSelectors", "StartLogging", "CreateTrail", "AddTags",
		"RemoveTags", "",
	} {
		for _, o := range outcomes {
			n := notifytest.Stopped()
			n.EventName, n.Outcome, n.Detail = call, o, "The reason."
			h := n.Headline()
			fmt.Fprintf(&b, "%-20s %-16s %s\n", call, o, h)
			if got := strings.Contains(h, "and restored"); got != (o == notify.OutcomeRestored) {
				t.Errorf("%s, %s: headline %q claims a restore: %v", call, o, h, got)
			}
			if o == notify.OutcomeAttempt && !strings.HasPrefix(h, "Refused: ") {
				t.Errorf("%s: headline of a refused call is %q", call, h)
			}
		}
	}
	goldentest.Compare(t, "testdata/pairs.txt", b.String(), *update)
}

func TestHeadlineKeepsTheOutcome(t *testing.T) {
	n := notifytest.Stopped()
	n.TrailName = strings.Repeat("x", 128)
	if h := n.Headline(); !strings.HasSuffix(h, "and restored in 812 ms, 34 s after the event") {
		t.Errorf("a long name hides what became of it: %q", h)
	}
}

func TestLinks(t *testing.T) {
	stopped := notifytest.Stopped()
	for _, c := range []struct {
		why          string
		change       func(*notify.Notification)
		trail, event string
	}{
		{
			"commercial", func(*notify.Notification) {},
			"https://eu-west-1.console.aws.amazon.com/cloudtrail/home?region=eu-west-1#/trails/arn:aws:cloudtrail:eu-west-1:111122223333:trail/management-events",
			"https://eu-west-1.console.aws.amazon.com/cloudtrail/home?region=eu-west-1#/events?EventId=" + stopped.EventID,
		},
		{
			"GovCloud", func(n *notify.Notification) {
				n.Partition, n.Region, n.TrailARN = "aws-us-gov", "us-gov-east-1", "arn:aws-us-gov:cloudtrail:us-gov-west-1:1:trail/t"
			}, "https://us-gov-west-1.console.amazonaws-us-gov.com/cloudtrail/home?region=us-gov-west-1#/trails/arn:aws-us-gov:cloudtrail:us-gov-west-1:1:trail/t",
			"https://us-gov-east-1.console.amazonaws-us-gov.com/cloudtrail/home?region=us-gov-east-1#/events?EventId=" + stopped.EventID,
		},
		{"China", func(n *notify.Notification) {
			n.Partition, n.Region, n.TrailARN, n.EventID = "aws-cn", "cn-north-1", "", "id"
		}, "", "https://cn-north-1.console.amazonaws.cn/cloudtrail/home?region=cn-north-1#/events?EventId=id"},
		{"unknown partition", func(n *notify.Notification) {
			n.Partition, n.TrailARN = "aws-iso", "arn:aws-iso:cloudtrail:us-iso-east-1:1:trail/t"
		}, "", ""},
		{"hostile Region", func(n *notify.Notification) {
			n.Region, n.TrailARN = "evil.example/x", "arn:aws:cloudtrail:evil.example/#:1:trail/t"
		}, "", ""},
		{
			"hostile values are escaped", func(n *notify.Notification) {
				n.EventID, n.TrailARN = "a|b> &c", "arn:aws:cloudtrail:eu-west-1:1|:trail/t|x>/../y z"
			}, "https://eu-west-1.console.aws.amazon.com/cloudtrail/home?region=eu-west-1#/trails/arn:aws:cloudtrail:eu-west-1:1%7C:trail/t%7Cx%3E%2F..%2Fy%20z",
			"https://eu-west-1.console.aws.amazon.com/cloudtrail/home?region=eu-west-1#/events?EventId=a%7Cb%3E+%26c",
		},
		{"not a trail", func(n *notify.Notification) {
			n.TrailARN, n.EventID = "arn:aws:cloudtrail:eu-west-1:1:eventdatastore/x", ""
		}, "", ""},
		{"far too long", func(n *notify.Notification) {
			n.TrailARN, n.EventID = "arn:aws:cloudtrail:eu-west-1:1:trail/"+strings.Repeat("x", 900), strings.Repeat("y", 900)
		}, "", ""},
	} {
		n := notifytest.Stopped()
		c.change(&n)
		if got := n.TrailLink(); got != c.trail {
			t.Errorf("%s: trail link\n got %s\nwant %s", c.why, got, c.trail)
		}
		if got := n.EventLink(); got != c.event {
			t.Errorf("%s: event link\n got %s\nwant %s", c.why, got, c.event)
		}
	}
}

func TestRequest(t *testing.T) {
	n := notify.Notification{Request: json.RawMessage(
		`{"z":1,"a":{"clientToken":"t","AccessKeyId":"AKIA","list":[{"Password":"p","keep":"k<>&"}]},"n":12345678901234567}`)}
	want := `{"a":{"AccessKeyId":"***","clientToken":"***","list":[{"Password":"***","keep":"k<>&"}]},"n":12345678901234567,"z":1}`
	if got := string(n.RequestJSON(1000)); got != want {
		t.Errorf("RequestJSON:\n got %s\nwant %s", got, want)
	}
	if got := string(n.RequestJSON(10)); got != `{"omitted":true,"reason":"too large"}` {
		t.Errorf("RequestJSON of a large request = %s", got)
	}
	for _, c := range []struct{ in, want string }{
		{"", ""}, {"not json", ""}, {`"a\u202eb"`, `"ab"`}, {`{"a":1}`, "{\n  \"a\": 1\n}"}, {"null", ""},
	} {
		if got := (notify.Notification{Request: json.RawMessage(c.in)}).RequestText(100); got != c.want {
			t.Errorf("RequestText of %q = %q, want %q", c.in, got, c.want)
		}
	}
}

func TestRequestMasks(t *testing.T) {
	const hook = "https://hooks.slack.com/services/T0/B0/x"
	for in, want := range map[string]string{
		`{"api_key":"S"}`:    `{"api_key":"***"}`,
		`{"access_key":"S"}`: `{"access_key":"***"}`,
		`{"X-Api-Key":"S"}`:  `{"X-Api-Key":"***"}`,
		`{"dbPwd":["S",{"a":"S"}],"PASS_PHRASE":1,"webHook":{"url":"S"}}`:                                            `{"PASS_PHRASE":"***","dbPwd":"***","webHook":"***"}`,
		`{"tagsList":[{"key":"slack-webhook","value":"S"},{"Key":"env","Value":"prod"}]}`:                            `{"tagsList":[{"key":"slack-webhook","value":"***"},{"Key":"env","Value":"prod"}]}`,
		`[{"name":"DB_PASSWORD","value":"S"},{"ParameterKey":"ApiKey","ParameterValue":"S","UsePreviousValue":"S"}]`: `[{"name":"DB_PASSWORD","value":"***"},{"ParameterKey":"ApiKey","ParameterValue":"***","UsePreviousValue":"***"}]`,
		`{"a":["xoxb-1-S","see ` + hook + `",{"b":"XOXP-S"}],"xoxb-S":"S"}`:                                          `{"***":"***","a":["***","***",{"b":"***"}]}`,
		`"` + hook + `"`: `"***"`,
		// near misses
		`{"name":"token-trail","isMultiRegionTrail":false,"s3BucketName":"secrets"}`: `{"isMultiRegionTrail":false,"name":"token-trail","s3BucketName":"secrets"}`,
		`{"key":"env","value":"xoxo","kmsKeyId":"alias/k","values":[1]}`:             `{"key":"env","kmsKeyId":"alias/k","value":"xoxo","values":[1]}`,
	} {
		if got := string((notify.Notification{Request: json.RawMessage(in)}).RequestJSON(1000)); got != want {
			t.Errorf("RequestJSON of %s\n got %s\nwant %s", in, got, want)
		}
	}
}

func TestParkedRoundTrip(t *testing.T) {
	for _, s := range notifytest.Samples() {
		want := notify.Parked{
			Version: notify.ParkedVersion, Channel: "slack", Reason: "403", Time: notifytest.At(), Notification: s.Notification,
			Payload: notify.PayloadJSON([]byte(`{"id":"1","n":1.0}`)),
		}
		if s.Name == "hostile" {
			want.Notification = notify.Notification{} // its broken UTF-8 is replaced, as JSON must
		}
		b, err := json.Marshal(want)
		if err != nil {
			t.Fatalf("%s: %v", s.Name, err)
		}
		var got notify.Parked
		if err := json.Unmarshal(b, &got); err != nil {
			t.Fatalf("%s: %v", s.Name, err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", s.Name, diff)
		}
	}
}

func TestPayloadJSON(t *testing.T) {
	for _, c := range []struct{ in, want string }{{`{"a":1}`, `{"a":1}`}, {"", ""}, {"{broken", `"{broken"`}, {"\xff", `"\ufffd"`}} {
		if got := notify.PayloadJSON([]byte(c.in)); !bytes.Equal(got, []byte(c.want)) {
			t.Errorf("PayloadJSON(%q) = %s, want %s", c.in, got, c.want)
		}
	}
}
