package s3write_test

import (
	"crypto/sha256"
	"encoding/hex"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	"trailkeeper/lambda/internal/s3read"
	"trailkeeper/lambda/internal/s3read/s3test"
	"trailkeeper/lambda/internal/s3write"
)

func TestPut(t *testing.T) {
	status, got := http.StatusOK, ""
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		sum := sha256.Sum256(body)
		if r.Header.Get("X-Amz-Content-Sha256") != hex.EncodeToString(sum[:]) {
			t.Error("the signature is not of the body")
		}
		got = r.Method + " " + r.URL.Path + " " + r.Header.Get("X-Amz-Expected-Bucket-Owner") + " " + string(body)
		w.WriteHeader(status)
	}))
	defer server.Close()
	c := s3test.Client(server)
	o := s3read.Object{Bucket: "results", Key: "runs/a b", Owner: "111122223333"}
	if err := s3write.Put(t.Context(), c, o, []byte("text")); err != nil || got != "PUT /results/runs/a b 111122223333 text" {
		t.Errorf("%v, %q", err, got)
	}
	status = http.StatusServiceUnavailable
	err := s3write.Put(t.Context(), c, o, nil)
	if refused, ok := err.(*s3read.Error); !ok || refused.Status != status { //nolint:errorlint // it is not wrapped
		t.Errorf("%v", err)
	}
}
