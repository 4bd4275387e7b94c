package simulate

import (
	"context"
	"fmt"
	"time"

	"trailkeeper/lambda/internal/localcloud"
)

// deniedCalls forbids the attacker these calls; none are all that the rules on tampering are about.
func deniedCalls(calls ...string) map[string]string {
	if len(calls) == 0 {
		calls = []string{"StopLogging", "DeleteTrail", "UpdateTrail", "PutEventSelectors", "PutInsightSelectors"}
	}
	denied := map[string]string{}
	for _, call := range calls {
		denied["cloudtrail:"+call] = fmt.Sprintf(localcloud.NoIdentityPolicy, "cloudtrail:"+call)
	}
	return denied
}

// attempts tries each of those calls as a user of each IAM path, one a quota's second, and wants AWS to refuse it.
func attempts(paths ...string) func(context.Context, *stage) error {
	return func(ctx context.Context, s *stage) error {
		for _, path := range paths {
			s.cloud.AddPrincipal(localcloud.Principal{
				AccessKey: attackerKey,
				Account:   s.account,
				UserName:  "mallory",
				Path:      path,
				Denied:    deniedCalls(),
			})
			for _, call := range []func(context.Context, *stage) error{stopLogging, deleteTrail, updateTrail, putSelectors, putInsights} {
				if err := refused(call)(ctx, s); err != nil {
					return err
				}
				s.cloud.Pass(time.Second)
			}
		}
		return nil
	}
}

// toldOfAttempts wants both paths and both channels to tell of every call that the attacker made.
func toldOfAttempts() []check {
	each := told("refused")
	for i, p := range each {
		each[i].verify = func(r *Result) string {
			for _, call := range r.where(func(e localcloud.Entry) bool { return e.Kind == localcloud.KindCall && !e.Function }) {
				one := *r
				one.attack = call
				if why := p.verify(&one); why != "" {
					return call.Op + ": " + why
				}
			}
			return ""
		}
	}
	return each
}
