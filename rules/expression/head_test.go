package expression_test

import (
	"fmt"
	"testing"

	"trailkeeper/rules/expression"
)

// ofHeads are conditions, most of which a head decides.
var ofHeads = []string{
	`record.eventName == "StopLogging"`,
	`record.eventName != "StopLogging"`,
	`"StopLogging" == record.eventName`,
	`lower(record.eventName) == "stoplogging"`,
	`!(record.eventName in ["StopLogging", "DeleteTrail"])`,
	`record.eventName in ["StopLogging", record.eventSource]`,
	`record.eventName.matches("^(Stop|Delete)[A-Z]") && record.requestParameters.name == "a"`,
	`record.eventName.startsWith("Stop") || record.requestParameters.name > 3`,
	`record.requestParameters.name > 3 && record.eventName.endsWith("Logging")`,
	`record.eventSource.contains("cloudtrail") && !refused(record)`,
	`record.eventSource.glob("c*.amazonaws.com") && refused(record)`,
	`record.userIdentity.type == "Root"`,
	`record.userIdentity.type != "Root"`,
	`!(record.userIdentity.type == "Root" && record.requestParameters.name > 3)`,
	`has(record.errorCode)`,
	`!has(record.errorCode) && record.eventName == "StopLogging"`,
	`record.errorCode == ""`,
	`record.errorCode != "AccessDenied"`,
	`record.errorCode.startsWith("Access") || record.errorCode.endsWith("Operation")`,
	`record.errorCode in ["AccessDenied"]`,
	`record.eventName == "StopLogging" ? true : record.requestParameters.name > 3`,
	`record.requestParameters.name == "a"`,
	`record.readOnly == true && record.errorCode == null`,
}

// TestCanMatch: of a record whose head a condition cannot be true of, an evaluation says so, and nothing else.
func TestCanMatch(t *testing.T) {
	language := expression.New(nil, "trailkeeper", "")
	ruledOut := map[string]bool{}
	for _, source := range ofHeads {
		p, _, problems := language.Compile(source, expression.Condition)
		if len(problems) > 0 {
			t.Fatalf("%s: %v", source, problems)
		}
		for _, name := range []string{`"StopLogging"`, `"stoplogging"`, `"DescribeTrails"`, `""`, `null`, `7`} {
			for _, rest := range []string{
				`"eventSource":"cloudtrail.amazonaws.com","userIdentity":{"type":"Root"}`,
				`"eventSource":"ec2.amazonaws.com","userIdentity":{"type":"IAMUser"},"errorCode":"AccessDenied"`,
				`"eventSource":"ec2.amazonaws.com","userIdentity":{"type":null},"errorCode":null`,
				`"eventSource":"ec2.amazonaws.com","userIdentity":{"type":""},"errorCode":"Client.UnauthorizedOperation"`,
				`"eventSource":null,"userIdentity":null,"errorCode":""`,
				`"eventSource":[],"userIdentity":"Root"`,
			} {
				for _, own := range []string{`"a"`, `4`, `{}`} {
					text := fmt.Sprintf(`{"eventName":%s,%s,"requestParameters":{"name":%s}}`, name, rest, own)
					record, err := expression.ParseFields([]byte(text))
					if err != nil {
						t.Fatal(err)
					}
					head, known := record.Head()
					if !known || p.CanMatch(&head) {
						continue
					}
					ruledOut[source] = true
					if matches, err := p.Match(record); matches || err != nil {
						t.Errorf("%s of %s: %t, %v", source, text, matches, err)
					}
				}
			}
		}
	}
	for _, source := range ofHeads[:19] {
		if decided := source != ofHeads[5] && source != ofHeads[7] && source != ofHeads[13]; ruledOut[source] != decided {
			t.Errorf("%s: a head rules it out: %t", source, ruledOut[source])
		}
	}
}
