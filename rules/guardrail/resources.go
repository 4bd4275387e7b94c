package guardrail

import (
	"slices"
	"strings"

	"trailkeeper/events"
)

// anywhere stands for every partition, Region and account: an account is in one partition, and a policy need not know
// which.
var anywhere = events.Place{Partition: "*", Region: "*", Account: "*"}

func bucket(name string) string { return events.Place{Partition: "*"}.ARN("s3", name) }

func role(account, name string) string {
	if account == "" {
		account = "*"
	}
	return events.Place{Partition: "*", Account: account}.ARN("iam", "role/"+name)
}

// Exempt are the ARNs, with wildcards, of the roles that the SCP does not bind, in order: but for leaving the
// organization, which takes one of those that are trusted.
func (d Deployment) Exempt() []string { return d.exempt() }

// exempt are the roles that the SCP does not bind: those that are trusted, and those with which AWS Control Tower and
// CloudFormation StackSets work in member accounts (AWS Control Tower User Guide, "How AWS Control Tower works with
// roles"; CloudFormation User Guide, "Prerequisites for using StackSets").
func (d Deployment) exempt() Texts {
	return unique(append(
		d.trusted(),
		role("", "AWSCloudFormationStackSetExecutionRole"),
		role("", "AWSControlTowerExecution"),
		role("", "stacksets-exec-*"),
		controlTower,
	))
}

// controlTower are the roles of AWS Control Tower that services take, so that passing one is using it.
var controlTower = role("", "aws-controltower-*")

// trusted are the roles for emergencies, and those that deploy.
func (d Deployment) trusted() Texts { return unique(slices.Concat(Texts(d.BreakGlass), d.deployers())) }

// deployers are the roles that deploy: those of the CDK bootstrap, in whatever Region (CDK Developer Guide, "Customize
// bootstrapping"), and DeployRoles.
func (d Deployment) deployers() Texts {
	all := slices.Clone(Texts(d.DeployRoles))
	if d.Qualifier != "" {
		all = append(all, role(d.Account, "cdk-"+d.Qualifier+"-*"))
	}
	return unique(all)
}

// guards are the roles of the guard and the warden.
func (d Deployment) guards() Texts {
	var all Texts
	for _, id := range guardRoles {
		all = append(all, role(d.Account, OwnPath+"/"+d.Stack+"-"+id+"*"))
	}
	return all
}

// protected are the resources of the statement about the deployment, the trails' own and the exempt roles.
func (d Deployment) protected() Texts {
	all := slices.Concat(d.named(), d.shared(), d.exempt(), Texts(d.Topics))
	all = append(
		all,
		events.Place{Partition: "*", Account: "*"}.ARN("account", "account"),
		anywhere.ARN("cloudtrail", "*"),
		role("", "aws-service-role/cloudtrail.*"),
	)
	if d.Boundary != "" {
		all = append(all, events.Place{Partition: "*", Account: "*"}.ARN("iam", "policy/"+d.Boundary))
	}
	for _, name := range d.TopicNames {
		if !IsOwn(d.Stack, name) {
			all = append(all, anywhere.ARN("sns", name))
		}
	}
	all = append(all, d.functions()...)
	if d.Bus != "" && !IsOwn(d.Stack, d.Bus) {
		all = append(all, anywhere.ARN("events", "event-bus/"+d.Bus))
	}
	return unique(append(all, d.logGroups()...))
}

func (d Deployment) logGroups() (all Texts) {
	for _, t := range d.Trails {
		if t.LogGroup != "" {
			all = append(all, t.LogGroup)
		}
	}
	for _, name := range d.LogGroups {
		all = append(all, anywhere.ARN("logs", "log-group:"+name+":*"))
	}
	return all
}

// functions are those of a name of their own, with their versions and aliases.
func (d Deployment) functions() Texts {
	if d.Function == "" || IsOwn(d.Stack, d.Function) {
		return nil
	}
	return Texts{anywhere.ARN("lambda", "function:"+d.Function), anywhere.ARN("lambda", "function:"+d.Function+":*")}
}

// IsOwn reports whether a name begins as the physical names of the stack do, so that what protects these protects it.
// Every name does where the stack's is empty.
func IsOwn(stack, name string) bool { return strings.HasPrefix(name, stack) }

// named are the resources that the stack's name tells from others. A wildcard also stands for slashes and colons.
func (d Deployment) named() Texts {
	iam := events.Place{Partition: "*", Account: "*"}
	return Texts{
		anywhere.ARN("cloudformation", "stack*/"+d.Stack+"*"), // StackSets as well
		anywhere.ARN("cloudwatch", "alarm:"+d.Stack+"*"),
		iam.ARN("cloudwatch", "dashboard/"+d.Stack+"*"),
		anywhere.ARN("dynamodb", "table/"+d.Stack+"*"),
		anywhere.ARN("events", "*/"+d.Stack+"*"), // rules of every bus, connections and API destinations
		iam.ARN("iam", "*/"+OwnPath+"/*"),        // roles and managed policies
		anywhere.ARN("lambda", "function:"+d.Stack+"*"),
		anywhere.ARN("logs", "log-group:"+d.Stack+"*"),
		anywhere.ARN("scheduler", "schedule/*/"+d.Stack+"*"),
		anywhere.ARN("sns", d.Stack+"*"),
		anywhere.ARN("ssm", "parameter/"+d.Stack+"*"),
	}
}

// repaired are the resources of the statement about what the guard and the warden repair.
func (d Deployment) repaired() Texts {
	iam := events.Place{Partition: "*", Account: "*"}
	all := Texts{
		anywhere.ARN("cloudtrail", "trail/*"),
		anywhere.ARN("dynamodb", "table/"+d.Stack+"*"),
		anywhere.ARN("events", "rule/*"+d.Stack+"*"),
		iam.ARN("iam", "role/"+OwnPath+"/*"),
		anywhere.ARN("lambda", "function:"+d.Stack+"*"),
		anywhere.ARN("scheduler", "schedule/*/"+d.Stack+"*"),
		anywhere.ARN("sqs", d.Stack+"*"),
	}
	return unique(slices.Concat(all, d.functions(), Texts(d.Queues), d.deployers(), Texts{controlTower}))
}

// shared are the resources that have a policy of their own with which they can be opened to outside principals: the
// buckets, keys, secret and queues. Of a bucket of a trail the files of CloudTrail are among them, and nothing else that
// is kept there.
func (d Deployment) shared() Texts {
	all := slices.Concat(Texts(d.Keys), Texts(d.Queues))
	if d.Stack != "" {
		all = append(
			all,
			bucket(strings.ToLower(d.Stack)+"-*"), // of the canary and the first trail, with their objects
			anywhere.ARN("secretsmanager", "secret:"+d.Stack+"*"),
			anywhere.ARN("sqs", d.Stack+"*"),
		)
	}
	switch {
	case events.IsARN(d.Secret):
		all = append(all, d.Secret)
	case d.Secret != "" && !IsOwn(d.Stack, d.Secret):
		all = append(all, anywhere.ARN("secretsmanager", "secret:"+d.Secret+"-??????"))
	}
	for _, t := range d.Trails {
		if t.Bucket != "" {
			all = append(all, bucket(t.Bucket), bucket(t.Bucket+"/*AWSLogs/*/CloudTrail*"))
		}
		if t.Key != "" {
			all = append(all, t.Key)
		}
	}
	return unique(all)
}
