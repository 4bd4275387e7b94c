package simulate

import (
	"context"
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"trailkeeper/cdk/golden"
	"trailkeeper/lambda/internal/localcloud"
)

// TestFloodOfRefusedCalls: path 1 tells at once of a call that succeeded, however many refused ones wait to be told of,
// by whomever. Where both share an API destination, it waits behind all of them.
func TestFloodOfRefusedCalls(t *testing.T) {
	t.Parallel()
	const many, atOnce = 120, 5 * time.Second
	content, _ := golden.Variant(golden.Default)
	shared := func(rule string) []byte {
		return edited(t, content, func(t *testing.T, r resources) {
			set(t, r.target(t, rule, "Slack"), "Arn", object{"Fn::GetAtt": []any{r.id(t, "SlackRest"), "Arn"}})
		})
	}
	for name, tt := range map[string]struct {
		template []byte
		path     string // of the attacker
		flooding string // the path of whoever floods
		waits    bool
	}{
		"one actor":             {content, "/", "/", false},
		"an odd actor":          {content, `/"/`, `/"/`, false},
		"odd markup":            {content, "/</", "/</", false},
		"one destination":       {shared("TamperingRule"), "/", "/", true},
		"one for an odd actor":  {shared("OddActorRule"), `/"/`, "/`/", true},
		"one for an odd markup": {shared("OddMarkupRule"), "/`/", "/", true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r, err := Play(t.Context(), tt.template, Scenario{
				Name:      "flood of refused calls",
				actorPath: tt.path,
				act: func(ctx context.Context, s *stage) error {
					for i := range many {
						if err := deliverRefused(s, i, tt.flooding); err != nil {
							return err
						}
					}
					s.cloud.Pass(time.Second)
					return stopLogging(ctx, s)
				},
				checks: checks(restored(), toldByEventBridge()),
			})
			if err != nil {
				t.Fatal(err)
			}
			held(t, r)
			posted := 0
			for _, e := range r.Timeline {
				if e.Kind != localcloud.KindSlack || e.Via != localcloud.ViaDestination {
					continue
				}
				posted++
				if waited := e.At.Sub(r.attack.At); e.EventID == r.attack.EventID && (waited > atOnce) != tt.waits {
					t.Errorf("the call that succeeded was told of after %v", waited)
				}
			}
			if posted != many+1 {
				t.Errorf("path 1 told of %d calls; want %d", posted, many+1)
			}
		})
	}
}

// deliverRefused puts a refused StopLogging on the bus.
func deliverRefused(s *stage, i int, path string) error {
	id := fmt.Sprintf("f100d000-0000-4000-8000-%012d", i)
	payload, err := json.Marshal(map[string]any{
		"version":     "0",
		"id":          id,
		"source":      "aws.cloudtrail",
		"detail-type": "AWS API Call via CloudTrail",
		"account":     s.account,
		"region":      s.region,
		"time":        s.cloud.Now().Format(time.RFC3339),
		"resources":   []string{},
		"detail": map[string]any{
			"eventSource":        "cloudtrail.amazonaws.com",
			"eventName":          "StopLogging",
			"eventType":          "AwsApiCall",
			"awsRegion":          s.region,
			"eventTime":          s.cloud.Now().Format(time.RFC3339),
			"eventID":            id,
			"recipientAccountId": s.account,
			"errorCode":          "AccessDenied",
			"userIdentity": map[string]any{
				"type":      "IAMUser",
				"userName":  "eve",
				"accountId": s.account,
				"arn":       "arn:aws:iam::" + s.account + ":user" + path + "eve",
			},
		},
	})
	if err == nil {
		s.cloud.Deliver(id, "StopLogging", payload)
	}
	return err
}
