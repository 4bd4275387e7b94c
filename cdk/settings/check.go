package settings

import (
	"fmt"
	"maps"
	"net/mail"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"trailkeeper/lambda/config"
	"trailkeeper/lambda/config/nearest"
	"trailkeeper/lambda/config/route"
)

// SecretEndpoint is the prefix of a subscription's endpoint that stands in the secret, under the key behind it.
const SecretEndpoint = "secret:"

// Placeholder is the address in the example of cdk.json, with which nothing is deployed.
const Placeholder = "security@example.com"

var (
	secretKey = regexp.MustCompile(`^[A-Za-z0-9_-]{1,64}$`)
	phone     = regexp.MustCompile(`^\+[0-9]{7,15}$`)
)

// contradictions are the problems that concern several settings. Where one of them could not be read, there is an error
// about it already, and what its default would contradict is no problem of the operator's.
func contradictions(s Settings, unread []string) []error {
	p := &problems{unread: unread}
	slackContradictions(s, p)
	topicContradictions(s, p)
	heartbeatContradictions(s, p)
	placeContradictions(s, p)
	trailContradictions(s, p)
	watching(s, p)
	filtering(s, p)
	archiving(s, p)
	guardrailContradictions(s, p)
	evidenceContradictions(s, p)
	wardenContradictions(s, p)
	subscribing(s, p)
	return slices.Concat(
		p.errs,
		misplaced(s, unread),
		exceeding(s, unread),
		foreign(s, unread),
		routing(s, unread),
		elsewhere(s),
		otherPartition(s),
	)
}

// problems are those that concern several settings.
type problems struct {
	unread []string // the keys that could not be read
	errs   []error
}

// add adds a problem of some keys, with blanks between, where it is one and each of them was read.
func (p *problems) add(is bool, keys, format string, args ...any) {
	if is && !concerns(strings.Fields(keys), p.unread) {
		p.errs = append(p.errs, fmt.Errorf(format, args...))
	}
}

func slackContradictions(s Settings, p *problems) {
	p.add(!s.Slack.Enabled && !s.SNS.Enabled, "slack.enabled sns.enabled",
		"slack.enabled and sns.enabled are both false; want at least one way to notify")
	if s.Slack.Enabled {
		p.add(s.Secret == "", "secret", "secret is empty; Slack needs the secret with the webhook or the bot token")
		p.add(!s.Slack.Webhook && !s.Slack.BotToken, "slack.webhook slack.botToken",
			"slack.webhook and slack.botToken are both false; want at least one that the secret holds")
		p.add(s.Slack.BotToken && s.Slack.Channel == "", "slack.botToken slack.channel",
			"slack.channel is empty; a bot token needs the ID of the channel to post to")
		p.add(
			!s.Slack.BotToken && s.Slack.Channel != "",
			"slack.botToken slack.channel",
			"slack.channel is %s but slack.botToken is false; a webhook posts to the channel it was made for",
			show(s.Slack.Channel),
		)
	}
}

func topicContradictions(s Settings, p *problems) {
	p.add(s.SNS.TopicARN != "" && s.SNS.TopicName != "", "sns.topicArn sns.topicName",
		"sns.topicName is %s but sns.topicArn names an existing topic; want one of the two", show(s.SNS.TopicName))
	p.add(s.SNS.TopicARN == "" && s.SNS.TopicKeyARN != "", "sns.topicArn sns.topicKeyArn",
		"sns.topicKeyArn is for an existing topic, and sns.topicArn names none")
	addresses := map[string]bool{}
	for _, endpoint := range slices.Sorted(maps.Keys(s.SNS.Subscriptions)) {
		address := strings.ToLower(endpoint)
		p.add(ForPeople(s.SNS.Subscriptions[endpoint]) && addresses[address], "sns.subscriptions",
			"sns.subscriptions: %s is there twice, in other capitals; want each address once", endpointShape(endpoint))
		addresses[address] = true
	}
	p.add(
		s.Secret == "" && subscribesFromSecret(s),
		"secret",
		"secret is empty; sns.subscriptions has an endpoint that stands in it",
	)
	p.add(
		s.SNS.EmailFrom != route.Severities()[0] && slices.Contains(route.Severities(), s.SNS.EmailFrom) && !s.SNS.toPeople(),
		"sns.emailFrom sns.subscriptions",
		"sns.emailFrom is %s but sns.subscriptions has no e-mail address and no phone number; there is nobody to spare",
		show(s.SNS.EmailFrom),
	)
}

