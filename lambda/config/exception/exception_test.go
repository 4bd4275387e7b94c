package exception_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"trailkeeper/lambda/config"
	"trailkeeper/lambda/config/exception"
)

const (
	main   = "arn:aws:cloudtrail:eu-west-1:111122223333:trail/main"
	other  = "arn:aws:cloudtrail:eu-west-1:111122223333:trail/other"
	deploy = "arn:aws:iam::111122223333:role/ci/Deploy"
)

var expires = time.Date(2026, 3, 10, 12, 0, 0, 0, time.UTC)

func example() exception.List {
	return exception.List{
		Overrides: []exception.Override{
			{Trail: other, Events: []string{"AddTags", "RemoveTags"}, Mode: config.ModeNotify},
			{Trail: other, Mode: exception.ModeExclude},
		},
		Approvals: []exception.Approval{{
			Principal: deploy,
			Events:    []string{"UpdateTrail", "StopLogging"},
			Trail:     main,
			Reason:    "move to the new bucket",
			Expires:   expires,
		}},
	}
}

func TestMode(t *testing.T) {
	for _, test := range []struct {
		trail, event string
		want         config.Mode
	}{
		{main, "StopLogging", config.ModeRestore},
		{other, "StopLogging", exception.ModeExclude},
		{other, "RemoveTags", config.ModeNotify},
		{"", "StopLogging", config.ModeRestore},
		{strings.ToUpper(other), "StopLogging", config.ModeRestore},
	} {
		if got := example().Mode(test.trail, test.event, config.ModeRestore); got != test.want {
			t.Errorf("Mode(%s, %s) = %s; want %s", test.trail, test.event, got, test.want)
		}
	}
	all := exception.List{
		Overrides: []exception.Override{{Trail: exception.AnyTrail, Events: []string{"AddTags"}, Mode: config.ModeNotify}},
	}
	if got := all.Mode(main, "AddTags", config.ModeRestore); got != config.ModeNotify {
		t.Errorf("an override of every trail gives %s", got)
	}
	if got := all.Mode("", "AddTags", config.ModeRestore); got != config.ModeNotify {
		t.Errorf("an override of every trail gives %s where the record names none", got)
	}
}

// TestApproved: whoever is not exactly the principal, later than the approval, or on another trail, is not covered by
// it.
func TestApproved(t *testing.T) {
	for name, test := range map[string]struct {
		trail, event, principal string
		at                      time.Time
		want                    bool
	}{
		"approved":            {main, "UpdateTrail", deploy, expires.Add(-time.Hour), true},
		"at the last moment":  {main, "UpdateTrail", deploy, expires, true},
		"too late":            {main, "UpdateTrail", deploy, expires.Add(time.Second), false},
		"30 days before":      {main, "UpdateTrail", deploy, expires.Add(-exception.LongestApproval), true},
		"longer than allowed": {main, "UpdateTrail", deploy, expires.Add(-exception.LongestApproval - time.Second), false},
		"no time":             {main, "UpdateTrail", deploy, time.Time{}, false},
		"another call":        {main, "DeleteTrail", deploy, expires, false},
		"another trail":       {other, "UpdateTrail", deploy, expires, false},
		"no trail":            {"", "UpdateTrail", deploy, expires, false},
		"another path":        {main, "UpdateTrail", "arn:aws:iam::111122223333:role/Deploy", expires, false},
		"a longer name":       {main, "UpdateTrail", deploy + "er", expires, false},
		"a session":           {main, "UpdateTrail", "arn:aws:sts::111122223333:assumed-role/Deploy/x", expires, false},
		"nobody":              {main, "UpdateTrail", "", expires, false},
	} {
		if _, got := example().Approved(test.trail, test.event, test.principal, test.at); got != test.want {
			t.Errorf("%s: approved is %v", name, got)
		}
	}
}

