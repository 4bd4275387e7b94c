package simulate

import (
	"context"
	"strings"
	"time"

	"trailkeeper/lambda/config"
	"trailkeeper/lambda/internal/localcloud"
)

type act = func(context.Context, *stage) error

// unseen loses the event of what is done; the next sweep follows.
func unseen(do act) act {
	return func(ctx context.Context, s *stage) error {
		s.cloud.LoseEvents(1)
		return thenSweep(do)(ctx, s)
	}
}

// thenSweep lets everything come to rest after what is done, and then the schedule fire.
func thenSweep(do act) act { return thenLaterSweep(do, time.Minute) }

func thenLaterSweep(do act, later time.Duration) act {
	return func(ctx context.Context, s *stage) error {
		if err := do(ctx, s); err != nil {
			return err
		}
		if err := s.cloud.Run(); err != nil {
			return err
		}
		s.cloud.Pass(later)
		return s.sweep(1)
	}
}

// sweep has every schedule that is enabled fire so often at the same moment. What comes of it, or of its lack, is for
// the checks.
func (s *stage) sweep(times int) error {
	for range times {
		if s.cloud.FireSchedules() == 0 {
			s.cloud.Note("Scheduler", "no schedule is enabled")
		}
	}
	return s.cloud.Run()
}

// sweepTwice has one sweep follow the other.
func sweepTwice(_ context.Context, s *stage) error {
	if err := s.sweep(1); err != nil {
		return err
	}
	s.cloud.Pass(5 * time.Minute)
	return s.sweep(1)
}

// twoSweepsAfter loses the event of what is done, and has the schedule fire twice at the same moment.
func twoSweepsAfter(do act) act {
	return func(ctx context.Context, s *stage) error {
		s.cloud.LoseEvents(1)
		if err := do(ctx, s); err != nil {
			return err
		}
		s.cloud.Pass(time.Minute)
		return s.sweep(2)
	}
}

// again does something n times, each time when all has come to rest.
func again(n int, do act) act {
	return func(ctx context.Context, s *stage) error {
		for range n {
			if err := do(ctx, s); err != nil {
				return err
			}
			if err := s.cloud.Settle(); err != nil {
				return err
			}
			s.cloud.Pass(2 * time.Second)
		}
		return nil
	}
}

// denyBucket keeps CloudTrail out of the trail's bucket; the trail finds out at its next delivery.
func denyBucket(_ context.Context, s *stage) error {
	s.cloud.DenyBucket(s.declared.Settings.S3Bucket)
	s.cloud.Note("mallory", "denies CloudTrail the bucket "+s.declared.Settings.S3Bucket)
	s.cloud.Pass(10 * time.Minute)
	return s.sweep(1)
}

// poison has a sweep record the trail, forges the record so that it names the attacker's bucket, and weakens the trail.
func poison(ctx context.Context, s *stage) error {
	if err := s.sweep(1); err != nil {
		return err
	}
	forged, ok := s.forged()
	if !ok {
		s.cloud.Note("mallory", "finds no recorded baseline to forge")
		return updateTrail(ctx, s)
	}
	if !s.putItem(forged) {
		if err := s.cloud.SetItem(forged); err != nil {
			return err
		}
		s.cloud.Note("mallory", "forges the recorded baseline, past the table's policy")
	}
	s.cloud.Pass(2 * time.Second)
	return updateTrail(ctx, s)
}

// putItem has somebody who may do everything in the account write into the state table, and reports whether that was
// done. The timeline shows a refusal.
func (s *stage) putItem(item localcloud.Item) bool {
	mallory := localcloud.Principal{AccessKey: attackerKey, Account: s.account, UserName: "mallory"}
	return s.cloud.PutItemAs(mallory, item) == nil
}

// replaceItem puts an item of the trail into the state table, in place of what the guard remembers.
func replaceItem(_ context.Context, s *stage) error {
	text := func(v string) map[string]any { return map[string]any{"S": v} }
	s.putItem(localcloud.Item{"pk": text("trail"), "sk": text(s.trail), "document": text("{}")})
	return nil
}

// forged is the trail's document with another bucket in its baseline; false: there is none.
func (s *stage) forged() (localcloud.Item, bool) {
	for _, item := range s.cloud.Items() {
		content, _ := item["document"].(map[string]any)
		text := textOfItem(item, "document")
		if textOfItem(item, "pk") == "trail" && textOfItem(item, "sk") == s.trail &&
			strings.Contains(text, s.declared.Settings.S3Bucket) {
			content["S"] = strings.ReplaceAll(text, s.declared.Settings.S3Bucket, "mallorys-bucket")
			return item, true
		}
	}
	return nil, false
}

// withoutTable deletes the state table first.
func withoutTable(do act) act {
	return func(ctx context.Context, s *stage) error {
		name := s.cloud.Deployment().Environment[config.EnvTable]
		s.cloud.Delete(in(s.region, s.account).ARN("dynamodb", "table/"+name))
		s.cloud.Note("mallory", "deletes the table "+name)
		return do(ctx, s)
	}
}

// repeated has the event of what is done arrive n times more.
func repeated(n int, do act) act {
	return func(ctx context.Context, s *stage) error {
		s.cloud.RepeatEvents(n)
		return do(ctx, s)
	}
}
