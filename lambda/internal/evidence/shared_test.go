package evidence

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"trailkeeper/events"
	"trailkeeper/lambda/config/baseline"
	"trailkeeper/lambda/config/exception"
	"trailkeeper/lambda/internal/assess"
	"trailkeeper/lambda/internal/finding"
	"trailkeeper/lambda/internal/message"
	"trailkeeper/rules/evidence/calls"
)

const otherARN = "arn:aws:cloudtrail:us-east-1:111122223333:trail/other"

// two are the baselines of two trails that share bucket, key and log group, and differ in their prefix.
func two(t *testing.T) []baseline.Baseline {
	t.Helper()
	first, second := described(t), described(t)
	second.Trail.ARN, second.Trail.Settings.S3Prefix = otherARN, "q"
	return []baseline.Baseline{first, second}
}

// without are the scope with trails left alone.
func without(trails ...string) assess.Scope {
	scope := ours
	for _, arn := range trails {
		scope.Exceptions.Overrides = append(scope.Exceptions.Overrides, exception.Override{Trail: arn, Mode: exception.ModeExclude})
	}
	return scope
}

// TestSharedByCall: a call counts for every trail that uses the resource, and is ignored where all of them are left alone.
func TestSharedByCall(t *testing.T) {
	onQ := lifecycleOf([]object{ruleOf(7, object{"Prefix": "q/"}), ruleOf(400, object{"Prefix": "p/"})})
	older := lifecycleOf([]object{
		ruleOf(120, object{"Prefix": "p/"}),
		{"Status": "Enabled", "Filter": object{"Prefix": "q/"}, "NoncurrentVersionExpiration": object{"NoncurrentDays": 100}},
	})
	deletes := event(t, calls.S3, "DeleteObjects", object{"bucketName": "org-logs", "delete": ""}, nil)
	many := func() (all []baseline.Baseline) {
		for i := range maxPrefixes + 2 {
			b := declared()[0]
			b.Trail.ARN, b.Trail.Settings.S3Prefix = fmt.Sprint(trailARN, i), fmt.Sprint("p", i)
			all = append(all, b)
		}
		return all
	}
	for name, test := range map[string]struct {
		ev       events.Event
		scope    assess.Scope
		all      []baseline.Baseline
		severity finding.Severity // empty: it is ignored
		says     []string
		never    string
	}{
		"the second trail's files": {
			event(t, calls.S3, "PutBucketLifecycle", onQ, nil), ours, two(t), "critical", []string{"begins with q/AWSLogs/, days after it was written: 7."}, "p/AWSLogs/",
		},
		"the same, it is left alone": {
			event(t, calls.S3, "PutBucketLifecycle", onQ, nil), without(otherARN), two(t), "high", []string{"begins with p/AWSLogs/, days after it was written: 400."}, "q/AWSLogs/",
		},
		"each kind where it is soonest": {
			event(t, calls.S3, "PutBucketLifecycle", older, nil), ours, two(t), "high",
			[]string{"begins with p/AWSLogs/, days after it was written: 120.", "older versions of what begins with q/AWSLogs/, days after they were replaced or deleted: 100."},
			"",
		},
		"neither's files": {
			event(t, calls.S3, "PutBucketLifecycle", lifecycleOf(ruleOf(1, object{"Prefix": "r/"})), nil), ours, two(t), "medium",
			[]string{"deletes what begins with p/AWSLogs/, q/AWSLogs/."},
			"",
		},
		"the first is left alone": {event(t, calls.S3, "DeleteBucket", object{"bucketName": "org-logs"}, nil), without(trailARN), two(t), "critical", nil, ""},
		"both are":                {event(t, calls.S3, "DeleteBucket", object{"bucketName": "org-logs"}, nil), without(trailARN, otherARN), two(t), "", nil, ""},
		"the second's file": {
			event(t, calls.S3, "DeleteObject", object{"bucketName": "org-logs", "key": "q/AWSLogs/x"}, nil), without(trailARN), two(t), "critical", nil, "",
		},
		"the first's file, it is left alone": {
			event(t, calls.S3, "DeleteObject", object{"bucketName": "org-logs", "key": "p/AWSLogs/x"}, nil), without(trailARN), two(t), "", nil, "",
		},
		"objects": {
			deletes, ours, two(t), "critical",
			[]string{"list-object-versions --bucket org-logs --prefix p/AWSLogs/", "list-object-versions --bucket org-logs --prefix q/AWSLogs/"},
			"",
		},
		"objects, of many trails": {deletes, ours, many(), "critical", []string{"--prefix p2/AWSLogs/"}, "--prefix p3/AWSLogs/"},
		"the key": {
			event(t, calls.KMS, "PutKeyPolicy", nil, object{"resources": []object{{"ARN": keyARN}}}), without(trailARN), two(t), "high", nil, "",
		},
		"the log group": {event(t, calls.Logs, "DeleteLogGroup", object{"logGroupName": "CloudTrail/main"}, nil), without(trailARN), two(t), "critical", nil, ""},
	} {
		j, ok := judge(test.ev, test.scope, test.all)
		if ok != (test.severity != "") || ok && j.finding.Severity != test.severity {
			t.Errorf("%s: judged %v %s; want %s", name, ok, j.finding.Severity, test.severity)
		}
		text := message.Of(j.finding).Detail + message.NextStep(j.finding)
		for _, want := range test.says {
			if !strings.Contains(text, want) {
				t.Errorf("%s: it does not say %q: %s", name, want, text)
			}
		}
		if test.never != "" && strings.Contains(text, test.never) {
			t.Errorf("%s: it says %q: %s", name, test.never, text)
		}
	}
}

