// Package detections has the built-in rules, a YAML file each, with the lists that they need.
//
// It knows how they are found and what their own tests take for granted, and nothing of how they are applied.
package detections

import (
	"embed"
	"slices"

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

// Test runs the tests of a set's rules. The built-in ones are tested as they are in this repository, with what Tested
// says, and the others with the set's own lists and stack.
func Test(set *detect.Set) []detect.Result {
	builtIn, others := map[string]bool{}, []detect.Result(nil)
	for _, r := range set.Rules {
		builtIn[r.ID] = r.BuiltIn
	}
	for _, r := range set.Test() {
		if !builtIn[r.Rule] {
			others = append(others, r)
		}
	}
	repository, _ := detect.Load(Tested(), Source()) // a test of this package says that nothing is wrong in them
	own := slices.DeleteFunc(repository.Test(), func(r detect.Result) bool { return !builtIn[r.Rule] })
	return slices.Concat(own, others)
}
