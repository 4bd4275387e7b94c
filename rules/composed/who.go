package composed

// Callers are the paths of who called, for Who and Where. None leads to a text that a caller can choose freely: an ARN has
// a path, in which IAM admits quotes, and the name of a session is in principalId, whose characters IAM restricts (IAM
// User Guide, "IAM and AWS STS quotas"; STS API reference, AssumeRole; Identity Store API reference).
func Callers() map[string]string {
	return map[string]string{
		"event":     "$.detail.eventName",
		"type":      "$.detail.userIdentity.type",
		"user":      "$.detail.userIdentity.userName",
		"role":      "$.detail.userIdentity.sessionContext.sessionIssuer.userName",
		"principal": "$.detail.userIdentity.principalId",
		"owner":     "$.detail.userIdentity.accountId",
		"service":   "$.detail.userIdentity.invokedBy",
		"account":   "$.account",
		"region":    "$.region",
		"time":      "$.detail.eventTime",
		"id":        "$.detail.eventID",
	}
}

// Who and Where say of any call who made it, and where and when, with the placeholders of Callers. What a record may lack
// stands in quotation marks: EventBridge puts nothing in its place.
const (
	Who   = "by <type> '<user><role>' (principal '<principal>' of account '<owner>'; invoked by service '<service>')"
	Where = "in account <account>, <region>, at <time>, event <id>"
)
