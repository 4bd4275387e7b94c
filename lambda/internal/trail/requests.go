package trail

import (
	"errors"
	"maps"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail/types"
)

// ErrNotFound says that CloudTrail knows no such trail.
var ErrNotFound = errors.New("no such trail")

// SettingsOf are the settings that DescribeTrails shows.
func SettingsOf(t types.Trail) (s Settings) {
	a := newAPI()
	a.trail = &t
	for _, r := range settingRows {
		r.setting.read(&s, a)
	}
	return s
}

// UpdateRequest sets these fields of a trail as the state has them, and no other: what is not sent stays as it is. An
// empty text removes: a key and a log group with its role as the CloudTrail user guide shows it ("Disabling CloudTrail
// log file encryption with the AWS CLI", "Stopping CloudTrail from sending events to CloudWatch Logs"), a prefix and a
// topic in the same way, as CloudFormation does where a template no longer has them.
func UpdateRequest(s State, fields []Field) *cloudtrail.UpdateTrailInput {
	a := newAPI()
	a.update.Name = aws.String(s.ARN)
	for _, f := range fields {
		if set := f.row().setting; set != nil {
			set.update(a, &s.Settings)
		}
	}
	return a.update
}

// CreateRequest makes a trail of this name with the state's settings and tags, but for some fields.
func CreateRequest(name string, s State, without []Field) *cloudtrail.CreateTrailInput {
	a := newAPI()
	a.create.Name = aws.String(name)
	for _, r := range settingRows {
		if !slices.Contains(without, r.field) {
			r.setting.create(a, &s.Settings)
		}
	}
	if !slices.Contains(without, FieldTags) {
		a.create.TagsList = tagList(s.Tags)
	}
	return a.create
}

// Created are the fields that CreateTrail sets of a trail: all settings and tags but what is optional and not there.
func Created(s State) []Field {
	bare := State{}
	return fieldsWhere(func(r *row) bool {
		if r.setting == nil && r.field != FieldTags {
			return false
		}
		return !r.optional || len(Diff(bare, s, r.field)) > 0
	})
}

// SelectorsRequest puts basic or advanced selectors, as the trail has them. One that has neither records all management
// events, and CloudTrail takes no empty list, so that this is what is put.
func SelectorsRequest(s State) *cloudtrail.PutEventSelectorsInput {
	in := &cloudtrail.PutEventSelectorsInput{TrailName: aws.String(s.ARN)}
	if len(s.Advanced) > 0 {
		in.AdvancedEventSelectors = advancedSelectors(s.Advanced)
		return in
	}
	for _, b := range s.Selectors {
		sel := types.EventSelector{
			ReadWriteType:                 types.ReadWriteType(b.ReadWrite),
			IncludeManagementEvents:       aws.Bool(b.Management),
			ExcludeManagementEventSources: b.ExcludeSources,
		}
		if sel.ReadWriteType == "" {
			sel.ReadWriteType = types.ReadWriteTypeAll
		}
		for _, d := range b.DataResources {
			sel.DataResources = append(sel.DataResources, types.DataResource{Type: aws.String(d.Type), Values: d.Values})
		}
		in.EventSelectors = append(in.EventSelectors, sel)
	}
	if len(in.EventSelectors) == 0 {
		in.EventSelectors = []types.EventSelector{
			{ReadWriteType: types.ReadWriteTypeAll, IncludeManagementEvents: aws.Bool(true)},
		}
	}
	return in
}

func advancedSelectors(list []AdvancedSelector) []types.AdvancedEventSelector {
	var all []types.AdvancedEventSelector
	for _, a := range list {
		sel := types.AdvancedEventSelector{Name: optional(a.Name)}
		for _, f := range a.Fields {
			sel.FieldSelectors = append(sel.FieldSelectors, types.AdvancedFieldSelector{
				Field:         aws.String(f.Field),
				Equals:        f.Equals,
				NotEquals:     f.NotEquals,
				StartsWith:    f.StartsWith,
				NotStartsWith: f.NotStartsWith,
				EndsWith:      f.EndsWith,
				NotEndsWith:   f.NotEndsWith,
			})
		}
		all = append(all, sel)
	}
	return all
}

// InsightsRequest puts the Insights selectors; none switches Insights off.
func InsightsRequest(s State) *cloudtrail.PutInsightSelectorsInput {
	in := &cloudtrail.PutInsightSelectorsInput{TrailName: aws.String(s.ARN), InsightSelectors: []types.InsightSelector{}}
	for _, i := range s.Insights {
		sel := types.InsightSelector{InsightType: types.InsightType(i.Type)}
		for _, c := range i.Categories {
			sel.EventCategories = append(sel.EventCategories, types.SourceEventCategory(c))
		}
		in.InsightSelectors = append(in.InsightSelectors, sel)
	}
	return in
}

// TagsRequest adds tags.
func TagsRequest(s State) *cloudtrail.AddTagsInput {
	return &cloudtrail.AddTagsInput{ResourceId: aws.String(s.ARN), TagsList: tagList(s.Tags)}
}

// tagList lists tags in the order of their keys. A tag may have no value, and CloudTrail takes none that is empty (the
// service's model, TagValue).
func tagList(tags map[string]string) []types.Tag {
	var list []types.Tag
	for _, key := range slices.Sorted(maps.Keys(tags)) {
		list = append(list, types.Tag{Key: aws.String(key), Value: optional(tags[key])})
	}
	return list
}

func optional(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}
