package attacks

import "slices"

// Answers are the declared part of the table, in the catalogue's order.
func Answers() []Answer {
	return slices.Concat(
		onTrails(), onLake(), onBucket(), onKeys(), onCloudWatch(),
		onEventBridge(), onFunction(), onChannels(), onIdentity(), onOrganization(), onDeployment(),
	)
}

// Who finds something, and who undoes it.
var (
	nobody   []Reporter
	byGuard  = []Reporter{Guard}
	byWarden = []Reporter{Warden}
	byEach   = []Reporter{Guard, Warden} // each on what is the other's
)

// everyCall plays every call of D to K that a rule of the deployment's protection is for, and everyEvidence every one that
// a rule on a trail's evidence is for: EventBridge alone tells of them.
const (
	everyCall     = "every-call"
	everyEvidence = "every-evidence-call"
)

// tested are the tests that play techniques which no scenario plays, or of which none shows that they are undone.
var tested = map[string]string{
	"A7":  "TestTechniques/A7",
	"A10": "TestTechniques/A10",
	"A15": "TestTechniques/A15",
	"A16": "TestTechniques/A16",
	"A18": "TestTechniques/A18",
	"A22": "TestParametersTooLarge",
}

// callsAlone are techniques of which the local run plays the calls alone, and why.
var callsAlone = map[string]string{
	"I4": "the deployment of the scenarios has no managed policy",
	"K2": "the loopback cloud does not update a stack",
}

// onTrails: each of these that the guard undoes is a test of its own besides (package techniques of simulate).
func onTrails() []Answer {
	played := func(names ...string) []string { return names }
	return []Answer{
		{"A1", byGuard, byGuard, "", played("logging-stopped", "event-lost")},
		{"A2", byGuard, byGuard, "A deleted trail is created again in mode `recreate` alone, with a declared baseline.", played("trail-recreated", "deleted-unseen")},
		{"A3", byGuard, byGuard, "", played("seven-fields-restored", "weakened-unseen")},
		{"A4", byGuard, byGuard, "", played("seven-fields-restored", "weakened-unseen")},
		{"A5", byGuard, byGuard, "", played("seven-fields-restored", "weakened-unseen")},
		{"A6", byGuard, byGuard, "", played("seven-fields-restored", "key-exchanged")},
		{"A7", byGuard, byGuard, "", nil},
		{"A8", byGuard, byGuard, "", played("seven-fields-restored", "fight-of-updates")},
		{"A9", byGuard, byGuard, "", played("seven-fields-restored", "weakened-unseen")},
		{"A10", byGuard, byGuard, "A delegated administrator can neither set nor remove an organization trail's flag.", nil},
		{"A11", byGuard, byGuard, "", played("selectors-restored", "fight-over-selectors")},
		{"A12", byGuard, byGuard, "", played("half-blind-restored")},
		{"A13", byGuard, byGuard, "", played("source-excluded-restored")},
		{"A14", byGuard, byGuard, "", played("source-excluded-restored")},
		{"A15", byGuard, byGuard, "", nil},
		{"A16", byGuard, byGuard, "", played("insights-off")},
		{"A17", byGuard, nobody, "", []string{everyEvidence}},
		{"A18", byGuard, byGuard, "", played("quiet-calls")},
		{"A19", byGuard, nobody, "A trail that no baseline knows is reported, and never deleted.", played("created-weaker")},
		{"A20", nobody, nobody, "", []string{everyEvidence}},
		{"A21", byGuard, byGuard, "", played("flood", "fight-of-stops", "stop-loop")},
		{"A22", byGuard, byGuard, "", nil},
		{"A23", nobody, nobody, "", []string{everyEvidence}},
	}
}

func onLake() []Answer {
	return []Answer{
		{"B1", nobody, nobody, "", []string{everyEvidence}},
		{"B2", nobody, nobody, "", []string{everyEvidence}},
		{"B3", nobody, nobody, "", []string{everyEvidence}},
		{"B4", nobody, nobody, "", []string{everyEvidence}},
		{"B5", nobody, nobody, "", []string{everyEvidence}},
		{"B6", nobody, nobody, "", []string{everyEvidence}},
		{"B7", nobody, nobody, "", []string{everyEvidence}},
	}
}

func onBucket() []Answer {
	return []Answer{
		{"C1", byGuard, nobody, "", []string{"bucket-lifecycle", "bucket-lifecycle-swept", everyEvidence}},
		{"C2", byGuard, nobody, "", []string{"delivery-broken", everyEvidence}},
		{"C3", byGuard, nobody, "", []string{"bucket-gone", "bucket-sniped", everyEvidence}},
		{"C4", nobody, nobody, "CloudTrail records calls on objects as data events, which reach EventBridge only where a trail logs them for the bucket.", []string{"digest-deleted", everyEvidence}},
		{"C5", nobody, nobody, "", []string{everyEvidence}},
		{"C6", nobody, nobody, "", []string{everyEvidence}},
		{"C7", nobody, nobody, "", []string{everyEvidence}},
		{"C8", nobody, nobody, "", []string{everyEvidence}},
		{"C9", nobody, nobody, "", []string{everyEvidence}},
	}
}

// enabledAgain is said of a key that the guard enables, or whose deletion it cancels.
const enabledAgain = "With `evidence.enableKeys` alone, on the key that the baseline names."

