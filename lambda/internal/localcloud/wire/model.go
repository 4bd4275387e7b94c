package wire

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"sync"
)

// models is what .ci/models.py keeps of botocore's service models: the operations that are played, by service.
//
//go:embed models.json
var models []byte

// Model is that of one service.
type Model struct {
	Namespace  string // of its XML
	Operations map[string]Operation
	Shapes     map[string]*Shape
	Routes     map[string]Route // of every operation, where the path says which is meant
}

// Operation is one that is played.
type Operation struct {
	// Errors are the codes that it may answer with, besides those that every operation may.
	Errors                 []string
	Input, Output, Wrapper string
	// Data says that CloudTrail keeps no management event of a call.
	Data bool
}

// Shape is a type of the model.
type Shape struct {
	Type                              string
	Required, Enum                    []string
	Members                           map[string]Member
	Member, Key, Value                Member
	Min, Max                          *float64
	Pattern, Payload, TimestampFormat string
	Flattened                         bool

	compile sync.Once
	pattern *regexp.Regexp
}

// Member is a member of a structure, or what a list or a map is made of.
type Member struct {
	Shape, Location, LocationName string
	Flattened                     bool
	// Unplayed says that a request with the member is refused: what it would do is not played.
	Unplayed bool
}

// Models are those of all services, by their names in signatures.
var Models = sync.OnceValue(func() map[string]*Model {
	var all map[string]*Model
	if err := json.Unmarshal(models, &all); err != nil {
		panic(fmt.Sprintf("wire: models.json: %v", err)) // a file of this package
	}
	return all
})

// Played are the operations of a service that are played, in order.
func (m *Model) Played() []string { return slices.Sorted(maps.Keys(m.Operations)) }

// Reads reports whether an operation changes nothing, as CloudTrail has it in readOnly.
func Reads(op string) bool {
	for _, verb := range []string{"Get", "List", "Describe", "Head", "Lookup", "Query", "Scan"} {
		if strings.HasPrefix(op, verb) {
			return true
		}
	}
	return false
}

// unicodeEscape is how Java writes a character, in which AWS's models are.
var unicodeEscape = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`\\u([0-9A-Fa-f]{4})`) })

// matches reports whether a text has the form that the shape wants. A pattern that Go cannot read lets everything
// through.
func (s *Shape) matches(text string) bool {
	s.compile.Do(func() {
		s.pattern, _ = regexp.Compile(`^(?s:` + unicodeEscape().ReplaceAllString(s.Pattern, `\x{$1}`) + `)$`)
	})
	return s.Pattern == "" || s.pattern == nil || s.pattern.MatchString(text)
}
