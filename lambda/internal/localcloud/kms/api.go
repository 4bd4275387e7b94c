package kms

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"time"

	"trailkeeper/events"
	"trailkeeper/lambda/internal/localcloud/kernel"
	"trailkeeper/lambda/internal/localcloud/policy"
	"trailkeeper/lambda/internal/localcloud/wire"
)

// answer answers one call. A key's own policy decides who may; ListKeys, ListAliases and CreateKey concern none.
func (s *Keys) answer(cl *kernel.Call) (any, *kernel.Error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if run, ok := map[string]func(*kernel.Call) (any, *kernel.Error){
		"ListKeys": s.listKeys, "ListAliases": s.listAliases, "CreateKey": s.createKey,
	}[cl.Op]; ok {
		if failed := s.kernel.May(cl, policy.Access{Action: "kms:" + cl.Op, Resource: "*"}, nil); failed != nil {
			return nil, failed
		}
		return run(cl)
	}
	parameter := "KeyId"
	if cl.Op == "CreateAlias" {
		parameter = "TargetKeyId"
	}
	k, failed := s.found(cl, cl.Text(parameter))
	if failed != nil {
		return nil, failed
	}
	cl.Resources = []string{k.arn}
	a := policy.Access{Action: "kms:" + cl.Op, Resource: k.arn}
	if use := (kernel.KeyUse{Who: &cl.Who}); !k.outside && !s.allows(k, use, a.Action) {
		return nil, kernel.Refuse("AccessDeniedException", "%s",
			s.kernel.NotAuthorized(cl, a, "no resource-based policy allows the "+a.Action+" action"))
	}
	if failed := s.kernel.Refusal(cl); failed != nil {
		return nil, failed
	}
	return s.about(cl, k)
}

// found is the key that a call names, in its account and Region.
func (s *Keys) found(cl *kernel.Call, name string) (*key, *kernel.Error) {
	arn := full(s.kernel.Partition, cl.Region, cl.Who.Account, name)
	k := s.keys[arn]
	if k == nil && kernel.ARN(arn).Service == "kms" && s.kernel.Made(arn) && s.kernel.OwnerOf(arn) != "" {
		k = s.known(arn)
	}
	if k == nil || s.kernel.Deleted(k.arn) || kernel.ARN(k.arn).Region != cl.Region {
		return nil, kernel.Refuse("NotFoundException", "Key '%.200s' does not exist", arn)
	}
	return k, nil
}

func (s *Keys) about(cl *kernel.Call, k *key) (any, *kernel.Error) {
	doomed := !k.doomed.IsZero()
	if doomed && !slices.Contains([]string{"DescribeKey", "GetKeyPolicy", "GetKeyRotationStatus", "PutKeyPolicy", "CancelKeyDeletion"}, cl.Op) ||
		!doomed && cl.Op == "CancelKeyDeletion" {
		return nil, kernel.Refuse("KMSInvalidStateException", "%s is not valid for the state of this request: %s", k.arn,
			k.state())
	}
	switch cl.Op {
	case "DescribeKey":
		return map[string]any{"KeyMetadata": k.metadata()}, nil
	case "GetKeyPolicy":
		return map[string]any{"Policy": k.policyText(s.kernel.Partition), "PolicyName": "default"}, nil
	case "PutKeyPolicy":
		return s.putPolicy(cl, k)
	case "GetKeyRotationStatus", "EnableKeyRotation", "DisableKeyRotation":
		return k.rotation(cl.Op)
	case "CreateAlias":
		return s.createAlias(cl, k)
	case "ScheduleKeyDeletion":
		days, given, failed := cl.Number("PendingWindowInDays", 7, 30)
		if failed != nil {
			return nil, kernel.Refuse("ValidationException", "%s", failed.Message)
		}
		if !given {
			days = 30
		}
		k.doomed = s.kernel.Now().Add(time.Duration(days) * 24 * time.Hour)
		return map[string]any{
			"KeyId":               k.arn,
			"DeletionDate":        k.doomed,
			"KeyState":            k.state(),
			"PendingWindowInDays": days,
		}, nil
	case "CancelKeyDeletion":
		k.doomed, k.disabled = time.Time{}, true
		return map[string]any{"KeyId": k.arn}, nil
	default: // DisableKey, EnableKey
		k.disabled = cl.Op == "DisableKey"
		return nil, nil
	}
}

