package localcloud

import (
	"maps"
	"regexp"
	"strings"
	"sync"

	"trailkeeper/events"
)

// service is CloudTrail's own principal.
const cloudTrailService = "cloudtrail.amazonaws.com"

// bucket returns the bucket of that name; false: there is none. One that the template does not hold is assumed to exist and to let CloudTrail
// in.
func (c *Cloud) bucket(name string) (*logBucket, bool) {
	arn := "arn:" + c.opts.Partition + ":s3:::" + name
	b, ok := c.stack.buckets[name]
	if !ok {
		b = &logBucket{id: name, name: name, arn: arn, outside: true}
		c.stack.buckets[name] = b
	}
	return b, !c.gone[b.arn]
}

// delivers asks the bucket's policy whether CloudTrail may write the trail's files ("Amazon S3 bucket policy for CloudTrail").
func (c *Cloud) delivers(b *logBucket, id events.Trail, s trailState) bool {
	prefix, _ := s.Settings["S3KeyPrefix"].(string)
	if prefix != "" {
		prefix += "/"
	}
	context := map[string]string{
		"aws:SourceArn": id.ARN(), "aws:SourceAccount": id.Account, "s3:x-amz-acl": "bucket-owner-full-control",
	}
	for action, resource := range map[string]string{
		"s3:GetBucketAcl": b.arn, "s3:PutObject": b.arn + "/" + prefix + "AWSLogs/" + id.Account + "/CloudTrail/x",
	} {
		says := ask(b.policies, access{who: cloudTrailService, action: action, resource: resource, context: context}, true, c.opts.Account)
		if says == denied || says == silent && !b.outside {
			return false
		}
	}
	return true
}

// topicOf is the topic that a trail tells of new files.
func topicOf(id events.Trail, s trailState) string {
	name, _ := s.Settings["SnsTopicName"].(string)
	if name == "" || strings.HasPrefix(name, "arn:") {
		return name
	}
	return "arn:" + id.Partition + ":sns:" + id.Region + ":" + id.Account + ":" + name
}

// notifies asks the topic whether CloudTrail may publish. One that the template does not hold lets it in.
func (c *Cloud) notifies(arn string, id events.Trail) bool {
	t := c.stack.topics[arn]
	context := map[string]string{"aws:SourceArn": id.ARN(), "aws:SourceAccount": id.Account}
	return !c.gone[arn] && (t == nil || c.serviceMayPublish(cloudTrailService, t, context))
}

// resolveKey puts the ARN of the key in place of its ID or alias: CloudTrail keeps and shows nothing else (CreateTrail, KmsKeyId). An alias that the
// template does not hold has a key of its own. What names no key is left, for the check of the settings to refuse.
func (c *Cloud) resolveKey(settings map[string]any, id events.Trail) {
	given, _ := settings["KmsKeyId"].(string)
	here := "arn:" + id.Partition + ":kms:" + id.Region + ":" + id.Account + ":"
	full := given
	if !strings.HasPrefix(given, "arn:") {
		full = here + given
	}
	name, ours := strings.CutPrefix(full, here)
	switch k := c.stack.keys[name]; {
	case given == "" || strings.Contains(full, ":key/"):
	case ours && k != nil:
		settings["KmsKeyId"] = k.arn
	case aliasARN().MatchString(full):
		settings["KmsKeyId"] = full[:strings.Index(full, "alias/")] + "key/" + uuidOf("key", full)
	case !strings.ContainsAny(given, ":/"):
		settings["KmsKeyId"] = here + "key/" + given
	}
}

