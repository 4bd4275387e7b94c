package exception_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"trailkeeper/lambda/config"
	"trailkeeper/lambda/config/exception"
)

// The calls, as the API names them, and those among them that can blind a trail at once.
var (
	calls = []string{
		"StopLogging",
		"DeleteTrail",
		"UpdateTrail",
		"PutEventSelectors",
		"PutInsightSelectors",
		"PutEventConfiguration",
		"AddTags",
		"RemoveTags",
	}
	blinding = []string{"StopLogging", "DeleteTrail", "PutEventSelectors"}
)

func approval() exception.Approval {
	return exception.Approval{
		Principal: deploy,
		Events:    []string{"UpdateTrail", "StopLogging"},
		Trail:     main,
		Reason:    "the one that fits",
		Expires:   expires,
	}
}

// almost are approvals of which each is wrong in one way only.
func almost() map[string]exception.Approval {
	all := map[string]exception.Approval{}
	for name, change := range map[string]func(*exception.Approval){
		"another principal": func(a *exception.Approval) { a.Principal += "er" },
		"no principal":      func(a *exception.Approval) { a.Principal = "" },
		"another trail":     func(a *exception.Approval) { a.Trail = other },
		"no trail":          func(a *exception.Approval) { a.Trail = "" },
		"another call":      func(a *exception.Approval) { a.Events = []string{"DeleteTrail", "AddTags"} },
		"no call":           func(a *exception.Approval) { a.Events = nil },
		"expired":           func(a *exception.Approval) { a.Expires = expires.Add(-time.Second) },
		"too far ahead":     func(a *exception.Approval) { a.Expires = expires.Add(exception.LongestApproval + time.Second) },
		"no expiry":         func(a *exception.Approval) { a.Expires = time.Time{} },
	} {
		a := approval()
		a.Reason = name
		change(&a)
		all[name] = a
	}
	return all
}

// TestApprovedBySeveral: whatever stands before it, the approval that fits is returned, whole; what fits but for one
// thing never is.
func TestApprovedBySeveral(t *testing.T) {
	var wrong []exception.Approval
	for name, a := range almost() {
		wrong = append(wrong, a)
		if got, ok := (exception.List{Approvals: []exception.Approval{a}}).Approved(
			main,
			"StopLogging",
			deploy,
			expires,
		); ok ||
			!cmp.Equal(got, exception.Approval{}) {
			t.Errorf("%s: %+v", name, got)
		}
	}
	for _, event := range approval().Events {
		later := approval()
		later.Reason = "a later one"
		list := exception.List{Approvals: append(slices.Clone(wrong), approval(), later)}
		got, ok := list.Approved(main, event, deploy, expires)
		if diff := cmp.Diff(approval(), got); !ok || diff != "" {
			t.Errorf("%s: %v (-want +got)\n%s", event, ok, diff)
		}
	}
	anywhere := approval()
	anywhere.Trail = exception.AnyTrail
	for _, trail := range []string{main, other, ""} {
		if _, ok := (exception.List{Approvals: []exception.Approval{anywhere}}).Approved(
			trail,
			"UpdateTrail",
			deploy,
			expires,
		); !ok {
			t.Errorf("an approval for every trail does not count for %q", trail)
		}
	}
}

// TestModeOfSeveral: the first override that fits counts, by its trail and its calls; one of an empty trail fits none.
func TestModeOfSeveral(t *testing.T) {
	list := exception.List{Overrides: []exception.Override{
		{Trail: "", Mode: exception.ModeExclude},
		{Trail: main, Events: []string{"AddTags", "StopLogging"}, Mode: config.ModeNotify},
		{Trail: other, Events: []string{"StopLogging"}, Mode: exception.ModeExclude},
		{Trail: exception.AnyTrail, Events: []string{"AddTags", "RemoveTags"}, Mode: config.ModeRestart},
		{Trail: main, Mode: exception.ModeExclude},
	}}
	for _, tt := range []struct {
		trail, event string
		want         config.Mode
	}{
		{main, "AddTags", config.ModeNotify},
		{main, "StopLogging", config.ModeNotify},
		{main, "RemoveTags", config.ModeRestart},
		{main, "DeleteTrail", exception.ModeExclude},
		{other, "StopLogging", exception.ModeExclude},
		{other, "AddTags", config.ModeRestart},
		{other, "DeleteTrail", config.ModeRecreate},
		{"", "RemoveTags", config.ModeRestart},
		{"", "DeleteTrail", config.ModeRecreate},
	} {
		if got := list.Mode(tt.trail, tt.event, config.ModeRecreate); got != tt.want {
			t.Errorf("%s on %q: %s, want %s", tt.event, tt.trail, got, tt.want)
		}
	}
}

