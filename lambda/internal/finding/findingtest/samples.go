// Package findingtest has the notifications that the renderers' golden files show, and what their tests share. It is
// for tests only.
package findingtest

import (
	"encoding/json"
	"slices"
	"strings"
	"time"

	"trailkeeper/lambda/internal/finding"
	"trailkeeper/lambda/internal/message"
)

// Sample is a notification with the name of its golden files.
type Sample struct {
	Name         string
	Notification finding.Finding
}

// At is the time of every sample's event.
func At() time.Time { return time.Date(2026, 10, 1, 12, 0, 0, 0, time.UTC) }

// Stopped is a successful StopLogging that was restored.
func Stopped() finding.Finding {
	return finding.Finding{
		EventID:    "7d3f1c1e-2f4b-4c2e-9d55-0f6f0f1f2a3b",
		EventName:  "StopLogging",
		EventTime:  At(),
		Severity:   finding.SeverityHigh,
		Outcome:    finding.OutcomeRestored,
		Detail:     "GetTrailStatus says that the trail is logging.",
		AfterCall:  812 * time.Millisecond,
		SinceEvent: 34 * time.Second,
		Actor:      "role Deployer, session alice, without MFA",
		ActorARN:   "arn:aws:sts::111122223333:assumed-role/Deployer/alice",
		Subject: finding.Subject{
			ARN:       "arn:aws:cloudtrail:eu-west-1:111122223333:trail/management-events",
			Name:      "management-events",
			Account:   "111122223333",
			Region:    "eu-west-1",
			Partition: "aws",
		},
		SourceIP:  "203.0.113.7",
		UserAgent: "aws-cli/2.15.30 Python/3.11.8 Linux/6.1 exec-env/CloudShell",
		Request:   json.RawMessage(`{"name":"management-events"}`),
		Stack:     "trailkeeper",
	}
}

// Samples returns one notification for each outcome and each event's name, and one that an attacker wrote.
func Samples() []Sample {
	return append(
		slices.Concat(outcomes(), calls(), restores(), findings(), late(), fulls()),
		Sample{"hostile", Hostile()},
		Sample{"empty", finding.Finding{}},
	)
}

func outcomes() []Sample {
	with := func(o finding.Outcome, s finding.Severity, detail, next string) finding.Finding {
		n := Stopped()
		n.Outcome, n.Severity, n.Detail, n.NextStep, n.AfterCall, n.SinceEvent = o, s, detail, next, 0, 0
		return n
	}
	attempt := with(finding.OutcomeAttempt, finding.SeverityHigh, "AWS refused the call, so nothing has changed.",
		"Find out why StopLogging was tried. If the caller should not be able to try, look at what else it did.")
	attempt.Actor, attempt.ActorARN, attempt.Request = "user mallory", "arn:aws:iam::111122223333:user/mallory", nil
	attempt.ErrorCode = "AccessDenied"
	attempt.ErrorMessage = "User: arn:aws:iam::111122223333:user/mallory is not authorized to perform: " +
		"cloudtrail:StopLogging on resource: arn:aws:cloudtrail:eu-west-1:111122223333:trail/management-events with an " +
		"explicit deny in a service control policy"
	vpce := with(finding.OutcomeNotified, finding.SeverityMedium,
		"A request for this call crossed a VPC endpoint. The record does not say whether it succeeded.", "")
	vpce.Unconfirmed = true
	undelivered := with(
		finding.OutcomeUndelivered,
		finding.SeverityHigh,
		"Slack delivery failed: 403 no_service: the webhook is revoked or the app is gone; make a new webhook and store it "+
			"in the secret; "+
			`the message is parked in the failure queue. It said: "`+message.Headline(
			Stopped(),
		)+`".`,
		"Fix the cause. The next sweep, or trailkeeper redrive, sends the message.",
	)
	undelivered.Channel = finding.ChannelSlack
	undelivered.Reason = "403 no_service: the webhook is revoked or the app is gone; make a new webhook and store it in " +
		"the secret"
	undelivered.Actor, undelivered.ActorARN, undelivered.SourceIP, undelivered.UserAgent, undelivered.Request = "", "", "", "", nil
	byHand := "Restart logging by hand now: aws cloudtrail start-logging --region eu-west-1 --name " + Stopped().Subject.ARN
	return []Sample{
		{"restored", Stopped()},
		{
			"accepted",
			with(
				finding.OutcomeAccepted,
				finding.SeverityCritical,
				"StartLogging was accepted, but GetTrailStatus did not confirm it within 20 s.",
				"Look at the trail's status in five minutes.",
			),
		},
		{
			"already-logging",
			with(finding.OutcomeAlreadyLogging, finding.SeverityHigh, "The trail was logging before our call.", ""),
		},
		{"attempt", attempt},
		{
			"notified",
			with(
				finding.OutcomeNotified,
				finding.SeverityCritical,
				"Logging is off. Mode notify changes nothing; mode restart would have called StartLogging on "+Stopped().Subject.ARN+".",
				byHand,
			),
		},
		{"unconfirmed", vpce},
		{
			"retrying",
			with(
				finding.OutcomeRetrying,
				finding.SeverityCritical,
				"CloudTrail throttled the call: it takes one such call a second for an account and Region. Lambda runs the event "+
					"again, up to 2 times.",
				"If no message reports the restore within five minutes, restart logging by hand.",
			),
		},
		{
			"cannot-restore",
			with(
				finding.OutcomeCannotRestore,
				finding.SeverityCritical,
				"Organization trail of account 444455556666: only the management account or a delegated administrator can "+
					"restart it.",
				"Restart it there, or run Trailkeeper in that account.",
			),
		},
		{
			"gave-up",
			with(
				finding.OutcomeGaveUp,
				finding.SeverityCritical,
				"CloudTrail could not be reached. Logging was not restored in 3 runs, and Lambda does not run the event again.",
				byHand,
			),
		},
		{
			"not-ours",
			with(
				finding.OutcomeNotOurs,
				finding.SeverityCritical,
				`No call was made: the event is of account "999900001111", which is not among the configured ones.`,
				"If this deployment should act on it, add the account to its accounts setting; otherwise find out who sent the "+
					"event.",
			),
		},
		{
			"unreadable",
			finding.Finding{
				EventID:   "c6af9ac6-7b61-11e6-9a41-93e8deadbeef",
				EventTime: At(),
				Severity:  finding.SeverityMedium,
				Outcome:   finding.OutcomeUnreadable,
				Stack:     "trailkeeper",
				Detail:    "The guard received a payload that it cannot read: not an EventBridge event or CloudTrail record.",
				NextStep: "Look at the payload in the failure queue, and find out who sent it: only this deployment's rules " +
					"should invoke the guard.",
			},
		},
		{"undelivered", undelivered},
	}
}

