package deployed

import "trailkeeper/lambda/trailkeeper/doctor/shell"

// AWSCommand is a command of the AWS CLI that asks where the deployment is, with the operator's profile.
func (d *Deployment) AWSCommand(args ...string) string {
	return shell.Command(d.by(append([]string{"aws"}, args...), "--region", d.Region())...)
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
