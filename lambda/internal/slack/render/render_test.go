package render

import (
	"bytes"
	"encoding/json"
	"flag"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf16"

	"trailkeeper/lambda/internal/finding"
	"trailkeeper/lambda/internal/finding/findingtest"
	"trailkeeper/lambda/internal/goldentest"
)

var update = flag.Bool("update", false, "write the golden files")

func TestRenderGolden(t *testing.T) {
	for _, s := range findingtest.Samples() {
		body, err := Message(s.Notification).Encode("C0123456789")
		if err != nil {
			t.Fatalf("%s: %v", s.Name, err)
		}
		check(t, s.Name, body)
		goldentest.Compare(t, "testdata/"+s.Name+".json", indent(t, body), *update)
	}
}

func TestRenderForWebhookHasNoChannel(t *testing.T) {
	body, err := Message(findingtest.Stopped()).Encode("")
	if err != nil || bytes.Contains(body, []byte(`"channel"`)) {
		t.Errorf("render = %s, %v; want no channel", body, err)
	}
}

func TestRenderHidesSecretsAndShortensTheRequestFirst(t *testing.T) {
	n := findingtest.Stopped()
	n.Request = json.RawMessage(`{"name":"x","password":"hunter2","long":"` + strings.Repeat("<", 20_000) + `"}`)
	body, err := Message(n).Encode("")
	if err != nil {
		t.Fatal(err)
	}
	check(t, "long request", body)
	if strings.Contains(string(body), "hunter2") {
		t.Error("the message shows a password")
	}
	for _, want := range []string{n.UserAgent, n.ActorARN, n.Subject.ARN, n.EventID} {
		if !strings.Contains(string(body), want) {
			t.Errorf("the message lost %q to a long request", want)
		}
	}
}

// TestHeaders: the icon is the state, whatever the severity.
func TestHeaders(t *testing.T) {
	with := func(o finding.Outcome, s finding.Severity) finding.Finding {
		n := findingtest.Stopped()
		n.Outcome, n.Severity, n.AfterCall, n.SinceEvent = o, s, 0, 0
		return n
	}
	for _, c := range []struct {
		n    finding.Finding
		want string
	}{
		{with(finding.OutcomeTest, finding.SeverityLow), "🧪 "},
		{with(finding.OutcomeRepeated, finding.SeverityCritical), "🔁 "},
		{with(finding.OutcomeRestored, finding.SeverityCritical), "✅ "},
		{with(finding.OutcomeRestored, ""), "✅ "},
		{with(finding.OutcomeRetrying, finding.SeverityLow), "🔴 "},
	} {
		body, err := Message(c.n).Encode("C1")
		if err != nil {
			t.Fatal(err)
		}
		var m struct {
			Text   string
			Blocks []struct{ Text struct{ Text string } }
		}
		if err := json.Unmarshal(body, &m); err != nil || !strings.HasPrefix(m.Blocks[0].Text.Text, c.want) {
			t.Errorf("%s: header %q, want %q first; %v", c.n.Outcome, m.Blocks[0].Text.Text, c.want, err)
		}
		test := c.n.Outcome == finding.OutcomeTest
		if strings.Contains(m.Text, "TEST") != test || strings.Count(m.Blocks[0].Text.Text, "TEST") > 1 ||
			strings.Contains(m.Blocks[0].Text.Text, "TEST") != test {
			t.Errorf("%s: header %q, text %q", c.n.Outcome, m.Blocks[0].Text.Text, m.Text)
		}
	}
}

