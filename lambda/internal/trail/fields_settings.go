package trail

import (
	"cmp"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail/types"

	"trailkeeper/events"
	"trailkeeper/lambda/internal/finding"
)

// settingRows are the fields that UpdateTrail sets.
var settingRows = []row{
	dependency(FieldS3Bucket, text{
		name: "S3BucketName",
		of:   func(s *Settings) *string { return &s.S3Bucket },
		api: func(a api) members[string] {
			return members[string]{&a.trail.S3BucketName, &a.update.S3BucketName, &a.create.S3BucketName}
		},
	}, sentences{
		none: "none",
		gone: "The trail has no bucket.",
		now:  "Logs now go to bucket ",
		end:  ".",
	}, row{
		label:  "bucket",
		blinds: otherBucket,
		blamed: map[string]int{
			"S3BucketDoesNotExist":         0,
			"InsufficientS3BucketPolicy":   0,
			"InvalidS3BucketName":          0,
			"InvalidS3Prefix":              0,
			"InsufficientEncryptionPolicy": 1,
			"KmsKeyNotFound":               2,
		},
	}),
	dependency(FieldS3Prefix, text{
		name: "S3KeyPrefix",
		of:   func(s *Settings) *string { return &s.S3Prefix },
		api: func(a api) members[string] {
			return members[string]{&a.trail.S3KeyPrefix, &a.update.S3KeyPrefix, &a.create.S3KeyPrefix}
		},
	}, sentences{
		none: "none: the top of the bucket",
		gone: "Logs now go to the top of the bucket, where their readers may not look.",
		now:  "Logs now go below the prefix ",
		end:  ", where their readers may not look.",
	}, row{
		label: "prefix",
		blinds: func(d *Differ, b, n *State) bool {
			return otherBucket(d, b, n) && b.Settings.S3Prefix != n.Settings.S3Prefix
		},
		blamed: map[string]int{ // a prefix belongs to its bucket
			"S3BucketDoesNotExist":         0,
			"InsufficientS3BucketPolicy":   0,
			"InvalidS3BucketName":          0,
			"InvalidS3Prefix":              0,
			"InsufficientEncryptionPolicy": 1,
			"KmsKeyNotFound":               2,
		},
	}),
	dependency(FieldKMSKey, text{
		name: "KmsKeyId",
		of:   func(s *Settings) *string { return &s.KMSKeyID },
		api: func(a api) members[string] {
			return members[string]{&a.trail.KmsKeyId, &a.update.KmsKeyId, &a.create.KmsKeyId}
		},
	}, sentences{
		none: "as the bucket does it, without a KMS key of the trail",
		gone: "Log files are no longer encrypted with a KMS key.",
		now:  "Log files are now encrypted with key ",
		end:  ": without it, nobody can read them.",
	}, row{
		label: "encryption",
		form:  keyARN,
		blinds: func(_ *Differ, b, n *State) bool {
			return b.Settings.KMSKeyID != n.Settings.KMSKeyID && n.Settings.KMSKeyID != ""
		},
		blamed: map[string]int{
			"KmsKeyNotFound":               0,
			"KmsKeyDisabled":               0,
			"Kms":                          0,
			"InvalidKmsKeyId":              0,
			"InsufficientEncryptionPolicy": 0,
		},
	}),
	dependency(FieldSNSTopic, text{
		name: "SnsTopicName", // it takes an ARN
		of:   func(s *Settings) *string { return &s.SNSTopicARN },
		api: func(a api) members[string] {
			return members[string]{&a.trail.SnsTopicARN, &a.update.SnsTopicName, &a.create.SnsTopicName}
		},
	}, sentences{
		none: "none",
		gone: "Deliveries are no longer announced to a topic.",
		now:  "Deliveries are now announced to topic ",
		end:  ".",
	}, row{
		label:    "topic",
		form:     func(a Asked) (string, bool) { return a.inAccount("sns", ""), true },
		optional: true,
		blamed: map[string]int{
			"InsufficientSnsTopicPolicy":     0,
			"InvalidSnsTopicName":            0,
			"CloudTrailInvalidClientTokenId": 0,
			"KmsKeyNotFound":                 1,
		},
	}),
	dependency(FieldLogGroup, text{
		name: "CloudWatchLogsLogGroupArn",
		of:   func(s *Settings) *string { return &s.LogGroupARN },
		api: func(a api) members[string] {
			return members[string]{
				&a.trail.CloudWatchLogsLogGroupArn,
				&a.update.CloudWatchLogsLogGroupArn,
				&a.create.CloudWatchLogsLogGroupArn,
			}
		},
	}, sentences{
		none: "none",
		gone: "Events no longer go to CloudWatch Logs.",
		now:  "Events now go to log group ",
		end:  ".",
	}, row{
		label:    "log group",
		form:     func(a Asked) (string, bool) { return strings.TrimSuffix(a.Given, ":*") + ":*", true },
		with:     []Field{FieldLogRole},
		optional: true,
		blamed:   aboutLogs,
	}),
	dependency(FieldLogRole, text{
		name: "CloudWatchLogsRoleArn",
		of:   func(s *Settings) *string { return &s.LogRoleARN },
		api: func(a api) members[string] {
			return members[string]{
				&a.trail.CloudWatchLogsRoleArn,
				&a.update.CloudWatchLogsRoleArn,
				&a.create.CloudWatchLogsRoleArn,
			}
		},
	}, sentences{
		none: "none",
		gone: "CloudTrail no longer has a role to write to CloudWatch Logs with.",
		now:  "CloudTrail now writes to CloudWatch Logs as ",
		end:  ".",
	}, row{
		label:    "log role",
		with:     []Field{FieldLogGroup},
		optional: true,
		blamed:   aboutLogs,
	}),
	toggle(FieldMultiRegion, flag{
		name: "IsMultiRegionTrail",
		of:   func(s *Settings) *bool { return &s.MultiRegion },
		api: func(a api) members[bool] {
			return members[bool]{&a.trail.IsMultiRegionTrail, &a.update.IsMultiRegionTrail, &a.create.IsMultiRegionTrail}
		},
	}, switching{
		added: Strengthens,
		on:    "all",
		off:   "its home Region only",
		isOn:  "All Regions are recorded now.",
		isOff: "Only the home Region is recorded now.",
	}, row{
		label: "Regions",
		// CloudTrail ties global events to multi-Region: switching that off takes them along, and a multi-Region trail must
		// have them.
		with:   []Field{FieldGlobalEvents},
		blinds: whenOff(func(s Settings) bool { return s.MultiRegion }),
	}),
	toggle(FieldGlobalEvents, flag{
		name: "IncludeGlobalServiceEvents",
		of:   func(s *Settings) *bool { return &s.GlobalEvents },
		api: func(a api) members[bool] {
			return members[bool]{
				&a.trail.IncludeGlobalServiceEvents,
				&a.update.IncludeGlobalServiceEvents,
				&a.create.IncludeGlobalServiceEvents,
			}
		},
	}, switching{
		added: Strengthens,
		on:    "recorded",
		off:   "not recorded",
		isOn:  "Events of global services such as IAM are recorded now.",
		isOff: "Events of global services such as IAM are no longer recorded.",
	}, row{
		label:    "global events",
		blinds:   whenOff(func(s Settings) bool { return s.GlobalEvents }),
		uncapped: true,
	}),
	toggle(FieldLogValidation, flag{
		name: "EnableLogFileValidation",
		of:   func(s *Settings) *bool { return &s.LogValidation },
		api: func(a api) members[bool] {
			return members[bool]{
				&a.trail.LogFileValidationEnabled,
				&a.update.EnableLogFileValidation,
				&a.create.EnableLogFileValidation,
			}
		},
	}, switching{
		added: Neutral, // no event more is recorded
		on:    "on",
		off:   "off: log files can be changed unnoticed",
		isOn:  "Digests are written now: changed log files can be detected.",
		isOff: "No digests are written: log files can be changed unnoticed.",
	}, row{label: "digests"}),
	toggle(FieldOrganization, flag{
		name: "IsOrganizationTrail",
		of:   func(s *Settings) *bool { return &s.Organization },
		api: func(a api) members[bool] {
			return members[bool]{&a.trail.IsOrganizationTrail, &a.update.IsOrganizationTrail, &a.create.IsOrganizationTrail}
		},
	}, switching{
		added: NewDependency,
		on:    "all accounts",
		off:   "no, this account only",
		isOn: "The trail is the organization's now: it records the member accounts, and a delegated administrator may " +
			"change and delete it.",
		isOff: "The organization's member accounts are no longer recorded by this trail.",
	}, row{
		label: "organization",
		// To take an organization's trail from it ends the records of its members, so that a recorded baseline only turns it
		// on.
		keeps: func(p planner) finding.NoteID {
			if p.baseline.Settings.Organization {
				return ""
			}
			return unlessDeclared(p)
		},
		blinds: whenOff(func(s Settings) bool { return s.Organization }),
		blamed: map[string]int{Convert: 0},
	}),
}

