package evidence

import (
	"slices"
	"strings"
	"testing"

	"trailkeeper/lambda/config/baseline"
	"trailkeeper/lambda/internal/finding"
)

// TestCompare: only what is worse than the baseline is a change, and only of what it says and what could be read.
func TestCompare(t *testing.T) {
	a, b := strings.Repeat("a", 64), strings.Repeat("b", 64)
	fields := func(all []finding.Change) (names []string) {
		for _, c := range all {
			names = append(names, c.Field)
		}
		return names
	}
	for name, test := range map[string]struct {
		want baseline.Bucket
		is   Bucket
		says []string
	}{
		"nothing asked":           {baseline.Bucket{}, Bucket{Versioning: "Off", PolicySHA256: a}, nil},
		"versioning":              {baseline.Bucket{Versioning: "Enabled"}, Bucket{Versioning: "Enabled"}, nil},
		"suspended":               {baseline.Bucket{Versioning: "Enabled"}, Bucket{Versioning: "Suspended"}, []string{"versioning"}},
		"never on":                {baseline.Bucket{Versioning: "Enabled"}, Bucket{Versioning: "Off"}, []string{"versioning"}},
		"better than suspended":   {baseline.Bucket{Versioning: "Suspended"}, Bucket{Versioning: "Enabled"}, nil},
		"as good as suspended":    {baseline.Bucket{Versioning: "Suspended"}, Bucket{Versioning: "Off"}, nil},
		"versioning not readable": {baseline.Bucket{Versioning: "Enabled"}, Bucket{Unseen: map[Part]string{PartVersioning: "x"}}, nil},
		"policy":                  {baseline.Bucket{PolicySHA256: a}, Bucket{PolicySHA256: b}, []string{"policy"}},
		"policy not readable":     {baseline.Bucket{PolicySHA256: a}, Bucket{Unseen: map[Part]string{PartPolicy: "x"}}, nil},
		"lifecycle not readable":  {baseline.Bucket{Lifecycle: &baseline.Lifecycle{}}, Bucket{Unseen: map[Part]string{PartLifecycle: "x"}, rules: deletesAll(1)}, nil},
		"lifecycle not asked":     {baseline.Bucket{}, Bucket{rules: deletesAll(1)}, nil},
		"lifecycle":               {baseline.Bucket{Lifecycle: &baseline.Lifecycle{}}, Bucket{rules: deletesAll(0)}, []string{"lifecycle"}},
		"gone":                    {baseline.Bucket{PolicySHA256: a}, Bucket{Gone: true}, []string{"exists"}},
		"another's":               {baseline.Bucket{PolicySHA256: a}, Bucket{Foreign: true}, []string{"owner"}},
	} {
		if got, _ := compareBucket(test.want, test.is, baseline.State{}); !slices.Equal(fields(got), test.says) {
			t.Errorf("bucket, %s: %+v; want %v", name, got, test.says)
		}
	}
	for name, test := range map[string]struct {
		want     baseline.Key
		is       Key
		says     []string
		severity finding.Severity
	}{
		"enabled":             {baseline.Key{Enabled: true}, Key{State: "Enabled"}, nil, finding.SeverityHigh},
		"disabled":            {baseline.Key{Enabled: true}, Key{State: "Disabled"}, []string{"enabled"}, finding.SeverityCritical},
		"no store":            {baseline.Key{Enabled: true}, Key{State: "Unavailable"}, []string{"enabled"}, finding.SeverityCritical},
		"meant to be off":     {baseline.Key{}, Key{State: "Disabled"}, nil, finding.SeverityHigh},
		"not readable":        {baseline.Key{Enabled: true, PolicySHA256: a}, Key{}, nil, finding.SeverityHigh},
		"policy":              {baseline.Key{PolicySHA256: a}, Key{State: "Enabled", PolicySHA256: b}, []string{"policy"}, finding.SeverityHigh},
		"policy not asked":    {baseline.Key{}, Key{State: "Enabled", PolicySHA256: b}, nil, finding.SeverityHigh},
		"policy not readable": {baseline.Key{PolicySHA256: a}, Key{State: "Enabled"}, nil, finding.SeverityHigh},
		"gone":                {baseline.Key{}, Key{Gone: true}, []string{"exists"}, finding.SeverityCritical},
	} {
		if got, severity := compareKey(test.want, test.is); !slices.Equal(fields(got), test.says) || severity != test.severity {
			t.Errorf("key, %s: %+v %s; want %v %s", name, got, severity, test.says, test.severity)
		}
	}
}

// deletesAll is a lifecycle that deletes everything after some days.
func deletesAll(n float64) []rule {
	r := rule{Status: "Enabled"}
	r.Expiration.Days = &n
	return []rule{r}
}
