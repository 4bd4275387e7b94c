package eventrule

import (
	"errors"
	"slices"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssqs"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"trailkeeper/cdk/convert"
	"trailkeeper/cdk/policy"
	"trailkeeper/cdk/queue"
	"trailkeeper/lambda/config/baseline"
	"trailkeeper/rules"
	"trailkeeper/rules/evidence"
)

// evidenceName is what the names of the rules of package rules/evidence begin with, behind the stack's.
const evidenceName = "evidence-"

// Evidence makes the rules on calls that take a trail's evidence away. They go to the guard, and to Slack without it; to
// the topic as well where EventBridge publishes to it by itself. One permission is for all of them, and no alarm watches
// each: what they could not deliver is in the dead-letter queues, which are watched. The error is what EventBridge would
// refuse.
func (r *Rules) Evidence(scope constructs.Construct, baselines []baseline.Baseline) error {
	names := evidenceNames(baselines)
	names.Longest = withLongestTexts
	made, err := evidence.Rules(names)
	if err != nil {
		return err
	}
	s := r.props.Settings
	at := constructs.NewConstruct(scope, jsii.String("Evidence"))
	bus := s.OwnBus()
	sources := policy.RuleARNs(at, s, physicalName(s, evidenceName, "")+"*")
	arns := sources[len(sources)-1:] // on the bus of the rules
	var publisher awsiam.Role
	if r.props.Topic != nil && s.SNS.EventBridge {
		publisher = policy.NewRole(at, s, policy.RoleProps{
			Service:     "events.amazonaws.com",
			Description: "Trailkeeper: EventBridge publishes calls on a trail's evidence",
			Sources:     sources,
			Policy:      "Publish",
			Statements:  r.props.Topic.PublishAll(),
		})
		r.Publishers = append(r.Publishers, publisher)
	}
	before := len(r.refused)
	for _, of := range made {
		to := []target{toGuard(r.props)}
		if r.props.Slack != nil {
			to = append(to, r.evidenceSlack(of))
		}
		if publisher != nil {
			to = append(to, toTopics(r.props, rules.Transformer{Template: `"Trailkeeper: ` + of.Text + `"`, Paths: of.Paths}, publisher)...)
		}
		r.OnEvidence = append(r.OnEvidence, r.add(at, convert.ConstructID(of.Name), of.Name, of.Description, of.Pattern, to, bus))
	}
	letInvoke(at, "Permission", r.props.Guard.Function, arns[0])
	queues := []awssqs.Queue{r.props.Queues.Guard, r.props.Queues.Slack}
	if publisher != nil {
		queues = append(queues, r.props.Queues.Topic)
	}
	for _, of := range queues {
		if of != nil {
			queue.AdmitSender(of, "FromEvidenceRules", "events.amazonaws.com", arns...)
		}
	}
	return errors.Join(r.refused[before:]...)
}

// evidenceSlack posts through the destination of calls that succeeded, unless there may be very many at once: those hold
// up nothing but what else can wait.
func (r *Rules) evidenceSlack(of evidence.Rule) target {
	mark, destination := ":red_circle: ", r.props.Slack.Destination
	switch {
	case of.Attempt:
		mark, destination = ":white_circle: ", r.props.Slack.Rest
	case of.Many:
		destination = r.props.Slack.Rest
	}
	return toSlack(r.props, rules.Wording{Text: mark + of.Text, Paths: of.Paths}, destination)
}

// evidenceNames is what the baselines name, each once.
func evidenceNames(baselines []baseline.Baseline) (n evidence.Names) {
	for _, b := range baselines {
		s := b.Trail.Settings
		bucket := evidence.Bucket{Name: s.S3Bucket, Prefix: baseline.FilesPrefix(b.Trail)}
		if !slices.Contains(n.Buckets, bucket) {
			n.Buckets = append(n.Buckets, bucket)
		}
		if s.KMSKeyID != "" && !slices.Contains(n.Keys, s.KMSKeyID) {
			n.Keys = append(n.Keys, s.KMSKeyID)
		}
		if s.LogGroupARN != "" && !slices.Contains(n.LogGroups, s.LogGroupARN) {
			n.LogGroups = append(n.LogGroups, s.LogGroupARN)
		}
	}
	return n
}