func otherBucket(_ *Differ, b, n *State) bool { return b.Settings.S3Bucket != n.Settings.S3Bucket }

// whenOff says that a switch blinds where it was switched off.
func whenOff(is func(Settings) bool) func(*Differ, *State, *State) bool {
	return func(_ *Differ, b, n *State) bool { return is(b.Settings) && !is(n.Settings) }
}

// aboutLogs are the errors about the log group and its role, of which CloudTrail takes none without the other.
var aboutLogs = map[string]int{
	"CloudWatchLogsDeliveryUnavailable": 0,
	"InvalidCloudWatchLogsLogGroupArn":  0,
	"InvalidCloudWatchLogsRoleArn":      0,
	PassRole:                            0,
}

// sentences are said of a dependency: that there is none, that it is gone, and, around its name, that there is another.
type sentences struct{ none, gone, now, end string }

// dependency fills in the row of what a trail needs in order to be delivered and read. It belongs to somebody: whoever
// holds the key of the log files can make them unreadable, and whoever holds the bucket, the topic, the log group or
// the role can have deliveries or the next UpdateTrail refused (CloudTrail user guide, "Encrypting CloudTrail log
// files", and the errors of UpdateTrail in the API reference). So one that the baseline does not have is never an
// improvement, not even in the trail's own account, and only a declared baseline sets or removes it: one that was
// recorded without a key, a topic or a log group may have been an attacker's idea as much as one with another.
func dependency(f Field, t text, say sentences, r row) row {
	r.keeps = unlessDeclared
	r.compare = func(c *changes, b, n *State) {
		switch before, after := *t.of(&b.Settings), *t.of(&n.Settings); {
		case before == after:
		case after == "":
			c.add(f, before, after, Weakens, say.gone)
		default:
			c.add(f, before, after, NewDependency, say.now+after+say.end)
		}
	}
	r.words = func(s *State) string { return cmp.Or(*t.of(&s.Settings), say.none) }
	return ofSettings(f, t, r)
}

