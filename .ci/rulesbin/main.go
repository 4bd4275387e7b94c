// Command rulesbin writes the built-in rules into a folder, as cdk puts them beside the watch's bootstrap.
package main

import (
	"fmt"
	"os"
	"path/filepath"

	"trailkeeper/lambda/config"
	"trailkeeper/rules/detect"
	"trailkeeper/rules/detections"
)

func main() {
	set, problems := detect.Load(detect.Options{Stack: "trailkeeper"}, detections.Source())
	if len(problems) > 0 || len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "want a folder, and rules without problems:", problems)
		os.Exit(2)
	}
	text, err := set.Encode()
	if err == nil {
		err = os.WriteFile(filepath.Join(os.Args[1], config.RulesFile), text, 0o600)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
