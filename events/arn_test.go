package events_test

import (
	"strings"
	"testing"

	"trailkeeper/events"
)

func TestParseARN(t *testing.T) {
	const account = "111122223333"
	for text, want := range map[string]events.ARN{
		"arn:aws:cloudtrail:eu-west-1:111122223333:trail/main": {
			events.Place{"aws", "eu-west-1", account},
			"cloudtrail",
			"trail/main",
		},
		"arn:aws-cn:iam::111122223333:role/a/b": {events.Place{"aws-cn", "", account}, "iam", "role/a/b"},
		"arn:aws:s3:::bucket/a:b": {
			events.Place{Partition: "aws"},
			"s3",
			"bucket/a:b",
		}, // colons belong to the resource
		"arn:aws:iam::aws:policy/X": {events.Place{"aws", "", "aws"}, "iam", "policy/X"},
		"arn:aws:scheduler:::aws-sdk:sqs:sendMessage": {
			events.Place{Partition: "aws"},
			"scheduler",
			"aws-sdk:sqs:sendMessage",
		},
	} {
		got, err := events.ParseARN(text)
		if err != nil || got != want || got.String() != text {
			t.Errorf("%s is %+v, %v, written %s", text, got, err, got)
		}
	}
	for _, text := range []string{
		"", "arn", "arn:aws:s3:::", "arn:aws:s3::", "aws:s3:::bucket", "ARN:aws:s3:::bucket", "arn:azure:s3:::bucket",
		"arn:AWS:s3:::bucket",
		"arn:aws:::: x", "arn:aws:s 3:::bucket", "arn:aws:sqs:EU:111122223333:q", "arn:aws:sqs:eu-west-1:11112222333:q",
		"arn:aws:sqs:eu-west-1:all:q", "arn:aws:sqs:" + strings.Repeat("a", 33) + ":111122223333:q", " arn:aws:s3:::bucket",
	} {
		if got, err := events.ParseARN(text); err == nil || got != (events.ARN{}) || got.String() != "" {
			t.Errorf("%q is %+v, %v; want an error and nothing", text, got, err)
		}
	}
	if _, err := events.ParseARN(strings.Repeat("x", 5000)); err == nil || len(err.Error()) > 300 {
		t.Errorf("the error shows too much: %v", err)
	}
}

func TestForms(t *testing.T) {
	const in, no = ":eu-west-1:111122223333:", "::111122223333:"
	name := strings.Repeat("n", 80)
	for _, c := range []struct {
		form events.Form
		good []string
		bad  []string
	}{
		{
			events.FormTrail,
			[]string{"cloudtrail" + in + "trail/main"},
			[]string{
				"cloudtrail" + in + "trail/a", "cloudtrail" + in + "channel/main", "cloudtrail" + no + "trail/main",
				"sns" + in + "trail/main",
			},
		},
		{
			events.FormRole,
			[]string{"iam" + no + "role/A", "iam" + no + "role/a/*/B@x", "iam" + no + "role/" + name[:64]},
			[]string{
				"iam" + no + "role/", "iam" + no + "role/a/", "iam" + no + "role//A", "iam" + no + "role/" + name[:65],
				"iam" + no + "role/A*", "iam" + no + "user/A", "iam" + in + "role/A", "iam::aws:role/A", "iam:::role/A",
				"sts" + no + "role/A",
				"iam" + no + "role/a b/C",
			},
		},
		{events.FormUser, []string{"iam" + no + "user/A"}, []string{"iam" + no + "role/A", "iam" + no + "root"}},
		{
			events.FormKey,
			[]string{"kms" + in + "key/mrk-1a"},
			[]string{"kms" + in + "alias/a", "kms" + in + "key/", "kms" + in + "key/a/b", "kms" + no + "key/a"},
		},
		{
			events.FormTopic,
			[]string{"sns" + in + "a_b-C1", "sns" + in + strings.Repeat("n", 256)},
			[]string{"sns" + in + "a.fifo", "sns" + in + "a:b", "sns" + in + strings.Repeat("n", 257), "sqs" + in + "a"},
		},
		{
			events.FormQueue,
			[]string{"sqs" + in + name},
			[]string{"sqs" + in + name + "n", "sqs" + in + "a.fifo", "sns" + in + "a"},
		},
		{
			events.FormLogGroup,
			[]string{"logs" + in + "log-group:/aws/x.#:*", "logs" + in + "log-group:" + strings.Repeat("n", 512) + ":*"},
			[]string{
				"logs" + in + "log-group:a", "logs" + in + "log-group::*", "logs" + in + "log-group:a:log-stream:b",
				"logs" + in + "log-group:" + strings.Repeat("n", 513) + ":*",
			},
		},
		{
			events.FormTable,
			[]string{"dynamodb" + in + "table/a.b"},
			[]string{"dynamodb" + in + "table/a/stream/b", "dynamodb" + in + "index/a"},
		},
		{
			events.FormSecret,
			[]string{"secretsmanager" + in + "secret:a/b-AbCd12"},
			[]string{
				"secretsmanager" + in + "secret:ab", "secretsmanager" + in + "secret:-AbCd12",
				"secretsmanager" + in + "secret:a-AbCd1?",
			},
		},
		{
			events.FormFunction,
			[]string{
				"lambda" + in + "function:a", "lambda" + in + "function:a:$LATEST",
				"lambda" + in + "function:" + name[:64],
			},
			[]string{
				"lambda" + in + "function:a:", "lambda" + in + "function:a:b:c", "lambda" + in + "layer:a",
				"lambda" + in + "function:" + name[:65],
			},
		},
	} {
		for _, s := range c.good {
			arn := "arn:aws:" + s
			a, ok := c.form.Parse(arn)
			if got, isForm := a.Name(
				c.form,
			); !ok || !c.form.Matches(arn) || !isForm || !strings.HasSuffix(arn, got) ||
				a.String() != arn {
				t.Errorf("%s is not of form %d", arn, c.form)
			}
		}
		for _, s := range c.bad {
			if a, ok := c.form.Parse("arn:aws:" + s); ok || c.form.Matches("arn:aws:"+s) || a != (events.ARN{}) {
				t.Errorf("arn:aws:%s is of form %d", s, c.form)
			}
		}
	}
}

