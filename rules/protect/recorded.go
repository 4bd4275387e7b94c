package protect

import (
	"strings"

	evidence "trailkeeper/rules/evidence/calls"
	"trailkeeper/rules/guardrail"
)

// recorded is where a record of CloudTrail says what a call was about.
type recorded struct {
	// field is a member of requestParameters, with dots, or responseElements or resources and one of its members; empty: the
	// call takes nothing.
	field string
	form  form
	what  string // what it names, for people: behind "called on"
	// shown says that AWS admits no character in what a call that succeeded names that would break a message.
	shown bool
}

// byKind is where the calls on a kind of resource name it: the member of the API's input, its first letter in lower case
// (CloudTrail User Guide, "CloudTrail record contents"; the APIs' models, which testdata/models.json has).
func byKind() map[guardrail.Kind]recorded {
	return map[guardrail.Kind]recorded{
		guardrail.AlarmOwn:      {"alarmName", alarm, "its alarm", false},
		guardrail.BusOwn:        {"name", ownBus, "its event bus", true},
		guardrail.DashboardOwn:  {"dashboardName", named("", ""), "its dashboard", false},
		guardrail.Connection:    {"name", named("", ""), "its connection", true},
		guardrail.Destination:   {"name", named("", ""), "its API destination", true},
		guardrail.Function:      {"functionName", function, "its function", true},
		guardrail.Key:           {inResources + "ARN", key, "its key", true},
		guardrail.LogGroup:      {"logGroupName", logGroup, "its log group", true},
		guardrail.LogStream:     {"logGroupName", logGroup, "its log group", true},
		guardrail.ManagedPolicy: {"policyArn", managedPolicy, "its managed policy", false},
		guardrail.Parameter:     {"name", parameter, "its parameter", true},
		guardrail.Queue:         {"queueUrl", queueURL, "its queue", false},
		guardrail.Role:          {"roleName", named("", ""), "its role", true},
		guardrail.Rule:          {"name", named("", ""), "its rule", true},
		guardrail.Schedule:      {"name", named("", ""), "its schedule", true},
		guardrail.Secret:        {"secretId", secret, "its secret", true},
		guardrail.Stack:         {"stackName", stack, "its stack", true},
		guardrail.StackSet:      {"stackSetName", stackSet, "its stack set", true},
		guardrail.Table:         {"tableName", table, "its table", true},
		guardrail.Topic:         {"topicArn", topic, "its topic", true},
	}
}

// byAction is where calls say it that differ from the others on their kind, or take no resource for IAM.
func byAction() map[string]recorded {
	alarms := recorded{"alarmNames", alarm, "its alarm", false}
	mapping := recorded{"responseElements.functionArn", functionARN, "its event source mapping, of the function", true}
	group := recorded{"logGroupIdentifier", logGroup, "its log group", true}
	rule := recorded{"rule", named("", ""), "its rule", true}
	subscription := recorded{"subscriptionArn", subscription, "its subscription", true}
	busPolicy := recorded{"eventBusName", busOrNone, "its event bus", true}
	trusted := recorded{"servicePrincipal", cloudTrail, "CloudTrail's trusted access in the organization,", true}
	policy := recorded{"policyId", orgPolicy, "its guardrail", true}
	account := recorded{"accountId", member, "an account that it guards,", true}
	return map[string]recorded{
		"cloudwatch:DeleteAlarms":                        alarms,
		"cloudwatch:DisableAlarmActions":                 alarms,
		"cloudwatch:PutAlarmMuteRule":                    {"muteTargets.alarmNames", alarm, "its alarm", false},
		"cloudwatch:DeleteDashboards":                    {"dashboardNames", named("", ""), "its dashboard", false},
		"dynamodb:DeleteResourcePolicy":                  {"resourceArn", table, "its table", true},
		"dynamodb:PutResourcePolicy":                     {"resourceArn", table, "its table", true},
		"events:PutPermission":                           busPolicy,
		"events:PutTargets":                              rule,
		"events:RemovePermission":                        busPolicy,
		"events:RemoveTargets":                           rule,
		"lambda:CreateEventSourceMapping":                {"functionName", function, "its function", true},
		"lambda:DeleteEventSourceMapping":                mapping,
		"lambda:UpdateEventSourceMapping":                mapping,
		"logs:PutDataProtectionPolicy":                   group,
		"logs:PutLogGroupDeletionProtection":             group,
		"logs:PutTransformer":                            group,
		"organizations:CloseAccount":                     account,
		"organizations:DeletePolicy":                     policy,
		"organizations:DeregisterDelegatedAdministrator": trusted,
		"organizations:DetachPolicy":                     policy,
		"organizations:DisableAWSServiceAccess":          trusted,
		"organizations:DisablePolicyType":                {"", ifPolicies, "the organization's policies, of which its guardrail is one", false},
		"organizations:LeaveOrganization":                {"", always, "this account's place in the organization", false},
		"organizations:MoveAccount":                      account,
		"organizations:RemoveAccountFromOrganization":    account,
		"organizations:UpdatePolicy":                     policy,
		"sns:PutDataProtectionPolicy":                    {"resourceArn", topic, "its topic", true},
		"sns:SetSubscriptionAttributes":                  subscription,
		"sns:Unsubscribe":                                subscription,
		"sqs:StartMessageMoveTask":                       {"sourceArn", queueARN, "its queue", true},
		"ssm:DeleteParameters":                           {"names", parameter, "its parameter", false},
	}
}

