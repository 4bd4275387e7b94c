package message

import (
	"fmt"

	"trailkeeper/lambda/internal/finding"
	"trailkeeper/lambda/internal/sanitize"
)

// IncidentLine says in a line which incident it is and how it stands: "inc-… · ×3 · needs a human, open since 2026-03-02 09:15:30 UTC".
func IncidentLine(i finding.Incident) string {
	line := sanitize.Bound(i.ID, maxCall)
	if i.Count > 1 {
		line += fmt.Sprintf(" · ×%d", i.Count)
	}
	return line + " · " + IncidentStanding(i)
}

// IncidentStanding is the state with its times: "open since …", "restored after 34 s, dark for 34 s", "contested since …, dark for 1 min 20 s".
func IncidentStanding(i finding.Incident) string {
	if i.Dark > 0 {
		return standing(i) + ", dark for " + finding.Duration(i.Dark)
	}
	return standing(i)
}

func standing(i finding.Incident) string {
	since := ""
	if !i.Opened.IsZero() {
		since = " since " + finding.Time(i.Opened)
	}
	began := i.Opened
	if !i.Since.IsZero() {
		began = i.Since
	}
	switch i.State {
	case finding.IncidentRestored:
		if i.Absent {
			return "closed, because there is no such trail"
		}
		if began.IsZero() || i.Closed.Before(began) {
			return "restored"
		}
		return "restored after " + finding.Duration(i.Closed.Sub(began))
	case finding.IncidentHuman:
		return "needs a human, open" + since
	case finding.IncidentContested:
		return "contested" + since
	}
	return "open" + since
}