// rotation answers what concerns the yearly rotation: a key that is to be deleted has none (GetKeyRotationStatus).
func (k *key) rotation(op string) (any, *kernel.Error) {
	switch {
	case op == "GetKeyRotationStatus":
		return map[string]any{"KeyId": k.id(), "KeyRotationEnabled": k.rotates && k.doomed.IsZero()}, nil
	case k.disabled:
		return nil, kernel.Refuse("DisabledException", "%s is disabled.", k.arn)
	}
	k.rotates = op == "EnableKeyRotation"
	return nil, nil
}

func (k *key) state() string {
	switch {
	case !k.doomed.IsZero():
		return "PendingDeletion"
	case k.disabled:
		return "Disabled"
	default:
		return "Enabled"
	}
}

// id is the key's own, without the rest of its ARN.
func (k *key) id() string { return strings.TrimPrefix(kernel.ARN(k.arn).Resource, "key/") }

func (k *key) metadata() map[string]any {
	m := map[string]any{
		"AWSAccountId":          kernel.ARN(k.arn).Account,
		"KeyId":                 k.id(),
		"Arn":                   k.arn,
		"CreationDate":          k.created,
		"Enabled":               k.state() == "Enabled",
		"Description":           k.description,
		"KeyUsage":              "ENCRYPT_DECRYPT",
		"KeyState":              k.state(),
		"Origin":                "AWS_KMS",
		"KeyManager":            "CUSTOMER",
		"KeySpec":               "SYMMETRIC_DEFAULT",
		"CustomerMasterKeySpec": "SYMMETRIC_DEFAULT",
		"EncryptionAlgorithms":  []string{"SYMMETRIC_DEFAULT"},
		"MultiRegion":           false,
	}
	if !k.doomed.IsZero() {
		m["DeletionDate"] = k.doomed
	}
	return m
}

// accountPolicy leaves a key to its account ("Default key policy").
func accountPolicy(partition, account string) policy.Document {
	return policy.Document{Version: "2012-10-17", ID: "key-default-1", Statement: policy.Statements{{
		Sid:       "Enable IAM User Permissions",
		Effect:    "Allow",
		Principal: policy.Principals{"AWS": {events.Place{Partition: partition, Account: account}.ARN("iam", "root")}},
		Action:    policy.Texts{"kms:*"},
		Resource:  policy.Texts{"*"},
	}}}
}

func (k *key) policyText(partition string) string {
	if len(k.policies) == 0 {
		return accountPolicy(partition, kernel.ARN(k.arn).Account).Text()
	}
	return k.policies[0].Text()
}

// given reads the policy of a request, which must let the caller change it again unless the request waives that.
func (s *Keys) given(cl *kernel.Call) (policy.Document, *kernel.Error) {
	given, err := policy.Parse([]byte(cl.Text("Policy")))
	if err == nil {
		err = given.Check()
	}
	if err != nil {
		return given, kernel.Refuse("MalformedPolicyDocumentException", "%s", err)
	}
	change := policy.Access{
		Who:      cl.Who.IAMARN(s.kernel.Partition),
		Action:   "kms:PutKeyPolicy",
		Resource: "*",
	}
	if policy.OfResource([]policy.Document{given}, change, cl.Who.Account) != policy.Allowed &&
		cl.Params["BypassPolicyLockoutSafetyCheck"] != true {
		return given, kernel.Refuse("MalformedPolicyDocumentException",
			"The new key policy will not allow you to update the key policy in the future.")
	}
	return given, nil
}

func (s *Keys) putPolicy(cl *kernel.Call, k *key) (any, *kernel.Error) {
	given, failed := s.given(cl)
	if failed == nil {
		k.policies, k.outside = []policy.Document{given}, false
	}
	return nil, failed
}

