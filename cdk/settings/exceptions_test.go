package settings

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"trailkeeper/lambda/config"
	"trailkeeper/lambda/config/exception"
)

const (
	mainTrail = "arn:aws:cloudtrail:eu-west-1:111122223333:trail/main"
	approved  = `{"principal": "arn:aws:iam::111122223333:role/Deploy", "events": ["UpdateTrail"], "trail": "` +
		mainTrail + `", ` +
		`"reason": "new bucket", "expires": "2026-10-31T00:00:00Z"}`
)

func TestExceptions(t *testing.T) {
	s, err := parse(
		t,
		`{`+snsOn+`, "approvals": [`+approved+`], "overrides": [{"trail": "*", "events": ["AddTags"], "mode": "notify"}]}`,
	)
	if err != nil {
		t.Fatal(err)
	}
	want := exception.List{
		Overrides: []exception.Override{{Trail: "*", Events: []string{"AddTags"}, Mode: config.ModeNotify}},
		Approvals: []exception.Approval{{
			Principal: "arn:aws:iam::111122223333:role/Deploy",
			Events:    []string{"UpdateTrail"},
			Trail:     mainTrail,
			Reason:    "new bucket",
			Expires:   time.Date(2026, 10, 31, 0, 0, 0, 0, time.UTC),
		}},
	}
	if diff := cmp.Diff(want, s.Exceptions()); diff != "" {
		t.Errorf("exceptions (-want +got):\n%s", diff)
	}
}

// TestExceptionsRefused: one run reports everything, each with its place, and nothing twice.
func TestExceptionsRefused(t *testing.T) {
	for text, want := range map[string][]string{
		`"approvals": {}`: {"approvals is an object with 0 keys; want an array of objects"},
		`"approvals": ["x"]`: {"approvals[0] is a text of 1 character; want an object with principal, events, trail, " +
			"reason, expires"},
		`"approvals": [` + approved + `, {"expires": "tomorrow", "who": 1, "trail": 5, "events": ["UpdateTrail", 2]}]`: {
			"approvals[1].events is an array of 2; want an array of calls", "approvals[1].expires is a text of 8 characters; " +
				"want a time such as",
			"approvals[1].trail is a number; want the ARN", "approvals[1].who is no setting (its value is a number); there " +
				"are principal,",
			`approvals[1].principal is ""; want`, `approvals[1].reason is ""; want`,
		},
		`"approvals": [` + strings.Replace(approved, "2026-10-31", "31 Oct", 1) + `, {"reason": "r"}]`: {
			"approvals[0].expires is a text of 16 characters; want a time", "approvals[1].principal is", "approvals[1].trail is",
			"approvals[1].events is", "approvals[1].expires is",
		},
		`"approvals": [{}]`: {
			"approvals[0].principal is", "approvals[0].trail is", "approvals[0].events is", "approvals[0].reason is",
			"approvals[0].expires is",
		},
		`"approvals": [` + strings.Replace(approved, "new bucket", "https://hooks.slack.com/services/T0/B0/x", 1) + `]`: {
			"approvals holds what looks like a Slack token or webhook",
		},
		`"overrides": [{"trail": "` + mainTrail + `", "mode": "restore"}]`: {
			`overrides[0].mode is "restore"; want no more than the deployment's mode restart`,
		},
		`"mode": "restore", "overrides": [{"trail": "` + mainTrail + `", "mode": "restore"}]`: nil,
		`"mode": "x", "overrides": [{"trail": "` + mainTrail + `", "mode": "recreate"}]`:      {`mode is "x"`},
		`"mode": 1, "overrides": [{"trail": "` + mainTrail + `", "mode": "recreate"}]`:        {"mode is a number"},
		`"overrides": [{"trail": "*", "mode": "exclude"}, {"trail": "main", "mode": "off"}]`: {
			`overrides[0].trail is "*"`, `overrides[1].trail is "main"`, `overrides[1].mode is "off"`,
		},
		`"accounts": ["444455556666"], "overrides": [{"trail": "` + mainTrail + `", "mode": "exclude"}], "approvals": [` +
			approved + `]`: {
			`approvals[0].trail is "` + mainTrail + `", a trail of account "111122223333"; want one of ["444455556666"]`,
			`overrides[0].trail is "` + mainTrail,
		},
		`"accounts": ["444455556666", "111122223333"], "overrides": [{"trail": "` + mainTrail + `", "mode": "exclude"}]`: nil,
		`"overrides": [{"trail": "*", "mode": "restart", "event": "AddTags"}]`: {
			"overrides[0].event is no setting (its value is a text of 7 characters)",
		},
	} {
		_, err := parse(t, `{`+snsOn+`, `+text+`}`)
		var got []string
		if err != nil {
			got = strings.Split(err.Error(), "\n")
		}
		if len(got) != len(want) {
			t.Errorf("%s: %d problems; want %d:\n%v", text, len(got), len(want), err)
			continue
		}
		for i, w := range want {
			if !strings.HasPrefix(got[i], "trailkeeper."+w) {
				t.Errorf("%s\n got  %s\n want %s", text, got[i], w)
			}
		}
	}
}

