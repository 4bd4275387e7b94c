package dynamodb

import (
	"sync"
	"time"

	"trailkeeper/lambda/internal/localcloud/kernel"
	"trailkeeper/lambda/internal/localcloud/policy"
)

// controlOps are the operations on a table itself, for which its key is not used.
var controlOps = sync.OnceValue(func() map[string]func(*Tables, *kernel.Call, *table) (any, *kernel.Error) {
	return map[string]func(*Tables, *kernel.Call, *table) (any, *kernel.Error){
		"DescribeTable":             (*Tables).describeTable,
		"DeleteTable":               (*Tables).deleteTable,
		"UpdateTable":               (*Tables).updateTable,
		"DescribeTimeToLive":        (*Tables).describeTimeToLive,
		"UpdateTimeToLive":          (*Tables).updateTimeToLive,
		"DescribeContinuousBackups": (*Tables).describeBackups,
		"UpdateContinuousBackups":   (*Tables).updateBackups,
		"GetResourcePolicy":         (*Tables).getResourcePolicy,
		"PutResourcePolicy":         (*Tables).putResourcePolicy,
		"DeleteResourcePolicy":      (*Tables).deleteResourcePolicy,
	}
})

// control answers an operation on a table itself.
func (s *Tables) control(cl *kernel.Call) (any, *kernel.Error) {
	t, failed := s.tableFor(cl)
	if failed == nil {
		failed = s.kernel.Refusal(cl)
	}
	switch {
	case failed != nil:
		return nil, failed
	case t == nil && (cl.Op == "DescribeContinuousBackups" || cl.Op == "UpdateContinuousBackups"):
		return nil, kernel.Refuse("TableNotFoundException", "Table not found: %.255s", cl.Text("TableName"))
	case t == nil:
		return nil, kernel.Refuse("ResourceNotFoundException", "Requested resource not found")
	}
	return controlOps()[cl.Op](s, cl, t)
}

// deleteTable deletes the table with its items, unless it is protected.
func (s *Tables) deleteTable(_ *kernel.Call, t *table) (any, *kernel.Error) {
	if t.protected {
		return nil, invalid("Resource cannot be deleted as it is currently protected against deletion. " +
			"Disable deletion protection first.")
	}
	described := s.describe(t)
	described["TableStatus"] = "DELETING"
	s.kernel.Delete(t.arn, true)
	t.items = map[string]Item{}
	return map[string]any{"TableDescription": described}, nil
}

// updateTable changes the protection against deletion, or the key. Whatever else it takes is not played.
func (s *Tables) updateTable(cl *kernel.Call, t *table) (any, *kernel.Error) {
	protect, given := cl.Params["DeletionProtectionEnabled"].(bool)
	sse, encrypts := cl.Params["SSESpecification"].(map[string]any)
	if !given && !encrypts {
		return nil, invalid("At least one of ProvisionedThroughput, BillingMode, UpdateStreamEnabled, " +
			"GlobalSecondaryIndexUpdates or SSESpecification or ReplicaUpdates or TableClass is required")
	}
	if given {
		t.protected = protect
	}
	if encrypts {
		on, _ := sse["Enabled"].(bool)
		key, _ := sse["KMSMasterKeyId"].(string)
		if !on && key != "" {
			return nil, invalid("KMSMasterKeyId can only be specified when SSE is enabled")
		}
		t.sse, t.key = on, key
	}
	return map[string]any{"TableDescription": s.describe(t)}, nil
}

func (s *Tables) describeTimeToLive(_ *kernel.Call, t *table) (any, *kernel.Error) {
	of := map[string]any{"TimeToLiveStatus": "DISABLED"}
	if t.ttl != "" {
		of = map[string]any{"TimeToLiveStatus": "ENABLED", "AttributeName": t.ttl}
	}
	return map[string]any{"TimeToLiveDescription": of}, nil
}

// betweenTTLs is how long after a change of the time to live DynamoDB refuses another (UpdateTimeToLive).
const betweenTTLs = time.Hour