func placeContradictions(s Settings, p *problems) {
	p.add((s.Env.Account == "") != (s.Env.Region == ""), "env.account env.region",
		"env.account is %s and env.region is %s; want both or neither", show(s.Env.Account), show(s.Env.Region))
	p.add(!s.Sweep.Enabled && len(s.Sweep.Regions) > 0, "sweep.enabled sweep.regions",
		"sweep.regions is %s but sweep.enabled is false; want no Regions, or the sweep", show(s.Sweep.Regions))
	p.add(
		len(s.Sweep.Regions) > 0 && s.Env.Region != "" && !slices.Contains(s.Sweep.Regions, s.Env.Region),
		"sweep.regions env.region",
		"sweep.regions is %s, and the stack's own %s is not among them; want it there as well",
		show(s.Sweep.Regions),
		show(s.Env.Region),
	)
	glass := len(strings.Join(s.Table.BreakGlass, `","`))
	p.add(
		glass > maxBreakGlass,
		"table.breakGlass",
		"table.breakGlass has %d characters, and SQS takes no such policy of a queue; want at most %d, or one role for all",
		glass,
		maxBreakGlass,
	)
	p.add(
		len(s.Tags) > maxTags,
		"tags",
		"tags has %s; AWS takes at most %d on a resource",
		count(len(s.Tags), "tag"),
		maxTags,
	)
}

func trailContradictions(s Settings, p *problems) {
	p.add(!s.FirstTrail.Enabled && s.FirstTrail.LogGroup, "firstTrail.enabled firstTrail.logGroup",
		"firstTrail.logGroup is true but firstTrail.enabled is false; there is no trail to send to a log group")
	p.add(!s.Canary.Enabled && s.Canary.Key != "", "canary.enabled canary.key",
		"canary.key is %s but canary.enabled is false; there is no trail to encrypt", show(s.Canary.Key))
	p.add(!s.FirstTrail.Enabled && s.FirstTrail.Key != "", "firstTrail.enabled firstTrail.key",
		"firstTrail.key is %s but firstTrail.enabled is false; there is no trail to encrypt", show(s.FirstTrail.Key))
	p.add(!s.FirstTrail.Enabled && s.FirstTrail.Insights, "firstTrail.enabled firstTrail.insights",
		"firstTrail.insights is true but firstTrail.enabled is false; there is no trail to analyse")
}

// maxBreakGlass leaves room for the rest of a queue's policy, which has at most 8,192 bytes (SQS Developer Guide,
// "Amazon SQS policy quotas").
const maxBreakGlass = 4096

// maxTags is how many tags a resource may have (CloudFormation Template Reference, "Tag"). CDK would say so of every
// resource.
const maxTags = 50

// concerns reports whether one of the keys, or a group that it is in, is among those that could not be read.
func concerns(keys, unread []string) bool {
	return slices.ContainsFunc(keys, func(key string) bool {
		return slices.ContainsFunc(unread, func(u string) bool { return key == u || strings.HasPrefix(key, u+".") })
	})
}

func subscribesFromSecret(s Settings) bool {
	for endpoint := range s.SNS.Subscriptions {
		if strings.HasPrefix(endpoint, SecretEndpoint) {
			return true
		}
	}
	return false
}

// protocols are those that a subscription may have.
var protocols = []string{"email", "email-json", "http", "https", "sms", "sqs", "lambda"}

