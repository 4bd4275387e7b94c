package simulate

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"sync"
	"time"

	"trailkeeper/lambda/internal/localcloud"
	"trailkeeper/lambda/internal/notify"
)

// shown is one line of a timeline: when, who or what, and what about it.
type shown struct {
	at        time.Duration
	who, what string
	more      string // what to say of a line that stands for several
}

// show renders one entry for people; it reports false for what needs no line.
func show(e localcloud.Entry) (shown, bool) {
	switch e.Kind {
	case localcloud.KindCall:
		return callShown(e), true
	case localcloud.KindNote:
		return shown{who: firstLine(e.Who), what: firstLine(e.Text)}, true
	case localcloud.KindMatched:
		if e.Subject == "" {
			return shown{who: "EventBridge", what: "no rule matches " + firstLine(e.Op)}, true
		}
		return shown{who: "EventBridge", what: "rule " + e.Subject + " matches " + firstLine(e.Op)}, true
	case localcloud.KindFired:
		return shown{who: "Scheduler", what: answered("the schedule "+e.Subject+" fires", e.Err)}, true
	case localcloud.KindSlack:
		return shown{who: "Slack (" + path(e.Via) + ")", what: answered(e.Text, e.Err)}, true
	case localcloud.KindSNS:
		return shown{who: "SNS (" + path(e.Via) + ")", what: answered(firstOf(e.Subject, e.Text), e.Err)}, true
	case localcloud.KindInvoked:
		return shown{who: "Lambda", what: e.Text + " of the guard failed: " + notify.Bound(firstLine(e.Err), longestError)}, e.Err != ""
	case localcloud.KindParked:
		return shown{who: "queue", what: e.Subject + " keeps " + kept(e)}, true
	case localcloud.KindLost:
		return shown{who: "LOST", what: e.Subject + ": " + firstLine(e.Err)}, true
	case localcloud.KindAlarm:
		return shown{who: "alarm", what: e.Subject + " is " + e.Text}, true
	}
	return shown{}, false
}

func callShown(e localcloud.Entry) shown {
	s := shown{who: firstLine(e.Who), what: e.Op}
	if e.Function {
		s.who = "guard"
	}
	if name := trailOf(e.Subject); name != "" {
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

// path says who sent a message: an EventBridge rule, the guard, or an alarm.
func path(via string) string {
	switch via {
	case localcloud.ViaDestination, "EventBridge":
		return "rule"
	case localcloud.ViaFunction:
		return "guard"
	default:
		return via
	}
}

// kept says what a queue got, and why.
func kept(e localcloud.Entry) string {
	switch {
	case e.Via != localcloud.ViaFunction:
		return "the event for " + e.Via + " " + e.Text + ": " + firstLine(e.Err)
	case e.Err != "":
		return "the event " + e.Text
	}
	var message struct{ Channel string }
	if json.Unmarshal([]byte(e.Text), &message) == nil && message.Channel != "" {
		return "the message for " + notify.ChannelName(message.Channel)
	}
	return "what the guard could not handle"
}

func answered(text, err string) string {
	if err != "" {
		return "refused, " + firstLine(err)
	}
	return firstLine(text)
}

func firstOf(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

// lines renders a timeline. What repeats itself, a line or several in turn, is shown once with how often.
func lines(r Result) []shown {
	var all []shown
	for i := 0; i < len(r.Timeline); {
		s, size, ok := readings(r.Timeline[i:])
		if !ok {
			s, ok = show(r.Timeline[i])
		}
		if ok {
			s.at = r.Timeline[i].At.Sub(r.Start)
			all = append(all, s)
		}
		i += size
	}
	var out []shown
	for i := 0; i < len(all); {
		size, times := repeats(all[i:])
		block := append([]shown{}, all[i:i+size]...)
		if end := i + size*times; times > 1 {
			last := &block[size-1]
			last.more = fmt.Sprintf(" (%s%d times, until %s)", theLines(size), times, offset(all[end-1].at))
		}
		out = append(out, block...)
		i += size * times
	}
	return out
}

// readings puts the function's reads of one trail into one line, where there are several kinds in a row: a trail is read with up to six calls.
func readings(entries []localcloud.Entry) (s shown, size int, ok bool) {
	var of, status string
	calls := map[string]bool{}
	for _, e := range entries {
		name := trailOf(e.Subject)
		if e.Kind != localcloud.KindCall || !e.Function || e.Write || e.Err != "" || name != "" && of != "" && name != of {
			break
		}
		size++
		calls[e.Op] = true
		of, status = firstOf(of, name), firstOf(e.Text, status)
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

// theLines names the lines that repeat themselves.
func theLines(size int) string {
	switch size {
	case 1:
		return ""
	case 2:
		return "both "
	}
	return fmt.Sprintf("these %d lines ", size)
}

// longestError bounds what a timeline shows of an error.
const longestError = 120

// longestBlock is how many lines in turn may repeat themselves.
const longestBlock = 12

// repeats finds how often the first lines follow themselves, and how many they are.
func repeats(list []shown) (size, times int) {
	for size := 1; size <= longestBlock; size++ {
		times := 1
		for (times+1)*size <= len(list) && same(list[:size], list[times*size:(times+1)*size]) {
			times++
		}
		if times > 1 {
			return size, times
		}
	}
	return 1, 1
}

func same(a, b []shown) bool {
	for i := range a {
		if a[i].who != b[i].who || withoutTimes(a[i].what) != withoutTimes(b[i].what) {
			return false
		}
	}
	return true
}

// times are durations in a message, which differ from one time to the next: "in 812 ms", "3.2 s after the event".
var times = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`[0-9.]+ (ms|s|min)\b`) })

func withoutTimes(s string) string { return times().ReplaceAllString(s, "") }

// offset says how long after the start something happened.
func offset(d time.Duration) string {
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
	lineWidth   = 100
	offsetWidth = 12
	whoWidth    = 13
)

// write renders the line, wrapped under its own text.
func (s shown) write(b *strings.Builder) {
	head := fmt.Sprintf("%*s  %-*s  ", offsetWidth, offset(s.at), whoWidth, s.who)
	writeWrapped(b, head, strings.Fields(s.what+s.more))
}
