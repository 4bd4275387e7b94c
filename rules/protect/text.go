package protect

// callers are the paths of who called. None leads to a text that a caller can choose freely: an ARN has a path, in which
// IAM admits quotes, and the name of a session is in principalId, whose characters IAM restricts (IAM User Guide, "IAM
// and AWS STS quotas"; STS API reference, AssumeRole; Identity Store API reference).
func callers() map[string]string {
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

const (
	who   = "by <type> <user><role> <service> (principal <principal> of account <owner>)"
	where = "in account <account>, <region>, at <time>, event <id>"
)

// text is what is said of a call that succeeded.
func (g group) text(d Deployment, kind Kind) (string, map[string]string) {
	paths := callers()
	said := "<event> succeeded on " + orList(g.what)
	if g.shown && len(g.values) > 0 {
		paths["resource"] = "$.detail.requestParameters." + g.field
		said += " <resource>"
	}
	said += ", called " + who + ", " + where + ". "
	if kind == Deploy {
		return "Trailkeeper (stack " + d.Stack + "), deployment: " + said + "The role is the one with which CloudFormation " +
			"deploys the stack. If nobody deploys it now, somebody else uses the role: find out who.", paths
	}
	return "Trailkeeper (stack " + d.Stack + "): " + said + "If nobody of yours meant to, somebody may be silencing " +
		"Trailkeeper: find out who, undo the call, and deploy the stack again.", paths
}

func attemptText(d Deployment) (string, map[string]string) {
	paths := callers()
	paths["error"] = "$.detail.errorCode"
	paths["source"] = "$.detail.eventSource"
	return "Trailkeeper (stack " + d.Stack + "): <event> of <source> was refused (<error>) on something of it, called " +
		who + ", " + where + ". It has changed nothing. The record's error message names what it was about.", paths
}
