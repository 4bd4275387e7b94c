package evidence

import (
	"encoding/xml"
	"testing"

	"trailkeeper/lambda/config/baseline"
)

// TestSoonest: when a lifecycle as S3 answers it deletes what begins with a prefix, of each kind.
func TestSoonest(t *testing.T) {
	of := func(status, prefix, what string) string {
		return "<Rule><Status>" + status + "</Status><Filter><Prefix>" + prefix + "</Prefix></Filter>" + what + "</Rule>"
	}
	const (
		on    = "Enabled"
		day   = "<Expiration><Days>1</Days></Expiration>"
		year  = "<Expiration><Days>365</Days></Expiration>"
		date  = "<Expiration><Date>2026-01-01T00:00:00Z</Date></Expiration>"
		older = "<NoncurrentVersionExpiration><NoncurrentDays>30</NoncurrentDays></NoncurrentVersionExpiration>"
		mark  = "<Expiration><ExpiredObjectDeleteMarker>true</ExpiredObjectDeleteMarker></Expiration>"
	)
	for name, test := range map[string]struct {
		rules               string
		current, noncurrent days
	}{
		"none":               {"", days{}, days{}},
		"a day":              {of(on, "", day), days{1, true}, days{}},
		"disabled":           {of("Disabled", "", day), days{}, days{}},
		"older versions":     {of(on, "", older), days{}, days{30, true}},
		"both in one":        {of(on, "", year+older), days{365, true}, days{30, true}},
		"the sooner of two":  {of(on, "", year) + of(on, "", day), days{1, true}, days{}},
		"in any order":       {of(on, "", day) + of(on, "", year), days{1, true}, days{}},
		"a date":             {of(on, "", date), days{0, true}, days{}},
		"a date and a year":  {of(on, "", year) + of(on, "", date), days{0, true}, days{}},
		"delete markers":     {of(on, "", mark), days{}, days{}},
		"above it":           {of(on, "p/", day), days{1, true}, days{}},
		"below it":           {of(on, "p/AWSLogs/1/", day), days{1, true}, days{}},
		"beside it":          {of(on, "p/Other/", day), days{}, days{}},
		"with further terms": {"<Rule><Status>Enabled</Status><Filter><And><Prefix>p/</Prefix></And></Filter>" + day + "</Rule>", days{1, true}, days{}},
		"beside, in terms":   {"<Rule><Status>Enabled</Status><Filter><And><Prefix>q/</Prefix></And></Filter>" + day + "</Rule>", days{}, days{}},
		"of the old form":    {"<Rule><Status>Enabled</Status><Prefix>q/</Prefix>" + day + "</Rule>", days{}, days{}},
		"no number of days":  {of(on, "", "<Expiration><Days>-1</Days></Expiration>"), days{}, days{}},
	} {
		var l struct {
			Rule []rule `xml:"Rule"`
		}
		if err := xml.Unmarshal([]byte("<LifecycleConfiguration>"+test.rules+"</LifecycleConfiguration>"), &l); err != nil {
			t.Fatal(err)
		}
		if got := soonest(l.Rule, "p/AWSLogs/"); got != (expiry{test.current, test.noncurrent}) {
			t.Errorf("%s: %+v; want %+v %+v", name, got, test.current, test.noncurrent)
		}
	}
}

// TestAfter: a number of days reads as it is said.
func TestAfter(t *testing.T) {
	for n, want := range map[int]string{0: "never", 1: "after a day", 2: "after 2 days"} {
		if got := after(n); got != want {
			t.Errorf("%d: %q; want %q", n, got, want)
		}
	}
}

// TestCompareLifecycle: each number of days is compared with its own; neither hides the other.
func TestCompareLifecycle(t *testing.T) {
	l := func(current, noncurrent int) baseline.Lifecycle {
		return baseline.Lifecycle{ExpirationDays: current, NoncurrentDays: noncurrent}
	}
	for name, test := range map[string]struct {
		want, is baseline.Lifecycle
		fields   []string
		soon     bool
	}{
		"never":                     {l(0, 0), l(0, 0), nil, false},
		"the same":                  {l(400, 30), l(400, 30), nil, false},
		"later":                     {l(400, 30), l(401, 31), nil, false},
		"never any more":            {l(400, 30), l(0, 0), nil, false},
		"sooner":                    {l(400, 30), l(365, 30), []string{"lifecycle"}, false},
		"current behind noncurrent": {l(400, 30), l(31, 30), []string{"lifecycle"}, true},
		"noncurrent alone":          {l(400, 300), l(400, 200), []string{"noncurrent"}, false},
		"noncurrent, soon":          {l(400, 0), l(400, 1), []string{"noncurrent"}, true},
		"both":                      {l(400, 300), l(100, 100), []string{"lifecycle", "noncurrent"}, false},
		"just long enough":          {l(400, 0), l(kept, 0), []string{"lifecycle"}, false},
		"just too short":            {l(400, 0), l(kept-1, 0), []string{"lifecycle"}, true},
	} {
		changes, soon := compareLifecycle(test.want, test.is)
		if soon != test.soon || len(changes) != len(test.fields) {
			t.Errorf("%s: %+v %v", name, changes, soon)
			continue
		}
		for i, c := range changes {
			if c.Field != test.fields[i] || c.Sentence == "" || c.Before == c.After {
				t.Errorf("%s: %+v; want %s", name, c, test.fields[i])
			}
		}
	}
}
