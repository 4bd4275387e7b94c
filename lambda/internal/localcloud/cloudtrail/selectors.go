package cloudtrail

import (
	"encoding/json"

	"trailkeeper/lambda/config/baseline"
	"trailkeeper/lambda/internal/localcloud/kernel"
	table "trailkeeper/lambda/internal/trail"
)

// typed reads a list of the request as CloudTrail reads it: a member that it does not know is dropped.
func typed[T any](list []any) ([]T, *kernel.Error) {
	raw, err := json.Marshal(list)
	var out []T
	if err == nil {
		err = json.Unmarshal(raw, &out)
	}
	if err != nil {
		return nil, kernel.Refuse("SerializationException", "%s", err.Error())
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

// taken refuses what CloudTrail would not take of these parts of a trail. It goes by the rules of the baseline files,
// so that neither knows a trail that the other does not.
func taken(s baseline.State, parts ...baseline.Part) *kernel.Error {
	if problems := baseline.Refused(s, parts...); len(problems) > 0 {
		return kernel.Refuse(problems[0].Code, "%s.", problems[0])
	}
	return nil
}

// management says whether the selector takes management events, which it does unless it says no.
func (s basicSelector) management() bool {
	return s.IncludeManagementEvents == nil || *s.IncludeManagementEvents
}

// readWrite is what GetEventSelectors shows: the default where nothing is given.
func (s basicSelector) readWrite() string {
	if s.ReadWriteType == "" {
		return "All"
	}
	return s.ReadWriteType
}

func basicState(list []basicSelector) []baseline.Selector {
	var all []baseline.Selector
	for _, b := range list {
		sel := baseline.Selector{
			ReadWrite:      b.readWrite(),
			Management:     b.management(),
			ExcludeSources: b.ExcludeManagementEventSources,
		}
		for _, d := range b.DataResources {
			sel.DataResources = append(sel.DataResources, baseline.DataResource(d))
		}
		all = append(all, sel)
	}
	return all
}

func advancedState(list []advancedSelector) []baseline.AdvancedSelector {
	var all []baseline.AdvancedSelector
	for _, a := range list {
		sel := baseline.AdvancedSelector{Name: a.Name}
		for _, f := range a.FieldSelectors {
			sel.Fields = append(sel.Fields, baseline.FieldSelector(f))
		}
		all = append(all, sel)
	}
	return all
}

func insightState(list []insightSelector) []baseline.InsightSelector {
	var all []baseline.InsightSelector
	for _, i := range list {
		all = append(all, baseline.InsightSelector{Type: i.InsightType, Categories: i.EventCategories})
	}
	return all
}

func eventState(list []aggregation) (e baseline.EventConfiguration) {
	for _, a := range list {
		e.Aggregations = append(e.Aggregations, baseline.Aggregation{Category: a.EventCategory, Templates: a.Templates})
	}
	return e
}

// asBaseline is the trail's state in the form of a baseline; what a trail holds was checked when it came.
func (s trailState) asBaseline(arn string, topic string) baseline.State {
	var settings baseline.Settings
	for _, m := range table.Members(&settings) {
		if m.Flag != nil {
			*m.Flag = s.on(m.Name)
		} else {
			*m.Text, _ = s.Settings[m.Name].(string)
		}
	}
	settings.SNSTopicARN = topic
	basic, _ := typed[basicSelector](s.Selectors)
	advanced, _ := typed[advancedSelector](s.Advanced)
	insights, _ := typed[insightSelector](s.Insights)
	aggregations, _ := typed[aggregation](s.Aggregations)
	return baseline.State{
		ARN:       arn,
		Logging:   s.Logging,
		Settings:  settings,
		Selectors: basicState(basic),
		Advanced:  advancedState(advanced),
		Insights:  insightState(insights),
		Events:    eventState(aggregations),
		Tags:      s.Tags,
	}
}

// basicSelector, advancedSelector and insightSelector have the same members in CloudFormation and in CloudTrail's API.
type basicSelector struct {
	ReadWriteType                 string         `json:",omitempty"`
	IncludeManagementEvents       *bool          `json:",omitempty"`
	ExcludeManagementEventSources []string       `json:",omitempty"`
	DataResources                 []dataResource `json:",omitempty"`
}

type dataResource struct {
	Type   string
	Values []string `json:",omitempty"`
}

type advancedSelector struct {
	Name           string `json:",omitempty"`
	FieldSelectors []fieldSelector
}

type fieldSelector struct {
	Field         string
	Equals        []string `json:",omitempty"`
	NotEquals     []string `json:",omitempty"`
	StartsWith    []string `json:",omitempty"`
	NotStartsWith []string `json:",omitempty"`
	EndsWith      []string `json:",omitempty"`
	NotEndsWith   []string `json:",omitempty"`
}

type insightSelector struct {
	InsightType     string
	EventCategories []string `json:",omitempty"`
}

// aggregation has the members of CloudTrail's API.
type aggregation struct {
	EventCategory string
	Templates     []string
}
