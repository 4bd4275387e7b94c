package settings

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"trailkeeper/lambda/config"
)

// read reads a context as cdk.json has it.
func read(t *testing.T, context, region string) (Settings, error) {
	t.Helper()
	from := Source{Region: region, Now: time.Date(2026, 8, 1, 0, 0, 0, 0, time.UTC)}
	if err := json.Unmarshal([]byte(context), &from.Context); err != nil {
		t.Fatalf("%s: %v", context, err)
	}
	return Read(from)
}

// TestRegionObjects: the object of the stack's Region wins, key by key, and that of another changes nothing.
func TestRegionObjects(t *testing.T) {
	const context = `{"trailkeeper": {"secret": "s", "slack": {"enabled": true, "channel": ""}, "sns": {"enabled": true},
			"canary": {"enabled": true}, "tags": {"a": "1", "b": "2"}},
		"trailkeeper:eu-west-1": {"mode": "notify", "slack": {"botToken": true, "channel": "C0123456789"},
		"tags": {"a": "3"}},
		"trailkeeper:us-east-1": {"canary": {"enabled": false}}, "@aws-cdk/core:x": true}`
	want := Defaults()
	want.Secret, want.Slack.Enabled, want.SNS.Enabled, want.Canary.Enabled = "s", true, true, true
	want.Tags = map[string]string{"a": "1", "b": "2"}
	for region, change := range map[string]func(*Settings){
		"eu-west-1": func(s *Settings) {
			s.Mode, s.Slack.BotToken, s.Slack.Channel = config.ModeNotify, true, "C0123456789"
			s.Tags = map[string]string{"a": "3"}
		},
		"us-east-1":    func(s *Settings) { s.Canary.Enabled = false },
		"eu-central-1": func(*Settings) {},
	} {
		want := want
		want.LikelyRegion = region
		change(&want)
		got, err := read(t, context, region)
		if diff := cmp.Diff(want, got); diff != "" || err != nil {
			t.Errorf("%s: %v (-want +got):\n%s", region, err, diff)
		}
	}
	bound := strings.Replace(
		context, `{"secret"`, `{"env": {"account": "111122223333", "region": "us-east-1"}, "secret"`, 1,
	)
	if got, err := read(t, bound, "eu-west-1"); err != nil || got.Canary.Enabled || got.Mode != config.ModeRestart {
		t.Errorf("bound to us-east-1: %v, canary %v, mode %s", err, got.Canary.Enabled, got.Mode)
	}
}

// TestRegionObjectsRefused: each problem is one sentence with the object and the key, in whichever Region it is.
func TestRegionObjectsRefused(t *testing.T) {
	for objects, want := range map[string][]string{
		`"trailkeeper:eu-wset-1": {}`: {
			`"trailkeeper:eu-wset-1" is the object of no Region; want trailkeeper:eu-west-1 or such; did you mean "eu-west-1"?`,
		},
		`"trailkeeper:EU-WEST-2": {}`:   {`did you mean "eu-west-2"?`},
		`"trailkeeper:eu_central_1": 1`: {`did you mean "eu-central-1"?`},
		`"trailkeeper:": {}`:            {"is the object of no Region"},
		`"trailkeeper:production": {}`:  {`"trailkeeper:production" is the object of no Region`},
		`"trailkeeper:us-east-1": 1`:    {"trailkeeper:us-east-1 is a number; want an object"},
		`"trailkeeper:us-east-1": {"modes": "x", "slack": {"webhok": true}}`: {
			"trailkeeper:us-east-1.modes is no setting", "trailkeeper:us-east-1.slack.webhok is no setting",
		},
		`"trailkeeper:eu-west-1": {"mode": "restrat", "function": {"memory": 1}}`: {
			`trailkeeper:eu-west-1.mode is "restrat"; want notify, restart, restore or recreate; did you mean "restart"?`,
			"trailkeeper:eu-west-1.function.memory is 1; want",
		},
		`"trailkeeper:eu-west-1": {"slack": {"enabled": 1}}`: {"trailkeeper:eu-west-1.slack.enabled is a number"},
		`"trailkeeper:eu-west-1": {"env": {"account": "111122223333", "region": "eu-west-1"}}`: {
			"trailkeeper:eu-west-1.env is for trailkeeper alone",
		},
		`"trailkeeper:eu-west-1": {"sns": {"topicArn": "arn:aws:sns:us-east-1:111122223333:t"}}`: {
			"trailkeeper:eu-west-1.sns.topicArn is in us-east-1; want eu-west-1, the Region of the command line",
		},
		`"trailkeeper:us-east-1": {"sns": {"topicArn": "arn:aws:sns:us-east-1:111122223333:t"}}`: nil,
		`"trailkeeper:ap-southeast-9": {"mode": "notify"}`:                                       nil,
		`"trailkeeperx": {"mode": 1}`:                                                            nil,
		`"trailkeeper:eu-west-1": {"approvals": [` + approved + `]}`: {
			`trailkeeper:eu-west-1.approvals[0].expires is "2026-10-31T00:00:00Z"; want a time at most 30 days ahead`,
		},
	} {
		_, err := read(t, `{"trailkeeper": {`+snsOn+`}, `+objects+`}`, "eu-west-1")
		var got []string
		if err != nil {
			got = strings.Split(err.Error(), "\n")
		}
		if len(got) != len(want) {
			t.Errorf("%s: %d problems; want %d:\n%v", objects, len(got), len(want), err)
			continue
		}
		for i := range want {
			if !strings.Contains(got[i], want[i]) {
				t.Errorf("%s\n got  %s\n want %s", objects, got[i], want[i])
			}
		}
	}
	_, err := read(t, `{"trailkeeper": {`+snsOn+`, "mode": "fix", "tags": {"aws:a": "1"}},
		"trailkeeper:eu-west-1": {"mode": "mend"}}`, "eu-west-1")
	for _, want := range []string{
		`trailkeeper.mode is "fix"; want`, `trailkeeper:eu-west-1.mode is "mend"; want`, `trailkeeper.tags: "aws:a"; want`,
	} {
		if err == nil || strings.Count(err.Error(), want) != 1 || strings.Count(err.Error(), "\n") != 2 {
			t.Errorf("%v; want %s once", err, want)
		}
	}
	_, err = read(t, `{"trailkeeper": {`+snsOn+`}, "trailkeeper:eu-west-1": {}}`, "")
	if err == nil || !strings.Contains(err.Error(), "that of the stack is not known; give the command a Region") {
		t.Errorf("no Region: %v", err)
	}
}

