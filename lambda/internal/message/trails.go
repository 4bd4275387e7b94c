package message

import (
	"cmp"
	"strings"

	"trailkeeper/events"
	"trailkeeper/lambda/internal/finding"
	"trailkeeper/lambda/internal/sanitize"
)

// words are what is said of one kind of finding, or of one call.
type words struct {
	title func(finding.Finding) string // what happened, to be followed by what became of it
	short func(finding.Finding) string // the same without names, for the subject of an e-mail
	state func(finding.Finding) State  // how it stands where nothing was done about it
}

// wordsOf are the words of a finding's kind; of its call, where an event arrived.
func wordsOf(f finding.Finding) words {
	if f.Title != "" {
		return ownWords(f)
	}
	if f.Kind != "" {
		if w, ok := kindWords[f.Kind]; ok {
			return w
		}
		return otherKind
	}
	if f.Unconfirmed {
		return requested
	}
	if w, ok := evidenceCalls()[f.EventSource+" "+f.EventName]; ok {
		return w.words()
	}
	if w, ok := callWords[f.EventName]; ok {
		return w
	}
	return otherCall
}

var (
	// own is of a producer that brings its own title, such as a rule over any record.
	own = words{
		title: func(f finding.Finding) string { return sanitize.Bound(f.Title, maxHeadline) },
		short: func(f finding.Finding) string { return sanitize.Bound(withoutARNs(f), maxHeadline) },
		state: always(stateChange),
	}
	otherKind = words{
		title: func(f finding.Finding) string {
			return finderOf(f) + " found " + sanitize.Bound(string(f.Kind), maxCall) + " on " + cloudTrailName(f)
		},
		short: func(f finding.Finding) string {
			return cmp.Or(sanitize.Bound(f.Source, maxCall), "CloudTrail sweep") + ": " + sanitize.Bound(string(f.Kind), maxCall)
		},
		state: always(stateInfo),
	}
	otherCall = words{
		title: func(f finding.Finding) string { return callName(f) + " was made on " + cloudTrailName(f) },
		short: func(f finding.Finding) string { return "CloudTrail " + callName(f) },
		state: always(stateChange),
	}
	// requested is of a record that does not say whether the call succeeded.
	requested = words{
		title: func(f finding.Finding) string {
			return callName(f) + " was requested on " + subjectName(f) + "; the record does not say whether it succeeded"
		},
		short: func(f finding.Finding) string { return callName(f) + " requested" },
		state: always(stateUnverified),
	}
)

// maxResource bounds what is left of an ARN in a short text, so that what follows it is read.
const maxResource = 32

// withoutARNs is a title of the producer's own with only the resource of each ARN, and its account where that is not
// the one that the finding names.
func withoutARNs(f finding.Finding) string {
	words := strings.Fields(f.Title)
	for i, word := range words {
		parts := strings.SplitN(word, ":", 6)
		if len(parts) < 6 || parts[0] != "arn" || parts[5] == "" {
			continue
		}
		words[i] = sanitize.Bound(parts[5], maxResource)
		if account := parts[4]; account != "" && account != f.Account {
			words[i] = sanitize.Bound(account, 12) + ":" + words[i]
		}
	}
	return strings.Join(words, " ")
}

// ownWords are the producer's own. A rule that could not be applied says nothing of what happened.
func ownWords(f finding.Finding) words {
	w := own
	if f.Kind == finding.KindRuleError || f.Kind == finding.KindLogRemoved {
		w.state = kindWords[f.Kind].state
	}
	return w
}

// callWords are those of CloudTrail's calls.
var callWords = map[string]words{
	"StopLogging": {
		onTrail("CloudTrail logging was stopped on "),
		short("CloudTrail logging stopped"),
		always(stateHuman),
	},
	"StartLogging": {
		func(f finding.Finding) string {
			if f.Dark != nil {
				return "CloudTrail logging was stopped again on " + subjectName(f)
			}
			return "CloudTrail logging was started on " + subjectName(f)
		},
		func(f finding.Finding) string {
			if f.Dark != nil {
				return "CloudTrail logging stopped again"
			}
			return "CloudTrail logging started"
		},
		func(f finding.Finding) State {
			if f.Dark != nil {
				return stateHuman
			}
			return stateChange
		},
	},
	"DeleteTrail": {ofTrail("", " was deleted"), short("CloudTrail trail deleted"), always(stateHuman)},
	"CreateTrail": {ofTrail("", " was created"), short("CloudTrail trail created"), always(stateChange)},
	"UpdateTrail": {
		ofTrail("settings of ", " were changed"),
		short("CloudTrail trail changed"),
		always(stateChange),
	},
	"PutEventSelectors": {
		ofTrail("event selectors of ", " were changed"),
		short("CloudTrail event selectors changed"),
		always(stateChange),
	},
	"PutInsightSelectors": {
		ofTrail("Insights selectors of ", " were changed"),
		short("CloudTrail Insights selectors changed"),
		always(stateChange),
	},
	"AddTags":    {ofTrail("tags were added to ", ""), short("CloudTrail tags added"), always(stateChange)},
	"RemoveTags": {ofTrail("tags were removed from ", ""), short("CloudTrail tags removed"), always(stateChange)},
}

