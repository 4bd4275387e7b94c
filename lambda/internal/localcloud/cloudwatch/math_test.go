package cloudwatch

import (
	"fmt"
	"testing"
)

func TestFormula(t *testing.T) {
	known := map[string]float64{"a": 6, "b": 2}
	for text, want := range map[string]string{
		"a - b":                           "4 true",
		"FILL(a, 0) - FILL(c, 1)":         "5 true",
		"(a+b)*2":                         "16 true",
		"a/b/3":                           "1 true",
		"a - c":                           "0 false",
		"a / (b - 2)":                     "0 false",
		"FILL(none, 1)":                   "0 false",
		"MAX([FILL(none, 0), 0 * a]) - b": "-2 true",
		"MAX([b, a, c])":                  "6 true",
		"MAX([c, none])":                  "0 false",
	} {
		f, err := parseFormula(text)
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		v, ok := f.value(sample{known, map[string]bool{"none": true}})
		if got := fmt.Sprint(v, ok); got != want {
			t.Errorf("%s is %s, want %s", text, got, want)
		}
	}
	for _, text := range []string{
		"", "a b", "ANOMALY_DETECTION_BAND(a)", "FILL(a, REPEAT)", "(a", "a -", "IF(a, b)",
		"MAX(a, b)", "MAX([a, b)", "MAX([a, b]", "MAX([a,])",
	} {
		if _, err := parseFormula(text); err == nil {
			t.Errorf("%q is taken", text)
		}
	}
}
