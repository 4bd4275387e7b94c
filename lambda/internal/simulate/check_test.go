package simulate

import (
	"strings"
	"testing"

	"trailkeeper/cdk/golden"
	"trailkeeper/lambda/internal/localcloud"
)

// Each check is broken by a timeline that breaks it and by nothing less.
func TestChecksBreak(t *testing.T) {
	t.Parallel()
	call := func(op string, write bool) localcloud.Entry {
		return localcloud.Entry{
			Kind:     localcloud.KindCall,
			Function: true,
			Op:       op,
			Write:    write,
		}
	}
	said := func(kind localcloud.Kind, text, raw string) localcloud.Entry {
		return localcloud.Entry{
			Kind: kind,
			Via:  localcloud.ViaFunction,
			Text: text,
			Raw:  raw,
		}
	}
	weak := said(localcloud.KindSlack, "Trail t was found weaker than its baseline", "")
	fired := localcloud.Entry{Kind: localcloud.KindFired}
	attack := func(id string) localcloud.Entry {
		return localcloud.Entry{Kind: localcloud.KindCall, Op: "StopLogging", EventID: id}
	}
	of := func(id, more string) localcloud.Entry {
		return said(localcloud.KindSlack, "stopped", more+` · event `+id+`"`)
	}
	refused, thread, update := of("a", ""), of("a", ""), of("a", "")
	refused.Err, thread.Thread, thread.Text, update.Update = "503", "1.2", "second stopped", true
	both := thread
	both.Broadcast = true
	put := localcloud.Entry{Kind: localcloud.KindCall, Op: "PutItem", Err: "AccessDeniedException"}
	for name, tt := range map[string]struct {
		check     []check
		bad, good []localcloud.Entry
	}{
		"restartedFirst": {
			restartedFirst(),
			[]localcloud.Entry{call("GetTrailStatus", false), call("StartLogging", true)},
			[]localcloud.Entry{call("StartLogging", true)},
		},
		"no call": {restartedFirst(), nil, []localcloud.Entry{call("StartLogging", true)}},
		"harmless": {
			harmless(), []localcloud.Entry{call("StartLogging", true)}, []localcloud.Entry{call("GetTrailStatus", false)},
		},
		"silent": {silentTowardsCloudTrail(), []localcloud.Entry{call("GetTrailStatus", false)}, nil},
		"toldToNobody": {
			toldToNobody(),
			[]localcloud.Entry{{Kind: localcloud.KindSlack, Text: "x"}},
			[]localcloud.Entry{{Kind: localcloud.KindMatched}},
		},
		"calm": {
			calm(),
			[]localcloud.Entry{{Kind: localcloud.KindAlarm, Text: "ALARM"}},
			[]localcloud.Entry{{Kind: localcloud.KindAlarm, Text: "OK"}},
		},
		"saw all": {
			swept()[1:],
			[]localcloud.Entry{said(localcloud.KindSNS, "", `{"finding":"cannot_see"}`)},
			[]localcloud.Entry{said(localcloud.KindSNS, "", `{"finding":"recorded"}`)},
		},
		"told too often": {
			toldTimes(1, 2, "weakened", "found weaker"), []localcloud.Entry{weak, weak, weak}, []localcloud.Entry{weak, weak},
		},
		"never told": {
			toldTimes(1, 2, "weakened", "found weaker"),
			[]localcloud.Entry{said(localcloud.KindSlack, "hello", "")},
			[]localcloud.Entry{weak},
		},
		"told again": {noNews(), []localcloud.Entry{fired, weak, fired, weak}, []localcloud.Entry{fired, weak, fired}},
		"refused": {
			arrived(), []localcloud.Entry{attack("a"), refused}, []localcloud.Entry{attack("a"), refused, of("a", "")},
		},
		"of another": {
			arrived(),
			[]localcloud.Entry{attack("a"), of("b", "began with a")},
			[]localcloud.Entry{attack("a"), of("b", ""), of("a", "")},
		},
		"only an update": {
			arrived(), []localcloud.Entry{attack("a"), update}, []localcloud.Entry{attack("a"), of("a", ""), update},
		},
		"twice": {
			notTwice(),
			[]localcloud.Entry{of("a", ""), of("a", "late")},
			[]localcloud.Entry{of("a", ""), of("b", ""), update, refused},
		},
		"three times": {
			oneRepeat(), []localcloud.Entry{of("a", ""), of("a", ""), of("a", "")}, []localcloud.Entry{of("a", ""), of("a", "")},
		},
		"youngest first": {
			oldestFirst(),
			[]localcloud.Entry{attack("a"), attack("b"), of("b", lateWord), of("a", lateWord)},
			[]localcloud.Entry{attack("a"), attack("b"), of("a", lateWord), of("b", lateWord)},
		},
		"none late": {
			oldestFirst(),
			[]localcloud.Entry{attack("a"), attack("b"), of("a", ""), of("b", "")},
			[]localcloud.Entry{attack("a"), attack("b"), of("a", lateWord), of("b", lateWord)},
		},
		"hidden": {
			secondSeen(), []localcloud.Entry{thread}, []localcloud.Entry{said(localcloud.KindSlack, "second stopped", "")},
		},
		"in the thread": {broadcast("second"), []localcloud.Entry{thread}, []localcloud.Entry{both}},
		"one is missing": {
			toldOrCounted(),
			[]localcloud.Entry{attack("a"), attack("b"), attack("c"), of("a", ""), of("x", "once more since")},
			[]localcloud.Entry{attack("a"), attack("b"), attack("c"), of("a", ""), of("x", "2 times more since")},
		},
		"counted and told": {
			toldOrCounted(),
			[]localcloud.Entry{attack("a"), attack("b"), of("a", ""), of("b", ""), of("x", "once more since")},
			[]localcloud.Entry{attack("a"), attack("b"), of("a", ""), of("a", "late"), of("b", "")},
		},
		"too many": {
			toldAtMost(1), []localcloud.Entry{of("a", ""), of("b", "")}, []localcloud.Entry{of("a", ""), update, refused},
		},
		"item written": {
			guardedTable(), []localcloud.Entry{{Kind: localcloud.KindNote, Text: "writes an item"}}, []localcloud.Entry{put},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if why := tt.check[0].verify(&Result{Timeline: tt.bad}); why == "" {
				t.Error("the check is said to hold")
			}
			if why := tt.check[0].verify(&Result{Timeline: tt.good}); why != "" {
				t.Error(why)
			}
		})
	}
}

// TestChecksAboutTheTrailBreak: a deployment that only tells leaves a stopped trail off, and what is checkd of a
// trail that logs does not hold there.
func TestChecksAboutTheTrailBreak(t *testing.T) {
	t.Parallel()
	template, _ := golden.Variant("notify")
	res, err := Play(t.Context(), template, Scenario{
		Name: "stopped", act: stopLogging,
		checks: checks(untouched(), outcome("restored"), outcome("notified_only")),
	})
	if err != nil {
		t.Fatal(err)
	}
	why := []string{"the trail is not logging", "told notified_only; want restored", ""}
	if len(res.Checks) != len(why) {
		t.Fatalf("%d checks were judged; want %d", len(res.Checks), len(why))
	}
	for i, want := range why {
		if got := res.Checks[i].Why; got != want && (want == "" || !strings.Contains(got, want)) {
			t.Errorf("check %d: %q; want %q", i, got, want)
		}
	}
}
