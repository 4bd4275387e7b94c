package simulate

import (
	"testing"

	"trailkeeper/cdk/golden"
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
	}, "sweep-cut-off", CheckNotLost}})
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
		}, "event-lost", CheckRestored},
		{"disabled schedule in the template", func(t *testing.T, r resources) {
			set(t, r.get(t, "SweepSchedule"), "State", "DISABLED")
		}, "logging-stopped", CheckSafe},
		{"schedule removed", func(t *testing.T, r resources) {
			r.remove(t, "SweepSchedule")
		}, "event-lost", CheckSweepTopic},
		{"schedule's role may not invoke the guard", func(t *testing.T, r resources) {
			r.dropAction(t, "SweepRole", "lambda:InvokeFunction")
		}, "event-lost", CheckRestored},
		{"Scheduler may not assume the role", func(t *testing.T, r resources) {
			trust(t, r, "SweepRole", "events.amazonaws.com")
		}, "event-lost", CheckSweepSlack},
		{"Scheduler may assume the role for another group alone", func(t *testing.T, r resources) {
			trustFor(
				t,
				r,
				"SweepRole",
				"ArnLike",
				"aws:SourceArn",
				"arn:aws:scheduler:eu-west-1:111122223333:schedule-group/other",
			)
		}, "event-lost", CheckSweepSlack},
		{"Scheduler may assume the role for a schedule alone", func(t *testing.T, r resources) { // it names the group
			trustFor(t, r, "SweepRole", "ArnLike", "aws:SourceArn", "arn:aws:scheduler:*:*:schedule/*")
		}, "event-lost", CheckSweepSlack},
		{"schedule's role may not send dead letters", func(t *testing.T, r resources) {
			r.dropAction(t, "SweepRole", "sqs:SendMessage")
		}, "sweep-cut-off", CheckNotLost},
		{"input is no scheduled event", func(t *testing.T, r resources) {
			set(t, target(t, r), "Input", `{"sweep":true}`)
		}, "event-lost", CheckRestored},
		{"input is another event", func(t *testing.T, r resources) {
			set(t, target(t, r), "Input", `{"version":"0","id":"1","detail-type":"Sweep","source":"aws.scheduler","detail":{}}`)
		}, "event-lost", CheckRestored},
		{"schedule without dead letters", func(t *testing.T, r resources) {
			drop(t, target(t, r), "DeadLetterConfig")
		}, "logging-stopped", CheckSafe},
		{"alarm on the schedule's dead letters removed", func(t *testing.T, r resources) {
			r.remove(t, "AlarmsSweepDeadLetters")
		}, "sweep-cut-off", CheckParked},
		{"sweeps are retried", func(t *testing.T, r resources) {
			set(t, target(t, r)["RetryPolicy"].(object), "MaximumRetryAttempts", 3)
		}, "logging-stopped", CheckSafe},
		{"sweeps start late", func(t *testing.T, r resources) {
			set(t, target(t, r)["RetryPolicy"].(object), "MaximumEventAgeInSeconds", 61)
		}, "logging-stopped", CheckSafe},
		{"Scheduler's own retries", func(t *testing.T, r resources) {
			drop(t, target(t, r), "RetryPolicy")
		}, "logging-stopped", CheckSafe},
		{"guard not told how often it sweeps", func(t *testing.T, r resources) {
			r.dropEnv(t, "TRAILKEEPER_SWEEP_MINUTES")
		}, "event-lost", CheckAsOften},
		{"another interval than the guard's", func(t *testing.T, r resources) {
			set(t, r.get(t, "SweepSchedule"), "ScheduleExpression", "rate(5 hours)")
		}, "event-lost", CheckAsOften},
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
		}, "logging-stopped", CheckSafe},
		{"table's policy denies nobody", func(t *testing.T, r resources) {
			condition := deny(t, r)["Statement"].([]any)[0].(object)["Condition"].(object)["ArnNotEquals"].(object)
			set(t, condition, "aws:PrincipalArn", "*")
		}, "table-write", CheckTable},
		{"table's policy lets the account in", func(t *testing.T, r resources) {
			statement := deny(t, r)["Statement"].([]any)[0].(object)
			set(t, statement, "Condition", object{"ArnNotLike": object{"aws:PrincipalArn": "arn:aws:iam::111122223333:*"}})
		}, "table-write", CheckTable},
		{"table can be deleted", func(t *testing.T, r resources) {
			set(t, r.get(t, "StateTable"), "DeletionProtectionEnabled", false)
		}, "logging-stopped", CheckSafe},
		{"table without point-in-time recovery", func(t *testing.T, r resources) {
			drop(t, r.get(t, "StateTable"), "PointInTimeRecoverySpecification")
		}, "logging-stopped", CheckSafe},
		{"table keeps everything", func(t *testing.T, r resources) {
			set(t, r.get(t, "StateTable")["TimeToLiveSpecification"].(object), "Enabled", false)
		}, "logging-stopped", CheckSafe},
		{"table expires by another attribute", func(t *testing.T, r resources) {
			set(t, r.get(t, "StateTable")["TimeToLiveSpecification"].(object), "AttributeName", "ttl")
		}, "logging-stopped", CheckSafe},
	}
	for _, policy := range []string{"DeletionPolicy", "UpdateReplacePolicy"} {
		all = append(all, mutation{"table without " + policy, func(t *testing.T, r resources) {
			set(t, r[r.id(t, "StateTable")].(object), policy, "Delete")
		}, "logging-stopped", CheckSafe})
	}
	for _, write := range itemWrites {
		all = append(all, mutation{"table's policy without " + write, func(t *testing.T, r resources) {
			if !dropFrom(deny(t, r), "dynamodb:"+write) {
				t.Fatalf("the table's policy does not deny %s", write)
			}
		}, "logging-stopped", CheckSafe})
	}
	return append(all, mutation{"attacker may put items", func(t *testing.T, r resources) {
		dropFrom(deny(t, r), "dynamodb:PutItem")
	}, "table-write", CheckTable})
}

