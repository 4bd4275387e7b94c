package trail

// Effect says what a change does to the record that the trail keeps.
type Effect string

// The effects. Weakens and NewDependency leave the trail worse than its baseline; Neutral and Strengthens are told and left alone.
const (
	Weakens       Effect = "weakens"        // less is recorded, or it is no longer delivered or protected as it was
	NewDependency Effect = "new_dependency" // who holds what the trail now depends on can make its logs unreadable or absent
	Neutral       Effect = "neutral"        // the same is recorded
	Strengthens   Effect = "strengthens"    // more is recorded, and nothing else
)

// Worse reports whether a change of this effect leaves the trail worse than its baseline has it, so that it is to be restored.
func (e Effect) Worse() bool { return e == Weakens || e == NewDependency }

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

// Change is one field of a trail that is not as the baseline has it.
type Change struct {
	Field Field `json:"field"`
	// Before and After are the values in words, empty for none. Callers of AWS wrote them: escape and bound them before they are shown.
	Before string `json:"before"`
	After  string `json:"after"`
	Effect Effect `json:"effect"`
	// Sentence is one plain sentence about the trail as it is now: "Management events are no longer recorded."
	Sentence string `json:"sentence"`
}

// Part is the part of a trail that the field shows in.
func (f Field) Part() Part {
	switch f {
	case FieldLogging:
		return PartLogging
	case FieldSelectors:
		return PartSelectors
	case FieldInsights:
		return PartInsights
	case FieldEvents:
		return PartEvents
	case FieldTags:
		return PartTags
	}
	return PartSettings
}

// Weakened returns the changes that leave the trail worse than its baseline, those that are a new dependency included, in order.
func Weakened(changes []Change) []Change {
	var some []Change
	for _, c := range changes {
		if c.Effect.Worse() {
			some = append(some, c)
		}
	}
	return some
}
