package sns

import (
	"encoding/json"
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"trailkeeper/lambda/internal/finding"
	"trailkeeper/lambda/internal/finding/findingtest"
	"trailkeeper/lambda/internal/goldentest"
	"trailkeeper/lambda/internal/message"
)

// TestWhereFieldsAreShown says of every field of a notification in which part of the publication it is.
func TestWhereFieldsAreShown(t *testing.T) {
	shown := findingtest.Shown(
		[]string{"document", "attributes", "email", "subject", "sms"},
		func(n finding.Finding) map[string]string {
			l := lengths{value: 500, prose: 1200, request: 4 << 10}
			doc, err := encode(document(n, l))
			if err != nil {
				t.Fatal(err)
			}
			return map[string]string{
				"document":   string(doc),
				"attributes": fmt.Sprint(values(n)),
				"email":      email(n, l),
				"subject":    subject(n),
				"sms":        sms(n),
			}
		},
	)
	goldentest.Compare(t, "testdata/fields.txt", shown, *update)
}

// values are the message attributes without their types.
func values(n finding.Finding) map[string]string {
	all := map[string]string{}
	for name, a := range attributes(n) {
		all[name] = *a.DataType + " " + *a.StringValue
	}
	return all
}

// TestAttributesOfFull: every attribute that there is; a filter policy must not find less, nor another field's value.
func TestAttributesOfFull(t *testing.T) {
	want := map[string]string{
		"severity":   "String critical",
		"event_name": "String StopLogging",
		"outcome":    "String partly_restored",
		"account":    "String 777788889999",
		"region":     "String ca-west-1",
		"trail":      "String trail-by-name",
		"state":      "String contested",
	}
	if diff := cmp.Diff(want, values(findingtest.Full())); diff != "" {
		t.Errorf("attributes (-want +got):\n%s", diff)
	}
	n := findingtest.Full()
	n.Severity = finding.SeverityLow
	want["severity"] = "String high" // of the incident, which it turns
	if diff := cmp.Diff(want, values(n)); diff != "" {
		t.Errorf("attributes of what turns an incident (-want +got):\n%s", diff)
	}
}

// TestProtocols: each protocol has the text that is meant for it, and programs all the same one.
func TestProtocols(t *testing.T) {
	n := findingtest.Full()
	text, err := publication(n)
	if err != nil {
		t.Fatal(err)
	}
	var got map[string]string
	if err := json.Unmarshal([]byte(text), &got); err != nil {
		t.Fatal(err)
	}
	l := lengths{value: 500, prose: 1200, request: 4 << 10}
	doc, err := encode(document(n, l))
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]string{"default": message.Headline(n), "email": email(n, l), "sms": sms(n)}
	for _, p := range []string{"http", "https", "sqs", "lambda", "email-json"} {
		want[p] = string(doc)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestDocumentHasEveryField, also of a notification that has none: programs do not look whether a field is there.
func TestDocumentHasEveryField(t *testing.T) {
	keys := func(n finding.Finding) (names []string, doc map[string]any) {
		if err := json.Unmarshal([]byte(delivered(t, n)), &doc); err != nil {
			t.Fatal(err)
		}
		for name := range doc {
			names = append(names, name)
		}
		slices.Sort(names)
		return names, doc
	}
	full, doc := keys(findingtest.Full())
	empty, _ := keys(finding.Finding{})
	if diff := cmp.Diff(full, empty); diff != "" {
		t.Errorf("fields of a full and of an empty document:\n%s", diff)
	}
	for name, value := range doc {
		if value == nil || value == "" {
			t.Errorf("%s of a full notification is empty", name)
		}
	}
}
