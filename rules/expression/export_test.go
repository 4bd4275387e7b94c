package expression

// Decoded and Slowly are the two ways in which a record is decoded.
var (
	Decoded = func(text []byte) map[string]any { return new(decoder).decode(text) }
	Slowly  = slowly
)
