package warden_test

import (
	"testing"

	"trailkeeper/events"
	"trailkeeper/lambda/config/deployment"
	"trailkeeper/lambda/internal/clock"
	"trailkeeper/lambda/internal/history"
	"trailkeeper/lambda/internal/message"
	"trailkeeper/lambda/internal/producertest"
	"trailkeeper/lambda/internal/warden"
)

// TestWhoChangedIt: the newest call that changes something and went well, and not the function's own.
func TestWhoChangedIt(t *testing.T) {
	call := func(minutes int, who, name, further string) events.Event {
		return producertest.Made(t, minutes, who, name, "", further)
	}
	mallory := call(3, "mallory", "DisableRule", "")
	for name, test := range map[string]struct {
		events []events.Event
		want   string
	}{
		"none":           {nil, ""},
		"the newest":     {[]events.Event{mallory, call(5, "eve", "PutRule", "")}, "user mallory"},
		"a read":         {[]events.Event{call(1, "eve", "DescribeRule", ""), mallory}, "user mallory"},
		"a refused call": {[]events.Event{call(1, "eve", "DeleteRule", `,"errorCode":"AccessDenied"`), mallory}, "user mallory"},
		"its own":        {[]events.Event{call(1, "own", "EnableRule", ""), mallory}, "user mallory"},
	} {
		past := &producertest.Searched{Events: test.events}
		h := &warden.History{
			Search: past,
			Own:    func(ev events.Event) bool { return ev.Record.Actor().String() == "user own" },
			Clock:  clock.Real(),
		}
		ev, found := h.MadeBy(t.Context(), deployment.Deployed{Name: "trailkeeper-change", Region: "eu-west-1"}, start)
		if found != (test.want != "") || found && ev.Record.Actor().String() != test.want {
			t.Errorf("%s: %v %v", name, found, ev.Record.Actor())
		}
		if past.Asked[0] != "ResourceName trailkeeper-change" {
			t.Errorf("%s: asked %v", name, past.Asked)
		}
	}
	refused := &warden.History{Search: &producertest.Searched{Err: history.ErrRefused}, Clock: clock.Real()}
	if _, found := refused.MadeBy(t.Context(), deployment.Deployed{Name: "x"}, start); found {
		t.Error("found in a history that may not be read")
	}
}

// TestNamed: the message says who it was.
func TestNamed(t *testing.T) {
	w := newWorld(t, 1)
	w.Actors = &warden.History{
		Search: &producertest.Searched{Events: []events.Event{producertest.Made(t, 3, "mallory", "DisableRule", "", "")}},
		Own:    func(events.Event) bool { return false },
		Clock:  w.Clock,
	}
	w.breaks(ruleName(0), "State", "ENABLED", "DISABLED")
	w.run(t)
	want := "Reading it again shows it as it was deployed. DisableRule by user mallory at "
	if detail := message.Detail(w.reported[0]); len(detail) < len(want) || detail[:len(want)] != want {
		t.Error(detail)
	}
}
