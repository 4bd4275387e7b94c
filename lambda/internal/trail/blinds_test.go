package trail

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// ofManagement is a selector of the management events that fulfil further conditions.
func ofManagement(fields ...FieldSelector) AdvancedSelector {
	return AdvancedSelector{
		Fields: append([]FieldSelector{{Field: "eventCategory", Equals: []string{"Management"}}}, fields...),
	}
}

func TestBlinding(t *testing.T) {
	data := AdvancedSelector{
		Fields: []FieldSelector{
			{Field: "eventCategory", Equals: []string{"Data"}},
			{Field: "resources.type", Equals: []string{"AWS::S3::Object"}},
		},
	}
	advanced := func(all ...AdvancedSelector) func(*State) {
		return func(s *State) { s.Selectors, s.Advanced = nil, all }
	}
	for name, test := range map[string]struct {
		change func(*State)
		want   []Field
	}{
		"stopped":          {func(s *State) { s.Logging = false }, []Field{FieldLogging}},
		"bucket elsewhere": {func(s *State) { s.Settings.S3Bucket = "evil" }, []Field{FieldS3Bucket}},
		"bucket and prefix": {func(s *State) {
			s.Settings.S3Bucket = "evil"
			s.Settings.S3Prefix = ""
		}, []Field{FieldS3Bucket, FieldS3Prefix}},
		"another key": {
			func(s *State) { s.Settings.KMSKeyID = "arn:aws:kms:eu-west-1:111122223333:key/2" }, []Field{FieldKMSKey},
		},
		"one Region": {func(s *State) {
			s.Settings.MultiRegion = false
			s.Settings.GlobalEvents = false
		}, []Field{FieldMultiRegion, FieldGlobalEvents}},
		"no members": {func(s *State) { s.Settings.Organization = false }, []Field{FieldOrganization}},
		"no management": {
			func(s *State) { s.Selectors = []Selector{{ReadWrite: "All", Management: false}} }, []Field{FieldSelectors},
		},
		"reads alone":  {func(s *State) { s.Selectors[0].ReadWrite = "ReadOnly" }, []Field{FieldSelectors}},
		"writes alone": {func(s *State) { s.Selectors[0].ReadWrite = "WriteOnly" }, []Field{FieldSelectors}},
		"a source left out": {
			func(s *State) { s.Selectors[0].ExcludeSources = []string{"rdsdata.amazonaws.com", "kms.amazonaws.com"} },
			[]Field{FieldSelectors},
		},
		"a source, advanced": {
			advanced(data, ofManagement(FieldSelector{Field: "eventSource", NotEquals: []string{"iam.amazonaws.com"}})),
			[]Field{FieldSelectors},
		},
		"data events alone":   {advanced(data), []Field{FieldSelectors}},
		"written another way": {advanced(data, ofManagement()), nil},
		"in two halves": {
			advanced(
				ofManagement(FieldSelector{Field: "readOnly", Equals: []string{"true"}}),
				ofManagement(FieldSelector{Field: "readOnly", Equals: []string{"false"}}),
			),
			nil,
		},
		"another prefix": {func(s *State) { s.Settings.S3Prefix = "hidden" }, nil},
		"no key":         {func(s *State) { s.Settings.KMSKeyID = "" }, nil},
		"no digests":     {func(s *State) { s.Settings.LogValidation = false }, nil},
		"no copies": {func(s *State) {
			s.Settings.SNSTopicARN = ""
			s.Settings.LogGroupARN = ""
			s.Settings.LogRoleARN = ""
		}, nil},
		"no Insights, no tags": {func(s *State) { s.Insights, s.Tags = nil, nil }, nil},
		"unseen": {func(s *State) {
			*s = State{
				ARN: s.ARN, Unseen: map[Part]string{PartLogging: "denied", PartSettings: "denied", PartSelectors: "denied"},
			}
		}, nil},
		"one part unseen": {func(s *State) {
			s.Logging, s.Settings.S3Bucket, s.Unseen = false, "evil", map[Part]string{PartLogging: "denied"}
		}, []Field{FieldS3Bucket}},
		"both kinds": {func(s *State) {
			s.Logging = false
			s.Settings.LogValidation = false
			s.Settings.S3Prefix = ""
		}, []Field{FieldLogging}},
	} {
		if diff := cmp.Diff(
			test.want,
			blinding(full(), with(test.change)),
			cmp.Transformer("none", func(f []Field) []Field { return slices.Clip(append([]Field{}, f...)) }),
		); diff != "" {
			t.Errorf("%s (-want +got)\n%s", name, diff)
		}
	}
	withData := with(func(s *State) {
		s.Selectors[0].DataResources = []DataResource{
			{Type: "AWS::S3::Object", Values: []string{"arn:aws:s3:::other/", "arn:aws:s3:::bucket/"}},
		}
	})
	if got, dark := blinding(
		withData,
		full(),
	), Dark(
		withData,
		full(),
		Diff(withData, full()),
	); len(got) > 0 ||
		!slices.Equal(dark, []Field{FieldSelectors}) {
		t.Errorf("a loss of data events blinds in %v and darkens in %v", got, dark)
	}
	if dark := Dark(full(), withData, Diff(full(), withData)); len(dark) > 0 {
		t.Errorf("a gain of data events darkens in %v", dark)
	}
	if got := blinding(State{ARN: arn}, full()); !slices.Equal(got, []Field{FieldS3Bucket, FieldS3Prefix, FieldKMSKey}) {
		t.Errorf("a key where the baseline has none: %v", got)
	}
}

func blinding(baseline, now State) []Field { return new(Differ).Blinding(baseline, now) }

// TestEveryBlindingFieldWeakens: what is put back every time is nothing that Diff would leave alone.
func TestEveryBlindingFieldWeakens(t *testing.T) {
	for _, m := range mutations {
		now := with(m.change)
		for _, f := range blinding(full(), now) {
			if !slices.ContainsFunc(Weakened(Diff(full(), now)), func(c Change) bool { return c.Field == f }) {
				t.Errorf("%s: %s blinds and does not weaken", m.name, f)
			}
		}
	}
}