func TestPlace(t *testing.T) {
	p := events.Place{Partition: "aws-cn", Region: "cn-north-1", Account: "111122223333"}
	if got, want := p.ARN("sqs", "q"), "arn:aws-cn:sqs:cn-north-1:111122223333:q"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if got, want := p.Global().ARN("iam", "role/R"), "arn:aws-cn:iam::111122223333:role/R"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestSessions(t *testing.T) {
	for text, want := range map[string][3]string{
		"sts::111122223333:assumed-role/R/s":   {"R", "s", "sts::111122223333:assumed-role/R"},
		"sts::111122223333:assumed-role/R/a/b": {"R", "a/b", "sts::111122223333:assumed-role/R"},
		"sts::111122223333:assumed-role/R":     {"R", "", "sts::111122223333:assumed-role/R"},
		"sts::111122223333:federated-user/f":   {"", "", "sts::111122223333:federated-user/"},
		"iam::111122223333:role/R":             {"", "", "iam::111122223333:role/R"},
		"iam::111122223333:assumed-role/R/s":   {"", "", "iam::111122223333:assumed-role/R/s"},
		"iam::111122223333:federated-user/f":   {"", "", "iam::111122223333:federated-user/f"},
	} {
		a, err := events.ParseARN("arn:aws:" + text)
		role, name := a.Session()
		if got := [3]string{
			role,
			name,
			strings.TrimPrefix(a.WithoutSession().String(), "arn:aws:"),
		}; err != nil ||
			got != want {
			t.Errorf("%s: %q, %v; want %q", text, got, err, want)
		}
	}
}

// TestARNPrefix: the beginnings of ARNs that selectors have.
func TestARNPrefix(t *testing.T) {
	for text, want := range map[string][2]string{
		"arn:aws:s3:::b/": {"aws", "s3:::b/"},
		"arn:aws:s3":      {"aws", "s3"},
		"arn:aws:":        {"aws", ""},
		"arn::s3":         {"", "s3"},
	} {
		if partition, rest, ok := events.ARNPrefix(text); !ok || partition != want[0] || rest != want[1] {
			t.Errorf("%s: %q, %q, %t", text, partition, rest, ok)
		}
	}
	for _, text := range []string{"", "arn", "arn:aws", "aws:s3:", "b/"} {
		if _, _, ok := events.ARNPrefix(text); ok {
			t.Errorf("%q has a partition", text)
		}
	}
}

// FuzzARN checks that what parses is written as it was, and that a trail's ARN is one of its form.
func FuzzARN(f *testing.F) {
	for _, s := range []string{
		"arn:aws:cloudtrail:eu-west-1:111122223333:trail/main", "arn:aws:iam::111122223333:role/a/B", "arn:aws:s3:::b/k:v",
		"arn:::::", "",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		a, err := events.ParseARN(s)
		if err == nil && (a.String() != s || !events.IsARN(s)) ||
			err != nil && (a != events.ARN{} || len(err.Error()) > 1000) {
			t.Errorf("%q is %+v, %v", s, a, err)
		}
		trail, err := events.ParseTrailARN(s)
		if name, ok := a.Name(events.FormTrail); ok != (err == nil) || name != trail.Name || ok && trail.ARN() != s {
			t.Errorf("%q is trail %+v, %v, and its name is %q, %t", s, trail, err, name, ok)
		}
		for form := events.FormTrail; form <= events.FormFunction; form++ {
			if a, ok := form.Parse(s); ok && a.String() != s {
				t.Errorf("%q is %s by form %d", s, a, form)
			}
		}
	})
}
