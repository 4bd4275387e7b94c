package protect

import (
	"strings"

	"trailkeeper/rules/composed"
)

// text is what is said of a call that succeeded.
func (g group) text(d Deployment, kind Kind) (string, map[string]string) {
	paths := composed.Callers()
	said := "<event> succeeded on " + orList(g.what)
	switch {
	case strings.HasPrefix(g.field, inResources): // as the caller named it, if at all
		paths["resource"] = "$.detail." + pathOf("keyId")
		said += " '<resource>'"
	case g.shown && len(g.values) > 0:
		paths["resource"] = "$.detail." + pathOf(g.field)
		said += " <resource>"
	}
	said += ", called " + composed.Who + ", " + composed.Where + ". "
	if kind == Deploy {
		return "Trailkeeper (stack " + d.Stack + "), deployment: " + said + "The role is the one with which CloudFormation " +
			"deploys the stack. If nobody deploys it now, somebody else uses the role: find out who.", paths
	}
	return "Trailkeeper (stack " + d.Stack + "): " + said + "If nobody of yours meant to, somebody may be silencing " +
		"Trailkeeper: find out who, undo the call, and deploy the stack again.", paths
}

// attemptText is what is said of a call that failed. The verb says how.
func attemptText(d Deployment, verb string) (string, map[string]string) {
	paths := composed.Callers()
	paths["error"] = "$.detail.errorCode"
	paths["source"] = "$.detail.eventSource"
	return "Trailkeeper (stack " + d.Stack + "): <event> of <source> " + verb + " (<error>) on something of it, called " +
		composed.Who + ", " + composed.Where + ". It has changed nothing. The record's error message names what it was about.", paths
}
