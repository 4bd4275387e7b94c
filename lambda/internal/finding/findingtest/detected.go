package findingtest

import (
	"path"
	"strings"
	"time"

	"trailkeeper/lambda/internal/finding"
)

// detected is a console sign-in of root that a rule found.
func detected() finding.Finding {
	return finding.Finding{
		EventID:     "0f6c1d7e-5a0b-4c55-8f0e-6b2f0e3c9a10",
		EventName:   "ConsoleLogin",
		EventTime:   At(),
		EventSource: "signin.amazonaws.com",
		Title:       "Root of account 111122223333 signs in to the console",
		Source:      "root-console-login",
		Severity:    finding.SeverityCritical,
		Outcome:     finding.OutcomeDetected,
		Age:         12 * time.Second,
		Notes:       notes{say(finding.NoteText, "A console sign-in of the root user, also one that failed.")},
		Rule: &finding.Rule{
			Runbook:    "https://wiki.example.com/root",
			References: []string{"T1078.004", "https://docs.aws.amazon.com/IAM/latest/UserGuide/root-user-best-practices.html"},
		},
		Actor:     "root user of account 111122223333 (without MFA)",
		ActorARN:  "arn:aws:iam::111122223333:root",
		Principal: "arn:aws:iam::111122223333:root",
		Subject:   finding.Subject{Account: "111122223333", Region: "us-east-1", Partition: "aws"},
		Recipient: "111122223333",
		SourceIP:  "203.0.113.7",
		UserAgent: "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
		Stack:     "trailkeeper",
	}
}

// detections are what the watch reports.
func detections() []Sample {
	refused := detected()
	refused.EventSource = "ec2.amazonaws.com"
	refused.EventName, refused.Title = "RunInstances", "RunInstances was refused: Client.UnauthorizedOperation"
	refused.Source, refused.Severity, refused.Rule = "refused-calls", finding.SeverityLow, &finding.Rule{}
	refused.Actor, refused.ActorARN = "user mallory", "arn:aws:iam::111122223333:user/mallory"
	refused.ErrorCode, refused.Age = "Client.UnauthorizedOperation", 6*time.Minute+3*time.Second
	refused.ErrorMessage = "You are not authorized to perform this operation."
	refused.UserAgent, refused.Region = "aws-cli/2.31.0", "eu-west-1"
	thread := refused
	thread.Incident = &finding.Incident{
		ID:     "mat-9a1c33d0e4f5b6a7",
		State:  finding.IncidentDetected,
		Opened: At().Add(-10 * time.Minute),
		Count:  7,
		First: finding.EventSummary{
			EventName: "RunInstances",
			Time:      At().Add(-10 * time.Minute),
			Actor:     refused.Actor,
			SourceIP:  refused.SourceIP,
			Headline:  refused.Title,
		},
		Last: finding.EventSummary{
			EventName: refused.EventName,
			Time:      At(),
			Actor:     refused.Actor,
			SourceIP:  refused.SourceIP,
			Headline:  refused.Title,
		},
	}
	threshold := detected()
	threshold.Title, threshold.Source = "Console sign-ins of alice failed repeatedly", "console-login-failed-repeatedly"
	threshold.Actor, threshold.ActorARN, threshold.Severity = "user alice", "", finding.SeverityHigh
	threshold.Notes = notes{say(finding.NoteThreshold, 5, 10*time.Minute)}
	threshold.Rule = &finding.Rule{Runbook: "the on-call handbook, page 4", References: []string{"T1110"}}
	foreign := refused
	foreign.Outcome = finding.OutcomeNotOurs
	foreign.Notes = notes{say(
		finding.NoteNotThisStack, `the event is of account "999900001111", which is not among the configured ones`,
	)}
	foreign.Next = notes{say(finding.NextAddWatched)}
	return []Sample{
		{"detected", detected()},
		{"detected-in-thread", thread},
		{"detected-threshold", threshold},
		{"detected-aggregated", aggregated()},
		{"detected-not-ours", foreign},
		{"detected-hostile", hostileMatch()},
		{"rule-error", ruleError()},
		{"log-removed", logRemoved()},
		{"log-expired", logExpired()},
		{"log-expired-early", logExpiredEarly()},
	}
}

