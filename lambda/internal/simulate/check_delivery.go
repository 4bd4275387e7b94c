package simulate

import (
	"fmt"
	"slices"
	"strings"

	"trailkeeper/lambda/internal/localcloud"
)

// attacks are the calls of the attacker that have an event.
func (r *Result) attacks() []localcloud.Entry {
	return r.where(func(e localcloud.Entry) bool {
		return e.Kind == localcloud.KindCall && !e.Function && e.EventID != ""
	})
}

// accepted are the messages of the guard that a channel took, without the updates of earlier ones.
func (r *Result) accepted(kind localcloud.Kind) []localcloud.Entry {
	return r.where(func(e localcloud.Entry) bool {
		return e.Kind == kind && e.Via == localcloud.ViaFunction && e.Err == "" && !e.Update
	})
}

// arrived wants each channel to have a message of the guard about every event, late or not.
func arrived() []check {
	return checks(
		where(needsSecret, CheckArrived, arrivedOn(localcloud.KindSlack)),
		where(needsTopic, CheckArrived, arrivedOn(localcloud.KindSNS)),
	)
}

func arrivedOn(kind localcloud.Kind) func(*Result) string {
	return func(r *Result) string {
		taken := r.accepted(kind)
		for _, attack := range r.attacks() {
			if !slices.ContainsFunc(taken, func(e localcloud.Entry) bool { return about(e, attack.EventID) }) {
				return string(kind) + " shows no message about " + attack.Op + " (event " + attack.EventID + ")"
			}
		}
		return ""
	}
}

// notTwice wants no channel to show the same message about the same event twice.
func notTwice() []check {
	return one(CheckNotTwice, func(r *Result) string { return r.shownAtMost(1) })
}

// oneRepeat is notTwice where the far end takes a message and its answer is lost.
func oneRepeat() []check {
	return one(CheckOneRepeat, func(r *Result) string { return r.shownAtMost(2) })
}

func (r *Result) shownAtMost(most int) string {
	for _, kind := range []localcloud.Kind{localcloud.KindSlack, localcloud.KindSNS} {
		shown := map[string]int{}
		for _, e := range r.accepted(kind) {
			said, id := firstOf(e.Subject, e.Text), messageID(e)
			if shown[id+said]++; id != "" && shown[id+said] > most {
				return fmt.Sprintf("%s shows %d times: %s", kind, shown[id+said], said)
			}
		}
	}
	return ""
}

// messageID is the ID of the event or finding that a message of the guard is about.
func messageID(e localcloud.Entry) string {
	text := e.Raw
	marks := []string{"· event ", "· finding "}
	if e.Kind == localcloud.KindSNS {
		text, marks = strings.ReplaceAll(e.Raw, `\`, ""), []string{`"event_id":"`}
	}
	for _, mark := range marks {
		if _, rest, ok := strings.Cut(text, mark); ok {
			id, _, _ := strings.Cut(rest, `"`)
			return id
		}
	}
	return ""
}

// guardParked wants the failure queue to have what the guard could not deliver, and an alarm on every queue that holds
// something.
func guardParked() []check {
	return one(CheckParked, func(r *Result) string {
		if !r.parkedBy(localcloud.ViaFunction) {
			return "no queue holds what the guard could not deliver"
		}
		return r.alarmForEveryQueue()
	})
}

// lateWord is what every message says that comes out of a queue.
const lateWord = "This message is late"

// oldestFirst wants the messages that came late to come in the order of what they are about.
func oldestFirst() []check {
	judge := func(kind localcloud.Kind) func(*Result) string {
		return func(r *Result) string {
			var late []int
			attacks := r.attacks()
			for _, e := range r.accepted(kind) {
				if !strings.Contains(e.Raw, lateWord) {
					continue
				}
				if i := slices.IndexFunc(attacks, func(a localcloud.Entry) bool { return about(e, a.EventID) }); i >= 0 {
					late = append(late, i)
				}
			}
			switch {
			case len(late) < 2:
				return fmt.Sprintf("%d messages came late", len(late))
			case !slices.IsSorted(late):
				return "a younger message came before an older one"
			}
			return ""
		}
	}
	return where(needsSecret, CheckOldestFirst, judge(localcloud.KindSlack))
}

// emptied wants no queue to hold anything at the end.
func emptied() []check {
	return one(CheckEmptied, func(r *Result) string {
		for queue, messages := range r.cloud.Queued() {
			if len(messages) > 0 {
				return fmt.Sprintf("%s holds %d messages", queue, len(messages))
			}
		}
		return ""
	})
}
