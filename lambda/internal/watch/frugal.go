package watch

import "runtime/debug"

const (
	// largeFile is the length of a log file, as it is stored, from which memory counts more than time: some 10 MB of text.
	largeFile = 1 << 20
	// frugalPercent is how much garbage there may be, of what is in use: half of what the runtime takes by itself.
	frugalPercent = 50
)

// frugally has garbage collected sooner while a large file is decided, and returns what ends that.
func frugally(length int64) (end func()) {
	if length < largeFile {
		return func() {}
	}
	before := debug.SetGCPercent(frugalPercent)
	return func() { debug.SetGCPercent(before) }
}