// kindWords are those of what was found without an event.
var kindWords = map[finding.Kind]words{
	finding.KindNotLogging: {
		ofTrail("", " was found not logging"),
		short("CloudTrail found not logging"),
		always(stateHuman),
	},
	finding.KindWeakened: {
		ofTrail("", " was found weaker than its baseline"),
		short("CloudTrail trail found weakened"),
		always(stateHuman),
	},
	finding.KindMissing: {ofTrail("", " was found missing"), short("CloudTrail trail missing"), always(stateHuman)},
	finding.KindDeliveryError: {
		ofTrail("", " cannot deliver its files"),
		short("CloudTrail cannot deliver"),
		always(stateHuman),
	},
	finding.KindStale: {
		ofTrail("", " logs and delivers no digests"),
		short("CloudTrail delivers no digests"),
		always(stateHuman),
	},
	finding.KindNoTrail: {
		noTrail,
		func(f finding.Finding) string {
			if f.Partial {
				return noTrail(f)
			}
			return "No trail records management events"
		},
		always(stateHuman),
	},
	finding.KindCannotSee: {
		func(f finding.Finding) string {
			return "the sweep cannot read everything in " + sanitize.Bound(f.Region, maxCall)
		},
		short("Sweep cannot read everything"), always(stateOperations),
	},
	finding.KindHeartbeat: {
		func(finding.Finding) string { return "Trailkeeper's heartbeat cannot be sent" },
		short("Heartbeat cannot be sent"), always(stateOperations),
	},
	finding.KindRecorded: {
		onTrail("the first baseline was recorded for "),
		short("CloudTrail baseline recorded"),
		always(stateInfo),
	},
	finding.KindConfirmed: {
		func(f finding.Finding) string {
			if f.Ended == finding.KindWeakened {
				return "verified: " + subjectName(f) + " matches its baseline"
			}
			return "verified: " + subjectName(f) + " is logging"
		},
		func(f finding.Finding) string {
			if f.Ended == finding.KindWeakened {
				return "CloudTrail trail: restore verified"
			}
			return "CloudTrail logging verified"
		},
		always(stateRestored),
	},
	finding.KindRecovered: {
		func(f finding.Finding) string {
			if f.Absent {
				return "there is no " + subjectName(f) + ", although a record names it"
			}
			return cloudTrailName(f) + " has recovered"
		},
		func(f finding.Finding) string {
			if f.Absent {
				return "No such CloudTrail trail"
			}
			return "CloudTrail trail recovered"
		},
		func(f finding.Finding) State {
			if f.Absent {
				return stateInfo
			}
			return stateRestored
		},
	},
	finding.KindFalseApproval: {
		onTrail(
			"a record claimed an approval that CloudTrail does not know, for ",
		),
		short("Unknown approval claimed"),
		always(stateHuman),
	},
	finding.KindTrueApproval: {
		onTrail("an approved change was verified on "),
		short("Approved change verified"),
		always(stateChange),
	},
	finding.KindNamed: {
		func(f finding.Finding) string { return "the finding on " + subjectName(f) + " was caused by " + who(f) },
		short("Who caused a finding"), always(stateInfo),
	},
	finding.KindAlarm: {
		func(f finding.Finding) string { return "Trailkeeper " + decapital(firstSentence(Detail(f))) },
		short("Trailkeeper alarm"), always(stateOperations),
	},
	finding.KindLogRemoved: {
		func(f finding.Finding) string { return "the file " + subjectName(f) + " of CloudTrail was removed" },
		short("Log file removed"),
		func(f finding.Finding) State {
			if f.Severity == finding.SeverityLow { // the bucket's lifecycle did it
				return stateInfo
			}
			return stateHuman
		},
	},
	finding.KindRuleError: {
		func(f finding.Finding) string { return "the rule " + finderOf(f) + " could not be applied to a record" },
		short("Rule could not be applied"), always(stateOperations),
	},
	finding.KindEvidence:            {onEvidence, shortOfEvidence, always(stateHuman)},
	finding.KindEvidenceOver:        {evidenceOver, short("A trail's bucket or key as in its baseline"), always(stateRestored)},
	finding.KindDeploymentDiffers:   {ofDeployment, shortOfDeployment, always(stateHuman)},
	finding.KindDeploymentRecovered: {deploymentRecovered, short("Trailkeeper as deployed again"), always(stateRestored)},
	finding.KindDeploymentUnseen: {
		func(finding.Finding) string { return "Trailkeeper cannot check all of its own deployment" },
		short("Trailkeeper cannot check itself"), always(stateOperations),
	},
	finding.KindLastQueue: {
		func(f finding.Finding) string { return "Trailkeeper: " + firstSentence(Detail(f)) },
		short("Trailkeeper moved messages to the last queue"), always(stateOperations),
	},
}