func TestExpiry(t *testing.T) {
	s, err := parse(t, `{`+snsOn+`, "approvals": [`+approved+`]}`)
	if err != nil {
		t.Fatal(err)
	}
	expires := s.Approvals[0].Expires
	on := func(now time.Time) error {
		_, err := Read(Source{
			Context: map[string]any{ContextKey: decoded(t, `{`+snsOn+`, "approvals": [`+approved+`]}`)},
			Now:     now,
		})
		return err
	}
	if err := on(expires.Add(-exception.LongestApproval)); err != nil || len(ExpiredNotes(s, expires)) > 0 {
		t.Errorf("30 days ahead: %v, %v", err, ExpiredNotes(s, expires))
	}
	err = on(expires.Add(-exception.LongestApproval - time.Hour))
	if err == nil ||
		!strings.HasPrefix(
			err.Error(),
			`trailkeeper.approvals[0].expires is "2026-10-31T00:00:00Z"; want a time at most 30 days ahead`,
		) {
		t.Errorf("an hour more: %v", err)
	}
	late := expires.Add(time.Second)
	want := []string{
		"The approval of UpdateTrail on " + mainTrail +
			` by arn:aws:iam::111122223333:role/Deploy ("new bucket") expired at ` +
			"2026-10-31T00:00:00Z and no longer counts: remove it from approvals",
	}
	if diff := cmp.Diff(want, ExpiredNotes(s, late)); diff != "" || on(late) != nil {
		t.Errorf("a second late: %v (-want +got):\n%s", on(late), diff)
	}
}

func TestRecorded(t *testing.T) {
	for _, tt := range []struct{ sweep, table, recorded, want bool }{
		{true, true, true, true}, {false, true, true, false}, {true, false, true, false}, {true, true, false, false},
	} {
		s := Settings{Sweep: Sweep{Enabled: tt.sweep}, Table: Table{Enabled: tt.table, Recorded: tt.recorded}}
		if got := s.Recorded(); got != tt.want {
			t.Errorf("%+v: recorded %v", tt, got)
		}
	}
}

// TestOwnAccountNote: a list that leaves out the account of the stack is noted; what is not known is not.
func TestOwnAccountNote(t *testing.T) {
	const own, other = "111122223333", "444455556666"
	for name, tt := range map[string]struct {
		accounts    []string
		env, likely string
		noted       string
	}{
		"no list":          {nil, own, "", ""},
		"named":            {[]string{other, own}, own, other, ""},
		"left out":         {[]string{other}, own, other, own},
		"nobody knows":     {[]string{other}, "", "", ""},
		"likely":           {[]string{other}, "", own, own},
		"likely and named": {[]string{other, own}, "", own, ""},
	} {
		s := Settings{Accounts: tt.accounts, Env: Env{Account: tt.env}}
		got := OwnAccountNote(s, tt.likely)
		if (got != "") != (tt.noted != "") || !strings.Contains(got, "accounts does not name "+tt.noted) && tt.noted != "" {
			t.Errorf("%s: %q", name, got)
		}
	}
}
