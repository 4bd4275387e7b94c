package expression

// Decoded and Slowly are the two ways in which a record is decoded.
var (
	Decoded = decoded
	Slowly  = slowly
)