// TestDidYouMean: what is misspelt is named once, with what was meant, and nothing is said of what it left out.
func TestDidYouMean(t *testing.T) {
	for text, want := range map[string]string{
		`{` + snsOn + `, "organisationTrail": true}`: `; did you mean ` +
			`"organizationTrail"?`,
		`{"sns": {"enabeld": true}}`: `trailkeeper.sns.enabeld is no setting (its value is ` +
			`true)`,
		`{` + snsOn + `, "function": {"logLevel": "debug"}}`: `logLevel is "debug"; want DEBUG, INFO, WARN or ERROR; did ` +
			`you mean "DEBUG"?`,
		`{"sns": {"enabled": true, "emailFrom": "hihg"}}`: `want low, medium, high or critical; did you mean ` +
			`"high"?`,
		`{` + snsOn + `, "mode": "monitor"}`: `mode is "monitor"; want notify, restart, restore or ` +
			`recreate`,
		`{` + snsOn + `, "approvals": [{"princpal": "x"}]}`:                          `did you mean "principal"?`,
		`{"sns": {"enabled": true, "subscriptions": {"ops@example.org": "e-mail"}}}`: `did you mean "email"?`,
		`{` + snsOn + `, "sweep": {"regions": ["eu-wset-1"]}}`: `sweep.regions[0] is "eu-wset-1"; want Regions such as ` +
			`eu-west-1`,
		`{` + snsOn + `, "overrides": [{"trail": "` + mainTrail + `", "mode": "exlude"}]}`: `did you mean "exclude"?`,
		`{` + botOn + `, "routes": [{"severity": "hgih", "slack": ["C0000000001"]}]}`:      `did you mean "high"?`,
	} {
		_, err := parse(t, text)
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s\n got  %v\n want %s, and nothing else", text, err, want)
		}
	}
}

// TestDuplicates: what is there twice is refused, once for each time too many.
func TestDuplicates(t *testing.T) {
	for text, want := range map[string]string{
		`{` + snsOn + `, "accounts": ["111122223333", "444455556666", "111122223333"]}`: `accounts[2] is "111122223333", ` +
			`as accounts[0] is; want each once`,
		`{` + snsOn + `, "sweep": {"regions": ["eu-west-1", "eu-west-1"]}}`: `sweep.regions[1] is "eu-west-1", as ` +
			`sweep.regions[0] is; want each once`,
		`{"sns": {"enabled": true, "subscriptions": {"Ops@example.org": "email",
			"ops@example.org": "email"}}}`: "sns.subscriptions: the endpoint of 15 characters is there twice, in other " +
			"capitals; want each address once",
		`{"sns": {"enabled": true, "subscriptions": {"ops@example.org": "email", "ops2@example.org": "email"}}}`: "",
	} {
		_, err := parse(t, text)
		if want == "" && err != nil || want != "" && (err == nil || err.Error() != "trailkeeper."+want) {
			t.Errorf("%s\n got  %v\n want %s", text, err, want)
		}
	}
}
