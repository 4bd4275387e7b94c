package calls

import (
	"slices"
	"strings"
)

// Recorded is the name by which CloudTrail records the calls of an action of IAM, such as "s3:PutLifecycleConfiguration";
// empty: that of the action, as far as is known here.
func Recorded(action string) string {
	switch action {
	case "":
		return ""
	case deleteVersion:
		return "DeleteObject" // with a versionId; it is recorded as no other call (Amazon S3 User Guide, "Amazon S3 CloudTrail events")
	}
	service, name, _ := strings.Cut(action, ":")
	if _, same := Find(service+".amazonaws.com", name); same {
		return ""
	}
	all := All()
	if i := slices.IndexFunc(all, func(c Call) bool { return c.Action == action }); i >= 0 {
		return all[i].Event
	}
	return ""
}

const deleteVersion = "s3:DeleteObjectVersion"

// Unseen is why a call of the catalogue (package guardrail) on a trail's evidence is not in the list, by its action of IAM;
// empty: it is.
func Unseen(action string) string { return unseen[action] }

var unseen = map[string]string{
	"account:CloseAccount":         "CloudTrail records no such call: the console closes an account as organizations:CloseAccount or by itself",
	"logs:DeleteDestination":       "no baseline names what it is about",
	"s3:BypassGovernanceRetention": "it is no call",
	"s3:DeleteObjectTagging":       byTags,
	"s3:PauseReplication":          "AWS Fault Injection Service makes it, and nobody else",
	"s3:PutObject":                 "each delivery of CloudTrail is such a call",
	"s3:PutObjectAcl":              byWatch,
	"s3:PutObjectLegalHold":        byWatch,
	"s3:PutObjectRetention":        byWatch,
	"s3:PutObjectTagging":          byTags,
	"s3:PutObjectVersionAcl":       byWatch,
	"s3:UpdateObjectEncryption":    byWatch,
}

const (
	byTags  = "a lifecycle by tags is reported, as every other"
	byWatch = "a data event, for which the watch may have a rule"
)
