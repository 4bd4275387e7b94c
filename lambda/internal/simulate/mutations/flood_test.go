package mutations

import (
	"context"
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"trailkeeper/cdk/golden"
	"trailkeeper/lambda/internal/localcloud"
	"trailkeeper/lambda/internal/simulate"
	"trailkeeper/lambda/internal/simulate/act"
	"trailkeeper/lambda/internal/simulate/check"
	"trailkeeper/lambda/internal/simulate/scenarios"
	"trailkeeper/lambda/internal/simulate/simulatetest"
	"trailkeeper/lambda/internal/simulate/stage"
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
			r, err := simulate.Play(t.Context(), tt.template, scenarios.Scenario{
				Name:  "flood of refused calls",
				Setup: stage.Setup{ActorPath: tt.path},
				Act: func(ctx context.Context, s *stage.Stage) error {
					for i := range many {
						if err := deliverRefused(s, i, tt.flooding); err != nil {
							return err
						}
					}
					s.Cloud.Pass(time.Second)
					return act.StopLogging(ctx, s)
				},
				Checks: check.All(check.Restored(), check.ToldByEventBridge()),
			})
			if err != nil {
				t.Fatal(err)
			}
			simulatetest.Held(t, r)
			posted, attack := 0, r.Timeline.Attacks()[0]
			for _, e := range r.Timeline {
				if e.Kind != localcloud.KindSlack || e.Via != localcloud.ViaDestination {
					continue
				}
				posted++
				if waited := e.At.Sub(attack.At); e.EventID == attack.EventID && (waited > atOnce) != tt.waits {
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
func deliverRefused(s *stage.Stage, i int, path string) error {
	id := fmt.Sprintf("f100d000-0000-4000-8000-%012d", i)
	payload, err := json.Marshal(act.EventOf(s, id, "StopLogging", object{
		"errorCode": "AccessDenied",
		"userIdentity": object{
			"type":      "IAMUser",
			"userName":  "eve",
			"accountId": s.Account,
			"arn":       "arn:aws:iam::" + s.Account + ":user" + path + "eve",
		},
	}))
	if err == nil {
		s.Cloud.Deliver(id, "StopLogging", payload)
	}
	return err
}
