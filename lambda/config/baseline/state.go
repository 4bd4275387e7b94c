// Package baseline is what a trail is and should be: the state of a trail, and the file in which an operator declares
// it. The operator's command writes the files, cdk checks them and ships them in the function's asset, the function
// reads them.
//
// It reads no folder and no environment, knows no AWS client, and compares nothing.
package baseline

import (
	"time"

	"trailkeeper/events"
)

// State is everything that defines a trail. Its JSON form is that of a baseline file; what only an observation can hold
// is left out there.
type State struct {
	// ARN names the trail; its Region is the home Region.
	ARN string `json:"arn"`
	// Logging is what GetTrailStatus says.
	Logging  bool     `json:"logging"`
	Settings Settings `json:"settings"`
	// Selectors are the basic event selectors. A trail has these or Advanced, never both; with neither it records all
	// management events (CloudTrail API reference, GetEventSelectors).
	Selectors []Selector         `json:"eventSelectors,omitempty"`
	Advanced  []AdvancedSelector `json:"advancedEventSelectors,omitempty"`
	Insights  []InsightSelector  `json:"insightSelectors,omitempty"`
	Events    EventConfiguration `json:"eventConfiguration,omitzero"`
	Tags      map[string]string  `json:"tags,omitempty"`
	Delivery  Delivery           `json:"-"`
	// Unseen are the parts that could not be read, with the reason. A part that is not seen is never taken for healthy nor
	// for changed.
	Unseen map[Part]string `json:"-"`
	// Passing says that some of Unseen could not be read for a reason that may pass.
	Passing bool `json:"-"`
}

// Home returns the account that owns the trail and its home Region, as the ARN says. The error says what is wrong with
// the ARN.
func (s State) Home() (account, region string, err error) {
	t, err := events.ParseTrailARN(s.ARN)
	return t.Account, t.Region, err
}

// Part is what one call of the CloudTrail API shows of a trail.
type Part string

// The parts, each named as messages name it.
const (
	PartSettings  Part = "settings"            // DescribeTrails
	PartLogging   Part = "logging status"      // GetTrailStatus
	PartSelectors Part = "event selectors"     // GetEventSelectors
	PartInsights  Part = "Insights selectors"  // GetInsightSelectors
	PartEvents    Part = "event configuration" // GetEventConfiguration
	PartTags      Part = "tags"                // ListTags
)

// Settings are what UpdateTrail sets (CloudTrail API reference, Trail).
type Settings struct {
	S3Bucket      string `json:"s3BucketName"`
	S3Prefix      string `json:"s3KeyPrefix,omitempty"`
	KMSKeyID      string `json:"kmsKeyId,omitempty"` // the key's ARN, as DescribeTrails gives it
	SNSTopicARN   string `json:"snsTopicArn,omitempty"`
	LogGroupARN   string `json:"cloudWatchLogsLogGroupArn,omitempty"` // ends in ":*"
	LogRoleARN    string `json:"cloudWatchLogsRoleArn,omitempty"`
	MultiRegion   bool   `json:"isMultiRegionTrail"`
	GlobalEvents  bool   `json:"includeGlobalServiceEvents"`
	LogValidation bool   `json:"enableLogFileValidation"`
	Organization  bool   `json:"isOrganizationTrail"`
}

// Selector is a basic event selector (CloudTrail API reference, EventSelector).
type Selector struct {
	// ReadWrite is "All", "ReadOnly" or "WriteOnly"; empty counts as "All".
	ReadWrite string `json:"readWriteType"`
	// Management says whether management events are recorded.
	Management bool `json:"includeManagementEvents"`
	// ExcludeSources are the services whose management events are not recorded: kms.amazonaws.com and
	// rdsdata.amazonaws.com.
	ExcludeSources []string       `json:"excludeManagementEventSources,omitempty"`
	DataResources  []DataResource `json:"dataResources,omitempty"`
}

// DataResource is what a basic selector records data events of (CloudTrail API reference, DataResource).
type DataResource struct {
	Type   string   `json:"type"`             // "AWS::S3::Object", …
	Values []string `json:"values,omitempty"` // ARNs or prefixes of ARNs
}

// AdvancedSelector is an advanced event selector: an event that fulfils all its fields is recorded (CloudTrail API
// reference, AdvancedEventSelector).
type AdvancedSelector struct {
	Name   string          `json:"name,omitempty"`
	Fields []FieldSelector `json:"fieldSelectors"`
}

// FieldSelector is a condition on one field of an event. A value fulfils it if it fulfils any of Equals, StartsWith and
// EndsWith, where one of them is given, and none of the values of NotEquals, NotStartsWith and NotEndsWith (CloudTrail
// User Guide, "How CloudTrail evaluates multiple conditions for a field").
type FieldSelector struct {
	// "eventCategory", "readOnly", "eventSource", "resources.type", "resources.ARN", "eventName", …
	Field         string   `json:"field"`
	Equals        []string `json:"equals,omitempty"`
	NotEquals     []string `json:"notEquals,omitempty"`
	StartsWith    []string `json:"startsWith,omitempty"`
	NotStartsWith []string `json:"notStartsWith,omitempty"`
	EndsWith      []string `json:"endsWith,omitempty"`
	NotEndsWith   []string `json:"notEndsWith,omitempty"`
}

// InsightSelector is one kind of Insights events (CloudTrail API reference, InsightSelector).
type InsightSelector struct {
	Type string `json:"insightType"` // "ApiCallRateInsight" or "ApiErrorRateInsight"
	// Categories are "Management" and "Data"; empty means Management.
	Categories []string `json:"eventCategories,omitempty"`
}

// EventConfiguration is what PutEventConfiguration sets on a trail (CloudTrail API reference, GetEventConfiguration).
type EventConfiguration struct {
	MaxEventSize string        `json:"maxEventSize,omitempty"` // "Standard" or "Large"
	ContextKeys  []ContextKey  `json:"contextKeySelectors,omitempty"`
	Aggregations []Aggregation `json:"aggregationConfigurations,omitempty"`
}

// ContextKey is what enriches the events (CloudTrail API reference, ContextKeySelector).
type ContextKey struct {
	Type   string   `json:"type"` // "TagContext" or "RequestContext"
	Equals []string `json:"equals"`
}

// Aggregation is what is aggregated of one category of events (CloudTrail API reference, AggregationConfiguration).
type Aggregation struct {
	Category  string   `json:"eventCategory"`
	Templates []string `json:"templates"`
}

// Delivery is what GetTrailStatus says of the delivery of files: times are UTC and zero where there was none, errors
// are the S3, SNS and CloudWatch error codes, empty where the last delivery worked.
type Delivery struct {
	Latest, LatestDigest, LatestLogs               time.Time
	LatestError, LatestDigestError, LatestLogError string
	// Started and Stopped are when logging was last switched on and off.
	Started, Stopped time.Time
}
