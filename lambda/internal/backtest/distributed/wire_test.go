package distributed_test

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"trailkeeper/lambda/config"
	"trailkeeper/lambda/internal/backtest/distributed"
	"trailkeeper/lambda/internal/clock"
)

// wired is a handler as the function makes it, over an S3 that answers as it is told, and the waits between its calls.
func wired(t *testing.T, s3 http.HandlerFunc) (h *distributed.Handler, waits *[]time.Duration) {
	t.Helper()
	server := httptest.NewServer(s3)
	t.Cleanup(server.Close)
	env := config.ExampleBacktest().Env()
	for name, value := range map[string]string{
		"AWS_REGION": "eu-west-1", "AWS_ACCESS_KEY_ID": "id", "AWS_SECRET_ACCESS_KEY": "key", "AWS_ENDPOINT_URL": server.URL,
	} {
		env[name] = value
	}
	encoded, err := rulesOf(t, "2026-05-01").Encode()
	if err != nil {
		t.Fatal(err)
	}
	waits = &[]time.Duration{}
	h, err = distributed.New(distributed.Options{
		Getenv: func(k string) string { return env[k] },
		Files:  fstest.MapFS{config.RulesFile: {Data: encoded}},
		Log:    slog.New(slog.DiscardHandler),
		Clock: clock.Clock{Now: time.Now, Sleep: func(_ context.Context, d time.Duration) error {
			*waits = append(*waits, d)
			return nil
		}},
	})
	if err != nil {
		t.Fatal(err)
	}
	return h, waits
}

// TestCallsAreMadeAgain: S3 that is busy is asked again, after longer and longer waits; a refusal is final, and in the
// words that a backtest on a machine of one's own has.
func TestCallsAreMadeAgain(t *testing.T) {
	for code, tt := range map[string]struct {
		status, fails int
		waits         int
		want          string
	}{
		"SlowDown":       {503, 3, 3, "<nil>"},
		"InternalError":  {500, 100, 8, "InternalError: S3 did not give the object"},
		"RequestTimeout": {400, 1, 1, "<nil>"},
		"AccessDenied":   {403, 100, 0, "AccessDenied: the permission s3:GetObject is missing, or a policy denies it"},
		"NoSuchKey":      {404, 100, 0, "NoSuchKey: the object is gone: it was there when the bucket was listed"},
	} {
		asked := 0
		h, waits := wired(t, func(w http.ResponseWriter, r *http.Request) {
			if asked++; asked <= tt.fails {
				w.WriteHeader(tt.status)
				fmt.Fprintf(w, "<Error><Code>%s</Code></Error>", code)
			}
			if r.Header.Get("X-Amz-Expected-Bucket-Owner") != "111122223333" {
				t.Error("the bucket's owner is not asked for")
			}
		})
		body, err := h.Open(h.Archives[0], "AWSLogs/").Get(t.Context(), "AWSLogs/x")
		if fmt.Sprint(err) != tt.want || len(*waits) != tt.waits {
			t.Errorf("%s: %v after %v, want %s after %d waits", code, err, *waits, tt.want, tt.waits)
		}
		if body != nil {
			_ = body.Close()
		}
		for i, wait := range *waits {
			if least := min(100*time.Millisecond<<i, 5*time.Second); wait < least || wait > 2*least {
				t.Errorf("%s: wait %d is %s", code, i, wait)
			}
		}
	}
}

func TestResultsInS3(t *testing.T) {
	var said []string
	h, _ := wired(t, func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		said = append(said, r.Method+" "+r.URL.Path+" "+r.URL.Query().Get("prefix")+r.URL.Query().Get("continuation-token")+string(body))
		switch {
		case r.URL.Query().Get("list-type") == "":
			_, _ = io.WriteString(w, "text")
		case r.URL.Query().Get("continuation-token") == "":
			_, _ = io.WriteString(w, "<R><Contents><Key>runs/1</Key></Contents><IsTruncated>true</IsTruncated>"+
				"<NextContinuationToken>more</NextContinuationToken></R>")
		default:
			_, _ = io.WriteString(w, "<R><Contents><Key>runs/2</Key></Contents></R>")
		}
	})
	keys, err := h.Results.List(t.Context(), "runs/")
	if err != nil || strings.Join(keys, " ") != "runs/1 runs/2" {
		t.Error(keys, err)
	}
	if err := h.Results.Put(t.Context(), "runs/x", []byte("new")); err != nil {
		t.Error(err)
	}
	body, err := h.Results.Get(t.Context(), "runs/x")
	if err != nil {
		t.Fatal(err)
	}
	if text, _ := io.ReadAll(body); string(text) != "text" {
		t.Errorf("%q", text)
	}
	const want = "GET /trailkeeper-results/ runs/,GET /trailkeeper-results/ runs/more,PUT /trailkeeper-results/runs/x new," +
		"GET /trailkeeper-results/runs/x "
	if got := strings.Join(said, ","); got != want {
		t.Errorf("%s\nwant %s", got, want)
	}
}

// TestNewNamesEverything that is wrong.
func TestNewNamesEverything(t *testing.T) {
	_, err := distributed.New(distributed.Options{Getenv: func(string) string { return "" }, Files: fstest.MapFS{}})
	for _, want := range []string{config.EnvResults, config.EnvLogBuckets, config.RulesFile, "AWS_REGION"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v does not name %s", err, want)
		}
	}
}
