package localcloud

import (
	"encoding/json"
	"slices"
	"strings"
)

// The limits of selectors ("Quotas in AWS CloudTrail", and the API reference of PutEventSelectors).
const (
	mostSelectors = 5
	mostResources = 250
	mostValues    = 500
)

// typed reads a list of the request as CloudTrail reads it: a member that it does not know is dropped.
func typed[T any](list []any) ([]T, *awsError) {
	raw, err := json.Marshal(list)
	var out []T
	if err == nil {
		err = json.Unmarshal(raw, &out)
	}
	if err != nil {
		return nil, refuse("SerializationException", "%s", err.Error())
	}
	return out, nil
}

// untyped is the form in which a trail keeps its selectors.
func untyped[T any](list []T) []any {
	if len(list) == 0 {
		return nil
	}
	raw, err := json.Marshal(list)
	var out []any
	if err == nil {
		err = json.Unmarshal(raw, &out)
	}
	if err != nil {
		return nil // lists of texts always encode
	}
	return out
}

func invalidSelectors(format string, args ...any) *awsError {
	return refuse("InvalidEventSelectorsException", format, args...)
}

// checkSelectors refuses what CloudTrail refuses; no selectors at all are fine.
func checkSelectors(basic []basicSelector, advanced []advancedSelector) *awsError {
	switch {
	case len(basic) > 0 && len(advanced) > 0:
		return invalidSelectors("Give event selectors or advanced event selectors, not both.")
	case len(basic) > mostSelectors:
		return invalidSelectors("A trail takes up to %d event selectors.", mostSelectors)
	}
	if failed := checkBasic(basic); failed != nil {
		return failed
	}
	values := 0
	for _, s := range advanced {
		if failed := checkAdvanced(s); failed != nil {
			return failed
		}
		for _, f := range s.FieldSelectors {
			values += f.values()
		}
	}
	if values > mostValues {
		return invalidSelectors("The advanced event selectors have %d values; a trail takes up to %d.", values, mostValues)
	}
	return nil
}

func checkBasic(basic []basicSelector) *awsError {
	resources := 0
	for i, s := range basic {
		if !slices.Contains([]string{"", "All", "ReadOnly", "WriteOnly"}, s.ReadWriteType) {
			return invalidSelectors("Event selector %d: ReadWriteType %s is not valid.", i, s.ReadWriteType)
		}
		for _, source := range s.ExcludeManagementEventSources {
			if source != "kms.amazonaws.com" && source != "rdsdata.amazonaws.com" {
				return invalidSelectors("Event selector %d: the event source %s cannot be excluded.", i, source)
			}
		}
		if !s.management() && len(s.DataResources) == 0 {
			return invalidSelectors("Event selector %d records nothing: it needs management events or data resources.", i)
		}
		for _, d := range s.DataResources {
			if !slices.Contains([]string{"AWS::S3::Object", "AWS::Lambda::Function", "AWS::DynamoDB::Table"}, d.Type) {
				return invalidSelectors("Event selector %d: the data resource type %s is not valid.", i, d.Type)
			}
			resources += len(d.Values)
		}
	}
	if resources > mostResources {
		return invalidSelectors("The event selectors have %d data resources; a trail takes up to %d.", resources, mostResources)
	}
	return nil
}

// management says whether the selector takes management events, which it does unless it says no.
func (s basicSelector) management() bool {
	return s.IncludeManagementEvents == nil || *s.IncludeManagementEvents
}

// advancedFields are the fields of a category's selectors for a trail, with the operators that they take; nil: all of them (CloudTrail API
// reference, AdvancedFieldSelector).
func advancedFields(category string) map[string][]string {
	equals := []string{"Equals"}
	switch category {
	case "Management":
		return map[string][]string{"eventCategory": equals, "readOnly": equals, "eventSource": {"Equals", "NotEquals"}}
	case "Data":
		return map[string][]string{
			"eventCategory": equals, "readOnly": equals, "resources.type": equals, "eventName": nil, "resources.ARN": nil, "eventSource": nil,
			"eventType": nil, "userIdentity.arn": nil, "sessionCredentialFromConsole": {"Equals", "NotEquals"},
		}
	case "NetworkActivity":
		return map[string][]string{
			"eventCategory": equals, "eventSource": equals, "eventName": nil, "errorCode": {"Equals", "NotEquals"}, "vpcEndpointId": nil,
			"userIdentity.arn": nil,
		}
	default:
		return nil
	}
}