// late are messages out of the failure queue.
func late() []Sample {
	const reason = "503 service_unavailable: Slack is down"
	parked := At().Add(10 * time.Second)
	with := func(n finding.Finding, now string, history, proven bool) finding.Finding {
		n.Late = &finding.Late{Parked: parked, Now: now, History: history}
		return message.Late(n, parked, reason, proven)
	}
	unproven := Stopped()
	unproven.Outcome, unproven.Detail, unproven.AfterCall, unproven.SinceEvent = finding.OutcomeUnproven, "", 0, 0
	retrying := Stopped()
	retrying.Outcome = finding.OutcomeRetrying
	retrying.Severity = finding.SeverityCritical
	retrying.Detail = "CloudTrail throttled the call."
	retrying.AfterCall = 0
	retrying.SinceEvent = 0
	return []Sample{
		{"late-restored", with(Stopped(), "logging", false, true)},
		{"late-history", with(Stopped(), "deleted", true, true)},
		{"late-retrying", with(retrying, "logging", true, true)},
		{"late-unproven", with(unproven, "not logging", true, false)},
	}
}

func calls() []Sample {
	with := func(event string, s finding.Severity, request, detail, next string) finding.Finding {
		n := Stopped()
		n.EventName, n.Outcome, n.Severity, n.Detail, n.NextStep = event, finding.OutcomeNotified, s, detail, next
		n.AfterCall, n.SinceEvent, n.Request = 0, 0, json.RawMessage(request)
		return n
	}
	gov := with(
		"DeleteTrail",
		finding.SeverityCritical,
		`{"name":"management-events"}`,
		"The trail is gone and records nothing. Its log files stay in the bucket.",
		"Create the trail again with the settings it had.",
	)
	gov.Partition, gov.Region, gov.Subject.ARN = "aws-us-gov", "us-gov-west-1", "arn:aws-us-gov:cloudtrail:us-gov-west-1:111122223333:trail/management-events"
	return []Sample{
		{"delete-trail", gov},
		{
			"update-trail",
			with(
				"UpdateTrail",
				finding.SeverityHigh,
				`{"name":"management-events","isMultiRegionTrail":false,"includeGlobalServiceEvents":false,"enableLogFileValidation":false,`+
					`"cloudWatchLogsLogGroupArn":"","kmsKeyId":"","snsTopicName":""}`,
				"The trail's settings were changed. It may log less, or elsewhere, while it still counts as logging.",
				"Compare the settings in the request below with what they should be, and restore them with update-trail.",
			),
		},
		{
			"put-event-selectors",
			with(
				"PutEventSelectors",
				finding.SeverityHigh,
				`{"trailName":"management-events","eventSelectors":[{"readWriteType":"ReadOnly","includeManagementEvents":false,"dataResources":[`+
					`{"type":"AWS::S3::Object","values":[]}],"excludeManagementEventSources":[]}]}`,
				"What the trail records was changed. A trail without management events still counts as logging.",
				"Compare the selectors in the request below with what they should be, and restore them with put-event-selectors.",
			),
		},
		{"put-insight-selectors", with("PutInsightSelectors", finding.SeverityMedium,
			`{"trailName":"management-events","insightSelectors":[]}`, "What Insights looks for was changed.", "")},
		{
			"start-logging",
			with("StartLogging", finding.SeverityLow, `{"name":"management-events"}`, "Logging was started.", ""),
		},
		{
			"create-trail",
			with(
				"CreateTrail",
				finding.SeverityMedium,
				`{"name":"management-events","s3BucketName":"logs"}`,
				"A trail was created.",
				"",
			),
		},
		{
			"add-tags",
			with(
				"AddTags",
				finding.SeverityMedium,
				`{"tagsList":[{"key":"env","value":"none"}]}`,
				"The trail's tags were changed.",
				"",
			),
		},
		{
			"remove-tags",
			with("RemoveTags", finding.SeverityMedium, `{"tagsList":[{"key":"env"}]}`, "The trail's tags were changed.", ""),
		},
		{
			"other-call",
			with("DeleteEventDataStore", finding.SeverityMedium, `{"eventDataStore":"x","clientToken":"abc"}`, "", ""),
		},
	}
}

