package layout

import (
	"testing"
	"time"
)

func TestOf(t *testing.T) {
	minute := time.Date(2026, 3, 2, 9, 15, 0, 0, time.UTC)
	day := minute.Truncate(24 * time.Hour)
	const below = "/eu-west-1/2026/03/02/"
	whole := Key{Logs, "111122223333", "eu-west-1", minute, minute.Add(time.Minute)}
	byDay := Key{Logs, "111122223333", "eu-west-1", day, day.AddDate(0, 0, 1)}
	digest, insight, flows := whole, whole, byDay
	flows.Kind = "vpcflowlogs"
	digest.Kind, insight.Kind = Digests, Insights
	for name, want := range map[string]Key{
		"AWSLogs/111122223333/CloudTrail" + below + "111122223333_CloudTrail_eu-west-1_20260302T0915Z_x.json.gz": whole,
		"p/q/AWSLogs/o-exampleorgid/111122223333/CloudTrail" + below +
			"111122223333_CloudTrail_eu-west-1_20260302T0915Z_x.json.gz": whole,
		"elsewhere/111122223333_CloudTrail_eu-west-1_20260302T0915Z_x.json": whole,
		"AWSLogs/111122223333/CloudTrail" + below + "mine.json.gz":          byDay,
		"AWSLogs/111122223333/CloudTrail-Digest" + below +
			"111122223333_CloudTrail-Digest_eu-west-1_a_trail_us-east-1_20260302T091500Z.json.gz": digest,
		"AWSLogs/111122223333/CloudTrail-Insight" + below +
			"111122223333_CloudTrail-Insight_eu-west-1_20260302T0915Z_x.json.gz": insight,
		"AWSLogs/111122223333/vpcflowlogs" + below + "x.log.gz": flows,
		"AWSLogs/111122223333/elasticloadbalancing/x.log":       {Kind: "elasticloadbalancing", Account: "111122223333"},
		"AWSLogs/111122223333/CloudTrail/eu-west-1/2026/13/02/x.g": {
			Kind: Logs, Account: "111122223333", Region: "eu-west-1",
		},
		// What says two things says nothing.
		"AWSLogs/111122223333/CloudTrail" + below + "444455556666_CloudTrail_eu-west-1_20260302T0915Z_x.json.gz": {},
		"records.json": {},
		"111122223333_CloudTrail_eu-west-1_20261302T0915Z_x.json.gz": {},
		"11112222333_CloudTrail_eu-west-1_20260302T0915Z_x.json.gz":  {},
		"": {},
	} {
		if got := Of(name); got != want {
			t.Errorf("%s: %+v, want %+v", name, got, want)
		}
	}
}
