package events_test

import (
	"testing"
	"time"

	"trailkeeper/events"
)

func parsePayload(tb testing.TB, payload string) events.Event {
	tb.Helper()
	ev, err := events.Parse([]byte(payload))
	if err != nil {
		tb.Fatal(err)
	}
	return ev
}

func TestResolveTrail(t *testing.T) {
	const account = "111122223333"
	tests := []struct{ name, region, account, hint, want string }{
		{"main", "eu-west-1", account, "", "arn:aws:cloudtrail:eu-west-1:111122223333:trail/main"},
		{"main", "us-gov-east-1", account, "", "arn:aws-us-gov:cloudtrail:us-gov-east-1:111122223333:trail/main"},
		{"main", "cn-northwest-1", account, "", "arn:aws-cn:cloudtrail:cn-northwest-1:111122223333:trail/main"},
		{"main", "us-iso-east-1", account, "", "arn:aws-iso:cloudtrail:us-iso-east-1:111122223333:trail/main"},
		{"main", "us-isob-east-1", account, "", "arn:aws-iso-b:cloudtrail:us-isob-east-1:111122223333:trail/main"},
		{"main", "eusc-de-east-1", account, "", "arn:aws-eusc:cloudtrail:eusc-de-east-1:111122223333:trail/main"},
		{
			"main",
			"odd-region-1x",
			account,
			"arn:aws-cn:iam::111122223333:user/x",
			"arn:aws-cn:cloudtrail:odd-region-1x:111122223333:trail/main",
		},
		{"main", "odd-region-1x", account, "", "arn:aws:cloudtrail:odd-region-1x:111122223333:trail/main"},
		{
			"arn:aws:cloudtrail:us-east-1:999988887777:trail/org",
			"eu-west-1",
			account,
			"",
			"arn:aws:cloudtrail:us-east-1:999988887777:trail/org",
		},
		// near misses
		{"", "eu-west-1", account, "", ""},
		{"ab", "eu-west-1", account, "", ""},
		{"a b", "eu-west-1", account, "", ""},
		{"-main", "eu-west-1", account, "", ""},
		{"main", "eu-west-1/../x", account, "", ""},
		{"main", "", account, "", ""},
		{"main", "eu-west-1", "1111", "", ""},
		{"arn:aws:cloudtrail:us-east-1:999988887777:eventdatastore/x", "eu-west-1", account, "", ""},
		{"arn:aws:cloudtrail:us-east-1:999988887777:trail/a/b", "eu-west-1", account, "", ""},
		{"arn:aws:s3:::bucket", "eu-west-1", account, "", ""},
		{"arn:evil:cloudtrail:us-east-1:999988887777:trail/org", "eu-west-1", account, "", ""},
	}
	for _, tt := range tests {
		got, err := events.ResolveTrail(tt.name, tt.region, tt.account, tt.hint)
		if got.ARN() != tt.want || (err == nil) != (tt.want != "") {
			t.Errorf("ResolveTrail(%q, %q, %q) = %q, %v; want %q", tt.name, tt.region, tt.account, got.ARN(), err, tt.want)
		}
	}
}

func TestTrailPrefersWhatAWSAnswered(t *testing.T) {
	ev := parsePayload(
		t,
		`{"eventName":"UpdateTrail","eventSource":"cloudtrail.amazonaws.com","awsRegion":"eu-west-1",`+
			`"recipientAccountId":"111122223333",
		"requestParameters":{"name":"main"},
		"responseElements":{"trailARN":"arn:aws:cloudtrail:eu-west-1:444455556666:trail/main"}}`,
	)
	if trail, err := ev.Trail(); err != nil || trail.Account != "444455556666" {
		t.Errorf("trail = %+v, %v; want the one of responseElements", trail, err)
	}
}

func TestRecordTime(t *testing.T) {
	want := time.Date(2026, 3, 2, 9, 15, 27, 0, time.UTC)
	for in, ok := range map[string]bool{
		"2026-03-02T09:15:27Z":      true,
		"2026-03-02T10:15:27+01:00": true,
		"2026-03-02T09:15:27":       true,
		"2026-03-02 09:15:27":       true,
		"2026-03-02T09:15:27+0000":  true,
		"":                          false,
		"02/Mar/2026":               false,
	} {
		got, gotOK := events.Record{EventTime: in}.Time()
		if gotOK != ok || (ok && !got.Equal(want)) {
			t.Errorf("%q: %v, %v; want %v, %v", in, got, gotOK, want, ok)
		}
	}
}
