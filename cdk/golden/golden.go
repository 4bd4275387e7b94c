// Package golden holds the CloudFormation templates that the app in cdk makes of its example settings, so that a
// program can read what is deployed without CDK, Node or an AWS account. A test in cdk/stack fails where they differ
// from a fresh synth.
//
// It knows nothing but the files: it does not parse them. The hashes of assets are replaced by a constant.
package golden

import "embed"

//go:embed *.json warden/*.json
var files embed.FS

// Default is the name of the template that the settings in cdk.json make.
const Default = "default"

// Template returns the template that the settings in cdk.json make.
func Template() []byte {
	template, ok := Variant(Default)
	if !ok {
		panic("golden: default.json is not embedded") // a fault of the build
	}
	return template
}

// Variant returns the template of that name, and false where there is none.
func Variant(name string) ([]byte, bool) {
	template, err := files.ReadFile(name + ".json")
	return template, err == nil
}

// Warden returns the template of the warden's own stack where the variant has it in another Region, and false where it
// has not.
func Warden(name string) ([]byte, bool) {
	template, err := files.ReadFile("warden/" + name + ".json")
	return template, err == nil
}

// Names lists the templates in alphabetical order.
func Names() []string {
	entries, err := files.ReadDir(".")
	if err != nil {
		panic(err) // the root of an embedded file system can always be read
	}
	names := make([]string, 0, len(entries))
	for _, e := range entries {
		if e.IsDir() {
			continue
		}
		names = append(names, e.Name()[:len(e.Name())-len(".json")])
	}
	return names
}
