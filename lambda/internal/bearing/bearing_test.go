package bearing_test

import (
	"slices"
	"testing"

	"trailkeeper/lambda/internal/bearing"
	"trailkeeper/lambda/internal/finding"
	"trailkeeper/lambda/internal/finding/findingtest"
)

const (
	joins, opens, ends  = finding.RoleJoins, finding.RoleOpens, finding.RoleEnds
	open, human, fine   = finding.IncidentOpen, finding.IncidentHuman, finding.IncidentRestored
	weakens, strengthen = finding.EffectWeakens, finding.EffectStrengthens
)

// TestOf is the whole of what a finding means for the incident of its trail.
func TestOf(t *testing.T) {
	type aspects = []finding.Aspect
	for name, test := range map[string]struct {
		event   string
		kind    finding.Kind
		outcome finding.Outcome
		change  func(*finding.Finding)
		want    finding.Bearing
	}{
		"restored stop": {
			"StopLogging", "", finding.OutcomeRestored, nil,
			finding.Bearing{Role: opens, Aspects: aspects{bearing.Logging, bearing.Exists}, Stand: fine},
		},
		"stop that reading disproves": {
			"StopLogging", "", finding.OutcomeAlreadyLogging, nil,
			finding.Bearing{Role: opens, Aspects: aspects{bearing.Logging, bearing.Exists}, Stand: fine},
		},
		"accepted": {
			"StopLogging", "", finding.OutcomeAccepted, nil,
			finding.Bearing{Role: opens, Aspects: aspects{bearing.Logging}, Stand: open},
		},
		"retrying": {
			"StopLogging", "", finding.OutcomeRetrying, nil,
			finding.Bearing{Role: opens, Aspects: aspects{bearing.Logging}, Stand: open},
		},
		"not put back": {
			"UpdateTrail", "", finding.OutcomeCannotRestore, nil,
			finding.Bearing{Role: opens, Aspects: aspects{bearing.Settings}, Stand: human},
		},
		"gave up": {
			"DeleteTrail", "", finding.OutcomeGaveUp, nil,
			finding.Bearing{Role: opens, Aspects: aspects{bearing.Exists}, Stand: human},
		},
		"in part": {
			"AddTags", "", finding.OutcomePartlyRestored, nil,
			finding.Bearing{Role: opens, Aspects: aspects{bearing.Settings}, Stand: human},
		},
		"created again": {
			"DeleteTrail", "", finding.OutcomeRestored, nil,
			finding.Bearing{Role: opens, Aspects: aspects{bearing.Exists, bearing.Logging, bearing.Settings}, Stand: fine},
		},
		"created, compared": {
			"CreateTrail", "", finding.OutcomeRestored, func(n *finding.Finding) { n.Baseline = &finding.Baseline{} },
			finding.Bearing{Role: opens, Aspects: aspects{bearing.Exists, bearing.Logging, bearing.Settings}, Stand: fine},
		},
		"created, not put back": {
			"CreateTrail", "", finding.OutcomeCannotRestore, func(n *finding.Finding) { n.Baseline = &finding.Baseline{} },
			finding.Bearing{Role: opens, Aspects: aspects{bearing.Settings}, Stand: human},
		},
		"created, not compared": {"CreateTrail", "", finding.OutcomeNotified, nil, finding.Bearing{Role: joins}},
		"no drift": {
			"PutEventSelectors", "", finding.OutcomeNoDrift, nil,
			finding.Bearing{Role: joins, Aspects: aspects{bearing.Settings, bearing.Exists}, Stand: fine},
		},
		"no drift, under an approval": {
			"PutInsightSelectors", "", finding.OutcomeNoDrift, changed(weakens),
			finding.Bearing{Role: joins, Aspects: aspects{bearing.Settings}},
		},
		"no drift, strengthened": {
			"PutEventConfiguration", "", finding.OutcomeNoDrift, changed(strengthen),
			finding.Bearing{Role: joins, Aspects: aspects{bearing.Settings, bearing.Exists}, Stand: fine},
		},
		"no drift, in part unseen": {
			"RemoveTags", "", finding.OutcomeNoDrift, func(n *finding.Finding) { n.Partial = true },
			finding.Bearing{Role: joins, Aspects: aspects{bearing.Settings}, Stand: open},
		},
		"stop, only reported": {
			"StopLogging", "", finding.OutcomeNotified, nil,
			finding.Bearing{Role: opens, Aspects: aspects{bearing.Logging}, Stand: human},
		},
		"deletion, only reported": {
			"DeleteTrail", "", finding.OutcomeNotified, nil,
			finding.Bearing{Role: opens, Aspects: aspects{bearing.Exists}, Stand: human},
		},
		"stop, unconfirmed": {
			"StopLogging", "", finding.OutcomeNotified, func(n *finding.Finding) { n.Unconfirmed = true },
			finding.Bearing{Role: joins, Aspects: aspects{bearing.Logging}},
		},
		"change, only reported": {
			"UpdateTrail", "", finding.OutcomeNotified, nil, finding.Bearing{Role: joins, Aspects: aspects{bearing.Settings}},
		},
		"attempt": {
			"StopLogging", "", finding.OutcomeAttempt, nil, finding.Bearing{Role: joins, Aspects: aspects{bearing.Logging}},
		},
		"own start that held": {"StartLogging", "", finding.OutcomeNotified, nil, finding.Bearing{Role: joins}},
		"own start that did not": {
			"StartLogging", "", finding.OutcomeRestored, func(n *finding.Finding) { n.Dark = &finding.Dark{} },
			finding.Bearing{Role: opens, Aspects: aspects{bearing.Logging, bearing.Exists}, Stand: fine},
		},
		"another call": {
			"DescribeTrails", "", finding.OutcomeRestored, nil,
			finding.Bearing{Role: opens, Aspects: aspects{bearing.Exists}, Stand: fine},
		},

		"found off": {
			"", finding.KindNotLogging, finding.OutcomeNotified, nil,
			finding.Bearing{Role: opens, Aspects: aspects{bearing.Logging}, Stand: human},
		},
		"found weakened": {
			"StopLogging", finding.KindWeakened, finding.OutcomeRetrying, nil,
			finding.Bearing{Role: opens, Aspects: aspects{bearing.Settings}, Stand: open},
		},
		"found gone": {
			"", finding.KindMissing, finding.OutcomeCannotRestore, nil,
			finding.Bearing{Role: opens, Aspects: aspects{bearing.Exists}, Stand: human},
		},
		"found undelivering": {
			"", finding.KindDeliveryError, finding.OutcomeNotified, nil,
			finding.Bearing{Role: opens, Aspects: aspects{bearing.Delivery}, Stand: human},
		},
		"found stale": {
			"", finding.KindStale, finding.OutcomeNotified, nil,
			finding.Bearing{Role: opens, Aspects: aspects{bearing.Digests}, Stand: human},
		},
		"recovered": {"", finding.KindRecovered, finding.OutcomeNotified, nil, finding.Bearing{Role: ends}},
		"recovered from one": {
			"", finding.KindRecovered, finding.OutcomeNotified, func(n *finding.Finding) { n.Ended = finding.KindStale },
			finding.Bearing{Role: ends, Aspects: aspects{bearing.Digests}},
		},
		"confirmed": {
			"", finding.KindConfirmed, finding.OutcomeNotified, func(n *finding.Finding) { n.Ended = finding.KindWeakened },
			finding.Bearing{Role: ends, Aspects: aspects{bearing.Settings}},
		},
		"named": {"", finding.KindNamed, finding.OutcomeNotified, nil, finding.Bearing{Role: joins}},

		"of another account": {"StopLogging", "", finding.OutcomeNotOurs, nil, finding.Bearing{}},
		"approved":           {"StopLogging", "", finding.OutcomeApproved, nil, finding.Bearing{}},
		"unreadable":         {"", "", finding.OutcomeUnreadable, nil, finding.Bearing{}},
		"undelivered":        {"StopLogging", "", finding.OutcomeUndelivered, nil, finding.Bearing{}},
		"test":               {"", "", finding.OutcomeTest, nil, finding.Bearing{}},
		"summary":            {"StopLogging", "", finding.OutcomeRepeated, nil, finding.Bearing{}},
		"recorded":           {"", finding.KindRecorded, finding.OutcomeNotified, nil, finding.Bearing{}},
		"cannot see":         {"", finding.KindCannotSee, finding.OutcomeNotified, nil, finding.Bearing{}},
		"no trail records":   {"", finding.KindNoTrail, finding.OutcomeNotified, nil, finding.Bearing{Role: joins}},
		"declared so": {
			"StopLogging", "", finding.OutcomeNotified, func(n *finding.Finding) { n.Declared = true }, finding.Bearing{},
		},
		"no subject": {
			"StopLogging", "", finding.OutcomeCannotRestore, func(n *finding.Finding) { n.Subject.ARN = "" }, finding.Bearing{},
		},
	} {
		n := findingtest.Stopped()
		n.EventName, n.Kind, n.Outcome = test.event, test.kind, test.outcome
		if test.change != nil {
			test.change(&n)
		}
		got := bearing.With(n).Bearing
		if got.Role != test.want.Role || got.Stand != test.want.Stand || !slices.Equal(got.Aspects, test.want.Aspects) {
			t.Errorf("%s: %+v; want %+v", name, got, test.want)
		}
	}
}

