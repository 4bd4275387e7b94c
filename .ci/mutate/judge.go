package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"
)

// verdict is what the tests make of a change.
type verdict int

const (
	survived verdict = iota
	noticed
	timedOut   // noticed, too: the tests end without the change
	uncompiled // by the go command, although the types are right
)

// suite is a package whose tests judge.
type suite struct {
	path, dir string
	limit     time.Duration
}

// The tests of a change may take this much longer than without it.
const (
	limitFactor = 5
	limitGrace  = 3 * time.Second
)

// maxData bounds what tests with an endless loop may allocate, in KiB.
const maxData = "4000000"

// judge compiles the suites with a change and runs them until one fails. at is a folder of its own.
func judge(suites []suite, m mutant, src []byte, at string) (verdict, error) {
	changed, overlay := filepath.Join(at, "changed.go"), filepath.Join(at, "overlay.json")
	list, err := json.Marshal(map[string]map[string]string{"Replace": {m.file: changed}})
	if err != nil {
		return 0, err
	}
	if err := errors.Join(
		os.WriteFile(changed, m.edits[0].apply(src), 0o600),
		os.WriteFile(overlay, list, 0o600),
	); err != nil {
		return 0, err
	}
	for _, s := range suites {
		binary := filepath.Join(at, "tests")
		if out, err := build(s, binary, "-overlay", overlay); err != nil {
			if bytes.Contains(out, []byte("changed.go")) || bytes.Contains(out, []byte(filepath.Base(m.file))) {
				return uncompiled, nil
			}
			return 0, fmt.Errorf("build the tests of %s: %w: %s", s.path, err, out)
		}
		if v, _ := run(s, binary, s.limit); v != survived {
			return v, nil
		}
	}
	return survived, nil
}

// measure runs a suite without a change, and says how long it may take with one.
func measure(s *suite, at string) error {
	binary := filepath.Join(at, "tests")
	if out, err := build(*s, binary); err != nil {
		return fmt.Errorf("build the tests of %s: %w: %s", s.path, err, out)
	}
	start := time.Now()
	if v, out := run(*s, binary, 10*time.Minute); v != survived {
		return fmt.Errorf("the tests of %s fail without a change: %s", s.path, out)
	}
	s.limit = limitFactor*time.Since(start) + limitGrace
	return nil
}

func build(s suite, binary string, flags ...string) ([]byte, error) {
	args := append([]string{"test", "-c", "-vet=off", "-ldflags=-s -w", "-o", binary}, flags...)
	cmd := exec.Command("go", append(args, s.path)...)
	cmd.Dir = s.dir
	return cmd.CombinedOutput()
}

func run(s suite, binary string, limit time.Duration) (verdict, []byte) {
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	const limited = `ulimit -d ` + maxData + `; exec "$0" "$@"`
	cmd := exec.CommandContext(ctx, "sh", "-c", limited, binary, "-test.failfast", "-test.timeout=0")
	cmd.Dir = s.dir
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) } // with what the tests started
	cmd.WaitDelay = time.Second
	out, err := cmd.CombinedOutput()
	switch {
	case ctx.Err() != nil:
		return timedOut, out
	case err != nil:
		return noticed, out
	}
	return survived, out
}
