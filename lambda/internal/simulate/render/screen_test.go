package render

import (
	"flag"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"trailkeeper/lambda/internal/goldentest"
	"trailkeeper/lambda/internal/localcloud"
	"trailkeeper/lambda/internal/simulate/result"
)

var update = flag.Bool("update", false, "write the golden files anew")

// shownBy shows results on a screen.
func shownBy(t *testing.T, o Options, interrupted bool, results ...result.Result) string {
	t.Helper()
	var b strings.Builder
	s := NewScreen(&b, o)
	if err := s.Open("An introduction."); err != nil {
		t.Fatal(err)
	}
	for _, r := range results {
		if err := s.Playing(r.Name); err != nil {
			t.Fatal(err)
		}
		if err := s.Show(r); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Close(interrupted, ""); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// played is a result in which a trail was stopped for a while, and Slack took two messages.
func played(name string, dark time.Duration, why string) result.Result {
	at := func(d time.Duration) time.Time { return localcloud.Start.Add(d) }
	slack := func(at time.Time, via, text string) localcloud.Entry {
		return localcloud.Entry{
			Kind: localcloud.KindSlack,
			At:   at,
			Via:  via,
			Text: text,
		}
	}
	changed := slack(at(2), localcloud.ViaFunction, "one, changed")
	refused := slack(at(3), localcloud.ViaFunction, "")
	changed.Update, refused.Err = true, "503"
	return result.Result{
		Name:  name,
		Title: "something happens",
		Group: "A group",
		Start: localcloud.Start,
		End:   at(time.Hour),
		Timeline: result.Timeline{
			slack(at(0), localcloud.ViaFunction, "one"),
			slack(at(1), localcloud.ViaDestination, "two"),
			changed,
			refused,
		},
		Checks: []result.Verdict{{Check: "a check", Why: why}},
		Trail: result.Trail{Phases: []result.Phase{
			{From: at(0), To: at(dark), State: result.Stopped},
			{From: at(dark), To: at(time.Hour), State: result.Recording},
		}},
	}
}

// A terminal shows what is played, in colour; what comes next takes its place.
func TestScreenOfATerminal(t *testing.T) {
	stays := played("stays-off", time.Second, "")
	stays.Trail.Phases = stays.Trail.Phases[:1]
	got := shownBy(
		t,
		Options{
			Width:   72,
			Color:   true,
			Live:    true,
			What:    "scenario",
			Total:   7,
			Command: "trailkeeper simulate",
		},
		false,
		played("a", 2*time.Second, ""),
		played("b", 3*time.Second, ""),
		played("c", 4*time.Second, ""),
		stays,
		played("fails", time.Minute, "it did not hold"),
		result.Result{Name: "left-out", NotPlayed: "this deployment is not set up for it", Group: "Another group"},
	)
	got = strings.NewReplacer("\x1b", "ESC", "\r", "CR").Replace(got)
	goldentest.Compare(t, "testdata/terminal.golden", got, *update)
}

func TestInterruptedScreen(t *testing.T) {
	got := shownBy(t, Options{
		Width:   80,
		What:    "scenario",
		Total:   7,
		Command: "x",
	}, true, played("a", time.Second, ""))
	if want := "\n\nInterrupted: 1 of 7 scenarios played: all checks passed.\n"; !strings.HasSuffix(got, want) ||
		strings.Contains(got, "Try next") {
		t.Errorf("want %q at the end, and nothing to try:\n%s", want, got)
	}
	got = shownBy(t, Options{Width: 80, What: "event"}, true)
	if !strings.HasSuffix(got, "Interrupted: 0 events played: all checks passed.\n") {
		t.Error(got)
	}
}

// Whatever somebody wrote shows nothing but itself, in lines of the terminal's width.
func TestScreenTakesHostileText(t *testing.T) {
	hostile := strings.Repeat("x", 300) + "\x1b[2J\x1b]0;title\x07\r\n\u202egnol"
	r := played(hostile, time.Second, hostile)
	r.Title, r.Assumptions = hostile, []string{hostile}
	for i := range r.Timeline {
		r.Timeline[i].Text = hostile
	}
	skipped := result.Result{Name: hostile, NotPlayed: hostile}
	for _, width := range []int{60, 80, 120} {
		o := Options{Width: width, What: "scenario", Messages: true}
		o.Live = true
		got := shownBy(t, o, false, r, skipped)
		got = strings.ReplaceAll(got, "\r\x1b[K", "\n")
		if strings.ContainsAny(got, "\x1b\x07\r\u202e") {
			t.Errorf("hostile text got through:\n%q", got)
		}
		for line := range strings.Lines(got) {
			n := utf8.RuneCountInString(strings.TrimSuffix(line, "\n"))
			if n > width && !strings.HasPrefix(line, quoted) { // a message is shown whole
				t.Errorf("%d columns of %d: %s", n, width, line)
			}
		}
	}
}

func TestSlackLines(t *testing.T) {
	for name, tt := range map[string]struct{ payload, want string }{
		"text":       {`{"text":":red_circle: *Stop* of ` + "`a`" + ` &lt;b&gt;"}`, "🔴 Stop of a <b>"},
		"no payload": {"{", "the text"},
		"nothing":    {"{}", "the text"},
		"blocks": {
			`{"text":"t","blocks":[
			{"type":"header","text":{"type":"plain_text","text":"*Head*"}},
			{"type":"section","text":{"type":"mrkdwn","text":"*Do*\n<https://x.example/|this> now"}},
			{"type":"section","fields":[
				{"type":"mrkdwn","text":"*Who*\nmallory\narn"},
				{"type":"mrkdwn","text":"*Time*\n9:15\n<!date^1^{time}|9:15>"}
			]},
			{"type":"section","text":{"type":"mrkdwn","text":"` + "```\\n{\\n  \\\"a\\\": 1\\n}\\n```" + `"}},
			{"type":"context","elements":[{"type":"plain_text","text":"end"}]}]}`,
			"*Head*||Do|this now||Who: mallory · arn|Time: 9:15||  {|    \"a\": 1|  }|end",
		},
	} {
		t.Run(name, func(t *testing.T) {
			if got := strings.Join(slackLines(Slack(localcloud.Entry{Raw: tt.payload, Text: "the text"})), "|"); got != tt.want {
				t.Errorf("got  %q\nwant %q", got, tt.want)
			}
		})
	}
}

func FuzzSlackLines(f *testing.F) {
	f.Add(`{"text":"*a* <b|c>"}`, "t")
	f.Add(`{"blocks":[{"type":"section","fields":[{"text":"*x*"}]}]}`, "")
	f.Fuzz(func(t *testing.T, payload, text string) {
		for _, line := range slackLines(Slack(localcloud.Entry{Raw: payload, Text: text})) {
			if strings.Contains(line, "\n") {
				t.Errorf("%q is more than a line", line)
			}
		}
	})
}
