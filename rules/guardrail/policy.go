package guardrail

import (
	"encoding/json"
	"slices"
)

const version = "2012-10-17"

// Policy is a policy of AWS Organizations, of either kind (AWS Organizations User Guide, "SCP syntax", "RCP syntax").
type Policy struct {
	Version   string
	Statement []Statement
}

// Statement is one of them.
type Statement struct {
	Effect    string
	Principal string `json:",omitempty"` // "*" in an RCP; an SCP has none
	Action    Texts
	Resource  Texts
	Condition Conditions `json:",omitempty"`
}

// Conditions are operator, condition key and values.
type Conditions map[string]map[string]Texts

// Texts is an element of one text or several; one alone is written without brackets.
type Texts []string

// MarshalJSON writes it as short as it goes.
func (t Texts) MarshalJSON() ([]byte, error) {
	if len(t) == 1 {
		return json.Marshal(t[0])
	}
	return json.Marshal([]string(t))
}

// Text is the policy as AWS Organizations takes it: without a space or a line break, which would count.
func (p Policy) Text() string {
	text, _ := json.Marshal(p) // texts always encode
	return string(text)
}

// unique sorts texts and keeps each once.
func unique(all Texts) Texts {
	slices.Sort(all)
	return slices.Compact(all)
}
