package mutations

import (
	"testing"

	"trailkeeper/cdk/golden"
	"trailkeeper/lambda/internal/simulate/structure"
)

// variantMutation is a mutation of another golden template than the default one.
type variantMutation struct {
	variant string
	mutation
}

// TestMutationsOfTheSweepBreakChecks: every hole in what the sweep, the state table and the stack's own trails need
// is found.
func TestMutationsOfTheSweepBreakChecks(t *testing.T) {
	t.Parallel()
	var all []variantMutation
	add := func(variant string, mutations []mutation) {
		for _, m := range mutations {
			all = append(all, variantMutation{variant, m})
		}
	}
	for _, variant := range []string{"default", "recreate"} {
		add(variant, scheduleMutations())
		add(variant, tableMutations())
		add(variant, rememberingMutations())
		add(variant, sightMutations())
	}
	add("recreate", recreateMutations())
	add("everything", []mutation{{"schedule's role may not use the queue's key", func(t *testing.T, r resources) {
		r.dropAction(t, "SweepRole", "kms:GenerateDataKey*")
	}, "sweep-cut-off", "nothing was lost"}})
	add("everything", trailMutations("CanaryTrail", "CanaryBucket", "CanaryBucketPolicy"))
	add("everything", trailMutations("FirstTrail", "FirstTrailBucket", "FirstTrailBucketPolicy"))
	for _, m := range all {
		t.Run(m.variant+" "+m.name, func(t *testing.T) {
			t.Parallel()
			content, ok := golden.Variant(m.variant)
			if !ok {
				t.Fatalf("no golden template %s", m.variant)
			}
			breaks(t, edited(t, content, m.edit), m.scenario, m.check)
		})
	}
}

func scheduleMutations() []mutation {
	target := func(t *testing.T, r resources) object { return r.get(t, "SweepSchedule")["Target"].(object) }
	return []mutation{
		{"schedule disabled", func(t *testing.T, r resources) {
			set(t, r.get(t, "SweepSchedule"), "State", "DISABLED")
		}, "event-lost", "logging was restored"},
		{"disabled schedule in the template", func(t *testing.T, r resources) {
			set(t, r.get(t, "SweepSchedule"), "State", "DISABLED")
		}, "logging-stopped", "nothing can get lost"},
		{"schedule removed", func(t *testing.T, r resources) {
			r.remove(t, "SweepSchedule")
		}, "event-lost", "SNS was told what the sweep found"},
		{"schedule's role may not invoke the guard", func(t *testing.T, r resources) {
			r.dropAction(t, "SweepRole", "lambda:InvokeFunction")
		}, "event-lost", "logging was restored"},
		{"Scheduler may not assume the role", func(t *testing.T, r resources) {
			trust(t, r, "SweepRole", "events.amazonaws.com")
		}, "event-lost", "Slack was told what the sweep found"},
		{"Scheduler may assume the role for another group alone", func(t *testing.T, r resources) {
			trustFor(
				t,
				r,
				"SweepRole",
				"ArnLike",
				"aws:SourceArn",
				"arn:aws:scheduler:eu-west-1:111122223333:schedule-group/other",
			)
		}, "event-lost", "Slack was told what the sweep found"},
		{"Scheduler may assume the role for a schedule alone", func(t *testing.T, r resources) { // it names the group
			trustFor(t, r, "SweepRole", "ArnLike", "aws:SourceArn", "arn:aws:scheduler:*:*:schedule/*")
		}, "event-lost", "Slack was told what the sweep found"},
		{"schedule's role may not send dead letters", func(t *testing.T, r resources) {
			r.dropAction(t, "SweepRole", "sqs:SendMessage")
		}, "sweep-cut-off", "nothing was lost"},
		{"input is no scheduled event", func(t *testing.T, r resources) {
			set(t, target(t, r), "Input", `{"sweep":true}`)
		}, "event-lost", "logging was restored"},
		{"input is another event", func(t *testing.T, r resources) {
			set(t, target(t, r), "Input", `{"version":"0","id":"1","detail-type":"Sweep","source":"aws.scheduler","detail":{}}`)
		}, "event-lost", "logging was restored"},
		{"schedule without dead letters", func(t *testing.T, r resources) {
			drop(t, target(t, r), "DeadLetterConfig")
		}, "logging-stopped", "nothing can get lost"},
		{"alarm on the schedule's dead letters removed", func(t *testing.T, r resources) {
			r.remove(t, "AlarmsSweepDeadLetters")
		}, "sweep-cut-off", "what was refused was parked"},
		{"sweeps are retried", func(t *testing.T, r resources) {
			set(t, target(t, r)["RetryPolicy"].(object), "MaximumRetryAttempts", 3)
		}, "logging-stopped", "nothing can get lost"},
		{"sweeps start late", func(t *testing.T, r resources) {
			set(t, target(t, r)["RetryPolicy"].(object), "MaximumEventAgeInSeconds", 61)
		}, "logging-stopped", "nothing can get lost"},
		{"Scheduler's own retries", func(t *testing.T, r resources) {
			drop(t, target(t, r), "RetryPolicy")
		}, "logging-stopped", "nothing can get lost"},
		{"guard not told how often it sweeps", func(t *testing.T, r resources) {
			r.dropEnv(t, "TRAILKEEPER_SWEEP_MINUTES")
		}, "event-lost", "the sweep runs as often as the guard says"},
		{"another interval than the guard's", func(t *testing.T, r resources) {
			set(t, r.get(t, "SweepSchedule"), "ScheduleExpression", "rate(5 hours)")
		}, "event-lost", "the sweep runs as often as the guard says"},
	}
}

