package sns

import (
	"regexp"
	"strings"
	"testing"

	"trailkeeper/lambda/internal/finding/findingtest"
	"trailkeeper/lambda/internal/message"
)

func TestUnlinked(t *testing.T) {
	const trail = "arn:aws:cloudtrail:eu-west-1:111122223333:trail/org.main"
	for in, want := range map[string]string{
		"see https://evil.example/x.html now":    "see https[:]//evil[.]example/x[.]html now",
		"www.evil.example":                       "www[.]evil[.]example",
		"(evil.example), \"a.b.example\".":       "(evil[.]example), \"a[.]b[.]example\".",
		"1.2.3.4.evil.example":                   "1.2.3.4[.]evil[.]example",
		"evil。example evil．example evil｡example": "evil[.]example evil[.]example evil[.]example",
		"münchen.example bücher。例え":              "münchen[.]example bücher[.]例え",
		"xn--80ak6aa92e.xn--p1ai":                "xn--80ak6aa92e[.]xn--p1ai",
		"alice@evil.example":                     "alice@evil[.]example",
		"s3.amazonaws.com/evil/login.html":       "s3[.]amazonaws[.]com/evil/login[.]html",
		"evil.s3.amazonaws.com":                  "evil[.]s3[.]amazonaws[.]com",
		"cloudtrail.amazonaws.com.evil.example":  "cloudtrail[.]amazonaws[.]com[.]evil[.]example",
		"evil.example/cloudtrail.amazonaws.com":  "evil[.]example/cloudtrail[.]amazonaws[.]com",
		trail + ".evil.example": "arn:aws:cloudtrail:eu-west-1:111122223333:" +
			"trail/org[.]main[.]evil[.]example",
		"evil.example/" + trail: "evil[.]example/arn:aws:cloudtrail:eu-west-1:111122223333:trail/org[.]main",

		// what stays
		"aws-cli/2.15.30 Python/3.11.8 Linux/6.1": "aws-cli/2.15.30 Python/3.11.8 Linux/6.1",
		"role R (through cloudformation.amazonaws.com, with MFA)": "role R (through cloudformation.amazonaws.com, " +
			"with MFA)",
		"config.amazonaws.com.cn 2026-10-01 12:00:00.5 203.0.113.7": "config.amazonaws.com.cn 2026-10-01 12:00:00.5 " +
			"203.0.113.7",
		"Run it: start-logging --name " + trail + ". Then look.": "Run it: start-logging --name " + trail + ". Then look.",
		"{\n  \"name\": \"" + trail + "\"\n}":                    "{\n  \"name\": \"" + trail + "\"\n}",
		"Slack failed; see slack-status.com, or health.aws.amazon.com.": "Slack failed; see slack-status.com, or " +
			"health.aws.amazon.com.",
		"A sentence. Another… .profile": "A sentence. Another… .profile",
		"":                              "",
	} {
		if got := unlinked(in, trail); got != want {
			t.Errorf("unlinked(%q)\n got %q\nwant %q", in, got, want)
		}
	}
	if got := unlinked(trail, ""); got == trail {
		t.Errorf("an ARN that is not ours stays: %q", got)
	}
}

func TestTrailARN(t *testing.T) {
	for arn, want := range map[string]bool{
		"arn:aws:cloudtrail:eu-west-1:111122223333:trail/org.main":         true,
		"arn:aws-us-gov:cloudtrail:us-gov-west-1:111122223333:trail/x_Y-1": true,
		"":             false,
		"evil.example": false,
		"arn:aws:cloudtrail:evil.example:1:trail/x":                  false,
		"arn:aws:cloudtrail:eu-west-1:1:trail/evil.example/x":        false,
		"arn:aws:cloudtrail:eu-west-1:1:trail/www.evil.example":      false,
		"arn:aws:cloudtrail:eu-west-1:1:trail/a b":                   false,
		"arn:aws:cloudtrail:eu-west-1:1:eventdatastore/evil.example": false,
		"arn:aws:s3:::trail/x":                                       false,
	} {
		n := findingtest.Stopped()
		n.Subject.ARN = arn
		if got := message.Of(n).Subject; (got == arn && arn != "") != want {
			t.Errorf("subject of %q = %q", arn, got)
		}
	}
}

// TestNoCallerWrittenLinks puts an address into every field that a caller can write, and looks for one that a program
// would follow.
func TestNoCallerWrittenLinks(t *testing.T) {
	const evil = "go to www.evil.example or https://evil.example/a.html"
	n := findingtest.Hostile()
	for _, s := range []*string{
		&n.EventID,
		&n.Notes[0].Values[0],
		&n.Next[0].Values[0],
		&n.Actor,
		&n.ActorARN,
		&n.Subject.ARN,
		&n.Subject.Name,
		&n.Account,
		&n.AccountName,
		&n.Region,
		&n.SourceIP,
		&n.UserAgent,
		&n.ErrorCode,
		&n.ErrorMessage,
	} {
		*s = evil
	}
	n.EventName = "www.evil.example"
	n.Request = []byte(`{"name":"www.evil.example","x.evil.example":["https://evil.example"]}`)
	link := regexp.MustCompile(`://|\pL\.\pL`)
	mail := email(n, lengths{value: 500, request: 4 << 10})
	if strings.Count(mail, "www[.]evil[.]example") < 12 {
		t.Errorf("the mail lacks what it must show:\n%s", mail)
	}
	for what, text := range map[string]string{"mail": mail, "text message": sms(n)} {
		for _, line := range strings.Split(text, "\n") {
			if link.MatchString(line) && !strings.HasPrefix(line, "https://") {
				t.Errorf("the %s has what may become a link: %q", what, line)
			}
		}
	}
}
