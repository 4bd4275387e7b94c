package act

import (
	"context"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"

	"trailkeeper/lambda/internal/simulate/stage"
	"trailkeeper/lambda/internal/simulate/structure"

	cwtypes "github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge/types"

	"trailkeeper/events"
	"trailkeeper/lambda/config/exception"
	"trailkeeper/lambda/config/metric"
	"trailkeeper/lambda/internal/localcloud"
)

// The cast beside the attacker, and what is approved.
const (
	deployRole  = "Deploy"
	deployKey   = "ASIADEPLOY0000000001"
	operatorKey = "AKIAOPERATOR00000001"
	NewBucket   = "log-archive-new"
	ApprovedFor = 2 * time.Hour
)

// approval approves calls of a principal.
func approval(who, trail, reason string, calls ...string) exception.Approval {
	return exception.Approval{
		Principal: stage.At("", stage.Account).ARN("iam", who),
		Events:    calls,
		Trail:     trail,
		Reason:    reason,
		Expires:   localcloud.Start.Add(ApprovedFor),
	}
}

// ApprovedChange lets the attacker, who is no attacker then, change the trail's settings for two hours.
func ApprovedChange() exception.List {
	approved := approval("user/mallory", exception.AnyTrail, "move to the new bucket", "UpdateTrail")
	return exception.List{Approvals: []exception.Approval{approved}}
}

// DeployMay approves calls of the role Deploy on the one trail, and, before it, a change of somebody else.
func DeployMay(calls ...string) exception.List {
	trail := stage.Setup{}.Trail(localcloud.Options{Account: stage.Account, Region: stage.Region})
	return exception.List{Approvals: []exception.Approval{
		approval("user/nobody", trail, "not this one", "UpdateTrail"),
		approval("role/"+deployRole, trail, "move to the new bucket", calls...),
	}}
}

// AsDeploy has the approved role do something.
func AsDeploy(do Act) Act {
	return func(ctx context.Context, s *stage.Stage) error {
		s.Cloud.AddPrincipal(localcloud.Principal{
			AccessKey: deployKey,
			Account:   s.Account,
			UserName:  "ci",
			RoleName:  deployRole,
		})
		mallory := s.Attacker
		s.Attacker = stage.ClientOf(s.Cloud, s.Region, deployKey)
		defer func() { s.Attacker = mallory }()
		return do(ctx, s)
	}
}

// RacedUpdate is an approved change, and a second later one of somebody else.
func RacedUpdate() Act {
	more := UpdateWith(func(_ *stage.Stage, to *cloudtrail.UpdateTrailInput) {
		to.S3KeyPrefix, to.EnableLogFileValidation = aws.String("attic"), off
	})
	return InOrder(AsDeploy(MoveBucket), pass(time.Second), more)
}

// ForgedUpdate claims an approved change, and makes one that nobody sees.
func ForgedUpdate() Act {
	request := object{"name": stage.TrailName, "s3BucketName": NewBucket}
	return InOrder(invokeForged("UpdateTrail", request), Lost(MoveBucket))
}

// ApprovedThenDeleted is an approved deletion, after which the trail is created again and somebody else deletes it; the
// event of that is lost.
func ApprovedThenDeleted() Act {
	return InTurn(time.Minute, AsDeploy(DeleteTrail), AsDeploy(CreateWeaker), Lost(DeleteTrail))
}

// ForgedStop claims an approved stop, and makes one that nobody sees.
func ForgedStop() Act {
	return InOrder(invokeForged("StopLogging", object{"name": stage.TrailName}), Lost(StopLogging))
}

// DeniedCalls forbids the attacker these calls; none are all that the rules on tampering are about.
func DeniedCalls(calls ...string) map[string]string {
	if len(calls) == 0 {
		calls = []string{"StopLogging", "DeleteTrail", "UpdateTrail", "PutEventSelectors", "PutInsightSelectors"}
	}
	denied := map[string]string{}
	for _, call := range calls {
		denied["cloudtrail:"+call] = fmt.Sprintf(localcloud.NoIdentityPolicy, "cloudtrail:"+call)
	}
	return denied
}

// Attempts tries each of those calls as a user of each IAM path, one a quota's second, and wants AWS to refuse it.
func Attempts(paths ...string) Act {
	var all []Act
	for _, path := range paths {
		all = append(all, func(_ context.Context, s *stage.Stage) error {
			s.Cloud.AddPrincipal(localcloud.Principal{
				AccessKey: stage.AttackerKey,
				Account:   s.Account,
				UserName:  "mallory",
				Path:      path,
				Denied:    DeniedCalls(),
			})
			return nil
		})
		for _, call := range []Act{StopLogging, DeleteTrail, UpdateTrail, PutSelectors, PutInsights} {
			all = append(all, Refused(call), pass(time.Second))
		}
	}
	return InOrder(all...)
}

// SendTestAlert puts a test alert on the bus that the rule for it listens to, as trailkeeper test-alert does.
func SendTestAlert(ctx context.Context, s *stage.Stage) error {
	s.Cloud.AddPrincipal(localcloud.Principal{AccessKey: operatorKey, Account: s.Account, UserName: "operator"})
	template, err := structure.Of(s.Template)
	if err != nil {
		return err
	}
	cfg := stage.Config(s.Cloud, s.Region, operatorKey)
	for _, bus := range template.TestBuses() {
		out, err := eventbridge.NewFromConfig(cfg).PutEvents(ctx, &eventbridge.PutEventsInput{
			Entries: []types.PutEventsRequestEntry{{
				Source:       aws.String(events.Source),
				DetailType:   aws.String(events.TestAlert),
				Detail:       aws.String(`{"by":"operator"}`),
				EventBusName: aws.String(bus),
			}},
		})
		if err != nil {
			return err
		}
		if out.FailedEntryCount > 0 {
			return fmt.Errorf("put the test alert on the bus %s: %s", bus, aws.ToString(out.Entries[0].ErrorMessage))
		}
	}
	_, err = cloudwatch.NewFromConfig(cfg).PutMetricData(ctx, &cloudwatch.PutMetricDataInput{
		Namespace: aws.String(metric.Namespace),
		MetricData: []cwtypes.MetricDatum{{
			MetricName: aws.String(metric.TestAlertsSent),
			Value:      aws.Float64(1),
			Unit:       cwtypes.StandardUnitCount,
			Dimensions: []cwtypes.Dimension{{Name: aws.String(metric.DimensionStack), Value: aws.String(s.Stack)}},
		}},
	})
	return err
}
