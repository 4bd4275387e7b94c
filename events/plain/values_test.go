package plain_test

import (
	"strings"
	"testing"

	"trailkeeper/events/plain"
)

func TestHasTooMany(t *testing.T) {
	list := func(value string, n int) string { return "[" + strings.Repeat(value+",", n-1) + value + "]" }
	for name, tt := range map[string]struct {
		text string
		want bool
	}{
		"as many numbers":      {list("0", plain.MaxValues-2), false}, // and the list
		"more numbers":         {list("0", plain.MaxValues+2), true},
		"empty objects":        {list("{}", plain.MaxValues), true},
		"members":              {`{"x":` + list(`{"a":0}`, plain.MaxValues/2+2) + "}", true},
		"commas in a text":     {`{"x":"` + strings.Repeat(`,[{`, plain.MaxValues) + `"}`, false},
		"quotes in a text":     {`{"x":"` + strings.Repeat(`\",\\`, plain.MaxValues) + `"}`, false},
		"a text without end":   {`["` + strings.Repeat(`,`, 3*plain.MaxValues), false},
		"an escape at the end": {`["` + strings.Repeat(`,`, 3*plain.MaxValues) + `\`, false},
		"values behind a text": {`["\"",` + list("0", plain.MaxValues+2) + "]", true},
		"a 1 MB event":         {`{"items":` + list(`{"cidrIp":"10.0.0.1/32"}`, 1<<20/25) + "}", false},
		"1 MB of short values": {`{"items":` + list(`{"fromPort":1}`, 1<<20/15) + "}", false},
	} {
		if got := plain.HasTooMany([]byte(tt.text)); got != tt.want {
			t.Errorf("%s: %t", name, got)
		}
	}
}