func onKeys() []Answer {
	return []Answer{
		{"D1", byGuard, byGuard, enabledAgain, []string{"key-disabled", everyEvidence}},
		{"D2", byGuard, byGuard, enabledAgain, []string{"key-doomed", everyEvidence}},
		{"D3", nobody, nobody, "", []string{everyEvidence}},
		{"D4", nobody, nobody, "", []string{everyEvidence}},
	}
}

func onCloudWatch() []Answer {
	played := func(names ...string) []string { return append(names, everyCall) }
	return []Answer{
		{"E1", nobody, nobody, "", []string{everyEvidence}},
		{"E2", nobody, nobody, "", []string{everyEvidence}},
		{"E3", nobody, nobody, "", []string{everyEvidence}},
		{"E4", nobody, nobody, "", []string{everyEvidence}},
		{"E5", byWarden, nobody, "", played("alarms-disabled")},
		{"E6", byEach, nobody, "", played("guard-deleted", "warden-attacked")},
		{"E7", nobody, nobody, "Nobody compares what the dashboard shows.", played()},
	}
}

func onEventBridge() []Answer {
	played := func(names ...string) []string { return append(names, everyCall) }
	return []Answer{
		{"F1", byWarden, byWarden, "", played("rules-attacked")},
		{"F2", byWarden, byWarden, "", played("rules-attacked")},
		{"F3", byWarden, byWarden, "", played("rules-attacked")},
		{"F4", byWarden, byWarden, "", played("rules-attacked")},
		{"F5", byWarden, byWarden, "", played("rules-attacked")},
		{"F6", byWarden, nobody, "A deauthorized connection cannot be authorized again without the secret: deploy again. Until " +
			"then Slack is silent, and the topic is not.", played("slack-repointed", "slack-deauthorized")},
		{"F7", nobody, nobody, "", played()},
	}
}

func onFunction() []Answer {
	played := func(names ...string) []string { return append(names, everyCall) }
	return []Answer{
		{"G1", byEach, nobody, "Neither function may write code, so nobody can do it with their roles: deploy again.", played("guard-replaced", "warden-attacked")},
		{"G2", byEach, nobody, "", played("guard-replaced", "warden-attacked")},
		{"G3", byEach, byEach, "", played("guard-starved", "warden-starved")},
		{"G4", byEach, nobody, "", played("guard-deleted", "warden-deleted", "both-gone")},
		{"G5", byWarden, byWarden, "", played("guard-starved")},
		{"G6", byEach, nobody, "", played("guard-starved", "warden-attacked")},
		{"G7", []Reporter{Alarm}, nobody, "CloudTrail records invocations as data events. Alarms watch what is throttled.", nil},
	}
}

func onChannels() []Answer {
	played := func(names ...string) []string { return append(names, everyCall) }
	return []Answer{
		{"H1", byWarden, nobody, "", played("topic-deleted")},
		{"H2", byWarden, nobody, "CloudTrail does not record the link in an e-mail, with which anybody unsubscribes who has the " +
			"message: the warden counts the subscriptions. Confirm them so that it takes credentials.", played("unsubscribed")},
		{"H3", byWarden, nobody, "", played("topic-closed")},
		{"H4", byWarden, byWarden, "Nothing in a queue is believed. Of a queue, its policy is repaired.", played("queue-opened", "queue-deleted")},
		{"H5", byWarden, nobody, "", played("slack-repointed", "parameter-deleted")},
		{"H6", byEach, byWarden, "The guard restores trails without the table. Of the table, its policy is repaired.", played("table-opened", "table-deleted")},
		{"H7", byWarden, nobody, "", played("own-key-disabled")},
		{"H8", []Reporter{Guard, Alarm}, nobody, "What Slack refuses is reported to the topic, kept, and " +
			"delivered later.", []string{"webhook-revoked", "channel-archived", "slack-not-ok"}},
	}
}

func onIdentity() []Answer {
	played := func(names ...string) []string { return append(names, everyCall) }
	return []Answer{
		{"I1", byEach, nobody, "", played("role-attacked", "warden-attacked")},
		{"I2", byEach, nobody, "", played("role-attacked", "warden-attacked")},
		{"I3", byEach, nobody, "", played("role-deleted", "warden-role-deleted")},
		{"I4", byEach, nobody, "", played()},
		{"I5", nobody, nobody, "", played()},
	}
}

func onOrganization() []Answer {
	played := []string{everyCall, everyEvidence}
	return []Answer{
		{"J1", nobody, nobody, "", played},
		{"J2", nobody, nobody, "", played},
		{"J3", nobody, nobody, "", played},
		{"J4", nobody, nobody, "", played},
	}
}

func onDeployment() []Answer {
	played := func(names ...string) []string { return append(names, everyCall) }
	return []Answer{
		{"K1", nobody, nobody, "DeleteStack takes rules, functions and topic away side by side: its report is a race. The " +
			"heartbeat outside is what remains.", played("stack-deleted")},
		{"K2", byEach, nobody, "", played()},
		{"K3", nobody, nobody, "", played("stack-deleted")},
		{"K4", nobody, nobody, "", played()},
		{"K5", byEach, byEach, "", played("guard-starved", "warden-starved")},
	}
}