func (s *Tables) updateTimeToLive(cl *kernel.Call, t *table) (any, *kernel.Error) {
	of, _ := cl.Params["TimeToLiveSpecification"].(map[string]any)
	on, given := of["Enabled"].(bool)
	name, _ := of["AttributeName"].(string)
	now := s.kernel.Now()
	switch {
	case !given || name == "":
		return nil, invalid("TimeToLiveSpecification needs Enabled and AttributeName")
	case on && t.ttl != "":
		return nil, invalid("TimeToLive is already enabled")
	case !on && t.ttl == "":
		return nil, invalid("TimeToLive is already disabled")
	case !on && t.ttl != name:
		return nil, invalid("TimeToLive is active on a different AttributeName: current AttributeName is %s", t.ttl)
	case !t.ttlChanged.IsZero() && now.Before(t.ttlChanged.Add(betweenTTLs)):
		return nil, invalid("Time to live has been modified multiple times within a fixed interval")
	}
	if t.ttl, t.ttlChanged = name, now; !on {
		t.ttl = ""
	}
	return map[string]any{"TimeToLiveSpecification": of}, nil
}

func (s *Tables) describeBackups(_ *kernel.Call, t *table) (any, *kernel.Error) {
	status := map[bool]string{true: "ENABLED", false: "DISABLED"}[t.recovers]
	return map[string]any{"ContinuousBackupsDescription": map[string]any{
		"ContinuousBackupsStatus":        "ENABLED",
		"PointInTimeRecoveryDescription": map[string]any{"PointInTimeRecoveryStatus": status},
	}}, nil
}

func (s *Tables) updateBackups(cl *kernel.Call, t *table) (any, *kernel.Error) {
	of, _ := cl.Params["PointInTimeRecoverySpecification"].(map[string]any)
	on, given := of["PointInTimeRecoveryEnabled"].(bool)
	if !given {
		return nil, invalid("PointInTimeRecoverySpecification needs PointInTimeRecoveryEnabled")
	}
	t.recovers = on
	return s.describeBackups(cl, t)
}

// maxPolicy bounds a resource-based policy, in bytes ("Resource-based policy considerations").
const maxPolicy = 20 << 10

func (s *Tables) getResourcePolicy(_ *kernel.Call, t *table) (any, *kernel.Error) {
	if len(t.policies) == 0 {
		return nil, noPolicy(t)
	}
	return map[string]any{"Policy": t.policies[0].Text(), "RevisionId": t.revision()}, nil
}

func noPolicy(t *table) *kernel.Error {
	return kernel.Refuse("PolicyNotFoundException", "Resource-based policy not found for the provided ResourceArn: "+
		"Requested resource %s", t.arn)
}

// revision changes with the policy.
func (t *table) revision() string { return kernel.UUID("policy", t.arn, t.policies[0].Text()) }

// expects refuses a call that knows another policy than there is.
func (t *table) expects(cl *kernel.Call) *kernel.Error {
	wanted := cl.Text("ExpectedRevisionId")
	switch {
	case wanted == "", len(t.policies) > 0 && wanted == t.revision(), len(t.policies) == 0 && wanted == "NO_POLICY":
		return nil
	}
	return kernel.Refuse("PolicyNotFoundException", "The policy has another RevisionId than %.255s", wanted)
}

func (s *Tables) putResourcePolicy(cl *kernel.Call, t *table) (any, *kernel.Error) {
	text := cl.Text("Policy")
	given, err := policy.Parse([]byte(text))
	if err == nil {
		err = given.Check()
	}
	switch {
	case err != nil:
		return nil, invalid("Invalid policy document: %s", err)
	case len(text) > maxPolicy:
		return nil, invalid("The policy has %d bytes; want at most %d", len(text), maxPolicy)
	case s.locksOut(cl, given) && cl.Params["ConfirmRemoveSelfResourceAccess"] != true:
		return nil, invalid("The policy would remove the caller's own access to change it")
	}
	if failed := t.expects(cl); failed != nil {
		return nil, failed
	}
	t.policies = []policy.Document{given}
	return map[string]any{"RevisionId": t.revision()}, nil
}

// locksOut reports whether a policy denies the caller to change it again (PutResourcePolicy,
// ConfirmRemoveSelfResourceAccess).
func (s *Tables) locksOut(cl *kernel.Call, given policy.Document) bool {
	a := policy.Access{Who: cl.Who.IAMARN(s.kernel.Partition), Action: "dynamodb:PutResourcePolicy", Resource: cl.Text("ResourceArn")}
	return policy.OfResource([]policy.Document{given}, a, cl.Who.Account) == policy.Denied
}

func (s *Tables) deleteResourcePolicy(cl *kernel.Call, t *table) (any, *kernel.Error) {
	if len(t.policies) == 0 {
		return nil, nil // idempotent (DeleteResourcePolicy)
	}
	if failed := t.expects(cl); failed != nil {
		return nil, failed
	}
	revision := t.revision()
	t.policies = nil
	return map[string]any{"RevisionId": revision}, nil
}
