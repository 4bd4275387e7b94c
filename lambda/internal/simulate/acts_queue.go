package simulate

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
)

// sqsClient is somebody's own client of SQS: the AWS SDK, pointed at loopback.
func sqsClient(cloud *localcloud.Cloud, region, key string) *sqs.Client {
	return sqs.New(sqs.Options{
		Region:       region,
		BaseEndpoint: aws.String(cloud.Endpoint()),
		Retryer:      aws.NopRetryer{},
		HTTPClient:   loopbackClient(),
		Credentials:  madeUpCredentials(key),
	})
}

// forgeMessages has somebody who may do everything in the account write into a queue: with his own permissions, which
// the queue's policy refuses, and then as if that policy were gone.
func (s *stage) forgeMessages(ctx context.Context, queue, what string, bodies ...string) error {
	_, err := sqsClient(s.cloud, s.region, attackerKey).SendMessage(ctx, &sqs.SendMessageInput{
		QueueUrl: aws.String(s.cloud.QueueURL(queue)), MessageBody: aws.String(bodies[0]),
	})
	if err == nil {
		return fmt.Errorf("the policy of %s lets anybody send", queue)
	}
	s.cloud.Note("mallory", "may not send to "+queue+", and does it past its policy: "+what)
	for _, body := range bodies {
		if !s.cloud.ForceMessage(queue, body) {
			return fmt.Errorf("there is no queue %s", queue)
		}
	}
	return nil
}

// forgedWords is in every text that the attacker writes.
const forgedWords = "all is well, says mallory"

// forgedMessage is what the guard would park, with the attacker's words wherever there is room for some.
func (s *stage) forgedMessage(channel string, change func(*report.Parked)) (string, error) {
	p := report.Parked{
		Version: report.ParkedVersion,
		Channel: channel,
		Reason:  forgedWords,
		Time:    s.cloud.Now(),
		Notification: finding.Finding{
			EventID:   "forged",
			EventName: "StopLogging",
			EventTime: s.cloud.Now(),
			Severity:  finding.SeverityLow,
			Outcome:   finding.OutcomeRestored,
			Detail:    forgedWords,
			NextStep:  forgedWords,
			Subject: finding.Subject{
				ARN:       s.trail,
				Name:      trailName,
				Account:   s.account,
				Region:    s.region,
				Partition: "aws",
			},
			Runbook: "https://mallory.example.com/",
			Stack:   s.stack,
		},
	}
	change(&p)
	body, err := json.Marshal(p)
	return string(body), err
}

// forgeRestored stops a trail that CloudTrail refuses to start again, and forges a message that it is restored, with
// the incident that was told.
func forgeRestored(ctx context.Context, s *stage) error {
	if err := stopLogging(ctx, s); err != nil {
		return err
	}
	if err := s.cloud.Run(); err != nil {
		return err
	}
	var last localcloud.Entry
	for _, e := range s.cloud.Entries() {
		if e.Kind == localcloud.KindSNS && e.Via == localcloud.ViaFunction {
			last = e
		}
	}
	told := documentOf(last.Raw)
	for _, channel := range []string{finding.ChannelSlack, finding.ChannelSNS} {
		body, err := s.forgedMessage(channel, func(p *report.Parked) {
			p.Subject, p.Notification.EventID = told.EventID+" x "+channel+" restored", told.EventID
			p.Notification.Incident = &finding.Incident{
				ID:     told.IncidentKey,
				State:  finding.IncidentRestored,
				Opened: s.cloud.Now(),
				Closed: s.cloud.Now(),
				Count:  9,
				Flags:  finding.Flags{Closing: true},
			}
			p.Payload = json.RawMessage(s.stopEvent(told.EventID, s.region))
		})
		if err == nil {
			err = s.forgeMessages(ctx, "GuardFailures", "a message of "+channel+" that the trail is restored", body)
		}
		if err != nil {
			return err
		}
	}
	return s.cloud.RunFor(6 * time.Minute)
}

