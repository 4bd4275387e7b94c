package delivery_test

import (
	"strings"
	"testing"

	"trailkeeper/rules/delivery"
	"trailkeeper/rules/detect"
	"trailkeeper/rules/detections"
)

// all is a deployment that gets everything there is.
func all() delivery.Sources {
	return delivery.Sources{
		Account:         "111122223333",
		OtherAccounts:   true,
		Regions:         []string{"us-east-1", "us-east-2", "us-west-2", "eu-north-1", "ap-southeast-2", "eu-west-1"},
		GlobalRegion:    "us-east-1",
		ReadEvents:      true,
		DataEvents:      true,
		NetworkActivity: true,
		Insights:        true,
	}
}

func TestGaps(t *testing.T) {
	ireland := func(s *delivery.Sources) { s.Regions = []string{"eu-west-1"} }
	for name, row := range map[string]struct {
		match string
		less  func(*delivery.Sources)
		want  string // a piece of the only gap; empty for none
	}{
		"sign-in": {
			`record.eventName == "ConsoleLogin"`, ireland,
			"in us-east-1, us-east-2, eu-north-1, ap-southeast-2, and",
		},
		"sign-in of root": {
			`record.eventName == "ConsoleLogin" && record.userIdentity.type == "Root"`, ireland,
			"in us-east-1, and",
		},
		"sign-in, folded": {
			`lower(record.eventName) == "consolelogin"`, ireland,
			"console sign-ins through the global endpoint",
		},
		"sign-in in China": {
			`record.eventName == "ConsoleLogin"`,
			func(s *delivery.Sources) { s.Regions, s.GlobalRegion = []string{"cn-northwest-1"}, "cn-north-1" },
			"in cn-north-1, and",
		},
		"root": {
			`record.userIdentity.type == "Root"`, ireland,
			"what root does with IAM, and its sign-ins, are recorded in us-east-1",
		},
		"root in EC2": {
			`record.userIdentity.type == "Root" && record.eventSource == "ec2.amazonaws.com"`, ireland,
			"",
		},
		"IAM": {
			`record.eventSource == "iam.amazonaws.com"`, ireland,
			"calls of iam are recorded in us-east-1, and those",
		},
		"IAM, there": {
			`record.eventSource == "iam.amazonaws.com"`, func(s *delivery.Sources) { s.Regions = []string{"us-east-1"} },
			"",
		},
		"accelerator": {
			`record.eventSource == "globalaccelerator.amazonaws.com"`, ireland,
			"recorded in us-west-2",
		},
		"EC2":      {`record.eventSource == "ec2.amazonaws.com"`, ireland, ""},
		"anywhere": {`record.errorCode == "AccessDenied"`, ireland, ""},
		"objects": {
			`record.eventSource == "s3.amazonaws.com" && record.eventName in ["GetObject", "PutObject"]`,
			func(s *delivery.Sources) { s.DataEvents = false }, "switch the data events of s3 on in a trail",
		},
		"buckets": {
			`record.eventSource == "s3.amazonaws.com" && record.eventName in ["GetObject", "PutBucketAcl"]`,
			func(s *delivery.Sources) { s.DataEvents = false }, "",
		},
		"data": {
			`record.eventCategory == "Data"`,
			func(s *delivery.Sources) { s.DataEvents = false }, "the data events of these services",
		},
		"Insights": {
			`record.eventType == "AwsCloudTrailInsight"`, func(s *delivery.Sources) { s.Insights = false },
			"switch CloudTrail Insights on",
		},
		"network": {
			`record.eventType == "AwsVpceEvent"`, func(s *delivery.Sources) { s.NetworkActivity = false },
			"it needs network activity events",
		},
		"reads": {
			`record.eventName in ["GetUser", "ListUsers"]`, func(s *delivery.Sources) { s.ReadEvents = false },
			"let a trail log read events",
		},
		"reads and others": {
			`record.eventName in ["GetUser", "CreateUser"]`, func(s *delivery.Sources) { s.ReadEvents = false }, "",
		},
		"another account": {
			`record.recipientAccountId == "444455556666"`, func(s *delivery.Sources) { s.OtherAccounts = false },
			"it is about account 444455556666, and the events of 111122223333 arrive",
		},
		"this account": {
			`record.recipientAccountId == "111122223333"`, func(s *delivery.Sources) { s.OtherAccounts = false }, "",
		},
	} {
		set := loaded(t, detect.Options{}, folder(map[string]string{"a.yaml": rule("a", row.match)}))
		if gaps := delivery.Gaps(set, all()); len(gaps) > 0 {
			t.Errorf("%s: with everything there is %+v", name, gaps)
		}
		sources := all()
		row.less(&sources)
		switch gaps := delivery.Gaps(set, sources); {
		case row.want == "" && len(gaps) > 0:
			t.Errorf("%s: %+v", name, gaps)
		case row.want != "" && (len(gaps) != 1 || gaps[0].Rule != "a" || !strings.Contains(gaps[0].Reason, row.want)):
			t.Errorf("%s: %+v, want %q", name, gaps, row.want)
		}
	}
}