// rememberingMutations keep the guard from its table.
func rememberingMutations() []mutation {
	var all []mutation
	for _, action := range []string{"GetItem", "Query", "PutItem"} {
		all = append(all, mutation{"guard without " + action, func(t *testing.T, r resources) {
			if !dropFrom(r.get(t, "StateGrants")["PolicyDocument"].(object), "dynamodb:"+action) {
				t.Fatalf("the guard may not %s", action)
			}
		}, "baseline-recorded", CheckSweepTopic})
	}
	return append(all,
		mutation{"guard cannot keep versions", func(t *testing.T, r resources) {
			dropFrom(r.get(t, "StateGrants")["PolicyDocument"].(object), "dynamodb:PutItem")
		}, "baseline-recorded", CheckKept},
		mutation{"guard without its table", func(t *testing.T, r resources) {
			r.dropEnv(t, "TRAILKEEPER_TABLE")
		}, "baseline-recorded", CheckSweepTopic},
		mutation{"guard with another table", func(t *testing.T, r resources) {
			r.env(t, "TRAILKEEPER_TABLE", "another")
		}, "baseline-recorded", CheckSawAll},
	)
}

// sightMutations keep the sweep from reading the trails.
func sightMutations() []mutation {
	var all []mutation
	for _, call := range []string{
		"DescribeTrails", "GetTrailStatus", "GetEventSelectors", "GetEventConfiguration", "GetInsightSelectors", "ListTags",
	} {
		all = append(all, mutation{"sweep without " + call, func(t *testing.T, r resources) {
			r.dropAction(t, "GuardRole", "cloudtrail:"+call)
		}, "event-lost", CheckSawAll})
	}
	return all
}

// recreateMutations are of what only a deployment that puts trails back has.
func recreateMutations() []mutation {
	all := []mutation{
		{"guard records nothing", func(t *testing.T, r resources) {
			r.dropEnv(t, "TRAILKEEPER_RECORDED")
		}, "baseline-recorded", CheckSweepTopic},
		{"guard knows no recorded baseline", func(t *testing.T, r resources) {
			r.dropEnv(t, "TRAILKEEPER_RECORDED")
		}, "poisoned-baseline", CheckTruth},
		{"attacker forges the baseline", func(t *testing.T, r resources) {
			r.get(t, "StateTable")["ResourcePolicy"].(object)["PolicyDocument"].(object)["Statement"].([]any)[0].(object)["Effect"] = "Allow"
		}, "poisoned-baseline", CheckTable},
	}
	for call, scenario := range map[string]string{
		"DescribeTrails": "weakened-unseen",
		"UpdateTrail":    "two-sweeps",
		"CreateTrail":    "deleted-unseen",
		"StartLogging":   "deleted-unseen",
	} {
		all = append(all, mutation{"sweep cannot put back without " + call, func(t *testing.T, r resources) {
			r.dropAction(t, "GuardRole", "cloudtrail:"+call)
		}, scenario, CheckPutBack})
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
			}, "logging-stopped", CheckSafe})
		}
	}
	selector := func(t *testing.T, r resources) object { return r.get(t, trail)["EventSelectors"].([]any)[0].(object) }
	return append(all,
		mutation{trail + " off", func(t *testing.T, r resources) {
			set(t, r.get(t, trail), "IsLogging", false)
		}, "logging-stopped", CheckSafe},
		mutation{trail + " without digests", func(t *testing.T, r resources) {
			set(t, r.get(t, trail), "EnableLogFileValidation", false)
		}, "logging-stopped", CheckSafe},
		mutation{trail + " records reads", func(t *testing.T, r resources) {
			set(t, selector(t, r), "ReadWriteType", "ReadOnly")
			delete(r.get(t, trail), "InsightSelectors") // CloudTrail takes none without the events that they are about
		}, "logging-stopped", CheckSafe},
		mutation{trail + " records data events only", func(t *testing.T, r resources) {
			set(t, selector(t, r), "IncludeManagementEvents", false)
			selector(t, r)["DataResources"] = []any{object{"Type": "AWS::S3::Object", "Values": []any{"arn:aws:s3:::vault/"}}}
			delete(r.get(t, trail), "InsightSelectors")
		}, "logging-stopped", CheckSafe},
	)
}

// dropEnv takes a variable out of the guard's environment.
func (r resources) dropEnv(t *testing.T, name string) {
	t.Helper()
	drop(t, r.get(t, "GuardFunction")["Environment"].(object)["Variables"].(object), name)
}
