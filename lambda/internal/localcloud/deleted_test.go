package localcloud

import (
	"context"
	"errors"
	"strings"
	"testing"

	"trailkeeper/lambda/internal/localcloud/kernel"
)

// What was deleted serves nobody any more: neither a trail, nor a function, an alarm or a queue.
func TestWhatWasDeletedServesNobody(t *testing.T) {
	const failures = `"Failures00000001": {"Type": "AWS::SQS::Queue"}`
	withKey := []string{
		failures, `"Failures00000001": {"Type": "AWS::SQS::Queue", "Properties": {"KmsMasterKeyId": "alias/app"}}`,
	}
	for name, tt := range map[string]struct {
		gone  string // a logical ID
		edits []string
		// want is what the entries of a kind must say in Err; empty: nothing.
		kind Kind
		want string
	}{
		"nothing":               {"", nil, KindSNS, ""},
		"the alarm's topic":     {"Topic", nil, KindSNS, "NotFound"},
		"the topic's key":       {"Key", nil, KindSNS, "AccessDenied"},
		"the function's role":   {"GuardRole", nil, KindInvoked, "cannot be assumed by Lambda"},
		"the queue of failures": {"Failures", nil, KindLost, "the on-failure destination is no queue"},
		"no key of that queue":  {"", withKey, KindParked, "no luck"},
		"the key of that queue": {"Key", withKey, KindLost, kernel.KeyNotFound},
		"the grant for that key": {
			"", append(withKey, `"kms:GenerateDataKey*"`, `"kms:Describe*"`), KindLost,
			kernel.KeyDenied,
		},
		"another queue, unconcerned": {"Copies", nil, KindParked, "no luck"},
	} {
		t.Run(name, func(t *testing.T) {
			c := newCloud(t, func(context.Context, FunctionEnv, []byte) error { return errors.New("no luck") },
				edit(t, tt.edits...))
			addTrail(t, c, TrailSeed{ARN: mainTrail, Logging: true})
			if tt.gone != "" {
				c.Delete(c.ARNOf(tt.gone))
			}
			if err := stopMain(t, c); err != nil {
				t.Fatal(err)
			}
			run(t, c)
			entries := of(c, tt.kind)
			if len(entries) == 0 {
				t.Fatalf("no entry of the kind %s", tt.kind)
			}
			for _, e := range entries {
				concerned := tt.kind != KindLost && tt.kind != KindParked || e.EventID == "" // of the function, not of a rule
				if concerned && (!strings.Contains(e.Err, tt.want) || (e.Err == "") != (tt.want == "")) {
					t.Errorf("%+v; want %q", e, tt.want)
				}
			}
		})
	}
}
