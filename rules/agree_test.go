package rules_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"trailkeeper/events"
	"trailkeeper/rules"
)

// The calls that the patterns take, from the gravest.
var (
	tampering = []string{"StopLogging", "DeleteTrail", "UpdateTrail", "PutEventSelectors", "PutInsightSelectors"}
	activity  = []string{"StartLogging", "CreateTrail", "AddTags", "RemoveTags"}
)

// oddly writes a field in one of the ways that a record could have it: not at all, as another type, in an array, twice,
// or with other capitals.
func oddly(random *rand.Rand, name string, right []string) string {
	text := func() string { return fmt.Sprintf("%q", right[random.IntN(len(right))]) }
	value := func() string {
		switch random.IntN(12) {
		case 0:
			return "null"
		case 1:
			return `""`
		case 2:
			return "1"
		case 3:
			return `{"a":` + text() + `}`
		case 4:
			return `[]`
		case 5:
			return `["x",` + text() + `]`
		case 6:
			return `[{"a":` + text() + `}]`
		case 7:
			return `[[` + text() + `,"x"],null]`
		case 8:
			return strings.ToLower(text())
		default:
			return text()
		}
	}
	key := func() string {
		if random.IntN(6) == 0 {
			return `"` + strings.ToUpper(name[:1]) + name[1:] + `":`
		}
		return `"` + name + `":`
	}
	switch random.IntN(8) {
	case 0:
		return ""
	case 1:
		return key() + value() + "," + key() + value() + ","
	default:
		return key() + value() + ","
	}
}

// TestPatternsAndRecordsAgree: whatever a record looks like, a rule for calls that succeeded, were refused or are
// quieter takes it if, and only if, the guard reads it as one. Otherwise EventBridge and the guard would tell two
// stories of one call.
func TestPatternsAndRecordsAgree(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2)) //nolint:gosec // a test that can be repeated
	met := map[string]int{}
	for range 5000 {
		record := "{" + oddly(
			random,
			"eventSource",
			[]string{"cloudtrail.amazonaws.com"},
		) + oddly(
			random,
			"eventName",
			append(slices.Clone(tampering), activity...),
		)
		if random.IntN(2) == 0 {
			record += oddly(random, "errorCode", []string{"AccessDenied", "x"})
		}
		issuer := ""
		if random.IntN(2) == 0 {
			issuer = `"sessionContext":{"sessionIssuer":{` + strings.TrimSuffix(
				oddly(random, "arn", []string{rules.GuardRole, "arn:aws:iam::1:role/a"}),
				",",
			) + `}},`
		}
		record += `"userIdentity":{` + issuer + strings.TrimSuffix(
			oddly(random, "arn", []string{"arn:aws:iam::1:user/a", `a\"`, `a\\\\`, "a<b", "a`b"}),
			",",
		) + "}}"
		record = strings.ReplaceAll(record, ",}", "}")
		payload := []byte(`{"source":"aws.cloudtrail","detail-type":"AWS API Call via CloudTrail","detail":` + record + `}`)
		taken := map[string]bool{}
		for _, r := range rules.EventRules() {
			ok, err := r.Pattern.Match(payload)
			if err != nil {
				t.Fatalf("%s: %v", payload, err)
			}
			switch {
			case !ok:
			case r.Name == rules.RuleActivity:
				taken["activity"] = true
			case r.SuccessOnly:
				taken["success"] = true
			default:
				taken["refused"] = true
			}
		}
		story := read(payload)
		// One field with the names of two calls is both, and the guard reads the graver.
		if story != "" && !taken[story] || story == "" && len(taken) > 0 || taken["success"] && taken["refused"] {
			t.Fatalf("%s: the rules take it as %v, the guard as %q", payload, taken, story)
		}
		met[story]++
	}
	for _, story := range []string{"success", "refused", "activity", ""} {
		if met[story] < 80 {
			t.Errorf("only %d records are %q", met[story], story)
		}
	}
}

// read says what the guard takes a payload for.
func read(payload []byte) string {
	ev, err := events.Parse(payload)
	switch r := ev.Record; {
	case err != nil || r.EventSource != "cloudtrail.amazonaws.com":
		return ""
	case slices.Contains(activity, r.EventName):
		return "activity"
	case !slices.Contains(tampering, r.EventName):
		return ""
	case r.Refused():
		return "refused"
	default:
		return "success"
	}
}
