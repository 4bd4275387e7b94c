package act

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"trailkeeper/lambda/internal/finding"
	"trailkeeper/lambda/internal/localcloud"
	"trailkeeper/lambda/internal/report"
	"trailkeeper/lambda/internal/simulate/stage"
)

// forgeMessages has somebody who may do everything in the account write into a queue: with his own permissions, which
// the queue's policy refuses, and then as if that policy were gone.
func forgeMessages(ctx context.Context, s *stage.Stage, queue, what string, bodies ...string) error {
	_, err := sqs.NewFromConfig(stage.Config(s.Cloud, s.Region, stage.AttackerKey)).SendMessage(ctx, &sqs.SendMessageInput{
		QueueUrl: aws.String(s.Cloud.QueueURL(queue)), MessageBody: aws.String(bodies[0]),
	})
	if err == nil {
		return fmt.Errorf("the policy of %s lets anybody send", queue)
	}
	s.Cloud.Note("mallory", "may not send to "+queue+", and does it past its policy: "+what)
	for _, body := range bodies {
		if !s.Cloud.ForceMessage(queue, body) {
			return fmt.Errorf("there is no queue %s", queue)
		}
	}
	return nil
}

// ForgedWords is in every text that the attacker writes.
const ForgedWords = "all is well, says mallory"

// forgedMessage is what the guard would park, with the attacker's words wherever there is room for some.
func forgedMessage(s *stage.Stage, channel string, change func(*report.Parked)) (string, error) {
	p := report.Parked{
		Version: report.ParkedVersion,
		Channel: channel,
		Reason:  ForgedWords,
		Time:    s.Cloud.Now(),
		Notification: finding.Finding{
			EventID:   "forged",
			EventName: "StopLogging",
			EventTime: s.Cloud.Now(),
			Severity:  finding.SeverityLow,
			Outcome:   finding.OutcomeRestored,
			Notes:     []finding.Note{finding.Say(finding.NoteText, ForgedWords)},
			Next:      []finding.Note{finding.Say(finding.NoteText, ForgedWords)},
			Subject: finding.Subject{
				ARN:       s.Trail,
				Name:      stage.TrailName,
				Account:   s.Account,
				Region:    s.Region,
				Partition: "aws",
			},
			Runbook: "https://mallory.example.com/",
			Stack:   s.Stack,
		},
	}
	change(&p)
	body, err := json.Marshal(p)
	return string(body), err
}

// ForgeRestored forges a message that the trail is restored, with the incident that was told.
func ForgeRestored(ctx context.Context, s *stage.Stage) error {
	var last localcloud.Entry
	for _, e := range s.Cloud.Entries() {
		if e.Kind == localcloud.KindSNS && e.Via == localcloud.ViaFunction {
			last = e
		}
	}
	told := stage.DocumentOf(last.Raw)
	event, err := stopEvent(s, told.EventID)
	if err != nil {
		return err
	}
	return forgeOnEach(ctx, s, "that the trail is restored", func(channel string, p *report.Parked) {
		p.Subject, p.Notification.EventID = told.EventID+" x "+channel+" restored", told.EventID
		p.Notification.Incident = &finding.Incident{
			ID:     told.IncidentKey,
			State:  finding.IncidentRestored,
			Opened: s.Cloud.Now(),
			Closed: s.Cloud.Now(),
			Count:  9,
			Flags:  finding.Flags{Closing: true},
		}
		p.Payload = event
	})
}

// forgeOnEach forges a message of each channel of the guard.
func forgeOnEach(
	ctx context.Context, s *stage.Stage, what string, change func(channel string, p *report.Parked),
) error {
	for _, channel := range []string{finding.ChannelSlack, finding.ChannelSNS} {
		body, err := forgedMessage(s, channel, func(p *report.Parked) { change(channel, p) })
		if err == nil {
			err = forgeMessages(ctx, s, "GuardFailures", "a message of "+channel+" "+what, body)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// stopEvent is an event of a StopLogging by the attacker.
func stopEvent(s *stage.Stage, id string) (json.RawMessage, error) {
	return json.Marshal(EventOf(s, id, "StopLogging", object{"userIdentity": object{
		"type":      "IAMUser",
		"arn":       stage.At("", s.Account).ARN("iam", "user/mallory"),
		"accountId": s.Account,
		"userName":  "mallory",
	}}))
}

// ClaimAhead finds out, on a deployment of its own, under what names the next finding will be told, and forges messages
// of those names.
func ClaimAhead(ctx context.Context, s *stage.Stage) error {
	rehearsal, err := stage.New(stage.Options(s.Template), stage.Setup{State: stage.WithInsights})
	if err != nil {
		return err
	}
	defer func() { _ = rehearsal.Cloud.Close() }() // it only stops listening
	if err := UnseenBetweenSweeps(InOrder())(ctx, rehearsal); err != nil {
		return err
	}
	for _, e := range rehearsal.Cloud.Entries() {
		told := stage.DocumentOf(e.Raw)
		if e.Kind != localcloud.KindSNS || told.Finding == "" {
			continue
		}
		err := forgeOnEach(ctx, s, "under the name of the next finding", func(channel string, p *report.Parked) {
			p.Notification.EventID = told.EventID
			p.Notification.Kind = finding.Kind(told.Finding)
			p.Notification.Outcome = finding.Outcome(told.Outcome)
			p.Notification.EventName, p.Subject = "", report.SubjectOf(p.Notification, channel, nil)
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// UnseenBetweenSweeps does something, has a sweep, stops the trail without an event, and has another sweep.
func UnseenBetweenSweeps(first Act) Act {
	return InOrder(first, Passes(6*time.Minute), Lost(StopLogging), Passes(5*time.Minute))
}

// MostStarving is how many events the attacker forges to keep the redelivery busy.
const MostStarving = 120

// Starve has a message parked while Slack is down, behind events that are forged for a Region that does not exist.
func Starve() Act {
	return InOrder(
		forgeNowhere,
		WhileFailing(InTime(time.Minute, StopLogging), "finds that Slack is back", Passes(5*time.Minute), SlackDown()),
	)
}

func forgeNowhere(ctx context.Context, s *stage.Stage) error {
	var forged []string
	for i := range MostStarving {
		event, err := stopEvent(s, fmt.Sprintf("f0f0f0f0-0000-4000-8000-%012d", i))
		if err != nil {
			return err
		}
		forged = append(forged, strings.ReplaceAll(string(event), s.Region, "xx-nowhere-1"))
	}
	what := fmt.Sprintf("%d events of a Region that does not exist", MostStarving)
	return forgeMessages(ctx, s, "GuardFailures", what, forged...)
}