// aliasARN goes by the names that KMS takes (CreateAlias API reference of KMS).
var aliasARN = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^arn:[a-z-]+:kms:[a-z0-9-]+:[0-9]{12}:alias/[a-zA-Z0-9/_-]{1,250}$`)
})

// encrypts says what CloudTrail finds about a trail's key: the code of the API, that of S3; both empty: it can be used.
func (c *Cloud) encrypts(name string, id events.Trail) (api, s3 string) {
	k := c.stack.keys[name]
	switch {
	case name == "":
		return "", ""
	case c.gone[name]:
		return "KmsKeyNotFoundException", "KMS.NotFoundException"
	case c.gone["disabled "+name], k != nil && !k.enabled:
		return "KmsException", "KMS.DisabledException"
	case k != nil && !k.outside && !c.trailMayUse(k, id):
		return "InsufficientEncryptionPolicyException", "AccessDenied"
	default:
		return "", ""
	}
}

// trailMayUse asks a key's policy for what CloudTrail does with it: describe it, and encrypt with the trail as the context ("Configure AWS KMS key
// policies for CloudTrail").
func (c *Cloud) trailMayUse(k *key, id events.Trail) bool {
	describes := map[string]string{"aws:SourceArn": id.ARN(), "aws:SourceAccount": id.Account}
	encrypts := maps.Clone(describes)
	encrypts["kms:EncryptionContext:aws:cloudtrail:arn"] = id.ARN()
	return c.serviceMay(cloudTrailService, "kms:DescribeKey", k.arn, k.policies, describes) &&
		c.serviceMay(cloudTrailService, "kms:GenerateDataKey", k.arn, k.policies, encrypts)
}

// logsTo says what CloudTrail finds about the log group and the role of a trail: the code of the API, that of CloudWatch Logs.
func (c *Cloud) logsTo(id events.Trail, s trailState) (api, logs string) {
	group, _ := s.Settings["CloudWatchLogsLogGroupArn"].(string)
	roleARN, _ := s.Settings["CloudWatchLogsRoleArn"].(string)
	if group == "" {
		return "", ""
	}
	if c.gone[strings.TrimSuffix(group, ":*")] {
		return "InvalidCloudWatchLogsLogGroupArnException", "ResourceNotFoundException"
	}
	r := c.stack.roles[roleARN]
	// CloudTrail names no source ("Role policy document for CloudTrail to use CloudWatch Logs": aws:SourceArn and aws:SourceAccount are not supported).
	ok := !c.gone[roleARN] && (r == nil || r.trusts(cloudTrailService, nil, id.Account))
	for _, action := range []string{"logs:CreateLogStream", "logs:PutLogEvents"} {
		if ok && r != nil {
			stream := strings.TrimSuffix(group, "*") + "log-stream:x"
			_, ok = c.authorize(Principal{Account: c.opts.Account, role: r}, access{action: action, resource: stream}, nil)
		}
	}
	if !ok {
		return "InvalidCloudWatchLogsRoleArnException", "AccessDenied"
	}
	return "", ""
}

// depends checks what a trail as it would be depends on, as CreateTrail and UpdateTrail do. StartLogging and PutEventSelectors check nothing of
// it (CloudTrail API reference, "Errors" of each).
func (c *Cloud) depends(cl *call, id events.Trail, s trailState) *awsError {
	name, _ := s.Settings["S3BucketName"].(string)
	b, exists := c.bucket(name)
	switch {
	case !exists:
		return refuse("S3BucketDoesNotExistException", "S3 bucket %s does not exist!", name)
	case !c.delivers(b, id, s):
		return refuse("InsufficientS3BucketPolicyException", "Incorrect S3 bucket policy is detected for bucket: %s", name)
	}
	if topic := topicOf(id, s); topic != "" && !c.notifies(topic, id) {
		return refuse("InsufficientSnsTopicPolicyException", "SNS Topic does not exist or the topic policy is incorrect!")
	}
	key, _ := s.Settings["KmsKeyId"].(string)
	if code, _ := c.encrypts(key, id); code != "" {
		return refuse(code, "The KMS key %s does not exist, is disabled, or its policy does not let CloudTrail in.", key)
	}
	if role, _ := cl.params["CloudWatchLogsRoleArn"].(string); role != "" {
		a := access{action: "iam:PassRole", resource: role, context: map[string]string{"iam:PassedToService": cloudTrailService}}
		if why, ok := c.authorize(cl.who, a, nil); !ok {
			failed := refuse("AccessDeniedException", "%s", c.notAuthorized(cl, a.action, role, why))
			failed.Recorded = "AccessDenied"
			return failed
		}
	}
	switch code, _ := c.logsTo(id, s); code {
	case "InvalidCloudWatchLogsLogGroupArnException":
		return refuse(code, "CloudTrail cannot validate the specified log group ARN.")
	case "InvalidCloudWatchLogsRoleArnException":
		return refuse(code, "Access denied. Check the permissions for your role.")
	}
	return nil
}
