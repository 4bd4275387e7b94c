package deployed

import (
	"strings"

	"trailkeeper/lambda/trailkeeper/doctor/shell"
)

// AWSCommand is a command of the AWS CLI that asks where the deployment is, with the operator's profile.
func (d *Deployment) AWSCommand(args ...string) string {
	return shell.Command(d.by(append([]string{"aws"}, args...), "--region", d.Region())...)
}

// Where is a line of commands of the AWS CLI that are quoted already, each asking where the deployment is.
func (d *Deployment) Where(line string) string {
	where := " " + shell.Command(d.by(nil, "--region", d.Region())...)
	return strings.ReplaceAll(line, " && ", where+" && ") + where
}

// Command is a command of trailkeeper's own with the operator's profile.
func (d *Deployment) Command(args ...string) string {
	return shell.Command(d.by(append([]string{"trailkeeper"}, args...))...)
}

func (d *Deployment) by(args []string, more ...string) []string {
	args = append(args, more...)
	if d.Profile != "" {
		args = append(args, "--profile", d.Profile)
	}
	return args
}
