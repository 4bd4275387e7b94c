package main

import (
	"strings"
	"testing"
)

// TestCommandsAskTheCloud: the loopback cloud answers the commands as AWS does.
func TestCommandsAskTheCloud(t *testing.T) {
	l := newLoopback(t)
	code, out, errs := l.run("", "redrive", "--function", "nope")
	if code != exitUsage || !strings.Contains(errs, "ask nope: there is no such function in this account and Region") {
		t.Errorf("redrive: exit %d, %s%s", code, out, errs)
	}
	if code, out, errs = l.run("", "test-alert"); code != exitOK || !strings.Contains(out, "EventBridge took the test alert on the event bus default in eu-west-1.") {
		t.Errorf("test-alert: exit %d, %s%s", code, out, errs)
	}
}
