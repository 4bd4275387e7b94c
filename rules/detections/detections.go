// Package detections has the built-in rules, a YAML file each, with the lists that they need.
//
// It knows how they are found and what their own tests take for granted, and nothing of how they are applied.
package detections

import (
	"embed"

	"trailkeeper/rules/detect"
)

//go:embed *.yaml lists/*.yaml
var files embed.FS

// Source is the folder of the built-in rules.
func Source() detect.Source {
	return detect.Source{Name: "rules/detections", Files: files, BuiltIn: true}
}

// Tested are the options with which the rules' own tests hold, whatever an operator's lists and stack are.
func Tested() detect.Options {
	return detect.Options{
		Lists: map[string][]string{"office-networks": {"198.51.100.0/24"}},
		Stack: "trailkeeper",
		All:   true,
	}
}
