package cloudtrail

import (
	"maps"
	"strings"

	"trailkeeper/events"
	"trailkeeper/lambda/internal/localcloud/kernel"
	"trailkeeper/lambda/internal/localcloud/policy"
)

// principal is CloudTrail's own.
const principal = "cloudtrail.amazonaws.com"

// dependencies are what trails use of other services, each asked there and then.
type dependencies struct{ kernel *kernel.Kernel }

// asks makes a delivery that only asks whether the resource would take it.
func (d dependencies) asks(id events.Trail, to, subject string) *kernel.Error {
	return d.kernel.Deliver(kernel.Delivery{
		To:      to,
		By:      principal,
		Source:  id.ARN(),
		Subject: subject,
		Probe:   true,
	})
}

// files says why the trail's bucket takes no file; nil: it takes them.
func (d dependencies) files(id events.Trail, state trailState) *kernel.Error {
	bucket, _ := state.Settings["S3BucketName"].(string)
	prefix, _ := state.Settings["S3KeyPrefix"].(string)
	if prefix != "" {
		prefix += "/"
	}
	to := events.Place{Partition: id.Partition}.ARN("s3", bucket)
	return d.asks(id, to, prefix+"AWSLogs/"+id.Account+"/CloudTrail/x")
}

// make says that what a trail uses exists, where no template holds it.
func (d dependencies) make(id events.Trail, state trailState) {
	bucket, _ := state.Settings["S3BucketName"].(string)
	uses := []string{events.Place{Partition: id.Partition}.ARN("s3", bucket), topicOf(id, state)}
	for _, name := range []string{"KmsKeyId", "CloudWatchLogsLogGroupArn", "CloudWatchLogsRoleArn"} {
		arn, _ := state.Settings[name].(string)
		uses = append(uses, strings.TrimSuffix(arn, ":*"))
	}
	for _, arn := range uses {
		if events.IsARN(arn) && !d.kernel.Deleted(arn) {
			d.kernel.Make(arn, id.Account)
		}
	}
}

// topicOf is the topic that a trail tells of new files.
func topicOf(id events.Trail, state trailState) string {
	name, _ := state.Settings["SnsTopicName"].(string)
	if name == "" || events.IsARN(name) {
		return name
	}
	return id.Place().ARN("sns", name)
}

// resolveKey puts the ARN of the key in place of its ID or alias: CloudTrail keeps and shows nothing else (CreateTrail,
// KmsKeyId).
func (d dependencies) resolveKey(settings map[string]any, id events.Trail) {
	if given, _ := settings["KmsKeyId"].(string); given != "" {
		settings["KmsKeyId"], _ = d.kernel.UseKey(kernel.KeyUse{Key: given, Site: siteOf(id)})
	}
}

func siteOf(id events.Trail) kernel.Site { return kernel.Site{Account: id.Account, Region: id.Region} }

// keyProblems are what CloudTrail finds about a trail's key, by KMS's code: the code of the API, and that of S3.
var keyProblems = map[string]struct{ api, s3 string }{
	kernel.KeyNotFound: {"KmsKeyNotFoundException", "KMS.NotFoundException"},
	kernel.KeyDisabled: {"KmsException", "KMS.DisabledException"},
	kernel.KeyDenied:   {"InsufficientEncryptionPolicyException", "AccessDenied"},
}

// encrypts asks the key of a trail for what CloudTrail does with it: describe it, and encrypt with the trail as the
// context ("Configure AWS KMS key policies for CloudTrail"). Both codes are empty where it can be used.
func (d dependencies) encrypts(name string, id events.Trail) (api, s3 string) {
	context := policy.Source(id.ARN(), id.Account)
	use := kernel.KeyUse{
		Key:     name,
		Site:    siteOf(id),
		Service: principal,
		Context: context,
		Actions: []string{"kms:DescribeKey"},
		Assumed: true,
	}
	_, failed := d.kernel.UseKey(use)
	if failed == nil {
		use.Actions, use.Context = []string{"kms:GenerateDataKey"}, maps.Clone(context)
		use.Context["kms:EncryptionContext:aws:cloudtrail:arn"] = id.ARN()
		_, failed = d.kernel.UseKey(use)
	}
	if failed == nil {
		return "", ""
	}
	return keyProblems[failed.Code].api, keyProblems[failed.Code].s3
}