// aggregated is what a rule says of a record that is no call.
func aggregated() finding.Finding {
	n := detected()
	n.EventSource = "s3.amazonaws.com"
	n.EventName, n.Title, n.Source = "AwsAggregatedEvent", "Many objects of reports were read", "objects-read"
	n.Actor, n.ActorARN, n.Principal, n.SourceIP, n.UserAgent = "", "", "", "", ""
	n.Severity, n.Age, n.Unlisted, n.Rule = finding.SeverityMedium, 7*time.Minute, true, &finding.Rule{}
	n.Notes = notes{say(finding.NoteAggregated, At().Add(-5*time.Minute), At())}
	n.Next = notes{say(finding.NextUnlisted)}
	return n
}

// hostileMatch has in every text of a record, and of what a rule makes of it, what an attacker would write.
func hostileMatch() finding.Finding {
	const attack = "<!channel> *bold* `code` <https://evil.example|click> & \u202e" + "\r\nSubject: forged @here"
	n := detected()
	for _, s := range []*string{
		&n.EventID, &n.EventName, &n.EventSource, &n.Title, &n.Actor, &n.ActorARN, &n.SourceIP, &n.UserAgent,
		&n.ErrorCode, &n.ErrorMessage,
	} {
		*s = attack + strings.Repeat(" long", 400)
	}
	n.Notes = notes{say(finding.NoteText, attack)}
	n.Rule = &finding.Rule{
		Runbook:    "https://evil.example/|<!here>",
		References: []string{"T1562.008|x", "javascript:alert(1)", attack},
	}
	return n
}

func ruleError() finding.Finding {
	n := finding.Finding{
		EventID:   "rule-error-large-instances-2026-10-01T12",
		EventTime: At(),
		Kind:      finding.KindRuleError,
		Source:    "large-instances",
		Rule:      &finding.Rule{},
		Severity:  finding.SeverityMedium,
		Outcome:   finding.OutcomeNotified,
		Subject:   finding.Subject{Account: "111122223333", Region: "eu-west-1", Partition: "aws"},
		Title:     "The rule large-instances could not be applied to a record",
		Stack:     "trailkeeper",
	}
	n.Note(finding.NoteRuleFailed, "RunInstances", "0f6c1d7e-5a0b-4c55-8f0e-6b2f0e3c9a10", "no such overload")
	n.Note(finding.NoteRuleGoesOn)
	n.Advise(finding.NextCorrectRule, n.Source)
	return n
}

const removedLog = "AWSLogs/111122223333/CloudTrail/eu-west-1/2026/10/01/" +
	"111122223333_CloudTrail_eu-west-1_20261001T1155Z_Ab3dEf9hIjKl2mNo.json.gz"

// logRemoved is what S3 says of a log file that somebody removed.
func logRemoved() finding.Finding {
	n := finding.Finding{
		EventID:   "removed-0a1b2c3d4e5f6a7b",
		EventTime: At(),
		Kind:      finding.KindLogRemoved,
		Title:     "A log file of CloudTrail was removed",
		Source:    "S3",
		Severity:  finding.SeverityHigh,
		Outcome:   finding.OutcomeNotified,
		Actor:     "AWS:AIDAEXAMPLEUSERID1234",
		SourceIP:  "198.51.100.7",
		Recipient: "111122223333",
		Subject: finding.Subject{
			Type:      "AWS::S3::Object",
			Name:      path.Base(removedLog),
			Account:   "111122223333",
			Region:    "eu-west-1",
			Partition: "aws",
		},
		Stack: "trailkeeper",
	}
	n.Note(finding.NoteLogRemoved, "org-logs", removedLog)
	n.Advise(finding.NextWhoRemovedLog)
	return n
}

// logExpired is of one that a rule of the bucket's lifecycle removed when it was old: nobody is behind it, and no address.
func logExpired() finding.Finding {
	n := logRemoved()
	n.EventID, n.Severity, n.Actor, n.SourceIP = "removed-1a1b2c3d4e5f6a7b", finding.SeverityLow, "s3.amazonaws.com", ""
	n.Title = "The lifecycle of the bucket org-logs removes log files of CloudTrail"
	n.Note(finding.NoteLogAge, 365)
	n.Next = notes{say(finding.NextLogRetention)}
	return n
}

// logExpiredEarly is of one that was young.
func logExpiredEarly() finding.Finding {
	n := logExpired()
	n.EventID, n.Severity = "removed-2a1b2c3d4e5f6a7b", finding.SeverityHigh
	n.Title += " that are younger than 90 days"
	n.Notes = nil
	n.Note(finding.NoteLogRemoved, "org-logs", removedLog)
	n.Note(finding.NoteLogAge, 1)
	n.Next = notes{say(finding.NextLogLifecycle)}
	return n
}