// inPlace is where calls may say it in the place of that: they have the one or the other.
func inPlace() map[string]recorded {
	group := recorded{"resourceIdentifier", logGroup, "its log group", true}
	return map[string]recorded{"logs:AssociateKmsKey": group, "logs:DisassociateKmsKey": group}
}

// Unseen is why no rule is for a call of the catalogue, by its action of IAM; empty: one is.
func Unseen(action string) string { return unseen()[action] }

// unseen are the calls of the catalogue that no rule is for, and why.
func unseen() map[string]string {
	const (
		dataEvent = "CloudTrail records it as a data event, which no rule of the stack gets"
		unknown   = "it names nothing of the deployment"
		noCall    = "CloudTrail records no such call"
	)
	return map[string]string{
		"":                               "it is no call of AWS",
		"account:CloseAccount":           evidence.Unseen("account:CloseAccount"),
		"dynamodb:DeleteItem":            dataEvent,
		"dynamodb:PutItem":               dataEvent,
		"dynamodb:UpdateItem":            dataEvent,
		"events:DeleteArchive":           unknown,
		"iam:PassRole":                   noCall,
		"kms:DeleteAlias":                unknown + ": its keys have no alias",
		"kms:UpdateAlias":                unknown + ": its keys have no alias",
		"lambda:DeleteCodeSigningConfig": unknown,
		"lambda:InvokeFunction":          dataEvent,
		"logs:DeleteDestination":         unknown,
		"sqs:DeleteMessage":              dataEvent,
		"sqs:SendMessage":                dataEvent,
	}
}

// call is one of the catalogue, as CloudTrail records it.
type call struct {
	action string // of IAM
	source string // eventSource
	event  string // eventName; of Lambda, whose names have a version behind them, how it begins
	recorded
}

// inScope are the letters of the techniques that concern the deployment's own resources.
const inScope = "DEFGHIJK"

// calls are those that the rules are for, in the catalogue's order: each once, or once for each field in which it may say
// what it is about.
func calls() (all []call) {
	kinds, actions, others, none, seen := byKind(), byAction(), inPlace(), unseen(), map[string]bool{}
	for _, t := range guardrail.Techniques() {
		if !strings.Contains(inScope, t.ID[:1]) {
			continue
		}
		for _, c := range t.Calls {
			_, without := none[c.Action]
			r, found := actions[c.Action]
			if !found {
				r, found = kinds[c.On]
			}
			if without || !found || seen[c.Action] {
				continue
			}
			seen[c.Action] = true
			all = append(all, newCall(c.Action, r))
			if other, is := others[c.Action]; is {
				all = append(all, newCall(c.Action, other))
			}
		}
	}
	return all
}

func newCall(action string, r recorded) call {
	service, event, _ := strings.Cut(action, ":")
	if service == "cloudwatch" {
		service = "monitoring" // CloudWatch User Guide, "Logging CloudWatch API calls with CloudTrail"
	}
	return call{action: action, source: service + ".amazonaws.com", event: event, recorded: r}
}
