package structure

import (
	"slices"
	"strings"
	"testing"
)

func TestSecretsAreMadeUp(t *testing.T) {
	const secret = "arn:aws:secretsmanager:us-east-1:999988887777:secret:x-AbCdEf"
	template := []byte(
		`{"Resources":{"F":{"Properties":{"Environment":{"Variables":{
			"TRAILKEEPER_SLACK_SECRET":"a/b",
			"TRAILKEEPER_STACK":"app"
		}}}},
		"D":{"E":"{{resolve:secretsmanager:` + secret + `:SecretString:pager::v1}}"},
		"T":{"A":["arn:aws:sns:us-east-1:999988887777:t"]}}}`,
	)
	got := Secrets(template)
	if len(got) != 2 || !strings.Contains(got["a/b"], "bot_token") ||
		!strings.Contains(got["arn:aws:secretsmanager:us-east-1:999988887777:secret:x-AbCdEf"], `"pager"`) {
		t.Errorf("got %v", got)
	}
	for text, want := range map[string][3]string{
		string(template): {"999988887777", "us-east-1", "app"},
		`{}`:             {},
		`{"S":{"Action":"s3:GetObject","Condition":{"StringEquals":{"aws:ResourceAccount":"999988887777"}}},` +
			`"T":["arn:aws:sns:us-east-1:999988887777:t","arn:aws:sns:eu-west-2:111122223333:t"]}`: {
			"111122223333", "eu-west-2", "",
		},
	} {
		if account, region, stack := PlaceOf([]byte(text)); [3]string{account, region, stack} != want {
			t.Errorf("got %s, %s, %s; want %s", account, region, stack, want)
		}
	}
}

// TestListsAreOfTrails: whose trails the role may change says nothing of whose log files are read.
func TestListsAreOfTrails(t *testing.T) {
	statement := func(action, account string) string {
		return `{"Action":` + action + `,"Condition":{"StringEquals":{"aws:ResourceAccount":` + account + `}}}`
	}
	got := Lists([]byte(`{"P":[` + statement(`["cloudtrail:StartLogging"]`, `["111122223333","444455556666"]`) + `,` +
		statement(`"s3:GetObject"`, `"777788889999"`) + `]}`))
	if !slices.Equal(got.Accounts, []string{"111122223333", "444455556666"}) {
		t.Errorf("accounts %v", got.Accounts)
	}
}
