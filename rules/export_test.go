package rules

// What the tests of the allow-list ask of it.
var (
	AllowedPaths = allowedPaths
	Alphabet     = alphabet
)
