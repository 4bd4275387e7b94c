package asset

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

// kept are the Go settings that say where things come from and not what is built. They are asked of the toolchain, so
// that what `go env -w` set is honoured although GOENV is off for the build.
var kept = []string{
	"GOPATH",
	"GOMODCACHE",
	"GOCACHE",
	"GOTOOLCHAIN",
	"GOPROXY",
	"GONOPROXY",
	"GOSUMDB",
	"GONOSUMDB",
	"GOPRIVATE",
	"GOINSECURE",
	"GOAUTH",
	"GOVCS",
	"GOTMPDIR",
	"GOCACHEPROG",
}

// passed are the variables that the toolchain itself needs to run and to reach a module proxy.
var passed = []string{
	"PATH",
	"HOME",
	"USERPROFILE",
	"SYSTEMROOT",
	"TMPDIR",
	"TEMP",
	"TMP",
	"LOCALAPPDATA",
	"APPDATA",
	"XDG_CACHE_HOME",
	"XDG_CONFIG_HOME",
	"HTTP_PROXY",
	"HTTPS_PROXY",
	"NO_PROXY",
	"http_proxy",
	"https_proxy",
	"no_proxy",
	"SSL_CERT_FILE",
	"SSL_CERT_DIR",
	"NETRC",
}

// fixed decides what is built; nothing of the caller's environment can change it. GOFLAGS is not empty, because an
// empty one falls back to the go env file.
var fixed = map[string]string{
	"GOOS":         "linux",
	"GOARCH":       "arm64",
	"GOARM64":      "v8.0",
	"CGO_ENABLED":  "0",
	"GOFLAGS":      "-mod=readonly",
	"GOWORK":       "off",
	"GOENV":        "off",
	"GOEXPERIMENT": "",
	"GOFIPS140":    "off",
	"GO111MODULE":  "on",
}

// Build compiles the package (such as "./lambda/guard") of the module in dir for Lambda with the Go toolchain on the
// PATH, and returns the zip of it and of the further files. The error holds what the toolchain said.
func Build(ctx context.Context, dir, pkg string, further map[string][]byte) ([]byte, error) {
	tmp, err := os.MkdirTemp("", "trailkeeper-asset-")
	if err != nil {
		return nil, fmt.Errorf("build %s: %w", pkg, err)
	}
	defer os.RemoveAll(tmp) //nolint:errcheck // a leftover in the temporary folder harms nobody
	env, err := buildEnv(ctx, dir)
	if err != nil {
		return nil, fmt.Errorf("build %s: %w", pkg, err)
	}
	out := filepath.Join(tmp, bootstrap)
	if _, err := run(
		ctx,
		dir,
		env,
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
	); err != nil {
		return nil, fmt.Errorf("build %s: %w", pkg, err)
	}
	program, err := os.ReadFile(out)
	if err != nil {
		return nil, fmt.Errorf("build %s: %w", pkg, err)
	}
	files := map[string][]byte{bootstrap: program}
	maps.Copy(files, further)
	return pack(files)
}

// buildEnv is the whole environment of the build.
func buildEnv(ctx context.Context, dir string) ([]string, error) {
	out, err := run(ctx, dir, os.Environ(), append([]string{"env", "-json"}, kept...)...)
	if err != nil {
		return nil, err
	}
	env := map[string]string{}
	if err := json.Unmarshal(out, &env); err != nil {
		return nil, fmt.Errorf("go env: %w", err)
	}
	for _, name := range passed {
		if value, ok := os.LookupEnv(name); ok {
			env[name] = value
		}
	}
	maps.Copy(env, fixed)
	list := make([]string, 0, len(env))
	for _, name := range slices.Sorted(maps.Keys(env)) {
		list = append(list, name+"="+env[name])
	}
	return list, nil
}

func run(ctx context.Context, dir string, env []string, args ...string) ([]byte, error) {
	var stderr bytes.Buffer
	cmd := exec.CommandContext(ctx, "go", args...)
	cmd.Dir, cmd.Env, cmd.Stderr = dir, env, &stderr
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("go %s: %w\n%s", args[0], err, strings.TrimSpace(stderr.String()))
	}
	return out, nil
}

// Write puts the zip into the folder and returns the path and the hash (SHA-256, hexadecimal).
func Write(dir, name string, content []byte) (path, hash string, err error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return "", "", fmt.Errorf("write %s: %w", name, err)
	}
	hash = fmt.Sprintf("%x", sha256.Sum256(content))
	path = filepath.Join(dir, name+".zip")
	if err := os.WriteFile(path, content, 0o644); err != nil {
		return "", "", fmt.Errorf("write %s: %w", name, err)
	}
	return path, hash, nil
}