// Weakened is an UpdateTrail that weakened seven fields, all put back.
func Weakened() finding.Finding {
	n := Stopped()
	n.EventName = "UpdateTrail"
	n.Severity = finding.SeverityHigh
	n.Detail = "Reading the trail again shows it as its baseline has it."
	n.Request = json.RawMessage(
		`{"name":"management-events","isMultiRegionTrail":false,"enableLogFileValidation":false,"cloudWatchLogsLogGroupArn":"",` +
			`"cloudWatchLogsRoleArn":"","kmsKeyId":"","snsTopicName":""}`,
	)
	n.Baseline = &finding.Baseline{Kind: "declared", CapturedAt: At().AddDate(0, 0, -51)}
	for _, c := range []finding.Change{
		{Field: "kmsKeyId", Before: "arn:aws:kms:eu-west-1:111122223333:key/4a1b", Sentence: "Log files are no longer " +
			"encrypted with a KMS key."},
		{Field: "snsTopicArn", Before: "arn:aws:sns:eu-west-1:111122223333:deliveries", Sentence: "Deliveries are no longer announced to a topic."},
		{Field: "cloudWatchLogsLogGroupArn", Before: "arn:aws:logs:eu-west-1:111122223333:log-group:trail:*", Sentence: "Events no longer go to CloudWatch Logs."},
		{Field: "cloudWatchLogsRoleArn", Before: "arn:aws:iam::111122223333:role/ToLogs", Sentence: "CloudTrail no longer " +
			"has a role to write to CloudWatch Logs with."},
		{
			Field:    "isMultiRegionTrail",
			Before:   "true",
			After:    "false",
			Sentence: "Only the home Region is recorded now.",
		},
		{
			Field:    "includeGlobalServiceEvents",
			Before:   "true",
			After:    "false",
			Sentence: "Events of global services such as IAM are no longer recorded.",
		},
		{
			Field:    "enableLogFileValidation",
			Before:   "true",
			After:    "false",
			Sentence: "No digests are written: log files can be changed unnoticed.",
		},
	} {
		c.Effect, c.Done = "weakens", finding.DoneRestored
		n.Changes = append(n.Changes, c)
	}
	return n
}

