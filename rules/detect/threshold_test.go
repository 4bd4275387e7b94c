package detect_test

import (
	"strings"
	"testing"
	"time"

	"trailkeeper/rules/count"
	"trailkeeper/rules/detect"
)

func TestCount(t *testing.T) {
	set, problems := detect.Load(detect.Options{}, folder(map[string]string{
		"a.yaml": `{id: a, title: t, severity: low, match: record.eventName == "X", threshold: {count: 3, within: 10m,
			by: [record.userIdentity.accountId, record.userIdentity.userName], distinct: record.sourceIPAddress}}`,
		"b.yaml": `{id: b, title: t, severity: low, match: record.eventName == "X", threshold: {count: 3, within: 1d,
			by: "record.eventName.contains(record.n)"}}`,
		"c.yaml": `{id: c, title: t, severity: low, match: record.eventName == "X"}`,
	}))
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	want := count.Limit{Count: 3, Within: 10 * time.Minute, Distinct: true}
	if got := set.Rules[0].Threshold.Limit(); got != want {
		t.Errorf("the limit is %+v, want %+v", got, want)
	}
	const head = `{"eventName": "X", "eventTime": "2026-01-01T00:00:00Z"`
	const whole = `, "eventID": "1", "sourceIPAddress": "i", "userIdentity": {"accountId": "1|", "userName": "u"}}`
	noID := record(t, head+`}`).String()
	for _, tt := range []struct {
		name, record   string
		rule           int
		key, id, value string
		err            string
	}{
		{"all of it", head + whole, 0, `1\||u`, "1", "i", ""},
		{"nothing of it", head + `}`, 0, `|`, noID, "", ""},
		{"no ID of a text", head + `, "eventID": null}`, 0, `|`, noID, "", ""},
		{"no time", `{"eventName": "X", "eventTime": "yesterday"}`, 0, "", "", "", `eventTime is "yesterday"`},
		{"a by that fails", head + `, "n": 1}`, 1, "", "", "", "threshold: by: "},
		{"no threshold", head + `}`, 2, "", "", "", "c has no threshold"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			key, e, err := set.Rules[tt.rule].Count(record(t, tt.record))
			if tt.err != "" {
				if err == nil || !strings.Contains(err.Error(), tt.err) {
					t.Errorf("error %v, want %q", err, tt.err)
				}
				return
			}
			if err != nil || key != tt.key || e.ID != tt.id || e.Value != tt.value {
				t.Errorf("key %q, event %+v, error %v", key, e, err)
			}
			if !e.Time.Equal(time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)) {
				t.Errorf("the time is %s", e.Time)
			}
		})
	}
}