// TestCheckModes: every mode of an override under every mode of a deployment, for a trail and for some calls on every
// trail.
func TestCheckModes(t *testing.T) {
	modes := append([]config.Mode{exception.ModeExclude}, config.Modes()...) // from the least
	for i, mode := range modes {
		for j, deployed := range modes[1:] {
			for _, o := range []exception.Override{
				{Trail: main, Mode: mode}, {Trail: exception.AnyTrail, Events: []string{"AddTags"}, Mode: mode},
			} {
				if errs := (exception.List{Overrides: []exception.Override{o}}).Check(deployed); (len(errs) == 0) != (i <= j+1) {
					t.Errorf("%s in a deployment of mode %s: %v", mode, deployed, errs)
				}
			}
		}
		silences := mode == exception.ModeExclude || mode == config.ModeNotify
		list := exception.List{Overrides: []exception.Override{{Trail: exception.AnyTrail, Mode: mode}}}
		if errs := list.Check(config.ModeRecreate); (len(errs) > 0) != silences {
			t.Errorf("%s for every trail and call: %v", mode, errs)
		}
	}
}

// TestCheckCalls: every call can be exempted; one that can blind a trail only of a named trail, wherever it stands
// among others.
func TestCheckCalls(t *testing.T) {
	for _, call := range calls {
		for _, trail := range []string{main, exception.AnyTrail} {
			a := approval()
			a.Trail, a.Events = trail, []string{"RemoveTags", call}
			errs := (exception.List{Approvals: []exception.Approval{approval(), a}}).Check(config.ModeRestore)
			wrong := trail == exception.AnyTrail && slices.Contains(blinding, call)
			if wrong != (len(errs) == 1) ||
				wrong && !strings.HasPrefix(errs[0].Error(), "approvals[1].trail is \"*\"; want the ARN of one trail: "+call) {
				t.Errorf("%s on %s: %v", call, trail, errs)
			}
			o := exception.Override{Trail: trail, Events: []string{"RemoveTags", call}, Mode: config.ModeNotify}
			if errs := (exception.List{Overrides: []exception.Override{o}}).Check(config.ModeRestore); len(errs) > 0 {
				t.Errorf("override of %s on %s: %v", call, trail, errs)
			}
		}
	}
	for _, call := range []string{"", "stopLogging", "StartLogging", "CreateTrail"} {
		a := approval()
		a.Events = append(a.Events, call)
		errs := (exception.List{Approvals: []exception.Approval{a}}).Check(config.ModeRestore)
		if len(errs) != 1 || !strings.Contains(errs[0].Error(), "approvals[0].events[2] is") ||
			!strings.Contains(errs[0].Error(), strings.Join(calls, ", ")) {
			t.Errorf("%q: %v", call, errs)
		}
	}
}

// TestPrincipals at the bounds of their parts; what could stand for several, or be chosen by the caller, is none.
func TestPrincipals(t *testing.T) {
	const role = "arn:aws:iam::111122223333:role/"
	long := strings.Repeat
	for arn, want := range map[string]bool{
		role + "a":           true,
		role + long("a", 64): true,
		role + "a/b/c":       true,
		role + "A0_+=,.@-":   true,
		role + "!#/a":        true,
		"arn:aws-us-gov:iam::111122223333:user/a": true,
		role:                                false,
		role + long("a", 65):                false,
		role + "a/":                         false,
		role + "/a":                         false,
		role + "a*":                         false,
		role + "a?":                         false,
		role + "*/a":                        false,
		role + "?/a":                        false,
		role + "a b":                        false,
		role + "a b/c":                      false,
		role + "a\n":                        false,
		role + "é/a":                        false,
		role + "${x}":                       false,
		"arn:aws:iam::11112222333:role/a":   false,
		"arn:aws:iam::1111222233334:role/a": false,
		"arn:aws:iam:eu-west-1:111122223333:role/a":  false,
		"arn:aws:iam::111122223333:group/a":          false,
		"arn:aws:iam::111122223333:root":             false,
		"arn:aws:sts::111122223333:assumed-role/a/b": false,
		"arn:AWS:iam::111122223333:role/a":           false,
		"x" + role + "a":                             false,
		"111122223333":                               false,
		"*":                                          false,
		"":                                           false,
	} {
		if exception.IsPrincipal(arn) != want {
			t.Errorf("%q is a principal: %v", arn, !want)
		}
	}
}

