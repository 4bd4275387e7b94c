package trail

import (
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"trailkeeper/lambda/internal/finding"
	"trailkeeper/lambda/internal/trail/coverage"
)

const arn = "arn:aws:cloudtrail:eu-west-1:111122223333:trail/main"

// full is a healthy trail with everything that a trail can have.
func full() State {
	return State{
		ARN:     arn,
		Logging: true,
		Settings: Settings{
			S3Bucket:      "logs",
			S3Prefix:      "trail",
			KMSKeyID:      "arn:aws:kms:eu-west-1:111122223333:key/1",
			SNSTopicARN:   "arn:aws:sns:eu-west-1:111122223333:deliveries",
			LogGroupARN:   "arn:aws:logs:eu-west-1:111122223333:log-group:trail:*",
			LogRoleARN:    "arn:aws:iam::111122223333:role/ToLogs",
			MultiRegion:   true,
			GlobalEvents:  true,
			LogValidation: true,
			Organization:  true,
		},
		Selectors: []Selector{{ReadWrite: "All", Management: true}},
		Insights:  []InsightSelector{{Type: "ApiCallRateInsight"}, {Type: "ApiErrorRateInsight"}},
		Events: EventConfiguration{
			MaxEventSize: "Large", ContextKeys: []ContextKey{{Type: "TagContext", Equals: []string{"team"}}},
			Aggregations: []Aggregation{{Category: "Data", Templates: []string{"API_ACTIVITY"}}},
		},
		Tags: map[string]string{"team": "security"},
	}
}

// with is the full trail after one change.
func with(change func(*State)) State {
	s := full()
	s.Tags = maps.Clone(s.Tags)
	change(&s)
	return s
}