func TestParentOfHostileIncident(t *testing.T) {
	h := findingtest.Hostile()
	g := finding.EventSummary{
		EventID:   h.EventID,
		EventName: h.UserAgent,
		Time:      h.EventTime,
		Actor:     h.Actor,
		SourceIP:  h.SourceIP,
		Headline:  h.UserAgent,
	}
	for _, state := range []finding.IncidentState{
		finding.IncidentOpen, finding.IncidentHuman, finding.IncidentRestored, finding.IncidentState(h.Actor),
	} {
		h.Incident = &finding.Incident{
			ID:    h.UserAgent,
			State: state,
			Count: 12345,
			First: g,
			Last:  g,
		}
		h.Incident.Last.Headline = h.Actor
		body, err := Incident(h, "1.2").Encode("C1")
		if err != nil {
			t.Fatal(err)
		}
		check(t, "hostile incident", body)
	}
	body, err := Message(h).Encode("C1")
	if err != nil {
		t.Fatal(err)
	}
	check(t, "message of a hostile incident", body)
}

func FuzzRender(f *testing.F) {
	h := findingtest.Hostile()
	f.Add(
		"StopLogging",
		"restored",
		"critical",
		"trail",
		h.Actor,
		h.UserAgent,
		h.ErrorMessage,
		[]byte(h.Request),
		int64(812),
	)
	f.Add("", "", "", "", "", "", "", []byte(nil), int64(0))
	f.Add(
		"AddTags",
		"undelivered",
		"x",
		"😀",
		"`",
		strings.Repeat("&", 3100),
		strings.Repeat("😀", 3100),
		[]byte(`{"a":"`+strings.Repeat("\\\"", 1600)+`"}`),
		int64(-1),
	)
	f.Fuzz(func(t *testing.T, event, outcome, severity, trail, actor, agent, message string, request []byte, ms int64) {
		n := finding.Finding{
			EventID:   agent,
			EventName: event,
			Outcome:   finding.Outcome(outcome),
			Severity:  finding.Severity(severity),
			Subject: finding.Subject{
				Name:      trail,
				ARN:       trail,
				Account:   trail,
				Region:    event,
				Partition: "aws",
			},
			Actor:        actor,
			ActorARN:     actor,
			UserAgent:    agent,
			SourceIP:     agent,
			ErrorCode:    message,
			ErrorMessage: message,
			Notes:        []finding.Note{finding.Say(finding.NoteText, message)},
			Next:         []finding.Note{finding.Say(finding.NoteText, actor)},
			Request:      request,
			AfterCall:    time.Duration(ms),
			EventTime:    time.Unix(ms, 0),
			Stack:        agent,
			Channel:      event,
			Reason:       message,
		}
		g := finding.EventSummary{
			EventID:   agent,
			EventName: event,
			Time:      n.EventTime,
			Actor:     actor,
			SourceIP:  agent,
			Headline:  message,
		}
		n.Incident = &finding.Incident{
			ID:     trail,
			State:  finding.IncidentState(outcome),
			Opened: time.Unix(ms, 0),
			Count:  int(ms),
			First:  g,
			Last:   g,
		}
		for what, d := range map[string]Draft{"fuzzed": Message(n), "fuzzed parent": Incident(n, "1.2")} {
			body, err := d.Encode("C1")
			if err != nil {
				t.Fatalf("render: %v", err)
			}
			check(t, what, body)
		}
		text := plainLines(n, "invalid_blocks")
		if length := len(utf16.Encode([]rune(text))); length == 0 || length > maxPlain {
			t.Errorf("plain text of %d characters", length)
		}
		noMention(t, "plain", text)
	})
}

