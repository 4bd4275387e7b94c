package localcloud

import (
	"net/http"
	"testing"
)

// TestHeartbeatOutside: a URL that stands in a secret is pinged by GET, HEAD and POST; another path, host or method is
// not taken.
func TestHeartbeatOutside(t *testing.T) {
	c := newCloud(t, nil, func(o *Options) {
		o.Secrets["beats"] = `{"beat":"https://hc.example/ping/SECRET","page":"https://hc.example/other"}`
	})
	for _, test := range []struct {
		method, host, path string
		want               int
	}{
		{http.MethodGet, "hc.example", "/ping/SECRET", 200},
		{http.MethodPost, "hc.example", "/ping/SECRET", 200},
		{http.MethodHead, "hc.example", "/ping/SECRET", 200},
		{http.MethodPut, "hc.example", "/ping/SECRET", 405},
		{http.MethodGet, "hc.example", "/ping/SECRET2", 404},
		{http.MethodGet, "hc.example", "/ping/", 404},
		{http.MethodGet, "other.example", "/ping/SECRET", 404},
		{http.MethodGet, "hc.example", "/other", 403},
	} {
		req, err := http.NewRequestWithContext(t.Context(), test.method, c.Endpoint()+test.path, http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		req.Host = test.host
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		_ = resp.Body.Close()
		if resp.StatusCode != test.want {
			t.Errorf("%s %s%s: %d; want %d", test.method, test.host, test.path, resp.StatusCode, test.want)
		}
	}
	taken := 0
	for _, e := range c.Entries() {
		if e.Kind == KindPing && e.Err == "" && e.Subject == "beat" {
			taken++
		}
	}
	if taken != 3 {
		t.Errorf("%d pings were taken; want 3", taken)
	}
}
