package act

import (
	"context"
	"errors"
	"strings"
	"time"

	"trailkeeper/lambda/config"
	"trailkeeper/lambda/internal/localcloud"
	"trailkeeper/lambda/internal/simulate/stage"
)

// DenyBucket keeps CloudTrail out of the trail's bucket; the trail finds out at its next delivery.
func DenyBucket(ctx context.Context, s *stage.Stage) error {
	bucket := s.Declared.Settings.S3Bucket
	s.Cloud.DenyBucket(bucket)
	return InOrder(note("mallory", "denies CloudTrail the bucket "+bucket), pass(10*time.Minute), Sweep(1))(ctx, s)
}

// WithoutBucket deletes the trail's bucket first.
func WithoutBucket(do Act) Act {
	return func(ctx context.Context, s *stage.Stage) error {
		s.Cloud.DeleteBucket(s.Declared.Settings.S3Bucket)
		s.Cloud.Note("mallory", "deletes the bucket "+s.Declared.Settings.S3Bucket)
		return do(ctx, s)
	}
}

// WithoutTable deletes the state table first.
func WithoutTable(do Act) Act {
	return func(ctx context.Context, s *stage.Stage) error {
		name := s.Cloud.Deployment().With(config.EnvMode).Environment[config.EnvTable]
		s.Cloud.Delete(stage.At(s.Region, s.Account).ARN("dynamodb", "table/"+name))
		s.Cloud.Note("mallory", "deletes the table "+name)
		return do(ctx, s)
	}
}

// Poison has a sweep record the trail, forges the record so that it names the attacker's bucket, and weakens the trail.
func Poison(ctx context.Context, s *stage.Stage) error {
	if err := Sweep(1)(ctx, s); err != nil {
		return err
	}
	forged, ok := forgedItem(s)
	if !ok {
		s.Cloud.Note("mallory", "finds no recorded baseline to forge")
		return UpdateTrail(ctx, s)
	}
	if !putItem(s, forged) {
		if err := s.Cloud.SetItem(forged); err != nil {
			return err
		}
		s.Cloud.Note("mallory", "forges the recorded baseline, past the table's policy")
	}
	return InOrder(pass(2*time.Second), UpdateTrail)(ctx, s)
}

// putItem has somebody who may do everything in the account write into the state table, and reports whether that was
// done. The timeline shows a refusal.
func putItem(s *stage.Stage, item localcloud.Item) bool {
	mallory := localcloud.Principal{AccessKey: stage.AttackerKey, Account: s.Account, UserName: "mallory"}
	return s.Cloud.PutItemAs(mallory, item) == nil
}

// ReplaceItem puts an item of the trail into the state table, in place of what the guard remembers.
func ReplaceItem(_ context.Context, s *stage.Stage) error {
	text := func(v string) object { return object{"S": v} }
	putItem(s, localcloud.Item{"pk": text("trail"), "sk": text(s.Trail), "document": text("{}")})
	return nil
}

// forgedItem is the trail's document with another bucket in its baseline; false: there is none.
func forgedItem(s *stage.Stage) (localcloud.Item, bool) {
	for _, item := range s.Cloud.Items() {
		content, _ := item["document"].(object)
		text := stage.ItemText(item, "document")
		if stage.ItemText(item, "pk") == "trail" && stage.ItemText(item, "sk") == s.Trail &&
			strings.Contains(text, s.Declared.Settings.S3Bucket) {
			content["S"] = strings.ReplaceAll(text, s.Declared.Settings.S3Bucket, "mallorys-bucket")
			return item, true
		}
	}
	return nil, false
}

// DisableRule has the attacker see to it that no test alert tells.
func DisableRule(_ context.Context, s *stage.Stage) error {
	s.Cloud.Note("mallory", "disables the rule for test alerts")
	if s.Cloud.DisableRule("TestRule") == 0 {
		return errors.New("the template has no rule for test alerts")
	}
	return nil
}

// DisableSchedules has the attacker end the sweeps.
func DisableSchedules(_ context.Context, s *stage.Stage) error {
	s.Cloud.Note("mallory", "disables the schedule")
	s.Cloud.DisableSchedules("")
	return nil
}

// flood is how long the attacker keeps CloudTrail's quota of writing calls used up.
const flood = 8 * time.Second

// StopAndFlood stops the trail and keeps CloudTrail busy.
func StopAndFlood(ctx context.Context, s *stage.Stage) error {
	if err := StopLogging(ctx, s); err != nil {
		return err
	}
	s.Cloud.Note("mallory", "calls AddTags in a loop: the quota of writing calls is used up for 8.00 s")
	s.Cloud.Flood(flood)
	return nil
}

// InVirginia deploys in us-east-1, where IAM's calls are recorded.
func InVirginia(o *localcloud.Options) { o.Region = "us-east-1" }

// InMember deploys the stack into a member account that is a delegated administrator, where the attacker is as well.
func InMember(o *localcloud.Options) {
	o.ManagementAccount = stage.Account
	if o.Account == stage.Account {
		o.Account = stage.MemberAccount
	}
	o.DelegatedAdministrators = []string{o.Account}
}