// TestGapsOfAccounts: a rule that tells accounts apart needs more than one.
func TestGapsOfAccounts(t *testing.T) {
	set := loaded(t, detect.Options{}, folder(map[string]string{"a.yaml": rule("a", `record.eventName == "A"`) +
		"threshold: {count: 3, within: 1h, distinct: record.recipientAccountId}\n"}))
	sources := all()
	if gaps := delivery.Gaps(set, sources); len(gaps) > 0 {
		t.Errorf("%+v", gaps)
	}
	sources.OtherAccounts = false
	if gaps := delivery.Gaps(set, sources); len(gaps) != 1 || !strings.Contains(gaps[0].Reason, "several accounts") {
		t.Errorf("%+v", gaps)
	}
}

// TestGapsWithLogFiles: they have the records of every account and Region, and none that no trail logs.
func TestGapsWithLogFiles(t *testing.T) {
	set := loaded(t, detect.Options{}, folder(map[string]string{
		"a.yaml": rule("a", `record.eventName == "A"`) +
			"threshold: {count: 3, within: 1h, distinct: record.recipientAccountId}\n",
		"b.yaml": rule("b", `record.eventName == "CreateUser" && record.eventSource == "iam.amazonaws.com"`),
		"c.yaml": rule("c", `record.recipientAccountId == "444455556666"`),
		"d.yaml": rule("d", `record.eventName in ["GetUser", "ListUsers"]`),
	}))
	sources := delivery.Sources{Account: "111122223333", Regions: []string{"eu-west-1"}, GlobalRegion: "us-east-1"}
	if gaps := delivery.Gaps(set, sources); len(gaps) < 4 {
		t.Errorf("without log files: %+v", gaps)
	}
	sources.LogFiles = true
	if gaps := delivery.Gaps(set, sources); len(gaps) != 1 || gaps[0].Rule != "d" {
		t.Errorf("with log files: %+v", gaps)
	}
}

// TestGapsOfTheBuiltIn: in a Region that is not the global one, these are named, and each once.
func TestGapsOfTheBuiltIn(t *testing.T) {
	set := loaded(t, detections.Tested(), detections.Source())
	var got []string
	for _, g := range delivery.Gaps(set, delivery.Sources{Regions: []string{"eu-west-1"}, GlobalRegion: "us-east-1"}) {
		got = append(got, g.Rule)
	}
	want := "console-login-any console-login-failed console-login-failed-repeatedly console-login-outside " +
		"console-login-without-mfa iam-policy-changed iam-user-created insight-event organization-changed root-access-key " +
		"root-activity root-any-call root-console-login"
	if strings.Join(got, " ") != want {
		t.Errorf("gaps of %s\nwant %s", strings.Join(got, " "), want)
	}
	if gaps := delivery.Gaps(set, all()); len(gaps) > 0 {
		t.Errorf("%+v", gaps)
	}
}
