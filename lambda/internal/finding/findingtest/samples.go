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

type notes = []finding.Note

var say = finding.Say

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
		Notes:      notes{say(finding.NoteLogging)},
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
		slices.Concat(outcomes(), calls(), restores(), findings(), late(), fulls(), detections(), deployments()),
		Sample{"hostile", Hostile()},
		Sample{"empty", finding.Finding{}},
	)
}

func outcomes() []Sample {
	stopped := Stopped()
	region, arn := stopped.Region, stopped.Subject.ARN
	with := func(o finding.Outcome, s finding.Severity, said, next notes) finding.Finding {
		n := Stopped()
		n.Outcome, n.Severity, n.Notes, n.Next, n.AfterCall, n.SinceEvent = o, s, said, next, 0, 0
		return n
	}
	byHand := notes{say(finding.NextStartNow, region, arn)}
	return []Sample{
		{"restored", stopped},
		{"accepted", with(
			finding.OutcomeAccepted,
			finding.SeverityCritical,
			notes{say(finding.NoteStatusOff)},
			notes{say(finding.NextReadStatus, region, arn)},
		)},
		{"already-logging", with(
			finding.OutcomeAlreadyLogging,
			finding.SeverityHigh,
			notes{say(finding.NoteLoggingSince, At().Add(-time.Second))},
			nil,
		)},
		{"attempt", attempt(with)},
		{"notified", with(
			finding.OutcomeNotified,
			finding.SeverityCritical,
			notes{say(finding.NoteWouldStart, arn)},
			byHand,
		)},
		{"unconfirmed", unconfirmed(with)},
		{"retrying", with(
			finding.OutcomeRetrying,
			finding.SeverityCritical,
			notes{say(finding.NoteThrottled), say(finding.NoteRunsAgain, 2)},
			notes{say(finding.NextStartUnlessSoon)},
		)},
		{"cannot-restore", with(
			finding.OutcomeCannotRestore,
			finding.SeverityCritical,
			notes{say(finding.NoteForeignTrail, "444455556666")},
			notes{say(finding.NextRestartThere, "444455556666")},
		)},
		{"gave-up", with(
			finding.OutcomeGaveUp,
			finding.SeverityCritical,
			notes{say(finding.NoteUnreachable), say(finding.NoteGaveUpStart, 3)},
			byHand,
		)},
		{"not-ours", with(
			finding.OutcomeNotOurs,
			finding.SeverityCritical,
			notes{say(finding.NoteNotOurs, `the event is of account "999900001111", which is not among the configured ones`)},
			notes{say(finding.NextAddAccount)},
		)},
		{"unreadable", finding.Finding{
			EventID:   "c6af9ac6-7b61-11e6-9a41-93e8deadbeef",
			EventTime: At(),
			Severity:  finding.SeverityMedium,
			Outcome:   finding.OutcomeUnreadable,
			Stack:     "trailkeeper",
			Notes:     notes{say(finding.NoteUnreadable, "not an EventBridge event or CloudTrail record")},
			Next:      notes{say(finding.NextWhoInvoked)},
		}},
		{"undelivered", undelivered(with)},
	}
}

type maker func(finding.Outcome, finding.Severity, notes, notes) finding.Finding

func attempt(with maker) finding.Finding {
	n := with(finding.OutcomeAttempt, finding.SeverityHigh, notes{say(finding.NoteRefused)}, nil)
	n.Next = notes{say(finding.NextWhyAttempted, n.EventName, n.Region, n.EventID)}
	n.Actor, n.ActorARN, n.Request = "user mallory", "arn:aws:iam::111122223333:user/mallory", nil
	n.ErrorCode = "AccessDenied"
	n.ErrorMessage = "User: arn:aws:iam::111122223333:user/mallory is not authorized to perform: " +
		"cloudtrail:StopLogging on resource: arn:aws:cloudtrail:eu-west-1:111122223333:trail/management-events with an " +
		"explicit deny in a service control policy"
	return n
}

func unconfirmed(with maker) finding.Finding {
	n := with(finding.OutcomeNotified, finding.SeverityMedium, notes{say(finding.NoteNetworkActivity)}, nil)
	n.Unconfirmed = true
	return n
}

