package trail

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"trailkeeper/lambda/internal/finding"
	"trailkeeper/lambda/internal/trail/coverage"
)

// Field names what a change is about, as a baseline file spells it.
type Field string

// The fields.
const (
	FieldLogging       Field = "logging"
	FieldS3Bucket      Field = "s3BucketName"
	FieldS3Prefix      Field = "s3KeyPrefix"
	FieldKMSKey        Field = "kmsKeyId"
	FieldSNSTopic      Field = "snsTopicArn"
	FieldLogGroup      Field = "cloudWatchLogsLogGroupArn"
	FieldLogRole       Field = "cloudWatchLogsRoleArn"
	FieldMultiRegion   Field = "isMultiRegionTrail"
	FieldGlobalEvents  Field = "includeGlobalServiceEvents"
	FieldLogValidation Field = "enableLogFileValidation"
	FieldOrganization  Field = "isOrganizationTrail"
	FieldSelectors     Field = "eventSelectors"
	FieldInsights      Field = "insightSelectors"
	FieldEvents        Field = "eventConfiguration"
	FieldTags          Field = "tags"
)

// The calls of the CloudTrail API that set fields.
const (
	CallStartLogging = "StartLogging"
	CallUpdateTrail  = "UpdateTrail"
	CallPutSelectors = "PutEventSelectors"
	CallPutInsights  = "PutInsightSelectors"
	CallAddTags      = "AddTags"
	callStopLogging  = "StopLogging"
	callPutEvents    = "PutEventConfiguration"
	callRemoveTags   = "RemoveTags"
)

// row is all that is known of one field: where it is read, what a change of it means, which calls set it, and how it is
// put back. What a baseline's file may say of it is checked by package baseline.
type row struct {
	field Field
	part  Part
	// setting is what UpdateTrail has for it; nil: the field is none of the settings.
	setting setting
	// form makes of what a request names what reading the trail shows, and reports false where that is not known; nil: it
	// is the same.
	form func(Asked) (string, bool)
	// calls are those that change it, first the one that weakens it. restore is the one that puts it back; empty: none
	// does.
	calls   []string
	restore string
	// with are the fields that CloudTrail takes only together with it.
	with []Field
	// keeps says why a weakening is left as it is; empty: it is put back.
	keeps func(p planner) finding.NoteID
	// blinds reports whether the trail loses events for good; nil: it never does by this field.
	blinds func(d *Differ, baseline, now *State) bool
	// uncapped: it is set whatever the attempt cap says.
	uncapped bool
	// optional: a trail is worth creating without it.
	optional bool
	// blamed are the errors that are about it, each with its rank: of several fields that an error may be about, the
	// first.
	blamed map[string]int

	compare func(c *changes, baseline, now *State)
	// words say how it is, under the label.
	label string
	words func(s *State) string
	adopt func(to, from *State)
}

// PassRole and SetTags are blamed like the codes of errors: what AWS denies although it may be left out.
const (
	PassRole = "iam:PassRole"
	SetTags  = "cloudtrail:AddTags"
	// Convert stands for the errors that are special to organization trails.
	Convert = "IsOrganizationTrail"
)

// rows are the fields, in the order in which they are listed.
var rows = slices.Concat([]row{{
	field:    FieldLogging,
	part:     PartLogging,
	calls:    []string{callStopLogging, CallStartLogging},
	restore:  CallStartLogging,
	uncapped: true,
	blinds:   func(_ *Differ, b, n *State) bool { return b.Logging && !n.Logging },
	label:    "logging",
	words:    func(s *State) string { return choose(s.Logging, "on", "OFF: nobody restarts it") },
	compare: func(c *changes, b, n *State) {
		c.toggle(FieldLogging, b.Logging, n.Logging, Strengthens, "The trail does not log.", "The trail logs.")
	},
	adopt: func(to, from *State) { to.Logging = from.Logging },
}}, settingRows, []row{{
	field:   FieldSelectors,
	part:    PartSelectors,
	calls:   []string{CallPutSelectors},
	restore: CallPutSelectors,
	keeps: func(p planner) finding.NoteID {
		if p.kind == Recorded && gains(p.changes, FieldSelectors) && coverage.RecordsWrites(p.now) {
			return finding.NoteEndsSelectors
		}
		return ""
	},
	label:   "records",
	words:   func(s *State) string { return coverage.Records(*s) },
	blinds:  func(d *Differ, b, n *State) bool { return d.compare(*b, *n).Lost.Management },
	compare: func(c *changes, b, n *State) { c.selectors(c.differ.compare(*b, *n), coverage.Same(*b, *n)) },
	adopt:   func(to, from *State) { to.Selectors, to.Advanced = from.Selectors, from.Advanced },
}, {
	field:   FieldInsights,
	part:    PartInsights,
	calls:   []string{CallPutInsights},
	restore: CallPutInsights,
	keeps: func(p planner) finding.NoteID {
		if p.kind == Recorded && gains(p.changes, FieldInsights) {
			return finding.NoteEndsInsights
		}
		return ""
	},
	label:   "Insights",
	words:   func(s *State) string { return listed(insightKinds(s.Insights), "off") },
	compare: func(c *changes, b, n *State) { c.insights(b.Insights, n.Insights) },
	adopt:   func(to, from *State) { to.Insights = from.Insights },
}, {
	field:   FieldEvents,
	part:    PartEvents,
	calls:   []string{callPutEvents},
	keeps:   func(planner) finding.NoteID { return finding.NoteEventsByHand },
	label:   "events",
	words:   func(s *State) string { return configured(s.Events) },
	compare: func(c *changes, b, n *State) { c.events(b.Events, n.Events) },
	adopt:   func(to, from *State) { to.Events = from.Events },
}, {
	field:    FieldTags,
	part:     PartTags,
	calls:    []string{callRemoveTags, CallAddTags},
	restore:  CallAddTags,
	keeps:    unlessDeclared,
	optional: true,
	blamed:   map[string]int{"InvalidTagParameter": 0, "TagsLimitExceeded": 0, SetTags: 0},
	label:    "tags",
	words:    func(s *State) string { return listed(tagWords(s.Tags), "none") },
	compare:  func(c *changes, b, n *State) { c.tags(b.Tags, n.Tags) },
	adopt:    func(to, from *State) { to.Tags = maps.Clone(from.Tags) },
}})