// tableMutations leave the table open to loss or to others.
func tableMutations() []mutation {
	deny := func(t *testing.T, r resources) object {
		return r.get(t, "StateTable")["ResourcePolicy"].(object)["PolicyDocument"].(object)
	}
	all := []mutation{
		{"table without its policy", func(t *testing.T, r resources) {
			drop(t, r.get(t, "StateTable"), "ResourcePolicy")
		}, "logging-stopped", "nothing can get lost"},
		{"table's policy denies nobody", func(t *testing.T, r resources) {
			condition := deny(t, r)["Statement"].([]any)[0].(object)["Condition"].(object)["ArnNotEquals"].(object)
			set(t, condition, "aws:PrincipalArn", "*")
		}, "table-write", "the state table is the guard's alone"},
		{"table's policy lets the account in", func(t *testing.T, r resources) {
			statement := deny(t, r)["Statement"].([]any)[0].(object)
			set(t, statement, "Condition", object{"ArnNotLike": object{"aws:PrincipalArn": "arn:aws:iam::111122223333:*"}})
		}, "table-write", "the state table is the guard's alone"},
		{"table can be deleted", func(t *testing.T, r resources) {
			set(t, r.get(t, "StateTable"), "DeletionProtectionEnabled", false)
		}, "logging-stopped", "nothing can get lost"},
		{"table without point-in-time recovery", func(t *testing.T, r resources) {
			drop(t, r.get(t, "StateTable"), "PointInTimeRecoverySpecification")
		}, "logging-stopped", "nothing can get lost"},
		{"table keeps everything", func(t *testing.T, r resources) {
			set(t, r.get(t, "StateTable")["TimeToLiveSpecification"].(object), "Enabled", false)
		}, "logging-stopped", "nothing can get lost"},
		{"table expires by another attribute", func(t *testing.T, r resources) {
			set(t, r.get(t, "StateTable")["TimeToLiveSpecification"].(object), "AttributeName", "ttl")
		}, "logging-stopped", "nothing can get lost"},
	}
	for _, policy := range []string{"DeletionPolicy", "UpdateReplacePolicy"} {
		all = append(all, mutation{"table without " + policy, func(t *testing.T, r resources) {
			set(t, r[r.id(t, "StateTable")].(object), policy, "Delete")
		}, "logging-stopped", "nothing can get lost"})
	}
	for _, write := range structure.ItemWrites {
		all = append(all, mutation{"table's policy without " + write, func(t *testing.T, r resources) {
			if !dropFrom(deny(t, r), "dynamodb:"+write) {
				t.Fatalf("the table's policy does not deny %s", write)
			}
		}, "logging-stopped", "nothing can get lost"})
	}
	return append(all, mutation{"attacker may put items", func(t *testing.T, r resources) {
		dropFrom(deny(t, r), "dynamodb:PutItem")
	}, "table-write", "the state table is the guard's alone"})
}