func undelivered(with maker) finding.Finding {
	n := with(finding.OutcomeUndelivered, finding.SeverityHigh, nil, notes{say(finding.NextSweepSends)})
	n.Channel = finding.ChannelSlack
	n.Reason = "403 no_service: the webhook is revoked or the app is gone; make a new webhook and store it in the secret"
	n.Note(finding.NoteUndelivered, "Slack", n.Reason, message.Headline(Stopped()))
	n.Actor, n.ActorARN, n.SourceIP, n.UserAgent, n.Request = "", "", "", "", nil
	return n
}

// late are messages out of the failure queue.
func late() []Sample {
	const reason = "503 service_unavailable: Slack is down"
	parked := At().Add(10 * time.Second)
	with := func(n finding.Finding, now finding.Standing, history, proven bool) finding.Finding {
		n.Late = &finding.Late{Parked: parked, Now: now, History: history}
		return message.Late(n, parked, reason, proven)
	}
	unproven := Stopped()
	unproven.Outcome, unproven.Notes, unproven.AfterCall, unproven.SinceEvent = finding.OutcomeUnproven, nil, 0, 0
	retrying := Stopped()
	retrying.Outcome = finding.OutcomeRetrying
	retrying.Severity = finding.SeverityCritical
	retrying.Notes = notes{say(finding.NoteThrottled)}
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
	region, arn := Stopped().Region, Stopped().Subject.ARN
	with := func(event string, s finding.Severity, request string, said finding.NoteID, next ...finding.Note) Sample {
		n := Stopped()
		n.EventName, n.Outcome, n.Severity, n.Notes, n.Next = event, finding.OutcomeNotified, s, nil, next
		if said != "" {
			n.Note(said)
		}
		n.AfterCall, n.SinceEvent, n.Request = 0, 0, json.RawMessage(request)
		return Sample{Notification: n}
	}
	named := func(name string, s Sample) Sample { return Sample{name, s.Notification} }
	gov := with(
		"DeleteTrail",
		finding.SeverityCritical,
		`{"name":"management-events"}`,
		finding.NoteTrailDeleted,
	).Notification
	gov.Partition, gov.Region = "aws-us-gov", "us-gov-west-1"
	gov.Subject.ARN = "arn:aws-us-gov:cloudtrail:us-gov-west-1:111122223333:trail/management-events"
	gov.Advise(finding.NextCreateAgain, gov.Region, gov.Subject.ARN)
	return []Sample{
		{"delete-trail", gov},
		named("update-trail", with(
			"UpdateTrail",
			finding.SeverityHigh,
			`{"name":"management-events","isMultiRegionTrail":false,"includeGlobalServiceEvents":false,`+
				`"enableLogFileValidation":false,"cloudWatchLogsLogGroupArn":"","kmsKeyId":"","snsTopicName":""}`,
			finding.NoteSettingsChanged,
			say(finding.NextCompareSettings, region, arn),
		)),
		named("put-event-selectors", with(
			"PutEventSelectors",
			finding.SeverityHigh,
			`{"trailName":"management-events","eventSelectors":[{"readWriteType":"ReadOnly",`+
				`"includeManagementEvents":false,"dataResources":[{"type":"AWS::S3::Object","values":[]}],`+
				`"excludeManagementEventSources":[]}]}`,
			finding.NoteSelectorsChanged,
			say(finding.NextCompareSelectors, region, arn),
		)),
		named("put-insight-selectors", with(
			"PutInsightSelectors",
			finding.SeverityMedium,
			`{"trailName":"management-events","insightSelectors":[]}`,
			finding.NoteInsightsChanged,
		)),
		named("start-logging", with(
			"StartLogging", finding.SeverityLow, `{"name":"management-events"}`, finding.NoteLoggingStarted,
		)),
		named("create-trail", with(
			"CreateTrail",
			finding.SeverityMedium,
			`{"name":"management-events","s3BucketName":"logs"}`,
			finding.NoteTrailCreated,
		)),
		named("add-tags", with(
			"AddTags", finding.SeverityMedium, `{"tagsList":[{"key":"env","value":"none"}]}`, finding.NoteTagsChanged,
		)),
		named("remove-tags", with(
			"RemoveTags", finding.SeverityMedium, `{"tagsList":[{"key":"env"}]}`, finding.NoteTagsChanged,
		)),
		named("other-call", with(
			"DeleteEventDataStore", finding.SeverityMedium, `{"eventDataStore":"x","clientToken":"abc"}`, "",
		)),
	}
}

