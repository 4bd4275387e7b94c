package settings

import "trailkeeper/lambda/config/exception"

func sweepSettings() []setting {
	return []setting{
		flag("sweep.enabled", func(s *Settings) *bool { return &s.Sweep.Enabled },
			"Let EventBridge Scheduler run the function to look at every trail itself: what no event reported is found all the same."),
		number("sweep.minutes", func(s *Settings) *int { return &s.Sweep.Minutes }, 1, 60, "Minutes from one sweep to the next."),
		list("sweep.regions", func(s *Settings) *[]string { return &s.Sweep.Regions }, region.MatchString, "Regions such as eu-west-1",
			"Regions in which the sweep looks for trails. Empty: the stack's. Path 1 and the rules see the stack's Region only."),
		flag("table.enabled", func(s *Settings) *bool { return &s.Table.Enabled },
			"Make the state table. Without it the sweep knows no trail from before but those with a baseline, and attempts are not counted."),
		flag("table.recorded", func(s *Settings) *bool { return &s.Table.Recorded },
			"Let the sweep record healthy states as baselines, from which the modes `restore` and `recreate` strengthen a trail that has no file; the "+
				"function may then update every trail of `accounts`. Without the table or the sweep nothing is recorded."),
		list("table.breakGlass", func(s *Settings) *[]string { return &s.Table.BreakGlass }, exception.IsPrincipal,
			"ARNs of IAM roles or users such as arn:aws:iam::111122223333:role/BreakGlass",
			"ARNs of the IAM roles and users that may write the table's items and touch the messages in the queues, besides the roles of the deployment. "+
				"Nobody else may, whatever their own policies say."),
	}
}

func exceptionSettings() []setting {
	return []setting{
		approvals("approvals", "Changes that are announced: told, and not undone until they expire, at most 30 days ahead. Objects with `principal` "+
			"(the ARN of a role or user), `events`, `trail` (an ARN, or `*`), `reason` and `expires`."),
		overrides("overrides", "Lower modes for single trails or calls; the first that fits counts. Objects with `trail` (an ARN, or `*`), `mode` (also "+
			"`exclude`: left alone) and, if need be, `events`. The IAM grants follow."),
	}
}

func trailSettings() []setting {
	return []setting{
		flag("canary.enabled", func(s *Settings) *bool { return &s.Canary.Enabled },
			"Make a second trail that records only write management events, of every Region, so that events keep coming when somebody stops the others. "+
				"It has a bucket of its own, whose files expire after 90 days. AWS charges $2.00 per 100,000 events for a second copy, and the storage. "+
				"Trail and bucket stay when the stack is deleted, the setting is switched off or a deployment fails."),
		fileKey("canary.key", func(s *Settings) *string { return &s.Canary.Key }),
		flag("firstTrail.enabled", func(s *Settings) *bool { return &s.FirstTrail.Enabled },
			"Make the account's first trail: read and write management events of every Region, log file validation, and a bucket of its own, whose files "+
				"never expire. The first copy of management events is free of charge, the storage is not. Trail and bucket stay when the stack is "+
				"deleted, the setting is switched off or a deployment fails."),
		flag("firstTrail.logGroup", func(s *Settings) *bool { return &s.FirstTrail.LogGroup },
			"Send the first trail's events to a log group as well, kept for `function.logRetentionDays`; CloudWatch Logs charges for what it takes in."),
		flag("firstTrail.insights", func(s *Settings) *bool { return &s.FirstTrail.Insights },
			"Switch on CloudTrail Insights (call rate and error rate) for the first trail; AWS charges for the events that are analysed."),
		fileKey("firstTrail.key", func(s *Settings) *string { return &s.FirstTrail.Key }),
	}
}

// fileKey is the key of a trail's files.
func fileKey(key string, at func(*Settings) *string) setting {
	return text(key, at, isKey, wantKey,
		"Customer key of the trail's files: `create`, or the ARN of a key whose policy must then admit cloudtrail.amazonaws.com for the stack's trails. Who reads "+
			"the files needs `kms:Decrypt` on it. A new key stays with the trail and costs $1.00 a month, and the same again after each of its first two yearly "+
			"rotations. Empty: the key that S3 owns.")
}
