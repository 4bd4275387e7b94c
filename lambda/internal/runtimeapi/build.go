package runtimeapi

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"runtime"
)

// Build compiles a package into a bootstrap for Linux, with the flags that the deployed functions are built with. pkg
// is an import path or a path that starts with "./"; goarch is empty for this machine's. The Go toolchain and its build
// cache are the caller's.
func Build(ctx context.Context, pkg, out, goarch string) error {
	if goarch == "" {
		goarch = runtime.GOARCH
	}
	cmd := exec.CommandContext(
		ctx,
		"go",
		"build",
		"-tags",
		"lambda.norpc",
		"-trimpath",
		"-buildvcs=false",
		"-ldflags",
		"-s -w -buildid=",
		"-o",
		out,
		pkg,
	)
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOOS=linux", "GOARCH="+goarch, "GOFLAGS=", "GOWORK=off")
	if text, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("build %s: %w: %s", pkg, err, text)
	}
	return nil
}
