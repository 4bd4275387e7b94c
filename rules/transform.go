package rules

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"sync"
)

// EventBridge's limits on an input transformer (EventBridge API reference, InputTransformer).
const (
	maxTemplateLength = 8192 // characters
	maxInputPaths     = 100
)

// ErrUndeliverable says that a template with an event's values in it is not valid JSON: EventBridge would drop the
// message without a word, or the far end would refuse it.
var ErrUndeliverable = errors.New("the rendered message is not valid JSON")

// Transformer is an EventBridge input transformer: values taken from the event by Paths, put into Template for <name>.
type Transformer struct {
	Paths    map[string]string // name to JSONPath, such as "$.detail.eventName"
	Template string
}

// Reserved holds the values that EventBridge itself puts in for <aws.events.…>.
type Reserved struct {
	RuleARN       string
	RuleName      string
	IngestionTime string // RFC 3339
}

// pathName is the pattern of InputPathsMap's keys (EventBridge API reference, InputTransformer).
var pathName = expression(`^[A-Za-z0-9_-]{1,256}$`)

var placeholder = expression(`<([^<>]*)>`)

// expression is compiled when it is first needed, so that no start of a function pays for it.
func expression(text string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(text) })
}

// Validate reports every reason for which EventBridge would refuse the transformer in PutTargets: length, number of
// paths, a path it cannot read, or a placeholder that no path and no reserved variable defines.
func (t Transformer) Validate() error {
	var errs []error
	if n := len([]rune(t.Template)); n == 0 || n > maxTemplateLength {
		errs = append(errs, fmt.Errorf("template is %d characters; want 1 to %d", n, maxTemplateLength))
	}
	if len(t.Paths) > maxInputPaths {
		errs = append(errs, fmt.Errorf("%d input paths; want at most %d", len(t.Paths), maxInputPaths))
	}
	for _, name := range slices.Sorted(maps.Keys(t.Paths)) {
		switch {
		case strings.HasPrefix(strings.ToLower(name), "aws."):
			errs = append(errs, fmt.Errorf("input path <%s>: names starting with \"aws.\" are reserved", name))
		case !pathName().MatchString(name):
			errs = append(
				errs,
				fmt.Errorf("input path %.300q: a name has 1 to 256 letters, digits, underscores and hyphens", name),
			)
		}
		if _, err := parsePath(t.Paths[name]); err != nil {
			errs = append(errs, fmt.Errorf("input path <%s>: %w", name, err))
		}
	}
	for _, m := range placeholder().FindAllStringSubmatch(t.Template, -1) {
		if _, ok := t.Paths[m[1]]; !ok && !slices.Contains(reservedNames, m[1]) {
			errs = append(errs, fmt.Errorf("template has the placeholder <%s>, which no input path defines", m[1]))
		}
	}
	return errors.Join(errs...)
}

// Render returns what EventBridge would send for the event. A path that the event does not have gives nothing inside
// quotes and "" outside; values go in as they are, without escaping; a text outside of quotes gets them ("Amazon
// EventBridge input transformation"). The error is ErrUndeliverable where the result is no valid JSON.
func (t Transformer) Render(event []byte, reserved Reserved) ([]byte, error) {
	if err := t.Validate(); err != nil {
		return nil, err
	}
	dec := json.NewDecoder(bytes.NewReader(event))
	dec.UseNumber()
	var root map[string]any
	if err := dec.Decode(&root); err != nil {
		return nil, fmt.Errorf("event: %w", err)
	}
	var out strings.Builder
	quoted, rest := false, t.Template
	for {
		at := placeholder().FindStringSubmatchIndex(rest)
		if at == nil {
			out.WriteString(rest)
			break
		}
		before := rest[:at[0]]
		out.WriteString(before)
		quoted = insideQuotes(quoted, before)
		value, err := t.value(rest[at[2]:at[3]], root, event, reserved)
		if err != nil {
			return nil, err
		}
		out.WriteString(substitute(value, quoted))
		rest = rest[at[1]:]
	}
	if !json.Valid([]byte(out.String())) {
		return []byte(out.String()), ErrUndeliverable
	}
	return []byte(out.String()), nil
}

