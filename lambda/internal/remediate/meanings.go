package remediate

import (
	"slices"
	"strings"

	"trailkeeper/events"
	"trailkeeper/lambda/internal/finding"
	"trailkeeper/lambda/internal/trail"
)

// meaning is what some codes of the CloudTrail API mean.
type meaning struct {
	codes string // without "Exception"
	says  finding.NoteID
	// next is what a human does; empty: nothing, since the same call may succeed later.
	next finding.NoteID
}

// meanings are those of all codes that CloudTrail's model lists for the calls of this package, and of those that any
// service may answer, but for what package awscall knows to be throttled or denied.
var meanings = []meaning{
	{"Conflict", finding.NoteBusy, ""},
	{"RequestTimeout", finding.NoteCallTimedOut, ""},
	{"ExpiredToken RequestExpired", finding.NoteExpiredCredentials, ""},
	{"TrailNotFound", finding.NoteTrailNotFound, finding.NextCreateFromBaseline},
	{"InvalidTrailName CloudTrailARNInvalid", finding.NoteBadTrailName, finding.NextCorrectARN},
	{"InvalidHomeRegion", finding.NoteWrongHome, finding.NextCaptureAtHome},
	{"OperationNotPermitted UnsupportedOperation", finding.NoteNotPermitted, finding.NextManagingService},
	{
		"InvalidClientTokenId UnrecognizedClient SignatureDoesNotMatch CloudTrailInvalidClientTokenId " +
			"MissingAuthenticationToken IncompleteSignature", finding.NoteBadCredentials, finding.NextCheckRole,
	},

	{
		"NotOrganizationMasterAccount NotOrganizationManagementAccount", finding.NoteNotManagement,
		finding.NextRestoreThere,
	},
	{
		"InsufficientDependencyServiceAccessPermission", finding.NoteOrganizationAccess, finding.NextOrganizationAccess,
	},
	{"NoManagementAccountSLRExists", finding.NoteNoLinkedRole, finding.NextLinkedRole},
	{
		"OrganizationsNotInUse OrganizationNotInAllFeaturesMode CloudTrailAccessNotEnabled",
		finding.NoteOrganizationOff, finding.NextOrganizationOn,
	},

	{"S3BucketDoesNotExist InvalidS3BucketName", finding.NoteBucketGone, finding.NextMakeBucket},
	{"InsufficientS3BucketPolicy", finding.NoteBucketPolicy, finding.NextBucketPolicy},
	{"InvalidS3Prefix", finding.NotePrefixRefused, finding.NextCorrectPrefix},
	{"KmsKeyNotFound", finding.NoteKeyGone, finding.NextFindKey},
	{"InvalidKmsKeyId", finding.NoteKeyRefused, finding.NextCorrectKey},
	{"KmsKeyDisabled Kms", finding.NoteKeyUnusable, finding.NextEnableKey},
	{"InsufficientEncryptionPolicy", finding.NoteKeyPolicy, finding.NextKeyPolicy},
	{"InsufficientSnsTopicPolicy InvalidSnsTopicName", finding.NoteTopicGone, finding.NextTopic},
	{"CloudWatchLogsDeliveryUnavailable", finding.NoteLogsUnavailable, finding.NextLookAtLogGroup},
	{"InvalidCloudWatchLogsLogGroupArn", finding.NoteLogGroupGone, finding.NextLogGroup},
	{"InvalidCloudWatchLogsRoleArn", finding.NoteLogRoleGone, finding.NextLogRole},
	{"MaximumNumberOfTrailsExceeded", finding.NoteTooManyTrails, finding.NextDeleteTrails},
	{"TrailAlreadyExists", finding.NoteTrailExists, finding.NextCompare},
	{
		"TrailNotProvided InvalidParameterCombination InvalidParameter", finding.NoteSettingsRefused,
		finding.NextCorrectBaseline,
	},
	{"InvalidEventSelectors", finding.NoteSelectorsRefused, finding.NextCorrectSelectors},
	{"InvalidInsightSelectors InsightNotEnabled", finding.NoteInsightsRefused, finding.NextCorrectInsights},
	{"TagsLimitExceeded InvalidTagParameter", finding.NoteTagsRefused, finding.NextRemoveTags},
	{
		"ResourceNotFound ResourceTypeNotSupported InactiveEventDataStore EventDataStoreNotFound " +
			"EventDataStoreARNInvalid ChannelARNInvalid ChannelNotFound", finding.NoteTrailUnknown, finding.NextFindTrail,
	},
}

// meaningOf finds what a code means.
func meaningOf(code string) (meaning, bool) {
	i := slices.IndexFunc(meanings, func(m meaning) bool { return slices.Contains(strings.Fields(m.codes), code) })
	if i < 0 {
		return meaning{}, false
	}
	return meanings[i], true
}

// of is the meaning for a call on a trail.
func (m meaning) of(call string, t events.Trail) problem {
	p := final(m.next, m.says)
	p.retryable = m.next == ""
	switch m.says {
	case finding.NoteTrailNotFound, finding.NoteBadTrailName:
		p.says = finding.Say(m.says, t.ARN())
	case finding.NoteWrongHome:
		p.says = finding.Say(m.says, t.Region)
	case finding.NoteNotManagement:
		p.says = finding.Say(m.says, t.Account)
	}
	if next := afterStart[m.says]; next != "" && call == trail.CallStartLogging {
		p.next = finding.Say(next)
	}
	return p
}

// afterStart is what a human does after a StartLogging, where that is not what is done after another call.
var afterStart = map[finding.NoteID]finding.NoteID{
	finding.NoteTrailNotFound: finding.NextCreateWithSettings,
	finding.NoteBadTrailName:  finding.NextStartMeant,
	finding.NoteWrongHome:     finding.NextStartAtHome,
}

// aboutOrganization reports whether a code is special to organization trails. A delegated administrator may create,
// change and start the organization's trails, and only the management account may make a trail one of them, or one of a
// single account again (UpdateTrail, IsOrganizationTrail).
func aboutOrganization(code string) bool {
	m, _ := meaningOf(code)
	return slices.Contains([]finding.NoteID{
		finding.NoteNotManagement, finding.NoteOrganizationAccess, finding.NoteNoLinkedRole, finding.NoteOrganizationOff,
	}, m.says)
}
