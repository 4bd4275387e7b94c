package rules

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strings"

	"trailkeeper/events"
)

// Wording is the text of the Slack message that EventBridge itself sends for one rule, and the paths of its placeholders. The text is
// Slack mrkdwn; <name> stands for a value of the event.
type Wording struct {
	Text  string            `json:"text"`
	Paths map[string]string `json:"paths"`
}

// Transformer makes the input transformer. With a channel it is the body of chat.postMessage, otherwise that of an incoming webhook.
func (w Wording) Transformer(channel string) Transformer {
	body := `{"text":` + encode(w.Text) + `}`
	if channel != "" {
		body = `{"channel":` + encode(channel) + `,"text":` + encode(w.Text) + `}`
	}
	return Transformer{Paths: maps.Clone(w.Paths), Template: body}
}

// safePath is a path that a template may use. EventBridge puts values in without escaping, so only a value that cannot hold a quotation
// mark, a backslash or a control character may be used: Alphabet is what AWS lets it be, Source who says so.
type safePath struct {
	Alphabet string // a regular expression
	Source   string
	// SuccessOnly marks what AWS has checked only when the call succeeded.
	SuccessOnly bool
}

const (
	iamName = `[A-Za-z0-9_+=,.@-]`
	// iamPath is any printable ASCII character (IAM API reference, CreateUser, Path) less those that the odd-actor rule takes out.
	iamPath = "[!#-;=-\\[\\]-_a-~\\x7f]"
)

// safePaths is the allow-list. It holds no userAgent, errorMessage, sourceIPAddress or responseElements: the first two are written by the
// caller, the third can be any service's name, the last can hold credentials.
var safePaths = map[string]safePath{
	"$.account": {`^[0-9]{12}$`, "EventBridge event structure: the account ID", false},
	"$.region":  {`^[a-z0-9-]{2,32}$`, "EventBridge event structure: the Region code", false},
	"$.time":    {`^[0-9TZ:.+-]{1,40}$`, "EventBridge event structure: an RFC 3339 time", false},
	"$.id":      {`^[0-9a-f-]{1,64}$`, "EventBridge event structure: a UUID", false},
	"$.detail.eventName": {
		`^[A-Za-z0-9_]{1,128}$`, "CloudTrail record contents: an API's name; the patterns list them", false,
	},
	"$.detail.eventTime": {`^[0-9TZ:.+-]{1,40}$`, "CloudTrail record contents: ISO 8601 in UTC", false},
	"$.detail.eventID":   {`^[0-9a-f-]{1,64}$`, "CloudTrail record contents: a GUID made by CloudTrail", false},
	"$.detail.awsRegion": {`^[a-z0-9-]{2,32}$`, "CloudTrail record contents: the Region code", false},
	"$.detail.errorCode": {
		`^[A-Za-z0-9._:-]{1,128}$`, "CloudTrail record contents: an error code of the service, CloudTrail API errors", false,
	},
	"$.detail.recipientAccountId": {`^[0-9]{12}$`, "CloudTrail record contents: an account ID", false},
	"$.detail.userIdentity.type":  {`^[A-Za-z]{1,32}$`, "CloudTrail userIdentity element: one of its types", false},
	"$.detail.userIdentity.accountId": {
		`^[0-9]{12}$`, "CloudTrail userIdentity element: an account ID", false,
	},
	"$.detail.userIdentity.principalId": {
		`^[A-Z0-9]{1,128}(:` + iamName + `{0,64})?$`,
		"IAM unique identifiers, and STS AssumeRole's RoleSessionName behind the colon", false,
	},
	"$.detail.userIdentity.arn": {
		`^arn:aws[a-z-]*:(iam|sts)::[0-9]{12}:` + iamPath + `{1,512}$`,
		"IAM identifiers; the path of a user may hold any printable character, and the odd-actor rule takes the harmful ones", false,
	},
	"$.detail.requestParameters.name": {
		`^[A-Za-z0-9._:/-]{1,256}$`, "CreateTrail API reference: trail names; checked when the call succeeded", true,
	},
	"$.detail.requestParameters.trailName": {
		`^[A-Za-z0-9._:/-]{1,256}$`, "PutEventSelectors API reference: trail names; checked when the call succeeded", true,
	},
	"$.detail.requestParameters.eventDataStore": {
		`^[A-Za-z0-9._:/-]{1,256}$`, "PutInsightSelectors API reference: pattern of EventDataStore", true,
	},
}

// AllowedPaths returns the paths that a template may use, in order.
func AllowedPaths() []string { return slices.Sorted(maps.Keys(safePaths)) }

// Check reports every reason not to deploy the wording: a path that is not on the allow-list, a placeholder that no path defines, a
// message over EventBridge's limit, or an event of the project's own fixtures with which it would not arrive.
func (w Wording) Check(rule EventRule) error {
	var errs []error
	for _, name := range slices.Sorted(maps.Keys(w.Paths)) {
		safe, ok := safePaths[w.Paths[name]]
		switch {
		case !ok:
			errs = append(errs, fmt.Errorf("<%s>: the path %s is not one that a template may use (allowed: %s)",
				name, w.Paths[name], strings.Join(AllowedPaths(), ", ")))
		case safe.SuccessOnly && !rule.SuccessOnly:
			errs = append(errs, fmt.Errorf("<%s>: the path %s is checked by AWS only in a successful call, and rule %s also takes refused ones",
				name, w.Paths[name], rule.Name))
		}
	}
	if strings.TrimSpace(w.Text) == "" {
		errs = append(errs, errors.New("the text is empty"))
	}
	// A channel ID is at most 32 characters; the longer body is the one to measure.
	transformer := w.Transformer(strings.Repeat("C", 32))
	if err := transformer.Validate(); err != nil {
		return errors.Join(append(errs, err)...)
	}
	return errors.Join(append(errs, w.tryFixtures(rule, transformer)...)...)
}

// tryFixtures renders every fixture that the rule matches.
func (w Wording) tryFixtures(rule EventRule, t Transformer) []error {
	var errs []error
	fixtures := events.Fixtures()
	names, err := fs.Glob(fixtures, "*.json")
	if err != nil {
		return []error{fmt.Errorf("fixtures: %w", err)}
	}
	for _, name := range names {
		payload, err := fs.ReadFile(fixtures, name)
		if err != nil {
			errs = append(errs, err)
			continue
		}
		ev, err := events.Parse(payload)
		if err != nil {
			continue // some fixtures are unreadable on purpose
		}
		if match, err := rule.Pattern.Match(ev.JSON()); err != nil || !match {
			continue
		}
		if got, err := t.Render(ev.JSON(), Reserved{RuleName: rule.Name}); err != nil {
			errs = append(errs, fmt.Errorf("with the fixture %s: %w: %.300s", name, err, got))
		}
	}
	return errs
}

// Alphabet returns the regular expression of the values that a path on the allow-list can have, and "" for any other path.
func Alphabet(path string) string {
	if p, ok := safePaths[path]; ok {
		return p.Alphabet
	}
	return ""
}