// insideQuotes follows the template's own JSON text; values never change what is inside.
func insideQuotes(quoted bool, text string) bool {
	for i := 0; i < len(text); i++ {
		switch {
		case quoted && text[i] == '\\':
			i++
		case text[i] == '"':
			quoted = !quoted
		}
	}
	return quoted
}

var reservedNames = []string{
	"aws.events.rule-arn",
	"aws.events.rule-name",
	"aws.events.event.ingestion-time",
	"aws.events.event",
	"aws.events.event.json",
}

func (t Transformer) value(name string, root map[string]any, event []byte, reserved Reserved) (any, error) {
	switch name {
	case "aws.events.rule-arn":
		return reserved.RuleARN, nil
	case "aws.events.rule-name":
		return reserved.RuleName, nil
	case "aws.events.event.ingestion-time":
		return reserved.IngestionTime, nil
	case "aws.events.event.json":
		return json.RawMessage(event), nil
	case "aws.events.event":
		rest := maps.Clone(root)
		delete(rest, "detail")
		return rest, nil
	}
	steps, err := parsePath(t.Paths[name])
	if err != nil {
		return nil, err
	}
	return walk(root, steps), nil
}

// substitute gives the text that stands for a placeholder.
func substitute(value any, quoted bool) string {
	switch v := value.(type) {
	case nil:
		if quoted {
			return ""
		}
		return `""`
	case string:
		if quoted {
			return v
		}
		return `"` + v + `"`
	case json.RawMessage:
		return string(v)
	default:
		return encode(v)
	}
}

// encode is JSON without the escaping of <, > and &, as EventBridge writes it.
func encode(v any) string {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return `""` // values come from decoded JSON, which always encodes
	}
	return strings.TrimSuffix(b.String(), "\n")
}

// safePath is a path that a template may use. EventBridge puts values in without escaping, so only a value that cannot
// hold a quotation mark, a backslash or a control character may be used: Alphabet is what AWS lets it be, Source who
// says so.
type safePath struct {
	Alphabet string // a regular expression
	Source   string
	// SuccessOnly marks what AWS has checked only when the call succeeded.
	SuccessOnly bool
}

const (
	iamName = `[A-Za-z0-9_+=,.@-]`
	// iamPath is any printable ASCII character (IAM API reference, CreateUser, Path) less those that the odd-actor rule
	// takes out.
	iamPath = "[!#-;=-\\[\\]-_a-~\\x7f]"
)

// safePaths is the allow-list. It holds no userAgent, errorMessage, sourceIPAddress or responseElements: the first two
// are written by the caller, the third can be any service's name, the last can hold credentials.
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
		"IAM identifiers; the path of a user may hold any printable character, and the odd-actor rule takes the harmful ones",
		false,
	},
	"$.detail.userIdentity.invokedBy": {
		`^[A-Za-z0-9. -]{1,128}$`,
		"CloudTrail userIdentity element: the AWS service that made the request, or AWS Internal",
		false,
	},
	"$.detail.userIdentity.onBehalfOf.userId": {
		`^[A-Za-z0-9-]{1,47}$`, "Identity Store API reference, UserId; CloudTrail userIdentity element", false,
	},
	"$.detail.userIdentity.sessionContext.sourceIdentity": {
		`^` + iamName + `{2,64}$`, "STS API reference, AssumeRole, SourceIdentity", false,
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

// allowedPaths returns the paths that a template may use, in order.
func allowedPaths() []string { return slices.Sorted(maps.Keys(safePaths)) }

// alphabet returns the regular expression of the values that a path on the allow-list can have, and "" for any other
// path.
func alphabet(path string) string {
	if p, ok := safePaths[path]; ok {
		return p.Alphabet
	}
	return ""
}

// LongestText stands for what CloudFormation fills in for a reference of a template: it is as long as that may be. The
// name is that of a pseudo-parameter or of anything else, which is a name or an ARN of AWS.
func LongestText(reference string) string {
	switch {
	case strings.Contains(reference, "AccountId"):
		return strings.Repeat("0", 12)
	case strings.Contains(reference, "Region"):
		return "ap-southeast-7"
	case strings.Contains(reference, "Partition"):
		return "aws-us-gov"
	case strings.Contains(reference, "URLSuffix"):
		return "amazonaws.com.cn"
	default:
		const longestARN = 256
		return strings.Repeat("x", longestARN)
	}
}
