package repeat

import (
	"testing"

	"trailkeeper/lambda/internal/message/notes"
	"trailkeeper/lambda/internal/state/repeats"
)

// TestSummaryNamesWhatItIsOf, whatever stands for it in the key.
func TestSummaryNamesWhatItIsOf(t *testing.T) {
	for kind, want := range map[string]string{
		ofQuiet + "x":          "calls that are not known to have weakened anything",
		ofGone + "x":           "stops of trails that CloudTrail does not know",
		ofUnproven:             "messages out of the queues that are not known to be this deployment's own",
		ofTests:                "the test alerts",
		ofUnreadable:           "the payloads that cannot be read",
		ofRefused:              "several callers; more of them are not reported at once",
		ofForeign + "x":        "one caller",
		"inc-0011223344556677": "incident inc-0011223344556677",
	} {
		parts, last, ok := repeated(repeats.Repeat{Key: kind + " slack - unproven", Text: `{"event_id":"e9"}`})
		if said := notes.Word(of(parts[0], last)); !ok || said != "That was event e9 of "+want+"." {
			t.Errorf("%s is summed up as %q; want %q", kind, said, want)
		}
	}
	for _, r := range []repeats.Repeat{{Key: "inc- slack -", Text: "{}"}, {Key: "inc- slack - x", Text: "{"}} {
		if _, _, ok := repeated(r); ok {
			t.Errorf("%+v can be read", r)
		}
	}
}
