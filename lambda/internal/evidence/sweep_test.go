package evidence

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
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
	"trailkeeper/lambda/internal/s3read"
	"trailkeeper/lambda/internal/state/claims"
)

const policyText = `{"Version":"2012-10-17","Statement":[]}`

// world is S3 and KMS with one bucket and one key.
type world struct {
	parts   map[string]string // by the query, an answer or "STATUS CODE MESSAGE"
	owners  []string          // that were expected
	state   string            // of the key
	stays   bool              // it stays as it is whatever is called
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
		return map[string]any{"KeyMetadata": map[string]any{"KeyState": w.state}}, nil
	case "GetKeyPolicy":
		return map[string]any{"Policy": policyText}, nil
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

func (w *world) sweeper(t *testing.T, b baseline.Baseline, enables bool) (*Sweeper, *reporter, memory) {
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
		Scope: scope, Baselines: func() ([]baseline.Baseline, error) { return []baseline.Baseline{b}, nil },
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
		s, to, _ := w.sweeper(t, described(t), false)
		unseen, err := s.Sweep(t.Context(), "now", nil)
		if err != nil {
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
	s, to, once := w.sweeper(t, described(t), false)
	sweep := func() {
		t.Helper()
		if _, err := s.Sweep(t.Context(), "now", once); err != nil {
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
	s, to, _ := w.sweeper(t, b, false)
	unseen, err := s.Sweep(t.Context(), "now", nil)
	if err != nil || len(to.got) != 0 || len(unseen["eu-west-1"]) != 1 {
		t.Errorf("%v %v %+v", err, unseen, to.got)
	}
}

// TestEnable: the key is enabled, and read afterwards; what fails is said. Of another account, without the setting, or
// where the baseline does not say that it is enabled, nothing is called.
func TestEnable(t *testing.T) {
	for name, test := range map[string]struct {
		change  func(*world, *baseline.Baseline)
		off     bool
		outcome finding.Outcome
		calls   []string // that change something
	}{
		"disabled": {func(w *world, _ *baseline.Baseline) { w.state = "Disabled" }, false, finding.OutcomeRestored, []string{"EnableKey"}},
		"doomed": {
			func(w *world, _ *baseline.Baseline) { w.state = "PendingDeletion" }, false, finding.OutcomeRestored,
			[]string{"CancelKeyDeletion", "EnableKey"},
		},
		"stays off": {func(w *world, _ *baseline.Baseline) { w.state, w.stays = "Disabled", true }, false, finding.OutcomeCannotRestore, []string{"EnableKey"}},
		"refused": {
			func(w *world, _ *baseline.Baseline) { w.state, w.refuses = "Disabled", "EnableKey" }, false, finding.OutcomeCannotRestore,
			[]string{"EnableKey"},
		},
		"no material": {func(w *world, _ *baseline.Baseline) { w.state = "PendingImport" }, false, finding.OutcomeCannotRestore, nil},
		"not asked":   {func(w *world, _ *baseline.Baseline) { w.state = "Disabled" }, true, finding.OutcomeNotified, nil},
		"meant to be off": {func(w *world, b *baseline.Baseline) {
			w.state, b.Key.Enabled, b.Key.PolicySHA256 = "Disabled", false, strings.Repeat("0", 64)
		}, false, finding.OutcomeNotified, nil},
		"another account's": {func(w *world, b *baseline.Baseline) {
			w.state, b.Trail.Settings.KMSKeyID = "Disabled", strings.Replace(keyARN, "111122223333", "444455556666", 1)
		}, false, finding.OutcomeNotified, nil},
	} {
		w, b := newWorld(), described(t)
		b.Bucket = nil
		test.change(w, &b)
		s, to, _ := w.sweeper(t, b, !test.off)
		if _, err := s.Sweep(t.Context(), "now", nil); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		changing := slices.DeleteFunc(slices.Clone(w.called), func(c string) bool { return c == "DescribeKey" || c == "GetKeyPolicy" })
		if len(to.got) != 1 || to.got[0].Outcome != test.outcome || !slices.Equal(changing, test.calls) {
			t.Errorf("%s: %+v, called %v", name, to.got, changing)
		}
	}
}

// TestEventEnables: after the event as well, and only after a call that succeeded.
func TestEventEnables(t *testing.T) {
	inKey := object{"resources": []object{{"ARN": keyARN}}}
	refused := object{"errorCode": "AccessDenied", "errorMessage": keyARN, "resources": []object{{"ARN": keyARN}}}
	for name, test := range map[string]struct {
		call    string
		more    object
		state   string
		outcome finding.Outcome
	}{
		"disabled":        {"DisableKey", inKey, "Disabled", finding.OutcomeRestored},
		"doomed":          {"ScheduleKeyDeletion", inKey, "PendingDeletion", finding.OutcomeRestored},
		"already enabled": {"DisableKey", inKey, "Enabled", finding.OutcomeNoDrift},
		"refused":         {"DisableKey", refused, "Enabled", finding.OutcomeAttempt},
		"its policy":      {"PutKeyPolicy", inKey, "Disabled", finding.OutcomeNotified},
	} {
		w, b := newWorld(), described(t)
		w.state = test.state
		s, to, _ := w.sweeper(t, b, true)
		r := &Responder{Scope: s.Scope, Enabler: s.Enabler, Baselines: s.Baselines, Reporter: to, Log: discard}
		if err := r.Respond(t.Context(), event(t, "kms.amazonaws.com", test.call, nil, test.more)); err != nil {
			t.Fatal(err)
		}
		if len(to.got) != 1 || to.got[0].Outcome != test.outcome {
			t.Errorf("%s: %+v", name, to.got)
		}
	}
}