func (s *Keys) createKey(cl *kernel.Call) (any, *kernel.Error) {
	for name, only := range map[string]string{
		"KeyUsage": "ENCRYPT_DECRYPT", "KeySpec": "SYMMETRIC_DEFAULT", "Origin": "AWS_KMS",
	} {
		if v := cl.Text(name); v != "" && v != only {
			return nil, kernel.Refuse("UnsupportedOperationException", "%s %s is not simulated; the local run knows %s", name, v,
				only)
		}
	}
	doc := accountPolicy(s.kernel.Partition, cl.Who.Account)
	if cl.Text("Policy") != "" {
		var failed *kernel.Error
		if doc, failed = s.given(cl); failed != nil {
			return nil, failed
		}
	}
	arn := s.kernel.PlaceOf(cl).ARN("kms", "key/"+s.kernel.ID("key"))
	k := &key{
		arn:         arn,
		created:     s.kernel.Now(),
		description: cl.Text("Description"),
		policies:    []policy.Document{doc},
	}
	s.keys[arn] = k
	return map[string]any{"KeyMetadata": k.metadata()}, nil
}

func (s *Keys) createAlias(cl *kernel.Call, k *key) (any, *kernel.Error) {
	name := cl.Text("AliasName")
	arn := s.kernel.PlaceOf(cl).ARN("kms", name)
	switch {
	case !aliasARN().MatchString(arn), strings.HasPrefix(name, "alias/aws/"):
		return nil, kernel.Refuse("InvalidAliasNameException", "The alias name %s is not valid.", name)
	case s.keys[arn] != nil:
		return nil, kernel.Refuse("AlreadyExistsException", "An alias with the name %s already exists", arn)
	}
	s.keys[arn] = k
	return nil, nil
}

// listed are the keys of the call's account and Region, by the ARNs that name them: their own, or their aliases'.
func (s *Keys) listed(cl *kernel.Call, kind string) []string {
	var arns []string
	for _, arn := range slices.Sorted(maps.Keys(s.keys)) {
		if strings.HasPrefix(arn, s.kernel.PlaceOf(cl).ARN("kms", kind+"/")) && !s.kernel.Deleted(s.keys[arn].arn) {
			arns = append(arns, arn)
		}
	}
	return arns
}

func (s *Keys) listKeys(cl *kernel.Call) (any, *kernel.Error) {
	var all []any
	for _, arn := range s.listed(cl, "key") {
		all = append(all, map[string]any{"KeyId": s.keys[arn].id(), "KeyArn": arn})
	}
	return page(cl, "Keys", all, 1000)
}

func (s *Keys) listAliases(cl *kernel.Call) (any, *kernel.Error) {
	var wanted *key
	if name := cl.Text("KeyId"); name != "" {
		var failed *kernel.Error
		if wanted, failed = s.found(cl, name); failed != nil {
			return nil, failed
		}
	}
	var all []any
	for _, arn := range s.listed(cl, "alias") {
		if k := s.keys[arn]; wanted == nil || k == wanted {
			all = append(all, map[string]any{
				"AliasName":   kernel.ARN(arn).Resource,
				"AliasArn":    arn,
				"TargetKeyId": k.id(),
			})
		}
	}
	return page(cl, "Aliases", all, 100)
}

func page(cl *kernel.Call, member string, all []any, most int) (any, *kernel.Error) {
	usual := 100 // ListKeys; of aliases, 50
	if most == 100 {
		usual = 50
	}
	if _, given := cl.Params["Limit"].(json.Number); given {
		usual = most
	}
	found, next, failed := wire.Page(cl, all, wire.Paging{
		Limit:   "Limit",
		Token:   "Marker",
		Most:    usual,
		Invalid: "InvalidMarkerException",
	})
	if failed != nil {
		return nil, failed
	}
	out := map[string]any{member: found, "Truncated": next != ""}
	if next != "" {
		out["NextMarker"] = next
	}
	return out, nil
}
