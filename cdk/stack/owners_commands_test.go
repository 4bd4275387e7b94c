package stack_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// ownersCommands are the commands by which the owner of a bucket or key changes what is there: those of the outputs, and
// those of the page, in which a command has several lines.
func ownersCommands(t *testing.T) map[string]string {
	t.Helper()
	all := map[string]string{}
	for id, o := range object(goldenTemplate(t, "archive")["Outputs"]) {
		if strings.HasPrefix(id, "LogFilesCommand") {
			all[id], _ = plain(object(o)["Value"]).(string)
		}
	}
	page, err := os.ReadFile("../README.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, block := range regexp.MustCompile(`(?m)(?:^ {4}.*\n)+`).FindAllString(string(page), -1) {
		if _, call, ok := strings.Cut(block, " put-"); ok && strings.Contains(block, "aws ") && strings.Contains(block, " get-") {
			all["README.md, put-"+strings.Fields(call)[0]] = block
		}
	}
	return all
}

// asked are the words of a call of the AWS CLI.
type asked []string

// runs runs the command in a shell in which the AWS CLI's get has this exit code and output, and returns what was put.
// Without the real jq, the one of the shell answers what it would make of nothing.
func runs(t *testing.T, command string, code int, output string, realJQ bool) (put []asked, said string) {
	t.Helper()
	at := t.TempDir()
	program := func(name, text string) {
		if err := os.WriteFile(filepath.Join(at, name), []byte("#!/bin/sh\n"+text), 0o700); err != nil { //nolint:gosec // to be run
			t.Fatal(err)
		}
	}
	program("aws", `case "$2" in
get-*) printf %s "$OUTPUT"; exit "$CODE" ;;
esac
for word; do printf '%s\0' "$word"; done >>"$PUT"
`)
	if !realJQ {
		program("jq", "cat >/dev/null\necho '{\"made\": \"of nothing\"}'\n")
	}
	cmd := exec.CommandContext(t.Context(), "/bin/sh", "-c", command)
	calls := filepath.Join(at, "put")
	cmd.Env = []string{"PATH=" + at + ":" + os.Getenv("PATH"), "OUTPUT=" + output, fmt.Sprintf("CODE=%d", code), "PUT=" + calls}
	text, err := cmd.CombinedOutput()
	words, _ := os.ReadFile(calls) // absent: nothing was put
	if len(words) > 0 {
		put = append(put, strings.Split(strings.TrimSuffix(string(words), "\x00"), "\x00"))
	}
	return put, fmt.Sprintf("%v, %s", err, text)
}

// TestOwnersCommandsStop: nothing is put where what is there could not be read, or is not what it should be.
func TestOwnersCommandsStop(t *testing.T) {
	all := ownersCommands(t)
	if len(all) != 8 {
		t.Fatalf("commands are %v; want 5 outputs and 3 of README.md", slices.Sorted(maps.Keys(all)))
	}
	for name, command := range all {
		if put, said := runs(t, command, 254, "", false); put != nil || said == "<nil>, " {
			t.Errorf("%s put %q where the get was refused: %s", name, put, said)
		}
		if put, said := runs(t, command, 255, `{"EventBridgeConfiguration"`, false); put != nil || said == "<nil>, " {
			t.Errorf("%s put %q where the connection broke: %s", name, put, said)
		}
	}
	jq(t)
	for name, command := range all {
		if put, said := runs(t, command, 0, "<html>", true); put != nil || said == "<nil>, " {
			t.Errorf("%s put %q where the answer was no JSON: %s", name, put, said)
		}
	}
}

// jq skips what needs the program where it is not installed. In CI, which installs it, that is a failure.
func jq(t *testing.T) {
	t.Helper()
	switch _, err := exec.LookPath("jq"); {
	case err == nil:
	case os.Getenv("CI") != "":
		t.Fatal("jq is not installed, and CI is set")
	default:
		t.Skip("jq is not installed")
	}
}

// TestOwnersCommandsKeep: what is there stays, and what is added is there once, however often the command runs.
func TestOwnersCommandsKeep(t *testing.T) {
	jq(t)
	const kept = `{"TopicConfigurations": [{"Id": "theirs \\ \"", "TopicArn": "arn", "Events": ["s3:ObjectCreated:*"]}]}`
	const document = `{"Version": "2012-10-17", "Statement": [{"Sid": "Theirs %s", "Effect": "Deny"}]}`
	for name, command := range ownersCommands(t) {
		before := map[string]string{"nothing": "", "empty": "{}", "something": kept}
		theirs := `"theirs \\ \""`
		if strings.Contains(name, "policy") {
			before, theirs = map[string]string{"something": document}, "Theirs %s"
		}
		for what, output := range before {
			first := putText(t, name, command, output)
			if again := putText(t, name, command, first); again != first {
				t.Errorf("%s, %s: first %s, then %s", name, what, first, again)
			}
			if what == "something" && !strings.Contains(first, theirs) {
				t.Errorf("%s makes %s of %s", name, first, output)
			}
			if !strings.Contains(first, "EventBridge") && !strings.Contains(strings.ToLower(first), "trailkeeper") {
				t.Errorf("%s, %s: adds nothing: %s", name, what, first)
			}
		}
	}
}

// putText is the JSON that is put where the get says this.
func putText(t *testing.T, name, command, output string) string {
	t.Helper()
	put, said := runs(t, command, 0, output, true)
	if len(put) != 1 {
		t.Fatalf("%s put nothing where there was %s: %s", name, output, said)
	}
	for _, word := range put[0] {
		if json.Valid([]byte(word)) && strings.HasPrefix(word, "{") {
			return word
		}
	}
	t.Fatalf("%s put %q: no JSON", name, put)
	return ""
}
