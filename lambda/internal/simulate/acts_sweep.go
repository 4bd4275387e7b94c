package simulate

import (
	"context"
	"errors"
	"fmt"
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
		return s.sweep()
	}
}

// sweep has the schedule fire.
func (s *stage) sweep() error {
	if s.cloud.FireSchedules() == 0 {
		return errors.New("no schedule is enabled")
	}
	return s.cloud.Run()
}

// again does something n times, each time when all has come to rest.
func again(n int, do act) act {
	return func(ctx context.Context, s *stage) error {
		for range n {
			if err := do(ctx, s); err != nil {
				return err
			}
			if err := s.cloud.Run(); err != nil {
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
	return s.sweep()
}

// poison has a sweep record the trail, forges the record so that it names the attacker's bucket, and weakens the trail.
func poison(ctx context.Context, s *stage) error {
	if err := s.sweep(); err != nil {
		return err
	}
	forged, err := s.forged()
	if err != nil {
		return err
	}
	mallory := localcloud.Principal{AccessKey: attackerKey, Account: s.account, UserName: "mallory"}
	if err := s.cloud.PutItemAs(mallory, forged); err == nil {
		return errors.New("the table's policy lets the attacker write an item")
	}
	if err := s.cloud.SetItem(forged); err != nil {
		return err
	}
	s.cloud.Note("mallory", "forges the recorded baseline, past the table's policy")
	s.cloud.Pass(2 * time.Second)
	return updateTrail(ctx, s)
}

// forged is the trail's item with another bucket in its baseline.
func (s *stage) forged() (localcloud.Item, error) {
	for _, item := range s.cloud.Items() {
		content, _ := item["baseline"].(map[string]any)
		text, _ := content["S"].(string)
		if text != "" && strings.Contains(fmt.Sprint(item["sk"]), s.trail) {
			content["S"] = strings.ReplaceAll(text, s.declared.Settings.S3Bucket, "mallorys-bucket")
			return item, nil
		}
	}
	return nil, errors.New("the sweep has recorded no baseline")
}

// withoutTable deletes the state table first.
func withoutTable(do act) act {
	return func(ctx context.Context, s *stage) error {
		name := s.cloud.Deployment().Environment[config.EnvTable]
		s.cloud.Delete("arn:aws:dynamodb:" + s.region + ":" + s.account + ":table/" + name)
		s.cloud.Note("mallory", "deletes the table "+name)
		return do(ctx, s)
	}
}
