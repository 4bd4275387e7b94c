package render

import (
	"cmp"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"trailkeeper/lambda/internal/localcloud"
	"trailkeeper/lambda/internal/message"
	"trailkeeper/lambda/internal/sanitize"
	"trailkeeper/lambda/internal/simulate/result"
)

// shown is one line of a timeline: when, who or what, and what about it.
type shown struct {
	at        time.Duration
	who, what string
	opens     bool   // something begins with it, which the lines behind it come of
	times     int    // how often it is to be read in a row; 0: once
	more      string // what to say of a line that stands for several
}

// show renders one entry for people; it reports false for what needs no line.
func show(e localcloud.Entry) (shown, bool) {
	switch e.Kind {
	case localcloud.KindCall:
		return callShown(e), true
	case localcloud.KindNote:
		who := firstLine(e.Who)
		if e.Function {
			who = functionOf(e)
		}
		return shown{who: who, what: firstLine(e.Text)}, true
	case localcloud.KindMatched:
		if e.Subject == "" {
			return shown{who: "EventBridge", what: "no rule matches " + firstLine(e.Op)}, true
		}
		return shown{who: "EventBridge", what: "rule " + e.Subject + " matches " + firstLine(e.Op)}, true
	case localcloud.KindFired:
		return shown{who: "Scheduler", what: answered("the schedule "+e.Subject+" fires", e.Err)}, true
	case localcloud.KindSlack:
		return shown{who: "Slack (" + path(e) + ")", what: inThread(e) + answered(e.Text, e.Err)}, true
	case localcloud.KindSNS:
		return shown{who: "SNS (" + path(e) + ")", what: answered(cmp.Or(e.Subject, e.Text), e.Err)}, true
	case localcloud.KindInvoked:
		return shown{
			who:  "Lambda",
			what: e.Text + " of the function " + e.Subject + " failed: " + sanitize.Bound(firstLine(e.Err), longestError),
		}, e.Err != ""
	case localcloud.KindParked:
		return shown{who: "queue", what: e.Subject + " keeps " + kept(e)}, true
	case localcloud.KindLost:
		return shown{who: "LOST", what: e.Subject + ": " + firstLine(e.Err)}, true
	case localcloud.KindPing:
		return shown{who: "heartbeat", what: answered("the service outside of AWS is pinged", e.Err)}, true
	case localcloud.KindAlarm:
		return shown{who: "alarm", what: e.Subject + " is " + e.Text}, true
	}
	return shown{}, false
}

// Line is an entry as the timeline shows it when it happens, in lines of at most so many characters; false: it needs
// none.
func Line(e localcloud.Entry, start time.Time, width int) (string, bool) {
	s, ok := show(e)
	if !ok {
		return "", false
	}
	s.at = e.At.Sub(start)
	var b strings.Builder
	s.write(&b, width)
	return b.String(), true
}

func callShown(e localcloud.Entry) shown {
	s := shown{who: firstLine(e.Who), what: e.Op}
	if e.Function {
		s.who = functionOf(e)
	}
	if name := result.NameOf(e.Subject); name != "" {
		s.what += " " + name
	}
	switch {
	case e.Err != "":
		s.what += ": refused, " + e.Err
	case e.Text != "":
		s.what += ": " + e.Text
	}
	return s
}

// inThread says where in the channel a message is, if that is not at its end.
func inThread(e localcloud.Entry) string {
	if place := Place(e); place != "" {
		return "[" + place + "] "
	}
	return ""
}

// path says who sent a message: an EventBridge rule, the guard, or an alarm.
func path(e localcloud.Entry) string {
	switch e.Via {
	case localcloud.ViaDestination, localcloud.ViaRule:
		return "rule"
	case localcloud.ViaFunction:
		return functionOf(e)
	default:
		return e.Via
	}
}

// functionOf is the function that sent a message.
func functionOf(e localcloud.Entry) string {
	switch e.Who {
	case result.WatchRole:
		return "watch"
	case result.WardenRole:
		return "warden"
	}
	return "guard"
}

// kept says what a queue got, and why.
func kept(e localcloud.Entry) string {
	switch {
	case e.Via != localcloud.ViaFunction:
		return "the event for " + e.Via + " " + e.Text + ": " + firstLine(e.Err)
	case e.Err != "":
		return "the event " + e.Text
	}
	var kept struct{ Channel string }
	if json.Unmarshal([]byte(e.Text), &kept) == nil && kept.Channel != "" {
		return "the message for " + message.ChannelName(kept.Channel)
	}
	return "what the guard could not handle"
}

func answered(text, err string) string {
	if err != "" {
		return "refused, " + firstLine(err)
	}
	return firstLine(text)
}

// lines renders a timeline. What repeats itself, a line or several in turn, is shown once with how often.
func lines(r result.Result) []shown {
	var all []shown
	for i := 0; i < len(r.Timeline); {
		s, size, ok := readings(r.Timeline[i:])
		if !ok {
			s, ok = show(r.Timeline[i])
		}
		if ok {
			s.at = r.Timeline[i].At.Sub(r.Start)
			s.opens = opens(r.Timeline[i])
			all = append(all, s)
		}
		i += size
	}
	return fold(fold(all, 1, 1), 2, longestBlock)
}

// readings puts the function's reads of one trail into one line, where there are several kinds in a row: a trail is
// read with up to six calls.
func readings(entries []localcloud.Entry) (s shown, size int, ok bool) {
	var of, status string
	calls := map[string]bool{}
	for _, e := range entries {
		name := result.NameOf(e.Subject)
		if e.Kind != localcloud.KindCall || !e.Function || e.Write || e.Err != "" || name != "" && of != "" && name != of {
			break
		}
		size++
		calls[e.Op] = true
		of, status = cmp.Or(of, name), cmp.Or(e.Text, status)
	}
	if len(calls) < 3 || of == "" {
		return shown{}, 1, false
	}
	s = shown{who: "guard", what: fmt.Sprintf("reads %s with %d calls", of, size)}
	if status != "" {
		s.what += ": " + status
	}
	return s, size, true
}

// longestError bounds what a timeline shows of an error.
const longestError = 120

// Offset says how long after the start something happened.
func Offset(d time.Duration) string {
	switch {
	case d < time.Minute:
		return fmt.Sprintf("%.2f s", d.Seconds())
	case d < time.Hour:
		return fmt.Sprintf("%d min %02d s", int(d.Minutes()), int(d.Seconds())%60)
	default:
		return fmt.Sprintf("%d h %02d min", int(d.Hours()), int(d.Minutes())%60)
	}
}

const (
	offsetWidth = 12
	whoWidth    = 13
)

// write renders the line, wrapped under its own text.
func (s shown) write(b *strings.Builder, width int) {
	head := fmt.Sprintf("%*s  %-*s  ", offsetWidth, Offset(s.at), whoWidth, s.who)
	writeWrapped(b, width, head, strings.Fields(s.what+s.more))
}
