package webpage

import (
	"math"
	"strconv"
	"strings"
)

// ScaleTop is the top of a scale that holds v, at least 1: a number that can be halved, or 1, times a power of ten. It is
// at most twice v.
func ScaleTop(v float64) float64 {
	if v <= 1 {
		return 1
	}
	power := math.Pow(10, math.Floor(math.Log10(v)))
	for _, step := range []float64{1, 2, 4, 6, 8} {
		if v <= step*power {
			return step * power
		}
	}
	return 10 * power
}

// Coordinate writes a number of an SVG attribute, to a tenth.
func Coordinate(v float64) string {
	return strings.TrimSuffix(strconv.FormatFloat(v, 'f', 1, 64), ".0")
}
