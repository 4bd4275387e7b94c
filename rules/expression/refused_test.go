package expression_test

import (
	"os"
	"strings"
	"testing"

	"trailkeeper/events"
	"trailkeeper/rules"
	"trailkeeper/rules/expression"
)

// TestWhatARefusalIs: of what AWS writes, a text or no errorCode at all, expressions, the guard and the patterns of
// EventBridge say the same. Of anything else, expressions differ as rules/README.md has it.
func TestWhatARefusalIs(t *testing.T) {
	const alike, differs = true, false
	attempt, _ := rules.FindEventRule(rules.RuleAttempt)
	program := compiled(t, language(t), "refused(record)", expression.Condition)
	for field, row := range map[string]struct{ refused, alike bool }{
		``:                                     {false, alike},
		`"errorCode":"AccessDenied",`:          {true, alike},
		`"errorCode":["AccessDenied"],`:        {true, alike},
		`"errorCode":" ",`:                     {true, alike},
		`"errorCode":1,`:                       {true, alike},
		`"errorCode":false,`:                   {true, alike},
		`"errorMessage":"x",`:                  {false, alike},
		`"ErrorCode":"AccessDenied",`:          {false, alike},
		`"errorCode":null,`:                    {false, differs},
		`"errorCode":"",`:                      {false, differs},
		`"errorCode":[],`:                      {true, differs},
		`"errorCode":[[]],`:                    {true, differs},
		`"errorCode":[null],`:                  {true, alike},
		`"errorCode":{},`:                      {true, differs},
		`"errorCode":{"code":"AccessDenied"},`: {true, differs},
	} {
		payload := `{"source":"aws.cloudtrail","detail-type":"AWS API Call via CloudTrail","detail":{` + field +
			`"eventName":"StopLogging","eventSource":"cloudtrail.amazonaws.com","eventType":"AwsApiCall"}}`
		event, err := events.Parse([]byte(payload))
		if err != nil {
			t.Fatal(err)
		}
		matched, err := attempt.Pattern.Match([]byte(payload))
		if err != nil {
			t.Fatal(err)
		}
		got, err := program.Match(parsed(t, payload))
		if want := row.refused == row.alike; got != row.refused || err != nil || event.Record.Refused() != want ||
			matched != want {
			t.Errorf("%q: the expression says %v (%v), the guard %v, the pattern %v; want %v, and of the others %v",
				field, got, err, event.Record.Refused(), matched, row.refused, want)
		}
	}
	readme, err := os.ReadFile("../README.md")
	if err != nil {
		t.Fatal(err)
	}
	const exact = "a null or empty one is none for `refused(record)`, and one for the guard and the patterns; an " +
		"object, or an array without a plain value, the other way round"
	if !strings.Contains(strings.Join(strings.Fields(string(readme)), " "), exact) {
		t.Errorf("rules/README.md does not say %q", exact)
	}
}