// shows is the call that shows each part, and the command of the AWS CLI before the trail's ARN.
var shows = map[Part][2]string{
	PartSettings:  {"DescribeTrails", "describe-trails --trail-name-list "},
	PartLogging:   {"GetTrailStatus", "get-trail-status --name "},
	PartSelectors: {"GetEventSelectors", "get-event-selectors --trail-name "},
	PartInsights:  {"GetInsightSelectors", "get-insight-selectors --trail-name "},
	PartEvents:    {"GetEventConfiguration", "get-event-configuration --trail-name "},
	PartTags:      {"ListTags", "list-tags --resource-id-list "},
}

// ShownBy is the call that shows a part, and the command of the AWS CLI before the trail's ARN.
func ShownBy(p Part) (call, command string) { return shows[p][0], shows[p][1] }

var byField = func() map[Field]*row {
	m := map[Field]*row{}
	for i := range rows {
		m[rows[i].field] = &rows[i]
	}
	return m
}()

// unknown stands for a field that a record of another version names.
var unknown = row{part: PartSettings, calls: []string{""}}

func (f Field) row() *row {
	if r, ok := byField[f]; ok {
		return r
	}
	return &unknown
}

// Fields lists every field, in the order of the constants.
func Fields() []Field { return fieldsWhere(func(*row) bool { return true }) }

// FieldsOf lists the fields that a call of the CloudTrail API may change.
func FieldsOf(eventName string) []Field {
	return fieldsWhere(func(r *row) bool { return slices.Contains(r.calls, eventName) })
}

func fieldsWhere(is func(*row) bool) []Field {
	var fields []Field
	for i := range rows {
		if is(&rows[i]) {
			fields = append(fields, rows[i].field)
		}
	}
	return fields
}

// Part is the part of a trail that the field shows in.
func (f Field) Part() Part { return f.row().part }

// Call is the call of the CloudTrail API that weakens a field: the one that an operator's exceptions name.
func (f Field) Call() string { return f.row().calls[0] }

// Restore is the call that puts a field back, and "" for one that Trailkeeper leaves alone.
func (f Field) Restore() string { return f.row().restore }

// MayBlind reports whether a trail can lose events for good by the field: see Blinding.
func (f Field) MayBlind() bool { return f.row().blinds != nil }

// Uncapped reports whether the field is set whatever the attempt cap says: StartLogging, and the global events that
// CloudTrail wants with multi-Region.
func (f Field) Uncapped() bool { return f.row().uncapped }

// Optional reports whether a trail is worth creating without the field.
func (f Field) Optional() bool { return f.row().optional }

// Blamed are the fields among those sent that an error may be about, the likeliest and those that stand or fall with
// it. None: the error is about the whole request. It goes by the errors' descriptions in the CloudTrail API reference;
// a missing key may also be that of the topic or of a bucket elsewhere.
func Blamed(code string, sent []Field) []Field {
	about := slices.DeleteFunc(slices.Clone(sent), func(f Field) bool {
		_, ok := f.row().blamed[code]
		return !ok
	})
	if len(about) == 0 {
		return nil
	}
	rank := func(f Field) int { return f.row().blamed[code] }
	least := rank(slices.MinFunc(about, func(a, b Field) int { return cmp.Compare(rank(a), rank(b)) }))
	return slices.DeleteFunc(about, func(f Field) bool { return rank(f) != least })
}

// Word is how a field is, in words, under a label. Callers of AWS wrote some of it: escape it before it is shown.
type Word struct{ Label, Text string }

// Words tell a state field by field.
func Words(s State) []Word {
	var all []Word
	for i := range rows {
		all = append(all, Word{rows[i].label, rows[i].words(&s)})
	}
	return all
}

func listed(words []string, none string) string { return cmp.Or(strings.Join(words, ", "), none) }

func configured(e EventConfiguration) string {
	size := "of size " + cmp.Or(e.MaxEventSize, "Standard")
	words := append([]string{size}, contextKeys(e)...)
	for _, a := range aggregations(e) {
		words = append(words, "aggregated as "+a)
	}
	return strings.Join(words, ", ")
}

func tagWords(tags map[string]string) []string {
	var words []string
	for _, key := range slices.Sorted(maps.Keys(tags)) {
		words = append(words, key+"="+tags[key])
	}
	return words
}
