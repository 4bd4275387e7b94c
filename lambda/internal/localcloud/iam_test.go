package localcloud

import (
	"strings"
	"testing"

	"trailkeeper/lambda/internal/localcloud/kernel"
	"trailkeeper/lambda/internal/localcloud/policy"
)

const (
	ofAccounts = `{"Effect":"Allow","Action":"cloudtrail:StartLogging","Resource":"arn:aws:cloudtrail:*:*:trail/*",
		"Condition":{"StringEquals":{"aws:ResourceAccount":["111122223333","444455556666"]}}}`
	ofOrganization = `{"Effect":"Allow","Action":"cloudtrail:StartLogging","Resource":"arn:aws:cloudtrail:*:*:trail/*",
		"Condition":{"StringEquals":{"aws:ResourceOrgID":"o-a1b2c3d4e5"}}}`
)

func trailOf(account string) string {
	return "arn:aws:cloudtrail:eu-west-1:" + account + ":trail/management"
}

// TestOwnersOfTrails: a role of the stack may act on trails of the accounts, or of the organization, that a managed
// policy names, and on no other.
func TestOwnersOfTrails(t *testing.T) {
	for name, tt := range map[string]struct {
		statement string
		mine      []string // the members of the organization
		want      map[string]bool
	}{
		"accounts": {ofAccounts, nil, map[string]bool{"111122223333": true, "444455556666": true, "777788889999": false}},
		"organization": {
			ofOrganization,
			[]string{"777788889999"},
			map[string]bool{"111122223333": true, "777788889999": true, "444455556666": false},
		},
	} {
		c := newCloud(t, nil, func(o *Options) {
			o.OrganizationID, o.Members = "o-a1b2c3d4e5", tt.mine
			o.Template = []byte(strings.Replace(string(o.Template), `"Resources": {`, `"Resources": {
				"Bare": {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": {"Statement": []}}},
				"More": {"Type": "AWS::IAM::ManagedPolicy", "Properties": {
					"Path": "/p/", "Roles": [{"Ref": "Bare"}], "PolicyDocument": {"Statement": `+tt.statement+`}}},`, 1))
		})
		bare := kernel.Principal{Account: account, Role: c.roles.Role(c.ARNOf("Bare"))}
		for owner, want := range tt.want {
			a := policy.Access{Action: "cloudtrail:StartLogging", Resource: trailOf(owner)}
			if why, ok := c.roles.Authorize(bare, a, nil); ok != want {
				t.Errorf("%s: the trail of %s: %v (%s); want %v", name, owner, ok, why, want)
			}
		}
	}
}