// TestOwners: the account of a bucket, key or log group that a baseline names may record the call, whichever baseline it
// is, and no other may.
func TestOwners(t *testing.T) {
	const theirs = "444455556666"
	elsewhere := func(arn string) string { return strings.Replace(arn, "111122223333", theirs, 1) }
	for name, test := range map[string]struct {
		change  func(*baseline.Baseline)
		account string
		want    finding.Outcome
	}{
		"here":               {func(*baseline.Baseline) {}, "111122223333", finding.OutcomeNotified},
		"nobody's":           {func(*baseline.Baseline) {}, theirs, finding.OutcomeNotOurs},
		"the bucket's":       {func(b *baseline.Baseline) { b.Bucket.Owner = theirs }, theirs, finding.OutcomeNotified},
		"the key's":          {func(b *baseline.Baseline) { b.Trail.Settings.KMSKeyID = elsewhere(keyARN) }, theirs, finding.OutcomeNotified},
		"the log group's":    {func(b *baseline.Baseline) { b.Trail.Settings.LogGroupARN = elsewhere(groupARN) }, theirs, finding.OutcomeNotified},
		"another than those": {func(b *baseline.Baseline) { b.Bucket.Owner = theirs }, "999988887777", finding.OutcomeNotOurs},
	} {
		all := two(t)
		test.change(&all[1])
		j, ok := judge(event(t, calls.S3, "DeleteBucket", object{"bucketName": "org-logs"}, object{"recipientAccountId": test.account}), ours, all)
		if !ok || j.finding.Outcome != test.want {
			t.Errorf("%s: %v %s; want %s", name, ok, j.finding.Outcome, test.want)
		}
	}
}

