package main

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
)

var (
	// frame is a line of a trace of JavaScript or Go, or what CDK says of where something is.
	frame = regexp.MustCompile(
		`^\s*(at |goroutine |Error: $|\.\.\.|\S+\.go:\d+|Acknowledge with|A copy of this report|[╷│╵]\s*$)`,
	)
	// before is what stands before the sentence: the kinds of errors, and the path of the module.
	before = regexp.MustCompile(`^(@?jsii\S*[:;]\s*|\w*(Error|Failed|Exception|Fault)[:;]\s*|\[?"?constructor"?\]?:\s*)+`)
)

// essence is what a panic of CDK says, in one sentence for each problem.
func essence(reason any) error {
	text := fmt.Sprint(reason)
	if strings.Contains(text, `exec: "node"`) || strings.Contains(text, "node: executable file not found") {
		return errors.New("node is not on the PATH; CDK needs Node.js 20 or newer")
	}
	if strings.Contains(text, "no response received from child process") {
		return errors.New(
			"node ended without an answer; CDK needs Node.js 20 or newer, and room in the folder for temporary files",
		)
	}
	var found []string
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		isError := strings.HasPrefix(line, "ERROR ")
		switch {
		case line == "" || frame.MatchString(line):
		case isError:
			found = append(found, strings.TrimPrefix(line, "ERROR "))
		case len(found) == 0:
			if first := before.ReplaceAllString(
				line,
				"",
			); first != "" &&
				!strings.HasPrefix(first, "Validation failed. A copy") {
				found = append(found, first)
			}
		}
	}
	if len(found) == 0 {
		return errors.New("CDK failed without a reason; run it again with --debug")
	}
	errs := make([]error, len(found))
	for i, f := range found {
		errs[i] = errors.New("CDK refuses the stack: " + f)
	}
	return errors.Join(errs...)
}