// check holds a message against Slack's limits, and looks for anything that could call people.
func check(t *testing.T, what string, body []byte) {
	t.Helper()
	if len(body) > maxMessage {
		t.Errorf("%s: message has %d bytes, want at most %d", what, len(body), maxMessage)
	}
	type text struct {
		Type, Text string
		Emoji      *bool
		Verbatim   bool
	}
	var m struct {
		Text   string
		Blocks []struct {
			Type     string
			Text     *text
			Fields   []text
			Elements []text
		}
	}
	if err := json.Unmarshal(body, &m); err != nil {
		t.Fatalf("%s: %v in %s", what, err, body)
	}
	one := func(x text, limit int) {
		if n := len(utf16.Encode([]rune(x.Text))); n == 0 || n > limit {
			t.Errorf("%s: a text of %d characters, want 1 to %d: %q", what, n, limit, x.Text)
		}
		switch {
		case x.Type == "plain_text" && (x.Emoji == nil || *x.Emoji || strings.ContainsAny(x.Text, "<>")):
			t.Errorf("%s: plain text can be more than text: %q", what, x.Text)
		case x.Type == "mrkdwn":
			if !x.Verbatim {
				t.Errorf("%s: not verbatim: %q", what, x.Text)
			}
			noMention(t, what, x.Text)
		}
	}
	if len(m.Blocks) == 0 || len(m.Blocks) > maxBlocks {
		t.Errorf("%s: %d blocks", what, len(m.Blocks))
	}
	if m.Text == "" {
		t.Errorf("%s: no fallback text", what)
	}
	noMention(t, what, m.Text)
	for _, b := range m.Blocks {
		if b.Text != nil {
			one(*b.Text, map[string]int{"header": maxHeader, "section": maxSection}[b.Type])
		}
		if len(b.Fields) > maxFields || len(b.Elements) > maxContext {
			t.Errorf("%s: %d fields, %d elements", what, len(b.Fields), len(b.Elements))
		}
		for _, f := range b.Fields {
			one(f, maxField)
		}
		for _, e := range b.Elements {
			one(e, maxSection)
		}
		if b.Type == "section" && b.Text == nil && len(b.Fields) == 0 {
			t.Errorf("%s: an empty section", what)
		}
	}
}

// ofRules are the links that the samples' rules have.
var ofRules = []string{
	"https://rule.example/guide|Runbook of the rule",
	"https://reference.example/page|Reference: reference.example",
	"https://wiki.example.com/root|Runbook of the rule",
	"https://attack.mitre.org/techniques/T1562/008|ATT&amp;CK T1562.008",
	"https://attack.mitre.org/techniques/T1078/004|ATT&amp;CK T1078.004",
	"https://attack.mitre.org/techniques/T1110|ATT&amp;CK T1110",
	"https://docs.aws.amazon.com/IAM/latest/UserGuide/root-user-best-practices.html|Reference: docs.aws.amazon.com",
}

// noMention accepts only the links to the console, to the runbook and of rules as Slack markup.
func noMention(t *testing.T, what, text string) {
	t.Helper()
	for _, after := range strings.Split(text, "<")[1:] {
		link, _, ok := strings.Cut(after, ">")
		runbook := strings.HasPrefix(link, findingtest.Full().Runbook+"#runbook-") && strings.HasSuffix(link, "|Runbook")
		console := strings.HasPrefix(link, "https://") && strings.Contains(link, ".console.a")
		rule := slices.Contains(ofRules, link)
		if !ok || !console && !runbook && !rule && !localTime.MatchString(link) || strings.Count(link, "|") != 1 {
			t.Errorf("%s: markup %q in %q", what, link, text)
		}
	}
}

// localTime is what shows a time of ours in the reader's zone.
var localTime = regexp.MustCompile(
	`^!date\^[0-9]+\^\{date_short_pretty\}, \{time_secs\} local\|[0-9-]{10} [0-9:]{8} UTC$`,
)

func indent(t *testing.T, body []byte) string {
	t.Helper()
	var b bytes.Buffer
	if err := json.Indent(&b, body, "", "  "); err != nil {
		t.Fatal(err)
	}
	return b.String() + "\n"
}

func TestEscape(t *testing.T) {
	for _, c := range []struct {
		in    string
		limit int
		want  string
	}{
		{"a & <b>", 100, "a &amp; &lt;b&gt;"},
		{"<<<<", 9, "&lt;&lt;…"},
		{"<<<<", 8, "&lt;…"}, // never half an entity
		{"😀😀", 4, "😀😀"},
		{"😀😀😀", 4, "😀…"}, // two units each
		{"abc", 3, "abc"},
		{"abcd", 3, "ab…"},
		{"abc", 0, ""},
	} {
		if got := escape(c.in, c.limit); got != c.want {
			t.Errorf("escape(%q, %d) = %q, want %q", c.in, c.limit, got, c.want)
		}
	}
}
