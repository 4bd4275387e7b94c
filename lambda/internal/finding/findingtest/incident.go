package findingtest

import (
	"fmt"
	"time"

	"trailkeeper/lambda/internal/finding"
)

// Named is one of Samples.
func Named(name string) finding.Finding {
	for _, s := range Samples() {
		if s.Name == name {
			return s.Notification
		}
	}
	panic("there is no sample " + name)
}

// InIncident is n as the last of count events of an incident that began with a StopLogging; headline puts it in words.
func InIncident(
	n finding.Finding, state finding.IncidentState, count int, headline func(finding.Finding) string,
) finding.Finding {
	at := At()
	i := finding.Incident{
		ID:     "inc-5f2c9e7a1b3d4860",
		State:  state,
		Opened: at,
		Count:  count,
		First: finding.EventSummary{
			EventID:   "7d3f1c1e-2f4b-4c2e-9d55-0f6f0f1f2a3b",
			EventName: "StopLogging",
			Time:      at,
			Actor:     "role Deployer, session alice, without MFA",
			SourceIP:  "203.0.113.7",
			Headline:  "CloudTrail logging was stopped on trail management-events; not restored yet, retrying",
		},
	}
	i.Last = i.First
	if count > 1 {
		n.EventID = fmt.Sprintf("%08d-2f4b-4c2e-9d55-0f6f0f1f2a3b", count)
		i.Last = finding.EventSummary{
			EventID:   n.EventID,
			EventName: n.EventName,
			Time:      at.Add(time.Duration(count) * time.Minute),
			Actor:     "user mallory",
			SourceIP:  "198.51.100.9",
			Headline:  headline(n),
		}
	}
	if state == finding.IncidentRestored {
		i.Closed = at.Add(5*time.Minute + 12*time.Second)
	}
	n.Incident = &i
	return n
}
