package faults

import (
	"encoding/json"
	"maps"
	"regexp"
	"slices"
	"strings"
	"sync"

	"trailkeeper/lambda/internal/finding"
	"trailkeeper/lambda/internal/localcloud"
	"trailkeeper/lambda/internal/report"
	"trailkeeper/lambda/internal/simulate/stage"
)

// faultMessage is one message of the guard about the attack, as a channel showed it or as it waits in the failure
// queue.
type faultMessage struct {
	channel  string
	says     finding.Outcome // what became of the event; the ways in which all is well count as one
	incident string          // its ID; empty: the table did not say
}

type faultMessages []faultMessage

// faultTold is what was told of one event, and what waits to be told.
type faultTold struct {
	shown   faultMessages
	waiting faultMessages
	event   bool // the event itself is in a queue
	// byDestination is how often path 1 told it, and destinationWaits that the event is in path 1's dead letters.
	byDestination    int
	destinationWaits bool
}

// faultWords are the words by which people tell in a headline what became of an event, in the order in which they are
// looked for.
var faultWords = []struct {
	words string
	says  finding.Outcome
}{
	{"delivery failed", finding.OutcomeUndelivered},
	{"is not restored after the last retry", finding.OutcomeGaveUp},
	{"weakening changes to", finding.OutcomePartlyRestored},
	{"is not restored", finding.OutcomeCannotRestore},
	{"retry pending", finding.OutcomeRetrying},
	{"accepted, verification pending", finding.OutcomeAccepted},
	{"and restored", finding.OutcomeRestored},
	{"already logging again", finding.OutcomeRestored},
	{"no weakening drift", finding.OutcomeRestored},
	{"already restored with the previous change", finding.OutcomeRestored},
}

// well takes the ways in which all is well for one.
func well(o finding.Outcome) finding.Outcome {
	if o == finding.OutcomeAlreadyLogging || o == finding.OutcomeNoDrift {
		return finding.OutcomeRestored
	}
	return o
}

var incidentID = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`inc-[0-9a-f]{16}`) })

// faultToldOf gathers what was told of the event.
func faultToldOf(cloud *localcloud.Cloud, eventID string) faultTold {
	var told faultTold
	for _, e := range cloud.Entries() {
		switch {
		case e.Err != "" || e.Update:
		case e.Kind == localcloud.KindSlack && e.Via == localcloud.ViaDestination && e.EventID == eventID:
			told.byDestination++
		case e.Via != localcloud.ViaFunction:
		case e.Kind == localcloud.KindSlack && strings.Contains(e.Raw, "· event "+eventID):
			told.show(faultMessage{finding.ChannelSlack, saysOf(e.Text), incidentID().FindString(e.Raw)})
		case e.Kind == localcloud.KindSNS && strings.Contains(e.Raw, eventID) && stage.DocumentOf(e.Raw).EventID == eventID:
			told.show(
				faultMessage{finding.ChannelSNS, well(finding.Outcome(e.Attributes["outcome"])), incidentID().FindString(e.Raw)},
			)
		}
	}
	for id, messages := range cloud.Queued() {
		for _, m := range messages {
			told.wait(id, m.Body, eventID)
		}
	}
	return told
}

func (t *faultTold) show(m faultMessage) {
	if m.says != finding.OutcomeUndelivered {
		t.shown = append(t.shown, m)
	}
}

// wait takes what a queue holds.
func (t *faultTold) wait(queue, body, eventID string) {
	if !strings.Contains(body, eventID) {
		return
	}
	var p report.Parked
	err := json.Unmarshal([]byte(body), &p)
	switch {
	case err == nil && p.Channel != "":
		incident := ""
		if p.Notification.Incident != nil {
			incident = p.Notification.Incident.ID
		}
		t.waiting = append(t.waiting, faultMessage{p.Channel, well(p.Notification.Outcome), incident})
	case queue == "SlackDeadLetters":
		t.destinationWaits = true
	default:
		t.event = true
	}
}

// saysOf reads a headline as people do.
func saysOf(headline string) finding.Outcome {
	for _, w := range faultWords {
		if strings.Contains(headline, w.words) {
			return w.says
		}
	}
	return finding.Outcome(headline)
}

// outcomes are those that either channel was told, or waits to be told.
func (t faultTold) outcomes() []finding.Outcome {
	all := map[finding.Outcome]bool{}
	for _, m := range slices.Concat(t.shown, t.waiting) {
		all[m.says] = true
	}
	return slices.Sorted(maps.Keys(all))
}

// of are those on a channel that say what became of the event.
func (m faultMessages) of(channel string, says finding.Outcome) faultMessages {
	var found faultMessages
	for _, one := range m {
		if one.channel == channel && one.says == says {
			found = append(found, one)
		}
	}
	return found
}
