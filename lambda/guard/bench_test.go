package main

import (
	"encoding/pem"
	"net/http"
	"os"
	"path/filepath"
	"testing"
	"time"

	"trailkeeper/lambda/internal/bootstraptest"
	"trailkeeper/lambda/internal/runtimeapi"
)

// The benchmarks measure the guard and its baseline in turn, in the same run, and report medians and their ratio: the
// times vary with the machine, the ratio is what the goals in the README are about. Run them with: go test -run '^$'
// -bench . ./lambda/guard

// BenchmarkStart is the time from the start of the process to its first poll of the Runtime API, against a bootstrap
// that only links the same SDK clients.
func BenchmarkStart(b *testing.B) {
	c := newCloud(b, false)
	sides := []bootstraptest.Side{built.Side(b, "guard", guardPkg), built.Side(b, "bare", barePkg)}
	bootstraptest.CompareStarts(b, sides, c.env())
}

// BenchmarkRestart is the time from a warm function's event to StartLogging on the wire, against a handler that only
// makes that call.
func BenchmarkRestart(b *testing.B) {
	c := newCloud(b, false)
	sides := []bootstraptest.Side{built.Side(b, "guard", guardPkg), built.Side(b, "bare", barePkg)}
	for i := range sides {
		sides[i].Process = bootstraptest.Start(b, sides[i].Path, c.env())
		for range 20 { // connections, secret, pools
			toStartLogging(b, c, sides[i].Process)
		}
	}
	bootstraptest.Compare(b, sides, func(s *bootstraptest.Side) time.Duration { return toStartLogging(b, c, s.Process) })
}

// BenchmarkFirstCall is the time from a function's first event to StartLogging on the wire over TLS, with the system's
// certificates to load, against a guard that does not open the connection in advance. Lambda gives the first event as
// soon as the function polls (at once), or later, to an environment that was started ahead (idle).
func BenchmarkFirstCall(b *testing.B) {
	for _, idle := range []bool{false, true} {
		name := map[bool]string{false: "at_once", true: "idle"}[idle]
		b.Run(name, func(b *testing.B) {
			c := newCloud(b, true)
			env := c.env()
			env["SSL_CERT_FILE"] = systemAnd(b, c)
			env["SSL_CERT_DIR"] = filepath.Dir(env["SSL_CERT_FILE"])
			sides := []bootstraptest.Side{
				built.Side(b, "prewarmed", guardPkg),
				built.Side(b, "cold", coldPkg),
			}
			bootstraptest.Compare(b, sides, func(s *bootstraptest.Side) time.Duration {
				c.reset()
				p := bootstraptest.Start(b, s.Path, env)
				if _, err := p.FirstPoll(bootstraptest.Soon(b)); err != nil {
					b.Fatal(err)
				}
				if idle && s.Name == "prewarmed" {
					waitFor(b, c, http.MethodGet)
				}
				took := toStartLogging(b, c, p)
				if err := p.Stop(); err != nil {
					b.Fatal(err)
				}
				return took
			})
		})
	}
}

// toStartLogging gives the function one StopLogging and returns the time from there to StartLogging on the wire.
func toStartLogging(b *testing.B, c *cloud, p *runtimeapi.Process) time.Duration {
	b.Helper()
	c.reset()
	res, err := p.Invoke(
		bootstraptest.Soon(b),
		runtimeapi.Invocation{
			RequestID: "6f0e2f1c-0000-4000-8000-000000000003",
			Payload:   bootstraptest.Fixture(b, "stop-logging.json"),
		},
	)
	if err != nil {
		b.Fatal(err)
	}
	if res.Error != nil {
		b.Fatalf("the invocation failed: %v", res.Error)
	}
	return c.first(b, "StartLogging").At.Sub(res.Delivered)
}

// waitFor waits until a call of that name arrives.
func waitFor(b *testing.B, c *cloud, name string) {
	b.Helper()
	ctx := bootstraptest.Soon(b)
	for {
		select {
		case made := <-c.arrived:
			if made.Name == name {
				return
			}
		case <-ctx.Done():
			b.Fatalf("no %s reached the cloud in time", name)
		}
	}
}

// systemAnd writes the system's certificates and the cloud's own into one file, so that the first handshake costs what
// it does in Lambda.
func systemAnd(b *testing.B, c *cloud) string {
	b.Helper()
	var bundle []byte
	for _, file := range []string{
		"/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/cert.pem",
	} {
		if raw, err := os.ReadFile(file); err == nil {
			bundle = raw
			break
		}
	}
	own := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: c.Certificate().Raw})
	file := filepath.Join(b.TempDir(), "bundle.pem")
	if err := os.WriteFile(file, append(append(bundle, '\n'), own...), 0o600); err != nil {
		b.Fatal(err)
	}
	return file
}