// logsTo says what CloudTrail finds about the log group and the role of a trail: the code of the API, that of
// CloudWatch Logs. A role that no template holds is assumed to let CloudTrail in.
func (d dependencies) logsTo(id events.Trail, state trailState) (api, logs string) {
	group, _ := state.Settings["CloudWatchLogsLogGroupArn"].(string)
	roleARN, _ := state.Settings["CloudWatchLogsRoleArn"].(string)
	if group == "" {
		return "", ""
	}
	if d.asks(id, strings.TrimSuffix(group, ":*"), "") != nil {
		return "InvalidCloudWatchLogsLogGroupArnException", "ResourceNotFoundException"
	}
	// CloudTrail names no source ("Role policy document for CloudTrail to use CloudWatch Logs": aws:SourceArn and
	// aws:SourceAccount are not supported).
	role, failed := d.kernel.Assume(principal, roleARN, nil)
	if failed != nil && failed.Code == kernel.NoResource && d.kernel.Made(roleARN) {
		return "", ""
	}
	ok := failed == nil
	for _, action := range []string{"logs:CreateLogStream", "logs:PutLogEvents"} {
		if ok {
			stream := strings.TrimSuffix(group, "*") + "log-stream:x"
			_, ok = d.kernel.Authorize(role, policy.Access{Action: action, Resource: stream}, nil)
		}
	}
	if !ok {
		return "InvalidCloudWatchLogsRoleArnException", "AccessDenied"
	}
	return "", ""
}

// check checks what a trail as it would be depends on, as CreateTrail and UpdateTrail do. StartLogging and
// PutEventSelectors check nothing of it (CloudTrail API reference, "Errors" of each).
func (d dependencies) check(cl *kernel.Call, id events.Trail, state trailState) *kernel.Error {
	bucket, _ := state.Settings["S3BucketName"].(string)
	if failed := d.files(id, state); failed != nil && failed.Code == kernel.NoResource {
		return kernel.Refuse("S3BucketDoesNotExistException", "S3 bucket %s does not exist!", bucket)
	} else if failed != nil {
		return kernel.Refuse("InsufficientS3BucketPolicyException", "Incorrect S3 bucket policy is detected for bucket: %s",
			bucket)
	}
	if topic := topicOf(id, state); topic != "" && d.asks(id, topic, "") != nil {
		return kernel.Refuse("InsufficientSnsTopicPolicyException",
			"SNS Topic does not exist or the topic policy is incorrect!")
	}
	key, _ := state.Settings["KmsKeyId"].(string)
	if code, _ := d.encrypts(key, id); code != "" {
		return kernel.Refuse(code, "The KMS key %s does not exist, is disabled, or its policy does not let CloudTrail in.",
			key)
	}
	if role := cl.Text("CloudWatchLogsRoleArn"); role != "" {
		context := map[string]string{"iam:PassedToService": principal}
		pass := policy.Access{Action: "iam:PassRole", Resource: role, Context: context}
		if failed := allow(d.kernel, cl, pass); failed != nil {
			return failed
		}
	}
	switch code, _ := d.logsTo(id, state); code {
	case "InvalidCloudWatchLogsLogGroupArnException":
		return kernel.Refuse(code, "CloudTrail cannot validate the specified log group ARN.")
	case "InvalidCloudWatchLogsRoleArnException":
		return kernel.Refuse(code, "Access denied. Check the permissions for your role.")
	}
	return nil
}