// TestSharedBySweep: each bucket and key is read once, and compared with what every baseline says of it.
func TestSharedBySweep(t *testing.T) {
	for name, test := range map[string]struct {
		change  func(*world, []baseline.Baseline)
		exclude []string
		fields  []string // that differ, of all findings
		says    string
		reads   int // of S3
	}{
		"as captured": {func(*world, []baseline.Baseline) {}, nil, nil, "", 3},
		"another policy than the second has": {
			func(_ *world, all []baseline.Baseline) { all[1].Bucket.PolicySHA256 = strings.Repeat("0", 64) }, nil, []string{"policy"}, "--trail " + otherARN, 3,
		},
		"than both have": {func(w *world, _ []baseline.Baseline) { w.parts["policy"] = `{"Statement":[]}` }, nil, []string{"policy"}, "--trail " + otherARN, 3},
		"a lifecycle of the second's files": {
			func(w *world, _ []baseline.Baseline) {
				w.parts["lifecycle"] = strings.Replace(lifecycleXML(1), "<Prefix>", "<Prefix>q/", 1)
			}, nil, []string{"lifecycle"}, "--trail " + otherARN, 3,
		},
		"the second asks for more": {
			func(w *world, all []baseline.Baseline) {
				all[0].Bucket.Versioning, all[0].Bucket.Lifecycle = "", nil
				w.parts["versioning"] = "<V><Status>Suspended</Status></V>"
			}, nil, []string{"versioning"}, "Suspended", 3,
		},
		"the first is left alone": {
			func(w *world, _ []baseline.Baseline) { w.parts["policy"] = `{"Statement":[]}` }, []string{trailARN}, []string{"policy"}, "--trail " + otherARN, 3,
		},
		"both are": {func(w *world, _ []baseline.Baseline) { w.parts["policy"], w.state = `{"Statement":[]}`, "" }, []string{trailARN, otherARN}, nil, "", 0},
		"one key is said to be off": {
			func(w *world, all []baseline.Baseline) { all[0].Key.Enabled, w.state = false, "Disabled" }, nil, []string{"enabled"}, "kms enable-key", 3,
		},
		"they do not agree on the owner": {
			func(w *world, all []baseline.Baseline) {
				all[1].Bucket.Owner, w.parts["policy"] = "444455556666", "403 AccessDenied Access Denied"
			}, nil, []string{"owner"}, "--expected-bucket-owner 111122223333", 4,
		},
	} {
		w, all := newWorld(), two(t)
		test.change(w, all)
		s, to, _ := w.sweeper(t, false, all...)
		s.Scope = without(test.exclude...)
		if _, _, err := s.Sweep(t.Context(), "now", nil); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		var fields []string
		text := ""
		for _, n := range to.got {
			for _, c := range n.Changes {
				fields = append(fields, c.Field)
			}
			text += fmt.Sprint(message.Of(n).Changes, message.NextStep(n))
		}
		if !slices.Equal(fields, test.fields) || !strings.Contains(text, test.says) {
			t.Errorf("%s: %v differ; want %v, and %q in: %s", name, fields, test.fields, test.says, text)
		}
		describes := len(slices.DeleteFunc(slices.Clone(w.called), func(c string) bool { return c != "DescribeKey" }))
		if len(w.owners) != test.reads || describes > 1 {
			t.Errorf("%s: %d reads of the bucket, %d of the key; want %d, and one", name, len(w.owners), describes, test.reads)
		}
	}
}

// TestManyTrails: of many trails with one bucket the message has the commands of a few, and names the others.
func TestManyTrails(t *testing.T) {
	var all []baseline.Baseline
	for i := range maxMeant + 2 {
		b := described(t)
		b.Key, b.Trail.ARN = nil, fmt.Sprint(trailARN, i)
		all = append(all, b)
	}
	w := newWorld()
	w.parts["policy"] = `{"Statement":[]}`
	s, to, _ := w.sweeper(t, false, all...)
	if _, _, err := s.Sweep(t.Context(), "now", nil); err != nil || len(to.got) != 1 {
		t.Fatalf("%v %+v", err, to.got)
	}
	text := message.NextStep(to.got[0])
	if n := strings.Count(text, "baseline capture"); n != maxMeant || !strings.Contains(text, "otherwise: main3 in eu-west-1, main4 in eu-west-1.") {
		t.Errorf("%d commands: %s", n, text)
	}
}

// TestMost: a sweep reads so many buckets and keys, and says that there are more.
func TestMost(t *testing.T) {
	for _, n := range []int{most, most + 1} {
		var all []baseline.Baseline
		for i := range n {
			b := described(t)
			b.Bucket, b.Trail.Settings.KMSKeyID = nil, fmt.Sprintf("%s%03d", keyARN[:len(keyARN)-3], i)
			all = append(all, b)
		}
		w := newWorld()
		s, _, _ := w.sweeper(t, false, all...)
		unseen, _, err := s.Sweep(t.Context(), "now", nil)
		read := len(slices.DeleteFunc(w.called, func(c string) bool { return c != "DescribeKey" }))
		said := strings.Contains(strings.Join(unseen["eu-west-1"], " "), "There are more than 40 buckets and keys")
		if err != nil || read != most || said != (n > most) {
			t.Errorf("of %d: %d read, said %v, %v", n, read, said, err)
		}
	}
}

// TestWorst: of what differs from several baselines the worst counts, in whichever order they come.
func TestWorst(t *testing.T) {
	for _, second := range []bool{false, true} {
		w, all := newWorld(), two(t)
		prefix, policy := "<Prefix>p/", 1
		if second {
			prefix, policy = "<Prefix>q/", 0
		}
		w.parts["lifecycle"] = strings.Replace(lifecycleXML(1), "<Prefix>", prefix, 1)
		all[policy].Bucket.PolicySHA256 = strings.Repeat("0", 64)
		s, to, _ := w.sweeper(t, false, all...)
		if _, _, err := s.Sweep(t.Context(), "now", nil); err != nil || len(to.got) != 1 || len(to.got[0].Changes) != 2 ||
			to.got[0].Severity != finding.SeverityCritical {
			t.Errorf("the second is worse %v: %v %+v", second, err, to.got)
		}
	}
}