// rememberingMutations keep the guard from its table.
func rememberingMutations() []mutation {
	var all []mutation
	for _, action := range []string{"GetItem", "Query", "PutItem"} {
		all = append(all, mutation{"guard without " + action, func(t *testing.T, r resources) {
			if !dropFrom(r.get(t, "StateGrants")["PolicyDocument"].(object), "dynamodb:"+action) {
				t.Fatalf("the guard may not %s", action)
			}
		}, "baseline-recorded", "SNS was told what the sweep found"})
	}
	return append(all,
		mutation{"guard cannot keep versions", func(t *testing.T, r resources) {
			dropFrom(r.get(t, "StateGrants")["PolicyDocument"].(object), "dynamodb:PutItem")
		}, "baseline-recorded", "the baseline is kept in the table"},
		mutation{"guard without its table", func(t *testing.T, r resources) {
			r.dropEnv(t, "TRAILKEEPER_TABLE")
		}, "baseline-recorded", "SNS was told what the sweep found"},
		mutation{"guard with another table", func(t *testing.T, r resources) {
			r.env(t, "TRAILKEEPER_TABLE", "another")
		}, "baseline-recorded", "the sweep saw everything"},
	)
}

// sightMutations keep the sweep from reading the trails.
func sightMutations() []mutation {
	var all []mutation
	for _, call := range []string{
		"DescribeTrails",
		"GetTrailStatus",
		"GetEventSelectors",
		"GetEventConfiguration",
		"GetInsightSelectors",
		"ListTags",
	} {
		all = append(all, mutation{"sweep without " + call, func(t *testing.T, r resources) {
			r.dropAction(t, "GuardRole", "cloudtrail:"+call)
		}, "event-lost", "the sweep saw everything"})
	}
	return all
}

// recreateMutations are of what only a deployment that puts trails back has.
func recreateMutations() []mutation {
	all := []mutation{
		{"guard records nothing", func(t *testing.T, r resources) {
			r.dropEnv(t, "TRAILKEEPER_RECORDED")
		}, "baseline-recorded", "SNS was told what the sweep found"},
		{"guard knows no recorded baseline", func(t *testing.T, r resources) {
			r.dropEnv(t, "TRAILKEEPER_RECORDED")
		}, "poisoned-baseline", "the outcome was true"},
		{"attacker forges the baseline", func(t *testing.T, r resources) {
			document := r.get(t, "StateTable")["ResourcePolicy"].(object)["PolicyDocument"].(object)
			document["Statement"].([]any)[0].(object)["Effect"] = "Allow"
		}, "poisoned-baseline", "the state table is the guard's alone"},
	}
	for call, scenario := range map[string]string{
		"DescribeTrails": "weakened-unseen",
		"UpdateTrail":    "two-sweeps",
		"CreateTrail":    "deleted-unseen",
		"StartLogging":   "deleted-unseen",
	} {
		all = append(all, mutation{"sweep cannot put back without " + call, func(t *testing.T, r resources) {
			r.dropAction(t, "GuardRole", "cloudtrail:"+call)
		}, scenario, "the trail is as its baseline has it"})
	}
	return all
}

// trailMutations are of a trail of the stack's own.
func trailMutations(trail, bucket, policy string) []mutation {
	var all []mutation
	for _, id := range []string{trail, bucket, policy} {
		for _, attribute := range []string{"DeletionPolicy", "UpdateReplacePolicy"} {
			all = append(all, mutation{id + " without " + attribute, func(t *testing.T, r resources) {
				drop(t, r[r.id(t, id)].(object), attribute)
			}, "logging-stopped", "nothing can get lost"})
		}
	}
	selector := func(t *testing.T, r resources) object {
		return r.get(t, trail)["EventSelectors"].([]any)[0].(object)
	}
	return append(all,
		mutation{trail + " off", func(t *testing.T, r resources) {
			set(t, r.get(t, trail), "IsLogging", false)
		}, "logging-stopped", "nothing can get lost"},
		mutation{trail + " without digests", func(t *testing.T, r resources) {
			set(t, r.get(t, trail), "EnableLogFileValidation", false)
		}, "logging-stopped", "nothing can get lost"},
		mutation{trail + " records reads", func(t *testing.T, r resources) {
			set(t, selector(t, r), "ReadWriteType", "ReadOnly")
			delete(r.get(t, trail), "InsightSelectors") // CloudTrail takes none without the events that they are about
		}, "logging-stopped", "nothing can get lost"},
		mutation{trail + " records data events only", func(t *testing.T, r resources) {
			set(t, selector(t, r), "IncludeManagementEvents", false)
			selector(t, r)["DataResources"] = []any{object{"Type": "AWS::S3::Object", "Values": []any{"arn:aws:s3:::vault/"}}}
			delete(r.get(t, trail), "InsightSelectors")
		}, "logging-stopped", "nothing can get lost"},
	)
}

// dropEnv takes a variable out of the guard's environment.
func (r resources) dropEnv(t *testing.T, name string) {
	t.Helper()
	drop(t, r.get(t, "GuardFunction")["Environment"].(object)["Variables"].(object), name)
}