// TestReasons: one to 200 characters, however many bytes these have, and not only blanks.
func TestReasons(t *testing.T) {
	for reason, want := range map[string]bool{
		"r":                      true,
		strings.Repeat("r", 200): true,
		strings.Repeat("ä", 200): true,
		"":                       false,
		" \t\n":                  false,
		strings.Repeat("r", 201): false,
		strings.Repeat("ä", 201): false,
	} {
		a := approval()
		a.Reason = reason
		if errs := (exception.List{Approvals: []exception.Approval{a}}).Check(config.ModeRestore); (len(errs) == 0) != want {
			t.Errorf("%d characters: %v", len([]rune(reason)), errs)
		}
	}
}

// TestExpiryOfSeveral: the one that is too far ahead, or over, is named or returned, and no other.
func TestExpiryOfSeveral(t *testing.T) {
	near, far, over := approval(), approval(), approval()
	near.Expires = expires.Add(exception.LongestApproval)
	far.Expires = expires.Add(exception.LongestApproval + time.Second)
	over.Expires = expires.Add(-time.Second)
	list := exception.List{Approvals: []exception.Approval{near, far, over, approval()}}
	if errs := list.CheckExpiry(
		expires,
	); len(errs) != 1 ||
		!strings.HasPrefix(errs[0].Error(), "approvals[1].expires is ") {
		t.Errorf("%v; want the second alone", errs)
	}
	if diff := cmp.Diff([]exception.Approval{over}, list.Expired(expires)); diff != "" {
		t.Errorf("expired (-want +got)\n%s", diff)
	}
	if exception.LongestApproval != 720*time.Hour {
		t.Errorf("approvals may last %v; the documentation says 30 days", exception.LongestApproval)
	}
}

func TestEmpty(t *testing.T) {
	for _, tt := range []struct {
		list exception.List
		want bool
	}{
		{exception.List{}, true},
		{exception.List{Overrides: example().Overrides}, false},
		{exception.List{Approvals: example().Approvals}, false},
		{example(), false},
	} {
		if tt.list.Empty() != tt.want {
			t.Errorf("%+v: empty is %v", tt.list, !tt.want)
		}
	}
}

// TestCredentialsAreNotShown: one that was put in the place of anything in an exception is refused and not shown.
func TestCredentialsAreNotShown(t *testing.T) {
	for _, secret := range []string{
		"xoxb-1-s3cr3t", "T0ABCDEFG/B0ABCDEFG/s3cr3ts3cr3ts3cr3t",
		"https://hooks.slack.com/services/T0/B0/" + strings.Repeat("s3cr3t", 40),
	} {
		a := exception.Approval{
			Principal: secret,
			Trail:     secret,
			Events:    []string{secret},
			Reason:    secret + strings.Repeat(" ", 200),
			Expires:   expires,
		}
		list := exception.List{
			Overrides: []exception.Override{{Trail: secret, Events: []string{secret}, Mode: config.Mode(secret)}},
			Approvals: []exception.Approval{a},
		}
		got := strings.Join(lines(list.Check(config.ModeRestore)), "\n")
		if strings.Count(got, "\n") != 6 || strings.Contains(got, "s3cr3t") {
			t.Errorf("%s", got)
		}
	}
}

// TestNobodyAndNoTimeAreNotApproved: neither by an approval that has none either.
func TestNobodyAndNoTimeAreNotApproved(t *testing.T) {
	nobody, never := approval(), approval()
	nobody.Principal, never.Expires = "", time.Time{}
	list := exception.List{Approvals: []exception.Approval{nobody, never}}
	if got, ok := list.Approved(main, "UpdateTrail", "", expires); ok {
		t.Errorf("nobody is approved by %+v", got)
	}
	if got, ok := list.Approved(main, "UpdateTrail", deploy, time.Time{}); ok {
		t.Errorf("a call without a time is approved by %+v", got)
	}
}
