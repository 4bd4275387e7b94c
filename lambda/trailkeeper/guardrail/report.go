package guardrail

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"

	"trailkeeper/lambda/trailkeeper/cli"
	"trailkeeper/rules/guardrail"
)

// report is what the command says of the policies.
type report struct {
	guardrail.Deployment

	policies []named
	targets  []string
	rcp      bool
	part     int
}

// shown is the policy that goes to standard output.
func (r report) shown() (named, bool) {
	if r.rcp {
		return r.policies[len(r.policies)-1], true
	}
	if r.part < 1 || r.part > len(r.policies) {
		return named{}, false
	}
	return r.policies[r.part-1], true
}

// truths are what an operator must know before attaching, each in a sentence or two.
func (r report) truths() []string {
	if r.rcp {
		return []string{
			"An RCP never binds resources of the management account: there, only the resources' own policies keep outsiders out.",
			"It also keeps out partners of yours in other organizations, and AWS services that act for accounts outside of " +
				r.Organization + ". A trail of such an account can no longer deliver into these buckets.",
			"With another ID than your organization's it would lock out everybody, who deploys included; compare " +
				"aws organizations describe-organization.",
			"It does not know keys that the stack made, unless --key or guardrail.keys names them.",
		}
	}
	return []string{
		"An SCP never binds the management account, and neither a service-linked role nor an AWS service. Where the guard " +
			"runs there, nothing of it is prevented there: detection stays the only control. To have it prevented as well, " +
			"run the guard from a delegated administrator's account, which is a member account, and keep people and " +
			"workloads out of the management account.",
		"Whoever may take an exempt role is not bound. A CDK bootstrap's roles trust their whole account: let nobody but " +
			"your pipeline call sts:AssumeRole on them.",
		"Trails are protected in every account of the targets, whoever made them: tools and teams that manage trails of " +
			"their own need an exempt role, and so does who rotates the secret or bootstraps CDK.",
		"Not everything can be denied: --techniques lists what is left to detection, and why.",
	}
}

func (r report) words(out *bufio.Writer) {
	p, _ := r.shown()
	cli.Row(out, "policy", fmt.Sprintf("%s, %s, %d of %d characters", p.name, kinds[p.kind], len(p.policy.Text()),
		guardrail.MaxSize))
	if n := len(r.policies); !r.rcp && n > 1 {
		cli.Row(out, "part", fmt.Sprintf("%d of %d: attach all; --part prints another", r.part, n))
	}
	cli.Row(out, "protects", r.about())
	r.gaps(out)
	fmt.Fprintln(out)
	for _, truth := range r.truths() {
		cli.Paragraph(out, truth)
		fmt.Fprintln(out)
	}
	cli.Paragraph(out, "To attach it, from the management account or a delegated administrator for policies, first to an "+
		"account where it can be tried:")
	fmt.Fprintln(out)
	for _, line := range r.commands(p) {
		fmt.Fprintln(out, line)
	}
	fmt.Fprintln(out)
}

// gaps says who is exempt, and what was not named.
func (r report) gaps(out *bufio.Writer) {
	if len(r.Trails) == 0 {
		cli.Row(out, "baselines", "NONE: no trail's bucket, key or log group is protected; see trailkeeper baseline capture")
	}
	if r.rcp {
		return
	}
	for i, role := range r.Exempt() {
		cli.Row(out, cli.Choose(i == 0, "exempt", ""), role)
	}
	if len(r.BreakGlass) == 0 {
		cli.Row(out, "break-glass", "NONE: name a role with --break-glass or guardrail.breakGlass, or in an emergency only "+
			"who deploys, or the management account, can act")
	}
	if r.Account == "" {
		cli.Row(out, "account", "ANY: with --account or env.account only that account's roles that deploy are exempt")
	}
}

var kinds = map[string]string{
	"SERVICE_CONTROL_POLICY":  "service control policy",
	"RESOURCE_CONTROL_POLICY": "resource control policy",
}

// about says what is protected.
func (r report) about() string {
	first, what := "all trails", "the buckets, keys and log groups of "
	if r.rcp {
		first, what = "the buckets, secret and queues of the stack", "the buckets and keys of "
	}
	if n := len(r.Trails); n > 0 {
		first += ", " + what + cli.Count(n, "log bucket or baseline", "baselines and log buckets")
	}
	return first + ", and what is named " + r.Stack + "*"
}

// commands make and attach a policy that was piped into a file.
func (r report) commands(p named) []string {
	file := cli.Choose(r.rcp, "rcp.json", "scp.json")
	if r.part > 1 {
		file = fmt.Sprintf("scp-%d.json", r.part)
	}
	targets := r.targets
	if len(targets) == 0 {
		targets = []string{"TARGET"}
	}
	lines := []string{
		"  aws organizations enable-policy-type --root-id ROOT \\",
		"    --policy-type " + p.kind,
		"  aws organizations create-policy --type " + p.kind + " \\",
		"    --name " + p.name + " \\",
		"    --description 'Trailkeeper: denies tampering' --content file://" + file,
	}
	for _, target := range targets {
		lines = append(lines,
			"  aws organizations attach-policy --policy-id POLICY_ID \\",
			"    --target-id "+target)
	}
	return lines
}

// json prints everything as one object.
func (r report) json(w io.Writer) error {
	type policy struct {
		Name       string           `json:"name"`
		Type       string           `json:"type"`
		Characters int              `json:"characters"`
		Content    guardrail.Policy `json:"content"`
	}
	var all []policy
	for _, p := range r.policies {
		all = append(all, policy{p.name, p.kind, len(p.policy.Text()), p.policy})
	}
	raw, err := json.MarshalIndent(map[string]any{
		"policies":   all,
		"exempt":     r.Exempt(),
		"truths":     slices.Concat(r.truths(), report{Deployment: r.Deployment, rcp: true}.truths()),
		"techniques": guardrail.Techniques(),
	}, "", "  ")
	if err != nil {
		return err
	}
	out := bufio.NewWriter(w)
	if err := cli.WriteEscaped(out, string(raw)+"\n"); err != nil {
		return err
	}
	return cli.Flush(out)
}

// showTechniques lists the catalogue.
func showTechniques(w io.Writer) error {
	out := bufio.NewWriter(w)
	whole, partly := 0, 0
	for _, t := range guardrail.Techniques() {
		all, some := t.Prevented()
		verdict := "NOT PREVENTED"
		switch {
		case all:
			verdict, whole = "prevented", whole+1
		case some:
			verdict, partly = "in part", partly+1
		}
		cli.Row(out, verdict, t.ID+"  "+t.What)
		for _, why := range reasons(t) {
			cli.Row(out, "", why)
		}
	}
	n := len(guardrail.Techniques())
	fmt.Fprintln(out)
	cli.Paragraph(out, fmt.Sprintf("%d techniques: %d prevented, %d in part, %d not. C to E hold for the buckets, keys and log "+
		"groups of the baselines, F to I and K for what bears the stack's name, and nothing in the management account.",
		n, whole, partly, n-whole-partly))
	return cli.Flush(out)
}

// reasons are why calls of a technique are not denied, each with the calls.
func reasons(t guardrail.Technique) []string {
	var all []string
	for _, r := range t.Reasons() {
		all = append(all, strings.TrimPrefix(strings.Join(r.Actions, ", ")+": "+r.Why, ": "))
	}
	return all
}