// weakened is an UpdateTrail that weakened seven fields, all put back.
func weakened() finding.Finding {
	n := Stopped()
	n.EventName = "UpdateTrail"
	n.Severity = finding.SeverityHigh
	n.Notes = notes{say(finding.NoteRestored)}
	n.Request = json.RawMessage(
		`{"name":"management-events","isMultiRegionTrail":false,"enableLogFileValidation":false,` +
			`"cloudWatchLogsLogGroupArn":"","cloudWatchLogsRoleArn":"","kmsKeyId":"","snsTopicName":""}`,
	)
	n.Baseline = &finding.Baseline{Kind: "declared", CapturedAt: At().AddDate(0, 0, -51)}
	for _, c := range []finding.Change{
		{Field: "kmsKeyId", Before: "arn:aws:kms:eu-west-1:111122223333:key/4a1b", Sentence: "Log files are no longer " +
			"encrypted with a KMS key."},
		{
			Field:    "snsTopicArn",
			Before:   "arn:aws:sns:eu-west-1:111122223333:deliveries",
			Sentence: "Deliveries are no longer announced to a topic.",
		},
		{
			Field:    "cloudWatchLogsLogGroupArn",
			Before:   "arn:aws:logs:eu-west-1:111122223333:log-group:trail:*",
			Sentence: "Events no longer go to CloudWatch Logs.",
		},
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
	partly := weakened()
	partly.Outcome, partly.Severity = finding.OutcomePartlyRestored, finding.SeverityCritical
	partly.Notes = notes{say(finding.NotePartlyRestored)}
	partly.Next = notes{say(finding.NextRestoreListed)}
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
	drift := weakened()
	drift.Outcome, drift.Severity, drift.AfterCall, drift.SinceEvent = finding.OutcomeNoDrift, finding.SeverityMedium, 0, 0
	drift.Notes = notes{say(finding.NoteNoDrift)}
	drift.Changes = []finding.Change{{
		Field:    "tags",
		After:    "cost-centre=42",
		Effect:   "neutral",
		Sentence: "The tag cost-centre was added.",
	}}
	created := Stopped()
	created.EventName, created.Severity, created.Baseline = "DeleteTrail", finding.SeverityCritical, drift.Baseline
	created.Notes = notes{say(finding.NoteRecreated)}
	blind := weakened()
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
		{"weakened-restored", weakened()},
		{"partly-restored", partly},
		{"no-drift", drift},
		{"recreated", created},
		{"selectors-restored", blind},
	}
}

// swept is what a sweep found.
func swept(kind finding.Kind, o finding.Outcome, s finding.Severity, said, next notes) finding.Finding {
	n := Stopped()
	n.EventID, n.EventName, n.Request = "sweep-3f0c8a1b5d7e9f2a4c6b8d0e", "", nil
	n.Actor, n.ActorARN, n.SourceIP, n.UserAgent = "", "", "", ""
	n.Kind, n.Outcome, n.Severity, n.Notes, n.Next, n.AfterCall, n.SinceEvent = kind, o, s, said, next, 0, 0
	return n
}

