package read

import (
	"errors"
	"slices"
	"strings"
	"testing"
)

func TestLog(t *testing.T) {
	insight := `{"eventType":"AwsCloudTrailInsight","insightDetails":{"eventName":"A","eventSource":"s"}}`
	second := `{"Records":[` + callA + `,` + callB + `]}`
	for _, tt := range []struct {
		name    string
		log     Log
		text    string
		records int
		bytes   int
		errs    []string
	}{
		{"all of it", Log{Name: "f"}, second, 2, len(second), nil},
		{"exactly as long", Log{Max: int64(len(second))}, second, 2, len(second), nil},
		{"longer by a byte", Log{Max: int64(len(second)) - 1}, second, 2, len(second) - 1, []string{
			"the most that is read of one file",
		}},
		{"cut in the second record", Log{Max: int64(len(second)) - 20}, second, 1, len(second) - 20, []string{
			"the most that is read of one file",
		}},
		{"Insights", Log{Insights: true}, `{"Records":[` + insight + `,` + insight + `]}`, 2, 15 + 2*len(insight), nil},
		{"no Insights", Log{}, `{"Records":[` + insight + `,` + insight + `]}`, 0, 15 + 2*len(insight), []string{
			"CloudTrail Insights",
		}},
		{"none", Log{}, `{"Records":[]}`, 0, 14, []string{"Records is an empty list"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			records, length := 0, 0
			var errs []string
			tt.log.Read = func(n int) { length += n }
			for r, err := range tt.log.All(strings.NewReader(tt.text)) {
				if r.File != tt.log.Name {
					t.Errorf("the file is %q", r.File)
				}
				if err == nil {
					records++
				} else {
					errs = append(errs, err.Error())
				}
			}
			same := slices.EqualFunc(errs, tt.errs, strings.Contains)
			if records != tt.records || length != tt.bytes || !same {
				t.Errorf("%d records of %d bytes, errors %q; want %d of %d, %q",
					records, length, errs, tt.records, tt.bytes, tt.errs)
			}
		})
	}
	for _, err := range All(strings.NewReader(`{"Records":[]}`)) {
		if empty, ok := errors.AsType[EmptyError](err); !ok || empty.List != "Records" {
			t.Errorf("%v is no EmptyError of Records", err)
		}
	}
}
