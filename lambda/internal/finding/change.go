package finding

import "time"

// Change is one field of the trail that is not as its baseline has it. Before, After and Sentence hold what callers of
// AWS wrote.
type Change struct {
	Field    string `json:"field"`
	Before   string `json:"before,omitempty"` // empty: none
	After    string `json:"after,omitempty"`
	Effect   Effect `json:"effect"`
	Sentence string `json:"sentence"`
	Done     Done   `json:"done,omitempty"`
	// Why says why it is not restored, or not verified. Reason is what a producer has worded itself; it comes before that.
	Why    []Note `json:"why,omitempty"`
	Reason string `json:"reason,omitempty"`
}

// Effect is what a change means for what is recorded. The values are part of the SNS JSON.
type Effect string

// The effects.
const (
	EffectWeakens       Effect = "weakens"
	EffectNewDependency Effect = "new_dependency"
	EffectNeutral       Effect = "neutral"
	EffectStrengthens   Effect = "strengthens"
)

// Worse reports whether it leaves the subject worse than its baseline.
func (e Effect) Worse() bool { return e == EffectWeakens || e == EffectNewDependency }

// Done says what became of a change. The values are part of the SNS JSON.
type Done string

// What becomes of a change.
const (
	DoneNothing     Done = ""             // nothing was to be done
	DoneRestored    Done = "restored"     // reading the trail again shows it as the baseline has it
	DoneNotRestored Done = "not_restored" // Why says why
	DoneAccepted    Done = "accepted"     // the restore is accepted, and nobody could read what came of it
)

// Baseline says which baseline a trail was compared with.
type Baseline struct {
	Kind       string    `json:"kind"` // "declared" or "recorded"
	CapturedAt time.Time `json:"captured_at"`
}
