package plain

// MaxValues is how many values a text of JSON may have that is held or decoded as one, the keys of objects not counted
// and what is empty counted twice. A value of a few bytes takes up to 200 bytes of memory once it is decoded, so that
// these take 50 MB. CloudTrail's largest events are of 256 KB, and of 1 MB where an event data store takes large ones
// (CloudTrail API Reference, PutEventConfiguration): one of 1 MB has as many values only if each has 4 bytes, its key
// and its comma included.
const MaxValues = 250_000

// HasTooMany reports whether a text of JSON has more than MaxValues. Without a look at a text that is too short for
// that, so that nearly every record costs nothing.
func HasTooMany(text []byte) bool {
	if len(text) < 2*MaxValues { // each but the last has a comma, a colon or a bracket beside it
		return false
	}
	values := 1
	for at := 0; at < len(text); at++ {
		switch text[at] {
		case '"':
			at = stringEnd(text, at)
		case ',', '[', '{':
			if values++; values > MaxValues {
				return true
			}
		}
	}
	return false
}

// stringEnd is where the quotation mark stands that ends the string which begins there.
func stringEnd(text []byte, at int) int {
	for at = End(text, at+1); at < len(text) && text[at] != '"'; at = End(text, at) {
		if text[at] == '\\' {
			at++
		}
		at++
	}
	return at
}