// mutations are the changes of the table below, also used by the property tests.
var mutations = []struct {
	name     string
	change   func(*State)
	field    Field
	effect   finding.Effect
	back     finding.Effect // of the same change the other way round
	sentence string
}{
	{"stopped", func(s *State) { s.Logging = false }, FieldLogging, Weakens, Strengthens, "The trail does not log."},
	{
		"bucket",
		func(s *State) { s.Settings.S3Bucket = "evil" },
		FieldS3Bucket,
		NewDependency,
		NewDependency,
		"Logs now go to bucket evil.",
	},
	{
		"no prefix",
		func(s *State) { s.Settings.S3Prefix = "" },
		FieldS3Prefix,
		Weakens,
		NewDependency,
		"Logs now go to the top of the bucket, where their readers may not look.",
	},
	{
		"other prefix",
		func(s *State) { s.Settings.S3Prefix = "attic" },
		FieldS3Prefix,
		NewDependency,
		NewDependency,
		"Logs now go below the prefix attic, where their readers may not look.",
	},
	{
		"no key",
		func(s *State) { s.Settings.KMSKeyID = "" },
		FieldKMSKey,
		Weakens,
		NewDependency,
		"Log files are no longer encrypted with a KMS key.",
	},
	{
		"foreign key",
		func(s *State) { s.Settings.KMSKeyID = "arn:aws:kms:eu-west-1:999999999999:key/1" },
		FieldKMSKey,
		NewDependency,
		NewDependency,
		"Log files are now encrypted with key arn:aws:kms:eu-west-1:999999999999:key/1: without it, nobody can read them.",
	},
	{
		"own key",
		func(s *State) { s.Settings.KMSKeyID = "arn:aws:kms:eu-west-1:111122223333:key/2" },
		FieldKMSKey,
		NewDependency,
		NewDependency,
		"Log files are now encrypted with key arn:aws:kms:eu-west-1:111122223333:key/2: without it, nobody can read them.",
	},
	{
		"no topic",
		func(s *State) { s.Settings.SNSTopicARN = "" },
		FieldSNSTopic,
		Weakens,
		NewDependency,
		"Deliveries are no longer announced to a topic.",
	},
	{
		"other topic",
		func(s *State) { s.Settings.SNSTopicARN = "arn:aws:sns:eu-west-1:111122223333:quiet" },
		FieldSNSTopic,
		NewDependency,
		NewDependency,
		"Deliveries are now announced to topic arn:aws:sns:eu-west-1:111122223333:quiet.",
	},
	{
		"no log group",
		func(s *State) { s.Settings.LogGroupARN = "" },
		FieldLogGroup,
		Weakens,
		NewDependency,
		"Events no longer go to CloudWatch Logs.",
	},
	{
		"other log group",
		func(s *State) { s.Settings.LogGroupARN = "arn:aws:logs:eu-west-1:111122223333:log-group:quiet:*" },
		FieldLogGroup,
		NewDependency,
		NewDependency,
		"Events now go to log group arn:aws:logs:eu-west-1:111122223333:log-group:quiet:*.",
	},
	{
		"other role",
		func(s *State) { s.Settings.LogRoleARN = "arn:aws:iam::111122223333:role/Idle" },
		FieldLogRole,
		NewDependency,
		NewDependency,
		"CloudTrail now writes to CloudWatch Logs as arn:aws:iam::111122223333:role/Idle.",
	},
	{
		"one Region",
		func(s *State) { s.Settings.MultiRegion = false },
		FieldMultiRegion,
		Weakens,
		Strengthens,
		"Only the home Region is recorded now.",
	},
	{
		"no global events",
		func(s *State) { s.Settings.GlobalEvents = false },
		FieldGlobalEvents,
		Weakens,
		Strengthens,
		"Events of global services such as IAM are no longer recorded.",
	},
	{
		"no digests",
		func(s *State) { s.Settings.LogValidation = false },
		FieldLogValidation,
		Weakens,
		Neutral,
		"No digests are written: log files can be changed unnoticed.",
	},
	{
		"no members",
		func(s *State) { s.Settings.Organization = false },
		FieldOrganization,
		Weakens,
		NewDependency,
		"The organization's member accounts are no longer recorded by this trail.",
	},
	{
		"half blind",
		func(s *State) { s.Selectors = []Selector{{ReadWrite: "ReadOnly", Management: true}} },
		FieldSelectors,
		Weakens,
		Strengthens,
		"Write management events are no longer recorded.",
	},
	{
		"no error Insights",
		func(s *State) { s.Insights = s.Insights[:1] },
		FieldInsights,
		Weakens,
		Strengthens,
		"Insights no longer look for ApiErrorRateInsight (Management).",
	},
	{
		"small events",
		func(s *State) { s.Events.MaxEventSize = "Standard" },
		FieldEvents,
		Weakens,
		Strengthens,
		"Large events are cut to the standard size.",
	},
	{
		"no context",
		func(s *State) { s.Events.ContextKeys = nil },
		FieldEvents,
		Weakens,
		Strengthens,
		"Events no longer carry TagContext team.",
	},
	{
		"no aggregation",
		func(s *State) { s.Events.Aggregations = nil },
		FieldEvents,
		Weakens,
		Strengthens,
		"Events are no longer aggregated as Data API_ACTIVITY.",
	},
	{
		"tag gone",
		func(s *State) { delete(s.Tags, "team") },
		FieldTags,
		Weakens,
		Neutral,
		"The tag team is gone; policies may depend on it.",
	},
	{
		"tag changed",
		func(s *State) { s.Tags["team"] = "mallory" },
		FieldTags,
		Weakens,
		Weakens,
		"The tag team has another value; policies may depend on it.",
	},
}

func TestDiffOfOneChange(t *testing.T) {
	for _, m := range mutations {
		now := with(m.change)
		changes := Diff(full(), now)
		if len(changes) != 1 || changes[0].Field != m.field || changes[0].Effect != m.effect ||
			changes[0].Sentence != m.sentence {
			t.Errorf("%s: %+v; want %s %s %q", m.name, changes, m.field, m.effect, m.sentence)
			continue
		}
		if c := changes[0]; c.Before == c.After {
			t.Errorf("%s: before and after are both %q", m.name, c.Before)
		}
		back := Diff(now, full())
		if len(back) != 1 || back[0].Effect != m.back {
			t.Errorf("%s the other way round: %+v; want %s", m.name, back, m.back)
		}
	}
}

