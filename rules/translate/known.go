package translate

import (
	"slices"
	"strings"
)

// knownTexts are the fields that CloudTrail writes as texts (CloudTrail User Guide, "CloudTrail record contents" and
// "userIdentity element").
var knownTexts = strings.Fields(`eventVersion eventTime eventSource eventName awsRegion sourceIPAddress userAgent
	errorCode errorMessage requestID eventID eventType recipientAccountId sharedEventID vpcEndpointId vpcEndpointAccountId
	eventCategory userIdentity.type userIdentity.principalId userIdentity.arn userIdentity.accountId
	userIdentity.accessKeyId userIdentity.userName userIdentity.invokedBy userIdentity.identityProvider
	userIdentity.sessionContext.sessionIssuer.type userIdentity.sessionContext.sessionIssuer.principalId
	userIdentity.sessionContext.sessionIssuer.arn userIdentity.sessionContext.sessionIssuer.accountId
	userIdentity.sessionContext.sessionIssuer.userName userIdentity.sessionContext.attributes.mfaAuthenticated
	userIdentity.sessionContext.attributes.creationDate`)

// IsText reports whether a field, with dots, is one that CloudTrail writes as a text.
func IsText(field string) bool { return slices.Contains(knownTexts, field) }
