package limits

import (
	"fmt"
	"regexp"
	"strings"

	"trailkeeper/lambda/config"
	"trailkeeper/lambda/config/file"
)

// sized is a template whose values can be measured: what CloudFormation fills in counts as long as it can become.
type sized struct {
	stack     string // its name
	resources map[string]any
}

// The longest values of what is the same for a whole deployment.
var pseudo = map[string]string{
	"AWS::AccountId":        strings.Repeat("0", 12),
	"AWS::Region":           "ap-southeast-0",
	"AWS::Partition":        "aws-us-gov",
	"AWS::URLSuffix":        "amazonaws.com.cn",
	"AWS::StackId":          strings.Repeat("s", 200),
	"AWS::NoValue":          "",
	"AWS::NotificationARNs": "",
}

// longestName is how long a name may be that CloudFormation makes (the API reference of each service); it is never
// longer than the stack's name, the logical ID and 13 random characters with hyphens between (CloudFormation User
// Guide, "Name type").
var longestName = map[string]int{
	"AWS::IAM::Role":              64,
	"AWS::Lambda::Function":       64,
	"AWS::SQS::Queue":             80,
	"AWS::Events::Rule":           64,
	"AWS::Events::Connection":     64,
	"AWS::Events::ApiDestination": 64,
	"AWS::Scheduler::Schedule":    64,
	"AWS::S3::Bucket":             63,
	"AWS::CloudTrail::Trail":      128,
	"AWS::KMS::Key":               36,
	"AWS::IAM::ManagedPolicy":     128,
}

func (t sized) properties(id string) (kind string, properties map[string]any) {
	r, _ := t.resources[id].(map[string]any)
	kind, _ = r["Type"].(string)
	properties, _ = r["Properties"].(map[string]any)
	return kind, properties
}

// name is the physical name of a resource at its longest.
func (t sized) name(id string) string {
	kind, properties := t.properties(id)
	for _, property := range []string{"Name", kind[strings.LastIndexByte(kind, ':')+1:] + "Name"} {
		if name, ok := properties[property]; ok {
			return t.text(name)
		}
	}
	const random = 13
	length := len(t.stack) + len("-") + len(id) + len("-") + random
	if maximum, ok := longestName[kind]; ok {
		length = min(length, maximum)
	}
	return strings.Repeat("n", length)
}

// arn is the ARN of a resource at its longest: it has the name, and behind it a UUID where EventBridge adds one.
func (t sized) arn(id string) string {
	kind, properties := t.properties(id)
	resource := strings.ToLower(kind[strings.LastIndexByte(kind, ':')+1:]) + "/"
	if bus, ok := properties["EventBusName"]; ok {
		resource += t.text(bus) + "/"
	}
	if kind == "AWS::Events::Connection" || kind == "AWS::Events::ApiDestination" {
		resource += strings.Repeat("u", 37)
	}
	longest := config.Place{Partition: "aws-us-gov", Region: "ap-southeast-0", Account: "000000000000"}
	return longest.ARN("secretsmanager", resource+t.name(id))
}

// reference is what a Ref or a Fn::GetAtt becomes.
func (t sized) reference(id, attribute string) string {
	if value, ok := pseudo[id]; ok {
		return value
	}
	kind, _ := t.properties(id)
	switch {
	case id == "AWS::StackName":
		return t.stack
	case kind == "": // a parameter, of which CDK makes few: the name of an asset's bucket
		return strings.Repeat("p", 64)
	case kind == "AWS::SQS::Queue" && (attribute == "" || attribute == "QueueUrl"):
		return "https://sqs.ap-southeast-0.amazonaws.com.cn/000000000000/" + t.name(id)
	case strings.HasSuffix(attribute, "Name"):
		return t.name(id)
	case attribute == "" && kind != "AWS::SNS::Topic" && kind != "AWS::IAM::ManagedPolicy":
		return t.name(id)
	}
	return t.arn(id)
}

var inText = regexp.MustCompile(`\$\{([A-Za-z0-9:]+)(?:\.([A-Za-z0-9.]+))?\}`)

// resolve returns the value with everything filled in that CloudFormation would.
func (t sized) resolve(v any) any {
	switch v := v.(type) {
	case []any:
		all := make([]any, len(v))
		for i, one := range v {
			all[i] = t.resolve(one)
		}
		return all
	case map[string]any:
		if text, ok := t.function(v); ok {
			return text
		}
		all := make(map[string]any, len(v))
		for name, value := range v {
			all[name] = t.resolve(value)
		}
		return all
	}
	return v
}

// function evaluates what is an intrinsic function; one that this package does not use counts as a long name.
func (t sized) function(v map[string]any) (string, bool) {
	if len(v) != 1 {
		return "", false
	}
	for name, argument := range v {
		list, _ := argument.([]any)
		switch text, _ := argument.(string); {
		case name == "Ref":
			return t.reference(text, ""), true
		case name == "Fn::GetAtt" && len(list) == 2:
			return t.reference(fmt.Sprint(list[0]), fmt.Sprint(list[1])), true
		case name == "Fn::Join" && len(list) == 2:
			var parts []string
			values, _ := list[1].([]any)
			for _, part := range values {
				parts = append(parts, t.text(part))
			}
			return strings.Join(parts, fmt.Sprint(list[0])), true
		case name == "Fn::Sub" && text != "":
			return inText.ReplaceAllStringFunc(text, func(found string) string {
				m := inText.FindStringSubmatch(found)
				return t.reference(m[1], m[2])
			}), true
		case strings.HasPrefix(name, "Fn::"):
			return strings.Repeat("f", 128), true
		}
	}
	return "", false
}

// text is a value as CloudFormation passes it on: a text, or JSON without white space.
func (t sized) text(v any) string {
	switch v := t.resolve(v).(type) {
	case nil:
		return ""
	case string:
		return v
	default:
		return file.Line(v)
	}
}
