package read

import "trailkeeper/events/plain"

// compact goes over values that are written without a blank, as CloudTrail writes them: most that are checked. It is as
// strict as scanner, and leaves to it what it does not know, what is broken or goes on included.
type compact struct {
	// Of the outermost object: the value of its member "type", and whether there is one more of that name or a key with an
	// escape, so that the name says nothing.
	kind  []byte
	isOdd bool
}

// maxCompact is how deep a value is nested at most.
const maxCompact = 60

// end is where the object or array ends that begins there, and 0 where scanner has to tell.
func (c *compact) end(text []byte, at int) int {
	objects, depth := uint64(0), 0 // for each depth, the lowest bit the innermost: whether it is that of an object
	c.kind, c.isOdd = nil, false
	for {
		if at+1 >= len(text) {
			return 0
		}
		opened := false
		switch text[at] {
		case '"':
			at = compactString(text, at)
		case '{', '[':
			isObject := text[at] == '{'
			if at++; text[at] == '}' && isObject || text[at] == ']' && !isObject {
				at++
				break
			}
			if depth++; depth > maxCompact {
				return 0
			}
			objects <<= 1
			if opened = true; isObject {
				objects |= 1
				at = c.key(text, at, depth)
			}
		default:
			at = compactScalar(text, at)
		}
		if opened && at > 0 {
			continue
		}
		for more := false; !more; {
			if at == 0 || depth == 0 {
				return at
			}
			if at >= len(text) {
				return 0
			}
			switch isObject := objects&1 != 0; {
			case text[at] == ',':
				if at++; isObject {
					at = c.key(text, at, depth)
				}
				more = at > 0
			case text[at] == '}' && isObject, text[at] == ']' && !isObject:
				at++
				depth--
				objects >>= 1
			default:
				return 0
			}
		}
	}
}

// key goes behind a key and its colon.
func (c *compact) key(text []byte, at, depth int) int {
	if at >= len(text) || text[at] != '"' {
		return 0
	}
	end := plain.End(text, at+1)
	if end+1 >= len(text) || text[end] != '"' || text[end+1] != ':' {
		return 0 // one with an escape is for scanner
	}
	if depth == 1 && string(text[at+1:end]) == "type" {
		c.isOdd = c.isOdd || c.kind != nil
		c.kind = text[end+2:]
	}
	return end + 2
}

func compactString(text []byte, at int) int {
	at++
	for {
		at = plain.End(text, at)
		switch {
		case at >= len(text):
			return 0
		case text[at] == '"':
			return at + 1
		case text[at] != '\\':
			return 0
		}
		next, err := escapeEnd(text, at)
		if err != nil {
			return 0
		}
		at = next
	}
}

// compactScalar goes behind a whole number, true, false or null.
func compactScalar(text []byte, at int) int {
	word := ""
	switch c := text[at]; {
	case c == 't':
		word = "true"
	case c == 'f':
		word = "false"
	case c == 'n':
		word = "null"
	case c == '0' && at+1 < len(text) && isDigit(text[at+1]), !isDigit(c):
		return 0
	default:
		for at < len(text) && isDigit(text[at]) {
			at++
		}
		if at >= len(text) || text[at] == '.' || text[at]|0x20 == 'e' {
			return 0
		}
		return at
	}
	if end := at + len(word); end <= len(text) && string(text[at:end]) == word {
		return end
	}
	return 0
}
