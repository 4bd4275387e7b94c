package calls

// onLake are the calls of CloudTrail on what is no trail. An event data store is named by its ARN or its ID, which no
// baseline has, so that every one counts.
func onLake() []Call {
	call := func(event string, s Severity, at string) Call {
		return Call{Source: CloudTrail, Event: event, Of: Lake, Severity: s, At: at}
	}
	const store = "eventDataStore"
	return []Call{
		call("StopEventDataStoreIngestion", critical, store),
		call("DeleteEventDataStore", critical, store),
		call("UpdateEventDataStore", high, store),
		call("DisableFederation", medium, store),
		call("DeleteChannel", high, "channel"),
		call("UpdateChannel", medium, "channel"),
		call("PutResourcePolicy", medium, "resourceArn"),
		call("DeleteResourcePolicy", medium, "resourceArn"),
		call("DeleteDashboard", low, "dashboardId"),
		{Source: CloudTrail, Event: "PutEventConfiguration", Of: Configuration, Severity: medium},
		{Source: CloudTrail, Event: "RegisterOrganizationDelegatedAdmin", Of: Administrator, Severity: high, At: "memberAccountId"},
		{Source: CloudTrail, Event: "DeregisterOrganizationDelegatedAdmin", Of: Administrator, Severity: high, At: "delegatedAdminAccountId"},
	}
}

// around are the calls on what a trail rests on besides: recorded in one Region of the partition alone; see Global.
func around() []Call {
	administers := func(event string, s Severity) Call {
		return Call{Source: Organizations, Event: event, Of: Administrator, Severity: s, At: "servicePrincipal"}
	}
	organization := func(event string, s Severity, at string) Call {
		return Call{Source: Organizations, Event: event, Of: Organization, Severity: s, At: at}
	}
	return []Call{
		administers("DisableAWSServiceAccess", critical),
		administers("RegisterDelegatedAdministrator", high),
		administers("DeregisterDelegatedAdministrator", high),
		organization("DetachPolicy", high, "policyId"),
		organization("UpdatePolicy", medium, "policyId"),
		organization("DeletePolicy", high, "policyId"),
		organization("DisablePolicyType", critical, "policyType"),
		organization("MoveAccount", high, "accountId"),
		organization("RemoveAccountFromOrganization", critical, "accountId"),
		organization("CloseAccount", critical, "accountId"),
		organization("LeaveOrganization", critical, ""),
		{Source: AccountAPI, Event: "EnableRegion", Of: Account, Severity: medium, At: "RegionName"},
		{Source: IAM, Event: "DeleteServiceLinkedRole", Of: ServiceRole, Severity: high, At: "roleName"},
	}
}