func changed(effect finding.Effect) func(*finding.Finding) {
	return func(n *finding.Finding) {
		n.Changes = []finding.Change{{Field: "tags", Effect: "neutral"}, {Field: "s3BucketName", Effect: effect}}
	}
}

// TestMinor: what very many may send about nothing; and near misses, each of which may be the one that matters.
func TestMinor(t *testing.T) {
	for name, test := range map[string]struct {
		event   string
		outcome finding.Outcome
		change  func(*finding.Finding)
		want    finding.Minor
	}{
		"tags":          {"AddTags", finding.OutcomeNotified, nil, finding.MinorQuiet},
		"tags taken":    {"RemoveTags", finding.OutcomeNotified, nil, finding.MinorQuiet},
		"start":         {"StartLogging", finding.OutcomeNotified, nil, finding.MinorQuiet},
		"creation":      {"CreateTrail", finding.OutcomeNotified, nil, finding.MinorQuiet},
		"change":        {"UpdateTrail", finding.OutcomeNotified, nil, finding.MinorNone},
		"tags put back": {"AddTags", finding.OutcomeRestored, nil, finding.MinorNone},
		"nothing out":   {"UpdateTrail", finding.OutcomeNoDrift, nil, finding.MinorQuiet},
		"was logging":   {"StopLogging", finding.OutcomeAlreadyLogging, nil, finding.MinorQuiet},
		"was dark": {
			"StopLogging", finding.OutcomeAlreadyLogging, func(n *finding.Finding) { n.Dark = &finding.Dark{} },
			finding.MinorNone,
		},
		"found": {
			"AddTags", finding.OutcomeNotified, func(n *finding.Finding) { n.Kind = finding.KindNamed }, finding.MinorNone,
		},
		"stop of none": {
			"StopLogging", finding.OutcomeCannotRestore, func(n *finding.Finding) { n.Cause = "gone" }, finding.MinorGone,
		},
		"stop denied": {
			"StopLogging", finding.OutcomeCannotRestore, func(n *finding.Finding) { n.Cause = "denied" }, finding.MinorNone,
		},
		"stop of none, twice": {
			"StopLogging", finding.OutcomeRetrying, func(n *finding.Finding) { n.Cause = "gone" }, finding.MinorNone,
		},
		"deletion of none": {
			"DeleteTrail", finding.OutcomeCannotRestore, func(n *finding.Finding) { n.Cause = "gone" }, finding.MinorNone,
		},
	} {
		n := findingtest.Stopped()
		n.EventName, n.Outcome = test.event, test.outcome
		if test.change != nil {
			test.change(&n)
		}
		if got := bearing.With(n).Minor; got != test.want {
			t.Errorf("%s: %q; want %q", name, got, test.want)
		}
	}
}

// TestTypeOfTheSubject: a trail is said to be one, and nothing else is.
func TestTypeOfTheSubject(t *testing.T) {
	for arn, want := range map[string]string{
		"arn:aws:cloudtrail:eu-west-1:111122223333:trail/t-1":        "AWS::CloudTrail::Trail",
		"arn:aws:cloudtrail:eu-west-1:111122223333:eventdatastore/t": "",
		"": "",
	} {
		if got := bearing.With(finding.Finding{Subject: finding.Subject{ARN: arn}}).Type; got != want {
			t.Errorf("%q is a %q; want %q", arn, got, want)
		}
	}
}
