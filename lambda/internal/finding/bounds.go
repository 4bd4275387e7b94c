package finding

// The longest fields of what is written to the queue and read out of it, in runes, and its longest lists.
const (
	MaxName    = 128     // longer than any ID of AWS's or ours
	MaxText    = 2 << 10 // of every other text
	maxEntries = 100
	maxRequest = 256 << 10 // bytes
)

// MaxReason bounds what another service said, in runes.
const MaxReason = 300