// switching is said of a switch: how it is, and how a change leaves it; added is the effect of switching it on.
type switching struct {
	added       finding.Effect
	on, off     string
	isOn, isOff string
}

// toggle fills in the row of a switch that is safer when it is on.
func toggle(f Field, b flag, say switching, r row) row {
	r.compare = func(c *changes, baseline, now *State) {
		c.toggle(f, *b.of(&baseline.Settings), *b.of(&now.Settings), say.added, say.isOff, say.isOn)
	}
	r.words = func(s *State) string { return choose(*b.of(&s.Settings), say.on, say.off) }
	return ofSettings(f, b, r)
}

func choose(is bool, yes, no string) string {
	if is {
		return yes
	}
	return no
}

func ofSettings(f Field, s setting, r row) row {
	r.field, r.part, r.setting, r.calls, r.restore = f, PartSettings, s, []string{CallUpdateTrail}, CallUpdateTrail
	r.adopt = func(to, from *State) { s.copy(&to.Settings, &from.Settings) }
	return r
}

// api is what shows and sets a trail's settings.
type api struct {
	trail  *types.Trail
	update *cloudtrail.UpdateTrailInput
	create *cloudtrail.CreateTrailInput
}

func newAPI() api {
	return api{&types.Trail{}, &cloudtrail.UpdateTrailInput{}, &cloudtrail.CreateTrailInput{}}
}

