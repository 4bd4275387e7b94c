package metricfilter

import (
	"fmt"
	"strings"
)

// Control is a control of the CIS AWS Foundations Benchmark that asks for a metric filter and an alarm.
type Control struct {
	// Number is its place in the section "Monitoring": 4.1 of v1.4.0 to v5.0.0 has the number 1, and so has 5.1 of v6.0.0.
	Number int
	// SecurityHub is the control of AWS Security Hub that checks it, such as CloudWatch.2; empty: none does.
	SecurityHub string
	// Rule is the ID of the built-in rule that is about the same.
	Rule string
	// Pattern is the filter pattern that is prescribed. Security Hub compares it as a text: "This control fails if the
	// exact metric filters prescribed by CIS are not used. Additional fields or terms cannot be added" (Security Hub User
	// Guide, "Security Hub CSPM controls for Amazon CloudWatch", from whose remediation the patterns are; that of number
	// 15 is the benchmark's).
	Pattern string
	// Differs says where the pattern and the rule decide otherwise; empty: nowhere.
	Differs string
}

// Title names the control, such as "CIS 4.2, Security Hub CloudWatch.3".
func (c Control) Title() string {
	title := fmt.Sprintf("CIS 4.%d", c.Number)
	if c.SecurityHub != "" {
		title += ", Security Hub " + c.SecurityHub
	}
	return title
}

// oneOf is a pattern of one of several names of calls, as Security Hub writes it.
func oneOf(names string) string {
	var all []string
	for name := range strings.FieldsSeq(names) {
		all = append(all, "($.eventName="+name+")")
	}
	return "{" + strings.Join(all, " || ") + "}"
}

// oneOfIn is the same for the calls of one service.
func oneOfIn(service, names string) string {
	return "{($.eventSource=" + service + ".amazonaws.com) && (" + strings.Trim(oneOf(names), "{}") + ")}"
}

const (
	alsoRefused = "The pattern counts refused calls as well"
	anyService  = alsoRefused + ", and calls of the same name of any service"
)

// Controls are the controls in the order of the benchmark.
func Controls() []Control {
	return []Control{
		{
			1, "CloudWatch.2", "refused-calls",
			`{($.errorCode="*UnauthorizedOperation") || ($.errorCode="AccessDenied*")}`,
			"The pattern counts calls of anonymous callers as well",
		},
		{
			2, "CloudWatch.3", "console-login-without-mfa",
			`{ ($.eventName = "ConsoleLogin") && ($.additionalEventData.MFAUsed != "Yes") && ($.userIdentity.type = "IAMUser") ` +
				`&& ($.responseElements.ConsoleLogin = "Success") }`,
			"The pattern counts no sign-in of root; whether it counts one whose record does not say if MFA was used, " +
				"CloudWatch Logs does not document",
		},
		{
			3, "CloudWatch.1", "root-any-call",
			`{$.userIdentity.type="Root" && $.userIdentity.invokedBy NOT EXISTS && $.eventType !="AwsServiceEvent"}`, "",
		},
		{4, "CloudWatch.4", "iam-policy-changed", oneOfIn("iam", `
			DeleteGroupPolicy DeleteRolePolicy DeleteUserPolicy PutGroupPolicy PutRolePolicy PutUserPolicy CreatePolicy
			DeletePolicy CreatePolicyVersion DeletePolicyVersion AttachRolePolicy DetachRolePolicy AttachUserPolicy
			DetachUserPolicy AttachGroupPolicy DetachGroupPolicy`), alsoRefused},
		{
			5, "CloudWatch.5", "trail-changed",
			oneOf("CreateTrail UpdateTrail DeleteTrail StartLogging StopLogging"), anyService,
		},
		{
			6, "CloudWatch.6", "console-login-failed",
			`{($.eventName=ConsoleLogin) && ($.errorMessage="Failed authentication")}`,
			"The pattern counts no sign-in that failed for another reason than its password, such as its MFA code",
		},
		{7, "CloudWatch.7", "key-disabled", oneOfIn("kms", "DisableKey ScheduleKeyDeletion"), alsoRefused},
		{8, "CloudWatch.8", "bucket-policy-changed", oneOfIn("s3", `
			PutBucketAcl PutBucketPolicy PutBucketCors PutBucketLifecycle PutBucketReplication DeleteBucketPolicy
			DeleteBucketCors DeleteBucketLifecycle DeleteBucketReplication`), alsoRefused},
		{
			9, "CloudWatch.9", "config-changed",
			oneOfIn("config", "StopConfigurationRecorder DeleteDeliveryChannel PutDeliveryChannel PutConfigurationRecorder"),
			alsoRefused + ", but neither DeleteConfigRule nor DeleteConfigurationRecorder",
		},
		{10, "CloudWatch.10", "security-group-changed", oneOf(`
			AuthorizeSecurityGroupIngress AuthorizeSecurityGroupEgress RevokeSecurityGroupIngress
			RevokeSecurityGroupEgress CreateSecurityGroup DeleteSecurityGroup`), anyService},
		{11, "CloudWatch.11", "network-acl-changed", oneOf(`
			CreateNetworkAcl CreateNetworkAclEntry DeleteNetworkAcl DeleteNetworkAclEntry ReplaceNetworkAclEntry
			ReplaceNetworkAclAssociation`), anyService},
		{12, "CloudWatch.12", "network-gateway-changed", oneOf(`
			CreateCustomerGateway DeleteCustomerGateway AttachInternetGateway CreateInternetGateway
			DeleteInternetGateway DetachInternetGateway`), anyService},
		{13, "CloudWatch.13", "route-table-changed", oneOfIn("ec2", `
			CreateRoute CreateRouteTable ReplaceRoute ReplaceRouteTableAssociation DeleteRouteTable DeleteRoute
			DisassociateRouteTable`), alsoRefused},
		{14, "CloudWatch.14", "vpc-changed", oneOf(`
			CreateVpc DeleteVpc ModifyVpcAttribute AcceptVpcPeeringConnection CreateVpcPeeringConnection
			DeleteVpcPeeringConnection RejectVpcPeeringConnection AttachClassicLinkVpc DetachClassicLinkVpc
			DisableVpcClassicLink EnableVpcClassicLink`), anyService},
		{
			15, "", "organization-changed", oneOfIn("organizations", `
			AcceptHandshake AttachPolicy CreateAccount CreateOrganizationalUnit CreatePolicy DeclineHandshake
			DeleteOrganization DeleteOrganizationalUnit DeletePolicy DetachPolicy DisablePolicyType EnablePolicyType
			InviteAccountToOrganization LeaveOrganization MoveAccount RemoveAccountFromOrganization UpdatePolicy
			UpdateOrganizationalUnit`),
			alsoRefused + ", but neither DeregisterDelegatedAdministrator nor DisableAWSServiceAccess",
		},
	}
}
