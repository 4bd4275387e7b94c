package outcome

import (
	"strings"
	"testing"

	"trailkeeper/lambda/internal/finding"
	"trailkeeper/lambda/internal/message"
	"trailkeeper/lambda/internal/producertest"
	"trailkeeper/lambda/internal/remediate"
	"trailkeeper/lambda/internal/trail"
)

// TestWhatIsPutBackAsAWhole takes along what was added, and what is left alone is said to be: the message says so.
func TestWhatIsPutBackAsAWhole(t *testing.T) {
	blind, moved, extra := producertest.Blind, producertest.Moved, producertest.Extra
	added := trail.Change{
		Field:    trail.FieldSelectors,
		After:    "data events",
		Effect:   trail.Strengthens,
		Sentence: "Data events are recorded now.",
	}
	for _, c := range changes(
		remediate.Result{Before: []trail.Change{blind, added, extra}, Restored: []trail.Change{blind}},
	) {
		if want := map[string]finding.Done{
			"eventSelectors": finding.DoneRestored, "tags": finding.DoneNothing,
		}[c.Field]; c.Done != want {
			t.Errorf("%+v", c)
		}
	}
	lost := trail.Change{
		Field:    trail.FieldTags,
		Before:   "team=a",
		Effect:   trail.Weakens,
		Sentence: "The tag team is gone.",
	}
	for _, c := range changes(remediate.Result{Before: []trail.Change{lost, extra}, Restored: []trail.Change{lost}}) {
		if want := map[string]finding.Done{
			lost.Sentence: finding.DoneRestored, extra.Sentence: finding.DoneNothing,
		}[c.Sentence]; c.Done != want {
			t.Errorf("tags are restored one by one: %+v", c)
		}
	}
	kept := changes(
		remediate.Result{Before: []trail.Change{blind}, Restored: []trail.Change{blind}, Kept: []trail.Change{moved}},
	)
	if len(kept) != 2 || kept[1].Done != finding.DoneNothing || !strings.Contains(message.Why(kept[1]), "left alone") {
		t.Errorf("%+v", kept)
	}
}
