package objects

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestAsked(t *testing.T) {
	want := Asked{[]Object{{Bucket: "logs", Key: "AWSLogs/a b+é.gz"}, {Bucket: "logs", Key: `"`}}}
	got, is, err := ReadAsked(want.Payload())
	if diff := cmp.Diff(want, got); diff != "" || !is || err != nil {
		t.Errorf("%t, %v (-want +got)\n%s", is, err, diff)
	}
	most := Asked{slices.Repeat(want.Objects[:1], 100)}
	if got, is, err := ReadAsked(most.Payload()); !cmp.Equal(most, got) || !is || err != nil {
		t.Errorf("of 100 objects: %d, %t, %v", len(got.Objects), is, err)
	}
	for _, other := range []string{
		"", "[]", `{"source":"aws.s3","detail-type":"Trailkeeper Catch-Up"}`,
		`{"source":"trailkeeper","detail-type":"Trailkeeper Redrive"}`,
	} {
		if _, is, err := ReadAsked([]byte(other)); is || err != nil {
			t.Errorf("%s: %t, %v", other, is, err)
		}
	}
	for wrong, of := range map[string]Asked{
		"it asks for 0 objects; want 1 to 100":   {},
		"it asks for 101 objects; want 1 to 100": {make([]Object, 101)},
		"is no bucket's name":                    {[]Object{{Bucket: "a/b", Key: "k"}}},
		"is no key":                              {[]Object{{Bucket: "logs", Key: strings.Repeat("k", 1025)}}},
	} {
		if _, is, err := ReadAsked(of.Payload()); !is || err == nil || !strings.Contains(err.Error(), wrong) {
			t.Errorf("%t, %v; want %s", is, err, wrong)
		}
	}
}

// FuzzReadAsked: what is read is within its bounds, and is written as it is read.
func FuzzReadAsked(f *testing.F) {
	f.Add(Asked{[]Object{{Bucket: "logs", Key: "k"}}}.Payload())
	f.Add([]byte(`{"source":"trailkeeper","detail-type":"Trailkeeper Catch-Up","detail":{"objects":[{}]}}`))
	f.Fuzz(func(t *testing.T, payload []byte) {
		a, is, err := ReadAsked(payload)
		if !is || err != nil {
			return
		}
		again, _, err := ReadAsked(a.Payload())
		if len(a.Objects) == 0 || len(a.Objects) > MaxAsked || err != nil || !cmp.Equal(a, again) ||
			!bytes.Equal(a.Payload(), again.Payload()) {
			t.Errorf("%+v, %+v, %v", a, again, err)
		}
	})
}