// findings are what a sweep reports.
func findings() []Sample {
	region, arn := Stopped().Region, Stopped().Subject.ARN
	stopped := swept(
		finding.KindNotLogging,
		finding.OutcomeRestored,
		finding.SeverityHigh,
		notes{say(finding.NoteLogging), say(finding.NoteNoEvent)},
		nil,
	)
	stopped.AfterCall = 812 * time.Millisecond
	weak := swept(
		finding.KindWeakened,
		finding.OutcomeRestored,
		finding.SeverityHigh,
		notes{say(finding.NoteRestored), say(finding.NoteNoEvent)},
		nil,
	)
	weak.Changes, weak.Baseline, weak.AfterCall = weakened().Changes, weakened().Baseline, weakened().AfterCall
	blind := swept(
		finding.KindCannotSee,
		finding.OutcomeNotified,
		finding.SeverityHigh,
		notes{say(
			finding.NoteText,
			"The event selectors may not be read: the guard's role is not allowed cloudtrail:GetEventSelectors.",
		)},
		notes{say(finding.NextBlind)},
	)
	blind.Subject.ARN, blind.Subject.Name = "", ""
	silent := swept(
		finding.KindHeartbeat,
		finding.OutcomeNotified,
		finding.SeverityHigh,
		notes{
			say(finding.NoteText, "Heartbeat: secret \"trailkeeper\" has no text under key \"heartbeat\"; store the heartbeat's "+
				"URL there, or correct the key in the settings."),
			say(finding.NoteNoHeartbeat),
		},
		notes{say(finding.NextHeartbeat)},
	)
	silent.Subject.ARN, silent.Subject.Name = "", ""
	none := swept(
		finding.KindNoTrail,
		finding.OutcomeNotified,
		finding.SeverityCritical,
		notes{say(finding.NoteNoTrail)},
		notes{say(finding.NextRecordSomewhere)},
	)
	none.Subject.ARN, none.Subject.Name = "", ""
	return append(
		[]Sample{
			{"found-not-logging", stopped},
			{"found-weakened", weak},
			{"found-missing", swept(
				finding.KindMissing,
				finding.OutcomeCannotRestore,
				finding.SeverityCritical,
				notes{say(finding.NoteNoSuchTrail, arn), say(finding.NoteModeRecreates), say(finding.NoteNoEvent)},
				notes{say(finding.NextCreate)},
			)},
			{"found-delivery-error", swept(
				finding.KindDeliveryError,
				finding.OutcomeNotified,
				finding.SeverityHigh,
				notes{say(finding.NoteNoFiles, "management-logs", "AccessDenied")},
				notes{say(finding.NextDeliveryPolicies)},
			)},
			{"found-no-trail", none},
			{"found-cannot-see", blind},
			{"found-heartbeat", silent},
			{"found-recorded", swept(
				finding.KindRecorded,
				finding.OutcomeNotified,
				finding.SeverityLow,
				notes{say(finding.NoteBaselineRecord, "all management events", "management-logs")},
				notes{say(finding.NextDeclare, region, arn)},
			)},
		},
		approvals(stopped)...)
}

// approvals are what became of changes that were approved, and who is behind what the sweep found.
func approvals(stopped finding.Finding) []Sample {
	const until, event = "2026-10-08 12:00:00 UTC", "7d3f1c1e-2f4b-4c2e-9d55-0f6f0f1f2a3b"
	const deployer = "arn:aws:iam::111122223333:role/Deployer"
	approved := Stopped()
	approved.EventName, approved.Outcome, approved.Severity = "UpdateTrail", finding.OutcomeApproved,
		finding.SeverityMedium
	approved.AfterCall, approved.SinceEvent = 0, 0
	approved.Notes = notes{
		say(finding.NoteApproved, deployer, until, "move to the new bucket"),
		say(finding.NoteStaysUntil),
	}
	actor := Stopped()
	known := stopped
	known.Actor, known.ActorARN, known.SourceIP, known.UserAgent = actor.Actor, actor.ActorARN, actor.SourceIP,
		actor.UserAgent
	who := say(
		finding.NoteActorNoEvent, "StopLogging", actor.Actor, At().Add(-112*time.Second), actor.SourceIP, event,
	)
	known.Notes = append(slices.Clip(known.Notes), who)
	named := known
	named.Kind, named.Outcome, named.AfterCall = finding.KindNamed, finding.OutcomeNotified, 0
	named.Notes = notes{say(finding.NoteActorOfFinding, At().Add(-time.Minute), "not_logging"), who}
	verifying := approved
	verifying.Verifying = true
	return []Sample{
		{"found-and-named", known},
		{"named", named},
		{"approved-verifying", verifying},
		{"found-false-approval", swept(
			finding.KindFalseApproval,
			finding.OutcomeNotified,
			finding.SeverityCritical,
			notes{say(finding.NoteFalseClaim, event, "StopLogging", deployer), say(finding.NoteHistoryUnknown)},
			notes{say(finding.NextWhoCanInvoke)},
		)},
		{"found-true-approval", swept(
			finding.KindTrueApproval,
			finding.OutcomeNotified,
			finding.SeverityLow,
			notes{say(finding.NoteClaimConfirmed, "StopLogging", deployer, At(), event, until, "move.")},
			nil,
		)},
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
		Notes:     notes{say(finding.NoteText, "AWS refused "+long("d")), say(finding.NoteNotOurs, long("v"))},
		Next:      notes{say(finding.NoteText, "Look at "+long("n")), say(finding.NextStartNow, evil, long("c"))},
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
			Effect:   finding.Effect(evil),
			Sentence: long("s"),
			Done:     finding.DoneNotRestored,
			Reason:   long("r"),
		}}, 60),
	}
}
