package policy

import (
	"fmt"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

// Long is a statement with a list that grows with the settings. Cut into several it says the same.
type Long struct {
	SID  string
	List []string // ARNs, or account IDs
	With func(sid string, some []string) awsiam.PolicyStatement
}

const (
	// maxInline bounds the lists that a role's inline policy holds, in characters: IAM takes 10,240 for all inline
	// policies of a role, and the rest of the guard's needs about half of that. checkRoles counts what came of it.
	maxInline = 4500
	// maxManaged bounds those of one managed policy, of which IAM takes 6,144 characters (IAM User Guide, "IAM and AWS
	// STS quotas").
	maxManaged = 5500
)

// LongAllow is a grant on a list of resources.
func LongAllow(sid string, actions, resources []string) Long {
	return Long{sid, resources, func(sid string, some []string) awsiam.PolicyStatement {
		return Allow(sid, actions, some...)
	}}
}

// LongDeny is its opposite.
func LongDeny(sid string, actions, resources []string) Long {
	return Long{sid, resources, func(sid string, some []string) awsiam.PolicyStatement {
		return Deny(sid, actions, some...)
	}}
}

// size is how many characters the list has in a policy.
func (l Long) size() int {
	n := 0
	for _, s := range l.List {
		n += len(s) + len(`"",`)
	}
	return n
}

func (l Long) whole() awsiam.PolicyStatement { return l.With(l.SID, l.List) }

// cut returns the statement in parts of at most `most` characters.
func (l Long) cut(limit int) []Long {
	var parts []Long
	for _, s := range l.List {
		one := Long{l.SID, []string{s}, l.With}
		if last := len(parts) - 1; last >= 0 && parts[last].size()+one.size() <= limit {
			parts[last].List = append(parts[last].List, s)
			continue
		}
		if len(parts) > 0 {
			one.SID = Numbered(l.SID, len(parts))
		}
		parts = append(parts, one)
	}
	return parts
}

// Fit splits the statements into those that an inline policy has room for, and those of further policies of the role.
// The lists are in the inline policy as long as all of them fit.
func Fit(all []Long) (inline []awsiam.PolicyStatement, further [][]awsiam.PolicyStatement) {
	total := 0
	for _, l := range all {
		total += l.size()
	}
	if total <= maxInline {
		for _, l := range all {
			inline = append(inline, l.whole())
		}
		return inline, nil
	}
	room := 0
	for _, l := range all {
		for _, part := range l.cut(maxManaged) {
			const around = 400 // of the statement: its actions and names
			if need := part.size() + around; need <= room {
				room -= need
			} else {
				further, room = append(further, nil), maxManaged-part.size()
			}
			further[len(further)-1] = append(further[len(further)-1], part.whole())
		}
	}
	return nil, further
}

// Attach makes managed policies of the role for what its inline policy has no room for.
func Attach(scope constructs.Construct, role awsiam.Role, further [][]awsiam.PolicyStatement) []awsiam.ManagedPolicy {
	var made []awsiam.ManagedPolicy
	for i, statements := range further {
		made = append(
			made,
			awsiam.NewManagedPolicy(scope, jsii.String(fmt.Sprintf("More%d", i+1)), &awsiam.ManagedPolicyProps{
				Description: jsii.String("Trailkeeper: what the role's own policy has no room for"),
				Path:        jsii.String(ownPath),
				Statements:  &statements,
				Roles:       &[]awsiam.IRole{role},
			}),
		)
	}
	return made
}

// Numbered is the name of the i-th of several statements.
func Numbered(name string, i int) string {
	if i == 0 {
		return name
	}
	return fmt.Sprintf("%s%d", name, i+1)
}
