package finding

import "time"

// Dark is a time in which a trail recorded less than its baseline, as reading the trail has shown.
type Dark struct {
	From time.Time `json:"from"` // of the stop or change
	// Acted is when a write of ours was accepted that was to end it; zero: none was.
	Acted time.Time `json:"acted,omitzero"`
	To    time.Time `json:"to,omitzero"` // of the verified restore; zero: it lasts
}

// DarkSteps are the dark times at which a contested incident escalates: by what is lost, and not by how often somebody
// strikes. After the last it does so once for each further one of the same length.
func DarkSteps() []time.Duration {
	return []time.Duration{time.Minute, 5 * time.Minute, 15 * time.Minute, time.Hour}
}

// DarkStep is how many steps a dark time has passed.
func DarkStep(d time.Duration) int {
	steps := DarkSteps()
	last := steps[len(steps)-1]
	if d >= last {
		return len(steps) - 1 + int(d/last)
	}
	passed := 0
	for _, s := range steps {
		if d >= s {
			passed++
		}
	}
	return passed
}
