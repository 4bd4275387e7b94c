package evidence

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/smithy-go"

	"trailkeeper/lambda/config"
	"trailkeeper/lambda/config/baseline"
	"trailkeeper/lambda/internal/awsapi"
	"trailkeeper/lambda/internal/awsenv"
	"trailkeeper/lambda/internal/clock"
	"trailkeeper/lambda/internal/finding"
	"trailkeeper/lambda/internal/kmskey"
	"trailkeeper/lambda/internal/message"
	"trailkeeper/lambda/internal/report"
	"trailkeeper/lambda/internal/s3read"
	"trailkeeper/lambda/internal/state/claims"
)

const policyText = `{"Version":"2012-10-17","Statement":[]}`

// world is S3 and KMS with one bucket and one key.
type world struct {
	parts   map[string]string // by the query, an answer or "STATUS CODE MESSAGE"
	owners  []string          // that were expected
	state   string            // of the key
	later   []string          // its states at the next readings
	stays   bool              // it stays as it is whatever is called
	policy  string            // of the key; empty: policyText
	refuses string            // a call of KMS
	called  []string
}

func lifecycleXML(days int) string {
	return fmt.Sprintf("<LifecycleConfiguration><Rule><Status>Enabled</Status><Filter><Prefix></Prefix></Filter><Expiration><Days>%d</Days>"+
		"</Expiration></Rule></LifecycleConfiguration>", days)
}

func newWorld() *world {
	return &world{state: "Enabled", parts: map[string]string{
		"policy": policyText, "lifecycle": lifecycleXML(400), "versioning": "<V><Status>Enabled</Status></V>",
	}}
}

func (w *world) ServeHTTP(out http.ResponseWriter, r *http.Request) {
	w.owners = append(w.owners, r.Header.Get("X-Amz-Expected-Bucket-Owner"))
	for part := range r.URL.Query() {
		text := w.parts[part]
		var status int
		var code, why string
		if n, _ := fmt.Sscanf(text, "%d %s", &status, &code); n == 2 {
			_, why, _ = strings.Cut(text, code)
			out.WriteHeader(status)
			text = "<Error><Code>" + code + "</Code><Message>" + strings.TrimSpace(why) + "</Message></Error>"
		}
		_, _ = io.WriteString(out, text)
	}
}

func (w *world) kms(_ context.Context, c awsapi.Call) (map[string]any, error) {
	w.called = append(w.called, c.Operation)
	if c.Operation == w.refuses {
		return nil, &smithy.GenericAPIError{Code: "AccessDeniedException", Message: "no"}
	}
	switch c.Operation {
	case "DescribeKey":
		if w.state == "" {
			return nil, &smithy.GenericAPIError{Code: "NotFoundException"}
		}
		is := w.state
		if len(w.later) > 0 {
			w.state, w.later = w.later[0], w.later[1:]
		}
		return map[string]any{"KeyMetadata": map[string]any{"KeyState": is}}, nil
	case "GetKeyPolicy":
		return map[string]any{"Policy": cmp.Or(w.policy, policyText)}, nil
	case "CancelKeyDeletion":
		if !w.stays {
			w.state = "Disabled"
		}
	case "EnableKey":
		if !w.stays {
			w.state = "Enabled"
		}
	}
	return map[string]any{}, nil
}

type memory map[string]string

func (m memory) Claim(_ context.Context, subject, sign string) claims.State {
	if m[subject] == sign {
		return claims.Delivered
	}
	return claims.Claimed
}
func (m memory) Reported(_ context.Context, subject, sign string) { m[subject] = sign }
func (m memory) Over(_ context.Context, subject, _ string) bool   { delete(m, subject); return true }

func (w *world) sweeper(t *testing.T, enables bool, all ...baseline.Baseline) (*Sweeper, *reporter, memory) {
	t.Helper()
	server := httptest.NewServer(w)
	t.Cleanup(server.Close)
	c := clock.Real()
	c.Sleep = func(context.Context, time.Duration) error { return nil }
	keys := &kmskey.Client{Call: w.kms}
	to, once := &reporter{}, memory{}
	scope := ours
	scope.Mode = config.ModeRestore
	s := &Sweeper{
		Scope: scope, Baselines: func() ([]baseline.Baseline, error) { return all, nil },
		Reader: &Reader{Account: "111122223333", Keys: keys, Buckets: func(region string) *s3read.Client {
			return &s3read.Client{
				HTTP: server.Client(), Region: region, Endpoint: awsenv.Endpoint{URL: server.URL}, Now: time.Now,
				Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
					return aws.Credentials{AccessKeyID: "AKIDEXAMPLE", SecretAccessKey: "example-secret"}, nil
				}),
			}
		}},
		Reporter: to, Once: once, Clock: c,
	}
	if enables {
		s.Enabler = &Enabler{Keys: keys, Account: "111122223333", Scope: scope, Clock: c}
	}
	return s, to, once
}

