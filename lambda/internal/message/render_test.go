package message_test

import (
	"flag"
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"trailkeeper/lambda/internal/finding"
	"trailkeeper/lambda/internal/finding/findingtest"
	"trailkeeper/lambda/internal/goldentest"
	"trailkeeper/lambda/internal/message"
)

var update = flag.Bool("update", false, "write the golden files")

// TestHeadlines shows every icon, title, summary, status and step on one page.
func TestHeadlines(t *testing.T) {
	var b strings.Builder
	for _, s := range findingtest.Samples() {
		n := s.Notification
		what, now := message.Summary(n)
		m := message.Of(n)
		fmt.Fprintf(
			&b,
			"%s\n  %s %s\n  summary   %s%s\n  status    %s\n",
			s.Name,
			m.State.Icon(),
			m.Title,
			what,
			now,
			m.Status,
		)
		for _, step := range m.Steps {
			fmt.Fprintf(&b, "  to do     %.200s\n", step.Text)
			if step.Command != "" {
				fmt.Fprintf(&b, "            $ %s\n", step.Command)
			}
		}
		if len(m.Steps) == 0 && n.Outcome != "" {
			t.Errorf("%s: does not say what to do", s.Name)
		}
		if got := utf8.RuneCountInString(message.Headline(n)); got > 147 || got == 0 {
			t.Errorf("%s: headline has %d runes", s.Name, got)
		}
	}
	goldentest.Compare(t, "testdata/headlines.txt", b.String(), *update)
}

// TestHeadlineEveryPair checks that no outcome of no call claims what the outcome denies.
func TestHeadlineEveryPair(t *testing.T) {
	outcomes := []finding.Outcome{
		finding.OutcomeRestored,
		finding.OutcomeAccepted,
		finding.OutcomeAlreadyLogging,
		finding.OutcomeAttempt,
		finding.OutcomeNotified,
		finding.OutcomeRetrying,
		finding.OutcomeCannotRestore,
		finding.OutcomeGaveUp,
		finding.OutcomeNotOurs,
	}
	var b strings.Builder
	for _, call := range []string{
		"StopLogging", "DeleteTrail", "UpdateTrail", "PutEventSelectors", "PutInsightSelectors", "StartLogging",
		"CreateTrail", "AddTags",
		"RemoveTags", "",
	} {
		for _, o := range outcomes {
			n := findingtest.Stopped()
			n.EventName, n.Outcome = call, o
			n.Notes = []finding.Note{finding.Say(finding.NoteText, "The reason.")}
			h := message.Headline(n)
			fmt.Fprintf(&b, "%-20s %-16s %s\n", call, o, h)
			if got := strings.Contains(h, "and restored"); got != (o == finding.OutcomeRestored) {
				t.Errorf("%s, %s: headline %q claims a restore: %v", call, o, h, got)
			}
			if o == finding.OutcomeAttempt && !strings.HasPrefix(h, "Refused: ") {
				t.Errorf("%s: headline of a refused call is %q", call, h)
			}
		}
	}
	goldentest.Compare(t, "testdata/pairs.txt", b.String(), *update)
}

func TestHeadlineKeepsTheOutcome(t *testing.T) {
	n := findingtest.Stopped()
	n.Subject.Name = strings.Repeat("x", 128)
	if h := message.Headline(n); !strings.HasSuffix(h, "and restored 34 s after the event") {
		t.Errorf("a long name hides what became of it: %q", h)
	}
}

func TestLinks(t *testing.T) {
	stopped := findingtest.Stopped()
	for _, c := range []struct {
		why          string
		change       func(*finding.Finding)
		trail, event string
	}{
		{
			"commercial", func(*finding.Finding) {},
			"https://eu-west-1.console.aws.amazon.com/cloudtrail/home?region=eu-west-1#/trails/" +
				"arn:aws:cloudtrail:eu-west-1:111122223333:trail/management-events",
			"https://eu-west-1.console.aws.amazon.com/cloudtrail/home?region=eu-west-1#/events?EventId=" + stopped.EventID,
		},
		{
			"GovCloud", func(n *finding.Finding) {
				n.Partition = "aws-us-gov"
				n.Region = "us-gov-east-1"
				n.Subject.ARN = "arn:aws-us-gov:cloudtrail:us-gov-west-1:111122223333:trail/main"
			},
			"https://us-gov-west-1.console.amazonaws-us-gov.com/cloudtrail/home?region=us-gov-west-1#/trails/" +
				"arn:aws-us-gov:cloudtrail:us-gov-west-1:111122223333:trail/main",
			"https://us-gov-east-1.console.amazonaws-us-gov.com/cloudtrail/home?region=us-gov-east-1#/events?EventId=" +
				stopped.EventID,
		},
		{"China", func(n *finding.Finding) {
			n.Partition, n.Region, n.Subject.ARN, n.EventID = "aws-cn", "cn-north-1", "", "id"
		}, "", "https://cn-north-1.console.amazonaws.cn/cloudtrail/home?region=cn-north-1#/events?EventId=id"},
		{"unknown partition", func(n *finding.Finding) {
			n.Partition, n.Subject.ARN = "aws-iso", "arn:aws-iso:cloudtrail:us-iso-east-1:111122223333:trail/main"
		}, "", ""},
		{"hostile Region", func(n *finding.Finding) {
			n.Region, n.Subject.ARN = "evil.example/x", "arn:aws:cloudtrail:evil.example/#:111122223333:trail/main"
		}, "", ""},
		{
			"hostile values", func(n *finding.Finding) {
				n.EventID, n.Subject.ARN = "a|b> &c", "arn:aws:cloudtrail:eu-west-1:111122223333:trail/t|x>/../y z"
			}, "",
			"https://eu-west-1.console.aws.amazon.com/cloudtrail/home?region=eu-west-1#/events?EventId=a%7Cb%3E+%26c",
		},
		{"not a trail", func(n *finding.Finding) {
			n.Subject.ARN, n.EventID = "arn:aws:cloudtrail:eu-west-1:111122223333:eventdatastore/x", ""
		}, "", ""},
		{"far too long", func(n *finding.Finding) {
			n.Subject.ARN = "arn:aws:cloudtrail:eu-west-1:111122223333:trail/" + strings.Repeat("x", 900)
			n.EventID = strings.Repeat("y", 900)
		}, "", ""},
	} {
		n := findingtest.Stopped()
		c.change(&n)
		if got := message.TrailLink(n); got != c.trail {
			t.Errorf("%s: trail link\n got %s\nwant %s", c.why, got, c.trail)
		}
		if got := message.EventLink(n); got != c.event {
			t.Errorf("%s: event link\n got %s\nwant %s", c.why, got, c.event)
		}
	}
}