// restores are what becomes of a trail that is compared with its baseline.
func restores() []Sample {
	partly := Weakened()
	partly.Outcome, partly.Severity = finding.OutcomePartlyRestored, finding.SeverityCritical
	partly.Detail = "Some of what weakens the trail could not be restored."
	partly.NextStep = "Restore what is listed as NOT restored, and find out who changed it."
	partly.Changes = append([]finding.Change{
		{
			Field:    "s3BucketName",
			Before:   "management-logs",
			After:    "evil-logs",
			Effect:   "weakens",
			Sentence: "Logs now go to bucket evil-logs.",
			Done:     finding.DoneNotRestored,
			Reason: "The baseline's bucket does not exist. Find out who deleted it; make it again under an account of yours " +
				"before somebody else takes its name.",
		},
	}, partly.Changes[4:]...)
	drift := Weakened()
	drift.Outcome, drift.Severity, drift.AfterCall, drift.SinceEvent = finding.OutcomeNoDrift, finding.SeverityMedium, 0, 0
	drift.Detail, drift.NextStep = "Reading the trail shows nothing that weakens it, compared with its baseline.", ""
	drift.Changes = []finding.Change{{
		Field:    "tags",
		After:    "cost-centre=42",
		Effect:   "neutral",
		Sentence: "The tag cost-centre was added.",
	}}
	created := Stopped()
	created.EventName, created.Severity, created.Baseline = "DeleteTrail", finding.SeverityCritical, drift.Baseline
	created.Detail = "The trail was created again as its baseline has it, and it logs."
	blind := Weakened()
	blind.EventName = "PutEventSelectors"
	blind.Request = json.RawMessage(`{"trailName":"management-events","eventSelectors":[{"readWriteType":"ReadOnly"}]}`)
	blind.Changes = []finding.Change{{
		Field:    "eventSelectors",
		Before:   "all management events",
		After:    "read management events",
		Effect:   "weakens",
		Sentence: "Write management events are no longer recorded.",
		Done:     finding.DoneRestored,
	}}
	return []Sample{
		{"weakened-restored", Weakened()},
		{"partly-restored", partly},
		{"no-drift", drift},
		{"recreated", created},
		{"selectors-restored", blind},
	}
}

// findings are what a sweep tells, and what became of changes that were approved.
func findings() []Sample {
	with := func(kind finding.Kind, o finding.Outcome, s finding.Severity, detail, next string) finding.Finding {
		n := Stopped()
		n.EventID, n.EventName, n.Actor, n.ActorARN, n.SourceIP, n.UserAgent, n.Request = "sweep-3f0c8a1b5d7e9f2a4c6b8d0e", "", "", "", "", "", nil
		n.Kind, n.Outcome, n.Severity, n.Detail, n.NextStep, n.AfterCall, n.SinceEvent = kind, o, s, detail, next, 0, 0
		return n
	}
	noEvent := " Found by the sweep: no event arrived."
	stopped := with(
		finding.KindNotLogging,
		finding.OutcomeRestored,
		finding.SeverityHigh,
		"GetTrailStatus confirms that the trail is logging again."+noEvent,
		"",
	)
	stopped.AfterCall = 812 * time.Millisecond
	weak := Weakened()
	weak.EventID, weak.EventName, weak.Kind, weak.Actor, weak.ActorARN, weak.SourceIP, weak.UserAgent = stopped.EventID, "", finding.KindWeakened, "", "", "", ""
	weak.Request, weak.SinceEvent, weak.Detail = nil, 0, "Reading the trail again shows it as its baseline has it."+noEvent
	blind := with(
		finding.KindCannotSee,
		finding.OutcomeNotified,
		finding.SeverityHigh,
		"The event selectors may not be read: the guard's role is not allowed cloudtrail:GetEventSelectors.",
		"Give the guard's role its policy back by deploying again. A trail that cannot be read is reported as unknown, "+
			"never as healthy.",
	)
	blind.Subject.ARN, blind.Subject.Name = "", ""
	none := with(finding.KindNoTrail, finding.OutcomeNotified, finding.SeverityCritical,
		"No trail that logs records write management events here, so that EventBridge gets no events of API calls either.",
		"Start a trail, or create one.")
	none.Subject.ARN, none.Subject.Name = "", ""
	approved := Stopped()
	approved.EventName = "UpdateTrail"
	approved.Outcome = finding.OutcomeApproved
	approved.Severity = finding.SeverityMedium
	approved.AfterCall = 0
	approved.SinceEvent = 0
	approved.Detail = "Approved for arn:aws:iam::111122223333:role/Deployer until 2026-10-08 12:00:00 UTC: move to the " +
		"new bucket. The change stays until then; accept it as the new baseline or it is restored."
	known := stopped
	known.Actor, known.ActorARN, known.SourceIP, known.UserAgent = Stopped().Actor, Stopped().ActorARN, Stopped().SourceIP, Stopped().UserAgent
	known.Detail += " StopLogging by role Deployer, session alice, without MFA at 2026-10-01 11:58:12 UTC from " +
		"203.0.113.7 (event 7d3f1c1e-2f4b-4c2e-9d55-0f6f0f1f2a3b): found in the event history; no event arrived."
	named := known
	named.Kind, named.Outcome, named.AfterCall = finding.KindNamed, finding.OutcomeNotified, 0
	named.Detail = "This is who is behind what the sweep found at 2026-10-01 11:59:00 UTC (not_logging)." + strings.TrimPrefix(
		known.Detail,
		stopped.Detail,
	)
	verifying := approved
	verifying.Verifying = true
	return []Sample{
		{"found-not-logging", stopped},
		{"found-and-named", known},
		{"named", named},
		{"approved-verifying", verifying},
		{
			"found-false-approval",
			with(
				finding.KindFalseApproval,
				finding.OutcomeNotified,
				finding.SeverityCritical,
				"A record claimed an approval that CloudTrail does not know: event 7d3f1c1e-2f4b-4c2e-9d55-0f6f0f1f2a3b, "+
					"StopLogging by arn:aws:iam::111122223333:role/Deployer. CloudTrail's event history does not know it.",
				"Find out who can invoke the function.",
			),
		},
		{
			"found-true-approval",
			with(
				finding.KindTrueApproval,
				finding.OutcomeNotified,
				finding.SeverityLow,
				"CloudTrail's event history confirms StopLogging by arn:aws:iam::111122223333:role/Deployer, which is approved "+
					"until 2026-10-08 12:00:00 UTC: move.",
				"",
			),
		},
		{"found-weakened", weak},
		{
			"found-missing",
			with(
				finding.KindMissing,
				finding.OutcomeCannotRestore,
				finding.SeverityCritical,
				"CloudTrail knows no trail "+Stopped().Subject.ARN+". Only mode recreate creates it again."+noEvent,
				"Create it again, then run start-logging.",
			),
		},
		{"found-delivery-error", with(finding.KindDeliveryError, finding.OutcomeNotified, finding.SeverityHigh,
			"CloudTrail cannot deliver log files to bucket management-logs: AccessDenied.", "Look at the bucket's policy.")},
		{"found-no-trail", none},
		{"found-cannot-see", blind},
		{
			"found-recorded",
			with(
				finding.KindRecorded,
				finding.OutcomeNotified,
				finding.SeverityLow,
				"The sweep recorded the trail's present state as its baseline: it records all management events, in bucket "+
					"management-logs.",
				"Check that this is how the trail should be, and declare it with trailkeeper baseline capture.",
			),
		},
		{"approved", approved},
	}
}

