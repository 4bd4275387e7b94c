package eventrule

import (
	"errors"

	"github.com/aws/aws-cdk-go/awscdk/v2/awssqs"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"trailkeeper/cdk/convert"
	"trailkeeper/cdk/policy"
	"trailkeeper/cdk/queue"
	"trailkeeper/rules"
	"trailkeeper/rules/protect"
)

// protectName is what the names of the rules of package rules/protect begin with, behind the stack's.
const protectName = "protect-"

// Protect makes the rules that report calls against the deployment itself, to the topics through a role and to Slack,
// without code of the stack. They are on the default bus, where the account's own calls arrive. No alarm watches them, as
// none does the relays of alarms: what they could not deliver is in the dead-letter queues, which are watched. The error
// is what EventBridge would refuse.
func (r *Rules) Protect(scope constructs.Construct, d protect.Deployment) error {
	d.Longest = withLongestTexts
	made, err := protect.Rules(d)
	if err != nil {
		return err
	}
	s := r.props.Settings
	at := constructs.NewConstruct(scope, jsii.String("Protect"))
	arns := policy.RuleARNs(at, s, physicalName(s, protectName, "")+"*")[:1] // on the default bus
	// Of a deployment there is a message for each of its many calls: they go to Slack alone, which has a channel of its own
	// for what can wait, and otherwise not to those who want to hear of what is grave alone.
	topics := func(protect.Rule) []target { return nil }
	if r.props.Topic != nil {
		role := policy.NewRole(at, s, policy.RoleProps{
			Service:     "events.amazonaws.com",
			Description: "Trailkeeper: EventBridge publishes calls against the deployment itself",
			Sources:     arns,
			Policy:      "Publish",
			Statements:  r.props.Topic.PublishAll(),
		})
		r.Publishers = append(r.Publishers, role)
		topics = func(of protect.Rule) []target {
			if of.Kind == protect.Deploy && r.props.Slack != nil {
				return nil
			}
			to := toTopics(r.props, rules.Transformer{Template: `"` + of.Text + `"`, Paths: of.Paths}, role)
			if of.Kind == protect.Deploy {
				to = to[:1]
			}
			return to
		}
	}
	before := len(r.refused)
	for _, of := range made {
		to := topics(of)
		if r.props.Slack != nil {
			to = append(to, r.protectSlack(of))
		}
		r.Protecting = append(r.Protecting, r.add(at, convert.ConstructID(of.Name), of.Name, of.Description, of.Pattern, to, ""))
	}
	for _, of := range []awssqs.Queue{r.props.Queues.Slack, r.props.Queues.Topic} {
		if of != nil {
			queue.AdmitSender(of, "FromProtectRules", "events.amazonaws.com", arns...)
		}
	}
	return errors.Join(r.refused[before:]...)
}

// protectSlack posts through the destination that is for these calls alone. Of the deployer's and of refused ones there
// can be many at once, which hold up nothing but what else can wait.
func (r *Rules) protectSlack(of protect.Rule) target {
	mark, destination := ":red_circle: ", r.props.Slack.Protect
	switch of.Kind {
	case protect.Alert:
	case protect.Deploy:
		mark, destination = ":large_blue_circle: ", r.props.Slack.Rest
	case protect.Attempt:
		mark, destination = ":white_circle: ", r.props.Slack.Rest
	}
	return toSlack(r.props, rules.Wording{Text: mark + of.Text, Paths: of.Paths}, destination)
}