// checkSubscription reports what is wrong with one subscription. No error holds an endpoint, of which a URL shows its
// host at most.
func checkSubscription(endpoint, protocol string) error {
	if key, ok := strings.CutPrefix(endpoint, SecretEndpoint); ok {
		if protocol != "https" || !secretKey.MatchString(key) {
			return fmt.Errorf("%s with protocol %s; want %sKEY with a key of the secret, and the protocol https",
				endpointShape(endpoint), showName(protocol), SecretEndpoint)
		}
		return nil
	}
	var (
		ok   bool
		want string
	)
	switch protocol {
	case "email", "email-json":
		address, err := mail.ParseAddress(endpoint)
		ok, want = err == nil && address.Address == endpoint, "an e-mail address"
	case "http", "https":
		return checkURL(endpoint, protocol)
	case "sms":
		ok, want = phone.MatchString(endpoint), "a phone number such as +14155550100"
	case "sqs":
		ok, want = config.FormQueue.Matches(endpoint), "the ARN of a standard queue"
	case "lambda":
		ok, want = config.FormFunction.Matches(endpoint), "the ARN of a function"
	default:
		return fmt.Errorf("%s has the protocol %s; want one of %s%s", endpointShape(endpoint), showName(protocol),
			strings.Join(protocols, ", "), nearest.Mean(protocol, protocols))
	}
	if !ok {
		return fmt.Errorf("%s with protocol %s; want %s", endpointShape(endpoint), protocol, want)
	}
	return nil
}

func endpointShape(endpoint string) string {
	return "the endpoint of " + count(len([]rune(endpoint)), "character")
}

// checkURL accepts a URL that is only a host: a path or query often holds the key of a pager, which has no business in
// a template.
func checkURL(endpoint, protocol string) error {
	u, err := url.Parse(endpoint)
	if err != nil || u.Host == "" || u.Scheme != protocol {
		return fmt.Errorf(
			"%s with protocol %s; want a URL that starts with %s://",
			endpointShape(endpoint),
			protocol,
			protocol,
		)
	}
	if u.User != nil || strings.Trim(u.Path, "/") != "" || u.RawQuery != "" || u.Fragment != "" {
		return fmt.Errorf(
			"the endpoint at %s has a path, a query or a password, which may be a key, and would stand in clear in the "+
				"template; put the URL into the secret under a key such as pager_url and write %spager_url instead (protocol "+
				"https)",
			show(u.Host),
			SecretEndpoint,
		)
	}
	return nil
}

// tagText is what every service takes in a tag (IAM API reference, Tag, which is the strictest together with SQS and
// EventBridge).
var tagText = regexp.MustCompile(`^[\p{L}\p{Z}\p{N}_.:/=+@-]*$`)

func checkAccountName(account, name string) error {
	if !config.ValidAccount(account) || !config.ValidAccountName(name) {
		return fmt.Errorf("%s is named %s; want an account ID of 12 digits, and a name of 1 to 50 characters",
			show(account), show(name))
	}
	return nil
}

// validRepository accepts what a file's path can follow.
func validRepository(s string) bool {
	return config.ValidRunbook(s) && len(s) <= 180 && !strings.HasSuffix(s, "/") && !strings.Contains(s, "?")
}

func checkTag(name, value string) error {
	switch {
	case name == "" || len([]rune(name)) > 128 || strings.HasPrefix(strings.ToLower(name), "aws:"):
		return fmt.Errorf("%s; want a name of 1 to 128 characters that does not start with \"aws:\"", show(name))
	case len([]rune(value)) > 256:
		return fmt.Errorf("%s has %d characters; want at most 256", show(name), len([]rune(value)))
	case !tagText.MatchString(name) || !tagText.MatchString(value):
		return fmt.Errorf("%s or its value has a character that AWS takes in no tag; want letters, digits, spaces and "+
			"_ . : / = + - @", show(name))
	}
	return nil
}
