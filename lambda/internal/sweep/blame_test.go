package sweep

import (
	"context"
	"testing"
	"time"

	"trailkeeper/events"
	"trailkeeper/lambda/internal/bearing"
	"trailkeeper/lambda/internal/finding"
	"trailkeeper/lambda/internal/incident"
	"trailkeeper/lambda/internal/sweep/look"
)

type openIncidents map[string]incident.Unsettled

func (o openIncidents) Open(context.Context) map[string]incident.Unsettled { return o }

func (o openIncidents) Heard(context.Context, string, string, string) bool { return false }

// TestBlame: that nothing records belongs to the trail that was found wrong last, of those here that may not record any
// more.
func TestBlame(t *testing.T) {
	at := time.Date(2026, 3, 2, 9, 15, 30, 0, time.UTC)
	trailOf := func(name, region string) events.Trail {
		return events.Trail{
			Partition: "aws",
			Region:    region,
			Account:   "111122223333",
			Name:      name,
		}
	}
	first, second, away := trailOf("first", "eu-west-1"), trailOf("second", "eu-west-1"), trailOf("away", "us-east-1")
	wrong := func(a finding.Aspect, noted time.Duration) incident.Unsettled {
		return incident.Unsettled{Aspects: []finding.Aspect{bearing.Delivery, a}, Noted: at.Add(noted)}
	}
	closed := wrong(bearing.Exists, time.Hour)
	closed.Closed = at
	for name, test := range map[string]struct {
		open openIncidents
		want string
	}{
		"none":   {openIncidents{}, ""},
		"one":    {openIncidents{first.ARN(): wrong(bearing.Exists, 0)}, "first"},
		"off":    {openIncidents{second.ARN(): wrong(bearing.Logging, 0)}, "second"},
		"weaker": {openIncidents{second.ARN(): wrong(bearing.Settings, 0)}, "second"},
		"the later second": {
			openIncidents{first.ARN(): wrong(bearing.Exists, 0), second.ARN(): wrong(bearing.Exists, 1)}, "second",
		},
		"the later first": {
			openIncidents{first.ARN(): wrong(bearing.Exists, 2), second.ARN(): wrong(bearing.Exists, 1)}, "first",
		},
		"only undelivering": {openIncidents{first.ARN(): wrong(bearing.Digests, 0)}, ""},
		"closed":            {openIncidents{first.ARN(): closed, second.ARN(): wrong(bearing.Exists, 0)}, "second"},
		"elsewhere":         {openIncidents{away.ARN(): wrong(bearing.Exists, 0)}, ""},
	} {
		r := &run{sweeper: &Sweeper{}}
		r.sweeper.Reports.Region, r.sweeper.Ends.Incidents = "eu-west-1", test.open
		for _, trail := range []events.Trail{first, second, away} {
			r.seen.Sights = append(r.seen.Sights, look.Sight{Trail: trail})
		}
		n := finding.Finding{Subject: finding.Subject{Region: "eu-west-1"}}
		if (overview{r}).blame(t.Context(), &n); n.Subject.Name != test.want || (n.Subject.ARN == "") != (test.want == "") {
			t.Errorf("%s: of %+v; want %q", name, n.Subject, test.want)
		}
	}
}
