// Package guardrail is the command that prints the organization policies that keep others from tampering with trails
// and with a deployment, and says what they do not do.
//
// It asks no AWS and attaches nothing: it reads the settings and the baselines. Package rules/guardrail composes.
package guardrail

import (
	"bufio"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"trailkeeper/events"
	"trailkeeper/lambda/trailkeeper/cli"
	"trailkeeper/rules/guardrail"
)

type options struct {
	settings, region, account, organization string
	breakGlass, deployRoles, keys, targets  []string
	rcp, json, techniques                   bool
	part                                    int
}

// New makes the command.
func New() *cobra.Command {
	var f options
	cmd := &cobra.Command{
		Use:   "guardrail [flags]",
		Short: "Print the organization policies that deny tampering",
		Long: "Prints a service control policy (SCP) that denies tampering with trails, with the buckets, keys and log\n" +
			"groups of the baselines, and with the deployment, to all but the break-glass role, the roles that\n" +
			"deploy, and those of AWS Control Tower and StackSets. With --rcp it prints the resource control\n" +
			"policy (RCP) instead, which keeps principals of other organizations from the buckets, keys, secret\n" +
			"and queues.\n\n" +
			"The policy goes to standard output, so that it can be piped into a file; what it does, what it does\n" +
			"not do and how to attach it go to standard error. The settings are those of the app; the setting\n" +
			"guardrail.attachTo has the deployment attach it. The command asks no AWS.",
		Example: "  trailkeeper guardrail \\\n" +
			"    --break-glass arn:aws:iam::111122223333:role/BreakGlass > scp.json\n" +
			"  trailkeeper guardrail --rcp --org-id o-a1b2c3d4e5 > rcp.json\n" +
			"  trailkeeper guardrail --techniques",
		Args: cli.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return f.run(cmd) },
	}
	f.flags(cmd)
	return cmd
}

func (f *options) flags(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.SortFlags = false
	flags.StringVar(&f.settings, "settings", "cdk.json", "`FILE` of the settings: cdk.json, or the object alone")
	flags.StringVar(&f.region, "region", "", "`REGION` of the stack, for settings of that Region alone")
	flags.StringVar(&f.account, "account", "", "`ACCOUNT` of the stack (default: env.account; without it, any)")
	flags.StringVar(&f.organization, "org-id", "", "`ID` of the organization (default: organizationId)")
	flags.StringArrayVar(&f.breakGlass, "break-glass", nil, "`ARN` of a role that is not bound; can be repeated")
	flags.StringArrayVar(&f.deployRoles, "deploy-role", nil, "`ARN` of a further role that deploys; can be repeated")
	flags.StringArrayVar(&f.keys, "key", nil, "`ARN` of a key that the stack made; can be repeated")
	flags.StringArrayVar(&f.targets, "target", nil,
		"`ID` of a root, organizational unit or account for the commands; can be repeated")
	flags.BoolVar(&f.rcp, "rcp", false, "print the resource control policy")
	flags.IntVar(&f.part, "part", 1, "`NUMBER` of the SCP, where one is not enough")
	flags.BoolVar(&f.json, "json", false, "print the policies, their sizes and the techniques as one JSON object")
	flags.BoolVar(&f.techniques, "techniques", false, "list what is prevented, and what is not and why")
	cmd.MarkFlagsMutuallyExclusive("json", "techniques")
	cmd.MarkFlagsMutuallyExclusive("rcp", "part")
}

func (f *options) run(cmd *cobra.Command) error {
	if err := f.check(); err != nil {
		return err
	}
	if f.techniques {
		return showTechniques(cmd.OutOrStdout())
	}
	d, err := f.deployment()
	if err != nil {
		return err
	}
	wantRCP := f.rcp || f.json && d.Organization != ""
	if err := errors.Join(d.Problems(wantRCP)...); err != nil {
		return cli.Failed(err.Error())
	}
	r := report{Deployment: d, targets: f.targets, rcp: f.rcp, part: f.part, policies: policies(d, wantRCP)}
	if f.json {
		return r.json(cmd.OutOrStdout())
	}
	shown, ok := r.shown()
	if !ok {
		return cli.Usage(cli.Bad(false, "part", fmt.Sprint(f.part), fmt.Sprintf("a number from 1 to %d", len(r.policies))))
	}
	words := bufio.NewWriter(cmd.ErrOrStderr())
	r.words(words)
	if err := cli.Flush(words); err != nil {
		return err
	}
	_, err = fmt.Fprintln(cmd.OutOrStdout(), shown.policy.Text())
	return err
}

func (f *options) check() error {
	problems := []string{
		cli.BadRegion(f.region),
		cli.Bad(f.account == "" || events.IsAccount(f.account), "account", f.account, "an account ID of 12 digits"),
		cli.Bad(f.organization == "" || isOrganization(f.organization), "org-id", f.organization,
			"an organization's ID such as o-a1b2c3d4e5"),
	}
	for _, list := range []struct {
		flag   string
		values []string
		ok     func(string) bool
		want   string
	}{
		{"break-glass", f.breakGlass, events.FormRole.Matches, "the ARN of an IAM role"},
		{"deploy-role", f.deployRoles, events.FormRole.Matches, "the ARN of an IAM role"},
		{"key", f.keys, events.FormKey.Matches, "the ARN of a KMS key"},
		{"target", f.targets, isTarget, "the ID of a root, an organizational unit or an account"},
	} {
		for _, v := range list.values {
			problems = append(problems, cli.Bad(list.ok(v), list.flag, v, list.want))
		}
	}
	return cli.Check(problems...)
}

const small = "abcdefghijklmnopqrstuvwxyz0123456789"

// isOrganization follows the AWS Organizations API reference, Organization.
func isOrganization(s string) bool {
	return len(s) >= 12 && len(s) <= 34 && s[:2] == "o-" && events.ConsistsOf(s[2:], small)
}

// isTarget is about what a shell takes as it stands, and AWS Organizations says of the rest what it is.
func isTarget(s string) bool {
	return s != "" && len(s) <= 70 && s[0] != '-' && events.ConsistsOf(s, small+"-")
}

// policies are those of a deployment, in the order in which they are made.
func policies(d guardrail.Deployment, rcp bool) []named {
	var all []named
	for i, p := range d.SCPs() {
		name := d.Stack + "-guardrail"
		if i > 0 {
			name = fmt.Sprintf("%s-%d", name, i+1)
		}
		all = append(all, named{name, "SERVICE_CONTROL_POLICY", p})
	}
	if rcp {
		all = append(all, named{d.Stack + "-guardrail-resources", "RESOURCE_CONTROL_POLICY", d.RCP()})
	}
	return all
}

// named is a policy with what AWS Organizations calls it.
type named struct {
	name, kind string
	policy     guardrail.Policy
}
