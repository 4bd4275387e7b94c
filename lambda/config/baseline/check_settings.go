package baseline

import (
	"net/netip"
	"strings"
	"unicode/utf8"

	"trailkeeper/events"
)

const (
	letters = "abcdefghijklmnopqrstuvwxyz"
	capital = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	digits  = "0123456789"
)

// between reports whether a text has so many characters.
func between(s string, least, limit int) bool {
	n := utf8.RuneCountInString(s)
	return n >= least && n <= limit
}

// ValidName reports whether CloudTrail takes the name for a trail (CloudTrail User Guide, "CloudTrail resource naming
// requirements").
func ValidName(name string) bool {
	const separators = "._-"
	for i := range len(name) {
		apart := i > 0 && i < len(name)-1 && !strings.Contains(separators, name[i-1:i])
		if strings.Contains(separators, name[i:i+1]) && !apart {
			return false
		}
	}
	return len(name) >= 3 && len(name) <= 128 && !isAddress(name) &&
		events.ConsistsOf(name, letters+capital+digits+separators)
}

func isAddress(s string) bool {
	a, err := netip.ParseAddr(s)
	return err == nil && a.Is4()
}

// validBucket reports whether CloudTrail takes the name of a bucket: labels between periods, each of lower-case
// letters, digits and dashes, with no dash at an end, in all 3 to 63 characters, and no IP address (CloudTrail User
// Guide, "Amazon S3 bucket naming requirements").
func validBucket(name string) bool {
	for label := range strings.SplitSeq(name, ".") {
		if !events.ConsistsOf(label, letters+digits+"-") || strings.Trim(label, "-") != label {
			return false
		}
	}
	return len(name) >= 3 && len(name) <= 63 && !isAddress(name)
}

// settings checks what UpdateTrail sets.
func (c *checker) settings(s Settings) {
	const at = "trail.settings."
	c.code = "InvalidS3BucketNameException"
	c.want(
		validBucket(s.S3Bucket),
		at+"s3BucketName",
		s.S3Bucket,
		"the name of a bucket: 3 to 63 lower-case letters, digits, periods and dashes, a letter or digit at each end and "+
			"beside each period, and no IP address",
	)
	c.code = "InvalidS3PrefixException"
	c.want(between(s.S3Prefix, 0, 200), at+"s3KeyPrefix", s.S3Prefix, "at most 200 characters")
	c.code = "InvalidKmsKeyIdException"
	c.want(
		s.KMSKeyID == "" || c.of.is(s.KMSKeyID, events.FormKey),
		at+"kmsKeyId",
		s.KMSKeyID,
		"an ARN of kms that names a key, such as "+c.of.place().ARN(
			"kms",
			"key/1234abcd-12ab-34cd-56ef-1234567890ab",
		)+": CloudTrail shows that, never an alias",
	)
	c.code = "InvalidSnsTopicNameException"
	c.want(s.SNSTopicARN == "" || c.of.isTopic(s.SNSTopicARN), at+"snsTopicArn", s.SNSTopicARN,
		"an ARN of sns of at most 256 characters, such as "+c.of.place().ARN("sns", "topic"))
	c.delivery(s)
	c.code = "InvalidParameterCombinationException"
	c.want(!s.MultiRegion || s.GlobalEvents, at+"includeGlobalServiceEvents", "false",
		"true: CloudTrail takes no multi-Region trail without global service events")
}

// delivery checks where the trail delivers to CloudWatch Logs: a log group of its home Region, with a role. But for an
// organization's trail, which a delegated administrator may deliver into its own account, both are of the trail's
// account (UpdateTrail, CloudWatchLogsLogGroupArn).
func (c *checker) delivery(s Settings) {
	const group, role = "trail.settings.cloudWatchLogsLogGroupArn", "trail.settings.cloudWatchLogsRoleArn"
	const both = "a log group and a role, or neither: CloudTrail takes only both together"
	ours := func(account string) bool {
		return s.Organization || c.of.home.Account == "" || account == c.of.home.Account
	}
	c.code = "InvalidCloudWatchLogsLogGroupArnException"
	c.want(s.LogGroupARN != "" || s.LogRoleARN == "", group, s.LogGroupARN, both)
	a, ok := c.of.arn(s.LogGroupARN, events.FormLogGroup)
	ok = ok && (c.of.home.Region == "" || a.Region == c.of.home.Region) && ours(a.Account)
	c.want(
		s.LogGroupARN == "" || ok,
		group,
		s.LogGroupARN,
		"an ARN of logs that names a log group of the trail's account and home Region and ends in \":*\", "+
			"such as "+c.of.place().ARN(
			"logs",
			"log-group:NAME:*",
		),
	)
	c.code = "InvalidCloudWatchLogsRoleArnException"
	c.want(s.LogRoleARN != "" || s.LogGroupARN == "", role, s.LogRoleARN, both)
	a, ok = c.of.arn(s.LogRoleARN, events.FormRole)
	c.want(s.LogRoleARN == "" || ok && ours(a.Account), role, s.LogRoleARN,
		"an ARN of iam that names a role of the trail's account, such as "+c.of.place().Global().ARN("iam", "role/NAME"))
}

func (o owner) isTopic(arn string) bool {
	return o.is(strings.TrimSuffix(arn, ".fifo"), events.FormTopic) && len(arn) <= 256
}

// arn reads an ARN of a form, which must be of the trail's partition.
func (o owner) arn(arn string, f events.Form) (events.ARN, bool) {
	a, ok := f.Parse(arn)
	return a, ok && o.agrees(a)
}

func (o owner) agrees(a events.ARN) bool {
	partition, known := events.PartitionOf(a.Region)
	return a.Partition == o.place().Partition && (a.Region == "" || known && partition == a.Partition)
}

func (o owner) is(arn string, f events.Form) bool {
	_, ok := o.arn(arn, f)
	return ok
}

// place is where everything that the trail names is; without a trail, one as an example.
func (o owner) place() events.Place {
	if o.home == (events.Trail{}) {
		return events.Place{Partition: "aws", Region: "eu-west-1", Account: "111122223333"}
	}
	return o.home.Place()
}
