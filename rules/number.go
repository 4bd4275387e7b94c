package rules

import (
	"strconv"
	"strings"
)

// sameNumber reports whether event-ruler takes two JSON numbers for equal: by what they are worth where both are
// exactly what a float64 prints as, otherwise as they are written (ComparableNumber.generate).
func sameNumber(a, b string) bool {
	x, xok := comparable64(a)
	y, yok := comparable64(b)
	if xok && yok {
		return x == y
	}
	return a == b
}

// comparable64 returns a number in one form for each worth, and false for what is no number or more exact than a
// float64.
func comparable64(number string) (string, bool) {
	f, err := strconv.ParseFloat(number, 64)
	if err != nil || strings.Trim(number, "0123456789.eE+-") != "" {
		return "", false
	}
	given, printed := canonical(number), canonical(strconv.FormatFloat(f, 'e', -1, 64))
	return given, given == printed
}

// canonical writes a decimal number as digits without zeros at its ends and a power of ten.
func canonical(number string) string {
	sign := ""
	if rest, negative := strings.CutPrefix(number, "-"); negative {
		sign, number = "-", rest
	}
	mantissa, exponent, _ := strings.Cut(strings.ToLower(number), "e")
	whole, fraction, _ := strings.Cut(mantissa, ".")
	digits := strings.TrimLeft(whole+fraction, "0")
	if digits == "" {
		return "0"
	}
	power, _ := strconv.Atoi(exponent) // ParseFloat has read it
	power -= len(fraction)
	short := strings.TrimRight(digits, "0")
	return sign + short + "e" + strconv.Itoa(power+len(digits)-len(short))
}
