package protect

import (
	"cmp"
	"maps"
	"strings"
)

// Sample is a call on something of a deployment, as CloudTrail records it.
type Sample struct {
	Source string // eventSource
	Event  string // eventName, of Lambda's calls with the version of its API
	// Named are the parts of the detail that name what the call is about: requestParameters or responseElements.
	Named map[string]any
}

// Detail is the detail of the record, without who called, when and where.
func (s Sample) Detail() map[string]any {
	detail := map[string]any{"eventSource": s.Source, "eventName": s.Event, "requestParameters": nil}
	maps.Copy(detail, s.Named)
	return detail
}

// SampleOf is a call of the catalogue, by its action of IAM, on something of the deployment; and false where no rule is
// for the call, or the deployment has nothing that it could name.
func SampleOf(d Deployment, action string) (Sample, bool) {
	for _, c := range calls() {
		if c.action != action {
			continue
		}
		values := c.form(d)
		if values == nil {
			return Sample{}, false
		}
		s := Sample{Source: c.source, Event: c.event}
		if c.source == "lambda.amazonaws.com" {
			s.Event += versions[c.event]
		}
		if c.field != "" {
			s.Named = parameters(pathOf(c.field), valueOf(values))
		}
		return s, true
	}
	return Sample{}, false
}

// versions are what stands behind the names of Lambda's calls in records (Lambda Developer Guide, "Logging AWS Lambda
// API calls using AWS CloudTrail"); the newer calls have none.
var versions = map[string]string{
	"AddPermission":               "20150331v2",
	"CreateAlias":                 "20150331",
	"CreateEventSourceMapping":    "20150331",
	"DeleteAlias":                 "20150331",
	"DeleteEventSourceMapping":    "20150331",
	"DeleteFunction":              "20150331",
	"DeleteFunctionConcurrency":   "20171031",
	"PutFunctionConcurrency":      "20171031",
	"RemovePermission":            "20150331v2",
	"UpdateAlias":                 "20150331",
	"UpdateEventSourceMapping":    "20150331",
	"UpdateFunctionCode":          "20150331v2",
	"UpdateFunctionConfiguration": "20150331v2",
}

// parameters has a value where a field is, with dots; a field whose name is a plural is a list.
func parameters(field, value string) map[string]any {
	first, rest, nested := strings.Cut(field, ".")
	switch {
	case strings.HasPrefix(field, inResources):
		return map[string]any{first: []any{map[string]any{rest: value}}}
	case nested:
		return map[string]any{first: parameters(rest, value)}
	case strings.HasSuffix(strings.ToLower(first), "names"):
		return map[string]any{first: []any{value}}
	}
	return map[string]any{first: value}
}

// valueOf is a text that meets one of the conditions.
func valueOf(conditions []any) string {
	for _, c := range conditions {
		if text, ok := c.(string); ok {
			return text
		}
		of, _ := c.(map[string]any)
		before, _ := of["prefix"].(string)
		like, _ := of["wildcard"].(string)
		if text := cmp.Or(before, strings.ReplaceAll(like, "*", "")); text != "" {
			return text + "-sample"
		}
	}
	return ""
}