// Hostile is a notification in which every text that a caller of AWS can write is made to break a message: mentions,
// formatting, quotes, line breaks, backticks, bidi overrides, and 10 kB of length.
func Hostile() finding.Finding {
	evil := "<!channel> <@U0123> <https://evil.example|click> &lt;!here&gt; *bold* _it_ ~no~ `code` ``` \"quoted\" \\ " +
		"\u202Egnissim\u2066\u200B line\r\nbreak\u2028sep\x00\x1b[31mred :rotating_light: #general @here \xff\xfe " +
		"\U000E0041 😀"
	long := func(prefix string) string { return prefix + evil + strings.Repeat("A<&>`\"", 10_000/6) }
	request, err := json.Marshal(map[string]any{
		"name": long(
			"r",
		),
		"password": "hunter2",
		"nested":   map[string]any{"accessKey": "AKIAHIDEME", "list": []any{evil, 12345678901234567, nil}},
	})
	if err != nil {
		panic(err) // a map of texts always encodes
	}
	return finding.Finding{
		EventID:   evil,
		EventName: "StopLogging",
		EventTime: At(),
		Severity:  finding.SeverityHigh,
		Outcome:   finding.OutcomeAttempt,
		Detail:    "AWS refused " + long("d"),
		NextStep:  "Look at " + long("n"),
		Actor:     "role " + long("a"),
		ActorARN:  long("arn:aws:sts::111122223333:assumed-role/x/"),
		Subject: finding.Subject{
			ARN:       long("arn:aws:cloudtrail:eu-west-1:1:trail/"),
			Name:      long("t"),
			Account:   evil,
			Region:    evil,
			Partition: "aws",
		},
		SourceIP:     evil,
		UserAgent:    long("u"),
		ErrorCode:    evil,
		ErrorMessage: long("e"),
		Request:      request,
		Stack:        "trailkeeper",
		Baseline:     &finding.Baseline{Kind: long("k"), CapturedAt: At()},
		Changes: slices.Repeat([]finding.Change{{
			Field:    evil,
			Before:   long("b"),
			After:    long("a"),
			Effect:   evil,
			Sentence: long("s"),
			Done:     finding.DoneNotRestored,
			Reason:   long("r"),
		}}, 60),
	}
}
