package stack

import (
	"fmt"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

// long is a statement with a list that grows with the settings. Cut into several it says the same.
type long struct {
	sid  string
	list []string // ARNs, or account IDs
	with func(sid string, some []string) awsiam.PolicyStatement
}

const (
	// mostInline bounds the lists that a role's inline policy holds, in characters: IAM takes 10,240 for all inline
	// policies of a role, and the rest of the guard's needs about half of that. checkRoles counts what came of it.
	mostInline = 4500
	// mostManaged bounds those of one managed policy, of which IAM takes 6,144 characters (IAM User Guide, "IAM and AWS
	// STS quotas").
	mostManaged = 5500
)

// longAllow is a grant on a list of resources.
func longAllow(sid string, actions, resources []string) long {
	return long{
		sid,
		resources,
		func(sid string, some []string) awsiam.PolicyStatement { return allow(sid, actions, some...) },
	}
}

// longDeny is its opposite.
func longDeny(sid string, actions, resources []string) long {
	return long{
		sid,
		resources,
		func(sid string, some []string) awsiam.PolicyStatement { return deny(sid, actions, some...) },
	}
}

// size is how many characters the list has in a policy.
func (l long) size() int {
	n := 0
	for _, s := range l.list {
		n += len(s) + len(`"",`)
	}
	return n
}

func (l long) whole() awsiam.PolicyStatement { return l.with(l.sid, l.list) }

// cut returns the statement in parts of at most `most` characters.
func (l long) cut(most int) []long {
	var parts []long
	for _, s := range l.list {
		one := long{l.sid, []string{s}, l.with}
		if last := len(parts) - 1; last >= 0 && parts[last].size()+one.size() <= most {
			parts[last].list = append(parts[last].list, s)
			continue
		}
		if len(parts) > 0 {
			one.sid = numbered(l.sid, len(parts))
		}
		parts = append(parts, one)
	}
	return parts
}

// fit splits the statements into those that an inline policy has room for, and those of further policies of the role.
// The lists are in the inline policy as long as all of them fit.
func fit(all []long) (inline []awsiam.PolicyStatement, further [][]awsiam.PolicyStatement) {
	total := 0
	for _, l := range all {
		total += l.size()
	}
	if total <= mostInline {
		for _, l := range all {
			inline = append(inline, l.whole())
		}
		return inline, nil
	}
	room := 0
	for _, l := range all {
		for _, part := range l.cut(mostManaged) {
			const around = 400 // of the statement: its actions and names
			if need := part.size() + around; need <= room {
				room -= need
			} else {
				further, room = append(further, nil), mostManaged-part.size()
			}
			further[len(further)-1] = append(further[len(further)-1], part.whole())
		}
	}
	return nil, further
}

// attach makes managed policies of the role for what its inline policy has no room for.
func attach(scope constructs.Construct, role awsiam.Role, further [][]awsiam.PolicyStatement) []awsiam.ManagedPolicy {
	var made []awsiam.ManagedPolicy
	for i, statements := range further {
		made = append(
			made,
			awsiam.NewManagedPolicy(scope, jsii.String(fmt.Sprintf("More%d", i+1)), &awsiam.ManagedPolicyProps{
				Description: jsii.String("Trailkeeper: what the role's own policy has no room for"),
				Path:        jsii.String(policyPath),
				Statements:  &statements,
				Roles:       &[]awsiam.IRole{role},
			}),
		)
	}
	return made
}

// policyPath is the IAM path of the stack's managed policies: cdk/execution-policy.json allows them there alone.
const policyPath = "/trailkeeper/"
