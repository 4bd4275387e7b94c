package structure

import (
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
	} {
		if account, region, stack := PlaceOf([]byte(text)); [3]string{account, region, stack} != want {
			t.Errorf("got %s, %s, %s; want %s", account, region, stack, want)
		}
	}
}