func described(t *testing.T) baseline.Baseline {
	t.Helper()
	b := declared()[0]
	digest, err := baseline.Digest(policyText)
	if err != nil {
		t.Fatal(err)
	}
	b.Bucket = &baseline.Bucket{
		Owner: "111122223333", Region: "eu-west-1", PolicySHA256: digest, Lifecycle: &baseline.Lifecycle{ExpirationDays: 400},
		Versioning: "Enabled",
	}
	b.Key = &baseline.Key{Enabled: true, PolicySHA256: digest}
	return b
}

// TestSweep: what each change of a bucket or key comes to; what cannot be read is neither wrong nor right.
func TestSweep(t *testing.T) {
	const denied = "403 AccessDenied User: arn:aws:sts::111122223333:assumed-role/x is not authorized to perform: s3:GetBucketPolicy because "
	for name, test := range map[string]struct {
		change   func(*world)
		severity finding.Severity // of the one finding; empty: none
		says     string
		unseen   string
	}{
		"as captured":               {func(*world) {}, "", "", ""},
		"a day":                     {func(w *world) { w.parts["lifecycle"] = lifecycleXML(1) }, "critical", "org-logs was found changed", ""},
		"a year":                    {func(w *world) { w.parts["lifecycle"] = lifecycleXML(365) }, "high", "after 365 days", ""},
		"longer":                    {func(w *world) { w.parts["lifecycle"] = lifecycleXML(401) }, "", "", ""},
		"no lifecycle":              {func(w *world) { w.parts["lifecycle"] = "404 NoSuchLifecycleConfiguration" }, "", "", ""},
		"another policy":            {func(w *world) { w.parts["policy"] = `{"Statement":[]}` }, "high", "policy is not the one", ""},
		"no policy":                 {func(w *world) { w.parts["policy"] = "404 NoSuchBucketPolicy" }, "critical", "policy is not the one", ""},
		"versioning":                {func(w *world) { w.parts["versioning"] = "<V><Status>Suspended</Status></V>" }, "high", "Suspended", ""},
		"gone":                      {func(w *world) { w.parts["policy"] = "404 NoSuchBucket" }, "critical", "org-logs was found deleted", ""},
		"sniped":                    {func(w *world) { w.parts["policy"] = "403 AccessDenied Access Denied" }, "critical", "org-logs belongs to another account", ""},
		"sniped, same organization": {func(w *world) { w.parts["policy"] = denied + "no resource-based policy allows it" }, "critical", "belongs to another account", ""},
		"not allowed":               {func(w *world) { w.parts["policy"] = denied + "no identity-based policy allows it" }, "", "", "The policy of the bucket org-logs could not be read"},
		"garbage":                   {func(w *world) { w.parts["lifecycle"] = "<" }, "", "", "cannot be read"},
		"S3 is away":                {func(w *world) { w.parts["versioning"] = "503 SlowDown Reduce" }, "", "", "S3 answers SlowDown"},
		"key disabled":              {func(w *world) { w.state = "Disabled" }, "critical", "was found unusable", ""},
		"key gone":                  {func(w *world) { w.state = "" }, "critical", "key 0d4b0f0a-1111-2222-3333-444455556666 was found deleted", ""},
		"key not readable":          {func(w *world) { w.refuses = "DescribeKey" }, "", "", "The key 0d4b0f0a-1111-2222-3333-444455556666 could not be read"},
		"key's policy not readable": {func(w *world) { w.refuses = "GetKeyPolicy" }, "", "", "could not be read"},
	} {
		w := newWorld()
		test.change(w)
		s, to, _ := w.sweeper(t, false, described(t))
		unseen, untold, err := s.Sweep(t.Context(), "now", nil)
		if err != nil || untold > 0 {
			t.Errorf("%s: %v", name, err)
		}
		if got := strings.Join(unseen["eu-west-1"], " "); !strings.Contains(got, test.unseen) || test.unseen == "" && got != "" {
			t.Errorf("%s: unseen %q; want %q", name, got, test.unseen)
		}
		switch {
		case test.severity == "" && len(to.got) > 0:
			t.Errorf("%s: %+v", name, to.got)
		case test.severity == "":
		case len(to.got) != 1 || to.got[0].Severity != test.severity:
			t.Errorf("%s: %+v", name, to.got)
		default:
			m := message.Of(to.got[0])
			if text := fmt.Sprint(m.Title, m.Detail, m.Changes); !strings.Contains(text, test.says) {
				t.Errorf("%s: it does not say %q: %s", name, test.says, text)
			}
		}
		for _, owner := range w.owners {
			if owner != "111122223333" {
				t.Errorf("%s: a call expected the owner %q", name, owner)
			}
		}
	}
}

