// Command backtest writes the built-in rules into a folder, as cdk puts them beside the watch's program.
package main

import (
	"log"
	"os"
	"path/filepath"

	"trailkeeper/lambda/config"
	"trailkeeper/rules/detect"
	"trailkeeper/rules/detections"
)

func main() {
	set, problems := detect.Load(detect.Options{Stack: "trailkeeper"}, detections.Source())
	if len(problems) > 0 {
		log.Fatal(problems)
	}
	encoded, err := set.Encode()
	if err == nil {
		err = os.WriteFile(filepath.Join(os.Args[1], config.RulesFile), encoded, 0o600)
	}
	if err != nil {
		log.Fatal(err)
	}
}
