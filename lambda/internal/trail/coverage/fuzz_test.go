package coverage

import (
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"trailkeeper/lambda/config/baseline"
)

// FuzzMissing makes trails of any text: each line of the input is an operator, a field and values. Whatever they say,
// comparing them ends soon, a trail misses nothing of itself, and what is said is bounded.
func FuzzMissing(f *testing.F) {
	f.Add(
		"n eventCategory Management\n",
		"n eventCategory Management\nN eventSource kms.amazonaws.com rdsdata.amazonaws.com\n",
	)
	f.Add(
		"m ReadOnly kms.amazonaws.com\nd AWS::S3::Object arn:aws:s3:::a/ arn:aws:s3:::b/\n",
		"m All\nd AWS::S3::Object arn:aws:s3\n",
	)
	f.Add(
		"n eventCategory Data\n= resources.type AWS::S3::Object\n^ resources.ARN arn:aws:s3:::\n$ eventName x\n! eventName "+
			"y\n? eventName z\n",
		"",
	)
	f.Add("= readOnly true\n= readOnly false\nn eventCategory\n", "^ readOnly t\n$ eventCategory \x00\u202e")
	f.Fuzz(func(t *testing.T, first, second string) {
		a, b := parseState(first), parseState(second)
		begin := time.Now()
		said := slices.Concat(missing(a, b), missing(b, a), []string{Records(a), Records(b)})
		if took := time.Since(begin); took > 2*time.Second {
			t.Errorf("took %v", took)
		}
		if len(said) > 2*(13+len(groups))+2 {
			t.Errorf("%d phrases", len(said))
		}
		for _, p := range said {
			if n := utf8.RuneCountInString(p); n == 0 || n > 4*(maxPhrase+3)+20 || strings.ContainsAny(p, "\x00\n\x1b\u202e") {
				t.Errorf("phrase of %d runes: %q", n, p)
			}
		}
		for _, s := range []baseline.State{a, b} {
			if got := missing(s, s); got != nil {
				t.Errorf("missing(s, s) = %q", got)
			}
			reversed := s
			reversed.Selectors, reversed.Advanced = slices.Clone(s.Selectors), slices.Clone(s.Advanced)
			slices.Reverse(reversed.Selectors)
			slices.Reverse(reversed.Advanced)
			if got := missing(s, reversed); got != nil {
				t.Errorf("missing(s, reversed) = %q of %+v", got, s)
			}
		}
	})
}

// parseState reads the selectors of the fuzz test.
func parseState(text string) baseline.State {
	s := baseline.State{ARN: arn}
	for line := range strings.Lines(text) {
		words := strings.Fields(line)
		if len(words) == 0 {
			continue
		}
		words = append(words, "")
		field, values := words[1], words[min(2, len(words)-1):len(words)-1]
		switch words[0] {
		case "m":
			s.Selectors = append(s.Selectors, baseline.Selector{ReadWrite: field, Management: true, ExcludeSources: values})
		case "d":
			if len(s.Selectors) == 0 {
				s.Selectors = []baseline.Selector{{}}
			}
			last := &s.Selectors[len(s.Selectors)-1]
			last.DataResources = append(last.DataResources, baseline.DataResource{Type: field, Values: values})
		case "n":
			s.Advanced = append(s.Advanced, baseline.AdvancedSelector{Fields: []baseline.FieldSelector{eq(field, values...)}})
		default:
			if len(s.Advanced) > 0 {
				last := &s.Advanced[len(s.Advanced)-1]
				last.Fields = append(last.Fields, fieldSelector(words[0], field, values))
			}
		}
	}
	return s
}

func fieldSelector(operator, field string, values []string) baseline.FieldSelector {
	f := baseline.FieldSelector{Field: field}
	switch operator {
	case "^":
		f.StartsWith = values
	case "$":
		f.EndsWith = values
	case "!":
		f.NotStartsWith = values
	case "?":
		f.NotEndsWith = values
	case "N":
		f.NotEquals = values
	case "*":
		f.StartsWith, f.EndsWith, f.NotEquals = values, values, values
	default:
		f.Equals = values
	}
	return f
}
