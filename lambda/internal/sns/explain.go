package sns

import (
	"strings"

	"trailkeeper/lambda/internal/awscall"
)

// explain turns an error of Publish into one sentence that starts with the error's name and ends with what to do (SNS
// API reference, Publish, Errors).
func explain(err error, topic string) string {
	code := awscall.Code(err)
	if s := meaning(code, topic); s != "" {
		return code + ": " + s
	}
	return awscall.Other("SNS", err)
}

func meaning(code, topic string) string {
	switch code {
	case "AuthorizationError", "AccessDenied":
		return "the function's role may not publish to " + topic + "; grant sns:Publish in its role and in the topic's policy"
	case "NotFound", "ResourceNotFound":
		return "the topic " + topic + " does not exist; deploy again to create it, or correct its ARN in the settings"
	case "KMSAccessDenied":
		return "the function's role may not use the key of " + topic + "; grant it kms:GenerateDataKey and kms:Decrypt"
	case "KMSDisabled":
		return "the key of " + topic + " is disabled; enable it"
	case "KMSInvalidState":
		return "the key of " + topic + " cannot be used in its state; cancel its deletion or configure another key for " +
			"the topic"
	case "KMSNotFound":
		return "the key of " + topic + " does not exist; configure another key for the topic"
	case "KMSOptInRequired":
		return "the account is not subscribed to KMS, so the key of " + topic + " cannot be used; check the account's status"
	case "KMSThrottling":
		return "KMS throttled the key of " + topic + "; if this lasts, check what else uses KMS in the account"
	case "Throttled", "Throttling":
		return "SNS throttled the call; if this lasts, check what else publishes in the account"
	case "InvalidParameter", "ParameterValueInvalid", "Validation":
		return "SNS rejected the format of this message; report it as a bug of Trailkeeper"
	case "InvalidSecurity", "InvalidClientTokenId", "SignatureDoesNotMatch", "ExpiredToken", "UnrecognizedClient":
		return "AWS rejected the function's credentials; check that its role exists, and deploy again"
	}
	if strings.HasPrefix(code, "KMS") {
		return "the key of " + topic + " cannot be used; check the key"
	}
	return ""
}
