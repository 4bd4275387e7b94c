// Package near finds what somebody may have meant with a misspelt word.
//
// It knows no word by itself, and it never says more than one.
package near

// Hint is "; did you mean WORD?" for the word that is nearest, and empty where none is near: a third of its letters may
// differ, a swap of two neighbours counts once, and capitals do not count.
func Hint(text string, words ...string) string {
	if best := Word(text, words...); best != "" {
		return `; did you mean "` + best + `"?`
	}
	return ""
}

// Word is the word that is nearest, the first of several; empty where none is near.
func Word(text string, words ...string) string {
	const longest = 64
	best, least := "", longest
	for _, w := range words {
		if len(text) > longest || len(w) > longest {
			continue
		}
		if d := distance(lower(text), lower(w)); d < least && 3*d <= max(len(w), 3) {
			best, least = w, d
		}
	}
	return best
}

func lower(s string) []byte {
	b := []byte(s)
	for i, c := range b {
		if 'A' <= c && c <= 'Z' {
			b[i] = c + 'a' - 'A'
		}
	}
	return b
}

// distance is how many letters must be changed, added, left out or swapped with their neighbour.
func distance(a, b []byte) int {
	before, last, row := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i := range a {
		row[0] = i + 1
		for j := range b {
			change := last[j]
			if a[i] != b[j] {
				change++
			}
			row[j+1] = min(change, last[j+1]+1, row[j]+1)
			if i > 0 && j > 0 && a[i] == b[j-1] && a[i-1] == b[j] {
				row[j+1] = min(row[j+1], before[j-1]+1)
			}
		}
		before, last, row = last, row, before
	}
	return last[len(b)]
}