func noTrail(f finding.Finding) string {
	if f.Partial {
		return "no trail is seen to record the management events of " + sanitize.Bound(f.Region, maxCall)
	}
	return "no trail records the management events of " + sanitize.Bound(f.Region, maxCall)
}

func always(s State) func(finding.Finding) State { return func(finding.Finding) State { return s } }

func short(s string) func(finding.Finding) string { return func(finding.Finding) string { return s } }

// onTrail is a text that ends with the trail's name.
func onTrail(before string) func(finding.Finding) string {
	return func(f finding.Finding) string { return before + subjectName(f) }
}

// ofTrail is a text around the trail's name.
func ofTrail(before, after string) func(finding.Finding) string {
	return func(f finding.Finding) string { return before + cloudTrailName(f) + after }
}

func decapital(s string) string {
	if s == "" {
		return s
	}
	return strings.ToLower(s[:1]) + s[1:]
}

// lateState is how a trail stands now, as reading it has shown after what a late message tells. That it logs says
// nothing good of its settings.
func lateState(f finding.Finding) State {
	switch f.Late.Now {
	case finding.StandingOff, finding.StandingDeleted, finding.StandingWeakened:
		return stateOpen
	}
	return statePast
}

// aboutLogging reports whether it is StartLogging that restores what happened.
func aboutLogging(f finding.Finding) bool {
	return f.EventName == "StopLogging" || f.Kind == finding.KindNotLogging ||
		f.EventName == "StartLogging" && f.Dark != nil
}

// aboutTrail reports whether a finding is about a trail. Those of earlier versions, which are parked, have no type; one
// with a title of its own does.
func aboutTrail(f finding.Finding) bool {
	return f.Type == finding.TypeTrail || f.Type == "" && f.Title == ""
}

// noun says what kind of thing a finding is about: "trail", or of another resource the last part of its type, such as
// "role" of AWS::IAM::Role.
func noun(f finding.Finding) string {
	if aboutTrail(f) {
		return "trail"
	}
	if name, ok := nouns[f.Type]; ok {
		return name
	}
	if kind := sanitize.Bound(f.Type[strings.LastIndex(f.Type, ":")+1:], maxCall); kind != "" {
		return apart(kind)
	}
	return "resource"
}

// finderOf says who found it.
func finderOf(f finding.Finding) string {
	return cmp.Or(sanitize.Bound(f.Source, maxCall), "the sweep")
}

// target is what a restore is about.
func target(f finding.Finding) string {
	if aboutTrail(f) && (aboutLogging(f) || f.EventName == "" && f.Kind == "") {
		return "logging on " + subjectName(f)
	}
	return subjectName(f)
}

// trailARN is the ARN of f's trail if it has the form of one (CloudTrail API reference, CreateTrail, Name), and ""
// otherwise.
func trailARN(f finding.Finding) string {
	t, err := events.ParseTrailARN(f.Subject.ARN)
	if err != nil || strings.HasPrefix(strings.ToLower(t.Name), "www.") {
		return ""
	}
	return f.Subject.ARN
}

// TrailLink is the address of the trail in the CloudTrail console, or "" where the trail's ARN is not whole or its
// partition has no console that is known.
func TrailLink(n finding.Finding) string {
	t, err := events.ParseTrailARN(n.Subject.ARN)
	if err != nil {
		return ""
	}
	return console(t.Partition, t.Region, "trails/"+t.ARN())
}

// subjectName is what a finding is about, by its name: "trail main", "role Deployer".
func subjectName(f finding.Finding) string {
	if name := sanitize.Bound(f.Subject.Name, maxTrail); name != "" {
		return noun(f) + " " + name
	}
	if arn := sanitize.Bound(f.Subject.ARN, maxTrail); arn != "" {
		return noun(f) + " " + arn
	}
	what := noun(f)
	if strings.ContainsRune("aeiou", rune(what[0])) {
		return "an " + what + " that the record does not name"
	}
	return "a " + what + " that the record does not name"
}

func cloudTrailName(f finding.Finding) string {
	if name := subjectName(f); !aboutTrail(f) {
		return name
	} else if !strings.HasPrefix(name, "a ") {
		return "CloudTrail " + name
	}
	return "a CloudTrail trail that the record does not name"
}
