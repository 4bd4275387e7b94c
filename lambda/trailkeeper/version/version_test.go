package version

import (
	"runtime"
	"runtime/debug"
	"strings"
	"testing"
)

func TestDescribe(t *testing.T) {
	build := func(version string, settings ...debug.BuildSetting) *debug.BuildInfo {
		return &debug.BuildInfo{Main: debug.Module{Version: version}, Settings: settings}
	}
	commit := debug.BuildSetting{Key: "vcs.revision", Value: "0123abc"}
	for name, test := range map[string]struct {
		info *debug.BuildInfo
		want string
	}{
		"nothing known": {build(""), "trailkeeper (devel), commit unknown (go build in a checkout notes it), "},
		"a release":     {build("v1.2.0", commit), "trailkeeper v1.2.0, commit 0123abc, "},
		"changed": {
			build("(devel)", commit, debug.BuildSetting{Key: "vcs.modified", Value: "true"}),
			"trailkeeper (devel), commit 0123abc, changed, ",
		},
		"not changed": {
			build("v1.2.0", commit, debug.BuildSetting{Key: "vcs.modified", Value: "false"}),
			"trailkeeper v1.2.0, commit 0123abc, ",
		},
	} {
		if got := describe(test.info); got != test.want+runtime.Version() {
			t.Errorf("%s: %q, want %q and the Go version", name, got, test.want)
		}
	}
	if got := Text(); !strings.HasPrefix(got, "trailkeeper ") || !strings.Contains(got, ", commit ") {
		t.Errorf("this build: %q", got)
	}
}