func checkAdvanced(s advancedSelector) *awsError {
	fields := map[string]fieldSelector{}
	for _, f := range s.FieldSelectors {
		if _, twice := fields[f.Field]; twice {
			return invalidSelectors("Advanced event selector %q has the field %s twice.", s.Name, f.Field)
		}
		fields[f.Field] = f
	}
	category := fields["eventCategory"].Equals
	if len(category) != 1 || advancedFields(category[0]) == nil {
		return invalidSelectors("Advanced event selector %q: eventCategory must equal Management, Data or NetworkActivity.", s.Name)
	}
	known := advancedFields(category[0])
	for _, f := range s.FieldSelectors {
		operators, ok := known[f.Field]
		if !ok {
			return invalidSelectors("Advanced event selector %q: the field %s is not valid with the category %s.", s.Name, f.Field, category[0])
		}
		if f.values() == 0 {
			return invalidSelectors("Advanced event selector %q: the field %s has no value.", s.Name, f.Field)
		}
		for _, used := range f.operators() {
			if operators != nil && !slices.Contains(operators, used) {
				return invalidSelectors("Advanced event selector %q: the field %s does not take the operator %s.", s.Name, f.Field, used)
			}
		}
	}
	switch {
	case category[0] == "Data" && len(fields["resources.type"].Equals) != 1:
		return invalidSelectors("Advanced event selector %q: data events need resources.type with one value.", s.Name)
	case category[0] == "NetworkActivity" && len(fields["eventSource"].Equals) != 1:
		return invalidSelectors("Advanced event selector %q: network activity events need eventSource with one value.", s.Name)
	}
	for _, v := range fields["readOnly"].Equals {
		if v != "true" && v != "false" {
			return invalidSelectors("Advanced event selector %q: readOnly equals true or false, not %s.", s.Name, v)
		}
	}
	return nil
}

func (f fieldSelector) byOperator() map[string][]string {
	return map[string][]string{
		"Equals": f.Equals, "NotEquals": f.NotEquals, "StartsWith": f.StartsWith, "NotStartsWith": f.NotStartsWith,
		"EndsWith": f.EndsWith, "NotEndsWith": f.NotEndsWith,
	}
}

func (f fieldSelector) operators() []string {
	var used []string
	for operator, values := range f.byOperator() {
		if len(values) > 0 {
			used = append(used, operator)
		}
	}
	slices.Sort(used)
	return used
}

func (f fieldSelector) values() int {
	n := 0
	for _, values := range f.byOperator() {
		n += len(values)
	}
	return n
}

// recorded says which events the selectors of a trail take at all.
type recorded struct{ managementWrites, managementReads, data bool }

// recordsManagement reads it from selectors; without any, a trail takes all management events.
func recordsManagement(basic []basicSelector, advanced []advancedSelector) recorded {
	if len(basic) == 0 && len(advanced) == 0 {
		return recorded{managementWrites: true, managementReads: true}
	}
	var r recorded
	for _, s := range basic {
		r.managementWrites = r.managementWrites || s.management() && s.ReadWriteType != "ReadOnly"
		r.managementReads = r.managementReads || s.management() && s.ReadWriteType != "WriteOnly"
		r.data = r.data || len(s.DataResources) > 0
	}
	for _, s := range advanced {
		category, readOnly := "", ""
		for _, f := range s.FieldSelectors {
			switch f.Field {
			case "eventCategory":
				category = strings.Join(f.Equals, "")
			case "readOnly":
				readOnly = strings.Join(f.Equals, "")
			}
		}
		r.managementWrites = r.managementWrites || category == "Management" && readOnly != "true"
		r.managementReads = r.managementReads || category == "Management" && readOnly != "false"
		r.data = r.data || category == "Data"
	}
	return r
}

// checkInsights refuses an unknown kind of Insights events, and one whose events the trail does not record (PutInsightSelectors).
func checkInsights(selectors []insightSelector, r recorded) *awsError {
	invalid := func(format string, args ...any) *awsError {
		return refuse("InvalidInsightSelectorsException", format, args...)
	}
	seen := map[string]bool{}
	for _, s := range selectors {
		if s.InsightType != "ApiCallRateInsight" && s.InsightType != "ApiErrorRateInsight" || seen[s.InsightType] {
			return invalid("The insight type %s is not valid, or is given twice.", s.InsightType)
		}
		seen[s.InsightType] = true
		categories := s.EventCategories
		if len(categories) == 0 {
			categories = []string{"Management"}
		}
		for _, category := range categories {
			var ok bool
			switch category {
			case "Management":
				ok = r.managementWrites || r.managementReads && s.InsightType == "ApiErrorRateInsight"
			case "Data":
				ok = r.data
			default:
				return invalid("The event category %s is not valid.", category)
			}
			if !ok {
				return invalid("%s needs a trail that records the %s events that it is about.", s.InsightType, strings.ToLower(category))
			}
		}
	}
	return nil
}
