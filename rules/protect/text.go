package protect

// Callers are the paths of who called, for Who and Where. None leads to a text that a caller can choose freely: an ARN has a path, in which
// IAM admits quotes, and the name of a session is in principalId, whose characters IAM restricts (IAM User Guide, "IAM
// and AWS STS quotas"; STS API reference, AssumeRole; Identity Store API reference).
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

// Who and Where say of any call who made it, and where and when, with the placeholders of Callers.
const (
	Who   = "by <type> <user><role> <service> (principal <principal> of account <owner>)"
	Where = "in account <account>, <region>, at <time>, event <id>"
)

// text is what is said of a call that succeeded.
func (g group) text(d Deployment, kind Kind) (string, map[string]string) {
	paths := Callers()
	said := "<event> succeeded on " + orList(g.what)
	if g.shown && len(g.values) > 0 {
		paths["resource"] = "$.detail.requestParameters." + g.field
		said += " <resource>"
	}
	said += ", called " + Who + ", " + Where + ". "
	if kind == Deploy {
		return "Trailkeeper (stack " + d.Stack + "), deployment: " + said + "The role is the one with which CloudFormation " +
			"deploys the stack. If nobody deploys it now, somebody else uses the role: find out who.", paths
	}
	return "Trailkeeper (stack " + d.Stack + "): " + said + "If nobody of yours meant to, somebody may be silencing " +
		"Trailkeeper: find out who, undo the call, and deploy the stack again.", paths
}

func attemptText(d Deployment) (string, map[string]string) {
	paths := Callers()
	paths["error"] = "$.detail.errorCode"
	paths["source"] = "$.detail.eventSource"
	return "Trailkeeper (stack " + d.Stack + "): <event> of <source> was refused (<error>) on something of it, called " +
		Who + ", " + Where + ". It has changed nothing. The record's error message names what it was about.", paths
}
