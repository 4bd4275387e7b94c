package listen

import (
	"bufio"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"

	"trailkeeper/lambda/internal/localcloud"
	"trailkeeper/lambda/internal/simulate/page"
	"trailkeeper/lambda/internal/simulate/result"
)

const webTrail = "arn:aws:cloudtrail:eu-west-1:111122223333:trail/main"

// webOf is a page of one trail, in front of a CloudTrail that answers so.
func webOf(t *testing.T, answer http.HandlerFunc) *web {
	t.Helper()
	server := httptest.NewServer(answer)
	t.Cleanup(server.Close)
	live := func() page.Live {
		now := time.Unix(0, 0)
		return page.Live{
			Endpoint: "http://127.0.0.1:1",
			Attacks:  []page.Attack{attacks[0].Attack},
			Trails:   []result.Trail{{ARN: webTrail}},
			Run: result.Result{Start: now, End: now.Add(time.Second), Timeline: result.Timeline{{
				At:      now,
				Kind:    localcloud.KindSNS,
				Subject: "<script>alert(1)</script>",
				Text:    "mail",
			}}},
		}
	}
	client := cloudtrail.New(cloudtrail.Options{
		Region:       "eu-west-1",
		BaseEndpoint: &server.URL,
		Retryer:      aws.NopRetryer{},
		Credentials:  aws.AnonymousCredentials{},
	})
	p := newWeb()
	p.begin(served{live, client})
	return p
}

// TestWebRefuses: only this machine sees the page, and only the page attacks.
func TestWebRefuses(t *testing.T) {
	form := "attack=stop&trail=" + webTrail
	for name, test := range map[string]struct {
		method, path, host, origin, body string
		code                             int
		says                             string
	}{
		"the page":             {"GET", "/", "127.0.0.1:4566", "", "", 200, "<h1>A deployment to attack</h1>"},
		"by name":              {"GET", "/", "localhost:4566", "", "", 200, "<h1>"},
		"by name in capitals":  {"GET", "/", "LOCALHOST:4566", "", "", 200, "<h1>"},
		"its head":             {"HEAD", "/", "localhost:4566", "", "", 200, ""},
		"head of another name": {"HEAD", "/", "evil.example:4566", "", "", 403, ""},
		"head of the stream":   {"HEAD", "/live", "localhost", "", "", 403, ""},
		"by IPv6":              {"GET", "/", "[::1]:4566", "", "", 200, "<h1>"},
		"another name":         {"GET", "/", "evil.example:4566", "", "", 403, "loopback addresses only"},
		"a name like ours":     {"GET", "/", "localhost.evil.example", "", "", 403, "loopback addresses only"},
		"another address":      {"GET", "/", "192.0.2.1:4566", "", "", 403, "loopback addresses only"},
		"another path":         {"GET", "/x", "localhost", "", "", 403, "want a request with an AWS signature"},
		"attack":               {"POST", "/attack", "localhost:1", "http://localhost:1", form, 200, "CloudTrail did it."},
		"attack in capitals":   {"POST", "/attack", "LOCALHOST:1", "http://localhost:1", form, 200, "CloudTrail did it."},
		"attack, no origin":    {"POST", "/attack", "localhost:1", "", form, 403, "only the page itself"},
		"attack, another site": {"POST", "/attack", "localhost:1", "http://evil.example", form, 403, "only the page itself"},
		"attack, another port": {"POST", "/attack", "localhost:1", "http://localhost:2", form, 403, "only the page itself"},
		"attack by GET":        {"GET", "/attack?" + form, "localhost:1", "http://localhost:1", "", 403, "AWS signature"},
		"attack of no kind": {
			"POST", "/attack", "localhost:1", "http://localhost:1", "attack=x&trail=" + webTrail, 404, "no such",
		},
		"attack on no trail": {
			"POST", "/attack", "localhost:1", "http://localhost:1", "attack=stop&trail=x", 404, "no such",
		},
		"attack that is a book": {
			"POST", "/attack", "localhost:1", "http://localhost:1", strings.Repeat("x", 5000), 413, "too long",
		},
	} {
		called := 0
		p := webOf(t, func(w http.ResponseWriter, _ *http.Request) {
			called++
			_, _ = io.WriteString(w, "{}")
		})
		r := httptest.NewRequest(test.method, test.path, strings.NewReader(test.body))
		r.Host = test.host
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		if test.origin != "" {
			r.Header.Set("Origin", test.origin)
		}
		w := httptest.NewRecorder()
		p.ServeHTTP(w, r)
		if w.Code != test.code || !strings.Contains(w.Body.String(), test.says) {
			t.Errorf("%s: %d, %.200s; want %d and %q", name, w.Code, w.Body, test.code, test.says)
		}
		if (called == 1) != (name == "attack" || name == "attack in capitals") || called > 1 {
			t.Errorf("%s: CloudTrail was called %d times", name, called)
		}
	}
}