// members are those of the API for one setting.
type members[T any] struct{ shown, update, create **T }

// setting is one of the settings, a text or a switch.
type setting interface {
	copy(to, from *Settings)
	read(to *Settings, a api)
	update(a api, s *Settings)
	create(a api, s *Settings)
	member(s *Settings) Member
}

// member is a setting and its members of the API; name is that of CreateTrail and UpdateTrail.
type member[T comparable] struct {
	name string
	of   func(*Settings) *T
	api  func(api) members[T]
}

type (
	text = member[string]
	flag = member[bool]
)

func (m member[T]) copy(to, from *Settings) { *m.of(to) = *m.of(from) }

func (m member[T]) read(to *Settings, a api) {
	if shown := *m.api(a).shown; shown != nil {
		*m.of(to) = *shown
	}
}

func (m member[T]) update(a api, s *Settings) {
	value := *m.of(s)
	*m.api(a).update = &value
}

// create sends every switch, so that none is left to CloudTrail's defaults, and no text that is empty.
func (m member[T]) create(a api, s *Settings) {
	if value := *m.of(s); any(value) != any("") {
		*m.api(a).create = &value
	}
}

// Member is one of the settings by its name in CreateTrail and UpdateTrail: a text or a switch.
type Member struct {
	Field Field
	Name  string
	Text  *string // nil: it is a switch
	Flag  *bool
}

func (m member[T]) member(s *Settings) Member {
	text, _ := any(m.of(s)).(*string)
	flag, _ := any(m.of(s)).(*bool)
	return Member{Name: m.name, Text: text, Flag: flag}
}

// Members are the settings, whose values may be set by them.
func Members(s *Settings) []Member {
	var all []Member
	for _, r := range settingRows {
		m := r.setting.member(s)
		m.Field = r.field
		all = append(all, m)
	}
	return all
}

// Asked is a text that a request gives for a setting.
type Asked struct {
	Given    string
	Answered string // what the answer of the call shows, where the record has it
	Trail    events.Trail
}

// Shown is what reading the trail shows of what a request gives for a setting, and false where that is not known.
func (a Asked) Shown(f Field) (string, bool) {
	if form := f.row().form; form != nil && a.Given != "" {
		return form(a)
	}
	return a.Given, true
}

// inAccount makes the ARN of a name, which belongs to the trail's account and Region; an ARN is one already.
func (a Asked) inAccount(service, kind string) string {
	if events.IsARN(a.Given) {
		return a.Given
	}
	return a.Trail.Place().ARN(service, kind+a.Given)
}

// keyARN is the ARN of the key that a request names (UpdateTrail, KmsKeyId). What an alias stands for is only in the
// answer of the call: without it the value is not known, since whoever may move an alias can have it stand for another
// key meanwhile.
func keyARN(a Asked) (string, bool) {
	named, _ := events.ParseARN(a.Given)
	if strings.HasPrefix(a.Given, "alias/") || strings.HasPrefix(named.Resource, "alias/") {
		return a.Answered, events.FormKey.Matches(a.Answered)
	}
	return a.inAccount("kms", "key/"), true
}
