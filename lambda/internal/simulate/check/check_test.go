package check

import (
	"testing"

	"trailkeeper/lambda/internal/localcloud"
	"trailkeeper/lambda/internal/simulate/stage"
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
		check     []Check
		bad, good []localcloud.Entry
	}{
		"restartedFirst": {
			RestartedFirst(),
			[]localcloud.Entry{call("GetTrailStatus", false), call("StartLogging", true)},
			[]localcloud.Entry{call("StartLogging", true)},
		},
		"no call": {RestartedFirst(), nil, []localcloud.Entry{call("StartLogging", true)}},
		"harmless": {
			Harmless(),
			[]localcloud.Entry{call("StartLogging", true)},
			[]localcloud.Entry{call("GetTrailStatus", false)},
		},
		"silent": {SilentTowardsCloudTrail(), []localcloud.Entry{call("GetTrailStatus", false)}, nil},
		"toldToNobody": {
			ToldToNobody(),
			[]localcloud.Entry{{Kind: localcloud.KindSlack, Text: "x"}},
			[]localcloud.Entry{{Kind: localcloud.KindMatched}},
		},
		"calm": {
			Calm(),
			[]localcloud.Entry{{Kind: localcloud.KindAlarm, Text: "ALARM"}},
			[]localcloud.Entry{{Kind: localcloud.KindAlarm, Text: "OK"}},
		},
		"saw all": {
			Swept()[1:], []localcloud.Entry{said(localcloud.KindSNS, "", `{"finding":"cannot_see"}`)}, []localcloud.Entry{
				said(localcloud.KindSNS, "", `{"finding":"recorded"}`),
			},
		},
		"told too often": {
			FoundTimes(1, 2, "weakened", "found weaker"),
			[]localcloud.Entry{weak, weak, weak},
			[]localcloud.Entry{weak, weak},
		},
		"never told": {
			FoundTimes(1, 2, "weakened", "found weaker"),
			[]localcloud.Entry{said(localcloud.KindSlack, "hello", "")},
			[]localcloud.Entry{weak},
		},
		"told again": {NoNews(), []localcloud.Entry{fired, weak, fired, weak}, []localcloud.Entry{fired, weak, fired}},
		"refused": {
			Arrived(),
			[]localcloud.Entry{attack("a"), refused},
			[]localcloud.Entry{attack("a"), refused, of("a", "")},
		},
		"of another": {
			Arrived(),
			[]localcloud.Entry{attack("a"), of("b", "began with a")},
			[]localcloud.Entry{attack("a"), of("b", ""), of("a", "")},
		},
		"only an update": {
			Arrived(),
			[]localcloud.Entry{attack("a"), update},
			[]localcloud.Entry{attack("a"), of("a", ""), update},
		},
		"twice": {
			NotTwice(),
			[]localcloud.Entry{of("a", ""), of("a", "late")},
			[]localcloud.Entry{of("a", ""), of("b", ""), update, refused},
		},
		"three times": {
			OneRepeat(),
			[]localcloud.Entry{of("a", ""), of("a", ""), of("a", "")},
			[]localcloud.Entry{of("a", ""), of("a", "")},
		},
		"youngest first": {
			OldestFirst(),
			[]localcloud.Entry{attack("a"), attack("b"), of("b", lateWord), of("a", lateWord)},
			[]localcloud.Entry{attack("a"), attack("b"), of("a", lateWord), of("b", lateWord)},
		},
		"none late": {
			OldestFirst(),
			[]localcloud.Entry{attack("a"), attack("b"), of("a", ""), of("b", "")},
			[]localcloud.Entry{attack("a"), attack("b"), of("a", lateWord), of("b", lateWord)},
		},
		"hidden": {
			SecondSeen(stage.SecondTrail),
			[]localcloud.Entry{thread},
			[]localcloud.Entry{said(localcloud.KindSlack, "second stopped", "")},
		},
		"in the thread": {Broadcast("second"), []localcloud.Entry{thread}, []localcloud.Entry{both}},
		"one is missing": {
			ToldOrCounted(),
			[]localcloud.Entry{attack("a"), attack("b"), attack("c"), of("a", ""), of("x", "once more since")},
			[]localcloud.Entry{attack("a"), attack("b"), attack("c"), of("a", ""), of("x", "2 times more since")},
		},
		"counted and told": {
			ToldOrCounted(),
			[]localcloud.Entry{attack("a"), attack("b"), of("a", ""), of("b", ""), of("x", "once more since")},
			[]localcloud.Entry{attack("a"), attack("b"), of("a", ""), of("a", "late"), of("b", "")},
		},
		"too many": {
			ToldAtMost(1),
			[]localcloud.Entry{of("a", ""), of("b", "")},
			[]localcloud.Entry{of("a", ""), update, refused},
		},
		"item written": {
			GuardedTable(),
			[]localcloud.Entry{{Kind: localcloud.KindNote, Text: "writes an item"}},
			[]localcloud.Entry{put},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if why := tt.check[0].verify(&Run{Timeline: tt.bad}); why == "" {
				t.Error("the check is said to hold")
			}
			if why := tt.check[0].verify(&Run{Timeline: tt.good}); why != "" {
				t.Error(why)
			}
		})
	}
}
