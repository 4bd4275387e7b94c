package simulate

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"

	"trailkeeper/lambda/config/baseline"
	"trailkeeper/lambda/internal/localcloud"
)

// dependencies are changes that weaken nothing today and make a trail depend on what somebody else holds.
func dependencies() []Scenario {
	return []Scenario{
		{
			Name:     "key-added",
			Title:    "a KMS key, a topic and a prefix are added to a trail whose baseline has none",
			Recreate: true,
			act:      addDependencies,
			checks: checks(
				putBack(),
				told("and restored"),
				told("without it, nobody can read them"),
				outcome("restored"),
				writesOnly("UpdateTrail"),
				handled(),
				calm(),
				safe(),
				sound(),
			),
		},
		{
			Name:     "key-exchanged",
			Title:    "the KMS key of a trail is exchanged for another of the same account",
			Recreate: true,
			state:    encrypted,
			act:      exchangeKey,
			checks: checks(
				putBack(),
				told("and restored"),
				outcome("restored"),
				writesOnly("UpdateTrail"),
				handled(),
				calm(),
				safe(),
				sound(),
			),
		},
	}
}

func addDependencies(ctx context.Context, s *stage) error {
	_, err := s.attacker.UpdateTrail(ctx, &cloudtrail.UpdateTrailInput{
		Name:         aws.String(trailName),
		KmsKeyId:     aws.String(ownKey(s.region, "11111111")),
		S3KeyPrefix:  aws.String("attic"),
		SnsTopicName: aws.String(in(s.region, account).ARN("sns", "unread")),
	})
	return err
}

func exchangeKey(ctx context.Context, s *stage) error {
	_, err := s.attacker.UpdateTrail(
		ctx,
		&cloudtrail.UpdateTrailInput{Name: aws.String(trailName), KmsKeyId: aws.String(ownKey(s.region, "11111111"))},
	)
	return err
}

// encrypted is the plain trail with a key.
func encrypted(arn string) baseline.State {
	state := declaredState(localcloud.TrailSeed{ARN: arn, Logging: true, MultiRegion: true})
	state.Settings.KMSKeyID = ownKey("eu-west-1", "44444444")
	return state
}

// ownKey is a key of the trail's own account, outside the stack.
func ownKey(region, id string) string {
	return in(region, account).ARN("kms", "key/"+id+"-0000-0000-0000-000000000000")
}