// TestSweepAgain: the same is reported once; over is reported, but not while something cannot be read.
func TestSweepAgain(t *testing.T) {
	w := newWorld()
	s, to, once := w.sweeper(t, false, described(t))
	sweep := func() {
		t.Helper()
		if _, _, err := s.Sweep(t.Context(), "now", once); err != nil {
			t.Fatal(err)
		}
	}
	w.parts["lifecycle"] = lifecycleXML(1)
	sweep()
	sweep()
	if len(to.got) != 1 {
		t.Fatalf("%d findings", len(to.got))
	}
	w.parts["lifecycle"], w.parts["versioning"] = lifecycleXML(400), "503 SlowDown"
	sweep()
	if len(to.got) != 1 {
		t.Fatalf("over although something could not be read: %+v", to.got[1])
	}
	w.parts["versioning"] = "<V><Status>Enabled</Status></V>"
	sweep()
	sweep()
	if len(to.got) != 2 || to.got[1].Kind != finding.KindEvidenceOver {
		t.Errorf("%+v", to.got)
	}
}

// TestForeignBucket: of another account's bucket, a plain refusal says nothing of whose it is.
func TestForeignBucket(t *testing.T) {
	w := newWorld()
	w.parts["policy"] = "403 AccessDenied Access Denied"
	b := described(t)
	b.Bucket.Owner = "444455556666"
	s, to, _ := w.sweeper(t, false, b)
	unseen, _, err := s.Sweep(t.Context(), "now", nil)
	if err != nil || len(to.got) != 0 || len(unseen["eu-west-1"]) != 1 {
		t.Errorf("%v %v %+v", err, unseen, to.got)
	}
}

// TestUntold: a message that no channel accepted counts, of what differs and of what is over; what nobody parked either is
// not noted as reported.
func TestUntold(t *testing.T) {
	broken := errors.New("broken")
	for name, test := range map[string]struct {
		sent   report.Deliveries
		err    error
		untold int
	}{
		"told":         {report.Deliveries{{Channel: "slack", Status: report.StatusDelivered}}, nil, 0},
		"one is told":  {report.Deliveries{{Channel: "slack", Err: broken}, {Channel: "sns", Status: report.StatusRepeated}}, nil, 0},
		"nobody is":    {report.Deliveries{{Channel: "slack", Err: broken}, {Channel: "sns", Err: broken}}, nil, 1},
		"it is lost":   {report.Deliveries{{Channel: "slack", Err: broken}}, broken, 1},
		"nobody there": {nil, nil, 0},
	} {
		w := newWorld()
		w.parts["lifecycle"] = lifecycleXML(1)
		s, to, once := w.sweeper(t, false, described(t))
		to.sent, to.err = test.sent, test.err
		_, untold, err := s.Sweep(t.Context(), "now", nil)
		if untold != test.untold || !errors.Is(err, test.err) || (len(once) == 0) != (test.err != nil) {
			t.Errorf("%s: %d untold, %v, noted %v; want %d", name, untold, err, once, test.untold)
		}
		w.parts["lifecycle"] = lifecycleXML(400)
		_, untold, err = s.Sweep(t.Context(), "now", memory{"evidence arn:aws:s3:::org-logs": "open:x"})
		if untold != test.untold || !errors.Is(err, test.err) || len(to.got) != 2 {
			t.Errorf("%s, over: %d untold, %v, %+v; want %d", name, untold, err, to.got, test.untold)
		}
	}
}

// TestOverOfWhat: only what was reported as wrong is said to be over; what was put right was said to be so.
func TestOverOfWhat(t *testing.T) {
	for sign, want := range map[string]int{"open:x": 1, "open:tried:x": 1, "done:x": 0} {
		s, to, _ := newWorld().sweeper(t, false, described(t))
		reported := memory{"evidence arn:aws:s3:::org-logs": sign}
		if _, _, err := s.Sweep(t.Context(), "now", reported); err != nil || len(to.got) != want {
			t.Errorf("%s: %v %+v; want %d findings", sign, err, to.got, want)
		}
	}
}
