package clitest

import (
	"context"
	"errors"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/spf13/cobra"

	"trailkeeper/lambda/internal/localcloud"
)

// Loopback is an AWS on loopback with its operator, and a folder to work in.
type Loopback struct {
	Cloud *localcloud.Cloud
	Dir   string

	t     *testing.T
	build func() *cobra.Command
}

// NewLoopback starts the cloud, and points the SDK at it as an operator's environment would.
func NewLoopback(t *testing.T, build func() *cobra.Command, seeds ...localcloud.TrailSeed) *Loopback {
	t.Helper()
	cloud, err := localcloud.New(localcloud.Options{
		Template: Read(t, "../../internal/localcloud/testdata/small.json"),
		Account:  "111122223333",
		Region:   "eu-west-1",
		Secrets:  map[string]string{"app": `{"webhook":"https://hooks.slack.com/services/T0/B0/x","bot_token":"xoxb-1"}`},
		RealTime: true,
		Lag:      time.Nanosecond,
		NewHandler: func(context.Context, localcloud.FunctionEnv) (localcloud.Handler, error) {
			return nil, errors.New("not played")
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cloud.Close() })
	for _, s := range seeds {
		if err := cloud.AddTrail(s); err != nil {
			t.Fatal(err)
		}
	}
	PointAt(t, cloud.Endpoint())
	return &Loopback{
		Cloud: cloud,
		Dir:   t.TempDir(),
		t:     t,
		build: build,
	}
}

// Run carries out one command line in the folder.
func (l *Loopback) Run(args ...string) (code int, stdout, stderr string) {
	l.t.Helper()
	home, err := os.Getwd()
	if err == nil {
		err = os.Chdir(l.Dir)
	}
	if err != nil {
		l.t.Fatal(err)
	}
	defer func() {
		if err := os.Chdir(home); err != nil {
			l.t.Fatal(err)
		}
	}()
	return Command(l.build)("", args...)
}

// Want runs a command line of words that must end with a code and say something, on either output.
func (l *Loopback) Want(code int, line, says string) {
	l.t.Helper()
	got, out, errs := l.Run(strings.Fields(line)...)
	if got != code || !strings.Contains(strings.Join(strings.Fields(out+errs), " "), says) {
		l.t.Errorf("%s: exit %d, want %d and %q in:\n%s%s", line, got, code, says, out, errs)
	}
}
