// Package parts is what is asked about everything of the stack that the guard and the warden check of each other: whether
// each resource is as the stack's template has it, by the warden's own checks (package warden/checks). It restores nothing.
//
// It goes by CloudFormation's template and physical names; of the record in the parameter it takes only the ARNs that
// CloudFormation does not list, and what the template says of it must be in it.
package parts

import (
	"context"
	"fmt"
	"strings"

	"trailkeeper/lambda/config/deployment"
	"trailkeeper/lambda/trailkeeper/cli/reader"
	"trailkeeper/lambda/trailkeeper/doctor/deployed"
	"trailkeeper/lambda/trailkeeper/doctor/verdict"
)

// name is the check's.
const name = "parts"

// Parts judges whether the stack's resources are as its template has them.
func Parts(ctx context.Context, d *deployed.Deployment) []verdict.Verdict {
	if strings.HasSuffix(d.Status, "_IN_PROGRESS") {
		return verdict.Unseen(name, "Whether the parts are as they were deployed is not known while a deployment is under way.", "Run it again afterwards.")
	}
	text, err := d.TemplateText(ctx)
	if err != nil {
		return verdict.Refused(name, "read the stack's template", "cloudformation:GetTemplate", err, nil)
	}
	description, err := deployment.Describe(d.Stack, deployment.Template{Content: []byte(text)})
	if err != nil {
		return verdict.Unseen(name, verdict.Sentence(verdict.OneLine(err)), "Look at the stack's template in CloudFormation.")
	}
	call, err := reader.Caller(d.AWS)
	if err != nil {
		return verdict.Unseen(name, verdict.Sentence(verdict.OneLine(err)), "Correct AWS_CA_BUNDLE, and run it again.")
	}
	record, wrong := recordOf(ctx, d, call, description)
	if wrong != nil {
		return wrong
	}
	var c compared
	c.compare(ctx, d, call, description, record)
	return c.judge()
}

// judge is what comparing comes to.
func (c *compared) judge() []verdict.Verdict {
	switch {
	case len(c.differing) > 0:
		return verdict.Bad(name, "Parts of the deployment are not as they were deployed: "+verdict.Names(c.differing)+".",
			"Deploy with --revert-drift; the warden's messages say who changed them.", c.fix...)
	case len(c.unread) > 0:
		return verdict.Unseen(name, "Parts could not be compared with how they were deployed: "+verdict.Names(c.unread)+". "+
			verdict.Sentence("The first: "+c.why), "Allow what it names to these credentials, and run it again.")
	}
	if c.elsewhere > 0 {
		return verdict.Good(name, fmt.Sprintf("Besides what other lines say, all %d parts that the warden and the guard check are as they were deployed.", c.all))
	}
	return verdict.Good(name, fmt.Sprintf("All %d parts that the warden and the guard check are as they were deployed.", c.all))
}