func TestDiffNearMisses(t *testing.T) {
	for name, change := range map[string]func(*State){
		"default selectors":       func(s *State) { s.Selectors = nil },
		"delivery":                func(s *State) { s.Delivery.LatestError = "AccessDenied" },
		"Insights in other order": func(s *State) { s.Insights = []InsightSelector{s.Insights[1], s.Insights[0]} },
		"Insights with their default": func(s *State) {
			s.Insights = []InsightSelector{
				{Type: "ApiCallRateInsight", Categories: []string{"Management"}},
				{Type: "ApiErrorRateInsight", Categories: []string{"Management"}},
			}
		},
		"nothing seen": func(s *State) {
			*s = State{ARN: arn, Unseen: map[Part]string{}}
			for _, p := range []Part{PartSettings, PartLogging, PartSelectors, PartInsights, PartEvents, PartTags} {
				s.Unseen[p] = "denied"
			}
		},
	} {
		for _, c := range Diff(full(), with(change)) {
			if c.Effect != Neutral {
				t.Errorf("%s: %+v", name, c)
			}
		}
	}
}

// planned is the repair of everything that differs.
func planned(baseline, now State, kind Kind) Repair {
	return Plan(baseline, now, Diff(baseline, now), kind)
}

// TestEveryDependencyThatTheBaselineLacksIsOne: no owner makes one that is added an improvement, and each is taken away
// from a trail with a declared baseline, by exactly what CloudTrail takes for it.
func TestEveryDependencyThatTheBaselineLacksIsOne(t *testing.T) {
	bare := State{ARN: arn, Logging: true, Settings: Settings{S3Bucket: "logs"}}
	for field, tt := range map[Field]struct {
		add  func(*Settings)
		want []Field
	}{
		FieldS3Prefix: {func(s *Settings) { s.S3Prefix = "attic" }, []Field{FieldS3Prefix}},
		FieldKMSKey: {
			func(s *Settings) { s.KMSKeyID = "arn:aws:kms:eu-west-1:111122223333:key/own" }, []Field{FieldKMSKey},
		},
		FieldSNSTopic: {
			func(s *Settings) { s.SNSTopicARN = "arn:aws:sns:eu-west-1:111122223333:own" }, []Field{FieldSNSTopic},
		},
		FieldLogGroup: {
			func(s *Settings) { s.LogGroupARN = "arn:aws:logs:eu-west-1:111122223333:log-group:own:*" },
			[]Field{FieldLogGroup, FieldLogRole},
		},
		FieldLogRole: {
			func(s *Settings) { s.LogRoleARN = "arn:aws:iam::111122223333:role/Own" }, []Field{FieldLogGroup, FieldLogRole},
		},
		FieldOrganization: {func(s *Settings) { s.Organization = true }, []Field{FieldOrganization}},
	} {
		now := bare
		tt.add(&now.Settings)
		changes := Diff(bare, now)
		if len(changes) != 1 || changes[0].Field != field || changes[0].Effect != NewDependency ||
			len(Weakened(changes)) != 1 {
			t.Errorf("%s added: %+v", field, changes)
			continue
		}
		if diff := cmp.Diff(Repair{Fields: tt.want, To: bare}, planned(bare, now, Declared)); diff != "" {
			t.Errorf("%s with a declared baseline (-want +got)\n%s", field, diff)
		}
		if diff := cmp.Diff(
			Repair{To: bare, Left: map[Field]finding.NoteID{changes[0].Field: finding.NoteOnlyDeclared}},
			planned(bare, now, Recorded),
		); diff != "" {
			t.Errorf("%s with a recorded baseline (-want +got)\n%s", field, diff)
		}
	}
}

