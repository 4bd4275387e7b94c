package s3test_test

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/google/go-cmp/cmp"

	"trailkeeper/lambda/internal/s3read/s3list"
	"trailkeeper/lambda/internal/s3read/s3test"
)

// A client of package s3read gets the pages that List gives: each object and each folder once.
func TestServeList(t *testing.T) {
	var all []s3list.Object
	for _, key := range []string{"p/c/2", "p/c/1", "p/d+ e", "p/a", "p/b\n", "p/f/1", "q", "p"} {
		all = append(all, s3list.Object{Key: key, Size: int64(len(key)), Class: "GLACIER", ETag: `"` + key[:1] + `"`})
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s3test.ServeList(w, r, all, 2)
	}))
	defer server.Close()
	for _, tt := range []struct {
		ask           s3list.Ask
		keys, folders []string
		next          string
	}{
		{ask: s3list.Ask{Prefix: "p/", Delimiter: "/"}, keys: []string{"p/a", "p/b\n"}, folders: []string{"p/c/"}, next: "p/c/2"},
		{ask: s3list.Ask{Prefix: "p/", Delimiter: "/", Token: "p/c/2"}, keys: []string{"p/d+ e"}, folders: []string{"p/f/"}},
		{ask: s3list.Ask{Prefix: "p/", After: "p/c/1"}, keys: []string{"p/c/2", "p/d+ e"}, next: "p/d+ e"},
		{ask: s3list.Ask{Prefix: "p/f/1"}, keys: []string{"p/f/1"}},
		{ask: s3list.Ask{Prefix: "r"}},
	} {
		page, err := s3test.Client(server).List(t.Context(), "b", "", tt.ask)
		if diff := cmp.Diff(s3test.List(tt.ask, all, 2), page); err != nil || diff != "" {
			t.Errorf("%+v: %v (-want +got)\n%s", tt.ask, err, diff)
		}
		var keys []string
		for _, o := range page.Objects {
			keys = append(keys, o.Key)
		}
		if diff := cmp.Diff([]any{tt.keys, tt.folders, tt.next}, []any{keys, page.Folders, page.Next}); diff != "" {
			t.Errorf("%+v (-want +got)\n%s", tt.ask, diff)
		}
	}
}