// stopEvent is an event of a StopLogging as EventBridge delivers it.
func (s *stage) stopEvent(id, region string) string {
	at := s.cloud.Now().UTC().Format(time.RFC3339)
	return fmt.Sprintf(
		`{"version":"0","id":%[1]q,"source":"aws.cloudtrail","detail-type":"AWS API Call via CloudTrail","account":%[2]q,"time":%[3]q,`+
			`"region":%[4]q,"resources":[],"detail":{"eventVersion":"1.08","eventSource":"cloudtrail.amazonaws.com","eventName":"StopLogging",`+
			`"eventType":"AwsApiCall","awsRegion":%[4]q,"eventTime":%[3]q,"eventID":%[1]q,"recipientAccountId":%[2]q,`+
			`"userIdentity":{"type":"IAMUser","arn":"arn:aws:iam::%[2]s:user/mallory","accountId":%[2]q,"userName":"mallory"},`+
			`"requestParameters":{"name":%[5]q}}}`,
		id,
		s.account,
		at,
		region,
		trailName,
	)
}

// claimAhead finds out, on a deployment of its own, under what names the next finding will be told, and forges messages
// of those names; then a sweep takes them up, and another one makes the finding.
func claimAhead(ctx context.Context, s *stage) error {
	o := options(s.template)
	rehearsal, err := newStage(o, Scenario{Name: "rehearsal", state: withInsights})
	if err != nil {
		return err
	}
	defer func() { _ = rehearsal.cloud.Close() }() // it only stops listening
	if err := unseenBetweenSweeps(func(context.Context, *stage) error { return nil })(ctx, rehearsal); err != nil {
		return err
	}
	return unseenBetweenSweeps(func(ctx context.Context, s *stage) error {
		for _, e := range rehearsal.cloud.Entries() {
			told := documentOf(e.Raw)
			if e.Kind != localcloud.KindSNS || told.Finding == "" {
				continue
			}
			for _, channel := range []string{finding.ChannelSlack, finding.ChannelSNS} {
				body, err := s.forgedMessage(channel, func(p *report.Parked) {
					p.Notification.EventID = told.EventID
					p.Notification.Kind = finding.Kind(told.Finding)
					p.Notification.Outcome = finding.Outcome(told.Outcome)
					p.Notification.EventName, p.Subject = "", report.SubjectOf(p.Notification, channel, nil)
				})
				if err == nil {
					err = s.forgeMessages(ctx, "GuardFailures", "a message of "+channel+" under the name of the next finding", body)
				}
				if err != nil {
					return err
				}
			}
		}
		return nil
	})(ctx, s)
}

// unseenBetweenSweeps does something, has a sweep, stops the trail without an event, and has another sweep.
func unseenBetweenSweeps(first act) act {
	return func(ctx context.Context, s *stage) error {
		if err := first(ctx, s); err != nil {
			return err
		}
		if err := s.cloud.RunFor(6 * time.Minute); err != nil {
			return err
		}
		s.cloud.LoseEvents(1)
		if err := stopLogging(ctx, s); err != nil {
			return err
		}
		return s.cloud.RunFor(5 * time.Minute)
	}
}

// mostStarving is how many events the attacker forges to keep the redelivery busy.
const mostStarving = 120

// starve has a message parked while Slack is down, behind events that are forged for a Region that does not exist.
func starve(ctx context.Context, s *stage) error {
	var forged []string
	for i := range mostStarving {
		forged = append(
			forged,
			strings.ReplaceAll(s.stopEvent(fmt.Sprintf("f0f0f0f0-0000-4000-8000-%012d", i), s.region), s.region, "xx-nowhere-1"),
		)
	}
	if err := s.forgeMessages(
		ctx,
		"GuardFailures",
		fmt.Sprintf("%d events of a Region that does not exist", mostStarving),
		forged...); err != nil {
		return err
	}
	end := s.inject(slackDown())
	if err := inTime(time.Minute, stopLogging)(ctx, s); err != nil {
		return err
	}
	end()
	s.cloud.Note("operator", "finds that Slack is back")
	return s.cloud.RunFor(5 * time.Minute)
}
