package guardrail_test

import (
	"reflect"
	"testing"

	"trailkeeper/rules/guardrail"
)

// TestClean: what settings hold besides names is left out, in the order of the rest, and the given lists stay as they
// are.
func TestClean(t *testing.T) {
	const (
		key   = "arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"
		alias = "arn:aws:kms:eu-west-1:111122223333:alias/logs"
		topic = "arn:aws:sns:eu-west-1:111122223333:alerts"
		queue = "arn:aws:sqs:eu-west-1:111122223333:failures"
		role  = "arn:aws:iam::111122223333:role/deploy"
	)
	keys := []string{"", "create", alias, key, key + "0"}
	given := guardrail.Deployment{
		Stack:       "trailkeeper",
		Bus:         "default",
		DeployRoles: []string{"", role},
		TopicNames:  []string{""},
		Topics:      []string{"", "queue", topic, topic + ".fifo", queue},
		Queues:      []string{"", queue},
		Keys:        keys,
		LogGroups:   []string{"", "CloudTrail/logs"},
		Trails:      []guardrail.Trail{{Bucket: "a", Key: key}, {Bucket: "b", Key: alias}, {Bucket: "c"}},
	}
	want := guardrail.Deployment{
		Stack:       "trailkeeper",
		DeployRoles: []string{role},
		Topics:      []string{topic},
		Queues:      []string{queue},
		Keys:        []string{key, key + "0"},
		LogGroups:   []string{"CloudTrail/logs"},
		Trails:      []guardrail.Trail{{Bucket: "a", Key: key}, {Bucket: "b"}, {Bucket: "c"}},
	}
	if got := given.Clean(); !reflect.DeepEqual(got, want) {
		t.Errorf("clean:\n%+v; want\n%+v", got, want)
	}
	if keys[0] != "" || given.Trails[1].Key != alias {
		t.Error("cleaning changes the lists that were given")
	}
	if got := (guardrail.Deployment{Bus: "Default"}).Clean().Bus; got != "Default" {
		t.Errorf("the bus Default is %q", got)
	}
}