// TestOnlyRecordsStrengthen: what adds no record is at best neutral.
func TestOnlyRecordsStrengthen(t *testing.T) {
	records := []Field{FieldLogging, FieldMultiRegion, FieldGlobalEvents, FieldSelectors, FieldInsights, FieldEvents}
	for _, c := range Diff(State{ARN: arn, Selectors: []Selector{{}}}, full()) {
		if (c.Effect == Strengthens) != slices.Contains(records, c.Field) {
			t.Errorf("%+v", c)
		}
	}
}

func TestDiffPutsWeakeningFirst(t *testing.T) {
	baseline := with(func(s *State) { s.Settings.LogValidation, s.Tags = false, nil })
	now := with(func(s *State) {
		s.Settings.GlobalEvents, s.Settings.MultiRegion = false, false
		s.Settings.KMSKeyID = "arn:aws:kms:eu-west-1:111122223333:key/2"
		s.Events.ContextKeys = append([]ContextKey{{Type: "TagContext", Equals: []string{"cost"}}}, s.Events.ContextKeys...)
		s.Tags = map[string]string{"new": "x"}
	})
	var order []string
	for _, c := range Diff(baseline, now) {
		order = append(order, string(c.Effect))
	}
	want := "new_dependency weakens weakens neutral neutral strengthens"
	if got := strings.Join(order, " "); got != want {
		t.Errorf("%s; want %s", got, want)
	}
}

// random is a trail with several of the changes.
func random(r *rand.Rand) State {
	return with(func(s *State) {
		for _, m := range mutations {
			if r.IntN(3) == 0 {
				m.change(s)
			}
		}
	})
}

func TestDiffProperties(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	ordered := []Field{FieldLogging, FieldMultiRegion, FieldGlobalEvents, FieldLogValidation}
	for range 2000 {
		a, b := random(r), random(r)
		if changes := Diff(a, a); len(changes) > 0 {
			t.Fatalf("a state differs from itself: %+v\n%+v", changes, a)
		}
		back := map[Field]int{}
		for _, c := range Weakened(Diff(b, a)) {
			back[c.Field]++
		}
		for _, c := range Weakened(Diff(a, b)) {
			if slices.Contains(ordered, c.Field) && back[c.Field] > 0 {
				t.Fatalf("%s weakens both ways:\n%+v\n%+v", c.Field, a, b)
			}
		}
	}
}

// apply is a small model of what CloudTrail does with a repair's calls.
func apply(r Repair, now State) State {
	tags := maps.Clone(now.Tags)
	if tags == nil {
		tags = map[string]string{}
	}
	maps.Copy(tags, r.To.Tags)
	r.To.Tags = tags
	return Adopt(now, r.To, r.Fields...)
}

func TestRepairGivesTheBaselineBack(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	for range 2000 {
		now := random(r)
		repair := planned(full(), now, Declared)
		after := apply(repair, now)
		after.Events = full().Events // is reported and left
		if diff := cmp.Diff(full(), after); diff != "" {
			t.Fatalf("(-baseline +after the repair)\n%s", diff)
		}
		for field, why := range repair.Left {
			if field != FieldEvents || why != finding.NoteEventsByHand {
				t.Fatalf("left %s: %s", field, why)
			}
		}
	}
}

