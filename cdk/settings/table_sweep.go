package settings

import "trailkeeper/lambda/config/exception"

func sweepSettings() []setting {
	return []setting{
		flag("sweep.enabled", func(s *Settings) *bool { return &s.Sweep.Enabled },
			"Let EventBridge Scheduler run the sweep, which finds what no event reported."),
		number(
			"sweep.minutes",
			func(s *Settings) *int { return &s.Sweep.Minutes },
			1,
			60,
			"Minutes from one sweep to the next.",
		),
		list(
			"sweep.regions",
			func(s *Settings) *[]string { return &s.Sweep.Regions },
			region.MatchString,
			"Regions such as eu-west-1",
			"Regions in which the sweep looks for trails. Empty: the stack's, the only one that path 1 and the "+
				"rules see.",
		),
		flag("table.enabled", func(s *Settings) *bool { return &s.Table.Enabled },
			"Make the state table. Without it the sweep knows only trails that have a baseline, and attempts are "+
				"not counted."),
		flag("table.recorded", func(s *Settings) *bool { return &s.Table.Recorded },
			"Let the sweep [record healthy states](../lambda/README.md#baselines) of trails without a file; in "+
				"modes `restore` and `recreate` the function may then update every trail of `accounts`."),
		list("table.breakGlass", func(s *Settings) *[]string { return &s.Table.BreakGlass }, exception.IsPrincipal,
			"ARNs of IAM roles or users such as arn:aws:iam::111122223333:role/BreakGlass",
			"ARNs of the IAM roles and users that may write the table's items and touch the queues' messages. "+
				"Nobody else may but the deployment's roles."),
	}
}

func exceptionSettings() []setting {
	return []setting{
		approvals("approvals",
			"[Announced changes](../lambda/README.md#approvals-and-overrides), not reverted until they expire. "+
				"Objects with `principal` (the ARN of a role or user), `events`, `trail` (an ARN, or `*`), `reason` "+
				"and `expires`."),
		overrides("overrides",
			"[Lower modes](../lambda/README.md#approvals-and-overrides) for trails or calls; the first that fits "+
				"counts. Objects with `trail` (an ARN, or `*`), `mode` (also `exclude`) and, optionally, `events`. "+
				"The IAM grants follow."),
	}
}

func trailSettings() []setting {
	return []setting{
		flag("canary.enabled", func(s *Settings) *bool { return &s.Canary.Enabled },
			"Make a [second trail](#canary-and-first-trail) that keeps events coming. AWS charges for it."),
		fileKey("canary.key", func(s *Settings) *string { return &s.Canary.Key }),
		flag("firstTrail.enabled", func(s *Settings) *bool { return &s.FirstTrail.Enabled },
			"Make the account's [first trail](#canary-and-first-trail)."),
		flag("firstTrail.logGroup", func(s *Settings) *bool { return &s.FirstTrail.LogGroup },
			"Also send the first trail's events to a log group, kept for `function.logRetentionDays`; CloudWatch "+
				"Logs charges for ingestion."),
		flag("firstTrail.insights", func(s *Settings) *bool { return &s.FirstTrail.Insights },
			"CloudTrail Insights (call rate and error rate) for the first trail; AWS charges for the events "+
				"analysed."),
		fileKey("firstTrail.key", func(s *Settings) *string { return &s.FirstTrail.Key }),
	}
}

// fileKey is the key of a trail's files.
func fileKey(key string, at func(*Settings) *string) setting {
	return text(key, at, isKey, wantKey,
		"Customer key of the trail's files: `create`, or the ARN of a key whose policy admits "+
			"cloudtrail.amazonaws.com for the stack's trails. Empty: the key that S3 owns.")
}
