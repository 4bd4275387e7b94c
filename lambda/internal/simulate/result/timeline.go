package result

import (
	"strings"

	"trailkeeper/lambda/internal/localcloud"
)

// The roles of the watch and the warden, as entries call them.
const (
	WatchRole  = "WatchRole"
	WardenRole = "WardenRole"
)

// Timeline is what happened, in order.
type Timeline []localcloud.Entry

// Where are the entries that are so.
func (t Timeline) Where(is func(localcloud.Entry) bool) Timeline {
	var found Timeline
	for _, e := range t {
		if is(e) {
			found = append(found, e)
		}
	}
	return found
}

// Calls are the function's own.
func (t Timeline) Calls() Timeline {
	return t.Where(func(e localcloud.Entry) bool { return e.Kind == localcloud.KindCall && e.Function })
}

// Writes are the names of the function's writing calls.
func (t Timeline) Writes() []string {
	var made []string
	for _, e := range t.Calls() {
		if e.Write {
			made = append(made, e.Op)
		}
	}
	return made
}

// Attacks are the calls of the attacker that have an event.
func (t Timeline) Attacks() Timeline {
	return t.Where(func(e localcloud.Entry) bool {
		return e.Kind == localcloud.KindCall && !e.Function && e.EventID != ""
	})
}

// OnOthers are the calls of somebody who is no function to other services than CloudTrail, whose records have an ID.
func (t Timeline) OnOthers() Timeline {
	return t.Where(func(e localcloud.Entry) bool {
		return e.Kind == localcloud.KindNote && !e.Function && e.Op != "" && e.EventID != ""
	})
}

// Accepted are the messages of the guard that a channel took, without the updates of earlier ones.
func (t Timeline) Accepted(kind localcloud.Kind) Timeline {
	return t.Where(func(e localcloud.Entry) bool {
		return e.Kind == kind && e.Via == localcloud.ViaFunction && e.Err == "" && !e.Update
	})
}

// Messages are those that a channel took, from whomever, without the updates of earlier ones.
func (t Timeline) Messages(kind localcloud.Kind) Timeline {
	return t.Where(func(e localcloud.Entry) bool { return e.Kind == kind && e.Err == "" && !e.Update })
}

// Alarms are those that went off.
func (t Timeline) Alarms() Timeline {
	return t.Where(func(e localcloud.Entry) bool { return e.Kind == localcloud.KindAlarm && e.Text == "ALARM" })
}

// Outcomes are those that the topic was told of an event, in order.
func (t Timeline) Outcomes(eventID string) []string {
	var told []string
	for _, e := range t {
		o := e.Attributes["outcome"]
		if e.Kind == localcloud.KindSNS && o != "" && o != "undelivered" && About(e, eventID) {
			told = append(told, o)
		}
	}
	return told
}

// About reports whether a message of the guard is about the event, and not merely about an incident that began with it.
func About(e localcloud.Entry, eventID string) bool {
	if e.Kind == localcloud.KindSNS {
		return strings.Contains(Plain(e.Raw), `"event_id":"`+eventID+`"`)
	}
	return !e.Update && strings.Contains(e.Raw, "· event "+eventID)
}

// Plain is a document within a document, without the quoting of its quotes.
func Plain(raw string) string { return strings.ReplaceAll(raw, `\`, "") }