// TestWebPage: what others wrote is text on the page, and nothing else may run.
func TestWebPage(t *testing.T) {
	p := webOf(t, nil)
	w := httptest.NewRecorder()
	r := httptest.NewRequest(http.MethodGet, "/", nil)
	r.Host = "localhost"
	p.ServeHTTP(w, r)
	body := w.Body.String()
	if strings.Count(body, "<script>") != 1 || !strings.Contains(body, "&lt;script&gt;alert(1)") ||
		!strings.Contains(body, "script-src 'sha256-") || strings.Contains(body, "unsafe-inline") {
		t.Error(body)
	}
	for header, want := range map[string]string{
		"Content-Type":           "text/html; charset=utf-8",
		"X-Frame-Options":        "DENY",
		"X-Content-Type-Options": "nosniff",
		"Cache-Control":          "no-store",
	} {
		if got := w.Header().Get(header); got != want {
			t.Errorf("%s is %q, want %q", header, got, want)
		}
	}
	w = httptest.NewRecorder()
	newWeb().ServeHTTP(w, r)
	if w.Code != http.StatusServiceUnavailable {
		t.Errorf("before anything runs: %d", w.Code)
	}
}

// TestWebRefusal: what CloudTrail refuses is said where the button is.
func TestWebRefusal(t *testing.T) {
	p := webOf(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("X-Amzn-Errortype", "TrailNotFoundException")
		w.WriteHeader(http.StatusBadRequest)
		_, _ = io.WriteString(w, `{"__type":"TrailNotFoundException","message":"Unknown\u001b trail"}`)
	})
	r := httptest.NewRequest(http.MethodPost, "/attack", strings.NewReader("attack=stop&trail="+webTrail))
	r.Host = "localhost:1"
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Origin", "http://localhost:1")
	w := httptest.NewRecorder()
	p.ServeHTTP(w, r)
	const want = "Stop logging on main: CloudTrail refused with TrailNotFoundException: Unknown trail"
	if got := w.Body.String(); got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

// TestWebStream: an update comes at once, and another with each change; a browser that goes away ends it.
func TestWebStream(t *testing.T) {
	p := webOf(t, nil)
	server := httptest.NewServer(p)
	defer server.Close() // waits for the stream to end
	answer, err := http.Get(server.URL + "/live")
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	if got := answer.Header.Get("Content-Type"); got != "text/event-stream" {
		t.Errorf("content type %q", got)
	}
	lines := bufio.NewScanner(answer.Body)
	lines.Buffer(nil, 1<<20)
	for range 2 {
		var update page.Update
		for lines.Scan() && !strings.HasPrefix(lines.Text(), "data: ") {
		}
		if err := json.Unmarshal([]byte(strings.TrimPrefix(lines.Text(), "data: ")), &update); err != nil {
			t.Fatalf("%v: %.200s", err, lines.Text())
		}
		if !strings.Contains(update.Parts["t1"], "recording") || update.Parts["timeline"] == "" ||
			len(update.Messages) != 1 || update.Messages[0].ID != "m1" ||
			strings.Contains(update.Messages[0].HTML, "<script>") {
			t.Errorf("%+v", update)
		}
		p.note()
	}
}

// TestAttacks: each button makes a call of its own, for the trail.
func TestAttacks(t *testing.T) {
	var calls []string
	p := webOf(t, func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		if !strings.Contains(string(body), webTrail) {
			t.Errorf("a call without the trail: %s", body)
		}
		calls = append(calls, r.Header.Get("X-Amz-Target"))
		_, _ = io.WriteString(w, "{}")
	})
	for _, a := range attacks {
		if err := a.do(t.Context(), p.what().client, webTrail); err != nil {
			t.Errorf("%s: %v", a.ID, err)
		}
	}
	const prefix = "CloudTrail_20131101."
	want := prefix + "StopLogging " + prefix + "PutEventSelectors " + prefix + "UpdateTrail " + prefix + "DeleteTrail"
	if got := strings.Join(calls, " "); got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

// TestWebThrottled: a button that CloudTrail asks to wait calls again, and gives up at last.
func TestWebThrottled(t *testing.T) {
	for refusals, want := range map[int]string{
		2:  "Stop logging on main: CloudTrail did it.",
		10: "Stop logging on main: CloudTrail refused with ThrottlingException: Rate exceeded",
	} {
		calls := 0
		p := webOf(t, func(w http.ResponseWriter, _ *http.Request) {
			if calls++; calls > refusals {
				_, _ = io.WriteString(w, "{}")
				return
			}
			w.WriteHeader(http.StatusBadRequest)
			_, _ = io.WriteString(w, `{"__type":"ThrottlingException","message":"Rate exceeded"}`)
		})
		s := p.what()
		p.begin(served{s.live, patient(s.client, 0)})
		r := httptest.NewRequest(http.MethodPost, "/attack", strings.NewReader("attack=stop&trail="+webTrail))
		r.Host = "localhost:1"
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Origin", "http://localhost:1")
		w := httptest.NewRecorder()
		p.ServeHTTP(w, r)
		if got := w.Body.String(); got != want || calls != min(refusals+1, 5) {
			t.Errorf("after %d refusals and %d calls: %q, want %q", refusals, calls, got, want)
		}
	}
}
