package shell_test

import (
	"os/exec"
	"testing"

	"trailkeeper/lambda/trailkeeper/doctor/shell"
)

// TestCommand: whatever an argument holds, a shell gives it back as it is.
func TestCommand(t *testing.T) {
	for _, args := range [][]string{
		{"printf", "%s", "plain-name_1/2:3"},
		{"printf", "%s", "it's"},
		{"printf", "%s", "$(id) `id` \"x\" \\ ; & | > <"},
		{"printf", "%s", ""},
		{"printf", "%s", "two\nlines"},
		{"printf", "%s", "*~!#"},
	} {
		out, err := exec.CommandContext(t.Context(), "sh", "-c", shell.Command(args...)).Output() //nolint:gosec // what is tested
		if err != nil || string(out) != args[2] {
			t.Errorf("%q becomes %q, %v", args[2], out, err)
		}
	}
	if got := shell.Command("aws", "sns", "--arn", "arn:aws:sns:x"); got != "aws sns --arn arn:aws:sns:x" {
		t.Errorf("what needs no quotes has some: %s", got)
	}
}
