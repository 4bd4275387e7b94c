package kmskey

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"trailkeeper/lambda/internal/awsenv"
)

const key = "arn:aws:kms:eu-west-1:111122223333:key/0d4b0f0a-1111-2222-3333-444455556666"

// far answers each call with a text, and notes what was asked.
func far(t *testing.T, status int, text string) (*Client, *[]string) {
	t.Helper()
	asked := &[]string{}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		*asked = append(*asked, r.Header.Get("X-Amz-Target")+" "+string(body))
		if !strings.Contains(r.Header.Get("Authorization"), "/eu-west-1/kms/aws4_request") {
			t.Errorf("signed for %s", r.Header.Get("Authorization"))
		}
		w.WriteHeader(status)
		_, _ = io.WriteString(w, text)
	}))
	t.Cleanup(server.Close)
	return &Client{HTTP: server.Client(), Credentials: credentials(), Endpoint: awsenv.Endpoint{URL: server.URL}, Now: time.Now}, asked
}

func credentials() aws.CredentialsProvider {
	return aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
		return aws.Credentials{AccessKeyID: "AKIDEXAMPLE", SecretAccessKey: "example-secret"}, nil
	})
}

func TestDescribe(t *testing.T) {
	c, asked := far(t, 200, `{"KeyMetadata":{"KeyState":"PendingDeletion","DeletionDate":1772442900.5,"Enabled":false}}`)
	k, err := c.Describe(t.Context(), key)
	if err != nil || k.Enabled() || k.Deletion != time.Unix(1772442900, 0).UTC() {
		t.Errorf("%+v, %v", k, err)
	}
	if want := `TrentService.DescribeKey {"KeyId":"` + key + `"}`; (*asked)[0] != want {
		t.Errorf("asked %s; want %s", (*asked)[0], want)
	}
}

func TestCalls(t *testing.T) {
	c, asked := far(t, 200, `{"Policy":"{}"}`)
	if p, err := c.Policy(t.Context(), key); p != "{}" || err != nil {
		t.Error(p, err)
	}
	if err := errors.Join(c.CancelDeletion(t.Context(), key), c.Enable(t.Context(), key)); err != nil {
		t.Error(err)
	}
	for i, want := range []string{"GetKeyPolicy", "CancelKeyDeletion", "EnableKey"} {
		if !strings.HasPrefix((*asked)[i], "TrentService."+want+" ") {
			t.Errorf("%s; want %s", (*asked)[i], want)
		}
	}
}

func TestProblems(t *testing.T) {
	for name, test := range map[string]struct {
		status     int
		text, says string
	}{
		"refused":              {400, `{"__type":"com.amazonaws.kms#AccessDeniedException","message":"no"}`, "kms:DescribeKey: AccessDeniedException: no"},
		"refused without body": {503, ``, "kms:DescribeKey: HTTP 503"},
		"garbage":              {200, `<html>`, "cannot be read"},
	} {
		c, _ := far(t, test.status, test.text)
		if _, err := c.Describe(t.Context(), key); err == nil || !strings.Contains(err.Error(), test.says) {
			t.Errorf("%s: %v", name, err)
		}
	}
	c, asked := far(t, 200, "")
	for _, arn := range []string{"", "key/x", "arn:aws:s3:::x"} {
		if _, err := c.Describe(t.Context(), arn); err == nil || len(*asked) > 0 {
			t.Errorf("%q: %v", arn, err)
		}
	}
}

// TestHosts goes by the endpoints of the AWS General Reference.
func TestHosts(t *testing.T) {
	for region, want := range map[string]string{
		"eu-west-1": "kms.eu-west-1.amazonaws.com kms-fips.eu-west-1.amazonaws.com kms.eu-west-1.api.aws",
		"cn-north-1": "kms.cn-north-1.amazonaws.com.cn kms-fips.cn-north-1.amazonaws.com.cn " +
			"kms.cn-north-1.api.amazonwebservices.com.cn",
	} {
		got := hostOf(awsenv.Endpoint{}, region) + " " + hostOf(awsenv.Endpoint{FIPS: true}, region) + " " +
			hostOf(awsenv.Endpoint{DualStack: true}, region)
		if got != want {
			t.Errorf("%s: %s", region, got)
		}
	}
}