func TestCheck(t *testing.T) {
	if errs := example().Check(config.ModeRestore); len(errs) > 0 {
		t.Errorf("the example: %v", errs)
	}
	bad := exception.List{
		Overrides: []exception.Override{
			{Trail: "main", Mode: "off"},
			{Trail: main, Mode: config.ModeRecreate, Events: []string{"LookupEvents"}},
			{Trail: exception.AnyTrail, Mode: exception.ModeExclude},
		},
		Approvals: []exception.Approval{
			{},
			{
				Principal: "arn:aws:sts::111122223333:assumed-role/Deploy/session",
				Events:    []string{"StopLogging"},
				Trail:     exception.AnyTrail,
				Reason:    strings.Repeat("x", 201),
				Expires:   expires,
			},
			{
				Principal: "*",
				Events:    []string{"PutEventSelectors"},
				Trail:     "*",
				Reason:    "r",
				Expires:   expires,
			},
			{
				Principal: "arn:aws:iam::111122223333:role/*",
				Events:    []string{"UpdateTrail"},
				Trail:     "*",
				Reason:    "r",
				Expires:   expires,
			},
		},
	}
	got := lines(bad.Check(config.ModeRestore))
	want := []string{
		`overrides[0].trail is "main"`,
		`overrides[0].mode is "off"`,
		`overrides[1].events[0] is "LookupEvents"`,
		`overrides[1].mode is "recreate"`,
		`overrides[2].trail is "*"`,
		`approvals[0].principal is ""`,
		`approvals[0].trail is ""`,
		`approvals[0].events is ""`,
		`approvals[0].reason is ""`,
		`approvals[0].expires is ""`,
		`approvals[1].principal is "arn:aws:sts::111122223333:assumed-role/Deploy/session"`,
		`approvals[1].trail is "*"`,
		`approvals[1].reason is "` + strings.Repeat(
			"x",
			200,
		) + `"`,
		`approvals[2].principal is "*"`,
		`approvals[2].trail is "*"`,
		`approvals[3].principal is "arn:aws:iam::111122223333:role/*"`,
	}
	for i := range got {
		got[i], _, _ = strings.Cut(got[i], "; want ")
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("problems (-want +got):\n%s", diff)
	}
}

func TestCheckExpiry(t *testing.T) {
	if errs := example().CheckExpiry(expires.Add(-exception.LongestApproval)); len(errs) > 0 {
		t.Errorf("30 days ahead: %v", errs)
	}
	got := errors.Join(example().CheckExpiry(expires.Add(-exception.LongestApproval - time.Second))...)
	want := `approvals[0].expires is "2026-03-10T12:00:00Z"; want a time at most 30 days ahead, so no later than ` +
		`2026-03-10T11:59:59Z; ` +
		"a lasting change belongs into the baseline"
	if got == nil || got.Error() != want {
		t.Errorf("a second more:\n%v\nwant\n%s", got, want)
	}
	if n := len(example().Expired(expires)); n != 0 {
		t.Errorf("%d approvals count as expired at their last moment", n)
	}
	if n := len(example().Expired(expires.Add(time.Second))); n != 1 {
		t.Errorf("%d approvals count as expired after it", n)
	}
}

func TestRoundTrip(t *testing.T) {
	content, err := exception.Format(example())
	if err != nil {
		t.Fatal(err)
	}
	got, err := exception.Parse(content)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(example(), got); diff != "" {
		t.Errorf("read back (-want +got):\n%s", diff)
	}
	for content, want := range map[string]string{
		"":                              "exceptions.json: no list of exceptions: EOF",
		`{"approval":[]}`:               `unknown field "approval"`,
		`{} {}`:                         "more behind the first JSON object",
		`{"approvals":[{"expires":1}]}`: "no list of exceptions",
	} {
		if _, err := exception.Parse([]byte(content)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("Parse(%s): %v; want %s", content, err, want)
		}
	}
}

func lines(errs []error) []string {
	var all []string
	for _, err := range errs {
		all = append(all, err.Error())
	}
	return all
}

// FuzzParse: a list that is accepted is the same when it is written and read again, and its checks never fail to end.
func FuzzParse(f *testing.F) {
	seed, err := exception.Format(example())
	if err != nil {
		f.Fatal(err)
	}
	f.Add(seed)
	f.Add(
		[]byte(
			`{"approvals":[{"principal":"arn:aws:iam::111122223333:role/*","trail":"*","expires":"2026-01-01T00:00:00Z"}]}`,
		),
	)
	f.Fuzz(func(t *testing.T, content []byte) {
		list, err := exception.Parse(content)
		if err != nil {
			return
		}
		list.Check(config.ModeRestore)
		again, err := exception.Format(list)
		if err != nil {
			t.Fatal(err)
		}
		same, err := exception.Parse(again)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(list, same, cmpopts.EquateEmpty()); diff != "" {
			t.Error(diff)
		}
	})
}