func TestRepairWritesNothingBeyondWhatWasWeakened(t *testing.T) {
	for _, tt := range []struct {
		name   string
		change func(*State)
		want   Repair
	}{
		{"nothing", func(*State) {}, Repair{}},
		{"stopped", func(s *State) { s.Logging = false }, Repair{Fields: []Field{FieldLogging}}},
		{"bucket", func(s *State) { s.Settings.S3Bucket = "evil" }, Repair{Fields: []Field{FieldS3Bucket}}},
		{"log group", func(s *State) { s.Settings.LogGroupARN = "" }, Repair{Fields: []Field{FieldLogGroup, FieldLogRole}}},
		{"one Region", func(s *State) {
			s.Settings.MultiRegion = false
			s.Settings.GlobalEvents = false
		}, Repair{Fields: []Field{FieldMultiRegion, FieldGlobalEvents}}},
		{"digests", func(s *State) { s.Settings.LogValidation = false }, Repair{Fields: []Field{FieldLogValidation}}},
		{"selectors", func(s *State) { s.Selectors[0].Management = false }, Repair{Fields: []Field{FieldSelectors}}},
		{
			"tags", func(s *State) { s.Tags = map[string]string{"more": "x"} },
			Repair{Fields: []Field{FieldTags}, To: State{Tags: map[string]string{"team": "security"}}},
		},
		{"a tag added", func(s *State) { s.Tags["more"] = "x" }, Repair{}},
	} {
		to := full() // with the tags alone that are missing
		to.Tags = map[string]string{}
		if tt.want.To.Tags != nil {
			to.Tags = tt.want.To.Tags
		}
		tt.want.To = to
		if diff := cmp.Diff(tt.want, planned(full(), with(tt.change), Declared), cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("%s (-want +got)\n%s", tt.name, diff)
		}
	}
	plain := with(func(s *State) { s.Settings.KMSKeyID = "" })
	foreign := with(func(s *State) { s.Settings.KMSKeyID = "arn:aws:kms:eu-west-1:999999999999:key/x" })
	if got := planned(
		plain,
		foreign,
		Declared,
	); !slices.Equal(got.Fields, []Field{FieldKMSKey}) || got.To.Settings.KMSKeyID != "" ||
		len(got.Left) > 0 {
		t.Errorf("a foreign key that was added: %+v", got)
	}
}

// TestRecordedBaselineOnlyStrengthens: a baseline that somebody may have poisoned sets no destination, whatever the
// trail is now.
func TestRecordedBaselineOnlyStrengthens(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	for range 2000 {
		baseline, now := random(r), random(r)
		repair := planned(baseline, now, Recorded)
		for _, f := range repair.Fields {
			if text := slices.ContainsFunc(
				Members(&Settings{}),
				func(m Member) bool { return m.Field == f && m.Text != nil },
			); text ||
				f == FieldTags {
				t.Fatalf("a recorded baseline sets a destination or tags: %s", f)
			}
		}
		for _, c := range Diff(now, apply(repair, now)) {
			// The organization's flag adds the members' records, and digests add none.
			fine := c.Effect == Strengthens || c.Field == FieldLogValidation && c.After == "true" ||
				c.Field == FieldOrganization && c.After == "true"
			if !fine && (c.Field != FieldSelectors || coverage.RecordsWrites(now)) {
				t.Fatalf("a repair from a recorded baseline did not only strengthen: %+v", c)
			}
		}
		planned := len(Weakened(Diff(baseline, now))) - len(Weakened(Diff(baseline, apply(repair, now))))
		left := slices.DeleteFunc(Weakened(Diff(baseline, now)), func(c Change) bool { return repair.Left[c.Field] == "" })
		if planned+len(left) < len(Weakened(Diff(baseline, now))) {
			t.Fatalf("a weakening is neither undone nor left with a reason: %+v", repair)
		}
	}
	more := with(func(s *State) { s.Selectors = []Selector{{ReadWrite: "ReadOnly", Management: true}} })
	other := with(func(s *State) { s.Selectors = []Selector{{ReadWrite: "WriteOnly", Management: true}} })
	if repair := planned(more, other, Recorded); slices.Contains(repair.Fields, FieldSelectors) || len(repair.Left) != 1 {
		t.Errorf("recorded selectors would end what is recorded now: %+v", repair)
	}
	blind := with(func(s *State) {
		s.Selectors = []Selector{
			{
				ReadWrite:     "All",
				DataResources: []DataResource{{Type: "AWS::S3::Object", Values: []string{"arn:aws:s3:::decoy/"}}},
			},
		}
	})
	if repair := planned(
		full(),
		blind,
		Recorded,
	); !slices.Contains(repair.Fields, FieldSelectors) ||
		len(repair.Left) > 0 {
		t.Errorf("a decoy keeps the write management events from coming back: %+v", repair)
	}
}
